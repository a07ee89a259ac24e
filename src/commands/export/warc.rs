//! `embalm export warc|wacz`: every stored exchange, as web archives hold them.

use crate::{
    commands::{Failure, Global, list::FilterArgs},
    config::Config,
    export::{self, ExportError, Signer, WarcExported, WarcOptions, WarcProgress},
    platforms,
    report::{Format, Output, counted, one_line},
    store::{Store, Wanted},
};
use clap::ValueHint;
use std::{
    io::{self, Write},
    path::PathBuf,
};

/// Flags of `export warc`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm export warc --out all.warc.gz          everything
  embalm export warc --site news.example --since 2026-01-01 --out news.warc.gz
                                                articles of a site with all of their posts
  embalm export warc twitter:1822768 --out - | warcio index -
                                                one post, to another program
  embalm export warc --split-size 1GB --out all.warc.gz
                                                all.warc.gz, all-00001.warc.gz, ...; further ones
                                                that an earlier export left are taken away

docs/warc.md tells what is in it: each request with its answers as they came, what failed too,
articles that were read from files, the files of posts, and what embalm knows of them, so that
`embalm add all.warc.gz` puts it back into another archive. What is redacted is left out. With
SOURCE_DATE_EPOCH equal archives give equal files.

Exit codes: 0 written; 1 there is no such article or post; 2 wrong usage; 4 the disk is full (no
file is left).")]
pub struct Args {
    /// What, and where to.
    #[command(flatten)]
    pub what: What,
}

/// Flags of `export wacz`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm export wacz --out all.wacz             everything, with its index and a list of pages: open
                                                it at https://replayweb.page, or serve it with pywb
  embalm export wacz https://news.example/story --out story.wacz
                                                one article with all of its posts
  embalm export wacz --signing-key key.pem --out all.wacz
                                                signed; the key is made where there is none

docs/warc.md tells what is in it, how `embalm add all.wacz` puts it back into another archive, and
how anyone checks the signature. What is redacted is left out. With SOURCE_DATE_EPOCH equal
archives give equal files.

Exit codes: 0 written; 1 there is no such article or post; 2 wrong usage; 4 the disk is full (no
file is left).")]
pub struct WaczArgs {
    /// What, and where to.
    #[command(flatten)]
    pub what: What,
    /// Sign it with the key in this file; one is made where there is no file [default: [export] signing_key, else unsigned]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub signing_key: Option<PathBuf>,
}

/// What is exported, and where to.
#[derive(Debug, clap::Args)]
pub struct What {
    /// Only these: an article's number, URL or name, with all of its posts; a post's URL or platform:id [default: all that
    /// the filters leave]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// The file, .warc.gz or .wacz; for a WARC also - for stdout. One that is there is replaced when the new one is whole
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// Begin a new data file after so many bytes, such as 500MB [default: never; inside a .wacz 1 GiB]
    #[arg(long, value_name = "BYTES", value_parser = crate::config::parse_bytes)]
    pub split_size: Option<u64>,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Writes WARC files.
pub(super) fn warc(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let Args { what } = args;
    let name = what.out.to_string_lossy();
    if name == "-" {
        if what.split_size.is_some() {
            return Err(Failure::usage("stdout is one stream: --split-size needs a file"));
        }
        let (store, wanted, options, _) = begin(global, what)?;
        export::warc_to(&store, &wanted, &mut Pipe(out), &options, &mut |_| {})?;
        return Ok(0);
    }
    if !name.ends_with(".warc.gz") {
        return Err(Failure::usage("a WARC file is compressed: give --out a name that ends in .warc.gz, or -"));
    }
    let (store, wanted, options, _) = begin(global, what)?;
    let bar = out.progress();
    let mut heard = |progress: WarcProgress| bar.at(progress.done, progress.of, progress.bytes);
    let exported = export::warc(&store, &wanted, &what.out, &options, &mut heard)?;
    drop(bar);
    tell(&exported, out)
}

/// Writes a WACZ file.
pub(super) fn wacz(global: &Global, args: &WaczArgs, out: &mut Output) -> Result<u8, Failure> {
    let WaczArgs { what, signing_key } = args;
    if !what.out.to_string_lossy().ends_with(".wacz") {
        return Err(Failure::usage("give --out a name that ends in .wacz"));
    }
    let (store, wanted, options, config) = begin(global, what)?;
    let key = signing_key.as_ref().or(config.export.signing_key.as_ref());
    let signer = key.map(|path| Signer::of_file(path)).transpose().map_err(Failure::usage)?;
    let bar = out.progress();
    let mut heard = |progress: WarcProgress| bar.at(progress.done, progress.of, progress.bytes);
    let exported = export::wacz(&store, &wanted, &what.out, &options, signer.as_ref(), &mut heard)?;
    drop(bar);
    tell(&exported, out)
}

fn begin(global: &Global, what: &What) -> Result<(Store, Wanted, WarcOptions, Config), Failure> {
    let config = global.config()?;
    let store = crate::commands::reading(&global.archive(&config), Store::open_read_only_aside)?;
    let wanted = wanted(&store, what)?;
    let options = WarcOptions {
        now: super::html::now(),
        operator: config.network.contact.clone(),
        split_bytes: what.split_size,
        words: if what.targets.is_empty() { what.filter.words() } else { what.targets.join(", ") },
    };
    Ok((store, wanted, options, config))
}

/// What the targets name, or what the filters leave.
fn wanted(store: &Store, what: &What) -> Result<Wanted, Failure> {
    if what.targets.is_empty() {
        return Ok(Wanted::Fitting(Box::new(what.filter.filter())));
    }
    if what.filter.is_set() {
        return Err(Failure::usage("TARGETs are all that is exported: leave the filters out, or the TARGETs"));
    }
    let (mut articles, mut posts) = (Vec::new(), Vec::new());
    for target in &what.targets {
        let post = platforms::post_key(target).map(|key| store.post_name(&key)).transpose()?.flatten();
        match (post, store.article_number(target)?) {
            (Some(post), _) => posts.push(post.key),
            (None, Some(article)) => articles.push(article),
            (None, None) => {
                let hint = "`embalm list articles` and `embalm list posts` say what is";
                return Err(ExportError::NotFound { target: target.clone(), hint }.into());
            }
        }
    }
    Ok(Wanted::Named { articles, posts })
}

fn tell(exported: &WarcExported, out: &mut Output) -> Result<u8, Failure> {
    if out.format == Format::Json {
        out.json(exported)?;
        return Ok(0);
    }
    for file in &exported.files {
        out.line(&one_line(&file.display().to_string()))?;
    }
    let WarcExported { articles, posts, exchanges, resources, redacted, .. } = exported;
    out.talk(&format!(
        "{}, {}, {}, {}",
        counted(*articles, "article"),
        counted(*posts, "post"),
        counted(*exchanges, "exchange"),
        counted(*resources, "other file")
    ));
    if *redacted > 0 {
        out.talk(&format!("{redacted} are redacted and were left out"));
    }
    Ok(0)
}

/// stdout.
struct Pipe<'a>(&'a mut Output);

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.bytes(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

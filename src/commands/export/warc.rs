//! `embalm export warc|wacz`: every stored exchange, as web archives hold them.

use crate::{
    commands::{Failure, Global, list::FilterArgs},
    export::{self, ExportError, WarcExported, WarcOptions, WarcProgress},
    platforms,
    report::{Format, Output},
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
                                                all.warc.gz, all-00001.warc.gz, ...

What is exported is told in docs/warc.md: each request with its answers as they came, what failed too, articles that
were read from files, files of posts, and what embalm knows of them, so that `embalm add all.warc.gz` puts it back
into another archive. What is redacted is left out.

Exit codes: 0 written; 1 there is no such article or post; 2 wrong usage; 4 the disk is full (nothing was written).")]
pub struct Args {
    /// Only these: an article's number, URL or name, with all of its posts; a post's URL or platform:id [default: all that
    /// the filters leave]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// The file: a .warc.gz, or - for stdout; of `wacz` a .wacz. One that is there is replaced when the new one is whole
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// Begin a new data file after so many bytes, such as 1GB [default: never; in a .wacz 1GB]
    #[arg(long, value_name = "BYTES", value_parser = crate::config::parse_bytes)]
    pub split_size: Option<u64>,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A WARC file.
    Warc,
    /// A WACZ file.
    Wacz,
}

/// Writes it.
pub(super) fn run(global: &Global, args: &Args, kind: Kind, out: &mut Output) -> Result<u8, Failure> {
    let name = args.out.to_string_lossy();
    let to_stdout = name == "-";
    match kind {
        Kind::Warc if !to_stdout && !name.ends_with(".warc.gz") => {
            return Err(Failure::usage("a WARC file is compressed: give --out a name that ends in .warc.gz, or -"));
        }
        Kind::Wacz if !name.ends_with(".wacz") => {
            return Err(Failure::usage("give --out a name that ends in .wacz"));
        }
        Kind::Warc if to_stdout && args.split_size.is_some() => {
            return Err(Failure::usage("stdout is one stream: --split-size needs a file"));
        }
        _ => {}
    }
    let config = global.config()?;
    let store = crate::commands::reading(&global.archive(&config), Store::open_read_only_aside)?;
    let wanted = wanted(&store, args)?;
    let options = WarcOptions {
        now: super::html::now(),
        operator: config.network.contact,
        split_bytes: args.split_size,
        words: if args.targets.is_empty() { args.filter.words() } else { args.targets.join(", ") },
    };
    let mut progress = |_: WarcProgress| {};
    let exported = match kind {
        Kind::Warc if to_stdout => export::warc_to(&store, &wanted, &mut Pipe(out), &options, &mut progress)?,
        Kind::Warc => export::warc(&store, &wanted, &args.out, &options, &mut progress)?,
        Kind::Wacz => return Err(Failure::unexpected("this form is not written yet")),
    };
    if !to_stdout {
        tell(&exported, out)?;
    }
    Ok(0)
}

/// What the targets name, or what the filters leave.
fn wanted(store: &Store, args: &Args) -> Result<Wanted, Failure> {
    if args.targets.is_empty() {
        return Ok(Wanted::Fitting(Box::new(args.filter.filter())));
    }
    let (mut articles, mut posts) = (Vec::new(), Vec::new());
    for target in &args.targets {
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

fn tell(exported: &WarcExported, out: &mut Output) -> Result<(), ExportError> {
    if out.format == Format::Json {
        return out.json(exported).map_err(ExportError::Output);
    }
    for file in &exported.files {
        out.line(&crate::report::one_line(&file.display().to_string())).map_err(ExportError::Output)?;
    }
    let WarcExported { articles, posts, exchanges, resources, redacted, .. } = exported;
    out.talk(&format!("{articles} articles, {posts} posts, {exchanges} exchanges, {resources} files of their own"));
    if *redacted > 0 {
        out.talk(&format!("left out, {redacted} that are redacted"));
    }
    Ok(())
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

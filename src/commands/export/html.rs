//! `embalm export html`: pages that open offline.

use crate::commands::{Failure, Global, failure, list::FilterArgs};
use crate::{
    export::{self, ExportError, Exported, Selection, SiteOptions, SnippetOptions, Written},
    platforms,
    report::{Format, Output, counted, one_line, printable},
    store::{Filter, Store},
};
use clap::ValueHint;
use jiff::Timestamp;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// Flags of `export html`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm export html --out site                 everything as a static site: open site/index.html,
                                                or put the folder on any web server
  embalm export html --site news.example --since 2026-01-01 --out site
                                                again: writes what changed, old addresses stay
  embalm export html 12 --out story.html        one article as one file that holds everything
  embalm export html --self-contained --out pages
                                                a file of that kind for each article
  embalm export html --embed twitter:1822768 --out -
                                                a snippet for a page of your own
  embalm export html --embed --site news.example --media-url /media/ --out snippets
                                                a snippet for each post of that site, and the
                                                files they show

A site has the names of what it shows: article/12.html, post/twitter/1822768.html. Files of posts
stand in media/ by the digest of their bytes. Its search works without a server.

Exit codes: 0 written; 1 there is no such article or post; 2 wrong usage, or the folder holds
something else or can't be written; 4 the disk is full (what was written stays, and the next
export goes on).")]
pub struct Args {
    /// Only these: an article's number, URL or name; in a site also a post's URL or platform:id [default: all that the
    /// filters leave]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// The folder for the site; or with one article a file that ends in .html
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub out: PathBuf,
    /// A file for each article that needs no other, media and style inside, in place of a site
    #[arg(long)]
    pub self_contained: bool,
    /// Write a site into a folder that holds other files
    #[arg(long, conflicts_with = "self_contained")]
    pub force: bool,
    /// Remove pages of an earlier export to this folder that are no part of this one; else they stay, so that links to them do
    #[arg(long, conflicts_with = "self_contained")]
    pub delete: bool,
    /// A snippet for each post, to stand in a page of your own in place of the platform's script: no script, no request.
    /// TARGETs are posts, or articles for all of their posts; PATH is a folder, or - for stdout
    #[arg(long, conflicts_with_all = ["self_contained", "delete"])]
    pub embed: bool,
    /// Where you serve the folder media/ that is written beside the snippets, such as /archive/media/; else files of up to
    /// 512 kB stand inside the snippet, and larger ones are left out
    #[arg(long, value_name = "PREFIX", requires = "embed", value_parser = parse_media_url)]
    pub media_url: Option<String>,
    /// No style in the snippets: link embalm-post.css from your page once, or write your own
    #[arg(long, requires = "embed")]
    pub no_css: bool,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let message = error.to_string();
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Output(error) => error.into(),
            // Whoever read it has enough.
            ExportError::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe => source.into(),
            ExportError::Foreign { .. } | ExportError::Folder { .. } | ExportError::NotBuilt { .. } => {
                Self::usage(message)
            }
            ExportError::Full { .. } | ExportError::FullFile { .. } => {
                Self { code: failure::STOPPED, message: Some(message) }
            }
            _ => Self::unexpected(message),
        }
    }
}

/// Writes the pages. An archive that holds no such article is exit code 1.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let store = global.read()?;
    if args.embed {
        embed(&store, args, out)?;
        return Ok(0);
    }
    let is_file = args.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    if is_file || args.self_contained {
        self_contained(&store, args, is_file, out)?;
    } else {
        site(&store, args, out)?;
    }
    Ok(0)
}

fn self_contained(store: &Store, args: &Args, is_file: bool, out: &mut Output) -> Result<(), Failure> {
    let targets = if args.targets.is_empty() {
        store.article_ids(&args.filter.filter())?.iter().map(i64::to_string).collect()
    } else {
        args.targets.clone()
    };
    let folder = if is_file { args.out.parent().unwrap_or(Path::new("")) } else { &args.out };
    match targets.as_slice() {
        [] => return Err(nothing()),
        [_, _, ..] if is_file => {
            return Err(Failure::usage(format!(
                "{} is one file, but {} articles match; name one, or give a folder",
                args.out.display(),
                targets.len()
            )));
        }
        _ if !folder.as_os_str().is_empty() => {
            fs::create_dir_all(folder)
                .map_err(|error| Failure::usage(format!("making the folder {} failed: {error}", folder.display())))?;
        }
        _ => {}
    }
    let mut told = |page: &Written| tell(page, out);
    if is_file {
        Ok(export::article_file(store, &targets.concat(), &args.out, &mut told)?)
    } else {
        Ok(export::article_files(store, &targets, folder, &mut told)?)
    }
}

fn site(store: &Store, args: &Args, out: &mut Output) -> Result<(), Failure> {
    let selection = selection(store, args)?;
    if selection.articles.is_empty() && selection.posts.is_empty() {
        return Err(nothing());
    }
    let options = SiteOptions { force: args.force, delete: args.delete, now: now() };
    // In a table of thousands the first page is the one that a person opens.
    let is_json = out.format == Format::Json;
    let mut told = |page: &Written| if is_json { tell(page, out) } else { Ok(()) };
    let exported = export::site(store, &selection, &args.out, options, &mut told)?;
    if !is_json {
        out.line(&printable(&args.out.join("index.html").display().to_string()))?;
    }
    say(&exported, out);
    Ok(())
}

fn embed(store: &Store, args: &Args, out: &mut Output) -> Result<(), Failure> {
    let Selection { articles, posts: beside, .. } = selection(store, args)?;
    let mut seen = HashSet::new();
    let mut posts = Vec::new();
    for id in if args.targets.is_empty() { Vec::new() } else { articles } {
        posts.extend(store.post_names_of_article(id)?);
    }
    posts.extend(beside);
    posts.retain(|post| seen.insert(post.key.clone()));
    if posts.is_empty() {
        return Err(Failure::unexpected("there is no such post in the archive; `embalm list posts` says what is"));
    }
    let options = SnippetOptions { media_url: args.media_url.clone(), with_style: !args.no_css, force: args.force };
    if args.out.as_os_str() != "-" {
        let mut told = |page: &Written| tell(page, out);
        let count = export::snippets(store, &posts, &args.out, &options, &mut told)?;
        out.talk(&counted(count, "snippet"));
        return Ok(());
    }
    if args.media_url.is_some() {
        return Err(Failure::usage("--media-url needs a folder for the files: name one with --out"));
    }
    for post in posts {
        let snippet = export::snippet(store, &post, &options)?;
        match out.format {
            Format::Json => out.json(&snippet)?,
            _ => out.bytes(snippet.html.as_bytes())?,
        }
    }
    Ok(())
}

fn nothing() -> Failure {
    Failure::unexpected("there is no such article or post in the archive; `embalm list articles` says what is")
}

/// One line a page: its record, or its path.
fn tell(page: &Written, out: &mut Output) -> Result<(), ExportError> {
    let told = match out.format {
        Format::Json => out.json(page),
        _ => out.line(&one_line(&page.path.display().to_string())),
    };
    told.map_err(ExportError::Output)
}

fn say(exported: &Exported, out: &Output) {
    let Exported { articles, posts, files, changed, left_out, left_over } = exported;
    out.talk(&format!(
        "{}, {}, {}; {} written",
        counted(*articles, "article"),
        counted(*posts, "post"),
        counted(*files, "file of posts"),
        counted(*changed, "file")
    ));
    for (why, files) in left_out {
        out.talk(&format!("left out, {}: {}", counted(*files, "file"), one_line(why)));
    }
    if !left_over.is_empty() {
        out.talk(&format!(
            "no part of this export and left from an earlier one: {}; --delete removes them",
            counted(left_over.len(), "file")
        ));
    }
}

/// What is exported: the targets, or all that the filters leave, newest in the archive first unless they are sorted.
fn selection(store: &Store, args: &Args) -> Result<Selection, Failure> {
    let filter = args.filter.filter();
    let mut selection = Selection { words: args.filter.words(), ..Selection::default() };
    if args.targets.is_empty() {
        selection.articles = store.article_ids(&filter)?;
        if filter.sort.is_none() {
            selection.articles.sort_unstable_by(|one, other| other.cmp(one));
        }
        selection.posts = store.post_names(&filter)?;
        return Ok(selection);
    }
    selection.words = args.targets.join(", ");
    for target in &args.targets {
        let post = platforms::post_key(target).map(|key| store.post_name(&key)).transpose()?.flatten();
        let article = Filter { article: Some(target.clone()), ..Filter::default() };
        match (post, store.article_ids(&article)?.as_slice()) {
            (Some(post), _) => selection.posts.push(post),
            (None, [id, ..]) if !selection.articles.contains(id) => selection.articles.push(*id),
            (None, [_, ..]) => {}
            (None, []) => {
                let hint = "`embalm list articles` and `embalm list posts` say what is";
                return Err(ExportError::NotFound { target: target.clone(), hint }.into());
            }
        }
    }
    Ok(selection)
}

/// A place on the publisher's own site: a path, or an address in the web.
pub(in crate::commands) fn parse_media_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let in_the_web = ["https://", "http://"].iter().any(|start| text.starts_with(start));
    let is_path = !text.starts_with("//") && !text.contains(':');
    if text.is_empty() || !(in_the_web || is_path) || text.chars().any(|c| c.is_control() || c == '\\') {
        return Err("write a path such as /archive/media/, or an address that begins with https://".to_owned());
    }
    Ok(if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
}

/// Now, or the moment that builds which must be repeatable give (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub(super) fn now() -> Timestamp {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.trim().parse().ok());
    given.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_else(Timestamp::now)
}

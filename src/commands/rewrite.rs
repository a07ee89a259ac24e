//! `embalm rewrite`: a page of one's own with its embeds replaced.

use super::{Failure, Global, export::parse_media_url, failure};
use crate::{
    export::{self, Action, ExportError, RewriteOptions, Rewriter, Rewritten, RewrittenEmbed},
    report::{Format, Output, counted, one_line},
};
use clap::ValueHint;
use serde::Serialize;
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

/// The largest page that is read, in bytes.
const MAX_PAGE_BYTES: u64 = 64 << 20;

/// Endings of pages in a folder.
const ENDINGS: [&str; 3] = ["html", "htm", "xhtml"];

/// Flags of `rewrite`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The platform's markup (with its wrappers, and its script where nothing else needs it) gives way to
what the archive holds: static HTML that asks the network for nothing. All other bytes of the page
stay as they were. What stood there is kept beside, in the attribute data-embalm-original:
rewriting again draws the snippets anew, and --restore puts everything back, byte for byte.

Dead are posts that their platform says are gone, private or unavailable. Links and bare URLs in
the text are left alone.

Examples:
  embalm rewrite story.html > new.html
  embalm rewrite story.html --in-place              story.html.orig is the page as it was
  embalm rewrite public --out rewritten --all       every page of a folder; only pages are written
  embalm rewrite public --in-place --media-url /media/ --media-dir public
                                                    files of posts go to public/media
  curl -s https://news.example/story | embalm rewrite - | less
  embalm rewrite public --in-place --restore

Exit codes: 0 done; 1 a page could not be read or written; 2 wrong usage; 3 with --strict:
something that was to be replaced could not be.")]
pub struct Args {
    /// A page, a folder of pages (.html, .htm, .xhtml), or - for stdin
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// A file, or the folder for the pages of a folder [default: stdout, for one page]
    #[arg(long, value_name = "PATH", conflicts_with = "in_place", value_hint = ValueHint::AnyPath)]
    pub out: Option<PathBuf>,
    /// Write each page to its own place; the page as it was stays beside it
    #[arg(long)]
    pub in_place: bool,
    /// The ending of that copy; an empty one: none. One that is there already is left alone
    #[arg(long, value_name = "SUFFIX", default_value = ".orig", requires = "in_place")]
    pub backup: String,
    /// Replace every embed that the archive holds, living ones too
    #[arg(long)]
    pub all: bool,
    /// Put everything back that was replaced before
    #[arg(long, conflicts_with = "all")]
    pub restore: bool,
    /// Where you serve files of posts, such as /archive/media/; else files of up to 512 kB stand inside the page
    #[arg(long, value_name = "PREFIX", value_parser = parse_media_url)]
    pub media_url: Option<String>,
    /// The folder that gets `media/` with these files [default: the folder of --out]
    #[arg(long, value_name = "FOLDER", requires = "media_url", value_hint = ValueHint::DirPath)]
    pub media_dir: Option<PathBuf>,
    /// No style in the page: link embalm-post.css (`embalm export html --embed` writes it), or write your own
    #[arg(long)]
    pub no_css: bool,
    /// Write nothing, and tell what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Exit 3 where something that was to be replaced could not be
    #[arg(long)]
    pub strict: bool,
}

/// One embed of one page, as `--json` prints it.
#[derive(Serialize)]
struct Record<'a> {
    page: &'a str,
    #[serde(flatten)]
    embed: &'a RewrittenEmbed,
}

const COLUMNS: [&str; 8] = ["page", "line", "key", "form", "state", "via", "action", "why"];

/// A page, and where it goes; none for stdout.
struct Job {
    from: PathBuf,
    to: Option<PathBuf>,
}

/// What was done, all pages together.
#[derive(Default)]
struct Done {
    pages: usize,
    changed: usize,
    replaced: usize,
    left: usize,
    failed: usize,
    records: Vec<serde_json::Value>,
}

/// Rewrites; the pages on stdout, or the report where they go to files.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let jobs = jobs(args)?;
    let to_stdout = !args.dry_run && jobs.iter().any(|job| job.to.is_none());
    if to_stdout && jobs.len() > 1 {
        return Err(Failure::usage("several pages go to files: give --out FOLDER or --in-place"));
    }
    if to_stdout && out.format != Format::Table {
        return Err(Failure::usage("the page goes to stdout, and so would the records: give --out or --in-place"));
    }
    let media_dir = args.media_dir.as_deref().or(args.out.as_deref().filter(|out| !is_page(out)));
    if args.media_url.is_some() && media_dir.is_none() {
        return Err(Failure::usage("--media-url needs a folder for the files: name one with --media-dir"));
    }
    let store = global.read()?;
    let options = RewriteOptions {
        all: args.all,
        restore: args.restore,
        without_style: args.no_css,
        media_url: args.media_url.clone().filter(|_| !args.dry_run),
    };
    let mut rewriter = Rewriter::new(&store, options, media_dir)?;
    let mut done = Done::default();
    for job in &jobs {
        one(&mut rewriter, job, args, &mut done, out)?;
    }
    if out.format == Format::Csv {
        out.records(&done.records, &COLUMNS, &[])?;
    }
    let Done { pages, changed, replaced, left, failed, .. } = done;
    let what = if args.restore { "put back" } else { "replaced" };
    let would = if args.dry_run { " (nothing was written)" } else { "" };
    out.talk(&format!(
        "{}, {changed} changed; {} {what}, {left} could not be{would}",
        counted(pages, "page"),
        counted(replaced, "embed")
    ));
    Ok(if failed > 0 {
        1
    } else if args.strict && left > 0 {
        failure::LOOK
    } else {
        0
    })
}

fn one(rewriter: &mut Rewriter<'_>, job: &Job, args: &Args, done: &mut Done, out: &mut Output) -> Result<(), Failure> {
    let name = one_line(&job.from.display().to_string());
    done.pages += 1;
    let bytes = match read(&job.from) {
        Ok(bytes) => bytes,
        Err(error) => {
            done.failed += 1;
            out.warn(&format!("reading {name} failed: {error}"));
            return Ok(());
        }
    };
    let Rewritten { bytes: new, embeds, problem } = rewriter.page(&name, &bytes)?;
    if let Some(problem) = problem {
        done.failed += 1;
        out.warn(&format!("{name} stays as it is: {problem}"));
    }
    done.changed += usize::from(new != bytes);
    for embed in &embeds {
        match embed.action {
            Action::Replaced | Action::Refreshed | Action::Restored => done.replaced += 1,
            Action::Left => done.left += 1,
            Action::Kept => {}
        }
        tell(&name, embed, job.to.is_none() && !args.dry_run, done, out)?;
    }
    if args.dry_run {
        return Ok(());
    }
    let Some(to) = &job.to else { return Ok(out.bytes(&new)?) };
    if new == bytes && args.in_place {
        return Ok(());
    }
    // In place a link stays one; wherever it is written, a page keeps who may read it.
    let to = if args.in_place { &fs::canonicalize(to).unwrap_or_else(|_| to.clone()) } else { to };
    let allowed = fs::metadata(&job.from).map(|there| there.permissions());
    let written = keep(&job.from, &bytes, args).and_then(|()| export::write_file(to, &new));
    if let (Ok(_), Ok(allowed)) = (&written, allowed) {
        let _ = fs::set_permissions(to, allowed);
    }
    match written {
        Ok(_) => Ok(()),
        Err(error @ ExportError::Full { .. }) => Err(error.into()),
        Err(error) => {
            done.failed += 1;
            out.warn(&error.to_string());
            Ok(())
        }
    }
}

/// The page as it was, beside it: the first of them, which is the one that nothing was done to.
fn keep(from: &Path, bytes: &[u8], args: &Args) -> Result<(), ExportError> {
    if !args.in_place || args.backup.is_empty() {
        return Ok(());
    }
    let mut name = from.as_os_str().to_owned();
    name.push(&args.backup);
    let backup = PathBuf::from(name);
    if fs::symlink_metadata(&backup).is_ok() { Ok(()) } else { export::write_file(&backup, bytes).map(drop) }
}

fn tell(page: &str, embed: &RewrittenEmbed, to_stderr: bool, done: &mut Done, out: &mut Output) -> Result<(), Failure> {
    let record = Record { page, embed };
    match out.format {
        Format::Json => out.json(&record)?,
        Format::Csv => done.records.extend(serde_json::to_value(&record).ok()),
        Format::Table => {
            let line = embed.line.map(|line| format!(":{line}")).unwrap_or_default();
            let state = embed.state.map(|state| format!(" ({})", state.as_str())).unwrap_or_default();
            let why = embed.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let line = format!("{page}{line}: {} {}{state}{why}", embed.action.as_str(), one_line(&embed.key));
            if to_stderr { out.talk(&line) } else { out.line(&line)? }
        }
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let source: Box<dyn io::Read> =
        if is_stdin(path) { Box::new(io::stdin()) } else { Box::new(fs::File::open(path)?) };
    source.take(MAX_PAGE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_PAGE_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MB", MAX_PAGE_BYTES >> 20)));
    }
    Ok(bytes)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn is_page(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The pages that the user named, in the order of their names within a folder.
fn jobs(args: &Args) -> Result<Vec<Job>, Failure> {
    let mut jobs = Vec::new();
    let several = args.paths.len() > 1 || args.paths.iter().any(|path| path.is_dir());
    for path in &args.paths {
        if is_stdin(path) {
            if args.in_place {
                return Err(Failure::usage("stdin has no place of its own: leave out --in-place"));
            }
            let to = args.out.as_ref().filter(|out| out.as_os_str() != "-");
            jobs.push(Job { from: path.clone(), to: to.map(|out| place(out, Path::new("stdin.html"), several)) });
        } else if path.is_dir() {
            // Links are not followed: they may lead out of the folder, or round in it.
            for entry in walkdir::WalkDir::new(path).follow_links(false).sort_by_file_name() {
                let entry = entry.map_err(|error| Failure::usage(format!("reading a folder failed: {error}")))?;
                if entry.file_type().is_file() && is_page(entry.path()) {
                    let inside = entry.path().strip_prefix(path).unwrap_or(entry.path()).to_owned();
                    jobs.push(job(args, entry.into_path(), &inside, true));
                }
            }
        } else if path.exists() {
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            jobs.push(job(args, path.clone(), &name, several));
        } else {
            return Err(Failure::usage(format!("there is no {}", one_line(&path.display().to_string()))));
        }
    }
    Ok(jobs)
}

fn job(args: &Args, from: PathBuf, inside: &Path, several: bool) -> Job {
    let to = match &args.out {
        _ if args.in_place => Some(from.clone()),
        Some(out) if out.as_os_str() == "-" => None,
        Some(out) => Some(place(out, inside, several)),
        None => None,
    };
    Job { from, to }
}

/// A file of this name in the folder `out`; `out` itself where one page goes to one file.
fn place(out: &Path, inside: &Path, several: bool) -> PathBuf {
    if several || out.is_dir() { out.join(inside) } else { out.to_owned() }
}

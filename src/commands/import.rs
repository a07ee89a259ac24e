//! `embalm import`: posts from what people have already.

use super::{
    Failure, Global, failure,
    hold::{HoldArgs, hold},
    runtime,
};
use crate::{
    config,
    pipeline::{self, ImportError, ImportEvent, ImportOptions, ImportSummary, Stop},
    report::{Output, counted, one_line},
    store::{Store, StoreError},
};
use clap::ValueHint;
use std::{io, path::PathBuf, time::Duration};

/// Flags of `import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is read, as a folder, a .zip, a .tar or .tar.gz, or the file itself:
  X (Twitter)     the data export: data/tweets.js and its parts, long posts, tweets_media
  Mastodon        outbox.json with actor.json and media_attachments; likes.json and bookmarks.json
                  name posts
  Bluesky         the repository, a .car file, with its blobs beside it where they are there
  gallery-dl      its metadata (.json, .jsonl) beside the files
  auto-archiver   its records (.json, .jsonl), or its sheet as .csv

An imported post has the label `import` and the export's own date. The export is not the
platform's word: it never proves that a post is there or gone, and stands behind what the platform
or a web archive showed. Importing again adds nothing.

Examples:
  embalm import twitter-2026-01-01-0123abcd.zip --dry-run
  embalm import archive-20260101-mastodon.tar.gz
  embalm import repo.car
  embalm import gallery-dl/ --capture        and let the next run ask the platforms for each of them

Exit codes: 0 done; 1 nothing could be read; 2 no export that is known; 3 with --strict: a record
was broken; 4 stopped early with the work saved; 75 another run holds the archive.")]
pub struct Args {
    /// Exports: folders or files
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Tell what would be imported, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Posts that are not for everybody too (Mastodon: to followers, or direct)
    #[arg(long)]
    pub private: bool,
    /// Queue every post for the next run, those too that are named alone (likes, bookmarks): it asks their platforms
    #[arg(long)]
    pub capture: bool,
    /// Leave the posts' files out
    #[arg(long)]
    pub no_media: bool,
    /// Exit 3 where a record could not be read
    #[arg(long)]
    pub strict: bool,
    /// Stop after this long (90s, 10m, 2h), with the work saved
    #[arg(long, value_name = "TIME", value_parser = config::parse_duration)]
    pub budget: Option<Duration>,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// Imports; `--json` prints a record for each broken entry (with -v for each post), and a summary for each export.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if let Some(path) = args.paths.iter().find(|path| !path.exists()) {
        return Err(Failure::usage(format!("there is no {}", one_line(&path.display().to_string()))));
    }
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    if args.dry_run && !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let lock = if args.dry_run { None } else { Some(hold(global, &archive, "import", args.hold, out)?) };
    let mut store = if args.dry_run { Store::open_read_only(&archive)? } else { Store::create_or_open(&archive)? };
    let options =
        ImportOptions { dry_run: args.dry_run, private: args.private, capture: args.capture, no_media: args.no_media };
    let stop = Stop::after(args.budget);
    let verbose = global.verbose > 0;
    let mut broken = 0;
    let (mut stopped, mut nothing) = (false, false);
    for path in &args.paths {
        let mut printed = Ok(());
        let summary = runtime::start()?.block_on(async {
            runtime::stop_on_signals(&stop);
            let mut tell = |event: &ImportEvent| {
                if printed.is_ok() {
                    printed = self::tell(event, global, verbose, out);
                }
            };
            pipeline::import(&mut store, path, &options, &stop, &mut tell).await
        });
        let summary = match summary {
            Ok(summary) => summary,
            Err(ImportError::Store(error)) => {
                let _ = store.fail_run(&error.to_string(), 1, jiff::Timestamp::now());
                return Err(error.into());
            }
            Err(error @ ImportError::Unknown { .. }) => return Err(Failure::usage(error.to_string())),
            Err(error) => return Err(Failure::unexpected(error.to_string())),
        };
        printed?;
        broken += summary.broken;
        stopped |= summary.stopped.is_some();
        let read_none = summary.new + summary.known + summary.named == 0 && summary.left.is_empty();
        nothing |= read_none && summary.broken > 0;
        if let Some(run) = summary.run {
            let code = code(args, summary.broken, summary.stopped.is_some(), read_none && summary.broken > 0);
            store.conclude_run(run, code, &[])?;
        }
        if global.json {
            out.json(&summary)?;
        } else if !global.quiet {
            out.line(&done(&summary, args.dry_run))?;
        }
        if stopped {
            break;
        }
    }
    drop(lock);
    Ok(code(args, broken, stopped, nothing))
}

fn code(args: &Args, broken: u64, stopped: bool, nothing: bool) -> u8 {
    if stopped {
        failure::STOPPED
    } else if nothing {
        failure::UNEXPECTED
    } else if args.strict && broken > 0 {
        failure::LOOK
    } else {
        0
    }
}

fn tell(event: &ImportEvent, global: &Global, verbose: bool, out: &mut Output) -> io::Result<()> {
    match event {
        ImportEvent::Post { .. } if !verbose => Ok(()),
        event if global.json => out.json(event),
        ImportEvent::Post { key, new, media } => {
            let files = counted(*media, "file");
            let what = if *new { "imported" } else { "imported before" };
            out.talk(&format!("{} {what}, {files}", one_line(key)));
            Ok(())
        }
        ImportEvent::Broken { file, entry, why } => {
            let entry = entry.map(|entry| format!(", entry {entry}")).unwrap_or_default();
            out.warn(&format!("{}{entry}: passed over: {}", one_line(file), one_line(why)));
            Ok(())
        }
    }
}

fn done(summary: &ImportSummary, dry_run: bool) -> String {
    let ImportSummary { new, known, named, queued, broken, media_stored, media_deduplicated, media_missing, .. } =
        summary;
    let mut line =
        format!("posts: {new} new, {known} known; files: {media_stored} stored, {media_deduplicated} already there");
    let mut add = |count: u64, what: String| {
        if count > 0 {
            line.push_str(&format!("; {what}"));
        }
    };
    add(*media_missing, format!("{} not in the export", counted(*media_missing, "file")));
    add(*named, format!("{} named alone", counted(*named, "post")));
    add(*queued, format!("{queued} queued for the next run"));
    add(*broken, format!("{} could not be read", counted(*broken, "record")));
    for (why, count) in &summary.left {
        add(*count, format!("{count} left out ({why})"));
    }
    if dry_run {
        line.push_str(" (nothing was written)");
    }
    line
}

//! `embalm merge`: everything of other archives.

use super::{
    Failure, Global, failure,
    hold::{HoldArgs, free, hold},
    runtime,
};
use crate::{
    pipeline::Stop,
    report::{Output, Progress, bytes_in_words, counted},
    store::{Merging, Store, StoreError},
};
use std::{ops::ControlFlow, path::PathBuf, time::Instant};

/// Flags of `merge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Everything of the other archives comes into this one: articles with all versions, posts under all
their names with every snapshot and look, files, answers, runs, what waits, and what is redacted.
What is the same is here once, whichever archive it came from, so merging twice changes nothing,
and the order does not matter. The others are only read; each is checked first, and every file
against its digest. An older archive is upgraded in a temporary copy.

Each file is taken whole or not at all: after a merge that was stopped or killed, or found the
disk full, the same command does the rest. A file of which every run is here already is known at
once.

--json prints one record a file: file, archive, elapsed_ms, known, and how many runs, articles,
versions, posts, snapshots, looks, exchanges and blobs (with their bytes) were new; redactions is
how many redactions and lifts came with it; rows is how many rows were looked at.

Exit codes: 0 done; 2 not an archive; 3 another archive is damaged; 4 stopped early, or the disk
is full; 75 a run holds this archive, or one of the others.

Examples:
  embalm merge laptop.db server.db
  embalm merge --archive all.db shard-*.db --json")]
pub struct Args {
    /// Archives to take from
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// Merges; `--json` prints one record for each file.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    for file in &args.files {
        if !file.exists() {
            return Err(StoreError::NotFound { path: file.clone() }.into());
        }
    }
    // A run that goes on would be taken as far as it has come, and come once more, as another run, when it has ended.
    for file in &args.files {
        free(global, file, args.hold, out)?;
    }
    let _lock = hold(global, &archive, "merge", args.hold, out)?;
    let mut store = Store::create_or_open(&archive)?;
    let runtime = runtime::start()?;
    let stop = Stop::after(None);
    runtime.block_on(async { runtime::stop_on_signals(&stop) });
    for file in &args.files {
        let began = Instant::now();
        let progress = Progress::new(global.quiet || global.json, "merging");
        let merged = store.merge(file, |step| {
            match step {
                Merging::Step(name) => progress.doing(name),
                Merging::Done(part, whole) => progress.tell(part, whole),
            }
            if stop.reason().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        progress.end();
        let Some(merged) = merged? else { return Ok(failure::STOPPED) };
        let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if global.json {
            let mut record = serde_json::json!({ "file": file, "archive": archive, "elapsed_ms": elapsed_ms });
            if let (Some(record), Ok(serde_json::Value::Object(counts))) =
                (record.as_object_mut(), serde_json::to_value(merged))
            {
                record.extend(counts);
            }
            out.json(&record)?;
        } else if !global.quiet && merged.known {
            out.line(&format!("{} {}: all of its runs are here already", out.style.green("merged"), file.display()))?;
        } else if !global.quiet {
            out.line(&format!(
                "{} {}: {} ({}), {} ({}, {}), {} ({})",
                out.style.green("merged"),
                file.display(),
                counted(merged.articles, "new article"),
                counted(merged.versions, "version"),
                counted(merged.posts, "post"),
                counted(merged.snapshots, "snapshot"),
                counted(merged.looks, "look"),
                counted(merged.blobs, "file"),
                bytes_in_words(merged.bytes)
            ))?;
            if merged.redactions > 0 {
                out.line(&format!(
                    "{} came with it, lifts counted: what they name is hidden here, or shown, from now on; `embalm redact --list --all` names them",
                    counted(merged.redactions, "redaction")
                ))?;
            }
        }
    }
    Ok(0)
}

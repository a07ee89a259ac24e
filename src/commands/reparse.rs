//! `embalm reparse`: reads stored answers again with today's parsers.

use super::{
    Failure, Global, failure,
    hold::{HoldArgs, hold},
    list::FilterArgs,
    runtime,
};
use crate::{
    config,
    pipeline::{self, Stop},
    report::{Output, reparse_done, reread_line},
    store::{Store, StoreError},
};
use std::time::Duration;

/// Flags of `reparse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every answer of a platform that brought something new is kept. When embalm has learnt to read it
better (a poll that it did not know, a shape that was strange to it), this reads it again: a look
that was not understood then may turn out to hold the post. A better reading is one more snapshot
with the old one's time, and is shown in its place; nothing is requested, overwritten or taken
away, and doing it twice changes nothing more. What only the network can tell is left as it is.

Examples:
  embalm reparse --dry-run
  embalm reparse --platform mastodon --json")]
pub struct Args {
    /// Which posts.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
    /// Say what would be better, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Stop after this long (90s, 10m, 2h), with the work saved
    #[arg(long, value_name = "TIME", value_parser = config::parse_duration)]
    pub budget: Option<Duration>,
}

/// Reads again; `--json` prints one record for each look that changes, and the counts at the end.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if args.filter.sort.is_some() {
        return Err(Failure::usage("`reparse` reads posts in the order in which they came; --sort has no effect"));
    }
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let lock = if args.dry_run { None } else { Some(hold(global, &archive, "reparse", args.hold, out)?) };
    let mut store = if args.dry_run { Store::open_read_only(&archive)? } else { Store::open(&archive)? };
    let mut printed = Ok(());
    let summary = runtime::start()?.block_on(async {
        let stop = Stop::after(args.budget);
        runtime::stop_on_signals(&stop);
        pipeline::reparse(&mut store, &args.filter.filter(), args.dry_run, &stop, |reread| {
            if printed.is_err() || (global.quiet && !global.json) {
                return;
            }
            printed = if global.json { out.json(reread) } else { out.line(&reread_line(reread, out.style)) };
        })
        .await
    })?;
    drop(lock);
    printed?;
    if global.json {
        out.json(&summary)?;
    } else if !global.quiet {
        out.line(&reparse_done(&summary, args.dry_run, out.style))?;
    }
    Ok(if summary.stopped.is_some() { failure::STOPPED } else { 0 })
}

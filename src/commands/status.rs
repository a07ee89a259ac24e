//! `embalm status`: how everything stands, what needs a person first.

use super::{Failure, Global, failure};
use crate::{
    config::Config,
    model::{Problem, ProblemKind, SourceStatus, StatusRecord},
    pipeline::{look_around, problems, source_problems},
    report::{Format, Output, status_page},
    store::Store,
};
use jiff::Timestamp;
use std::path::Path;

/// Flags of `status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What needs a person comes first, each with a command that helps: sources that fail again and
again, platforms whose answers are no longer understood, a disk that is nearly full, no run that
came to its end for several intervals, a run that was killed or has held the archive for hours,
failures that were given up, a login that others can read.

Examples:
  embalm status
  embalm status --strict -q        exit code 3 where something needs a person
  embalm status --json | jq '.problems[]'")]
pub struct Args {
    /// Exit with 3 if something needs a person
    #[arg(long)]
    pub strict: bool,
}

/// What is asked about.
pub(super) struct Place<'a> {
    pub(super) config: &'a Config,
    pub(super) archive: &'a Path,
}

/// Prints it.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let config = global.config()?;
    let archive = global.archive(&config);
    let now = Timestamp::now();
    let status = gather(&Place { config: &config, archive: &archive }, now)?;
    if out.format != Format::Table {
        out.json(&status)?;
    } else if !out.quiet {
        out.page();
        out.line(&status_page(&status, now, out.style))?;
    } else {
        out.problems(&status.problems);
    }
    Ok(if args.strict && !status.problems.is_empty() { failure::LOOK } else { 0 })
}

/// Everything that archive, machine and configuration know.
pub(super) fn gather(place: &Place<'_>, now: Timestamp) -> Result<StatusRecord, Failure> {
    let store = super::reading(place.archive, Store::open_read_only)?;
    gather_from(&store, place, now)
}

/// The same, from a store that is open already.
pub(super) fn gather_from(store: &Store, place: &Place<'_>, now: Timestamp) -> Result<StatusRecord, Failure> {
    let mut status = store.status(now)?;
    look_around(&mut status, place.archive);
    let mut found = problems(&status, now);
    // A source that is misconfigured is told by `run`; what the archive holds is told all the same.
    if let Ok(sources) = place.config.sources() {
        let states =
            sources.iter().map(|source| Ok((source.name.clone(), store.source_state(&source.name, &source.place())?)));
        for state in states {
            let (name, state) = state.map_err(|error: crate::store::StoreError| Failure::from(error))?;
            status.sources.push(SourceStatus {
                name,
                last_polled_at: state.last_polled_at,
                last_success_at: state.last_success_at,
                next_poll_at: state.next_poll_at,
                failures_in_a_row: state.failures_in_a_row,
                last_error: state.last_error,
            });
        }
        found.extend(source_problems(store, &sources, now)?);
    }
    found.extend(place.config.exposed().into_iter().map(|file| Problem {
        kind: ProblemKind::LoginExposed,
        detail: format!("{file} holds a login, and others of this machine can read it"),
        command: format!("chmod 600 {file}"),
        subject: Some(file),
        since: None,
    }));
    found.sort_by_key(|problem| problem.kind);
    status.problems = found;
    Ok(status)
}

//! How a command that archives ends: its last words, what needs a person, the exit code, and all of it in the run's row.

use super::{
    Failure, Global, failure,
    network::{self, NetworkArgs},
    runtime,
};
use crate::{
    fetch::record::Recorder,
    model::{Problem, ProblemKind, Summary},
    pipeline::{self, DISK_NEARLY_FULL, Finished, Stamping},
    report::{self, Output, done_line, finished_event, summary_line},
    store::Store,
};
use jiff::Timestamp;
use std::path::Path;

/// What a run has ended with.
pub(super) struct Ending<'a> {
    /// What it did.
    pub(super) finished: &'a mut Finished,
    /// Its recording, if one was asked for.
    pub(super) recorder: Option<&'a Recorder>,
    /// The archive, and its path as the user knows it.
    pub(super) store: &'a mut Store,
    pub(super) archive: &'a Path,
    /// Sources that a person should look after.
    pub(super) ailing: Vec<Problem>,
}

/// Says the last words of `run`, `add` and `recheck`, notes them in the run's row, and returns the exit code.
/// `refused`: nothing of what the user named could be had, which is the command's failure.
pub(super) fn conclude(
    global: &Global,
    args: &NetworkArgs,
    ending: Ending<'_>,
    refused: bool,
    out: &mut Output,
) -> Result<u8, Failure> {
    let Ending { finished, recorder, store, archive, ailing } = ending;
    let mut problems = finished.drifts.problems();
    problems.extend(ailing);
    problems.extend(full_disk(&finished.summary));
    problems.extend(recorder.and_then(Recorder::failure).map(|reason| incomplete(args, &reason)));
    let code = exit_code(args, finished, &problems, refused);
    finished.summary.problems = problems;
    finished.summary.exit_code = Some(code);
    if !args.dry_run {
        let summary = &mut finished.summary;
        summary.digest = store.conclude_run(summary.run, code, &summary.problems)?;
        // Who stops a run wants it to end; the next one speaks for it as well.
        if summary.stopped.is_none() {
            stamp(global, args, store, out)?;
        }
    }
    let summary = &finished.summary;
    if global.json {
        out.json(summary)?;
    } else if !global.quiet && !report::log::is_json() {
        out.line(&done_line(out.style, summary, &archive.display().to_string()))?;
    }
    tell(summary, &finished.drifts.warnings(), out);
    Ok(code)
}

/// Has the run stamped by the authority of the configuration. Without a stamp it is a whole run all the same.
fn stamp(global: &Global, args: &NetworkArgs, store: &mut Store, out: &Output) -> Result<(), Failure> {
    let config = global.config()?;
    let replays = !args.replay.is_empty() || !config.network.replay.is_empty();
    let Some(authority) = config.trust.authority().map_err(Failure::usage)?.filter(|_| !replays) else { return Ok(()) };
    let transport = network::transport(&config, args)?;
    let believed = config.trust.authorities().map_err(Failure::usage)?;
    let came = runtime::start()?.block_on(pipeline::stamp(store, transport.as_ref(), &authority, believed.as_ref()))?;
    if let Stamping::Failed(why) = came
        && !out.quiet
    {
        out.warn(&format!("no time stamp by {authority}: {why}; the next run asks again"));
    }
    Ok(())
}

/// A run that has come to its end; one that has not is closed as failed, so that nobody takes it for one that goes on.
pub(super) fn ended(result: Result<Finished, Failure>, dry_run: bool, store: &mut Store) -> Result<Finished, Failure> {
    if let Err(failure) = &result
        && !dry_run
    {
        let reason = failure.message.as_deref().unwrap_or("its output was closed");
        // Where the archive itself is the trouble this fails as well, and the first word of it is the one to tell.
        let _ = store.fail_run(reason, failure.code, Timestamp::now());
    }
    result
}

/// The truth as one number.
fn exit_code(args: &NetworkArgs, finished: &Finished, problems: &[Problem], refused: bool) -> u8 {
    let summary = &finished.summary;
    let failed = summary.articles.failed + summary.posts.deferred + summary.sources.failed;
    if summary.stopped.is_some() {
        failure::STOPPED
    } else if !problems.is_empty() || (args.strict && failed > 0) {
        failure::LOOK
    } else {
        u8::from(refused)
    }
}

/// What needs a person, one line each, even in silence; the rest where there is talk.
fn tell(summary: &Summary, warnings: &[String], out: &Output) {
    out.problems(&summary.problems);
    if report::log::is_json() {
        finished_event(summary, &summary_line(summary));
    }
    if !out.quiet {
        warnings.iter().for_each(|warning| out.warn(warning));
    }
}

fn full_disk(summary: &Summary) -> Option<Problem> {
    let is_full = summary.stopped.as_deref() == Some(DISK_NEARLY_FULL);
    is_full.then(|| Problem {
        kind: ProblemKind::DiskLow,
        subject: None,
        detail: "the disk of the archive is nearly full, so the run stopped before harm".to_owned(),
        command: "df -h".to_owned(),
        since: None,
    })
}

fn incomplete(args: &NetworkArgs, reason: &str) -> Problem {
    let path = args.record.as_deref().unwrap_or(Path::new("")).display().to_string();
    Problem {
        kind: ProblemKind::RecordingIncomplete,
        detail: format!(
            "the recording {path} is not complete: {reason}; what was fetched is in the archive all the same"
        ),
        subject: Some(path),
        command: "embalm doctor".to_owned(),
        since: None,
    }
}

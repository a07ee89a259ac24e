//! What needs a person, found in what the archive and the machine say: the most pressing first, each with a command.

use super::{Lock, drift};
use crate::model::{Problem, ProblemKind, RunRecord, RunState, StatusRecord};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// A disk with less is nearly full, in bytes.
pub const LOW_DISK_BYTES: u64 = 1 << 30;

/// A run that holds the archive for longer hangs, or is larger than anybody meant.
const LONG_RUN: SignedDuration = SignedDuration::from_hours(12);

/// So many usual intervals without a run that came to its end are too many,
const MISSED_INTERVALS: u64 = 3;

/// and so many seconds at the least.
const MISSED_S: u64 = 6 * 3600;

/// Adds to what the archive says of itself what the machine knows: free disk, and who holds the lock. A run without an
/// end that nobody holds was killed.
pub fn look_around(status: &mut StatusRecord, archive: &Path) {
    let folder = archive.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    status.disk_free_bytes = crate::store::free_bytes(folder);
    status.lock = Lock::holder(archive).map(|holder| holder.to_string());
    if status.lock.is_none()
        && let Some(run) = status.running.take()
    {
        status.last_run = Some(RunRecord { state: RunState::Killed, ..run });
    }
}

/// What needs a person, as the archive shows it.
#[must_use]
pub fn problems(status: &StatusRecord, now: Timestamp) -> Vec<Problem> {
    let mut found = Vec::new();
    found.extend(disk(status));
    found.extend(long_run(status, now));
    found.extend(bad_run(status));
    found.extend(no_success(status, now));
    found.extend(drifts(status));
    found.extend(resting(status));
    found
}

fn problem(kind: ProblemKind, subject: Option<&str>, detail: String, command: &str) -> Problem {
    Problem { kind, subject: subject.map(str::to_owned), detail, command: command.to_owned(), since: None }
}

fn disk(status: &StatusRecord) -> Option<Problem> {
    let free = status.disk_free_bytes.filter(|free| *free < LOW_DISK_BYTES)?;
    let detail = format!("the disk of the archive is nearly full: {} MiB are free", free >> 20);
    Some(problem(ProblemKind::DiskLow, None, detail, "df -h"))
}

fn long_run(status: &StatusRecord, now: Timestamp) -> Option<Problem> {
    let run = status.running.as_ref().filter(|run| run.started_at.duration_until(now) > LONG_RUN)?;
    let holder = status.lock.as_deref().unwrap_or("nobody knows who");
    let hours = run.started_at.duration_until(now).as_hours();
    let detail = format!("run {} has held the archive for {hours} hours: {holder}", run.summary.run);
    let process = holder.split_whitespace().skip_while(|word| *word != "process").nth(1).filter(|pid| {
        let is_number = pid.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !pid.is_empty()
    });
    let command = process.map_or("embalm list runs".to_owned(), |process| format!("kill -TERM {process}"));
    let mut problem = problem(ProblemKind::LockHeld, None, detail, &command);
    problem.since = Some(run.started_at);
    Some(problem)
}

fn bad_run(status: &StatusRecord) -> Option<Problem> {
    let run = status.last_run.as_ref()?;
    let detail = match run.state {
        RunState::Killed => {
            format!("run {} (`{}`) was killed; what it had committed is there", run.summary.run, run.command)
        }
        RunState::Failed => {
            let why = run.summary.stopped.as_deref().unwrap_or("no reason was noted");
            format!("run {} (`{}`) failed: {why}", run.summary.run, run.command)
        }
        RunState::Running | RunState::Done | RunState::Stopped => return None,
    };
    let mut problem = problem(ProblemKind::RunFailed, None, detail, "embalm run");
    problem.since = Some(run.started_at);
    Some(problem)
}

fn no_success(status: &StatusRecord, now: Timestamp) -> Option<Problem> {
    let interval = status.usual_interval_s?;
    let success = status.last_success.as_ref()?;
    let since = success.finished_at.unwrap_or(success.started_at);
    let waited = u64::try_from(since.duration_until(now).as_secs()).unwrap_or(0);
    if waited <= interval.saturating_mul(MISSED_INTERVALS).max(MISSED_S) {
        return None;
    }
    let detail = format!(
        "no `embalm run` has come to its end since {since:.0}; usually there is one every {}",
        if interval < 7200 { format!("{} minutes", interval / 60) } else { format!("{} hours", interval / 3600) }
    );
    let mut problem = problem(ProblemKind::NoSuccess, None, detail, "embalm list runs --limit 5");
    problem.since = Some(since);
    Some(problem)
}

fn drifts(status: &StatusRecord) -> impl Iterator<Item = Problem> {
    let newest = status.platforms.iter().filter_map(|platform| Some((platform, platform.recent.first()?)));
    let drifted =
        newest.filter(|(_, run)| drift::is_drift(run.looks.saturating_sub(run.drifted + run.failed), run.drifted));
    drifted.map(|(platform, run)| {
        let id = &platform.platform;
        let example = run.drift.as_ref().map(|drift| format!(" ({drift})")).unwrap_or_default();
        let detail = format!("{id}: {} of {} answers were not understood{example}", run.drifted, run.looks);
        let mut problem = problem(ProblemKind::AdapterDrift, Some(id), detail, &format!("embalm doctor {id}"));
        problem.since = Some(run.started_at);
        problem
    })
}

fn resting(status: &StatusRecord) -> Option<Problem> {
    let resting = status.queue.resting;
    let words = if resting == 1 { "1 item was" } else { "items were" };
    let words = if resting == 1 { words.to_owned() } else { format!("{resting} {words}") };
    let detail = format!("{words} tried as often as the configuration allows, and rest until they are released");
    (resting > 0).then(|| problem(ProblemKind::FailuresResting, None, detail, "embalm list failures"))
}

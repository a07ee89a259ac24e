//! Holding the archive against other runs, and waiting for one that holds it.

use super::{Failure, Global, failure};
use crate::{
    config,
    pipeline::{Lock, LockError},
    report::Output,
};
use std::{path::Path, time::Duration};

/// Flags of every command that writes the archive.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct HoldArgs {
    /// Where another run holds the archive, wait this long for it to end (90s, 5m) instead of exiting with 75 at once
    #[arg(long, value_name = "TIME", value_parser = config::parse_duration)]
    pub wait: Option<Duration>,
}

/// The lock of the archive for `command`. One that is held is exit code 75, without a word where silence is asked for.
pub(super) fn hold(
    global: &Global,
    archive: &Path,
    command: &str,
    args: HoldArgs,
    out: &Output,
) -> Result<Lock, Failure> {
    let taken = match args.wait {
        None => Lock::take(archive, command),
        Some(wait) => Lock::wait(archive, command, wait, |held| tell(held, archive, out)),
    };
    taken.map_err(|error| refused(global, error))
}

/// Waits until no run holds an archive that is only read: nothing is made beside it. One that is held is exit code 75.
pub(super) fn free(global: &Global, archive: &Path, args: HoldArgs, out: &Output) -> Result<(), Failure> {
    Lock::wait_free(archive, args.wait.unwrap_or_default(), |held| tell(held, archive, out))
        .map_err(|error| refused(global, error))
}

fn tell(held: &LockError, archive: &Path, out: &Output) {
    if let LockError::Held { holder, .. } = held {
        let who = holder.as_ref().map_or_else(|| "another run".to_owned(), ToString::to_string);
        out.talk(&format!("waiting for {}, which is held by {who}", archive.display()));
    }
}

fn refused(global: &Global, error: LockError) -> Failure {
    match error {
        LockError::Held { .. } if global.quiet => Failure { code: failure::HELD, message: None },
        error => error.into(),
    }
}

//! What a person should look at: found out by runs and by `status`, and told in one line each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that does not right itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of thing it is.
    pub kind: ProblemKind,
    /// The source, platform, host or file that it is about.
    pub subject: Option<String>,
    /// What is wrong, as a sentence without its full stop.
    pub detail: String,
    /// A command that helps, or tells more.
    pub command: String,
    /// Since when, as far as it is known.
    pub since: Option<Timestamp>,
}

/// The kinds of problems: words of the public records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The file is damaged.
    ArchiveDamaged,
    /// The disk is nearly full.
    DiskLow,
    /// A run holds the archive for very long.
    LockHeld,
    /// The last run was killed, or ended with an error.
    RunFailed,
    /// No run has succeeded for a long time.
    NoSuccess,
    /// A source failed several times in a row.
    SourceFailing,
    /// A platform's answers are no longer understood.
    AdapterDrift,
    /// Items were tried as often as is sensible, and rest.
    FailuresResting,
    /// A file with a login can be read by others.
    LoginExposed,
    /// The recording that was asked for is not complete.
    RecordingIncomplete,
    /// The metrics can't be written, or the healthcheck not be reached.
    NotTold,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::ArchiveDamaged,
        Self::DiskLow,
        Self::LockHeld,
        Self::RunFailed,
        Self::NoSuccess,
        Self::SourceFailing,
        Self::AdapterDrift,
        Self::FailuresResting,
        Self::LoginExposed,
        Self::RecordingIncomplete,
        Self::NotTold,
    ];

    /// Its word in records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArchiveDamaged => "archive_damaged",
            Self::DiskLow => "disk_low",
            Self::LockHeld => "lock_held",
            Self::RunFailed => "run_failed",
            Self::NoSuccess => "no_success",
            Self::SourceFailing => "source_failing",
            Self::AdapterDrift => "adapter_drift",
            Self::FailuresResting => "failures_resting",
            Self::LoginExposed => "login_exposed",
            Self::RecordingIncomplete => "recording_incomplete",
            Self::NotTold => "not_told",
        }
    }
}

//! Checks of everything that a run needs: the archive, the disk, helpers, and each platform against a post that must be there.

use super::capture;
use crate::{
    fetch::Transport,
    http::FetchError,
    model::{Failure, Outcome, PostRef, State, Withheld},
    platforms,
    store::{Store, StoreError},
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// With less than this left on its disk an archive is in danger; in bytes.
const LITTLE_SPACE_BYTES: u64 = 256 << 20;

/// With less than this a person should know; in bytes.
const SOME_SPACE_BYTES: u64 = 2 << 30;

/// A write-ahead log of this size has not been taken in for long; in bytes.
const LARGE_WAL_BYTES: u64 = 256 << 20;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, and a person may want to know.
    Warning,
    /// A person should look: exit code 3.
    Problem,
    /// Not checked, for a reason.
    Skipped,
}

/// One thing that was checked: `doctor --json` prints one a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `configuration`, `archive`, `disk`, `helper` or `platform`.
    pub check: &'static str,
    /// What of it: a file, a program, a platform.
    pub subject: String,
    /// How it ended.
    pub health: Health,
    /// In words for a person.
    pub detail: String,
}

impl Check {
    /// A check with its end.
    #[must_use]
    pub fn new(check: &'static str, subject: impl Into<String>, health: Health, detail: impl Into<String>) -> Self {
        Self { check, subject: subject.into(), health, detail: detail.into() }
    }
}

/// The archive and the disk that it is on.
#[must_use]
pub fn examine(archive: &Path) -> Vec<Check> {
    let mut checks = Vec::new();
    let name = archive.display().to_string();
    let check = |health, detail: String| Check::new("archive", name.clone(), health, detail);
    match Store::open_read_only(archive) {
        Err(StoreError::NotFound { .. }) => {
            checks.push(check(Health::Warning, "is not there yet; `embalm init` makes it".to_owned()));
        }
        Err(error @ StoreError::Older { .. }) => checks.push(check(Health::Warning, error.to_string())),
        Err(error) => checks.push(check(Health::Problem, error.to_string())),
        Ok(store) => match store.examine() {
            Err(error) => checks.push(check(Health::Problem, error.to_string())),
            Ok(found) => {
                checks.extend(found.damage.iter().map(|damage| check(Health::Problem, damage.clone())));
                if found.damage.is_empty() {
                    let detail = format!("whole; schema {}, journal {}", found.schema, found.journal);
                    checks.push(check(Health::Ok, detail));
                }
                if let Some((run, started_at)) = found.unfinished {
                    let detail =
                        format!("run {run}, begun at {started_at}, has not ended or was killed; its work is saved");
                    checks.push(check(Health::Warning, detail));
                }
            }
        },
    }
    let wal = PathBuf::from(format!("{}-wal", archive.display()));
    let wal_bytes = wal.metadata().map_or(0, |metadata| metadata.len());
    if wal_bytes > LARGE_WAL_BYTES {
        let detail = format!("its log {} has {} MiB; the next run takes it in", wal.display(), wal_bytes >> 20);
        checks.push(check(Health::Warning, detail));
    }
    checks.push(disk(archive));
    checks
}

/// The space left for the archive.
fn disk(archive: &Path) -> Check {
    let absolute = std::path::absolute(archive).unwrap_or_else(|_| archive.to_owned());
    let folder = absolute.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/")).to_owned();
    let check = |health, detail| Check::new("disk", folder.display().to_string(), health, detail);
    match crate::store::free_bytes(&folder) {
        Some(free) if free < LITTLE_SPACE_BYTES => check(Health::Problem, format!("{} MiB free", free >> 20)),
        Some(free) if free < SOME_SPACE_BYTES => check(Health::Warning, format!("{} MiB free", free >> 20)),
        Some(free) => check(Health::Ok, format!("{} GiB free", free >> 30)),
        None => check(Health::Skipped, "the system doesn't say how much is free".to_owned()),
    }
}

/// Whether a program of others was found; it is not started. `wanted`: none where it is switched off, else whether
/// something is switched on that can do nothing without it.
#[must_use]
pub fn helper(name: &str, wanted: Option<bool>, found: Option<PathBuf>, purpose: &str) -> Check {
    let (health, state) = match (found, wanted) {
        (Some(path), _) => (Health::Ok, path.display().to_string()),
        (None, None) => (Health::Skipped, "is switched off".to_owned()),
        (None, Some(true)) => (Health::Problem, "is not installed".to_owned()),
        (None, Some(false)) => (Health::Skipped, "is not installed".to_owned()),
    };
    Check::new("helper", name, health, format!("{state}: {purpose}"))
}

/// A platform's adapter against a post that is known to be there.
pub async fn probe(transport: &dyn Transport, post: &PostRef) -> Check {
    let captured = capture::capture(transport, post).await;
    let offline = captured.exchanges.iter().all(|exchange| matches!(exchange.answer, Err(FetchError::NotRecorded)));
    let (health, detail) = match &captured.outcome {
        Outcome::Failed(Failure::NoRoute) => {
            (Health::Skipped, "its posts have no route; articles quote them, archives may hold them".to_owned())
        }
        _ if captured.exchanges.is_empty() => (Health::Skipped, "nothing was asked".to_owned()),
        Outcome::Failed(_) if offline => (Health::Skipped, "the recording doesn't hold its known post".to_owned()),
        Outcome::Found(content) if content.text.is_empty() && content.media.is_empty() => {
            (Health::Warning, format!("{} came without words and files", post.url))
        }
        Outcome::Found(_) => (Health::Ok, format!("{} by {}", post.url, captured.via.as_str())),
        Outcome::Withheld(Withheld::LoginRequired) => {
            (Health::Warning, format!("asks for a login to show {}", post.url))
        }
        Outcome::Gone(_) | Outcome::Withheld(_) => {
            let state = State::proven_by(&captured.outcome).unwrap_or(State::Unknown).as_str();
            (
                Health::Problem,
                format!("{} reads as {state}: it vanished, or its adapter takes posts for gone", post.url),
            )
        }
        Outcome::Failed(failure @ Failure::Drift { .. }) => {
            (Health::Problem, format!("has drifted: {} ({})", failure, post.url))
        }
        Outcome::Failed(failure @ (Failure::RateLimited { .. } | Failure::Resting { .. } | Failure::Blocked)) => {
            (Health::Warning, failure.to_string())
        }
        Outcome::Failed(Failure::Http { status: status @ (408 | 425 | 500..) }) => {
            (Health::Warning, format!("answers with status {status}; try again later"))
        }
        Outcome::Failed(failure) => (Health::Problem, format!("{} ({})", failure, post.url)),
    };
    Check::new("platform", post.platform.clone(), health, detail)
}

/// The posts to try: of the platforms named, by id or by the URL of a post, or of all that have a known one.
///
/// # Errors
/// A word that is neither, with what would be right.
pub fn patients(words: &[String], allowed: &[String]) -> Result<Vec<PostRef>, String> {
    let known = |platform: &str| platforms::known_post(platform).and_then(platforms::embedded);
    if words.is_empty() {
        let ids = platforms::ALL.iter().map(|platform| platform.id());
        let ids = ids.filter(|id| allowed.is_empty() || allowed.iter().any(|allowed| allowed == id));
        return Ok(ids.filter_map(|id| known(id)?.post().cloned()).collect());
    }
    let post = |word: &String| {
        if platforms::by_id(word).is_some() {
            let post = known(word).and_then(|target| target.post().cloned());
            return post.ok_or_else(|| format!("no long-lived post of {word} is known; name the URL of one"));
        }
        let post = platforms::embedded(word).and_then(|target| target.post().cloned());
        post.ok_or_else(|| format!("{word} is no platform and no post; `embalm list platforms` names the platforms"))
    };
    words.iter().map(post).collect()
}

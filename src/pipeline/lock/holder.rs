//! Who holds the lock, since when, doing what: as the lock file says it.

use super::{Event, TELL_EVERY};
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    time::Instant,
};

/// The length of what stands in the file, in bytes. Always the same, so that one write replaces it whole.
const WIDTH_BYTES: usize = 1024;

/// Characters of what a run says that it is doing.
const MAX_DOING: usize = 200;

/// A process that holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number,
    pub process: u32,
    /// on this machine,
    pub host: String,
    /// of this user.
    pub user: String,
    /// The subcommand: `run`, `add`, ...
    pub command: String,
    /// When it took the lock.
    pub since: Timestamp,
    /// What it is doing, in words for a person; empty where it has not said.
    pub doing: String,
    /// When it said so.
    pub told_at: Timestamp,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, host, user, command, since, doing, told_at } = self;
        write!(f, "`embalm {command}`, process {process} of {user} on {host}, since {since}")?;
        if doing.is_empty() { Ok(()) } else { write!(f, ", {doing} (at {told_at})") }
    }
}

impl Holder {
    /// This process.
    pub(super) fn this(command: &str) -> Self {
        let since = Timestamp::now();
        let since = since.round(Unit::Second).unwrap_or(since);
        Self {
            process: std::process::id(),
            host: host(),
            user: user(),
            command: command.to_owned(),
            since,
            doing: String::new(),
            told_at: since,
        }
    }

    /// What the file says; none where it says nothing that can be read.
    pub(super) fn read(mut file: &File) -> Option<Self> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(WIDTH_BYTES as u64).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(bytes.trim_ascii()).ok()
    }

    /// Whether the process may still be there. That of another machine may.
    pub(super) fn may_be_alive(&self) -> bool {
        self.host != host() || is_alive(self.process)
    }
}

/// The lock file with what stands in it.
#[derive(Debug)]
pub(super) struct Written {
    file: File,
    holder: Holder,
    told: Option<Instant>,
    articles: u64,
    posts: u64,
    wanted: u64,
}

impl Written {
    pub(super) fn new(file: File, holder: Holder) -> Self {
        Self { file, holder, told: None, articles: 0, posts: 0, wanted: 0 }
    }

    /// Writes who holds the lock. That it is held is known without it, so a failure is nobody's concern.
    pub(super) fn write(&mut self) {
        let mut line = serde_json::to_vec(&self.holder).unwrap_or_default();
        if line.len() < WIDTH_BYTES {
            line.resize(WIDTH_BYTES - 1, b' ');
            line.push(b'\n');
            let _ = self.put(&line);
        }
    }

    pub(super) fn clear(&mut self) {
        let _ = self.file.set_len(0);
    }

    pub(super) fn doing(&mut self, doing: &str) {
        if self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let now = Timestamp::now();
        self.holder.told_at = now.round(Unit::Second).unwrap_or(now);
        self.holder.doing = doing.chars().take(MAX_DOING).collect();
        self.write();
    }

    pub(super) fn note(&mut self, event: &Event<'_>) {
        let doing = match event {
            Event::Progress(_) => return,
            Event::Started { .. } => "starting".to_owned(),
            Event::Wanted { posts } => {
                self.wanted += posts;
                return;
            }
            Event::Polled { source, .. } | Event::SourceFailed { source, .. } => format!("polling, last {source}"),
            Event::Article { .. } | Event::ArticleFailed { .. } => {
                self.articles += 1;
                format!("archiving articles, {} so far", self.articles)
            }
            Event::Post { .. } => {
                self.posts += 1;
                self.wanted = self.wanted.max(self.posts);
                format!("capturing {} of {} posts", self.posts, self.wanted)
            }
        };
        self.doing(&doing);
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(line)
    }
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

fn user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(number)
}

#[cfg(unix)]
fn number() -> String {
    format!("user {}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn number() -> String {
    "a user".to_owned()
}

/// Whether there is a process of this number; where that can't be asked, there may be.
#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    let Some(process) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // One of another user can't be signalled, and is there.
    !matches!(rustix::process::test_kill_process(process), Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_alive(_process: u32) -> bool {
    true
}

//! Records of what the archive holds, beside the posts: articles, files, runs, failures, search hits, the whole.
//! As `--json` prints them, one line each: public API.

use super::{MediaKind, Obtained, State, Summary, Via, When};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One article, as `embalm list articles --json` prints it: its newest version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleRecord {
    /// Its number in the archive.
    pub id: i64,
    /// Its canonical URL; none for a file that names none.
    pub url: Option<String>,
    /// Its URL or path, as the source gave it.
    pub name: String,
    /// The configured source's name, or `add`.
    pub source: String,
    /// The labels of the sources that name it.
    pub labels: Vec<String>,
    /// The headline.
    pub title: String,
    /// The authors as the page prints them.
    pub byline: Option<String>,
    /// The publication's name.
    pub site_name: Option<String>,
    /// First publication.
    pub published: Option<When>,
    /// BCP 47.
    pub lang: Option<String>,
    /// When its newest version was archived.
    pub captured_at: Timestamp,
    /// `live`, or `gone` where the site said so at the last look.
    pub state: String,
    /// When it was first seen to be in that state; none where it has been live from the first look on.
    pub state_since: Option<Timestamp>,
    /// When it was last looked at.
    pub last_looked_at: Timestamp,
    /// When it is looked at again; none for not by itself.
    pub due_at: Option<Timestamp>,
    /// How many versions there are.
    pub versions: u64,
    /// How many embeds its newest version has.
    pub embeds: u64,
    /// Keys of the posts that its newest version embeds, in reading order.
    pub posts: Vec<String>,
}

/// One article in a list for readers: its record, and what makes them choose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleBrief {
    /// As `list articles` prints it.
    pub article: ArticleRecord,
    /// Posts of its newest version that their platform says no longer exist.
    pub gone: u64,
    /// The beginning of its text.
    pub lead: String,
}

/// One file of a post, as `embalm list media --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFileRecord {
    /// Key of its post.
    pub post: String,
    /// What it is.
    pub kind: MediaKind,
    /// Where it was.
    pub url: String,
    /// Hex; none where the bytes could not be had.
    pub sha256: Option<String>,
    /// By its bytes.
    pub mime: Option<String>,
    /// In bytes.
    pub size_bytes: Option<u64>,
    /// In pixels, as the platform says.
    pub width_px: Option<u32>,
    /// In pixels, as the platform says.
    pub height_px: Option<u32>,
    /// In milliseconds, as the platform says.
    pub duration_ms: Option<u64>,
    /// The author's description.
    pub alt: Option<String>,
    /// When the snapshot that names it was taken.
    pub captured_at: Timestamp,
    /// That snapshot's rung.
    pub via: Via,
    /// Why the bytes could not be had.
    pub failure: Option<String>,
    /// The limit that kept it out: `file`, `post` or `run`.
    pub skipped: Option<String>,
    /// How the bytes were had, where they are not what one URL answered: `hls`, `hls+ffmpeg` or `yt-dlp`.
    pub obtained: Option<Obtained>,
    /// What a person should know of the bytes.
    pub note: Option<String>,
}

/// One run, as `embalm list runs --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// `run`, `add`, `recheck` or `reparse`.
    pub command: String,
    /// How it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none where it was killed or is still going on.
    pub finished_at: Option<Timestamp>,
    /// The machine that it ran on, where that is known.
    pub host: Option<String>,
    /// The version of embalm, where that is known.
    pub version: Option<String>,
    /// What it did.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Something wrong with an archive, as `embalm verify --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What was checked: `schema`, `pages`, `references`, `rows`, `blobs`, `entries`, `runs`,
    /// `stamps` or `search`.
    pub check: String,
    /// The table; empty where it is the file itself.
    pub table: String,
    /// The row's number in it, where it has one.
    pub row: Option<i64>,
    /// What is wrong, in words for a person.
    pub detail: String,
}

/// Why something is not tried again by itself, or seldom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// It was tried as often as the configuration allows.
    Failed,
    /// What it was answered with seldom changes: not found, gone, refused, not supported.
    Dead,
}

impl Rest {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It goes on.
    Running,
    /// It did all that it was to do.
    Done,
    /// It stopped early, with the work saved.
    Stopped,
    /// It ended with an error.
    Failed,
    /// It never came to an end; what it had committed is there.
    Killed,
}

impl RunState {
    /// Its word in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Killed => "killed",
        }
    }
}

/// Something that could not be had so far, as `embalm list failures --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// `post` (the last look at it failed), `media` (a file of a shown post), or `article`.
    pub what: String,
    /// A post's key, or an article's name.
    pub subject: String,
    /// The platform; none for an article.
    pub platform: Option<String>,
    /// What was asked for.
    pub url: String,
    /// The rung that failed; none for an article.
    pub via: Option<Via>,
    /// `rate_limited`, `resting`, `http`, `network`, `refused`, `blocked`, `too_large`, `drift`, `unresolved`, `no_route`, `media`, `skipped` (a file over a limit), `article`.
    pub reason: String,
    /// More of it, in words for a person.
    pub detail: Option<String>,
    /// When.
    pub failed_at: Timestamp,
    /// Tries so far, where it is queued.
    pub attempts: Option<u32>,
    /// When it is tried again, where it is queued.
    pub due_at: Option<Timestamp>,
    /// The run that saw it fail.
    pub run: Option<i64>,
    /// Since when nothing was had: the first of the tries in a row.
    pub since: Timestamp,
    /// None where it is tried again by itself; `failed`: it was tried as often as the configuration allows; `dead`: what it
    /// was answered with seldom changes.
    pub rests: Option<Rest>,
    /// The last reason, in words for a person.
    pub why: String,
}

/// One hit of `embalm search --json`, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchHit {
    /// `post` or `article`.
    pub what: String,
    /// A post's key, or an article's number: a TARGET for `embalm show`.
    pub target: String,
    /// The post's or article's URL; an article's name where it has none.
    pub url: String,
    /// An article's headline.
    pub title: Option<String>,
    /// A post's author, or an article's byline.
    pub author_name: Option<String>,
    /// A post's author, without `@`.
    pub author_handle: Option<String>,
    /// When it was posted or published.
    pub published: Option<When>,
    /// When it was archived.
    pub captured_at: Option<Timestamp>,
    /// What is known of a post by now.
    pub state: Option<State>,
    /// The rung of a post's snapshot.
    pub via: Option<Via>,
    /// What a post's author warns of, which stands before its words; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The words around the best match, each match between `⟦` and `⟧`.
    pub snippet: String,
    /// The larger the better; comparable within one search only.
    pub score: f64,
}

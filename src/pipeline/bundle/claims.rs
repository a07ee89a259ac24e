//! The metadata records of embalm's own exports, as `docs/warc.md` writes them down. They are claims: what they say is
//! taken only as far as recorded bytes bear it.

use crate::{
    http::{FetchError, Headers, Validators},
    model::{MediaKind, Obtained, Via, When},
    store::{PageKind, SkippedBy},
};
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// The version of the format that is read.
pub(in crate::pipeline) const FORMAT: u64 = 1;

/// What every record begins with.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) embalm: u64,
    pub(super) kind: String,
    /// Of a version.
    pub(super) captured_at: Option<Timestamp>,
}

/// Kind `exchange`.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct ExchangeClaim {
    pub(super) started_at: Timestamp,
    #[serde(default)]
    pub(super) elapsed_ms: u64,
    pub(super) method: String,
    pub(super) url: Url,
    #[serde(default)]
    pub(super) request_headers: Headers,
    /// In base64.
    pub(super) request_body: Option<String>,
    #[serde(default)]
    pub(super) follow: bool,
    pub(super) max_bytes: Option<u64>,
    #[serde(default)]
    pub(super) login: bool,
    #[serde(default)]
    pub(super) answers: Vec<AnswerClaim>,
    pub(super) error: Option<FetchError>,
}

/// One answer of an exchange.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct AnswerClaim {
    pub(super) record: String,
    pub(super) url: Url,
}

/// Kind `article`.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct ArticleClaim {
    pub(in crate::pipeline) name: String,
    pub(in crate::pipeline) source: String,
    pub(in crate::pipeline) article_kind: String,
    pub(in crate::pipeline) last_looked_at: Timestamp,
    #[serde(default)]
    pub(in crate::pipeline) looks: u64,
    pub(in crate::pipeline) state: String,
    pub(in crate::pipeline) state_since: Option<Timestamp>,
    pub(in crate::pipeline) looked_url: Option<Url>,
    pub(in crate::pipeline) validators: Option<Validators>,
}

/// Kind `version`.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct VersionClaim {
    pub(in crate::pipeline) article: String,
    pub(in crate::pipeline) captured_at: Timestamp,
    pub(in crate::pipeline) sha256: String,
    pub(in crate::pipeline) content_type: Option<String>,
    pub(in crate::pipeline) exchange: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) title: String,
    pub(in crate::pipeline) published: Option<When>,
    pub(in crate::pipeline) lang: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) pages: Vec<PageClaim>,
}

/// A further page of a version.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct PageClaim {
    #[allow(dead_code, reason = "the page is read again, and says itself what it is")]
    pub(in crate::pipeline) kind: PageKind,
    pub(in crate::pipeline) exchange: String,
}

/// Kind `post`.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct PostClaim {
    pub(in crate::pipeline) platform: String,
    pub(in crate::pipeline) post_id: String,
    pub(in crate::pipeline) url: Url,
    pub(in crate::pipeline) author_handle: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) aliases: Vec<AliasClaim>,
    #[serde(default)]
    pub(in crate::pipeline) looks: Vec<LookClaim>,
    #[serde(default)]
    pub(in crate::pipeline) snapshots: Vec<SnapshotClaim>,
    #[serde(default)]
    pub(in crate::pipeline) saves: Vec<SaveClaim>,
}

/// Another name of a post.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct AliasClaim {
    pub(in crate::pipeline) platform: String,
    pub(in crate::pipeline) post_id: String,
    pub(in crate::pipeline) url: Url,
}

/// A look at a post.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pipeline) struct LookClaim {
    pub(in crate::pipeline) looked_at: Timestamp,
    pub(in crate::pipeline) via: Via,
    pub(in crate::pipeline) result: String,
    pub(in crate::pipeline) state: Option<String>,
    pub(in crate::pipeline) snapshot: Option<usize>,
    pub(in crate::pipeline) reason: Option<String>,
    pub(in crate::pipeline) detail: Option<String>,
    pub(in crate::pipeline) retry_at: Option<Timestamp>,
    pub(in crate::pipeline) validators: Option<serde_json::Value>,
    #[serde(default)]
    pub(in crate::pipeline) exchanges: Vec<String>,
}

/// A snapshot of a post: what tells it from others, and its files. Its words are read from its exchanges.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct SnapshotClaim {
    pub(in crate::pipeline) captured_at: Timestamp,
    pub(in crate::pipeline) digest: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) media: Vec<MediaClaim>,
}

/// A file of a snapshot.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pipeline) struct MediaClaim {
    pub(in crate::pipeline) kind: MediaKind,
    pub(in crate::pipeline) url: String,
    #[serde(default)]
    pub(in crate::pipeline) fallbacks: Vec<String>,
    pub(in crate::pipeline) alt: Option<String>,
    pub(in crate::pipeline) width_px: Option<u32>,
    pub(in crate::pipeline) height_px: Option<u32>,
    pub(in crate::pipeline) duration_ms: Option<u64>,
    pub(in crate::pipeline) stated_mime: Option<String>,
    pub(in crate::pipeline) sha256: Option<String>,
    pub(in crate::pipeline) answered_url: Option<String>,
    pub(in crate::pipeline) failure: Option<String>,
    pub(in crate::pipeline) skipped: Option<SkippedBy>,
    pub(in crate::pipeline) skipped_limit_bytes: Option<u64>,
    pub(in crate::pipeline) obtained: Option<Obtained>,
    pub(in crate::pipeline) note: Option<String>,
}

/// A request to a web archive to save a post.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct SaveClaim {
    pub(in crate::pipeline) asked_at: Timestamp,
    pub(in crate::pipeline) memento_url: Option<Url>,
    pub(in crate::pipeline) failure: Option<String>,
}

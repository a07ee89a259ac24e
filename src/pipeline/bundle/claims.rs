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
    /// Of one that is too large for this: the payload of a `request` record.
    pub(super) request_body_sha256: Option<String>,
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
    #[serde(default)]
    pub(in crate::pipeline) aliases: Vec<AddressClaim>,
}

/// An address that leads to an article.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct AddressClaim {
    pub(in crate::pipeline) url: Url,
    pub(in crate::pipeline) how: String,
    pub(in crate::pipeline) seen_at: Timestamp,
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
    #[serde(default)]
    pub(in crate::pipeline) embeds: Vec<EmbedClaim>,
}

/// An embed of a version, of use where the version's own bytes lack it: its feed had it.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct EmbedClaim {
    pub(in crate::pipeline) form: serde_json::Value,
    pub(in crate::pipeline) scope: serde_json::Value,
    pub(in crate::pipeline) target: String,
    pub(in crate::pipeline) target_platform: Option<String>,
    pub(in crate::pipeline) target_author: Option<String>,
    pub(in crate::pipeline) target_url: Option<Url>,
    pub(in crate::pipeline) quoted_text: Option<String>,
    pub(in crate::pipeline) quoted_author_name: Option<String>,
    pub(in crate::pipeline) quoted_author_handle: Option<String>,
    pub(in crate::pipeline) quoted_published: Option<When>,
    #[serde(default)]
    pub(in crate::pipeline) quoted_links: Vec<String>,
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

/// A snapshot of a post. Words that a platform said are read from its exchanges; those of the record are taken for
/// snapshots that an import brought alone.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct SnapshotClaim {
    pub(in crate::pipeline) captured_at: Timestamp,
    pub(in crate::pipeline) digest: Option<String>,
    pub(in crate::pipeline) text: Option<String>,
    pub(in crate::pipeline) text_html: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) truncated: bool,
    pub(in crate::pipeline) author_id: Option<String>,
    pub(in crate::pipeline) author_handle: Option<String>,
    pub(in crate::pipeline) author_name: Option<String>,
    pub(in crate::pipeline) author_url: Option<String>,
    pub(in crate::pipeline) author_avatar: Option<String>,
    pub(in crate::pipeline) published: Option<When>,
    pub(in crate::pipeline) edited: Option<Timestamp>,
    pub(in crate::pipeline) lang: Option<String>,
    pub(in crate::pipeline) counts: Option<serde_json::Value>,
    pub(in crate::pipeline) poll: Option<serde_json::Value>,
    pub(in crate::pipeline) card: Option<serde_json::Value>,
    pub(in crate::pipeline) thread: Option<serde_json::Value>,
    #[serde(default)]
    pub(in crate::pipeline) sensitive: bool,
    pub(in crate::pipeline) warning: Option<String>,
    #[serde(default)]
    pub(in crate::pipeline) relations: Vec<RelationClaim>,
    #[serde(default)]
    pub(in crate::pipeline) media: Vec<MediaClaim>,
}

/// A post that a snapshot quotes or answers.
#[derive(Debug, Deserialize)]
pub(in crate::pipeline) struct RelationClaim {
    pub(in crate::pipeline) kind: String,
    pub(in crate::pipeline) post: String,
    pub(in crate::pipeline) digest: Option<String>,
}

/// A file of a snapshot.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pipeline) struct MediaClaim {
    pub(in crate::pipeline) part: Option<String>,
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

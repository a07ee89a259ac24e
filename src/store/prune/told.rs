//! What there is to tell of what goes: each thing by a name that a person knows, and counts and bytes by kind.

use crate::store::columns::{At, Word, counted};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Whether a later run stores again what goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Not unless somebody asks for it.
    Never,
    /// When an article that embeds it is archived with other content than before.
    OnChange,
    /// A source has named it, and will be asked.
    NextRun,
}

/// One thing that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prunable {
    /// `article`, `version`, `post`, `snapshot`, `look`, `exchange`, `file` (the bytes of one; what is known of it stays) or
    /// `blob` (bytes to which nothing refers any more).
    pub what: &'static str,
    /// The article's name, the post's key, the exchange's URL, or the SHA-256.
    pub target: String,
    /// When it was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What it takes, about, in bytes as stored.
    pub bytes: u64,
    /// Of a file: a post that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// Of posts and articles: whether a later run stores it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// How much of one kind goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrunedKind {
    /// As in [`Prunable`].
    pub what: &'static str,
    /// How many.
    pub count: u64,
    /// What they take, about, in bytes as stored.
    pub bytes: u64,
    /// Posts and articles that a later run stores again by itself.
    pub again: u64,
}

/// All that goes, by kind; a kind of which nothing goes is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// The kinds.
    pub kinds: Vec<PrunedKind>,
}

impl Pruned {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What all of it takes, about, in bytes as stored.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.bytes).sum()
    }
}

/// The kinds, each with what is told of one: target, instant, bytes, post, again.
const KINDS: [(&str, &str); 8] = [
    (
        "article",
        "SELECT a.name, a.captured_at, 0, NULL, CASE WHEN a.name IN (SELECT name FROM source_articles) OR EXISTS (SELECT 1 FROM article_aliases l \
         WHERE l.article = a.id AND l.url IN (SELECT address FROM source_articles)) THEN 'next_run' ELSE 'never' END \
         FROM temp.prunable g JOIN articles a ON a.id = g.id",
    ),
    (
        "version",
        "SELECT a.name, v.captured_at, length(v.text), NULL, NULL FROM temp.prunable g JOIN article_versions v ON v.id = g.id \
         JOIN articles a ON a.id = v.article",
    ),
    (
        "post",
        "SELECT p.key, p.captured_at, 0, NULL, CASE WHEN EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id \
         AND NOT EXISTS (SELECT 1 FROM temp.prunable v WHERE v.kind = 'version' AND v.id = e.version)) THEN 'on_change' ELSE 'never' END \
         FROM temp.prunable g JOIN posts p ON p.id = g.id",
    ),
    (
        "snapshot",
        "SELECT p.key, s.captured_at, coalesce(length(s.text), 0) + coalesce(length(s.text_html), 0) + coalesce(length(s.card), 0), NULL, NULL \
         FROM temp.prunable g JOIN snapshots s ON s.id = g.id JOIN posts p ON p.id = s.post",
    ),
    (
        "look",
        "SELECT p.key, l.looked_at, 0, NULL, NULL FROM temp.prunable g JOIN looks l ON l.id = g.id JOIN posts p ON p.id = l.post",
    ),
    (
        "exchange",
        "SELECT e.url, e.started_at, length(e.request_headers) + coalesce(length(e.response_headers), 0), NULL, NULL \
         FROM temp.prunable g JOIN exchanges e ON e.id = g.id",
    ),
    (
        "file",
        "SELECT b.sha256, NULL, length(b.data), (SELECT min(p.key) FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot \
         JOIN posts p ON p.id = s.post WHERE m.blob = b.id), NULL FROM temp.prunable g JOIN blobs b ON b.id = g.id",
    ),
    ("blob", "SELECT b.sha256, NULL, length(b.data), NULL, NULL FROM temp.prunable g JOIN blobs b ON b.id = g.id"),
];

/// Tells what was chosen, one by one, and counts it.
pub(super) fn tell(connection: &Connection, mut each: impl FnMut(&Prunable)) -> rusqlite::Result<Pruned> {
    let mut pruned = Pruned::default();
    for (what, query) in KINDS {
        let mut kind = PrunedKind { what, count: 0, bytes: 0, again: 0 };
        let mut rows = connection.prepare(&format!("{query} WHERE g.kind = ?1 ORDER BY g.id"))?;
        let mut rows = rows.query([what])?;
        while let Some(row) = rows.next()? {
            let one = Prunable {
                what,
                target: row.get(0)?,
                at: row.get::<_, Option<At>>(1)?.map(|At(at)| at),
                bytes: counted(row.get(2)?),
                post: row.get(3)?,
                again: row.get::<_, Option<Word<Again>>>(4)?.map(|Word(again)| again),
            };
            kind.count += 1;
            kind.bytes += one.bytes;
            kind.again += u64::from(one.again.is_some_and(|again| again != Again::Never));
            each(&one);
        }
        if kind.count > 0 {
            pruned.kinds.push(kind);
        }
    }
    Ok(pruned)
}

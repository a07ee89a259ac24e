//! The content of a row as it is entered: a JSON object in the canonical form of RFC 8785 (keys in order, no white space),
//! whose SHA-256 is the entry. Columns stand under their own names, those without a value are left out; in the place of a
//! row's number stands what that row is: a blob's SHA-256, a post's key, another row's own entry.

use super::Kind;
use crate::merkle::{self, Hash};
use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of this form.
const FORM: i64 = 1;

/// A post that was adopted may be known by several names, and so may those it is related to; so many ways of naming them
/// are tried.
const MAX_NAMINGS: usize = 4096;

/// A value of a canonical form.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(in crate::store) enum Value {
    Integer(i64),
    Text(String),
    Texts(Vec<String>),
    List(Vec<Fields>),
}

/// An object, its keys in order.
pub(in crate::store) type Fields = BTreeMap<String, Value>;

/// What is entered of a row.
#[derive(Clone, Debug)]
pub(in crate::store) struct Content(pub(in crate::store) Fields);

/// What is read of one kind: its own columns, and lists of what belongs to it.
struct Parts {
    own: &'static str,
    lists: &'static [(&'static str, &'static str)],
}

/// The first entry of a row stands for it for ever, whatever became of the row.
macro_rules! entry {
    ($kind:literal, $row:literal) => {
        concat!(
            "(SELECT lower(hex(n.sha256)) FROM entries n WHERE n.kind = '",
            $kind,
            "' AND n.row = ",
            $row,
            " ORDER BY n.run, n.position LIMIT 1)"
        )
    };
}

/// The columns of a file that a snapshot names.
macro_rules! media {
    ($also:literal, $from:literal) => {
        concat!(
            "SELECT ",
            entry!("snapshot", "m.snapshot"),
            " AS snapshot, m.position, m.part, m.kind AS what, m.url, m.fallbacks, \
             m.alt, m.width_px, m.height_px, m.duration_ms, m.stated_mime",
            $also,
            " FROM snapshot_media m ",
            $from,
            " WHERE m.id = ?1"
        )
    };
}

const EXCHANGE: Parts = Parts {
    own: "SELECT e.started_at, e.elapsed_ms, e.method, e.url, e.request_headers, q.sha256 AS request_body, e.follow, \
          e.max_bytes, e.answered_url, e.status, e.response_headers, b.sha256 AS body, e.error, e.login \
          FROM exchanges e LEFT JOIN blobs q ON q.id = e.request_body LEFT JOIN blobs b ON b.id = e.body WHERE e.id = ?1",
    lists: &[(
        "hops",
        "SELECT h.position, h.url, h.status, h.headers, b.sha256 AS body FROM exchange_hops h \
         LEFT JOIN blobs b ON b.id = h.body WHERE h.exchange = ?1 ORDER BY h.position",
    )],
};

const VERSION: Parts = Parts {
    own: concat!(
        "SELECT a.name AS article, v.captured_at, v.sha256, o.sha256 AS original, v.content_type, ",
        entry!("exchange", "v.exchange"),
        " AS exchange, v.url, v.title, v.byline, v.site_name, v.published, v.lang, v.text, b.sha256 AS body, v.body_from \
         FROM article_versions v LEFT JOIN articles a ON a.id = v.article LEFT JOIN blobs o ON o.id = v.original \
         LEFT JOIN blobs b ON b.id = v.body WHERE v.id = ?1"
    ),
    lists: &[
        (
            "embeds",
            "SELECT position, form, scope, target, target_platform, target_post_id, target_author, target_url, quoted_text, \
             quoted_author_name, quoted_author_handle, quoted_published, quoted_links FROM embeds WHERE version = ?1 \
             ORDER BY position, id",
        ),
        (
            "pages",
            concat!(
                "SELECT p.position, p.kind AS what, ",
                entry!("exchange", "p.exchange"),
                " AS exchange FROM article_pages p WHERE p.version = ?1 ORDER BY p.position"
            ),
        ),
    ],
};

const READING: Parts = Parts {
    own: concat!(
        "SELECT ",
        entry!("version", "v.id"),
        " AS version, v.content_digest FROM article_versions v WHERE v.id = ?1"
    ),
    lists: &[],
};

const SNAPSHOT: Parts = Parts {
    own: "SELECT p.key AS post, s.captured_at, s.via, s.outcome, s.digest, s.text, s.text_html, s.truncated, s.author_id, \
          s.author_handle, s.author_name, s.author_url, s.author_avatar, s.published, s.edited, s.lang, s.counts, s.poll, \
          s.card, s.sensitive, s.warning, s.memento_url, s.memento_at, s.thread \
          FROM snapshots s LEFT JOIN posts p ON p.id = s.post WHERE s.id = ?1",
    lists: &[(
        "relations",
        concat!(
            "SELECT r.kind AS what, p.key AS post, ",
            entry!("snapshot", "r.related_snapshot"),
            " AS snapshot FROM relations r LEFT JOIN posts p ON p.id = r.post WHERE r.snapshot = ?1 ORDER BY r.kind"
        ),
    )],
};

const MEDIA: Parts = Parts { own: media!("", ""), lists: &[] };

const FILE: Parts = Parts {
    own: media!(
        ", b.sha256 AS blob, b.size_bytes, m.answered_url, m.obtained, m.note",
        "LEFT JOIN blobs b ON b.id = m.blob"
    ),
    lists: &[],
};

const LOOK: Parts = Parts {
    own: concat!(
        "SELECT p.key AS post, l.looked_at, l.via, l.result, l.state, ",
        entry!("snapshot", "l.snapshot"),
        " AS snapshot, l.reason, l.detail, l.retry_at, ",
        entry!("look", "l.reparse_of"),
        " AS reparse_of, l.validators FROM looks l LEFT JOIN posts p ON p.id = l.post WHERE l.id = ?1"
    ),
    lists: &[(
        "exchanges",
        concat!(
            "SELECT x.position, ",
            entry!("exchange", "x.exchange"),
            " AS exchange FROM look_exchanges x WHERE x.look = ?1 ORDER BY x.position"
        ),
    )],
};

const SAVE: Parts = Parts {
    own: "SELECT p.key AS post, s.asked_at, s.url, s.memento_url, s.failure FROM saves s \
          LEFT JOIN posts p ON p.id = s.post WHERE s.id = ?1",
    lists: &[],
};

const REDACTION: Parts =
    Parts { own: "SELECT redacted_at, what, target, mode, reason FROM redactions WHERE id = ?1", lists: &[] };

const TOMBSTONE: Parts = Parts {
    own: "SELECT buried_at, kind AS what, lower(hex(sha256)) AS sha256, reason FROM tombstones WHERE id = ?1",
    lists: &[],
};

/// Reads what is entered of a row; none where there is no such row.
pub(in crate::store) fn read(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<Option<Content>> {
    let parts = match kind {
        Kind::Exchange => EXCHANGE,
        Kind::Version => VERSION,
        Kind::Reading => READING,
        Kind::Snapshot => SNAPSHOT,
        Kind::Media => MEDIA,
        Kind::File => FILE,
        Kind::Look => LOOK,
        Kind::Save => SAVE,
        Kind::Redaction => REDACTION,
        Kind::Tombstone => TOMBSTONE,
        Kind::Run => return super::seal::record(connection, row),
    };
    let own = connection.prepare_cached(parts.own)?.query_row([row], fields).optional()?;
    let Some(mut own) = own else { return Ok(None) };
    for (name, query) in parts.lists {
        let mut query = connection.prepare_cached(query)?;
        let list: Vec<Fields> = query.query_map([row], fields)?.collect::<rusqlite::Result<_>>()?;
        if !list.is_empty() {
            own.insert((*name).to_owned(), Value::List(list));
        }
    }
    own.insert("embalm".to_owned(), Value::Integer(FORM));
    own.insert("kind".to_owned(), Value::Text(kind.as_str().to_owned()));
    Ok(Some(Content(own)))
}

/// The columns of a row that have a value, under their names.
pub(super) fn fields(row: &Row<'_>) -> rusqlite::Result<Fields> {
    let columns = row.as_ref();
    let mut fields = Fields::new();
    for column in 0..columns.column_count() {
        let value = match row.get_ref(column)? {
            ValueRef::Null => continue,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Text(number.to_string()),
            // Damage that is no text any more is another text than was entered.
            ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Blob(bytes) => Value::Text(merkle::hex(bytes)),
        };
        fields.insert(columns.column_name(column)?.to_owned(), value);
    }
    Ok(fields)
}

fn named(fields: &Fields) -> Option<&String> {
    match fields.get("post") {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    }
}

impl Content {
    /// The post that it is of, by the name that stands in it.
    pub(in crate::store) fn post(&self) -> Option<&String> {
        named(&self.0)
    }

    /// The post that it quotes or answers, by the name that stands in it.
    pub(in crate::store) fn related(&self, how: &str) -> Option<&String> {
        let Some(Value::List(list)) = self.0.get("relations") else { return None };
        list.iter().find(|fields| matches!(fields.get("what"), Some(Value::Text(word)) if word == how)).and_then(named)
    }

    /// In the canonical form.
    pub(in crate::store) fn text(&self) -> String {
        serde_json::to_string(&self.0).expect("names, numbers and texts are JSON always")
    }

    /// Its SHA-256.
    pub(in crate::store) fn digest(&self) -> Hash {
        merkle::sha256(self.text().as_bytes())
    }

    /// As it is entered by a run: where that is not the one that wrote the row, with when that one began.
    pub(in crate::store) fn entered_by(
        mut self,
        connection: &Connection,
        kind: Kind,
        row: i64,
        run: i64,
    ) -> rusqlite::Result<Self> {
        if kind.has_run() {
            let of: Option<(i64, String)> = connection
                .prepare_cached(&format!(
                    "SELECT r.id, r.started_at FROM {} t JOIN runs r ON r.id = t.run WHERE t.id = ?1",
                    kind.table()
                ))?
                .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((_, began)) = of.filter(|(id, _)| *id != run) {
                self.0.insert("run".to_owned(), Value::Text(began));
            }
        }
        Ok(self)
    }

    /// Whether this is what was entered, by whichever of their names the posts and articles in it were known then.
    pub(in crate::store) fn is(
        &self,
        connection: &Connection,
        kind: Kind,
        row: i64,
        digest: &Hash,
    ) -> rusqlite::Result<Option<Self>> {
        if self.digest() == *digest {
            return Ok(Some(self.clone()));
        }
        let names = names(connection, kind, row)?;
        let ways = names.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul).unwrap_or(usize::MAX);
        for way in 0..ways.min(MAX_NAMINGS) {
            let (mut content, mut rest) = (self.clone(), way);
            for (place, names) in names.iter().enumerate() {
                if let Some(name) = names.get(rest % names.len().max(1)) {
                    content.rename(kind, place, name);
                }
                rest /= names.len().max(1);
            }
            if content.digest() == *digest {
                return Ok(Some(content));
            }
        }
        Ok(None)
    }

    /// Puts another name in one of the places that have one: the row's own first, then those of its relations.
    fn rename(&mut self, kind: Kind, place: usize, name: &str) {
        let own = if kind == Kind::Version { "article" } else { "post" };
        let fields = match (place.checked_sub(1), self.0.get_mut("relations")) {
            (None, _) => Some(&mut self.0),
            (Some(place), Some(Value::List(list))) => list.get_mut(place),
            _ => None,
        };
        if let Some(fields) = fields {
            fields.insert(own.to_owned(), Value::Text(name.to_owned()));
        }
    }
}

/// The names that may have stood in each place when a row was entered: those by which its post or article is known now.
fn names(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<Vec<Vec<String>>> {
    const OF_POST: &str = "SELECT key FROM posts WHERE id = ?1 UNION \
        SELECT platform || ':' || post_id FROM post_aliases WHERE post = ?1 UNION \
        SELECT platform || ':' || post_id FROM former_names WHERE post = ?1";
    const OF_ARTICLE: &str =
        "SELECT name FROM articles WHERE id = ?1 UNION SELECT url FROM article_aliases WHERE article = ?1";
    let (named, of) = match kind {
        Kind::Snapshot => (
            "SELECT post FROM (SELECT '' AS kind, post FROM snapshots WHERE id = ?1 \
             UNION ALL SELECT kind, post FROM relations WHERE snapshot = ?1) ORDER BY kind",
            OF_POST,
        ),
        Kind::Look => ("SELECT post FROM looks WHERE id = ?1", OF_POST),
        Kind::Save => ("SELECT post FROM saves WHERE id = ?1", OF_POST),
        Kind::Version => ("SELECT article FROM article_versions WHERE id = ?1", OF_ARTICLE),
        _ => return Ok(Vec::new()),
    };
    let mut named = connection.prepare_cached(named)?;
    let named: Vec<i64> = named.query_map([row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut names = connection.prepare_cached(of)?;
    named.into_iter().map(|id| names.query_map([id], |row| row.get(0))?.collect()).collect()
}

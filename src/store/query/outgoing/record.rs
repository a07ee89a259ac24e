//! Rows as the JSON objects of `docs/warc.md`: what WARC itself cannot say, so that an import puts them back.

use super::Outgoing;
use crate::http::name_without_userinfo;
use crate::store::{StoreError, columns::At, stream::document};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OptionalExtension, Params, Row, types::ValueRef};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// What may stand in a URN as it is (RFC 8141, 2: pchar without sub-delims that anybody could mistake).
const IN_A_URN: AsciiSet =
    NON_ALPHANUMERIC.remove(b':').remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// Columns that hold JSON.
const JSON: [&str; 10] =
    ["validators", "quoted_links", "counts", "poll", "card", "thread", "fallbacks", "queue", "problems", "parents"];

/// Columns that hold an address, or a name that may be one.
const ADDRESSES: [&str; 9] =
    ["url", "name", "looked_url", "target_url", "answered_url", "memento_url", "author_url", "author_avatar", "target"];

/// Columns that hold 1 for yes.
const YES: [&str; 3] = ["live_blog", "truncated", "sensitive"];

/// A metadata record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingRecord {
    /// Its `WARC-Target-URI`.
    pub target: String,
    /// Its `WARC-Date`.
    pub at: Timestamp,
    /// The object, in UTF-8.
    pub json: String,
}

impl Outgoing<'_> {
    /// A run.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn run_record(&self, id: i64) -> Result<OutgoingRecord, StoreError> {
        self.query(&format!("read run {id}"), |connection| {
            let at: At = connection.query_row("SELECT started_at FROM runs WHERE id = ?1", [id], |row| row.get(0))?;
            let mut run = object(connection, "SELECT * FROM runs WHERE id = ?1", [id])?.unwrap_or_default();
            run.remove("id");
            let started_at = run.get("started_at").and_then(Value::as_str).unwrap_or_default().to_owned();
            Ok(record(format!("urn:embalm:run:{started_at}"), at.0, "run", run))
        })
    }

    /// An article without its versions.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_record(&self, id: i64) -> Result<OutgoingRecord, StoreError> {
        self.query(&format!("read article {id}"), |connection| {
            let (name, first): (String, At) = connection
                .prepare_cached("SELECT name, first_captured_at FROM articles WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut article = object(
                connection,
                "SELECT name, source, kind AS article_kind, first_captured_at, last_looked_at, looks, state, state_since, live_blog, \
                 looked_url, validators FROM articles WHERE id = ?1",
                [id],
            )?
            .unwrap_or_default();
            let aliases = objects(
                connection,
                "SELECT url, how, seen_at FROM article_aliases WHERE article = ?1 ORDER BY seen_at, url",
                [id],
            )?;
            article.insert("aliases".to_owned(), aliases.into());
            Ok(record(article_target(&name), first.0, "article", article))
        })
    }

    /// The numbers of an article's versions.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn versions(&self, article: i64) -> Result<Vec<i64>, StoreError> {
        self.query(&format!("read article {article}"), |connection| {
            let mut versions = connection
                .prepare_cached("SELECT id FROM article_versions WHERE article = ?1 ORDER BY captured_at, id")?;
            let versions = versions.query_map([article], |row| row.get(0))?;
            versions.collect()
        })
    }

    /// A version of an article, with its embeds.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_record(&self, id: i64) -> Result<OutgoingRecord, StoreError> {
        self.query("read a version of an article", |connection| version(connection, id))
    }

    /// A post with all that is known of it. One that has no date has that of the export, `now`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_record(&self, id: i64, now: Timestamp) -> Result<OutgoingRecord, StoreError> {
        self.query(&format!("read post {id}"), |connection| post(connection, id, now))
    }

    /// What is redacted, and was left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn redaction_record(&self, id: i64) -> Result<OutgoingRecord, StoreError> {
        self.query("read a redaction", |connection| {
            let at: At =
                connection.query_row("SELECT redacted_at FROM redactions WHERE id = ?1", [id], |row| row.get(0))?;
            let sql = "SELECT what, target, mode, reason, redacted_at FROM redactions WHERE id = ?1";
            let tombstone = object(connection, sql, [id])?.unwrap_or_default();
            let word = |name: &str| tombstone.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let target = format!("urn:embalm:redaction:{}:{}", word("what"), sha256(&word("target")));
            Ok(record(target, at.0, "redaction", tombstone))
        })
    }
}

fn version(connection: &Connection, id: i64) -> rusqlite::Result<OutgoingRecord> {
    let name: String = connection
        .prepare_cached("SELECT a.name FROM article_versions v JOIN articles a ON a.id = v.article WHERE v.id = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut version = object(
        connection,
        "SELECT (SELECT started_at FROM runs r WHERE r.id = v.run) AS run, v.captured_at, v.sha256, v.content_type, \
         (SELECT o.record FROM temp.out_exchanges o WHERE o.id = v.exchange) AS exchange, v.url, v.title, v.byline, v.site_name, \
         v.published, v.lang, v.text, v.content_digest, v.body_from FROM article_versions v WHERE v.id = ?1",
        [id],
    )?
    .unwrap_or_default();
    let (at, body): (At, i64) = connection
        .prepare_cached("SELECT captured_at, body FROM article_versions WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let target = article_target(&name);
    version.insert("article".to_owned(), name_without_userinfo(name).into());
    let body = document(connection, body)?;
    version.insert("body_html".to_owned(), String::from_utf8_lossy(&body).into_owned().into());
    let pages = objects(
        connection,
        "SELECT g.kind, (SELECT o.record FROM temp.out_exchanges o WHERE o.id = g.exchange) AS exchange FROM article_pages g \
         WHERE g.version = ?1 ORDER BY g.position",
        [id],
    )?;
    version.insert("pages".to_owned(), pages.into());
    let embeds = objects(
        connection,
        "SELECT e.position, e.form, e.scope, p.platform || ':' || p.post_id AS post, e.target, e.target_platform, e.target_post_id, \
         e.target_author, e.target_url, e.quoted_text, e.quoted_author_name, e.quoted_author_handle, e.quoted_published, \
         e.quoted_links FROM embeds e JOIN posts p ON p.id = e.post WHERE e.version = ?1 \
         AND NOT EXISTS (SELECT 1 FROM temp.out_redacted x WHERE x.what = 'post' AND x.row = e.post) ORDER BY e.position, e.id",
        [id],
    )?;
    version.insert("embeds".to_owned(), embeds.into());
    let captured_at = version.get("captured_at").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(record(format!("{target}:{captured_at}"), at.0, "version", version))
}

fn post(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<OutgoingRecord> {
    let sql = "SELECT platform, post_id, url, author_handle FROM posts WHERE id = ?1";
    let mut post = object(connection, sql, [id])?.unwrap_or_default();
    let (key, at): (String, Option<At>) = connection
        .prepare_cached(
            "SELECT platform || ':' || post_id, \
             coalesce(first_captured_at, (SELECT min(looked_at) FROM looks l WHERE l.post = posts.id)) FROM posts WHERE id = ?1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let aliases = "SELECT platform, post_id, url FROM post_aliases WHERE post = ?1 ORDER BY platform, post_id";
    post.insert("aliases".to_owned(), objects(connection, aliases, [id])?.into());
    let mut named = connection.prepare_cached(
        "SELECT s.id FROM snapshots s WHERE s.post = ?1 AND EXISTS (SELECT 1 FROM standing_looks l WHERE l.snapshot = s.id \
         AND l.post = ?1) ORDER BY s.captured_at, s.id",
    )?;
    let named: Vec<i64> = named.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    post.insert("looks".to_owned(), looks(connection, id, &named)?.into());
    let snapshots = named.iter().map(|id| snapshot(connection, *id)).collect::<rusqlite::Result<Vec<_>>>()?;
    post.insert("snapshots".to_owned(), snapshots.into());
    let saves = "SELECT asked_at, url, memento_url, failure FROM saves WHERE post = ?1 ORDER BY id";
    post.insert("saves".to_owned(), objects(connection, saves, [id])?.into());
    Ok(record(post_target(&key), at.map_or(now, |At(at)| at), "post", post))
}

fn looks(connection: &Connection, post: i64, snapshots: &[i64]) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare_cached(
        "SELECT l.id, l.snapshot AS row, (SELECT started_at FROM runs r WHERE r.id = l.run) AS run, l.looked_at, l.via, l.result, \
         l.state, l.reason, l.detail, l.retry_at, k.validators, coalesce(l.reparse_of, l.id) AS asked \
         FROM standing_looks l JOIN looks k ON k.id = l.id WHERE l.post = ?1 ORDER BY l.looked_at, l.id",
    )?;
    let mut exchanges = connection.prepare_cached(
        "SELECT o.record FROM look_exchanges x JOIN temp.out_exchanges o ON o.id = x.exchange \
         WHERE x.look = ?1 AND o.record IS NOT NULL ORDER BY x.position",
    )?;
    let mut looks = Vec::new();
    let mut rows = statement.query([post])?;
    while let Some(row) = rows.next()? {
        let mut look = of_row(row)?;
        let snapshot: Option<i64> = row.get("row")?;
        let place = snapshot.and_then(|id| snapshots.iter().position(|other| *other == id));
        for name in ["id", "row", "asked"] {
            look.remove(name);
        }
        if let Some(place) = place {
            look.insert("snapshot".to_owned(), place.into());
        }
        let named: Vec<String> =
            exchanges.query_map([row.get::<_, i64>("asked")?], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        look.insert("exchanges".to_owned(), named.into());
        looks.push(tidy(look));
    }
    Ok(looks)
}

fn snapshot(connection: &Connection, id: i64) -> rusqlite::Result<Value> {
    let mut snapshot = object(connection, "SELECT * FROM snapshots WHERE id = ?1", [id])?.unwrap_or_default();
    for name in ["id", "post", "run"] {
        snapshot.remove(name);
    }
    let relations = objects(
        connection,
        "SELECT r.kind, p.platform || ':' || p.post_id AS post, s.digest FROM relations r JOIN posts p ON p.id = r.post \
         LEFT JOIN snapshots s ON s.id = r.related_snapshot WHERE r.snapshot = ?1 \
         AND NOT EXISTS (SELECT 1 FROM temp.out_redacted x WHERE x.what = 'post' AND x.row = r.post) ORDER BY r.kind",
        [id],
    )?;
    snapshot.insert("relations".to_owned(), relations.into());
    let media = objects(
        connection,
        "SELECT m.position, m.part, m.kind, m.url, m.fallbacks, m.alt, m.width_px, m.height_px, m.duration_ms, m.stated_mime, \
         b.sha256, m.answered_url, m.failure, m.skipped, m.skipped_limit_bytes, m.obtained, m.note FROM snapshot_media m \
         LEFT JOIN blobs b ON b.id = m.blob WHERE m.snapshot = ?1 ORDER BY m.position",
        [id],
    )?;
    snapshot.insert("media".to_owned(), media.into());
    Ok(tidy(snapshot))
}

/// The target of an article's record.
fn article_target(name: &str) -> String {
    format!("urn:embalm:article:{}", sha256(&name_without_userinfo(name.to_owned())))
}

/// The target of a post's record.
fn post_target(key: &str) -> String {
    format!("urn:embalm:post:{}", utf8_percent_encode(key, &IN_A_URN))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn record(target: String, at: Timestamp, kind: &str, fields: Map<String, Value>) -> OutgoingRecord {
    let mut object = Map::new();
    object.insert("embalm".to_owned(), json!(1));
    object.insert("kind".to_owned(), kind.into());
    if let Value::Object(fields) = tidy(fields) {
        object.extend(fields);
    }
    OutgoingRecord { target, at, json: Value::Object(object).to_string() }
}

/// Without what says nothing.
fn tidy(mut fields: Map<String, Value>) -> Value {
    fields.retain(|_, value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => true,
    });
    Value::Object(fields)
}

fn object(connection: &Connection, sql: &str, parameters: impl Params) -> rusqlite::Result<Option<Map<String, Value>>> {
    connection.prepare_cached(sql)?.query_row(parameters, of_row).optional()
}

fn objects(connection: &Connection, sql: &str, parameters: impl Params) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| of_row(row).map(tidy))?;
    rows.collect()
}

/// A row as an object of its columns.
fn of_row(row: &Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    let mut fields = Map::new();
    for (at, name) in row.as_ref().column_names().enumerate() {
        let value = match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) if YES.contains(&name) => Value::Bool(number != 0),
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => number.into(),
            ValueRef::Text(text) => {
                let text = String::from_utf8_lossy(text);
                let is_json = JSON.contains(&name) || (name == "skipped" && text.starts_with('{'));
                let parsed = if is_json { serde_json::from_str(&text).ok() } else { None };
                parsed.unwrap_or_else(|| {
                    let text = text.into_owned();
                    if ADDRESSES.contains(&name) { name_without_userinfo(text) } else { text }.into()
                })
            }
            // No column that is told holds bytes.
            ValueRef::Blob(_) => Value::Null,
        };
        fields.insert(name.to_owned(), value);
    }
    Ok(fields)
}

//! One redaction at work: which rows and bytes it takes the place of, and where what stood there is kept aside.

use super::{REDACTED, Redaction, aside, settle::LIFTED};
use crate::{
    platforms,
    store::{
        Transaction,
        entries::{self, Kind},
        index, posts, queue, runs,
    },
};
use jiff::Timestamp;
use rusqlite::{params_from_iter, types::Value};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use url::Url;

/// Rows of which another content is to be entered, with the place of the redaction that first touched each.
pub(super) type Touched = BTreeMap<(&'static str, i64), usize>;

/// The run that enters what is done: one that goes on, or one that is begun as soon as there is anything to enter.
pub(super) struct Run {
    id: Cell<Option<i64>>,
    now: Timestamp,
}

impl Run {
    pub(super) fn new(id: Option<i64>, now: Timestamp) -> Self {
        Self { id: Cell::new(id), now }
    }

    pub(super) fn id(&self, main: &Transaction<'_>) -> rusqlite::Result<i64> {
        if let Some(id) = self.id.get() {
            return Ok(id);
        }
        let id = runs::begin(main, "merge", self.now, self.now)?;
        self.id.set(Some(id));
        Ok(id)
    }

    pub(super) fn begun(&self) -> Option<i64> {
        self.id.get()
    }
}

/// A record at work on one row and all that belongs to it. One that lifts changes nothing, for what was hidden is put back by
/// then: it walks the same way, so that what stands there again is entered.
pub(super) struct Work<'a> {
    pub(super) main: &'a Transaction<'a>,
    pub(super) run: &'a Run,
    pub(super) redaction: &'a Redaction,
    pub(super) notice: String,
    /// Where it is noted which entered rows are others now; none where they are entered after this.
    pub(super) touched: Option<(&'a RefCell<Touched>, usize)>,
}

const GONE: Value = Value::Null;

/// Headers of which nothing must be known, as they are stored.
const NO_HEADERS: &str = "[]";

/// An address that names no author, where the platform has one.
fn without_author(url: &str) -> String {
    let other = Url::parse(url).ok().and_then(|url| platforms::without_author(&url));
    other.map_or_else(|| REDACTED.to_owned(), String::from)
}

impl Work<'_> {
    fn numbers(&self, question: &str, of: i64) -> rusqlite::Result<Vec<i64>> {
        self.main.prepare(question)?.query_map([of], |row| row.get(0))?.collect()
    }

    /// Does it to a post, an article or a blob, as the record says which.
    pub(super) fn row(&self, row: i64) -> rusqlite::Result<()> {
        match self.redaction.what.as_str() {
            "post" => self.post(row),
            "article" => self.article(row),
            _ => self.empty(row),
        }
    }

    fn lifts(&self) -> bool {
        self.redaction.mode == LIFTED
    }

    fn post(&self, post: i64) -> rusqlite::Result<()> {
        if !self.lifts() {
            aside::open(self.main, post)?;
        }
        let text = |words: &str| Value::Text(words.to_owned());
        for snapshot in self.numbers("SELECT id FROM snapshots WHERE post = ?1 AND outcome = 'found'", post)? {
            for file in self.numbers("SELECT id FROM snapshot_media WHERE snapshot = ?1", snapshot)? {
                let blob: Option<i64> =
                    self.main.query_row("SELECT blob FROM snapshot_media WHERE id = ?1", [file], |row| row.get(0))?;
                let set = [
                    ("url", text(REDACTED)),
                    ("fallbacks", GONE),
                    ("alt", GONE),
                    ("answered_url", GONE),
                    ("failure", GONE),
                    ("blob", GONE),
                    ("note", GONE),
                    ("obtained", GONE),
                    ("stated_mime", GONE),
                    ("skipped", GONE),
                ];
                self.alter("snapshot_media", file, &[Kind::Media, Kind::File], &set)?;
                if let Some(blob) = blob {
                    let shared: bool = self.main.query_row(
                        "SELECT EXISTS (SELECT 1 FROM snapshot_media WHERE blob = ?1)",
                        [blob],
                        |row| row.get(0),
                    )?;
                    if !shared {
                        self.empty(blob)?;
                    }
                }
            }
            let set = [
                ("text", text(&self.notice)),
                ("text_html", GONE),
                ("author_id", GONE),
                ("author_handle", text("")),
                ("author_name", text("redacted")),
                ("author_url", GONE),
                ("author_avatar", GONE),
                ("published", GONE),
                ("edited", GONE),
                ("lang", GONE),
                ("counts", text("{}")),
                ("poll", GONE),
                ("card", GONE),
                ("warning", GONE),
                ("memento_url", GONE),
                ("memento_at", GONE),
                ("thread", GONE),
            ];
            self.alter("snapshots", snapshot, &[Kind::Snapshot], &set)?;
        }
        self.names(post)?;
        self.rest(post)?;
        if !self.lifts() {
            posts::refresh(self.main, post)?;
            // Nobody asks for it: what was never asked is due for no other look.
            self.main.prepare_cached("UPDATE posts SET asked_at = NULL WHERE id = ?1")?.execute([post])?;
        }
        self.answers(post)?;
        self.asked(post)?;
        self.quotations(post)
    }

    /// What a post was asked for by, what was told of that, and where its platform led from there: any of it may name its author.
    fn asked(&self, post: i64) -> rusqlite::Result<()> {
        for look in self.numbers("SELECT id FROM looks WHERE post = ?1", post)? {
            self.alter("looks", look, &[Kind::Look], &[("detail", GONE), ("validators", GONE)])?;
        }
        for save in self.numbers("SELECT id FROM saves WHERE post = ?1", post)? {
            let set = [("url", Value::Text(REDACTED.to_owned())), ("memento_url", GONE), ("failure", GONE)];
            self.alter("saves", save, &[Kind::Save], &set)?;
        }
        let exchanges =
            "SELECT DISTINCT x.exchange FROM look_exchanges x JOIN looks l ON l.id = x.look WHERE l.post = ?1";
        for exchange in self.numbers(exchanges, post)? {
            let bodies = "SELECT request_body FROM exchanges WHERE id = ?1 AND request_body IS NOT NULL \
                 UNION SELECT body FROM exchange_hops WHERE exchange = ?1 AND body IS NOT NULL";
            self.numbers(bodies, exchange)?.into_iter().try_for_each(|body| self.empty(body))?;
            self.hops(exchange)?;
            let own = "SELECT url, answered_url, response_headers FROM exchanges WHERE id = ?1";
            let (url, answered, headers): (String, Option<String>, Option<String>) =
                self.main.query_row(own, [exchange], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let set = [
                ("url", Value::Text(without_author(&url))),
                ("answered_url", answered.map_or(GONE, |url| Value::Text(without_author(&url)))),
                ("response_headers", headers.map_or(GONE, |_| Value::Text(NO_HEADERS.to_owned()))),
                ("request_headers", Value::Text(NO_HEADERS.to_owned())),
            ];
            self.alter("exchanges", exchange, &[Kind::Exchange], &set)?;
        }
        Ok(())
    }

    /// Where an exchange was led on from.
    fn hops(&self, exchange: i64) -> rusqlite::Result<()> {
        if self.lifts() {
            return Ok(());
        }
        if self.redaction.mode == "hidden" {
            self.main
                .prepare_cached(
                    "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content) \
                     SELECT ?1, ?2, 'exchange_hops', ?3, json_group_array(json_array(position, url, headers)) \
                     FROM exchange_hops WHERE exchange = ?3 HAVING count(*) > 0",
                )?
                .execute((&self.redaction.what, &self.redaction.target, exchange))?;
        } else {
            self.forget("exchange_hops", exchange)?;
        }
        let mut hops = self.main.prepare("SELECT position, url FROM exchange_hops WHERE exchange = ?1")?;
        let hops: Vec<(i64, String)> =
            hops.query_map([exchange], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        for (position, url) in hops {
            self.main
                .prepare_cached(
                    "UPDATE exchange_hops SET url = ?3, headers = ?4 WHERE exchange = ?1 AND position = ?2",
                )?
                .execute((exchange, position, without_author(&url), NO_HEADERS))?;
        }
        Ok(())
    }

    /// Where else a post's author is named: beside its address, and in it.
    fn names(&self, post: i64) -> rusqlite::Result<()> {
        let url: String = self.main.query_row("SELECT url FROM posts WHERE id = ?1", [post], |row| row.get(0))?;
        self.set("posts", post, &[("author_handle", GONE), ("url", Value::Text(without_author(&url)))])
    }

    /// What waits of a post. One that was never looked at waits again when it is shown again.
    fn rest(&self, post: i64) -> rusqlite::Result<()> {
        if self.lifts() {
            return queue::expect_embedded(self.main, post, self.redaction.redacted_at);
        }
        if self.redaction.mode == "hidden" {
            let pairs: Vec<_> = aside::QUEUE.iter().map(|column| format!("'{column}', {column}")).collect();
            self.main
                .prepare_cached(&format!(
                    "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content) \
                     SELECT ?1, ?2, 'queue', post, json_object({}) FROM queue WHERE post = ?3",
                    pairs.join(", ")
                ))?
                .execute((&self.redaction.what, &self.redaction.target, post))?;
        } else {
            self.forget("queue", post)?;
        }
        self.main.prepare_cached("DELETE FROM queue WHERE post = ?1")?.execute([post]).map(drop)
    }

    /// What is removed is not kept aside either, whatever hid it.
    fn forget(&self, table: &str, row: i64) -> rusqlite::Result<()> {
        self.main
            .prepare_cached("DELETE FROM redacted_rows WHERE \"table\" = ?1 AND row = ?2")?
            .execute((table, row))
            .map(drop)
    }

    /// The stored answers that a post was read from, its own and those of posts that quote it.
    pub(super) fn answers(&self, post: i64) -> rusqlite::Result<()> {
        let answers = "SELECT DISTINCT e.body FROM exchanges e JOIN look_exchanges x ON x.exchange = e.id JOIN looks l ON l.id = x.look \
            WHERE e.body IS NOT NULL AND (l.post = ?1 OR l.snapshot IN (SELECT r.snapshot FROM relations r WHERE r.post = ?1))";
        self.numbers(answers, post)?.into_iter().try_for_each(|body| self.empty(body))
    }

    /// What articles quote of a post, and the pages that have it.
    fn quotations(&self, post: i64) -> rusqlite::Result<()> {
        for version in self.numbers("SELECT DISTINCT version FROM embeds WHERE post = ?1", post)? {
            self.quotation(version, post)?;
            self.stands(Kind::Version, version);
        }
        Ok(())
    }

    /// What a version of an article quotes of a post, and its page.
    pub(super) fn quotation(&self, version: i64, post: i64) -> rusqlite::Result<()> {
        let mut embeds = self.main.prepare("SELECT id FROM embeds WHERE version = ?1 AND post = ?2")?;
        let embeds: Vec<i64> = embeds.query_map((version, post), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        embeds.into_iter().try_for_each(|embed| self.embed(embed))?;
        // An embed of any form can name words of its post: a frame's title, a fallback, a script's data.
        self.pages(version, "SELECT original FROM article_versions WHERE id = ?1")
    }

    /// What an embed says of its post but which one it is.
    fn embed(&self, embed: i64) -> rusqlite::Result<()> {
        let url: Option<String> =
            self.main.query_row("SELECT target_url FROM embeds WHERE id = ?1", [embed], |row| row.get(0))?;
        let set = [
            ("quoted_text", GONE),
            ("quoted_author_name", GONE),
            ("quoted_author_handle", GONE),
            ("quoted_published", GONE),
            ("quoted_links", Value::Text("[]".to_owned())),
            ("target_author", GONE),
            ("target_url", url.map_or(GONE, |url| Value::Text(without_author(&url)))),
        ];
        self.set("embeds", embed, &set)
    }

    /// The stored pages that a version was read from.
    fn pages(&self, version: i64, own: &str) -> rusqlite::Result<()> {
        let pages = format!(
            "{own} UNION SELECT e.body FROM article_pages p JOIN exchanges e ON e.id = p.exchange WHERE p.version = ?1 AND e.body IS NOT NULL \
             UNION SELECT e.body FROM article_versions v JOIN exchanges e ON e.id = v.exchange WHERE v.id = ?1 AND e.body IS NOT NULL"
        );
        self.numbers(&pages, version)?.into_iter().try_for_each(|body| self.empty(body))
    }

    fn article(&self, article: i64) -> rusqlite::Result<()> {
        if !self.lifts() {
            index::remove(self.main, &index::ARTICLES, article)?;
        }
        for version in self.numbers("SELECT id FROM article_versions WHERE article = ?1", article)? {
            self.pages(
                version,
                "SELECT original FROM article_versions WHERE id = ?1 UNION SELECT body FROM article_versions WHERE id = ?1",
            )?;
            for embed in self.numbers("SELECT id FROM embeds WHERE version = ?1", version)? {
                self.embed(embed)?;
            }
            let notice = Value::Text(self.notice.clone());
            let set = [
                ("title", notice.clone()),
                ("text", notice),
                ("byline", GONE),
                ("site_name", GONE),
                ("published", GONE),
            ];
            self.alter("article_versions", version, &[Kind::Version], &set)?;
        }
        self.set("articles", article, &[("due_at", GONE)])?;
        if self.lifts() { Ok(()) } else { index::add(self.main, &index::ARTICLES, article) }
    }

    /// Changes an entered row.
    fn alter(&self, table: &'static str, row: i64, kinds: &[Kind], set: &[(&str, Value)]) -> rusqlite::Result<()> {
        self.set(table, row, set)?;
        kinds.iter().for_each(|kind| self.stands(*kind, row));
        Ok(())
    }

    /// Notes that a row is to be entered as it is by now.
    fn stands(&self, kind: Kind, row: i64) {
        if let Some((touched, place)) = self.touched {
            touched.borrow_mut().entry((kind.as_str(), row)).or_insert(place);
        }
    }

    /// Other values into some columns of a row. Those that stood there are kept aside.
    fn set(&self, table: &str, row: i64, set: &[(&str, Value)]) -> rusqlite::Result<()> {
        if self.lifts() {
            return Ok(());
        }
        if self.redaction.mode == "hidden" {
            let pairs: Vec<_> = set.iter().map(|(column, _)| format!("'{column}', \"{column}\"")).collect();
            self.main
                .prepare_cached(&format!(
                    "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content) \
                 SELECT ?1, ?2, '{table}', id, json_object({}) FROM {table} WHERE id = ?3",
                    pairs.join(", ")
                ))?
                .execute((&self.redaction.what, &self.redaction.target, row))?;
        } else {
            self.forget(table, row)?;
        }
        let columns: Vec<_> = set.iter().zip(2..).map(|((column, _), n)| format!("\"{column}\" = ?{n}")).collect();
        let values = [Value::Integer(row)].into_iter().chain(set.iter().map(|(_, value)| value.clone()));
        self.main
            .prepare_cached(&format!("UPDATE {table} SET {} WHERE id = ?1", columns.join(", ")))?
            .execute(params_from_iter(values))
            .map(drop)
    }

    fn empty(&self, blob: i64) -> rusqlite::Result<()> {
        let redaction = self.redaction;
        if self.lifts() {
            return match entries::is_whole_again(self.main, blob)? {
                true => entries::dig_up_bytes(self.main, self.run.id(self.main)?, blob, redaction.redacted_at),
                false => Ok(()),
            };
        }
        if redaction.mode == "hidden" {
            self.main
                .prepare_cached(
                    "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content, data) \
                     SELECT ?1, ?2, 'blobs', id, encoding, data FROM blobs WHERE id = ?3 AND length(data) > 0",
                )?
                .execute((&redaction.what, &redaction.target, blob))?;
        } else {
            self.forget("blobs", blob)?;
        }
        if !entries::are_bytes_buried(self.main, blob)? {
            let run = self.run.id(self.main)?;
            entries::bury_bytes(self.main, run, blob, redaction.redacted_at, &redaction.reason)?;
        }
        no_bytes(self.main, blob)
    }
}

/// Takes the bytes of a blob away: its digest and its size stay.
pub(super) fn no_bytes(main: &Transaction<'_>, blob: i64) -> rusqlite::Result<()> {
    main.prepare_cached("UPDATE blobs SET data = x'', encoding = 'none' WHERE id = ?1")?.execute([blob]).map(drop)
}

/// What a blob is emptied of for good, with a tombstone.
pub(in crate::store) fn empty(
    main: &Transaction<'_>,
    run: i64,
    blob: i64,
    reason: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    entries::bury_bytes(main, run, blob, now, reason)?;
    no_bytes(main, blob)
}

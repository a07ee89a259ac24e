//! Lists of posts, each with the snapshot that is best to show.

use super::{
    content,
    filter::{Filter, Parameters},
    walk::{self, FEW, List, MAX_COUNTED, Narrowing, Order, Sort},
};
use crate::{
    model::{Listed, MediaRecord, Part, PostRecord, Start, Total},
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
        posts,
    },
};
use rusqlite::{Connection, Row};

const fn sort(name: &'static str, key: &'static str, down: bool) -> Sort {
    Sort { name, key, tie: "p.id", down, number: false }
}

pub(super) const SORTS: &[Sort] = &[
    sort("captured", "p.captured_at", true),
    sort("published", "p.published", true),
    sort("platform", "p.platform", false),
    sort("author", "s.author_handle COLLATE NOCASE", false),
    sort("state", "p.state", false),
    sort("key", "p.key", false),
];

/// The posts that one filter alone leaves, by their numbers; what is likely to leave few comes first.
pub(super) const STARTS: &[Narrowing] = &[
    (
        |filter| filter.article.is_some(),
        "SELECT DISTINCT e.post AS id FROM article_versions v JOIN embeds e ON e.version = v.id WHERE v.article = :article",
    ),
    (
        |filter| filter.author.is_some(),
        "SELECT s.post AS id FROM snapshots s WHERE s.author_handle = :author COLLATE NOCASE \
         UNION SELECT p.id FROM posts p WHERE p.author_handle = :author COLLATE NOCASE",
    ),
    (
        |filter| filter.label.is_some(),
        "SELECT DISTINCT e.post AS id FROM article_labels b CROSS JOIN article_versions v ON v.article = b.article \
         CROSS JOIN embeds e ON e.version = v.id WHERE b.label = :label",
    ),
    (
        |filter| filter.site.is_some(),
        "SELECT DISTINCT e.post AS id FROM articles a CROSS JOIN article_versions v ON v.article = a.id \
         CROSS JOIN embeds e ON e.version = v.id WHERE a.site = :site OR substr(a.site, -length(:site) - 1) = '.' || :site",
    ),
];

/// The posts of an author by the time of their capture, which two indexes have in order: those whose shown snapshot has the
/// handle, and those whose address has it. A post may be among both.
static AUTHORED: [(&str, &str, Sort); 2] = [
    (
        "snapshots s INDEXED BY snapshots_author CROSS JOIN posts p ON p.id = s.post AND p.snapshot = s.id",
        "s",
        Sort { name: "captured", key: "s.captured_at", tie: "s.post", down: true, number: false },
    ),
    (
        "posts p INDEXED BY posts_author LEFT JOIN snapshots s ON s.id = p.snapshot",
        "p",
        sort("captured", "p.captured_at", true),
    ),
];

/// The same of what many posts have in common. By the time of their capture an index has these in their order, and nothing is
/// gathered.
const COMMON: &[Narrowing] = &[
    (|filter| filter.state.is_some(), "SELECT p.id FROM posts p WHERE p.state = :state"),
    (|filter| filter.platform.is_some(), "SELECT p.id FROM posts p WHERE p.platform = :platform"),
];

impl Store {
    /// The posts that fit, newest capture first unless the filter sorts them (`captured`, `published`, `platform`,
    /// `author`, `state`, `key`).
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn posts(&self, filter: &Filter) -> Result<Vec<PostRecord>, StoreError> {
        let part =
            Part { size: filter.limit.unwrap_or(usize::MAX - 1), start: Start::Skip(filter.offset.unwrap_or(0)) };
        self.listed_posts(filter, &part, false).map(|listed| listed.records)
    }

    /// A part of the same list, with how many there are. A damaged row is left out and named.
    ///
    /// # Errors
    /// As [`Store::posts`].
    pub fn posts_part(&self, filter: &Filter, part: &Part) -> Result<Listed<PostRecord>, StoreError> {
        self.listed_posts(filter, part, true)
    }

    /// A part of the same list; how many there are is not counted.
    ///
    /// # Errors
    /// As [`Store::posts`].
    pub fn posts_listed(&self, filter: &Filter, part: &Part) -> Result<Listed<PostRecord>, StoreError> {
        self.listed_posts(filter, part, false)
    }

    fn listed_posts(&self, filter: &Filter, part: &Part, count: bool) -> Result<Listed<PostRecord>, StoreError> {
        let order = self.sort(filter, SORTS)?;
        self.read("list posts", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Listed::empty()) };
            let named = parameters.any();
            let authored = filter.author.is_some() && filter.article.is_none() && order.sort.name == SORTS[0].name;
            let mut few = None;
            if count || !authored {
                few = walk::few(connection, filter, &named, STARTS)?;
            }
            if !authored && few.is_none() && order.sort.name != SORTS[0].name {
                few = walk::few(connection, filter, &named, COMMON)?;
            }
            let from = few.map_or_else(
                || "posts p LEFT JOIN snapshots s ON s.id = p.snapshot".to_owned(),
                |numbers| {
                    format!(
                        "({numbers}) n CROSS JOIN posts p ON p.id = n.id LEFT JOIN snapshots s ON s.id = p.snapshot"
                    )
                },
            );
            let list = List { from, fits: filter.posts_fit(), order, named };
            let found = if authored {
                walk::part(connection, &by_author(filter, order.down, &parameters), part)?
            } else {
                list.part(connection, part)?
            };
            let total = match (count, few) {
                (false, _) => Total::Exactly(0),
                _ if part.start == Start::First && found.after.is_none() => Total::of(found.records.len()),
                (true, Some(_)) => list.count(connection, FEW)?,
                (true, None) if filter.is_tallied() => tally(connection, &parameters)?,
                (true, None) => list.count(connection, MAX_COUNTED)?,
            };
            let (records, damaged) = walk::records(connection, &found.records, count, record_of)?;
            Ok(Listed { records, before: found.before, after: found.after, total, damaged })
        })
    }

    /// One post by its key `platform:id`, under any of its names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post(&self, key: &str) -> Result<Option<PostRecord>, StoreError> {
        let Some((platform, id)) = key.split_once(':') else { return Ok(None) };
        self.read(&format!("read the post {key}"), |connection| {
            let Some(post) = posts::find(connection, platform, id)? else { return Ok(None) };
            record_of(connection, post).map(Some)
        })
    }
}

/// The lists that together are those of an author, in their order.
fn by_author<'a>(filter: &Filter, down: bool, parameters: &'a Parameters) -> [List<'a>; 2] {
    [&AUTHORED[0], &AUTHORED[1]].map(|(from, whose, sort)| {
        // Said of the column that the index has.
        let since = filter.since.map_or_else(String::new, |_| format!(" AND {whose}.captured_at >= :since"));
        let until = filter.until.map_or_else(String::new, |_| format!(" AND {whose}.captured_at <= :until"));
        List {
            from: (*from).to_owned(),
            fits: format!("{whose}.author_handle = :author COLLATE NOCASE AND {}{since}{until}", filter.posts_fit()),
            order: Order { sort, down },
            named: parameters.any(),
        }
    })
}

/// How many posts fit a filter that [`Filter::is_tallied`].
fn tally(connection: &Connection, parameters: &Parameters) -> rusqlite::Result<Total> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(posts), 0) FROM post_tallies WHERE (:platform IS NULL OR platform = :platform) \
         AND (:state IS NULL OR state = :state) AND (:via IS NULL OR via = :via)",
    )?;
    let named = parameters.any().of(&statement)?;
    statement.query_row(named.as_slice(), |row| row.get(0)).map(|n| Total::Exactly(counted(n)))
}

/// A post by its number.
pub(super) fn record_of(connection: &Connection, id: i64) -> rusqlite::Result<PostRecord> {
    let mut statement = connection.prepare_cached("SELECT * FROM latest_posts WHERE id = ?1")?;
    statement.query_row([id], |row| record(connection, row))
}

/// A row of `latest_posts`.
pub(super) fn record(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<PostRecord> {
    let snapshot: Option<i64> = row.get("snapshot")?;
    let (memento, login) = match snapshot {
        Some(snapshot) => content::origin(connection, snapshot)?,
        None => (None, false),
    };
    let warning = snapshot.map(|snapshot| content::warning(connection, snapshot)).transpose()?.flatten();
    Ok(PostRecord {
        key: row.get("key")?,
        platform: row.get("platform")?,
        post_id: row.get("post_id")?,
        url: row.get("url")?,
        state: row.get::<_, Word<_>>("state")?.0,
        via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
        captured_at: row.get::<_, Option<At>>("captured_at")?.map(|At(at)| at),
        memento,
        login,
        author_name: row.get("author_name")?,
        author_handle: row.get("author_handle")?,
        published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
        warning,
        text: row.get("text")?,
        lang: row.get("lang")?,
        media: match snapshot {
            Some(snapshot) => media(connection, snapshot)?,
            None => Vec::new(),
        },
        quoted: row.get("quoted")?,
        reply_to: row.get("reply_to")?,
        counts: row.get::<_, Option<Json<_>>>("counts")?.map(|Json(counts)| counts).unwrap_or_default(),
        snapshots: counted(row.get("snapshots")?),
        articles: articles(connection, row.get("id")?)?,
    })
}

fn media(connection: &Connection, snapshot: i64) -> rusqlite::Result<Vec<MediaRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT m.kind, m.url, b.sha256, b.mime, b.size_bytes, m.width_px, m.height_px, m.alt FROM snapshot_media m \
         LEFT JOIN blobs b ON b.id = m.blob WHERE m.snapshot = ?1 AND m.part IN ('media', 'avatar') ORDER BY m.position",
    )?;
    let media = statement.query_map([snapshot], |row| {
        Ok(MediaRecord {
            kind: row.get::<_, Word<_>>("kind")?.0,
            url: row.get("url")?,
            sha256: row.get("sha256")?,
            mime: row.get("mime")?,
            size_bytes: row.get::<_, Option<i64>>("size_bytes")?.map(counted),
            width_px: row.get("width_px")?,
            height_px: row.get("height_px")?,
            alt: row.get("alt")?,
        })
    })?;
    media.collect()
}

fn articles(connection: &Connection, post: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT coalesce(a.url, a.name) FROM embeds e JOIN article_versions v ON v.id = e.version \
         JOIN articles a ON a.id = v.article WHERE e.post = ?1 ORDER BY a.id",
    )?;
    let articles = statement.query_map([post], |row| row.get(0))?;
    articles.collect()
}

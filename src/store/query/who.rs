//! All posts of an author, and what there is of a platform. Bounded: whoever posts without end is told of in part.

use super::{lines, status, view::instant};
use crate::{
    model::{
        AuthorShare, AuthorView, MediaKind, PlatformRecord, PlatformView, SeenAvatar, SeenName, SiteShare, State,
        StoredMedia,
    },
    store::{
        Store, StoreError,
        columns::{At, Word, counted},
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::{cmp::Reverse, collections::BTreeMap};

/// Posts of one author that are counted and paged through.
const MAX_POSTS: i64 = 50_000;

/// Posts of a page.
const PAGE_POSTS: usize = 30;

/// The newest snapshots that are searched for names and pictures, and the newest posts for sites.
const SEARCHED: usize = 2_000;

/// Names, pictures, sites, authors that are told.
const TOLD: i64 = 12;

/// Posts of each list of a platform's page.
const LISTED: i64 = 15;

/// Conditions under which a snapshot `s` or a post `p` is by the handle that was asked for. A handle of a platform of many
/// hosts is known with its host, or without it on posts of that host. The joins are `CROSS`, so that SQLite looks for the
/// handle first, and not through all posts of the platform.
const ASKED: &str = "WITH asked (handle, host) AS (VALUES (:handle, ''), (:user, :host)) ";

impl Store {
    /// All posts of a handle, any case, with or without `@`; `user@host` also finds the posts of `user` on `host` itself.
    /// Pages are counted from 1; one beyond the last is the last. None where there is no such post.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn author_view(&self, platform: &str, handle: &str, page: usize) -> Result<Option<AuthorView>, StoreError> {
        self.read(&format!("read the posts of {handle}"), |connection| {
            author(connection, &platform.to_ascii_lowercase(), &Handle::new(handle), page)
        })
    }

    /// What there is of a platform; without posts of it everything is empty.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn platform_view(&self, platform: &str) -> Result<PlatformView, StoreError> {
        self.read(&format!("read what there is of {platform}"), |connection| self::platform(connection, platform))
    }

    /// How well each platform of which there are posts answers, the largest first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn platform_records(&self) -> Result<Vec<PlatformRecord>, StoreError> {
        self.read("count posts by platform", status::platforms)
    }
}

struct Handle<'a> {
    whole: &'a str,
    /// The part before the host, and the beginning of the ids of that host's posts.
    local: Option<(&'a str, String)>,
}

impl<'a> Handle<'a> {
    fn new(handle: &'a str) -> Self {
        let whole = handle.trim().trim_start_matches('@');
        let local = whole.split_once('@').filter(|(user, host)| !user.is_empty() && !host.is_empty());
        Self { whole, local: local.map(|(user, host)| (user, format!("{}/", host.to_ascii_lowercase()))) }
    }

    fn user(&self) -> Option<&str> {
        self.local.as_ref().map(|(user, _)| *user)
    }

    fn host(&self) -> Option<&str> {
        self.local.as_ref().map(|(_, host)| host.as_str())
    }
}

/// A post of an author, as far as its place in the list and its state ask for.
struct Found {
    id: i64,
    state: State,
    captured_at: Option<Timestamp>,
}

fn author(
    connection: &Connection,
    platform: &str,
    handle: &Handle<'_>,
    page: usize,
) -> rusqlite::Result<Option<AuthorView>> {
    if handle.whole.is_empty() {
        return Ok(None);
    }
    let mut found = found(connection, platform, handle)?;
    if found.is_empty() {
        return Ok(None);
    }
    found.sort_by_key(|post| Reverse((post.captured_at, post.id)));
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    for post in &found {
        *states.entry(post.state.as_str().to_owned()).or_default() += 1;
    }
    let captured = || found.iter().filter_map(|post| post.captured_at);
    let pages = found.len().div_ceil(PAGE_POSTS).max(1);
    let page = page.clamp(1, pages);
    let ids: Vec<i64> = found.iter().skip((page - 1) * PAGE_POSTS).take(PAGE_POSTS).map(|post| post.id).collect();
    let searched: Vec<i64> = found.iter().take(SEARCHED).map(|post| post.id).collect();
    let posts = in_order(connection, &ids)?;
    Ok(Some(AuthorView {
        platform: platform.to_owned(),
        handle: posts.iter().find_map(|line| line.author_handle.clone()).unwrap_or_else(|| handle.whole.to_owned()),
        posts_total: found.len() as u64,
        more: i64::try_from(found.len()).is_ok_and(|all| all >= MAX_POSTS),
        gone: found.iter().filter(|post| post.state.is_gone()).count() as u64,
        captured_between: captured().min().zip(captured().max()),
        states,
        names: names(connection, &searched)?,
        avatars: avatars(connection, &searched)?,
        sites: sites(connection, &searched)?,
        posts,
        page,
        pages,
    }))
}

fn found(connection: &Connection, platform: &str, handle: &Handle<'_>) -> rusqlite::Result<Vec<Found>> {
    let mut statement = connection.prepare_cached(&format!(
        "{ASKED}SELECT p.id, p.state, p.captured_at FROM posts p WHERE p.id IN (\
           SELECT s.post FROM asked a CROSS JOIN snapshots s ON s.author_handle = a.handle COLLATE NOCASE \
             CROSS JOIN posts o ON o.id = s.post AND o.snapshot = s.id \
             WHERE o.platform = :platform AND substr(o.post_id, 1, length(a.host)) = a.host \
           UNION ALL SELECT o.id FROM asked a CROSS JOIN posts o ON o.author_handle = a.handle COLLATE NOCASE \
             LEFT JOIN snapshots s ON s.id = o.snapshot \
             WHERE o.platform = :platform AND substr(o.post_id, 1, length(a.host)) = a.host \
             AND coalesce(s.author_handle, '') = '' LIMIT :limit)"
    ))?;
    let found = statement.query_map(
        named_params! {
            ":handle": handle.whole, ":user": handle.user(), ":host": handle.host(), ":platform": platform,
            ":limit": MAX_POSTS,
        },
        |row| {
            Ok(Found {
                id: row.get("id")?,
                state: row.get::<_, Word<_>>("state")?.0,
                captured_at: instant(row, "captured_at")?,
            })
        },
    )?;
    found.collect()
}

/// The posts of these rows as lines, in the order of the rows.
fn in_order(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Vec<crate::model::PostLine>> {
    lines::lines(
        connection,
        "p.id IN (SELECT value FROM json_each(?1)) ORDER BY p.captured_at DESC, p.id DESC",
        [list(ids)],
    )
}

/// Row numbers as one parameter.
fn list(ids: &[i64]) -> String {
    serde_json::to_string(ids).unwrap_or_else(|_| "[]".to_owned())
}

fn names(connection: &Connection, posts: &[i64]) -> rusqlite::Result<Vec<SeenName>> {
    let mut names = connection.prepare_cached(
        "SELECT coalesce(s.author_name, '') AS name, min(s.captured_at), max(s.captured_at), count(*) \
         FROM json_each(?1) j CROSS JOIN snapshots s ON s.post = j.value \
         WHERE s.outcome = 'found' AND s.via NOT IN ('memento', 'import', 'quoted') \
         GROUP BY 1 ORDER BY 3 DESC LIMIT ?2",
    )?;
    let names = names.query_map((list(posts), TOLD), |row| {
        Ok(SeenName {
            name: row.get(0)?,
            first_at: row.get::<_, At>(1)?.0,
            last_at: row.get::<_, At>(2)?.0,
            snapshots: counted(row.get(3)?),
        })
    })?;
    names.collect()
}

fn avatars(connection: &Connection, posts: &[i64]) -> rusqlite::Result<Vec<SeenAvatar>> {
    let mut avatars = connection.prepare_cached(
        "SELECT m.url, b.sha256, b.mime, b.size_bytes, min(s.captured_at), max(s.captured_at) AS last \
         FROM json_each(?1) j CROSS JOIN snapshots s ON s.post = j.value \
         JOIN snapshot_media m ON m.snapshot = s.id AND m.part = 'avatar' JOIN blobs b ON b.id = m.blob \
         GROUP BY b.id ORDER BY last DESC LIMIT ?2",
    )?;
    let avatars = avatars.query_map((list(posts), TOLD), |row| {
        Ok(SeenAvatar {
            file: StoredMedia {
                kind: MediaKind::Avatar,
                url: row.get(0)?,
                alt: None,
                width_px: None,
                height_px: None,
                duration_ms: None,
                mime: row.get(2)?,
                digest: row.get(1)?,
                size_bytes: Some(counted(row.get(3)?)),
                bytes: None,
                failure: None,
                obtained: None,
                note: None,
            },
            first_at: row.get::<_, At>(4)?.0,
            last_at: row.get::<_, At>(5)?.0,
        })
    })?;
    avatars.collect()
}

fn sites(connection: &Connection, posts: &[i64]) -> rusqlite::Result<Vec<SiteShare>> {
    let mut sites = connection.prepare_cached(
        "SELECT coalesce(a.site, ''), count(DISTINCT a.id) AS articles, count(DISTINCT e.post) \
         FROM json_each(?1) j CROSS JOIN embeds e ON e.post = j.value JOIN article_versions v ON v.id = e.version \
         JOIN articles a ON a.id = v.article GROUP BY a.site ORDER BY articles DESC, a.site LIMIT ?2",
    )?;
    let sites = sites.query_map((list(posts), TOLD), |row| {
        Ok(SiteShare { site: row.get(0)?, articles: counted(row.get(1)?), posts: counted(row.get(2)?) })
    })?;
    sites.collect()
}

fn platform(connection: &Connection, platform: &str) -> rusqlite::Result<PlatformView> {
    let record = status::platforms(connection)?.into_iter().find(|record| record.platform == platform);
    let record =
        record.unwrap_or_else(|| PlatformRecord { platform: platform.to_owned(), ..PlatformRecord::default() });
    let mut states = connection.prepare_cached(
        "SELECT state, sum(posts) AS n FROM post_tallies WHERE platform = ?1 GROUP BY state HAVING n > 0",
    )?;
    let states = states.query_map([platform], |row| Ok((row.get(0)?, counted(row.get(1)?))))?;
    let (authors, authors_of) = authors(connection, platform)?;
    Ok(PlatformView {
        record,
        states: states.collect::<rusqlite::Result<_>>()?,
        latest: lines::lines(
            connection,
            "p.platform = ?1 AND p.captured_at IS NOT NULL ORDER BY p.captured_at DESC, p.id DESC LIMIT ?2",
            (platform, LISTED),
        )?,
        vanished: lines::lines(
            connection,
            "p.platform = ?1 AND p.state IN ('deleted', 'account_deleted', 'suspended') \
             ORDER BY p.state_since DESC, p.id DESC LIMIT ?2",
            (platform, LISTED),
        )?,
        authors,
        authors_of,
    })
}

/// Those who wrote most of the newest posts of a platform, and how many posts these are.
fn authors(connection: &Connection, platform: &str) -> rusqlite::Result<(Vec<AuthorShare>, u64)> {
    let newest = "SELECT p.state, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS handle \
        FROM (SELECT * FROM posts WHERE platform = ?1 AND captured_at IS NOT NULL ORDER BY captured_at DESC LIMIT ?2) p \
        LEFT JOIN snapshots s ON s.id = p.snapshot";
    let searched = i64::try_from(SEARCHED).unwrap_or(i64::MAX);
    let all: Option<i64> = connection
        .prepare_cached(&format!("SELECT count(*) FROM ({newest})"))?
        .query_row((platform, searched), |row| row.get(0))
        .optional()?;
    let mut authors = connection.prepare_cached(&format!(
        "SELECT handle, max(author_name), count(*) AS posts, \
         sum(state IN ('deleted', 'account_deleted', 'suspended')) FROM ({newest}) \
         WHERE handle IS NOT NULL AND handle <> '' GROUP BY handle COLLATE NOCASE ORDER BY posts DESC, handle LIMIT ?3"
    ))?;
    let authors = authors.query_map((platform, searched, TOLD), |row| {
        Ok(AuthorShare {
            handle: row.get(0)?,
            name: row.get(1)?,
            posts: counted(row.get(2)?),
            gone: counted(row.get(3)?),
        })
    })?;
    Ok((authors.collect::<rusqlite::Result<_>>()?, counted(all.unwrap_or(0))))
}

//! Tables of posts: themselves, their snapshots, their files, the looks at them.

use super::columns::{
    Chosen, Column, Table, counts, files, instant, int, json, maybe_instant, maybe_int, maybe_text, text, texts, truth,
};

/// Posts, each with the snapshot that is best to show; as `list posts` has them, and more.
pub(super) const POSTS: Table = Table {
    name: "posts",
    columns: POST_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_posts c JOIN posts p ON p.id = c.id",
        order: "p.captured_at, p.id",
        has_platforms: true,
    },
    row: "SELECT p.key, p.platform, p.post_id, p.url, p.state, p.state_since, p.via, p.captured_at, p.first_captured_at, \
        (SELECT max(l.looked_at) FROM standing_looks l WHERE l.post = p.id AND l.state = 'live') AS last_seen_at, p.last_looked_at, \
        s.memento_url, s.memento_at, \
        EXISTS (SELECT 1 FROM looks l JOIN look_exchanges le ON le.look = coalesce(l.reparse_of, l.id) \
          JOIN exchanges e ON e.id = le.exchange WHERE l.snapshot = s.id AND l.result = 'new' AND e.login) AS login, \
        s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, s.published, \
        CASE WHEN length(s.published) = 10 THEN s.published || 'T00:00:00Z' ELSE s.published END AS published_at, \
        s.text, s.lang, \
        (SELECT json_group_array(json(file)) FROM (\
          SELECT json_object('kind', m.kind, 'url', m.url, 'sha256', b.sha256, 'mime', b.mime, 'size_bytes', b.size_bytes, \
            'width_px', m.width_px, 'height_px', m.height_px, 'alt', m.alt) AS file \
          FROM snapshot_media m LEFT JOIN blobs b ON b.id = m.blob \
          WHERE m.snapshot = s.id AND (m.blob IS NULL OR m.blob NOT IN (SELECT id FROM temp.redacted_files)) AND m.part IN ('media', 'avatar') ORDER BY m.position)) AS media, \
        (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'quoted') AS quoted, \
        (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'reply_to') AS reply_to, \
        coalesce(s.counts, '{}') AS counts, \
        (SELECT count(*) FROM snapshots n WHERE n.post = p.id) AS snapshots, \
        (SELECT json_group_array(article) FROM (\
          SELECT DISTINCT coalesce(a.url, a.name) AS article FROM embeds e JOIN article_versions v ON v.id = e.version \
          JOIN articles a ON a.id = v.article WHERE e.post = p.id AND a.id IN (SELECT id FROM temp.chosen_articles) ORDER BY a.id)) \
          AS articles, \
        (SELECT json_group_array(name) FROM (\
          SELECT platform || ':' || post_id AS name FROM post_aliases WHERE post = p.id ORDER BY 1)) AS aliases \
        FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot WHERE p.id = ?1",
};

const POST_COLUMNS: &[Column] = &[
    text("key"),
    text("platform"),
    text("post_id"),
    text("url"),
    text("state"),
    maybe_instant("state_since"),
    maybe_text("via"),
    maybe_instant("captured_at"),
    maybe_instant("first_captured_at"),
    maybe_instant("last_seen_at"),
    maybe_instant("last_looked_at"),
    maybe_text("memento_url"),
    maybe_instant("memento_at"),
    truth("login"),
    maybe_text("author_name"),
    maybe_text("author_handle"),
    maybe_text("published"),
    maybe_instant("published_at"),
    maybe_text("text"),
    maybe_text("lang"),
    files("media"),
    maybe_text("quoted"),
    maybe_text("reply_to"),
    counts("counts"),
    int("snapshots"),
    texts("articles"),
    texts("aliases"),
];

/// Snapshots of posts.
pub(super) const SNAPSHOTS: Table = Table {
    name: "snapshots",
    columns: SNAPSHOT_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_posts c JOIN posts p ON p.id = c.id JOIN snapshots s ON s.post = p.id",
        order: "s.captured_at, s.id",
        has_platforms: true,
    },
    row: "SELECT s.id, p.key AS post, p.platform, s.run, s.captured_at, s.via, s.outcome, s.id IS p.snapshot AS shown, s.digest, s.text, \
        s.truncated, s.author_id, s.author_handle, s.author_name, s.author_url, s.published, \
        CASE WHEN length(s.published) = 10 THEN s.published || 'T00:00:00Z' ELSE s.published END AS published_at, \
        s.edited, s.lang, coalesce(s.counts, '{}') AS counts, s.poll, s.card, s.sensitive, s.warning, s.memento_url, s.memento_at, s.thread, \
        (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'quoted') AS quoted, \
        (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'reply_to') AS reply_to \
        FROM snapshots s JOIN posts p ON p.id = s.post WHERE s.id = ?1",
};

const SNAPSHOT_COLUMNS: &[Column] = &[
    int("id"),
    text("post"),
    text("platform"),
    int("run"),
    instant("captured_at"),
    text("via"),
    text("outcome"),
    truth("shown"),
    maybe_text("digest"),
    maybe_text("text"),
    truth("truncated"),
    maybe_text("author_id"),
    maybe_text("author_handle"),
    maybe_text("author_name"),
    maybe_text("author_url"),
    maybe_text("published"),
    maybe_instant("published_at"),
    maybe_instant("edited"),
    maybe_text("lang"),
    counts("counts"),
    json("poll"),
    json("card"),
    truth("sensitive"),
    maybe_text("warning"),
    maybe_text("memento_url"),
    maybe_instant("memento_at"),
    json("thread"),
    maybe_text("quoted"),
    maybe_text("reply_to"),
];

/// Files that snapshots name; as `list media` has them, and more.
pub(super) const MEDIA: Table = Table {
    name: "media_files",
    columns: MEDIA_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_posts c JOIN posts p ON p.id = c.id JOIN snapshots s ON s.post = p.id JOIN snapshot_media m \
            ON m.snapshot = s.id AND (m.blob IS NULL OR m.blob NOT IN (SELECT id FROM temp.redacted_files))",
        order: "s.captured_at, m.id",
        has_platforms: true,
    },
    row: "SELECT m.id, m.key AS post, p.platform, m.snapshot, m.captured_at, m.via, m.shown, m.part, m.kind, m.url, m.alt, m.width_px, \
        m.height_px, m.duration_ms, m.sha256, m.mime, m.size_bytes, m.failure, m.skipped, m.skipped_limit_bytes, m.obtained, m.note \
        FROM media_files m JOIN posts p ON p.id = m.post WHERE m.id = ?1",
};

const MEDIA_COLUMNS: &[Column] = &[
    int("id"),
    text("post"),
    text("platform"),
    int("snapshot"),
    instant("captured_at"),
    text("via"),
    truth("shown"),
    text("part"),
    text("kind"),
    text("url"),
    maybe_text("alt"),
    maybe_int("width_px"),
    maybe_int("height_px"),
    maybe_int("duration_ms"),
    maybe_text("sha256"),
    maybe_text("mime"),
    maybe_int("size_bytes"),
    maybe_text("failure"),
    maybe_text("skipped"),
    maybe_int("skipped_limit_bytes"),
    maybe_text("obtained"),
    maybe_text("note"),
];

/// Looks at posts.
pub(super) const LOOKS: Table = Table {
    name: "looks",
    columns: LOOK_COLUMNS,
    time: "looked_at",
    of: Chosen {
        from: "temp.chosen_posts c JOIN posts p ON p.id = c.id JOIN looks l ON l.post = p.id",
        order: "l.looked_at, l.id",
        has_platforms: true,
    },
    row: "SELECT l.id, p.key AS post, p.platform, l.run, l.looked_at, l.via, l.result, l.state, l.snapshot, l.reason, l.detail, \
        l.retry_at, l.reparse_of FROM looks l JOIN posts p ON p.id = l.post WHERE l.id = ?1",
};

const LOOK_COLUMNS: &[Column] = &[
    int("id"),
    text("post"),
    text("platform"),
    int("run"),
    instant("looked_at"),
    text("via"),
    text("result"),
    maybe_text("state"),
    maybe_int("snapshot"),
    maybe_text("reason"),
    maybe_text("detail"),
    maybe_instant("retry_at"),
    maybe_int("reparse_of"),
];

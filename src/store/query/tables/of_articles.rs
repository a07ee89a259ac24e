//! Tables of articles: themselves, their versions, the embeds in them.

use super::columns::{Chosen, Column, Table, instant, int, maybe_instant, maybe_int, maybe_text, text, texts, truth};

/// Articles, each with what its newest version says; as `list articles` has them, and more.
pub(super) const ARTICLES: Table = Table {
    name: "articles",
    columns: ARTICLE_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_articles c JOIN articles a ON a.id = c.id",
        order: "a.captured_at, a.id",
        has_platforms: false,
    },
    row: "SELECT a.id, a.url, a.name, a.source, \
        (SELECT json_group_array(label) FROM (\
          SELECT j.value AS label FROM sources s, json_each(s.labels) j WHERE s.name = a.source \
          UNION SELECT j.value FROM source_articles n JOIN sources s ON s.id = n.source, json_each(s.labels) j WHERE n.name = a.name \
          UNION SELECT j.value FROM article_aliases l JOIN source_articles n ON n.address = l.url JOIN sources s ON s.id = n.source, \
            json_each(s.labels) j WHERE l.article = a.id ORDER BY 1)) AS labels, \
        a.kind, a.site, v.title, v.byline, v.site_name, v.published, \
        CASE WHEN length(v.published) = 10 THEN v.published || 'T00:00:00Z' ELSE v.published END AS published_at, \
        v.lang, a.first_captured_at, a.captured_at, a.state, a.state_since, a.last_looked_at, a.looks, a.due_at, a.live_blog, \
        (SELECT count(*) FROM article_versions n WHERE n.article = a.id) AS versions, \
        (SELECT count(*) FROM embeds e WHERE e.version = v.id) AS embeds, \
        (SELECT json_group_array(key) FROM (SELECT p.key AS key FROM embeds e JOIN posts p ON p.id = e.post \
          WHERE e.version = v.id AND p.id IN (SELECT id FROM temp.chosen_posts) GROUP BY p.id ORDER BY min(e.position))) AS posts, \
        (SELECT json_group_array(url) FROM (SELECT url FROM article_aliases WHERE article = a.id ORDER BY 1)) AS aliases \
        FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
};

const ARTICLE_COLUMNS: &[Column] = &[
    int("id"),
    maybe_text("url"),
    text("name"),
    text("source"),
    texts("labels"),
    text("kind"),
    maybe_text("site"),
    text("title"),
    maybe_text("byline"),
    maybe_text("site_name"),
    maybe_text("published"),
    maybe_instant("published_at"),
    maybe_text("lang"),
    instant("first_captured_at"),
    instant("captured_at"),
    text("state"),
    maybe_instant("state_since"),
    instant("last_looked_at"),
    int("looks"),
    maybe_instant("due_at"),
    truth("live_blog"),
    int("versions"),
    int("embeds"),
    texts("posts"),
    texts("aliases"),
];

/// Versions of articles.
pub(super) const VERSIONS: Table = Table {
    name: "article_versions",
    columns: VERSION_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_articles c JOIN article_versions v ON v.article = c.id",
        order: "v.captured_at, v.id",
        has_platforms: false,
    },
    row: "SELECT v.id, v.article, coalesce(a.url, a.name) AS article_url, v.id = a.version AS newest, v.run, v.captured_at, \
        v.sha256, b.size_bytes, v.content_type, v.url, v.title, v.byline, v.site_name, v.published, \
        CASE WHEN length(v.published) = 10 THEN v.published || 'T00:00:00Z' ELSE v.published END AS published_at, \
        v.lang, v.text, v.content_digest, v.body_from, (SELECT count(*) FROM embeds e WHERE e.version = v.id) AS embeds \
        FROM article_versions v JOIN articles a ON a.id = v.article LEFT JOIN blobs b ON b.id = v.original WHERE v.id = ?1",
};

const VERSION_COLUMNS: &[Column] = &[
    int("id"),
    int("article"),
    text("article_url"),
    truth("newest"),
    int("run"),
    instant("captured_at"),
    text("sha256"),
    maybe_int("size_bytes"),
    maybe_text("content_type"),
    maybe_text("url"),
    text("title"),
    maybe_text("byline"),
    maybe_text("site_name"),
    maybe_text("published"),
    maybe_instant("published_at"),
    maybe_text("lang"),
    text("text"),
    maybe_text("content_digest"),
    maybe_text("body_from"),
    int("embeds"),
];

/// Embeds of every version, where their posts are chosen too.
pub(super) const EMBEDS: Table = Table {
    name: "embeds",
    columns: EMBED_COLUMNS,
    time: "captured_at",
    of: Chosen {
        from: "temp.chosen_articles c JOIN article_versions v ON v.article = c.id JOIN embeds e ON e.version = v.id JOIN posts p ON p.id = e.post JOIN temp.chosen_posts d ON d.id = p.id",
        order: "v.captured_at, e.id",
        has_platforms: true,
    },
    row: "SELECT e.id, v.article, coalesce(a.url, a.name) AS article_url, a.site, e.version, v.id = a.version AS newest, \
        v.captured_at, e.position, e.form, e.scope, e.target, p.platform, e.target_platform, e.target_post_id, e.target_author, \
        e.target_url, p.key AS post, p.state, e.quoted_text, e.quoted_author_name, e.quoted_author_handle, e.quoted_published, \
        e.quoted_links \
        FROM embeds e JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article JOIN posts p ON p.id = e.post \
        WHERE e.id = ?1",
};

const EMBED_COLUMNS: &[Column] = &[
    int("id"),
    int("article"),
    text("article_url"),
    maybe_text("site"),
    int("version"),
    truth("newest"),
    instant("captured_at"),
    int("position"),
    text("form"),
    text("scope"),
    text("target"),
    text("platform"),
    text("target_platform"),
    maybe_text("target_post_id"),
    maybe_text("target_author"),
    maybe_text("target_url"),
    text("post"),
    text("state"),
    maybe_text("quoted_text"),
    maybe_text("quoted_author_name"),
    maybe_text("quoted_author_handle"),
    maybe_text("quoted_published"),
    texts("quoted_links"),
];

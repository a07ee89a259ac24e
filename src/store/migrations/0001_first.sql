-- The first schema. Every table and column is described in docs/schema.md. Instants are UTC text of equal width
-- ('2026-11-22T07:00:00.000Z'), so that they sort as text; a column named after a table holds that table's id.

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  stopped TEXT,
  articles_new INTEGER NOT NULL DEFAULT 0,
  articles_changed INTEGER NOT NULL DEFAULT 0,
  articles_unchanged INTEGER NOT NULL DEFAULT 0,
  articles_failed INTEGER NOT NULL DEFAULT 0,
  embeds INTEGER NOT NULL DEFAULT 0,
  posts_captured INTEGER NOT NULL DEFAULT 0,
  posts_unchanged INTEGER NOT NULL DEFAULT 0,
  posts_gone INTEGER NOT NULL DEFAULT 0,
  posts_withheld INTEGER NOT NULL DEFAULT 0,
  posts_quoted_only INTEGER NOT NULL DEFAULT 0,
  posts_deferred INTEGER NOT NULL DEFAULT 0,
  media_stored INTEGER NOT NULL DEFAULT 0,
  media_deduplicated INTEGER NOT NULL DEFAULT 0,
  media_failed INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0,
  downloaded_bytes INTEGER NOT NULL DEFAULT 0,
  elapsed_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  mime TEXT NOT NULL,
  encoding TEXT NOT NULL CHECK (encoding IN ('none', 'zstd')),
  data BLOB NOT NULL
) STRICT;

CREATE TABLE exchanges (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  started_at TEXT NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  request_headers TEXT NOT NULL,
  request_body INTEGER REFERENCES blobs (id),
  follow INTEGER NOT NULL,
  max_bytes INTEGER,
  answered_url TEXT,
  status INTEGER,
  response_headers TEXT,
  body INTEGER REFERENCES blobs (id),
  error TEXT
) STRICT;
CREATE INDEX exchanges_url ON exchanges (url);

CREATE TABLE exchange_hops (
  exchange INTEGER NOT NULL REFERENCES exchanges (id),
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body INTEGER REFERENCES blobs (id),
  PRIMARY KEY (exchange, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('html', 'markdown', 'text')),
  url TEXT,
  site TEXT,
  version INTEGER REFERENCES article_versions (id),
  first_captured_at TEXT NOT NULL,
  captured_at TEXT NOT NULL,
  last_looked_at TEXT NOT NULL
) STRICT;
CREATE INDEX articles_url ON articles (url);
CREATE INDEX articles_captured_at ON articles (captured_at);

CREATE TABLE article_versions (
  id INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles (id),
  run INTEGER NOT NULL REFERENCES runs (id),
  captured_at TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  original INTEGER NOT NULL REFERENCES blobs (id),
  content_type TEXT,
  exchange INTEGER REFERENCES exchanges (id),
  url TEXT,
  title TEXT NOT NULL,
  byline TEXT,
  site_name TEXT,
  published TEXT,
  lang TEXT,
  text TEXT NOT NULL,
  body INTEGER NOT NULL REFERENCES blobs (id)
) STRICT;
CREATE INDEX article_versions_article ON article_versions (article);

CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  post_id TEXT NOT NULL,
  key TEXT NOT NULL GENERATED ALWAYS AS (platform || ':' || post_id) VIRTUAL,
  url TEXT NOT NULL,
  author_handle TEXT,
  state TEXT NOT NULL DEFAULT 'unknown',
  state_since TEXT,
  last_looked_at TEXT,
  snapshot INTEGER REFERENCES snapshots (id),
  via TEXT,
  captured_at TEXT,
  UNIQUE (platform, post_id)
) STRICT;
CREATE INDEX posts_captured_at ON posts (captured_at);
CREATE INDEX posts_state ON posts (state);

CREATE TABLE post_aliases (
  platform TEXT NOT NULL,
  post_id TEXT NOT NULL,
  url TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts (id),
  PRIMARY KEY (platform, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_aliases_post ON post_aliases (post);

CREATE TABLE embeds (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES article_versions (id),
  position INTEGER NOT NULL,
  form TEXT NOT NULL,
  scope TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts (id),
  target TEXT NOT NULL CHECK (target IN ('post', 'short_link', 'unresolved')),
  target_platform TEXT NOT NULL,
  target_post_id TEXT,
  target_author TEXT,
  target_url TEXT,
  quoted_text TEXT,
  quoted_author_name TEXT,
  quoted_author_handle TEXT,
  quoted_published TEXT,
  quoted_links TEXT NOT NULL
) STRICT;
CREATE INDEX embeds_version ON embeds (version, position);
CREATE INDEX embeds_post ON embeds (post);

CREATE TABLE snapshots (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts (id),
  run INTEGER NOT NULL REFERENCES runs (id),
  captured_at TEXT NOT NULL,
  via TEXT NOT NULL,
  outcome TEXT NOT NULL,
  digest TEXT,
  text TEXT,
  text_html TEXT,
  truncated INTEGER NOT NULL DEFAULT 0,
  author_id TEXT,
  author_handle TEXT,
  author_name TEXT,
  author_url TEXT,
  author_avatar TEXT,
  published TEXT,
  edited TEXT,
  lang TEXT,
  counts TEXT,
  poll TEXT,
  card TEXT,
  sensitive INTEGER NOT NULL DEFAULT 0,
  warning TEXT
) STRICT;
CREATE INDEX snapshots_post ON snapshots (post, via, captured_at);

CREATE TABLE relations (
  snapshot INTEGER NOT NULL REFERENCES snapshots (id),
  kind TEXT NOT NULL CHECK (kind IN ('quoted', 'reply_to')),
  post INTEGER NOT NULL REFERENCES posts (id),
  related_snapshot INTEGER REFERENCES snapshots (id),
  PRIMARY KEY (snapshot, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_post ON relations (post);

CREATE TABLE looks (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts (id),
  run INTEGER NOT NULL REFERENCES runs (id),
  looked_at TEXT NOT NULL,
  via TEXT NOT NULL,
  result TEXT NOT NULL CHECK (result IN ('new', 'unchanged', 'failed')),
  state TEXT,
  snapshot INTEGER REFERENCES snapshots (id),
  reason TEXT,
  detail TEXT,
  retry_at TEXT
) STRICT;
CREATE INDEX looks_post ON looks (post, looked_at);
CREATE INDEX looks_snapshot ON looks (snapshot);

CREATE TABLE look_exchanges (
  look INTEGER NOT NULL REFERENCES looks (id),
  position INTEGER NOT NULL,
  exchange INTEGER NOT NULL REFERENCES exchanges (id),
  PRIMARY KEY (look, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_media (
  id INTEGER PRIMARY KEY,
  snapshot INTEGER NOT NULL REFERENCES snapshots (id),
  position INTEGER NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('media', 'avatar', 'card', 'other')),
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  fallbacks TEXT,
  alt TEXT,
  width_px INTEGER,
  height_px INTEGER,
  duration_ms INTEGER,
  stated_mime TEXT,
  blob INTEGER REFERENCES blobs (id),
  answered_url TEXT,
  failure TEXT,
  UNIQUE (snapshot, position)
) STRICT;
CREATE INDEX snapshot_media_url ON snapshot_media (url);
CREATE INDEX snapshot_media_answered_url ON snapshot_media (answered_url) WHERE answered_url IS NOT NULL;
CREATE INDEX snapshot_media_blob ON snapshot_media (blob) WHERE blob IS NOT NULL;

CREATE TABLE queue (
  id INTEGER PRIMARY KEY,
  post INTEGER UNIQUE REFERENCES posts (id),
  article_name TEXT UNIQUE,
  source TEXT,
  due_at TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  reason TEXT NOT NULL,
  queued_at TEXT NOT NULL,
  CHECK ((post IS NULL) <> (article_name IS NULL))
) STRICT;
CREATE INDEX queue_due_at ON queue (due_at);

-- Views: the questions that people ask.

CREATE VIEW latest_posts AS
SELECT p.id, p.key, p.platform, p.post_id, p.url, p.state, p.state_since, p.last_looked_at, p.via, p.captured_at,
  s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, s.published, s.text, s.lang, s.counts, p.snapshot,
  (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'quoted') AS quoted,
  (SELECT q.key FROM relations r JOIN posts q ON q.id = r.post WHERE r.snapshot = s.id AND r.kind = 'reply_to') AS reply_to,
  (SELECT count(*) FROM snapshots c WHERE c.post = p.id) AS snapshots
FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot;

CREATE VIEW vanished_posts AS
SELECT p.id, p.key, p.platform, p.post_id, p.url, p.state,
  (SELECT max(l.looked_at) FROM looks l WHERE l.post = p.id AND l.state = 'live') AS last_seen_at,
  p.state_since AS gone_since, p.via, p.captured_at, s.author_name, s.author_handle, s.published, s.text
FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot
WHERE p.state IN ('deleted', 'account_deleted', 'suspended');

CREATE VIEW article_embeds AS
SELECT a.id AS article, a.name, coalesce(v.url, a.name) AS article_url, v.title, e.position, e.form, e.scope, e.target, e.target_url,
  p.id AS post, p.key, p.url AS post_url, p.state, p.via, p.captured_at,
  e.quoted_text, e.quoted_author_name, e.quoted_author_handle, e.quoted_published
FROM articles a JOIN article_versions v ON v.id = a.version JOIN embeds e ON e.version = v.id JOIN posts p ON p.id = e.post;

CREATE VIEW post_articles AS
SELECT DISTINCT p.id AS post, p.key, p.state, a.id AS article, a.name, coalesce(a.url, a.name) AS article_url, w.title,
  (SELECT min(f.captured_at) FROM embeds g JOIN article_versions f ON f.id = g.version
    WHERE g.post = p.id AND f.article = a.id) AS first_embedded_at
FROM embeds e JOIN posts p ON p.id = e.post JOIN article_versions v ON v.id = e.version
  JOIN articles a ON a.id = v.article JOIN article_versions w ON w.id = a.version;

CREATE VIEW media_files AS
SELECT m.id, p.id AS post, p.key, m.snapshot, s.captured_at, s.via, m.snapshot = p.snapshot AS shown, m.part, m.kind, m.url,
  m.alt, m.width_px, m.height_px, m.duration_ms, b.sha256, b.mime, b.size_bytes, m.failure
FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post LEFT JOIN blobs b ON b.id = m.blob;

CREATE VIEW failures AS
SELECT 'post' AS what, l.looked_at AS failed_at, p.platform, p.key AS subject, p.url, l.via, l.reason, l.detail, l.run,
  q.attempts, q.due_at, p.id AS post, NULL AS article_name
FROM posts p JOIN looks l ON l.id = (SELECT n.id FROM looks n WHERE n.post = p.id AND n.via NOT IN ('memento', 'quoted')
    ORDER BY n.looked_at DESC, n.id DESC LIMIT 1)
  LEFT JOIN queue q ON q.post = p.id
WHERE l.result = 'failed'
UNION ALL
SELECT 'media', s.captured_at, p.platform, p.key, m.url, s.via, 'media', m.failure, s.run, NULL, NULL, p.id, NULL
FROM posts p JOIN snapshots s ON s.id = p.snapshot JOIN snapshot_media m ON m.snapshot = s.id
WHERE m.blob IS NULL AND m.failure IS NOT NULL
UNION ALL
SELECT 'article', q.queued_at, NULL, q.article_name, q.article_name, NULL, 'article', q.reason, NULL, q.attempts, q.due_at, NULL,
  q.article_name
FROM queue q WHERE q.article_name IS NOT NULL;

CREATE VIEW platform_success AS
SELECT p.platform, count(*) AS posts,
  sum(p.via IS NOT NULL AND p.via NOT IN ('memento', 'quoted')) AS captured,
  sum(p.via IS 'memento') AS memento_only, sum(p.via IS 'quoted') AS quoted_only, sum(p.via IS NULL) AS without_content,
  sum(p.state IN ('deleted', 'account_deleted', 'suspended')) AS gone,
  sum(p.state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable')) AS withheld,
  sum(p.state = 'unknown') AS unknown
FROM posts p GROUP BY p.platform;

CREATE VIEW queued AS
SELECT q.id, q.due_at, q.attempts, q.reason, q.queued_at, p.key AS post, q.article_name AS article
FROM queue q LEFT JOIN posts p ON p.id = q.post;

-- Full text. The words stand in the tables above; these two views say which of them are searched.

CREATE VIEW post_texts AS
SELECT p.id, s.text, s.author_name, s.author_handle,
  (SELECT group_concat(alt, char(10)) FROM (
    SELECT m.alt FROM snapshot_media m WHERE m.snapshot = s.id AND m.part = 'media' AND m.alt IS NOT NULL ORDER BY m.position)) AS alt
FROM posts p JOIN snapshots s ON s.id = p.snapshot;

CREATE VIEW article_texts AS
SELECT a.id, v.title, v.byline, v.text FROM articles a JOIN article_versions v ON v.id = a.version;

CREATE VIRTUAL TABLE posts_fts USING fts5 (
  text, author_name, author_handle, alt,
  content = 'post_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE VIRTUAL TABLE articles_fts USING fts5 (
  title, byline, text,
  content = 'article_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

-- What was added by whom, provably; what must not be shown; words of scripts without spaces.

-- Trust. What a run added, in order: the leaves of its Merkle tree. The run's record, with the root and the records before it, is
-- a link of the chain. docs/trust.md has the rules.
CREATE TABLE entries (
  run INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  row INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_row ON entries (kind, row);
ALTER TABLE runs ADD COLUMN salt TEXT;
ALTER TABLE runs ADD COLUMN parents TEXT;
ALTER TABLE runs ADD COLUMN entries INTEGER;
ALTER TABLE runs ADD COLUMN root TEXT;
ALTER TABLE runs ADD COLUMN digest TEXT;
CREATE UNIQUE INDEX runs_digest ON runs (digest) WHERE digest IS NOT NULL;

-- What was taken away or changed on purpose, after it had been entered.
CREATE TABLE tombstones (
  id INTEGER PRIMARY KEY,
  buried_at TEXT NOT NULL,
  kind TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (kind, sha256, buried_at, reason)
) STRICT;

CREATE TABLE stamps (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  stamped_at TEXT NOT NULL,
  authority TEXT NOT NULL,
  token BLOB NOT NULL
) STRICT;
CREATE INDEX stamps_run ON stamps (run);

-- Care. Which reading of an answer stands does not hang on the numbers of rows: archives that are merged give them anew.
DROP VIEW standing_looks;
CREATE VIEW standing_looks AS
SELECT l.id, l.post, l.run, l.looked_at, l.via, l.result, l.state, l.snapshot, l.reason, l.detail, l.retry_at, l.reparse_of
FROM looks l
WHERE NOT EXISTS (SELECT 1 FROM looks n JOIN runs m ON m.id = n.run WHERE n.reparse_of = coalesce(l.reparse_of, l.id)
  AND (l.reparse_of IS NULL OR (m.started_at, m.command, coalesce(m.host, ''), n.id) >
    (SELECT r.started_at, r.command, coalesce(r.host, ''), l.id FROM runs r WHERE r.id = l.run)));

-- Names by which a post was known in an archive that was merged, and that lead to another post by now.
CREATE TABLE former_names (
  platform TEXT NOT NULL,
  post_id TEXT NOT NULL,
  post INTEGER NOT NULL REFERENCES posts (id),
  PRIMARY KEY (platform, post_id, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_names_post ON former_names (post);

CREATE TABLE redactions (
  id INTEGER PRIMARY KEY,
  redacted_at TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('post', 'article', 'media')),
  target TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('hidden', 'removed')),
  reason TEXT NOT NULL,
  UNIQUE (what, target)
) STRICT;
-- What stood in rows that are hidden, until that is lifted or removed.
CREATE TABLE redacted_rows (
  what TEXT NOT NULL,
  target TEXT NOT NULL,
  "table" TEXT NOT NULL,
  row INTEGER NOT NULL,
  content TEXT NOT NULL,
  data BLOB,
  PRIMARY KEY ("table", row)
) STRICT;

-- Search.
-- The index holds words as `words` of the program cuts and folds them, parted by spaces: pairs of characters where a script sets no
-- spaces, tags and names once more behind the text with their sign. Views and columns stay; the rows are indexed anew after this step.
DROP TABLE posts_fts;
DROP TABLE articles_fts;
CREATE VIRTUAL TABLE posts_fts USING fts5 (
  text, author_name, author_handle, alt,
  content = 'post_texts', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2 categories ''L* M* N* Co Cn So'' tokenchars ''#@'''
);
CREATE VIRTUAL TABLE articles_fts USING fts5 (
  title, byline, text,
  content = 'article_texts', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2 categories ''L* M* N* Co Cn So'' tokenchars ''#@'''
);

-- Merge. Answers of one address, of which a feed has thousands, are told apart by when they were asked for.
DROP INDEX exchanges_url;
CREATE INDEX exchanges_url ON exchanges (url, started_at);

-- Lists. Each order that people ask for by an index; what failed last by the time at which it failed.
ALTER TABLE posts ADD COLUMN published TEXT;
UPDATE posts SET published = (SELECT s.published FROM snapshots s WHERE s.id = posts.snapshot) WHERE snapshot IS NOT NULL;
CREATE INDEX posts_published ON posts (published);
CREATE INDEX posts_state_captured ON posts (state, captured_at);
CREATE INDEX looks_failed_at ON looks (looked_at) WHERE result = 'failed';

-- Import. What an export says proves no more of what is of a post now than a web archive's copy does: views and counts as before,
-- with that rung told apart.
DROP VIEW failures;
CREATE VIEW failures AS
SELECT 'post' AS what, l.looked_at AS failed_at, p.platform, p.key AS subject, p.url, l.via, l.reason, l.detail, l.run,
  q.attempts, q.due_at, p.id AS post, NULL AS article_name, coalesce(q.queued_at, l.looked_at) AS since,
  CASE WHEN q.id IS NOT NULL THEN q.rests WHEN l.reason IN ('no_route', 'unresolved', 'not_archived') THEN 'dead' ELSE 'failed' END AS rests,
  NULL AS site, l.retry_at, NULL AS why
FROM looks l JOIN posts p ON p.id = l.post LEFT JOIN queue q ON q.post = p.id
WHERE l.result = 'failed' AND l.id = (SELECT n.id FROM looks n WHERE n.post = l.post AND n.via NOT IN ('memento', 'import', 'quoted')
  ORDER BY n.looked_at DESC, n.id DESC LIMIT 1)
UNION ALL
SELECT 'media', s.captured_at, p.platform, p.key, m.url, s.via, CASE WHEN m.skipped IS NULL THEN 'media' ELSE 'skipped' END,
  m.failure, s.run, q.attempts, q.due_at, p.id, NULL, s.captured_at,
  CASE WHEN q.id IS NOT NULL THEN q.rests WHEN m.skipped IS NULL THEN 'dead' END, NULL, NULL, m.failure
FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post AND p.snapshot = s.id
  LEFT JOIN queue q ON q.post = p.id
WHERE m.blob IS NULL AND m.failure IS NOT NULL
UNION ALL
SELECT 'article', coalesce(q.tried_at, q.queued_at), NULL, q.article_name, q.article_name, NULL, 'article', q.reason, NULL,
  q.attempts, q.due_at, NULL, q.article_name, q.queued_at, q.rests, q.site, NULL, q.reason
FROM queue q WHERE q.article_name IS NOT NULL AND (q.attempts > 0 OR q.tried_at IS NOT NULL);
DROP TRIGGER looks_tally_in;
CREATE TRIGGER looks_tally_in AFTER INSERT ON looks
WHEN new.via NOT IN ('memento', 'import', 'quoted') AND new.reparse_of IS NULL AND coalesce(new.reason, '') NOT IN ('no_route', 'unresolved') BEGIN
  INSERT INTO platform_looks
  SELECT new.run, p.platform, 1, new.result = 'new' AND new.state IS 'live', new.result = 'unchanged' AND new.state IS 'live',
    coalesce(new.state IN ('deleted', 'account_deleted', 'suspended'), 0),
    coalesce(new.state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable'), 0),
    new.result = 'failed' AND new.reason IS NOT 'drift', new.result = 'failed' AND new.reason IS 'drift',
    CASE WHEN new.reason = 'drift' THEN new.detail END
  FROM posts p WHERE p.id = new.post
  ON CONFLICT DO UPDATE SET looks = looks + 1, captured = captured + excluded.captured,
    unchanged = unchanged + excluded.unchanged, gone = gone + excluded.gone, withheld = withheld + excluded.withheld,
    failed = failed + excluded.failed, drifted = drifted + excluded.drifted, drift = coalesce(drift, excluded.drift);
END;
DROP VIEW platform_success;
CREATE VIEW platform_success AS
SELECT platform, sum(posts) AS posts,
  sum(CASE WHEN via NOT IN ('', 'memento', 'import', 'quoted') THEN posts ELSE 0 END) AS captured,
  sum(CASE WHEN via = 'memento' THEN posts ELSE 0 END) AS memento_only,
  sum(CASE WHEN via = 'import' THEN posts ELSE 0 END) AS imported_only,
  sum(CASE WHEN via = 'quoted' THEN posts ELSE 0 END) AS quoted_only,
  sum(CASE WHEN via = '' THEN posts ELSE 0 END) AS without_content,
  sum(CASE WHEN state IN ('deleted', 'account_deleted', 'suspended') THEN posts ELSE 0 END) AS gone,
  sum(CASE WHEN state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable') THEN posts ELSE 0 END) AS withheld,
  sum(CASE WHEN state = 'unknown' THEN posts ELSE 0 END) AS unknown
FROM post_tallies GROUP BY platform HAVING sum(posts) > 0;

-- Views: what people ask with `sqlite3`, Datasette, a notebook. docs/queries.md asks them.

-- A key is how people name a post.
CREATE INDEX posts_key ON posts (key);

-- What happened to a post, in order: ORDER BY at.
CREATE VIEW post_timeline AS
SELECT p.id AS post, p.key, s.published AS at, 'published' AS event, NULL AS via, NULL AS detail, NULL AS run
FROM posts p JOIN snapshots s ON s.id = p.snapshot WHERE s.published IS NOT NULL
UNION ALL
SELECT p.id, p.key, v.captured_at, 'embedded', NULL, coalesce(v.url, a.name), v.run
FROM posts p JOIN embeds e ON e.post = p.id JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article
WHERE v.id = (SELECT min(w.id) FROM embeds g JOIN article_versions w ON w.id = g.version WHERE g.post = p.id AND w.article = a.id)
UNION ALL
SELECT p.id, p.key, l.looked_at, CASE
    WHEN l.result = 'failed' THEN 'not reached'
    WHEN l.via = 'quoted' THEN 'kept as quoted'
    WHEN l.via = 'memento' THEN 'kept from a web archive'
    WHEN l.via = 'import' THEN 'imported'
    WHEN l.state IS NOT 'live' THEN coalesce(l.state, l.result)
    WHEN l.result = 'unchanged' THEN 'as before'
    WHEN EXISTS (SELECT 1 FROM snapshots n WHERE n.post = p.id AND n.via = s.via AND n.outcome = 'found'
      AND (n.captured_at, n.id) < (s.captured_at, s.id) AND n.digest IS NOT s.digest) THEN 'changed'
    ELSE 'captured' END,
  l.via, coalesce(l.reason || coalesce(': ' || l.detail, ''), s.text), l.run
FROM posts p JOIN standing_looks l ON l.post = p.id LEFT JOIN snapshots s ON s.id = l.snapshot;

-- The embeds of the newest versions beside their posts, and what a reader of the article finds there today.
CREATE VIEW embedded_posts AS
SELECT a.id AS article, coalesce(v.url, a.name) AS article_url, a.site, v.title, v.published AS article_published, e.position, e.form,
  p.key, p.platform, p.url AS post_url, p.state, CASE
    WHEN p.state = 'live' THEN 'online'
    WHEN p.state IN ('deleted', 'account_deleted', 'suspended') AND p.via IS NULL THEN 'gone, and not kept'
    WHEN p.state IN ('deleted', 'account_deleted', 'suspended') AND p.via = 'quoted' THEN 'gone, kept as the article quotes it'
    WHEN p.state IN ('deleted', 'account_deleted', 'suspended') AND p.via = 'memento' THEN 'gone, kept from a web archive'
    WHEN p.state IN ('deleted', 'account_deleted', 'suspended') AND p.via = 'import' THEN 'gone, kept from an import'
    WHEN p.state IN ('deleted', 'account_deleted', 'suspended') THEN 'gone, kept as captured'
    WHEN p.state = 'unknown' THEN 'not known'
    ELSE 'not for strangers' END AS stands,
  p.state_since, p.via, p.captured_at, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle,
  s.published AS post_published, coalesce(s.text, e.quoted_text) AS text, s.lang
FROM articles a JOIN article_versions v ON v.article = a.id AND v.id = a.version JOIN embeds e ON e.version = v.id
  JOIN posts p ON p.id = e.post
  LEFT JOIN snapshots s ON s.id = p.snapshot;

-- Posts that vanished, by the site that embeds them and the month in which they were found gone.
CREATE VIEW gone_by_month AS
SELECT a.site, substr(p.state_since, 1, 7) AS month, p.platform, p.state, count(DISTINCT p.id) AS posts, count(DISTINCT a.id) AS articles
FROM posts p JOIN embeds e ON e.post = p.id JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article
WHERE p.state IN ('deleted', 'account_deleted', 'suspended')
GROUP BY a.site, substr(p.state_since, 1, 7), p.platform, p.state;

-- One row a post whose state its platform has told: how old it was when it was last known, and whether it was gone by then.
-- That is what survival analysis asks for.
CREATE VIEW post_survival AS
SELECT p.id AS post, p.key, p.platform, p.state, s.published, p.state_since, p.last_looked_at,
  p.state IN ('deleted', 'account_deleted', 'suspended') AS gone,
  max(0, CAST(julianday(CASE WHEN p.state IN ('deleted', 'account_deleted', 'suspended') THEN p.state_since ELSE p.last_looked_at END)
    - julianday(s.published) AS INTEGER)) AS age_days
FROM posts p JOIN snapshots s ON s.id = p.snapshot
WHERE p.state <> 'unknown' AND s.published IS NOT NULL;

-- How much is gone, by platform and by age in years.
CREATE VIEW link_rot AS
SELECT platform, age_days / 365 AS age_years, count(*) AS posts, sum(gone) AS gone,
  sum(state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable')) AS withheld,
  round(100.0 * sum(gone) / count(*), 1) AS gone_percent
FROM post_survival GROUP BY platform, age_days / 365;

-- Authors by platform and handle, as their shown posts name them.
CREATE VIEW authors AS
SELECT p.platform, lower(coalesce(nullif(s.author_handle, ''), p.author_handle)) AS handle, max(s.author_name) AS name,
  count(*) AS posts, sum(p.state IN ('deleted', 'account_deleted', 'suspended')) AS gone,
  min(s.published) AS first_published, max(s.published) AS last_published, max(p.captured_at) AS last_captured_at
FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot
WHERE coalesce(nullif(s.author_handle, ''), p.author_handle) IS NOT NULL
GROUP BY 1, 2;

-- Each stored file of posts once, with how often it is named.
CREATE VIEW stored_media AS
SELECT b.id AS blob, b.sha256, b.mime, b.size_bytes, min(m.kind) AS kind, max(m.width_px) AS width_px, max(m.height_px) AS height_px,
  count(*) AS named, count(DISTINCT s.post) AS posts, max(m.alt) AS alt, min(m.url) AS url
FROM snapshot_media m JOIN blobs b ON b.id = m.blob JOIN snapshots s ON s.id = m.snapshot
GROUP BY b.id;

-- What the files of each platform weigh; a file that two platforms have counts for both.
CREATE VIEW platform_media AS
SELECT platform, kind, count(*) AS files, sum(size_bytes) AS bytes, round(sum(size_bytes) / 1e6, 1) AS megabytes
FROM (SELECT DISTINCT p.platform, m.kind, b.id, b.size_bytes FROM snapshot_media m JOIN blobs b ON b.id = m.blob
  JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post)
GROUP BY platform, kind;

-- Runs as a person reads them.
CREATE VIEW run_summary AS
SELECT id AS run, command, started_at, CASE
    WHEN finished_at IS NULL THEN iif(stopped IS NULL, 'running', 'killed') WHEN exit_code IN (1, 2, 75) THEN 'failed'
    WHEN stopped IS NOT NULL THEN 'stopped' ELSE 'done' END AS state,
  stopped, round(elapsed_ms / 1000.0, 1) AS seconds, articles_new + articles_changed AS articles, posts_captured, posts_gone, posts_deferred,
  media_stored, requests, round(downloaded_bytes / 1e6, 1) AS downloaded_megabytes, round(archive_bytes / 1e6, 1) AS archive_megabytes, problems
FROM runs;

-- Sites with what they embed and how much of it is gone.
CREATE VIEW sites AS
SELECT a.site, count(DISTINCT a.id) AS articles, count(DISTINCT iif(a.state = 'gone', a.id, NULL)) AS articles_gone, count(e.id) AS embeds,
  count(DISTINCT e.post) AS posts,
  count(DISTINCT iif(p.state IN ('deleted', 'account_deleted', 'suspended'), p.id, NULL)) AS posts_gone,
  min(a.first_captured_at) AS first_captured_at, max(a.captured_at) AS last_captured_at
FROM articles a LEFT JOIN embeds e ON e.version = a.version LEFT JOIN posts p ON p.id = e.post
GROUP BY a.site;

-- Posts whose words changed: each snapshot beside the one before it from the same rung.
CREATE VIEW post_edits AS
SELECT p.id AS post, p.key, s.via, b.captured_at AS before_at, s.captured_at AS after_at, b.text AS before, s.text AS after
FROM snapshots s JOIN posts p ON p.id = s.post
JOIN snapshots b ON b.id = (SELECT n.id FROM snapshots n WHERE n.post = s.post AND n.via = s.via AND n.outcome = 'found'
  AND (n.captured_at, n.id) < (s.captured_at, s.id) ORDER BY n.captured_at DESC, n.id DESC LIMIT 1)
WHERE s.outcome = 'found' AND b.text IS NOT s.text;

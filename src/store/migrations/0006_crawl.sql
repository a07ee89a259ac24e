-- The crawl: what is known of sources, of articles over time, of hosts, of what waits, and what a run tells.

-- Sources.

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  parent TEXT,
  kind TEXT NOT NULL,
  place TEXT NOT NULL,
  labels TEXT NOT NULL DEFAULT '[]',
  lang TEXT,
  last_polled_at TEXT,
  last_success_at TEXT,
  next_poll_at TEXT,
  failures_in_a_row INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  moved_to TEXT,
  rests INTEGER NOT NULL DEFAULT 0,
  settings TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sources_parent ON sources (parent) WHERE parent IS NOT NULL;

CREATE TABLE source_documents (
  source INTEGER NOT NULL REFERENCES sources (id),
  url TEXT NOT NULL,
  read_at TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_articles (
  source INTEGER NOT NULL REFERENCES sources (id),
  name TEXT NOT NULL,
  address TEXT,
  first_named_at TEXT NOT NULL,
  PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_articles_name ON source_articles (name);
CREATE INDEX source_articles_address ON source_articles (address) WHERE address IS NOT NULL;
CREATE INDEX articles_source ON articles (source);

-- Articles over time.

ALTER TABLE articles ADD COLUMN state TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'gone'));
ALTER TABLE articles ADD COLUMN state_since TEXT;
ALTER TABLE articles ADD COLUMN looks INTEGER NOT NULL DEFAULT 1;
ALTER TABLE articles ADD COLUMN due_at TEXT;
ALTER TABLE articles ADD COLUMN live_blog INTEGER NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN looked_url TEXT;
ALTER TABLE articles ADD COLUMN validators TEXT;
CREATE INDEX articles_due_at ON articles (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE article_versions ADD COLUMN content_digest TEXT;
ALTER TABLE article_versions ADD COLUMN body_from TEXT CHECK (body_from IN ('amp', 'print', 'json_ld'));

CREATE TABLE article_aliases (
  url TEXT PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles (id),
  how TEXT NOT NULL CHECK (how IN ('named', 'redirect', 'canonical', 'page', 'amp', 'print')),
  seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX article_aliases_article ON article_aliases (article);

CREATE TABLE article_pages (
  version INTEGER NOT NULL REFERENCES article_versions (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('next', 'whole', 'amp', 'print')),
  exchange INTEGER NOT NULL REFERENCES exchanges (id),
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;

-- An article has the labels of every source that names it, by whichever of its addresses.
CREATE VIEW article_labels AS
SELECT a.id AS article, a.name, j.value AS label FROM articles a JOIN sources s ON s.name = a.source, json_each(s.labels) j
UNION
SELECT a.id, a.name, j.value FROM sources s, json_each(s.labels) j JOIN source_articles n ON n.source = s.id
  JOIN articles a ON a.name = n.name
UNION
SELECT a.id, a.name, j.value FROM sources s, json_each(s.labels) j JOIN source_articles n ON n.source = s.id
  JOIN article_aliases l ON l.url = n.address JOIN articles a ON a.id = l.article;

-- Hosts.

CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  rests_until TEXT,
  why TEXT,
  failures INTEGER NOT NULL,
  rests INTEGER NOT NULL,
  hour_from TEXT,
  asked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE robots (
  origin TEXT PRIMARY KEY,
  asked_at TEXT NOT NULL,
  status INTEGER,
  body BLOB,
  unreachable_since TEXT
) STRICT;

-- The queue.
-- What was tried too often rests here as `failed`, what is not worth many tries as `dead`: with a late time or none.

DROP VIEW failures;
DROP VIEW queued;
CREATE TABLE queue_now (
  id INTEGER PRIMARY KEY,
  post INTEGER UNIQUE REFERENCES posts (id),
  article_name TEXT UNIQUE,
  source TEXT,
  site TEXT,
  due_at TEXT,
  attempts INTEGER NOT NULL,
  reason TEXT NOT NULL,
  queued_at TEXT NOT NULL,
  tried_at TEXT,
  rests TEXT CHECK (rests IN ('failed', 'dead')),
  CHECK ((post IS NULL) <> (article_name IS NULL)),
  CHECK (due_at IS NOT NULL OR rests IS NOT NULL)
) STRICT;
INSERT INTO queue_now (id, post, article_name, source, site, due_at, attempts, reason, queued_at, tried_at)
SELECT q.id, q.post, q.article_name, q.source,
  CASE WHEN q.article_name LIKE 'http%://%' THEN (
    SELECT CASE WHEN host LIKE 'www.%' THEN substr(host, 5) ELSE host END FROM (
      SELECT lower(substr(rest, 1, instr(rest || '/', '/') - 1)) AS host FROM (
        SELECT substr(q.article_name, instr(q.article_name, '://') + 3) AS rest))) END,
  q.due_at, q.attempts, q.reason, q.queued_at,
  CASE WHEN q.attempts > 0 THEN coalesce((SELECT p.last_looked_at FROM posts p WHERE p.id = q.post), q.queued_at) END
FROM queue q;
DROP TABLE queue;
ALTER TABLE queue_now RENAME TO queue;
CREATE INDEX queue_due_at ON queue (due_at) WHERE due_at IS NOT NULL;

-- Until now a post left the queue without a word when it had been tried twelve times.
INSERT INTO queue (post, attempts, reason, queued_at, tried_at, rests)
SELECT p.id, (SELECT count(*) FROM looks f WHERE f.post = p.id AND f.result = 'failed' AND f.via NOT IN ('memento', 'quoted')),
  'it was tried too often by an earlier version', l.looked_at, l.looked_at, 'failed'
FROM posts p JOIN looks l ON l.id = (SELECT n.id FROM looks n WHERE n.post = p.id AND n.via NOT IN ('memento', 'quoted')
    ORDER BY n.looked_at DESC, n.id DESC LIMIT 1)
WHERE l.result = 'failed' AND l.reason NOT IN ('no_route', 'unresolved', 'not_archived')
  AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.post = p.id);

CREATE VIEW queued AS
SELECT q.id, q.due_at, q.attempts, q.reason, q.queued_at, p.key AS post, q.article_name AS article, q.tried_at, q.rests
FROM queue q LEFT JOIN posts p ON p.id = q.post;

CREATE VIEW failures AS
SELECT 'post' AS what, l.looked_at AS failed_at, p.platform, p.key AS subject, p.url, l.via, l.reason, l.detail, l.run,
  q.attempts, q.due_at, p.id AS post, NULL AS article_name, coalesce(q.queued_at, l.looked_at) AS since,
  CASE WHEN q.id IS NOT NULL THEN q.rests WHEN l.reason IN ('no_route', 'unresolved', 'not_archived') THEN 'dead' ELSE 'failed' END AS rests,
  NULL AS site, l.retry_at, NULL AS why
FROM posts p JOIN looks l ON l.id = (SELECT n.id FROM looks n WHERE n.post = p.id AND n.via NOT IN ('memento', 'quoted')
    ORDER BY n.looked_at DESC, n.id DESC LIMIT 1)
  LEFT JOIN queue q ON q.post = p.id
WHERE l.result = 'failed'
UNION ALL
SELECT 'media', s.captured_at, p.platform, p.key, m.url, s.via, CASE WHEN m.skipped IS NULL THEN 'media' ELSE 'skipped' END,
  m.failure, s.run, q.attempts, q.due_at, p.id, NULL, s.captured_at,
  CASE WHEN q.id IS NOT NULL THEN q.rests WHEN m.skipped IS NULL THEN 'dead' END, NULL, NULL, m.failure
FROM posts p JOIN snapshots s ON s.id = p.snapshot JOIN snapshot_media m ON m.snapshot = s.id
  LEFT JOIN queue q ON q.post = p.id
WHERE m.blob IS NULL AND m.failure IS NOT NULL
UNION ALL
SELECT 'article', coalesce(q.tried_at, q.queued_at), NULL, q.article_name, q.article_name, NULL, 'article', q.reason, NULL,
  q.attempts, q.due_at, NULL, q.article_name, q.queued_at, q.rests, q.site, NULL, q.reason
FROM queue q WHERE q.article_name IS NOT NULL AND (q.attempts > 0 OR q.tried_at IS NOT NULL);

-- Runs.

ALTER TABLE runs ADD COLUMN exit_code INTEGER;
ALTER TABLE runs ADD COLUMN host TEXT;
ALTER TABLE runs ADD COLUMN version TEXT;
ALTER TABLE runs ADD COLUMN sources_polled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN sources_unchanged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN sources_not_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN sources_failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN robots_refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN hosts_rested INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN waited_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN skipped TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN queue TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN archive_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN problems TEXT NOT NULL DEFAULT '[]';
UPDATE runs SET stopped = 'killed' WHERE finished_at IS NULL;

-- Counts that are kept as the rows come and go, so that millions of them are told at a glance.

CREATE TABLE tallies (
  what TEXT PRIMARY KEY,
  n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tallies (what, n)
SELECT 'articles', count(*) FROM articles
UNION ALL SELECT 'versions', count(*) FROM article_versions
UNION ALL SELECT 'embeds', count(*) FROM articles a JOIN embeds e ON e.version = a.version
UNION ALL SELECT 'snapshots', count(*) FROM snapshots
UNION ALL SELECT 'media_files', count(*) FROM blobs b WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id)
UNION ALL SELECT 'media_bytes', coalesce(sum(b.size_bytes), 0) FROM blobs b
  WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id);

CREATE TRIGGER articles_tally_in AFTER INSERT ON articles BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'articles';
  UPDATE tallies SET n = n + (SELECT count(*) FROM embeds WHERE version = new.version) WHERE what = 'embeds';
END;
CREATE TRIGGER articles_tally_newest AFTER UPDATE OF version ON articles WHEN old.version IS NOT new.version BEGIN
  UPDATE tallies SET n = n + (SELECT count(*) FROM embeds WHERE version = new.version)
    - (SELECT count(*) FROM embeds WHERE version = old.version) WHERE what = 'embeds';
END;
CREATE TRIGGER articles_tally_out AFTER DELETE ON articles BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'articles';
  UPDATE tallies SET n = n - (SELECT count(*) FROM embeds WHERE version = old.version) WHERE what = 'embeds';
END;
CREATE TRIGGER versions_tally_in AFTER INSERT ON article_versions BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'versions';
END;
CREATE TRIGGER versions_tally_out AFTER DELETE ON article_versions BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'versions';
END;
CREATE TRIGGER embeds_tally_in AFTER INSERT ON embeds
WHEN EXISTS (SELECT 1 FROM article_versions v JOIN articles a ON a.id = v.article WHERE v.id = new.version AND a.version = v.id) BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'embeds';
END;
CREATE TRIGGER embeds_tally_out AFTER DELETE ON embeds
WHEN EXISTS (SELECT 1 FROM article_versions v JOIN articles a ON a.id = v.article WHERE v.id = old.version AND a.version = v.id) BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'embeds';
END;
CREATE TRIGGER snapshots_tally_in AFTER INSERT ON snapshots BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'snapshots';
END;
CREATE TRIGGER snapshots_tally_out AFTER DELETE ON snapshots BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'snapshots';
END;
CREATE TRIGGER media_tally_in AFTER INSERT ON snapshot_media
WHEN new.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = new.blob AND m.id <> new.id) BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'media_files';
  UPDATE tallies SET n = n + (SELECT size_bytes FROM blobs WHERE id = new.blob) WHERE what = 'media_bytes';
END;
CREATE TRIGGER media_tally_had AFTER UPDATE OF blob ON snapshot_media
WHEN new.blob IS NOT NULL AND new.blob IS NOT old.blob
  AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = new.blob AND m.id <> new.id) BEGIN
  UPDATE tallies SET n = n + 1 WHERE what = 'media_files';
  UPDATE tallies SET n = n + (SELECT size_bytes FROM blobs WHERE id = new.blob) WHERE what = 'media_bytes';
END;
CREATE TRIGGER media_tally_lost AFTER UPDATE OF blob ON snapshot_media
WHEN old.blob IS NOT NULL AND new.blob IS NOT old.blob AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = old.blob) BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'media_files';
  UPDATE tallies SET n = n - (SELECT size_bytes FROM blobs WHERE id = old.blob) WHERE what = 'media_bytes';
END;
CREATE TRIGGER media_tally_out AFTER DELETE ON snapshot_media
WHEN old.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = old.blob) BEGIN
  UPDATE tallies SET n = n - 1 WHERE what = 'media_files';
  UPDATE tallies SET n = n - (SELECT size_bytes FROM blobs WHERE id = old.blob) WHERE what = 'media_bytes';
END;

CREATE TABLE post_tallies (
  platform TEXT NOT NULL,
  state TEXT NOT NULL,
  via TEXT NOT NULL,
  posts INTEGER NOT NULL,
  PRIMARY KEY (platform, state, via)
) STRICT, WITHOUT ROWID;
INSERT INTO post_tallies SELECT platform, state, coalesce(via, ''), count(*) FROM posts GROUP BY 1, 2, 3;
CREATE TRIGGER posts_tally_in AFTER INSERT ON posts BEGIN
  INSERT INTO post_tallies VALUES (new.platform, new.state, coalesce(new.via, ''), 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_tally_change AFTER UPDATE OF platform, state, via ON posts
WHEN old.platform IS NOT new.platform OR old.state IS NOT new.state OR old.via IS NOT new.via BEGIN
  UPDATE post_tallies SET posts = posts - 1
    WHERE platform = old.platform AND state = old.state AND via = coalesce(old.via, '');
  INSERT INTO post_tallies VALUES (new.platform, new.state, coalesce(new.via, ''), 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_tally_out AFTER DELETE ON posts BEGIN
  UPDATE post_tallies SET posts = posts - 1
    WHERE platform = old.platform AND state = old.state AND via = coalesce(old.via, '');
END;
DROP INDEX posts_state;
CREATE INDEX posts_state ON posts (state, state_since);

CREATE TABLE platform_looks (
  run INTEGER NOT NULL REFERENCES runs (id),
  platform TEXT NOT NULL,
  looks INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  withheld INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  drifted INTEGER NOT NULL,
  drift TEXT,
  PRIMARY KEY (run, platform)
) STRICT, WITHOUT ROWID;
INSERT INTO platform_looks
SELECT run, platform, looks, captured, unchanged, gone, withheld, failed, drifted, drift FROM platform_runs;
CREATE TRIGGER looks_tally_in AFTER INSERT ON looks
WHEN new.via NOT IN ('memento', 'quoted') AND new.reparse_of IS NULL AND coalesce(new.reason, '') NOT IN ('no_route', 'unresolved') BEGIN
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

DROP VIEW platform_runs;
CREATE VIEW platform_runs AS
SELECT t.run, r.command, r.started_at, t.platform, t.looks, t.captured, t.unchanged, t.gone, t.withheld, t.failed, t.drifted, t.drift
FROM platform_looks t JOIN runs r ON r.id = t.run;

DROP VIEW platform_success;
CREATE VIEW platform_success AS
SELECT platform, sum(posts) AS posts,
  sum(CASE WHEN via NOT IN ('', 'memento', 'quoted') THEN posts ELSE 0 END) AS captured,
  sum(CASE WHEN via = 'memento' THEN posts ELSE 0 END) AS memento_only,
  sum(CASE WHEN via = 'quoted' THEN posts ELSE 0 END) AS quoted_only,
  sum(CASE WHEN via = '' THEN posts ELSE 0 END) AS without_content,
  sum(CASE WHEN state IN ('deleted', 'account_deleted', 'suspended') THEN posts ELSE 0 END) AS gone,
  sum(CASE WHEN state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable') THEN posts ELSE 0 END) AS withheld,
  sum(CASE WHEN state = 'unknown' THEN posts ELSE 0 END) AS unknown
FROM post_tallies GROUP BY platform HAVING sum(posts) > 0;

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
  UNIQUE (kind, sha256)
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

-- Search.

-- Lists.

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

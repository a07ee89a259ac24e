-- The reading room: indexes for its pages, counts for its plots, a view that its lists use.

-- Authors: all posts of a handle, as people write handles. The shown snapshot's counts; where it names none, the post's own.
CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;

-- Platforms: the latest posts of one, and what vanished of it.
CREATE INDEX posts_platform ON posts (platform, captured_at);
CREATE INDEX posts_vanished ON posts (platform, state_since) WHERE state IN ('deleted', 'account_deleted', 'suspended');

-- Lists. What failed is found by what failed, not by going through everything that did not; the columns are as before.
CREATE INDEX looks_failed ON looks (post) WHERE result = 'failed';
CREATE INDEX snapshot_media_failed ON snapshot_media (snapshot) WHERE blob IS NULL AND failure IS NOT NULL;
CREATE INDEX article_versions_run ON article_versions (run);
DROP VIEW failures;
CREATE VIEW failures AS
SELECT 'post' AS what, l.looked_at AS failed_at, p.platform, p.key AS subject, p.url, l.via, l.reason, l.detail, l.run,
  q.attempts, q.due_at, p.id AS post, NULL AS article_name, coalesce(q.queued_at, l.looked_at) AS since,
  CASE WHEN q.id IS NOT NULL THEN q.rests WHEN l.reason IN ('no_route', 'unresolved', 'not_archived') THEN 'dead' ELSE 'failed' END AS rests,
  NULL AS site, l.retry_at, NULL AS why
FROM looks l JOIN posts p ON p.id = l.post LEFT JOIN queue q ON q.post = p.id
WHERE l.result = 'failed' AND l.id = (SELECT n.id FROM looks n WHERE n.post = l.post AND n.via NOT IN ('memento', 'quoted')
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

-- Plots.

-- When a post's first content came from its platform or a web archive; none where only an article quotes it.
ALTER TABLE posts ADD COLUMN first_captured_at TEXT;
UPDATE posts SET first_captured_at = f.at
FROM (SELECT post, min(captured_at) AS at FROM snapshots WHERE outcome = 'found' AND via <> 'quoted' GROUP BY post) f
WHERE f.post = posts.id;
CREATE TRIGGER snapshots_first_in AFTER INSERT ON snapshots WHEN new.outcome = 'found' AND new.via <> 'quoted' BEGIN
  UPDATE posts SET first_captured_at = new.captured_at
  WHERE id = new.post AND (first_captured_at IS NULL OR first_captured_at > new.captured_at);
END;
CREATE TRIGGER snapshots_first_moved AFTER UPDATE OF post, captured_at, outcome, via ON snapshots BEGIN
  UPDATE posts SET first_captured_at = (SELECT min(s.captured_at) FROM snapshots s
    WHERE s.post = posts.id AND s.outcome = 'found' AND s.via <> 'quoted') WHERE id IN (old.post, new.post);
END;
CREATE TRIGGER snapshots_first_out AFTER DELETE ON snapshots WHEN old.outcome = 'found' AND old.via <> 'quoted' BEGIN
  UPDATE posts SET first_captured_at = (SELECT min(s.captured_at) FROM snapshots s
    WHERE s.post = posts.id AND s.outcome = 'found' AND s.via <> 'quoted') WHERE id = old.post;
END;

CREATE TABLE capture_tallies (
  day TEXT NOT NULL,
  platform TEXT NOT NULL,
  posts INTEGER NOT NULL,
  PRIMARY KEY (day, platform)
) STRICT, WITHOUT ROWID;
INSERT INTO capture_tallies
SELECT substr(first_captured_at, 1, 10), platform, count(*) FROM posts WHERE first_captured_at IS NOT NULL GROUP BY 1, 2;
CREATE TRIGGER posts_captured_in AFTER INSERT ON posts WHEN new.first_captured_at IS NOT NULL BEGIN
  INSERT INTO capture_tallies VALUES (substr(new.first_captured_at, 1, 10), new.platform, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_captured_change AFTER UPDATE OF platform, first_captured_at ON posts
WHEN old.platform IS NOT new.platform OR old.first_captured_at IS NOT new.first_captured_at BEGIN
  UPDATE capture_tallies SET posts = posts - 1
    WHERE day = substr(old.first_captured_at, 1, 10) AND platform = old.platform;
  INSERT INTO capture_tallies SELECT substr(new.first_captured_at, 1, 10), new.platform, 1
    WHERE new.first_captured_at IS NOT NULL ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_captured_out AFTER DELETE ON posts WHEN old.first_captured_at IS NOT NULL BEGIN
  UPDATE capture_tallies SET posts = posts - 1
    WHERE day = substr(old.first_captured_at, 1, 10) AND platform = old.platform;
END;

CREATE TABLE age_tallies (
  published TEXT NOT NULL,
  state TEXT NOT NULL,
  posts INTEGER NOT NULL,
  PRIMARY KEY (published, state)
) STRICT, WITHOUT ROWID;
INSERT INTO age_tallies
SELECT coalesce(substr(s.published, 1, 10), ''), p.state, count(*) FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot
GROUP BY 1, 2;
CREATE TRIGGER posts_age_in AFTER INSERT ON posts BEGIN
  INSERT INTO age_tallies VALUES
    (coalesce((SELECT substr(published, 1, 10) FROM snapshots WHERE id = new.snapshot), ''), new.state, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_age_change AFTER UPDATE OF state, snapshot ON posts
WHEN old.state IS NOT new.state OR old.snapshot IS NOT new.snapshot BEGIN
  UPDATE age_tallies SET posts = posts - 1 WHERE state = old.state
    AND published = coalesce((SELECT substr(published, 1, 10) FROM snapshots WHERE id = old.snapshot), '');
  INSERT INTO age_tallies VALUES
    (coalesce((SELECT substr(published, 1, 10) FROM snapshots WHERE id = new.snapshot), ''), new.state, 1)
    ON CONFLICT DO UPDATE SET posts = posts + 1;
END;
CREATE TRIGGER posts_age_out AFTER DELETE ON posts BEGIN
  UPDATE age_tallies SET posts = posts - 1 WHERE state = old.state
    AND published = coalesce((SELECT substr(published, 1, 10) FROM snapshots WHERE id = old.snapshot), '');
END;

CREATE TABLE media_tallies (
  kind TEXT PRIMARY KEY,
  files INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO media_tallies SELECT substr(b.mime, 1, instr(b.mime || '/', '/') - 1), count(*), sum(b.size_bytes) FROM blobs b
WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id) GROUP BY 1;
CREATE TRIGGER media_kind_in AFTER INSERT ON snapshot_media
WHEN new.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = new.blob AND m.id <> new.id) BEGIN
  INSERT INTO media_tallies SELECT substr(mime, 1, instr(mime || '/', '/') - 1), 1, size_bytes FROM blobs WHERE id = new.blob
    ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER media_kind_had AFTER UPDATE OF blob ON snapshot_media
WHEN new.blob IS NOT NULL AND new.blob IS NOT old.blob
  AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = new.blob AND m.id <> new.id) BEGIN
  INSERT INTO media_tallies SELECT substr(mime, 1, instr(mime || '/', '/') - 1), 1, size_bytes FROM blobs WHERE id = new.blob
    ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER media_kind_lost AFTER UPDATE OF blob ON snapshot_media
WHEN old.blob IS NOT NULL AND new.blob IS NOT old.blob AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = old.blob) BEGIN
  UPDATE media_tallies SET files = files - 1, bytes = bytes - (SELECT size_bytes FROM blobs WHERE id = old.blob)
  WHERE kind = (SELECT substr(mime, 1, instr(mime || '/', '/') - 1) FROM blobs WHERE id = old.blob);
END;
CREATE TRIGGER media_kind_out AFTER DELETE ON snapshot_media
WHEN old.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = old.blob) BEGIN
  UPDATE media_tallies SET files = files - 1, bytes = bytes - (SELECT size_bytes FROM blobs WHERE id = old.blob)
  WHERE kind = (SELECT substr(mime, 1, instr(mime || '/', '/') - 1) FROM blobs WHERE id = old.blob);
END;

CREATE INDEX runs_size ON runs (finished_at, archive_bytes) WHERE finished_at IS NOT NULL AND archive_bytes > 0;

-- Articles.

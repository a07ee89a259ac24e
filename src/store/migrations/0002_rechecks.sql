-- Rechecks and second readings: when a post is due for another look, and which look a newer parser has read again.

ALTER TABLE runs ADD COLUMN as_of TEXT;
UPDATE runs SET as_of = started_at;

ALTER TABLE looks ADD COLUMN reparse_of INTEGER REFERENCES looks (id);
ALTER TABLE looks ADD COLUMN validators TEXT;
CREATE INDEX looks_reparse_of ON looks (reparse_of) WHERE reparse_of IS NOT NULL;
CREATE INDEX looks_run ON looks (run);

ALTER TABLE posts ADD COLUMN asked_at TEXT;
ALTER TABLE posts ADD COLUMN recheck_step INTEGER NOT NULL DEFAULT 0;
UPDATE posts SET
  asked_at = (SELECT max(r.as_of) FROM looks l JOIN runs r ON r.id = l.run
    WHERE l.post = posts.id AND l.via NOT IN ('memento', 'quoted')),
  recheck_step = (SELECT min(count(DISTINCT l.run), 32) FROM looks l
    WHERE l.post = posts.id AND l.state IS NOT NULL AND l.looked_at >= posts.state_since);
CREATE INDEX posts_recheck ON posts (recheck_step, asked_at);

-- A look counts until a newer parser has read its answers again.
CREATE VIEW standing_looks AS
SELECT l.id, l.post, l.run, l.looked_at, l.via, l.result, l.state, l.snapshot, l.reason, l.detail, l.retry_at, l.reparse_of
FROM looks l
WHERE NOT EXISTS (SELECT 1 FROM looks n WHERE n.reparse_of = coalesce(l.reparse_of, l.id) AND n.id > l.id);

DROP VIEW vanished_posts;
CREATE VIEW vanished_posts AS
SELECT p.id, p.key, p.platform, p.post_id, p.url, p.state,
  (SELECT max(l.looked_at) FROM standing_looks l WHERE l.post = p.id AND l.state = 'live') AS last_seen_at,
  p.state_since AS gone_since, p.via, p.captured_at, s.author_name, s.author_handle, s.published, s.text
FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot
WHERE p.state IN ('deleted', 'account_deleted', 'suspended');

CREATE VIEW platform_runs AS
SELECT l.run, r.command, r.started_at, p.platform, count(*) AS looks,
  sum(l.result = 'new' AND l.state = 'live') AS captured,
  sum(l.result = 'unchanged' AND l.state = 'live') AS unchanged,
  sum(l.state IS NOT NULL AND l.state IN ('deleted', 'account_deleted', 'suspended')) AS gone,
  sum(l.state IS NOT NULL AND l.state IN ('private', 'login_required', 'age_restricted', 'geo_blocked', 'unavailable')) AS withheld,
  sum(l.result = 'failed' AND l.reason <> 'drift') AS failed,
  sum(l.result = 'failed' AND l.reason = 'drift') AS drifted,
  max(CASE WHEN l.reason = 'drift' THEN l.detail END) AS drift
FROM looks l JOIN runs r ON r.id = l.run JOIN posts p ON p.id = l.post
WHERE l.via NOT IN ('memento', 'quoted') AND l.reparse_of IS NULL AND coalesce(l.reason, '') NOT IN ('no_route', 'unresolved')
GROUP BY l.run, p.platform;

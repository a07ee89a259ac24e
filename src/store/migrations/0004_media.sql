-- What a limit kept out can be fetched later; how a file was had, where it is not what one URL answered.

ALTER TABLE snapshot_media ADD COLUMN skipped TEXT CHECK (skipped IN ('file', 'post', 'run'));
ALTER TABLE snapshot_media ADD COLUMN skipped_limit_bytes INTEGER;
ALTER TABLE snapshot_media ADD COLUMN obtained TEXT;
ALTER TABLE snapshot_media ADD COLUMN note TEXT;
CREATE INDEX snapshot_media_skipped ON snapshot_media (snapshot) WHERE skipped IS NOT NULL;

DROP VIEW media_files;
CREATE VIEW media_files AS
SELECT m.id, p.id AS post, p.key, m.snapshot, s.captured_at, s.via, m.snapshot = p.snapshot AS shown, m.part, m.kind, m.url,
  m.alt, m.width_px, m.height_px, m.duration_ms, b.sha256, b.mime, b.size_bytes, m.failure, m.skipped, m.skipped_limit_bytes,
  m.obtained, m.note
FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post LEFT JOIN blobs b ON b.id = m.blob;

DROP VIEW failures;
CREATE VIEW failures AS
SELECT 'post' AS what, l.looked_at AS failed_at, p.platform, p.key AS subject, p.url, l.via, l.reason, l.detail, l.run,
  q.attempts, q.due_at, p.id AS post, NULL AS article_name
FROM posts p JOIN looks l ON l.id = (SELECT n.id FROM looks n WHERE n.post = p.id AND n.via NOT IN ('memento', 'quoted')
    ORDER BY n.looked_at DESC, n.id DESC LIMIT 1)
  LEFT JOIN queue q ON q.post = p.id
WHERE l.result = 'failed'
UNION ALL
SELECT 'media', s.captured_at, p.platform, p.key, m.url, s.via, CASE WHEN m.skipped IS NULL THEN 'media' ELSE 'skipped' END,
  m.failure, s.run, q.attempts, q.due_at, p.id, NULL
FROM posts p JOIN snapshots s ON s.id = p.snapshot JOIN snapshot_media m ON m.snapshot = s.id
  LEFT JOIN queue q ON q.post = p.id
WHERE m.blob IS NULL AND m.failure IS NOT NULL
UNION ALL
SELECT 'article', q.queued_at, NULL, q.article_name, q.article_name, NULL, 'article', q.reason, NULL, q.attempts, q.due_at, NULL,
  q.article_name
FROM queue q WHERE q.article_name IS NOT NULL;

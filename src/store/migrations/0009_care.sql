-- What a person asks for first is read in its order, and nothing is gathered and sorted.

-- The posts of an author, newest first.
DROP INDEX snapshots_author;
CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE, captured_at, post) WHERE author_handle IS NOT NULL;
DROP INDEX posts_author;
CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE, captured_at) WHERE author_handle IS NOT NULL;

-- What waits the longest.
CREATE INDEX queue_queued_at ON queue (queued_at) WHERE rests IS NULL;

-- Redactions. Each is a record that stays, a lift too; what is redacted by now follows from all of them, in whichever order and through
-- whichever archives they came.
ALTER TABLE redactions RENAME TO redactions_of_before;
CREATE TABLE redactions (
  id INTEGER PRIMARY KEY,
  redacted_at TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('post', 'article', 'media')),
  target TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('hidden', 'removed', 'lifted')),
  reason TEXT NOT NULL,
  UNIQUE (what, target, redacted_at, mode, reason)
) STRICT;
INSERT INTO redactions (id, redacted_at, what, target, mode, reason)
SELECT id, redacted_at, what, target, mode, reason FROM redactions_of_before;
DROP TABLE redactions_of_before;

-- What is redacted by now, once each: what was ever removed is removed, by the newest record that says so; else what was hidden is
-- hidden, by the newest, unless a lift is newer still.
CREATE VIEW redacted AS
SELECT r.id, r.redacted_at, r.what, r.target, r.mode, r.reason FROM redactions r
WHERE r.mode <> 'lifted' AND NOT EXISTS (SELECT 1 FROM redactions n WHERE n.what = r.what AND n.target = r.target AND CASE n.mode
  WHEN 'removed' THEN r.mode = 'hidden' OR (n.redacted_at, n.reason) > (r.redacted_at, r.reason)
  WHEN 'hidden' THEN r.mode = 'hidden' AND (n.redacted_at, n.reason) > (r.redacted_at, r.reason)
  ELSE r.mode = 'hidden' AND n.redacted_at > r.redacted_at END);

-- Web archives: which copy a snapshot was read from, and what an archive was asked to save. Logins: which answers came to one.

ALTER TABLE snapshots ADD COLUMN memento_url TEXT;
ALTER TABLE snapshots ADD COLUMN memento_at TEXT;

ALTER TABLE exchanges ADD COLUMN login INTEGER NOT NULL DEFAULT 0;

CREATE TABLE saves (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts (id),
  run INTEGER NOT NULL REFERENCES runs (id),
  asked_at TEXT NOT NULL,
  url TEXT NOT NULL,
  memento_url TEXT,
  failure TEXT
) STRICT;
CREATE INDEX saves_post ON saves (post);

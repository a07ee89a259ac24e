-- What was added by whom, provably; what must not be shown; words of scripts without spaces.

-- Trust. Each run's entries are the leaves of its Merkle tree; its record, with the root and the records before it, is a link of
-- the chain.
CREATE TABLE entries (
  run INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  row INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_row ON entries (kind, row);
ALTER TABLE runs ADD COLUMN parents TEXT;
ALTER TABLE runs ADD COLUMN entries INTEGER;
ALTER TABLE runs ADD COLUMN root TEXT;
ALTER TABLE runs ADD COLUMN digest TEXT;

CREATE TABLE stamps (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  stamped_at TEXT NOT NULL,
  authority TEXT NOT NULL,
  token BLOB NOT NULL
) STRICT;
CREATE INDEX stamps_run ON stamps (run);

-- Care.
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

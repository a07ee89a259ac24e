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

-- The crawl: what is known of sources, of articles over time, of hosts, of what waits, and what a run tells.

-- Sources.

-- Articles over time.

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

-- Runs.

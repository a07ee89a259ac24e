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
  rests INTEGER NOT NULL DEFAULT 0
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
  first_named_at TEXT NOT NULL,
  PRIMARY KEY (source, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_articles_name ON source_articles (name);

CREATE VIEW article_labels AS
SELECT a.id AS article, a.name, j.value AS label FROM articles a JOIN sources s ON s.name = a.source, json_each(s.labels) j
UNION
SELECT a.id, a.name, j.value FROM articles a JOIN source_articles n ON n.name = a.name JOIN sources s ON s.id = n.source,
  json_each(s.labels) j;

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

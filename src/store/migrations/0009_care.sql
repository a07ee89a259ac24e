-- What a person asks for first is read in its order, and nothing is gathered and sorted.

-- The posts of an author, newest first.
DROP INDEX snapshots_author;
CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE, captured_at, post) WHERE author_handle IS NOT NULL;
DROP INDEX posts_author;
CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE, captured_at) WHERE author_handle IS NOT NULL;

-- What waits the longest.
CREATE INDEX queue_queued_at ON queue (queued_at) WHERE rests IS NULL;

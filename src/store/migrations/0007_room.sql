-- The reading room: indexes for its pages, and nothing else.

-- Authors: all posts of a handle, as people write handles. The shown snapshot's counts; where it names none, the post's own.
CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;

-- Platforms: the latest posts of one.
CREATE INDEX posts_platform ON posts (platform, captured_at);

-- Lists.

-- Plots.

-- Articles.

-- The crawl: what is known of sources, of articles over time, of hosts, of what waits, and what a run tells.

-- Sources.

-- Articles over time.

-- Hosts.

-- The queue.

-- Runs.

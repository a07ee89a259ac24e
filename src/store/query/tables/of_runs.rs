//! Tables of the work itself: runs, and the exchanges that they had.

use super::columns::{
    Chosen, Column, Table, instant, int, json, maybe_instant, maybe_int, maybe_text, text, texts, truth,
};

/// Runs. Of the filters the times count.
pub(super) const RUNS: Table = Table {
    name: "runs",
    columns: RUN_COLUMNS,
    time: "started_at",
    of: Chosen {
        from: "temp.chosen_runs c JOIN runs r ON r.id = c.id",
        order: "r.started_at, r.id",
        has_platforms: false,
    },
    row: "SELECT id AS run, command, \
        CASE WHEN finished_at IS NULL THEN iif(stopped IS NULL, 'running', 'killed') WHEN exit_code IN (1, 2, 75) THEN 'failed' \
          WHEN stopped IS NOT NULL THEN 'stopped' ELSE 'done' END AS state, \
        started_at, finished_at, as_of, host, version, stopped, exit_code, elapsed_ms, articles_new, articles_changed, articles_unchanged, \
        articles_failed, embeds, posts_captured, posts_unchanged, posts_gone, posts_withheld, posts_quoted_only, posts_deferred, \
        media_stored, media_deduplicated, media_failed, requests, downloaded_bytes, sources_polled, sources_unchanged, sources_not_due, \
        sources_failed, robots_refused, hosts_rested, put_off, waited_ms, skipped, queue, archive_bytes, problems, entries, root, digest \
        FROM runs WHERE id = ?1",
};

const RUN_COLUMNS: &[Column] = &[
    int("run"),
    text("command"),
    text("state"),
    instant("started_at"),
    maybe_instant("finished_at"),
    maybe_instant("as_of"),
    maybe_text("host"),
    maybe_text("version"),
    maybe_text("stopped"),
    maybe_int("exit_code"),
    int("elapsed_ms"),
    int("articles_new"),
    int("articles_changed"),
    int("articles_unchanged"),
    int("articles_failed"),
    int("embeds"),
    int("posts_captured"),
    int("posts_unchanged"),
    int("posts_gone"),
    int("posts_withheld"),
    int("posts_quoted_only"),
    int("posts_deferred"),
    int("media_stored"),
    int("media_deduplicated"),
    int("media_failed"),
    int("requests"),
    int("downloaded_bytes"),
    int("sources_polled"),
    int("sources_unchanged"),
    int("sources_not_due"),
    int("sources_failed"),
    int("robots_refused"),
    int("hosts_rested"),
    int("put_off"),
    int("waited_ms"),
    json("skipped"),
    json("queue"),
    int("archive_bytes"),
    json("problems"),
    maybe_int("entries"),
    maybe_text("root"),
    maybe_text("digest"),
];

/// What was asked and answered, without the bytes: those stand in the archive, and in its WARC.
pub(super) const EXCHANGES: Table = Table {
    name: "exchanges",
    columns: EXCHANGE_COLUMNS,
    time: "started_at",
    of: Chosen {
        from: "temp.chosen_exchanges c JOIN exchanges e ON e.id = c.id",
        order: "e.started_at, e.id",
        has_platforms: false,
    },
    row: "SELECT e.id, e.run, e.started_at, e.elapsed_ms, e.method, e.url, e.answered_url, e.status, b.mime, b.size_bytes, b.sha256, \
        e.login, e.error, \
        (SELECT json_group_array(key) FROM (SELECT p.key AS key FROM temp.exchange_posts x JOIN posts p ON p.id = x.post \
          WHERE x.exchange = e.id ORDER BY p.key)) AS posts \
        FROM exchanges e LEFT JOIN blobs b ON b.id = e.body WHERE e.id = ?1",
};

const EXCHANGE_COLUMNS: &[Column] = &[
    int("id"),
    int("run"),
    instant("started_at"),
    int("elapsed_ms"),
    text("method"),
    text("url"),
    maybe_text("answered_url"),
    maybe_int("status"),
    maybe_text("mime"),
    maybe_int("size_bytes"),
    maybe_text("sha256"),
    truth("login"),
    json("error"),
    texts("posts"),
];

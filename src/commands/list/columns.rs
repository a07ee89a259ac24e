//! The columns of the listings: in CSV, where they are public API, and in the tables for people.

use crate::report::{Column, Shown};

/// The columns of a listing: all of them in CSV, the ones that fit in a table.
pub(super) struct Columns {
    pub(super) csv: &'static [&'static str],
    pub(super) table: &'static [Column],
}

const fn column(field: &'static str) -> Column {
    Column::new(field)
}

const fn moment(field: &'static str, head: &'static str) -> Column {
    column(field).head(head).shown(Shown::Moment).least(12)
}

const fn day(field: &'static str) -> Column {
    column(field).shown(Shown::Day).least(10)
}

const fn number(field: &'static str) -> Column {
    column(field).shown(Shown::Number).least(usize::MAX)
}

#[rustfmt::skip]
pub(super) const POSTS: Columns = Columns {
    csv: &[
        "key", "platform", "post_id", "url", "state", "via", "captured_at", "author_name", "author_handle", "published",
        "text", "lang", "quoted", "reply_to", "counts", "snapshots", "articles",
    ],
    table: &[
        column("key").shown(Shown::Name).least(27).rank(0),
        column("state").shown(Shown::State).least(7).rank(2),
        column("via").least(6).rank(5),
        moment("captured_at", "captured").rank(4),
        column("author_handle").head("author").least(9).rank(3),
        day("published").rank(6),
        column("text").least(22).rank(0),
    ],
};

#[rustfmt::skip]
pub(super) const ARTICLES: Columns = Columns {
    csv: &[
        "id", "url", "name", "source", "labels", "title", "byline", "site_name", "published", "lang", "captured_at", "versions", "embeds",
        "posts", "state", "state_since", "last_looked_at", "due_at",
    ],
    table: &[
        number("id").rank(0),
        column("title").least(22).rank(0),
        column("site_name").head("site").least(10).rank(2),
        day("published").rank(5),
        number("embeds").rank(3),
        column("state").shown(Shown::State).least(4).rank(4),
        moment("last_looked_at", "looked at").rank(6),
        column("name").least(20).rank(7),
    ],
};

#[rustfmt::skip]
pub(super) const MEDIA: Columns = Columns {
    csv: &[
        "post", "kind", "url", "sha256", "mime", "size_bytes", "width_px", "height_px", "duration_ms", "alt",
        "captured_at", "via", "failure",
    ],
    table: &[
        column("post").shown(Shown::Name).least(20).rank(0),
        column("kind").least(6).rank(2),
        column("mime").head("type").least(9).rank(4),
        column("size_bytes").head("size").shown(Shown::Size).least(usize::MAX).rank(1),
        column("alt").least(12).rank(3),
        column("failure").least(12).rank(5),
    ],
};

#[rustfmt::skip]
pub(super) const RUNS: [&str; 39] = [
    "run", "command", "state", "exit_code", "stopped", "started_at", "finished_at", "elapsed_ms", "host", "version",
    "sources.polled", "sources.unchanged", "sources.not_due", "sources.failed",
    "articles.new", "articles.changed", "articles.unchanged", "articles.failed", "embeds",
    "posts.captured", "posts.unchanged", "posts.gone", "posts.withheld", "posts.quoted_only", "posts.deferred",
    "media.stored", "media.deduplicated", "media.failed", "requests", "downloaded_bytes",
    "politeness.robots_refused", "politeness.hosts_rested", "politeness.put_off", "politeness.waited_ms",
    "queue.posts", "queue.articles", "queue.resting", "archive_bytes", "problems",
];

#[rustfmt::skip]
pub(super) const FAILURES: Columns = Columns {
    csv: &[
        "what", "subject", "platform", "url", "via", "reason", "detail", "failed_at", "attempts", "due_at", "run",
        "since", "rests", "why",
    ],
    table: &[column("subject"), column("reason"), column("detail"), number("attempts"), moment("due_at", "due")],
};

#[rustfmt::skip]
pub(super) const SOURCES: Columns = Columns {
    csv: &[
        "name", "kind", "place", "configured", "parent", "labels", "articles", "last_polled_at", "last_success_at",
        "next_poll_at", "failures_in_a_row", "last_error", "moved_to", "rests",
    ],
    table: &[
        column("name").shown(Shown::Name).least(12).rank(0),
        column("kind").least(5).rank(4),
        number("articles").rank(2),
        moment("last_success_at", "last success").rank(1),
        moment("next_poll_at", "next poll").rank(5),
        number("failures_in_a_row").head("failed").rank(3),
        column("last_error").head("last error").least(15).rank(6),
    ],
};

pub(super) const PLATFORMS: Columns = Columns {
    csv: &["platform", "routes", "text", "media", "time", "gone", "how", "example"],
    table: &[
        column("platform").shown(Shown::Name).least(11).rank(0),
        column("routes").least(12).rank(1),
        column("text").least(12).rank(2),
        column("media").least(12).rank(3),
        column("time").least(6).rank(4),
    ],
};

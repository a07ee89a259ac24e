//! `embalm list`: articles, posts, media, runs, failures, sources, platforms, with the same filters everywhere.

pub(super) mod sources;

use super::{Failure, Global};
use crate::{
    model::{FailureRecord, State, Via},
    pipeline, platforms,
    report::{Format, Output, failure_line, runs_table},
    store::{Filter, Store, given},
};
use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

/// Flags of `list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    #[arg(value_enum)]
    pub what: What,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Archived articles.
    Articles,
    /// Posts, as they are known by now.
    Posts,
    /// Files of posts.
    Media,
    /// Runs and what they did.
    Runs,
    /// What could not be had, and when it is tried again.
    Failures,
    /// The sources, and those that left the configuration: when each was asked, what came of it.
    Sources,
    /// Every platform, with what strangers get of its posts.
    Platforms,
}

/// Filters, the same on every listing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct FilterArgs {
    /// Only this platform, such as twitter
    #[arg(long, value_name = "PLATFORM", value_parser = given::platform)]
    pub platform: Option<String>,
    /// Only posts of this author (handle, with or without @)
    #[arg(long, value_name = "HANDLE")]
    pub author: Option<String>,
    /// Only of this site (the article's host)
    #[arg(long, value_name = "HOST")]
    pub site: Option<String>,
    /// Only in this state: live, deleted, account_deleted, suspended, private, login_required, age_restricted,
    /// geo_blocked, unavailable, unknown
    #[arg(long, value_name = "STATE", value_parser = given::state)]
    pub state: Option<State>,
    /// Only from this rung: api, syndication, oembed, embed_page, page_meta, memento, import, quoted
    #[arg(long, value_name = "VIA", value_parser = given::via)]
    pub via: Option<Via>,
    /// Captured since then (2024-08-11 or 2024-08-11T20:15:00Z)
    #[arg(long, value_name = "TIME", value_parser = given::time)]
    pub since: Option<Timestamp>,
    /// Captured before then
    #[arg(long, value_name = "TIME", value_parser = given::time)]
    pub until: Option<Timestamp>,
    /// Only of this article (URL, name or number)
    #[arg(long, value_name = "ARTICLE")]
    pub article: Option<String>,
    /// Only in this language (BCP 47)
    #[arg(long, value_name = "LANG")]
    pub lang: Option<String>,
    /// Only with this label (of the source that names the article)
    #[arg(long, value_name = "LABEL")]
    pub label: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Order, such as captured (newest first, the default); a leading - turns it round
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
}

impl FilterArgs {
    /// Whether any of them is given.
    pub(super) fn is_set(&self) -> bool {
        self.filter() != Filter::default()
    }

    /// What they leave, in words: as they were given.
    pub(super) fn words(&self) -> String {
        let filter = self.filter();
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let parts = [
            ("platform", filter.platform),
            ("author", filter.author),
            ("site", filter.site),
            ("state", filter.state.map(|state| state.as_str().to_owned())),
            ("via", filter.via.map(|via| via.as_str().to_owned())),
            ("since", time(filter.since)),
            ("until", time(filter.until)),
            ("article", filter.article),
            ("lang", filter.lang),
            ("label", filter.label),
            ("limit", filter.limit.map(|limit| limit.to_string())),
        ];
        let given: Vec<_> =
            parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
        if given.is_empty() { "everything".to_owned() } else { given.join(", ") }
    }

    /// As the store takes them.
    pub(super) fn filter(&self) -> Filter {
        Filter {
            platform: self.platform.clone(),
            author: self.author.as_ref().map(|handle| handle.trim_start_matches('@').to_owned()),
            site: self.site.clone(),
            state: self.state,
            via: self.via,
            since: self.since,
            until: self.until,
            article: self.article.clone(),
            lang: self.lang.clone(),
            label: self.label.clone(),
            limit: self.limit,
            sort: self.sort.clone(),
            source: None,
            offset: None,
        }
    }
}

/// The columns of a listing: all of them in CSV, the ones that fit in a table.
struct Columns {
    csv: &'static [&'static str],
    table: &'static [&'static str],
}

#[rustfmt::skip]
const POSTS: Columns = Columns {
    csv: &[
        "key", "platform", "post_id", "url", "state", "via", "captured_at", "author_name", "author_handle", "published",
        "text", "lang", "quoted", "reply_to", "counts", "snapshots", "articles",
    ],
    table: &["key", "state", "via", "author_handle", "published", "text"],
};

#[rustfmt::skip]
const ARTICLES: Columns = Columns {
    csv: &[
        "id", "url", "name", "source", "labels", "title", "byline", "site_name", "published", "lang", "captured_at", "versions", "embeds",
        "posts", "state", "state_since", "last_looked_at", "due_at",
    ],
    table: &["id", "title", "site_name", "published", "embeds", "state", "last_looked_at", "name"],
};

#[rustfmt::skip]
const MEDIA: Columns = Columns {
    csv: &[
        "post", "kind", "url", "sha256", "mime", "size_bytes", "width_px", "height_px", "duration_ms", "alt",
        "captured_at", "via", "failure",
    ],
    table: &["post", "kind", "mime", "size_bytes", "alt", "failure"],
};

#[rustfmt::skip]
const RUNS: [&str; 39] = [
    "run", "command", "state", "exit_code", "stopped", "started_at", "finished_at", "elapsed_ms", "host", "version",
    "sources.polled", "sources.unchanged", "sources.not_due", "sources.failed",
    "articles.new", "articles.changed", "articles.unchanged", "articles.failed", "embeds",
    "posts.captured", "posts.unchanged", "posts.gone", "posts.withheld", "posts.quoted_only", "posts.deferred",
    "media.stored", "media.deduplicated", "media.failed", "requests", "downloaded_bytes",
    "politeness.robots_refused", "politeness.hosts_rested", "politeness.put_off", "politeness.waited_ms",
    "queue.posts", "queue.articles", "queue.resting", "archive_bytes", "problems",
];

#[rustfmt::skip]
const FAILURES: Columns = Columns {
    csv: &[
        "what", "subject", "platform", "url", "via", "reason", "detail", "failed_at", "attempts", "due_at", "run",
        "since", "rests", "why",
    ],
    table: &["subject", "reason", "detail", "attempts", "due_at"],
};

#[rustfmt::skip]
const SOURCES: Columns = Columns {
    csv: &[
        "name", "kind", "place", "configured", "parent", "labels", "articles", "last_polled_at", "last_success_at",
        "next_poll_at", "failures_in_a_row", "last_error", "moved_to", "rests",
    ],
    table: &["name", "kind", "articles", "last_success_at", "next_poll_at", "failures_in_a_row", "last_error"],
};

const PLATFORMS: Columns = Columns {
    csv: &["platform", "routes", "text", "media", "time", "gone", "how", "example"],
    table: &["platform", "routes", "text", "media", "time"],
};

/// Prints the listing.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let filter = args.filter.filter();
    match args.what {
        What::Platforms => print(&platforms::records(filter.platform.as_deref()), &PLATFORMS, out),
        What::Sources => print(&sources::records(global)?, &SOURCES, out),
        What::Posts => print(&global.read()?.posts(&filter)?, &POSTS, out),
        What::Articles => print(&global.read()?.articles(&filter)?, &ARTICLES, out),
        What::Media => print(&global.read()?.media(&filter)?, &MEDIA, out),
        What::Runs => runs(&global.read()?, &filter, out),
        What::Failures => failures(&global.read()?.failures(&filter)?, out),
    }
}

/// A failure is explained in a line of its own, which a table has no room for.
fn failures(records: &[FailureRecord], out: &mut Output) -> Result<u8, Failure> {
    if out.format != Format::Table || records.is_empty() {
        return print(records, &FAILURES, out);
    }
    let now = Timestamp::now();
    records.iter().try_for_each(|record| out.line(&failure_line(record, now, out.style)))?;
    Ok(0)
}

fn runs(store: &Store, filter: &Filter, out: &mut Output) -> Result<u8, Failure> {
    let mut runs = store.runs(filter)?;
    pipeline::settle(&mut runs, store.path());
    if out.format == Format::Table && !runs.is_empty() {
        out.line(&runs_table(&runs, out.style))?;
    } else {
        out.records(&runs, &RUNS, &[])?;
    }
    Ok(0)
}

fn print(records: &[impl Serialize], columns: &Columns, out: &mut Output) -> Result<u8, Failure> {
    out.records(records, columns.csv, columns.table)?;
    Ok(0)
}

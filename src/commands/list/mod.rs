//! `embalm list`: articles, posts, media, runs, failures, sources, platforms, with the same filters everywhere.

mod columns;
mod filter;
pub(super) mod sources;

pub(super) use filter::{FilterArgs, since, until};

use super::{Failure, Global, completions::candidates};
use crate::{
    model::{FailureRecord, Listed, Mark, Part, Start},
    pipeline, platforms,
    report::{Format, Output, failure_line, runs_table},
    store::{Filter, Store, StoreError},
};
use clap::ValueEnum;
use clap_complete::ArgValueCompleter;
use columns::{ARTICLES, Columns, FAILURES, MEDIA, PLATFORMS, POSTS, RUNS, SOURCES};
use jiff::Timestamp;
use serde::Serialize;

/// Rows of a table on a terminal, where neither `--limit` nor `--all` says how many: what a person looks through.
const ROWS_ON_A_TERMINAL: usize = 100;

/// Records that are read and printed at once: memory holds no more of a long list.
const ROWS_AT_ONCE: usize = 10_000;

/// Flags of `list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The newest come first. A table on a terminal has 100 rows, more by --limit or --all; JSON Lines,
CSV and pipes have all.

Orders (--sort; a leading - turns one round):
  posts      captured, published, platform, author, state, key
  articles   captured, published, title, site, embeds
  media      captured, size, kind, post
  runs       started
  failures   failed, since, due, attempts, platform, reason
  sources    name, articles, success, next, failures; else in the order of the configuration

Times are days, weeks, months or years in your own time zone (TZ), how long ago, or moments:
  yesterday  2024-08-11  \"last monday\"  2024-08  2024  3d  2w  \"3 days ago\"
  \"2024-08-11 20:15\"  2024-08-11T20:15:00Z
`--since 2024-08 --until 2024-08` is all of August.

Examples:
  embalm list posts --state deleted --since 2w
  embalm list posts --author @ann --platform twitter --sort published
  embalm list articles --site news.example --since 2024-08 --until 2024-08
  embalm list posts --json | jq -r 'select(.media == []) | .url'
  embalm list media --csv > files.csv

Exit codes: 0 also where nothing fits; 2 for a filter that can't apply or an order that is not
there.")]
pub struct Args {
    /// What to list
    #[arg(value_enum)]
    pub what: What,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Only articles that this source names
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(candidates::sources))]
    pub source: Option<String>,
    /// Every row, also on a terminal
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
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

/// Prints the listing.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    refuse(args)?;
    let filter = Filter { source: args.source.clone(), ..args.filter.filter() };
    out.page();
    match args.what {
        What::Platforms => {
            let mut records = platforms::records(filter.platform.as_deref());
            records.truncate(filter.limit.unwrap_or(usize::MAX));
            print(&records, &PLATFORMS, out)
        }
        What::Sources => print(&sources::listed(global, &filter)?, &SOURCES, out),
        What::Posts => {
            let store = global.read()?;
            parts(args, &filter, &POSTS, out, |part| store.posts_listed(&filter, part))
        }
        What::Articles => {
            let store = global.read()?;
            parts(args, &filter, &ARTICLES, out, |part| store.articles_listed(&filter, part))
        }
        What::Media => media(&global.read()?, &filter, out),
        What::Runs => runs(&global.read()?, args, &filter, out),
        What::Failures => failures(&global.read()?, args, &filter, out),
    }
}

/// A filter that cannot narrow what is listed is an error, and never passed over.
fn refuse(args: &Args) -> Result<(), Failure> {
    if args.source.is_some() && args.what != What::Articles {
        return Err(Failure::usage("only `list articles` can be narrowed by --source"));
    }
    match args.what {
        What::Runs => args.filter.only("`list runs`", &["since", "until", "limit", "sort"]),
        What::Sources => args.filter.only("`list sources`", &["label", "limit", "sort"]),
        What::Platforms => args.filter.only("`list platforms`", &["platform", "limit"]),
        What::Articles | What::Posts | What::Media | What::Failures => Ok(()),
    }
}

/// A list of any length, part by part, each behind the one before.
fn parts<T: Serialize>(
    args: &Args,
    filter: &Filter,
    columns: &Columns,
    out: &mut Output,
    read: impl Fn(&Part) -> Result<Listed<T>, StoreError>,
) -> Result<u8, Failure> {
    let short = is_short(args, filter, out);
    let wanted = if short { Some(ROWS_ON_A_TERMINAL) } else { filter.limit };
    let mut left = wanted.unwrap_or(usize::MAX);
    let mut after: Option<Mark> = None;
    let mut rows = out.rows(columns.csv, columns.table);
    while left > 0 {
        let start = after.take().map_or(Start::First, Start::After);
        let listed = read(&Part { size: left.min(ROWS_AT_ONCE), start })?;
        rows.add(&listed.records)?;
        left -= listed.records.len().min(left);
        after = listed.after;
        if after.is_none() {
            break;
        }
    }
    rows.end()?;
    if short && after.is_some() {
        more(out)?;
    }
    Ok(0)
}

/// Whether a person looks at a table and asked for no number of rows.
fn is_short(args: &Args, filter: &Filter, out: &Output) -> bool {
    out.is_terminal() && out.format == Format::Table && filter.limit.is_none() && !args.all
}

/// Says that there are more.
fn more(out: &mut Output) -> Result<(), Failure> {
    let said = format!("the first {ROWS_ON_A_TERMINAL}; --all has them all, and filters narrow them");
    out.line(&out.style.dim(&said))?;
    Ok(())
}

/// The records of a list that is read whole, no more than a person looks through; and whether there are more.
fn first<T>(
    short: bool,
    filter: &Filter,
    read: impl FnOnce(&Filter) -> Result<Vec<T>, StoreError>,
) -> Result<(Vec<T>, bool), StoreError> {
    let limit = if short { Some(ROWS_ON_A_TERMINAL + 1) } else { filter.limit };
    let mut records = read(&Filter { limit, ..filter.clone() })?;
    let more = short && records.len() > ROWS_ON_A_TERMINAL;
    if more {
        records.truncate(ROWS_ON_A_TERMINAL);
    }
    Ok((records, more))
}

/// Files, a part at a time: an archive has several for each post.
fn media(store: &Store, filter: &Filter, out: &mut Output) -> Result<u8, Failure> {
    let mut rows = out.rows(MEDIA.csv, MEDIA.table);
    let mut part = Vec::new();
    let mut printed = Ok(());
    store.each_media(filter, |record| {
        part.push(record);
        if part.len() == ROWS_AT_ONCE {
            printed = rows.add(&part);
            part.clear();
        }
        printed.is_ok()
    })?;
    printed?;
    rows.add(&part)?;
    rows.end()?;
    Ok(0)
}

/// A failure is explained in a line of its own, which a table has no room for.
fn failures(store: &Store, args: &Args, filter: &Filter, out: &mut Output) -> Result<u8, Failure> {
    let (records, others) = first(is_short(args, filter, out), filter, |filter| store.failures(filter))?;
    if out.format != Format::Table || records.is_empty() {
        return print(&records, &FAILURES, out);
    }
    let now = Timestamp::now();
    records.iter().try_for_each(|record: &FailureRecord| out.line(&failure_line(record, now, out.style)))?;
    if others {
        more(out)?;
    }
    Ok(0)
}

fn runs(store: &Store, args: &Args, filter: &Filter, out: &mut Output) -> Result<u8, Failure> {
    let (mut runs, others) = first(is_short(args, filter, out), filter, |filter| store.runs(filter))?;
    pipeline::settle(&mut runs, store.path());
    if out.format == Format::Table && !runs.is_empty() {
        out.line(&runs_table(&runs, out.seen_from(), out.style))?;
        if others {
            more(out)?;
        }
    } else {
        out.records(&runs, &RUNS, &[])?;
    }
    Ok(0)
}

fn print(records: &[impl Serialize], columns: &Columns, out: &mut Output) -> Result<u8, Failure> {
    let mut rows = out.rows(columns.csv, columns.table);
    rows.add(records)?;
    rows.end()?;
    Ok(0)
}

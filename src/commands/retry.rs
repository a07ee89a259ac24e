//! `embalm retry`: releases what failed, so that the next run tries it.

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
    list::FilterArgs,
};
use crate::{
    model::FailureRecord,
    platforms,
    report::{Output, failure_line},
    store::{Store, StoreError},
};
use jiff::Timestamp;
use url::Url;

/// Reasons that another try does not take away by itself: `embalm list failures` says what would.
const NOT_BY_TRYING: [&str; 4] = ["no_route", "unresolved", "not_archived", "skipped"];

/// Flags of `retry`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What fails for a passing reason is tried again by `embalm run`, later and later, and after
`[queue] attempts` tries rests as failed. Dead links rest at once. `embalm list failures` names
both. Releasing makes them due at the next run, with all their tries before them; `embalm add URL`
tries one at once.

Examples:
  embalm retry twitter:1822768 https://news.example/story.html
  embalm retry --site news.example
  embalm retry --all --dry-run")]
pub struct Args {
    /// Posts, by URL in any form or as platform:id; articles, by URL, with the posts in them
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Everything that failed
    #[arg(long, conflicts_with = "targets")]
    pub all: bool,
    /// Which of what failed.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
    /// Say what would be released, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Releases; `--json` prints a record of each, as it stood in `list failures` before.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if !args.targets.is_empty() && args.filter.is_set() {
        return Err(Failure::usage("name what to try again, or choose it by filters, but not both"));
    }
    if args.targets.is_empty() && !args.all && !args.filter.is_set() {
        return Err(Failure::usage(
            "name what to try again, choose it by filters such as --platform or --site, or say --all\n  `embalm list \
             failures` says what there is",
        ));
    }
    let archive = global.archive(&global.config_told(out)?);
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let lock = if args.dry_run { None } else { Some(hold(global, &archive, "retry", args.hold, out)?) };
    let mut store = if args.dry_run { Store::open_read_only(&archive)? } else { Store::open(&archive)? };
    let mut chosen = chosen(&store, args)?;
    if !args.dry_run {
        let released = store.release(&chosen, Timestamp::now())?;
        chosen.retain(|failure| released.contains(&failure.subject));
    }
    drop(lock);
    let now = Timestamp::now();
    for failure in &chosen {
        if global.json {
            out.json(failure)?;
        } else if !global.quiet {
            out.line(&failure_line(failure, now, out.style))?;
        }
    }
    if !global.json && !global.quiet {
        let verb = if args.dry_run { "would be released" } else { "released; the next `embalm run` tries them" };
        out.line(&out.style.dim(&format!("{} {verb}", chosen.len())))?;
    }
    Ok(0)
}

/// The failures named, or those that fit the filters and that trying again may take away; each subject once.
fn chosen(store: &Store, args: &Args) -> Result<Vec<FailureRecord>, Failure> {
    let mut chosen: Vec<FailureRecord> = Vec::new();
    if args.targets.is_empty() {
        chosen = store.failures(&args.filter.filter())?;
        chosen.retain(|failure| !NOT_BY_TRYING.contains(&failure.reason.as_str()));
    }
    for target in &args.targets {
        let found = of_target(store, target)?;
        if found.is_empty() {
            return Err(Failure::usage(format!(
                "{target} is nothing that failed\n  `embalm list failures` says what did; `embalm recheck` looks at a known \
                 post again, `embalm add` takes in what is new"
            )));
        }
        chosen.extend(found);
    }
    let mut seen = std::collections::HashSet::new();
    chosen.retain(|failure| seen.insert(failure.subject.clone()));
    Ok(chosen)
}

fn of_target(store: &Store, target: &str) -> Result<Vec<FailureRecord>, StoreError> {
    if let Some(key) = platforms::post_key(target) {
        let found = store.failures_of_post(&key)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let found = store.failures_of_article(target)?;
    match Url::parse(target) {
        Ok(url) if found.is_empty() && url.as_str() != target => store.failures_of_article(url.as_str()),
        _ => Ok(found),
    }
}

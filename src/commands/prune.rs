//! `embalm prune`: what is no longer wanted.

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
    list::FilterArgs,
};
use crate::{
    config,
    report::{Output, Progress, bytes_in_words, counted},
    store::{Keep, Prunable, PrunableFiles, Pruned, Pruning, Store, StoreError, before},
};
use jiff::Timestamp;
use std::{io, ops::ControlFlow, time::Duration};

/// Flags of `prune`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --yes nothing is touched: what would go is printed, by kind and size. The same choice is
made with --yes.

  --snapshots, --versions   thin out, by the --keep-* rules; what any of them keeps stays.
                            Whatever the rules say, these never go: the first, the newest, the one
                            that is shown, those around each change of state (the last before a
                            deletion), those that stood beside a version of an article, the newest
                            version that embeds a post, and what a platform said when a post was
                            gone
  --repeats                 looks that failed as those before and after them did, with the same
                            answer, byte for byte
  --media, --older,         the bytes of files; files with which a post is shown stay, unless
  --larger                  --shown is given
  --posts, --articles       those that the filters leave, with all that is known of them; the
                            filters are those of `list`
  --orphans                 bytes to which nothing refers

What goes leaves its digest and a tombstone, so that `embalm verify` accepts it, and nothing else
that is missing. It is not redacted: a merge with an archive that has it brings it back. At the
end free pages are given back to the disk; the first time the file is written anew, which needs as
much free space as it takes, later in steps.

Exit codes: 0 done; 2 wrong usage; 4 the disk is full, or stopped while pages were given back; 75
a run holds the archive.

Examples:
  embalm prune --snapshots --versions --keep-last 3 --keep-monthly 24
  embalm prune --media video --older 365d --shown
  embalm prune --posts --platform tiktok --state live --until 2024
  embalm prune --repeats --orphans --yes
  embalm prune --vacuum")]
pub struct Args {
    /// Snapshots of posts, by the --keep rules
    #[arg(long, help_heading = "What goes")]
    pub snapshots: bool,
    /// Versions of articles, by the --keep rules
    #[arg(long, help_heading = "What goes")]
    pub versions: bool,
    /// Looks that failed again with the same answer, and those answers
    #[arg(long, help_heading = "What goes")]
    pub repeats: bool,
    /// Posts themselves: those that the filters leave
    #[arg(long, help_heading = "What goes", conflicts_with_all = ["snapshots", "repeats"])]
    pub posts: bool,
    /// Articles themselves: those that the filters leave
    #[arg(long, help_heading = "What goes", conflicts_with = "versions")]
    pub articles: bool,
    /// Bytes to which nothing refers
    #[arg(long, help_heading = "What goes")]
    pub orphans: bool,
    /// Files of this kind alone: video, image or audio
    #[arg(long, value_name = "KIND", help_heading = "What goes", value_parser = ["video", "image", "audio"])]
    pub media: Option<String>,
    /// Files whose posts were last captured so long ago (90d, 12h)
    #[arg(long, value_name = "AGE", help_heading = "What goes", value_parser = config::parse_duration)]
    pub older: Option<Duration>,
    /// Files of at least this size (50MB)
    #[arg(long, value_name = "SIZE", help_heading = "What goes", value_parser = config::parse_bytes)]
    pub larger: Option<u64>,
    /// Files with which posts are shown too, not only those of older snapshots
    #[arg(long, help_heading = "What goes")]
    pub shown: bool,
    /// What of snapshots and versions stays.
    #[command(flatten, next_help_heading = "What stays")]
    pub keep: KeepArgs,
    /// Of which posts and articles.
    #[command(flatten, next_help_heading = "Of which posts and articles")]
    pub filters: FilterArgs,
    /// Give free pages back to the disk, also where nothing else goes
    #[arg(long)]
    pub vacuum: bool,
    /// Do it
    #[arg(long, visible_alias = "apply")]
    pub yes: bool,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// The rules by which copies stay, as restic and borg name them.
#[derive(Debug, clap::Args)]
pub struct KeepArgs {
    /// The newest N of each post and article
    #[arg(long, value_name = "N")]
    pub keep_last: Option<u32>,
    /// All that are no older than this (90d, 52w)
    #[arg(long, value_name = "AGE", value_parser = config::parse_duration)]
    pub keep_within: Option<Duration>,
    /// The newest of each of the last N hours that have any
    #[arg(long, value_name = "N")]
    pub keep_hourly: Option<u32>,
    /// The newest of each of the last N days that have any
    #[arg(long, value_name = "N")]
    pub keep_daily: Option<u32>,
    /// The newest of each of the last N weeks that have any
    #[arg(long, value_name = "N")]
    pub keep_weekly: Option<u32>,
    /// The newest of each of the last N months that have any
    #[arg(long, value_name = "N")]
    pub keep_monthly: Option<u32>,
    /// The newest of each of the last N years that have any
    #[arg(long, value_name = "N")]
    pub keep_yearly: Option<u32>,
}

impl KeepArgs {
    fn keep(&self) -> Keep {
        Keep {
            last: self.keep_last,
            within: self.keep_within,
            hourly: self.keep_hourly,
            daily: self.keep_daily,
            weekly: self.keep_weekly,
            monthly: self.keep_monthly,
            yearly: self.keep_yearly,
        }
    }
}

/// Prunes, or tells what would go; `--json` prints one record for each thing that goes and one for the whole.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let now = Timestamp::now();
    let pruning = asked(args, now)?;
    let archive = global.archive(&global.config_told(out)?);
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let doing = args.yes || (args.vacuum && pruning.is_none());
    let _lock = doing.then(|| hold(global, &archive, "prune", args.hold, out)).transpose()?;
    let mut store = if doing { Store::open(&archive)? } else { Store::open_read_only_aside(&archive)? };
    let pruning = pruning.unwrap_or_default();
    let mut told = Ok(());
    let each = |one: &Prunable| {
        if told.is_ok() && global.json {
            told = out.json(one);
        }
    };
    let pruned = match args.yes {
        true => store.prune(&pruning, &rule(args), now, each)?,
        false => store.prunable(&pruning, now, each)?,
    };
    told?;
    if !global.json {
        tell(&pruned, out)?;
    }
    let given_back = if doing { Some(shrink(global, &mut store)) } else { None };
    let (given_back, code) = match given_back {
        Some(Err(error @ StoreError::Full { .. })) => {
            out.talk(&error.to_string());
            (None, super::failure::STOPPED)
        }
        Some(given_back) => (Some(given_back?), 0),
        None => (None, 0),
    };
    let free = store.free_inside_bytes()?;
    if global.json {
        out.json(&serde_json::json!({
            "pruned": args.yes, "count": pruned.kinds.iter().map(|kind| kind.count).sum::<u64>(), "bytes": pruned.bytes(),
            "kinds": pruned.kinds, "given_back_bytes": given_back, "free_inside_bytes": free,
        }))?;
    } else {
        out.talk(&last_words(args, &pruned, given_back, free));
    }
    Ok(code)
}

/// What is asked for; none where that is a vacuum alone.
fn asked(args: &Args, now: Timestamp) -> Result<Option<Pruning>, Failure> {
    let Args { snapshots, versions, repeats, posts, articles, orphans, media, older, larger, shown, .. } = args;
    let files = media.is_some() || older.is_some() || larger.is_some();
    let any = *snapshots || *versions || *repeats || *posts || *articles || *orphans || files;
    let keep = args.keep.keep();
    if !any && !args.vacuum {
        return Err(Failure::usage(
            "say what may go: --snapshots, --versions, --repeats, --media, --older, --larger, --posts, --articles, --orphans",
        ));
    }
    if (*snapshots || *versions) != keep.is_set() {
        return Err(Failure::usage(if keep.is_set() {
            "the --keep rules are those of --snapshots and --versions: say which of them"
        } else {
            "say what of them stays: --keep-last, --keep-within, --keep-hourly, --keep-daily, --keep-weekly, --keep-monthly, --keep-yearly"
        }));
    }
    if *shown && !files {
        return Err(Failure::usage("--shown is about files: say which, by --media, --older or --larger"));
    }
    let taken = ["platform", "author", "site", "state", "via", "since", "until", "article", "lang", "label"];
    args.filters.only("what goes", &taken)?;
    if (*posts || *articles) && !args.filters.is_set() {
        return Err(Failure::usage(
            "say which posts or articles, by the filters of `embalm list`, such as --platform or --until",
        ));
    }
    if args.filters.is_set() && !any {
        return Err(Failure::usage("the filters narrow what goes: say what, such as --media or --posts"));
    }
    let files = files.then(|| PrunableFiles {
        kind: media.clone(),
        older_than: older.and_then(|age| before(now, age)),
        at_least_bytes: *larger,
        shown: *shown,
    });
    Ok(any.then(|| Pruning {
        filter: args.filters.filter(),
        posts: *posts,
        articles: *articles,
        snapshots: *snapshots,
        versions: *versions,
        keep,
        repeats: *repeats,
        files,
        orphans: *orphans,
    }))
}

/// The rule in words, as its tombstones say it.
fn rule(args: &Args) -> String {
    let keep = &args.keep;
    let flag = |is: bool, words: &str| is.then(|| words.to_owned());
    let count = |n: Option<u32>, words: &str| n.map(|n| format!("keep {words} {n}"));
    let days = |age: Duration| counted(age.as_secs() / 86_400, "day");
    let parts = [
        flag(args.articles, "articles"),
        flag(args.posts, "posts"),
        flag(args.snapshots, "snapshots"),
        flag(args.versions, "versions"),
        count(keep.keep_last, "last"),
        keep.keep_within.map(|age| format!("keep within {}", days(age))),
        count(keep.keep_hourly, "hourly"),
        count(keep.keep_daily, "daily"),
        count(keep.keep_weekly, "weekly"),
        count(keep.keep_monthly, "monthly"),
        count(keep.keep_yearly, "yearly"),
        flag(args.repeats, "repeats"),
        args.media.as_ref().map(|kind| format!("media {kind}")),
        args.older.map(|age| format!("older than {}", days(age))),
        args.larger.map(|size| format!("at least {size} bytes")),
        flag(args.shown, "shown ones too"),
        flag(args.orphans, "orphans"),
        args.filters.is_set().then(|| args.filters.words()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What goes, by kind.
fn tell(pruned: &Pruned, out: &mut Output) -> io::Result<()> {
    const FIELDS: &[&str] = &["what", "count", "bytes", "again"];
    if pruned.is_nothing() { Ok(()) } else { out.records(&pruned.kinds, FIELDS, FIELDS) }
}

fn shrink(global: &Global, store: &mut Store) -> Result<u64, StoreError> {
    let bar = Progress::new(global.quiet || global.json, "giving pages back");
    let given_back = store.shrink(|done, whole| {
        bar.tell(done, whole);
        ControlFlow::Continue(())
    });
    bar.end();
    given_back
}

fn last_words(args: &Args, pruned: &Pruned, given_back: Option<u64>, free: u64) -> String {
    let count: u64 = pruned.kinds.iter().map(|kind| kind.count).sum();
    let again: u64 = pruned.kinds.iter().map(|kind| kind.again).sum();
    let mut words = match (pruned.is_nothing(), args.yes) {
        (true, _) => "nothing goes".to_owned(),
        (false, true) => format!("pruned {count}, {}", bytes_in_words(pruned.bytes())),
        (false, false) => format!("{count} would go, {} (--yes does it)", bytes_in_words(pruned.bytes())),
    };
    if again > 0 {
        words += &format!(
            "; {again} of them may be stored again by a later run: a source or an article that stays names them"
        );
    }
    match given_back {
        Some(bytes) => words += &format!("; the file is smaller by {}", bytes_in_words(bytes)),
        None if free > 0 => words += &format!("; {} are free inside the file", bytes_in_words(free)),
        None => {}
    }
    words
}

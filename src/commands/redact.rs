//! `embalm redact`: what must not be shown.

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
};
use crate::{
    platforms,
    report::Output,
    store::{Lift, Redaction, Store, StoreError},
};
use jiff::Timestamp;
use std::path::Path;

/// Flags of `redact`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In the place of what is redacted stands \"redacted on DATE: REASON\", wherever the archive is
read: in lists, search, the viewer, exports, and any other tool. Words, names, files and the
stored answers that hold them are taken out of the rows; where they are only hidden they are kept
aside in the file, and --lift shows them again. With --remove they are gone from it for ever, and
only digests and a tombstone stay, which `embalm verify` accepts. A redacted post is not asked for
again. Every redaction and every lift stays on record, with its date and reason: --list --all.

Exit codes: 0 done; 2 nothing of that name, or nothing to lift, or it was removed: nothing was
done; 75 a run holds the archive.

Examples:
  embalm redact twitter:1822768 --reason 'asked by its author'
  embalm redact https://news.example/story --reason 'court order' --remove
  embalm redact --author bluesky:@ada.example --dry-run --reason 'asked by their author'
  embalm redact --author bluesky:@ada.example --reason 'asked by their author'
  embalm redact --lift twitter:1822768 --reason 'its author changed their mind'
  embalm redact --list --json")]
pub struct Args {
    /// Posts (URL or platform:id), articles (URL), or files (SHA-256)
    #[arg(value_name = "TARGET", required_unless_present_any = ["list", "author"])]
    pub targets: Vec<String>,
    /// All posts of an author that the archive has: platform:@handle
    #[arg(long, value_name = "AUTHOR", conflicts_with = "targets", value_parser = author)]
    pub author: Option<(String, String)>,
    /// Why, for whoever reads the archive
    #[arg(long, value_name = "REASON", required_unless_present = "list")]
    pub reason: Option<String>,
    /// Take it out of the file for ever
    #[arg(long)]
    pub remove: bool,
    /// Show again what is only hidden
    #[arg(long, conflicts_with = "remove")]
    pub lift: bool,
    /// Print what it would do, and touch nothing
    #[arg(long, conflicts_with_all = ["lift", "list"])]
    pub dry_run: bool,
    /// Print what is redacted
    #[arg(long, conflicts_with_all = ["targets", "author", "reason", "remove", "lift"])]
    pub list: bool,
    /// With --list: every redaction and lift there ever was
    #[arg(long, requires = "list")]
    pub all: bool,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// An author as people write one.
fn author(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').map(|(platform, handle)| (platform, handle.strip_prefix('@').unwrap_or(handle)));
    match parts.filter(|(platform, handle)| !platform.is_empty() && !handle.is_empty()) {
        Some((platform, handle)) => Ok((platform.to_owned(), handle.to_owned())),
        None => Err("an author is platform:@handle, as in mastodon:@ada@example.social".to_owned()),
    }
}

const FIELDS: &[&str] = &["redacted_at", "what", "target", "mode", "reason"];

/// Redacts, or lifts; prints a record for each.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let Some(reason) = &args.reason else {
        out.records(&global.read()?.redactions(args.all)?, FIELDS, FIELDS)?;
        return Ok(0);
    };
    if reason.trim().is_empty() {
        return Err(Failure::usage("--reason is empty: it is what readers will see"));
    }
    let archive = global.archive(&global.config_told(out)?);
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    if args.dry_run {
        let store = global.read()?;
        let done = store.would_redact(&targets(&store, args)?, reason.trim(), args.remove, Timestamp::now())?;
        return told(&done, &named(args), &archive, global, args, out);
    }
    let _lock = hold(global, &archive, "redact", args.hold, out)?;
    let mut store = Store::open(&archive)?;
    let (named, targets) = (named(args), targets(&store, args)?);
    let done = if args.lift {
        lifted(store.lift(&targets, reason.trim(), Timestamp::now())?, &named, &archive)?
    } else {
        store.redact(&targets, reason.trim(), args.remove, Timestamp::now())?
    };
    told(&done, &named, &archive, global, args, out)
}

/// What was named, as it was given.
fn named(args: &Args) -> String {
    let author = args.author.as_ref().map(|(platform, handle)| format!("{platform}:@{handle}"));
    author.unwrap_or_else(|| args.targets.join(" "))
}

/// What that names in the archive.
fn targets(store: &Store, args: &Args) -> Result<Vec<String>, StoreError> {
    let key = |target: &String| match platforms::post_key(target) {
        // What is no post's address here is an article's, or a file's name.
        Some(key) => store.post_name(&key).map(|post| post.map_or_else(|| target.clone(), |post| post.key)),
        None => Ok(target.clone()),
    };
    match &args.author {
        Some((platform, handle)) if args.lift => store.hidden_posts_by(platform, handle),
        Some((platform, handle)) => store.posts_by(platform, handle),
        None => args.targets.iter().map(key).collect(),
    }
}

/// Prints what was done, or would be.
fn told(
    done: &[Redaction],
    named: &str,
    archive: &Path,
    global: &Global,
    args: &Args,
    out: &mut Output,
) -> Result<u8, Failure> {
    if done.is_empty() {
        let what = if args.lift { "redacted in" } else { "in" };
        let done = if args.lift { "lifted" } else { "redacted" };
        return Err(Failure::usage(format!("not all of {named} is {what} {}; nothing was {done}", archive.display())));
    }
    if !global.quiet || global.json {
        out.records(done, FIELDS, FIELDS)?;
    }
    if args.dry_run && !global.quiet {
        out.talk("nothing was touched: without --dry-run this is done");
    }
    Ok(0)
}

/// The records of a lift, or why there is none.
fn lifted(lift: Lift, named: &str, archive: &Path) -> Result<Vec<Redaction>, Failure> {
    match lift {
        Lift::Done(done) => Ok(done),
        Lift::NotRedacted(targets) => {
            let targets = if targets.is_empty() { named.to_owned() } else { targets.join(" ") };
            Err(Failure::usage(format!(
                "{targets} is not redacted in {}; nothing was lifted. `embalm redact --list` names what is",
                archive.display()
            )))
        }
        Lift::Removed(removed) => {
            let targets: Vec<_> = removed.iter().map(|record| record.target.as_str()).collect();
            Err(Failure::usage(format!(
                "{} was removed: its bytes are gone from {} and can't be shown again; nothing was lifted",
                targets.join(" "),
                archive.display()
            )))
        }
    }
}

//! `embalm history`: what became of a post or an article, look by look.

use super::{Failure, Global, completions::candidates, list};
use crate::{
    model::{HistoryEvent, HistoryRecord, State},
    platforms,
    report::{Format, Output, history_event, one_line},
    store::Store,
};
use clap_complete::ArgValueCompleter;
use jiff::Timestamp;

/// Flags of `history`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The newest event stands first. Words that changed are marked as `git diff --word-diff` marks them,
[-removed-]{+added+}, or in colours. Looks that brought nothing new are told together.

Examples:
  embalm history twitter:1822768
  embalm history https://bsky.app/profile/mika.example/post/3kxyz --reverse
  embalm history https://news.example/story --changes  what an article said, and says by now
  embalm history twitter:1822768 --json | jq -r 'select(.event == \"changed\").changes[].diff'

Exit codes: 0 told; 1 there is no such post or article in the archive.")]
pub struct Args {
    /// An article's number, URL or name; a post's URL in any of its forms, or platform:id
    #[arg(value_name = "TARGET", add = ArgValueCompleter::new(candidates::targets))]
    pub target: String,
    /// The oldest first
    #[arg(long)]
    pub reverse: bool,
    /// Leave out looks that brought nothing new
    #[arg(long)]
    pub changes: bool,
    /// Only what was seen since then: 2024-08-11, 2024-08, yesterday, 3d, "2 weeks ago", 2024-08-11T20:15:00Z
    #[arg(long, value_name = "TIME", value_parser = list::since, add = ArgValueCompleter::new(candidates::times))]
    pub since: Option<Timestamp>,
    /// Only what was seen until then, all of a day, a month or a year included
    #[arg(long, value_name = "TIME", value_parser = list::until, add = ArgValueCompleter::new(candidates::times))]
    pub until: Option<Timestamp>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// The columns of CSV: stable.
const COLUMNS: [&str; 13] = [
    "target",
    "at",
    "until",
    "event",
    "snapshot",
    "version",
    "compared_with",
    "via",
    "state",
    "from",
    "looks",
    "text",
    "changes",
];

/// Prints it; a target that is not in the archive is exit code 1.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let store = global.read()?;
    out.page();
    let mut told = Told { args, out, count: 0, pending: Vec::new() };
    let post = platforms::post_key(&args.target).map(|key| store.post_name(&key)).transpose()?.flatten();
    match post {
        Some(post) => tell_post(&store, &post.key, post.state, &mut told)?,
        None => tell_article(&store, &args.target, &mut told)?,
    }
    told.finish()?;
    Ok(0)
}

fn tell_post(store: &Store, key: &str, state: State, told: &mut Told<'_>) -> Result<(), Failure> {
    told.head(key, state.as_str())?;
    let Some(first) = store.history(key, if told.args.reverse { 1 } else { usize::MAX })? else { return Ok(()) };
    if first.older > 0 {
        told.out.warn(&format!("{} older looks are not told of", first.older));
    }
    let (pages, mut page, mut timeline) = (first.pages, first.page, first);
    loop {
        let records = timeline.entries.iter().map(|entry| HistoryRecord::of_post(key, entry));
        let goes_on = if told.args.reverse { told.all(records)? } else { told.all(records.rev())? };
        page = if told.args.reverse { page + 1 } else { page - 1 };
        if !goes_on || page == 0 || page > pages {
            return Ok(());
        }
        match store.history(key, page)? {
            Some(next) => timeline = next,
            None => return Ok(()),
        }
    }
}

fn tell_article(store: &Store, target: &str, told: &mut Told<'_>) -> Result<(), Failure> {
    let Some((id, name, standing)) = store.article_standing(target)? else {
        let hint = "`embalm list posts` and `embalm list articles` say what is";
        return Err(Failure::unexpected(format!("{target} is not in the archive\n  {hint}")));
    };
    told.head(&name, if standing.gone_since.is_some() { "gone" } else { "live" })?;
    let gone = HistoryRecord::of_standing(&name, &standing);
    let versions = standing.versions.len();
    // Two versions at a time: a live blog has thousands of them.
    let mut other = None;
    if told.args.reverse {
        for number in 1..=versions {
            let Some(words) = store.version_text(id, number)? else { continue };
            let record = HistoryRecord::of_version(&name, other.as_ref(), &words);
            other = Some(words);
            if !told.one(record)? {
                return Ok(());
            }
        }
        gone.map(|record| told.one(record)).transpose()?;
        return Ok(());
    }
    if gone.map(|record| told.one(record)).transpose()? == Some(false) {
        return Ok(());
    }
    for number in (1..=versions).rev() {
        let words = match other.take() {
            Some(words) => words,
            None => match store.version_text(id, number)? {
                Some(words) => words,
                None => continue,
            },
        };
        other = if number > 1 { store.version_text(id, number - 1)? } else { None };
        if !told.one(HistoryRecord::of_version(&name, other.as_ref(), &words))? {
            return Ok(());
        }
    }
    Ok(())
}

/// Prints events until there are as many as were asked for.
struct Told<'a> {
    args: &'a Args,
    out: &'a mut Output,
    count: usize,
    /// Rows of CSV, which have one header.
    pending: Vec<HistoryRecord>,
}

impl Told<'_> {
    fn head(&mut self, name: &str, state: &str) -> Result<(), Failure> {
        if self.out.format == Format::Table {
            let style = self.out.style;
            self.out.line(&format!("{}  {state}", style.bold(&one_line(name))))?;
        }
        Ok(())
    }

    /// Whether more are wanted.
    fn all(&mut self, records: impl Iterator<Item = HistoryRecord>) -> Result<bool, Failure> {
        for record in records {
            if !self.one(record)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one(&mut self, record: HistoryRecord) -> Result<bool, Failure> {
        let args = self.args;
        if args.limit.is_some_and(|limit| self.count >= limit) {
            return Ok(false);
        }
        let fits = !(args.changes && record.event == HistoryEvent::Quiet)
            && args.since.is_none_or(|since| record.until >= since)
            && args.until.is_none_or(|until| record.at < until);
        if !fits {
            return Ok(true);
        }
        self.count += 1;
        match self.out.format {
            Format::Json => self.out.json(&record)?,
            Format::Csv => self.pending.push(record),
            Format::Table => {
                let text = history_event(&record, self.out.style);
                self.out.line(&format!("\n{text}"))?;
            }
        }
        Ok(true)
    }

    fn finish(self) -> Result<(), Failure> {
        if self.out.format == Format::Csv {
            self.out.records(&self.pending, &COLUMNS, &[])?;
        } else if self.count == 0 {
            self.out.talk("nothing to tell");
        }
        Ok(())
    }
}

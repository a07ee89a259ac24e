//! `embalm show`: articles and posts, each with all that is known; and whether they are known at all.

mod known;
mod nearest;

use super::{Failure, Global, completions::candidates};
use crate::{
    http::Exchange,
    model::{DatedPostRecord, EmbedRecord, ShownArticle, ShownPost},
    platforms,
    report::{Format, Output, article_page, post_page},
    store::{Filter, KnownParts, Store},
};
use clap_complete::ArgValueCompleter;
use jiff::Timestamp;
use std::io::BufRead;

/// Targets that are told to be missing one by one; of more, how many.
const MAX_MISSING: usize = 20;

/// Flags of `show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A post is shown as one would read it: who, when, its words, the post that it quotes, its poll,
card and files with their descriptions; then its state with both dates, where it was read, its
snapshots, and the articles that embed it. An article is shown with its posts where they stand in
it.

With --known nothing is shown but whether the archive has it: \"do I have this already?\" One
record a target:
  {\"target\", \"known\", \"what\": \"post\"|\"article\", \"key\", \"id\", \"url\", \"state\",
  \"via\", \"captured_at\", \"kept\"}
`kept` is true where words of it are there, and false for a post that was only seen so far. Each
answer is written at once, so that a script may keep asking.

Examples:
  embalm show https://x.com/user/status/1822768
  embalm show twitter:1822768 mastodon:host.example/1151 --json
  embalm show 12 --version 1                       an older version of an article
  embalm show twitter:1822768 --raw | less         what the platform answered
  embalm show --known -q URL && echo there         exit code 0: all are known
  embalm show --known - --json < urls.txt | jq -r 'select(.known | not) | .target'

Exit codes: 0 all are there; 1 some are not; 2 wrong usage.")]
pub struct Args {
    /// An article's number, URL or name; a post's URL in any of its forms, or platform:id; or - for lines of stdin
    #[arg(value_name = "TARGET", required = true, add = ArgValueCompleter::new(candidates::targets))]
    pub targets: Vec<String>,
    /// Print the stored answers of the newest snapshot as they came; of an article its original bytes
    #[arg(long)]
    pub raw: bool,
    /// Only whether it is known: one record a target
    #[arg(long, conflicts_with_all = ["raw", "snapshot", "version"])]
    pub known: bool,
    /// This snapshot of a post, by the number that `show` and `history` tell
    #[arg(long, value_name = "NUMBER", conflicts_with = "version")]
    pub snapshot: Option<i64>,
    /// This version of an article, from 1
    #[arg(long, value_name = "N")]
    pub version: Option<usize>,
}

/// Prints them; a target that is not in the archive is exit code 1, and the others are printed all the same.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let store = global.read()?;
    if args.known {
        return known::run(&store, args, out);
    }
    if out.format == Format::Csv {
        return Err(Failure::usage("`show` prints no CSV: `--json` has every field, and `embalm list --csv` has rows"));
    }
    if !args.raw {
        out.page();
    }
    let now = out.seen_from();
    let mut missing = Vec::new();
    let mut printed = 0_usize;
    each(&args.targets, |target| {
        let separate = printed > 0 && out.format == Format::Table && !args.raw;
        if separate {
            out.line("")?;
        }
        if shown(&store, target, args, now, out)? {
            printed += 1;
        } else {
            missing.push(target.to_owned());
        }
        Ok(())
    })?;
    if missing.is_empty() {
        return Ok(0);
    }
    out.flush()?;
    Err(Failure::unexpected(told(&store, &missing, args)))
}

/// Each target; `-` stands for the lines of stdin.
fn each(targets: &[String], mut act: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    for target in targets {
        if target != "-" {
            act(target)?;
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(|error| Failure::unexpected(format!("reading stdin failed: {error}")))?;
            let line = line.trim();
            if !line.is_empty() {
                act(line)?;
            }
        }
    }
    Ok(())
}

fn told(store: &Store, missing: &[String], args: &Args) -> String {
    let asked = match (args.snapshot, args.version) {
        (Some(number), _) => format!("snapshot {number} of "),
        (_, Some(number)) => format!("version {number} of "),
        _ => String::new(),
    };
    let mut lines: Vec<String> = missing
        .iter()
        .take(MAX_MISSING)
        .map(|target| {
            let nearest = nearest::nearest(store, target).filter(|near| near != target);
            let nearest = nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!("{asked}{target} is not in the archive{nearest}")
        })
        .collect();
    if missing.len() > MAX_MISSING {
        lines.push(format!("and {} more", missing.len() - MAX_MISSING));
    }
    lines.push("  `embalm list posts` and `embalm list articles` say what is".to_owned());
    lines.join("\n")
}

fn shown(store: &Store, target: &str, args: &Args, now: Option<Timestamp>, out: &mut Output) -> Result<bool, Failure> {
    if args.version.is_none()
        && let Some(key) = platforms::post_key(target)
        && show_post(store, &key, args, now, out)?
    {
        return Ok(true);
    }
    if args.snapshot.is_some() {
        return Ok(false);
    }
    show_article(store, target, args, now, out)
}

fn show_post(store: &Store, key: &str, args: &Args, now: Option<Timestamp>, out: &mut Output) -> Result<bool, Failure> {
    let parts = KnownParts { snapshot: args.snapshot, history: LAST_PAGE, articles: 1 };
    let Some(known) = store.known_post(key, parts)? else { return Ok(false) };
    if args.raw {
        let exchanges = match args.snapshot {
            Some(number) => store.snapshot_exchanges(number)?,
            None => store.raw_exchanges(key)?,
        };
        exchanges.iter().try_for_each(|exchange| raw(exchange, out))?;
    } else if out.format == Format::Json {
        let Some(post) = store.post(key)? else { return Ok(false) };
        let view = &known.post;
        let (state_since, last_seen_at, last_looked_at) = (view.state_since, view.last_seen_at, view.last_looked_at);
        let post = DatedPostRecord { post, state_since, last_seen_at, last_looked_at };
        let content = known.asked.as_ref().and(known.post.content.clone());
        out.json(&ShownPost { post, snapshot: known.asked, content })?;
    } else {
        out.line(&post_page(&known, now, out.style))?;
    }
    Ok(true)
}

/// A page of a history that no post has: the last one is told instead.
const LAST_PAGE: usize = usize::MAX;

fn raw(exchange: &Exchange, out: &mut Output) -> Result<(), Failure> {
    let Some(answer) = exchange.response() else { return Ok(()) };
    out.line(&format!("{} {} {}", exchange.request.method, answer.url, answer.status))?;
    out.bytes(&answer.body)?;
    out.line("")?;
    Ok(())
}

fn show_article(
    store: &Store,
    target: &str,
    args: &Args,
    now: Option<Timestamp>,
    out: &mut Output,
) -> Result<bool, Failure> {
    let Some(id) = store.article_number(target)? else { return Ok(false) };
    if args.raw {
        let Some(original) = store.original(id, args.version)? else { return Ok(false) };
        out.bytes(&original.bytes)?;
        return Ok(true);
    }
    let Some(view) = store.article_version(id, args.version, false)? else { return Ok(false) };
    if out.format == Format::Json {
        let filter = Filter { article: Some(id.to_string()), ..Filter::default() };
        for record in store.articles(&filter)? {
            let embedded = view.embeds.iter().map(|embed| EmbedRecord::new(&view.name, &embed.embed)).collect();
            let (version, sha256, text) = (view.number, view.digest.clone(), view.article.text.clone());
            out.json(&ShownArticle { article: record, version, sha256, text, embedded })?;
        }
    } else {
        out.line(&article_page(&view, now, out.style))?;
    }
    Ok(true)
}

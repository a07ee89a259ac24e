//! `embalm show --known`: does the archive have this already? One answer a target, as fast as a script can ask.

use super::{Args, each};
use crate::{
    commands::Failure,
    model::{State, Via},
    platforms,
    report::{Column, Output, Shown},
    store::{Filter, Store},
};
use jiff::Timestamp;
use serde::Serialize;

/// Some of the targets are not known.
const UNKNOWN: u8 = 1;

const FIELDS: [&str; 10] = ["target", "known", "what", "key", "id", "url", "state", "via", "captured_at", "kept"];

const COLUMNS: [Column; 5] = [
    Column::new("known").least(5).rank(0),
    Column::new("target").shown(Shown::Name).least(30).rank(0),
    Column::new("what").least(7).rank(3),
    Column::new("state").shown(Shown::State).least(8).rank(1),
    Column::new("captured_at").head("captured").shown(Shown::Moment).least(12).rank(2),
];

/// One answer; what is not known is null.
#[derive(Debug, Default, Serialize)]
struct Known {
    target: String,
    known: bool,
    what: Option<&'static str>,
    key: Option<String>,
    id: Option<i64>,
    url: Option<String>,
    state: Option<String>,
    via: Option<Via>,
    captured_at: Option<Timestamp>,
    /// Words of it are there.
    kept: bool,
}

/// Prints the answers; quietly, the exit code is the answer.
pub(super) fn run(store: &Store, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut all = true;
    let quiet = out.quiet;
    // Answers are written one by one where a script asks one by one; else a table is laid out over all of them.
    let by_line = args.targets.iter().any(|target| target == "-");
    let mut answers = Vec::new();
    {
        let mut rows = out.rows(&FIELDS, &COLUMNS);
        each(&args.targets, |target| {
            let answer = look(store, target)?;
            all &= answer.known;
            if quiet {
                return Ok(());
            }
            if by_line {
                rows.add(&[answer])?;
                rows.flush()?;
            } else {
                answers.push(answer);
            }
            Ok(())
        })?;
        if !quiet {
            rows.add(&answers)?;
            rows.end()?;
        }
    }
    Ok(if all { 0 } else { UNKNOWN })
}

fn look(store: &Store, target: &str) -> Result<Known, Failure> {
    let unknown = Known { target: target.to_owned(), ..Known::default() };
    if let Some(key) = platforms::post_key(target)
        && let Some(post) = store.post(&key)?
    {
        return Ok(Known {
            known: true,
            what: Some("post"),
            key: Some(post.key),
            url: Some(post.url),
            kept: post.captured_at.is_some(),
            state: Some(State::as_str(post.state).to_owned()),
            via: post.via,
            captured_at: post.captured_at,
            ..unknown
        });
    }
    // An address or a post's key is looked up by the indexes alone; other names are searched for.
    let is_address = target.starts_with("http://") || target.starts_with("https://");
    let is_looked_up = is_address || platforms::post_key(target).is_some();
    let found = if is_looked_up { store.article_at(target)? } else { store.article_number(target)? };
    let Some(id) = found else { return Ok(unknown) };
    let filter = Filter { article: Some(id.to_string()), ..Filter::default() };
    let article = store.articles(&filter)?.into_iter().next();
    Ok(match article {
        Some(article) => Known {
            known: true,
            what: Some("article"),
            id: Some(article.id),
            url: Some(article.url.unwrap_or(article.name)),
            state: Some(article.state),
            captured_at: Some(article.captured_at),
            kept: true,
            ..unknown
        },
        None => unknown,
    })
}

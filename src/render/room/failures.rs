//! What could not be had: why, since when, and what comes next; by reason.

use super::{
    asked::Asked,
    entry,
    filters::{self, Form, Offer},
    lists,
    paging::{self, Paging},
    shell::{self, Frame, Section},
};
use crate::{
    model::{FailureRecord, Listed, Rest},
    render::{Places, RenderError, words, words::Moment},
};
use jiff::Timestamp;
use serde::Serialize;

const OFFER: Offer = Offer {
    fields: &["platform", "site", "since", "until", "sort"],
    more: &["author", "state", "via", "lang", "label", "article"],
    sorts: &[
        ("failed", "Last tried first"),
        ("since", "Shortest time first"),
        ("-since", "Longest time first"),
        ("due", "Next due first"),
        ("attempts", "Most tries first"),
    ],
};

#[derive(Serialize)]
struct FailuresPage {
    form: Form,
    reasons: Vec<Chip>,
    groups: Vec<Group>,
    paging: Paging,
    empty: &'static str,
}

#[derive(Serialize)]
struct Chip {
    words: &'static str,
    count: String,
    url: String,
    current: bool,
}

/// Failures of one reason.
#[derive(Serialize)]
struct Group {
    title: &'static str,
    failures: Vec<Row>,
    /// All of this reason, where more are there than shown.
    more: Option<String>,
}

#[derive(Serialize)]
struct Row {
    what: String,
    subject: String,
    url: Option<String>,
    /// The file, where it is one of a post.
    file: Option<String>,
    why: String,
    since: Moment,
    tries: String,
    next: String,
    next_at: Option<Moment>,
    resting: bool,
    run: Option<String>,
    run_number: Option<i64>,
}

/// What a page of failures is made of.
#[derive(Clone, Debug)]
pub struct Failed {
    /// How many there are of each reason, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// Reasons with the failures that are shown of each; one alone where a reason is asked for.
    pub groups: Vec<(String, Vec<Subject>)>,
    /// The part that is shown, where one reason is asked for.
    pub part: Option<Listed<()>>,
}

/// A failure, and the number of the article that it is about, where the archive has one.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The failure.
    pub failure: FailureRecord,
    /// Of an earlier version, or of an address that is known.
    pub article: Option<i64>,
}

/// The failures at `now`, by reason.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn failures(
    asked: &Asked,
    failed: &Failed,
    size: usize,
    platforms: &[String],
    now: Timestamp,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let reason = asked.of("reason");
    let without_page = |reason: Option<&str>| asked.with(&[("reason", reason), ("page", None)]);
    let chip = |(name, count): &(String, u64)| Chip {
        words: title(name),
        count: words::number(*count),
        url: without_page(Some(name)),
        current: *name == reason,
    };
    let group = |(name, subjects): &(String, Vec<Subject>)| {
        let all = failed.reasons.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count);
        let shown = u64::try_from(subjects.len()).unwrap_or(u64::MAX);
        Group {
            title: title(name),
            failures: subjects.iter().map(|subject| row(subject, now, places)).collect(),
            more: (reason.is_empty() && all > shown).then(|| format!("All {}", words::number(all))),
        }
    };
    let mut groups: Vec<Group> = failed.groups.iter().map(group).collect();
    for (group, (name, _)) in groups.iter_mut().zip(&failed.groups) {
        group.more = group.more.take().map(|_| without_page(Some(name)));
    }
    let part = failed.part.as_ref();
    let page = FailuresPage {
        form: filters::form(asked, &OFFER, platforms),
        reasons: failed.reasons.iter().map(chip).collect(),
        groups,
        paging: part.map(|part| paging::numbered(asked, part.records.len(), part.total, size)).unwrap_or_default(),
        empty: lists::empty(asked, "Nothing of this failed.", "Everything that was tried could be had."),
    };
    shell::page("room/failures.html", frame, Section::Failures, "What could not be had", &page)
}

/// A reason as the head of its group.
fn title(reason: &str) -> &'static str {
    match reason {
        "rate_limited" => "The platform asked to come back later",
        "resting" => "The host is left alone for now",
        "http" => "An answer that says nothing of the post",
        "network" => "No answer came",
        "refused" => "It may not be asked",
        "blocked" => "A challenge or block page came instead",
        "too_large" => "The answer was too large",
        "drift" => "The answer was not understood",
        "unresolved" => "The link leads to no post",
        "not_archived" => "No web archive has a copy",
        "no_route" => "No way of asking is known",
        "media" => "Files of posts",
        "skipped" => "Files over a limit",
        "article" => "Articles",
        _ => "Other reasons",
    }
}

fn row(subject: &Subject, now: Timestamp, places: &dyn Places) -> Row {
    let failure = &subject.failure;
    let is_article = failure.what == "article";
    let url =
        if is_article { subject.article.and_then(|id| places.article(id)) } else { places.post(&failure.subject) };
    let (next, next_at) = next(failure, now);
    Row {
        what: failure.platform.as_deref().map_or_else(|| "Article".to_owned(), |id| words::platform(id, None)),
        subject: if is_article { words::shown_url(&failure.subject) } else { failure.subject.clone() },
        url,
        file: (failure.what == "media").then(|| words::shown_url(&failure.url)),
        why: failure.why.clone(),
        since: Moment::day_of(failure.since),
        tries: match failure.attempts {
            Some(0) | None => String::new(),
            Some(n) => format!("tried {}", words::many(u64::from(n), "time", "times")),
        },
        resting: failure.rests == Some(Rest::Failed),
        next: next.to_owned(),
        next_at,
        run: failure.run.map(super::runs::address),
        run_number: failure.run,
    }
}

/// What comes next, and when.
fn next(failure: &FailureRecord, now: Timestamp) -> (&'static str, Option<Moment>) {
    match (failure.due_at, failure.rests, failure.reason.as_str()) {
        (Some(at), None, _) if at <= now => ("due at the next run", None),
        (Some(at), None, _) => ("next try", Some(entry::minute(at))),
        (Some(at), Some(_), _) => ("rests; one more look", Some(entry::minute(at))),
        (None, _, "skipped") => ("fetched when the limit allows it", None),
        (None, _, "no_route" | "unresolved" | "not_archived") => ("rests: another try would bring the same", None),
        (None, ..) => ("rests until it is released with embalm retry", None),
    }
}

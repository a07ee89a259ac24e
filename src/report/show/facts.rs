//! What is known of a post beside its words: its state with both dates, where it was read, its snapshots, its articles.

use super::Page;
use crate::{
    model::{Captured, EmbeddedIn, KnownPost, PostView, State, TimelineEvent, Via},
    report::{
        Style, counted, excerpt, one_line,
        run::{state_in_words, via_in_words},
        width::cut,
    },
};
use jiff::Timestamp;

/// Snapshots that are told one by one, the newest ones; `embalm history` tells them all.
const MAX_SNAPSHOTS: usize = 10;

/// Columns of a snapshot's beginning.
const BEGINNING: usize = 60;

pub(super) fn facts(page: &mut Page, known: &KnownPost) {
    let post = &known.post;
    page.gap();
    page.fact("state", &state(page, post));
    page.named("post", &post.post.to_string());
    page.named("url", post.post.url.as_str());
    for name in &known.names {
        page.named("also", &name.to_string());
    }
    if let (Some(via), Some(at)) = (post.via, post.captured_at) {
        let text = captured(page, via, at, post.login);
        page.fact("captured", &text);
    }
    if let Some(memento) = &post.memento {
        let text = format!("{}, of {}", memento.url, page.moment(memento.archived_at));
        page.fact("copy", &text);
    }
    if let Some(failure) = &post.last_failure {
        let when = post.last_looked_at.map(|at| page.moment(at)).unwrap_or_default();
        page.fact("last look", &format!("{failure}; {when}"));
    }
    if let Some(queued) = &known.queued {
        let due = queued.due_at.map_or_else(|| "rests".to_owned(), |at| format!("due {}", page.moment(at)));
        page.fact("queued", &format!("{due}, tried {}: {}", counted(queued.attempts, "time"), queued.reason));
    }
    if let Some(memento) = known.saved.as_ref().and_then(|saved| saved.memento.as_ref()) {
        page.named("saved", memento.as_str());
    }
    snapshots(page, known);
    articles(page, &known.articles, known.articles_total);
    if known.quoted_by_total > 0 {
        let by: Vec<String> = known.quoted_by.iter().take(3).map(|line| line.post.to_string()).collect();
        page.fact("quoted by", &told(&by, known.quoted_by_total));
    }
    if known.answered_by_total > 0 {
        let by: Vec<String> = known.answered_by.iter().take(3).map(|line| line.post.to_string()).collect();
        page.fact("answers", &told(&by, known.answered_by_total));
    }
}

fn told(named: &[String], total: u64) -> String {
    let more = total.saturating_sub(named.len() as u64);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

/// How a state is painted.
pub(super) fn coloured(state: State, text: &str, style: Style) -> String {
    match state {
        State::Live => style.green(text),
        State::Unknown => style.yellow(text),
        _ => style.red(text),
    }
}

/// The state with both of its dates: when it was last seen, and since when it is what it is.
fn state(page: &Page, post: &PostView) -> String {
    let mut words = state_in_words(post.state).to_owned();
    let seen = post.last_seen_at.map(|at| format!("last seen {}", page.moment(at)));
    let since = post.state_since.map(|at| page.moment(at));
    let found = match post.state {
        State::Live | State::Unknown => None,
        _ => since.map(|since| format!("found so {since}")),
    };
    for part in [seen, found].into_iter().flatten() {
        words.push_str("; ");
        words.push_str(&part);
    }
    words
}

fn captured(page: &Page, via: Via, at: Timestamp, login: bool) -> String {
    if via == Via::Quoted {
        return format!("words as an article quotes them, which nobody has confirmed; {}", page.moment(at));
    }
    let login = if login { ", with your login" } else { "" };
    format!("{} from {}{login}", page.moment(at), via_in_words(via))
}

fn snapshots(page: &mut Page, known: &KnownPost) {
    if let Some(asked) = &known.asked {
        let shown =
            if asked.is_shown { "the one that stands for the post" } else { "not the one that stands for the post" };
        let text =
            format!("number {}, {}; {shown}; of {}", asked.number, page.moment(asked.captured_at), known.snapshots);
        page.fact("snapshot", &text);
        return;
    }
    if known.snapshots < 2 {
        return;
    }
    page.fact("snapshots", &format!("{}; `embalm history {}` compares them", known.snapshots, known.post.post));
    let lines: Vec<String> =
        known.timeline.entries.iter().filter_map(|entry| snapshot(entry.at, &entry.event)).collect();
    let skipped = lines.len().saturating_sub(MAX_SNAPSHOTS);
    for line in lines.into_iter().skip(skipped) {
        let line = format!("{:10}{line}", "");
        page.line(page.style.columns().map_or(line.clone(), |columns| cut(&line, columns)));
    }
}

fn snapshot(at: Timestamp, event: &TimelineEvent) -> Option<String> {
    let day = at.strftime("%Y-%m-%d");
    let content = |captured: &Captured| {
        let beginning = excerpt(&captured.content.text, BEGINNING);
        format!("{day}  {:<12} {:>6}  {beginning}", captured.via.as_str(), captured.snapshot)
    };
    match event {
        TimelineEvent::Captured(captured)
        | TimelineEvent::Imported(captured)
        | TimelineEvent::Memento(captured)
        | TimelineEvent::Quoted(captured) => Some(content(captured)),
        TimelineEvent::Vanished { state, via, snapshot, .. } => {
            let number = snapshot.map(|number| number.to_string()).unwrap_or_default();
            Some(format!("{day}  {:<12} {number:>6}  {}", via.as_str(), state_in_words(*state)))
        }
        TimelineEvent::Returned { .. } | TimelineEvent::Quiet(_) => None,
    }
}

fn articles(page: &mut Page, articles: &[EmbeddedIn], total: u64) {
    if articles.is_empty() {
        return;
    }
    page.fact("embedded", &format!("in {total} article{}", if total == 1 { "" } else { "s" }));
    for article in articles.iter().take(MAX_SNAPSHOTS) {
        let title = if article.title.is_empty() { &article.name } else { &article.title };
        let site = article.site_name.as_ref().map(|site| format!(", {}", one_line(site))).unwrap_or_default();
        let no_longer = if article.no_longer { " (no longer)" } else { "" };
        page.prose("          ", &format!("{}  {}{site}{no_longer}", article.article, one_line(title)));
    }
    let more = total.saturating_sub(articles.len().min(MAX_SNAPSHOTS) as u64);
    if more > 0 {
        page.line(format!("{:10}and {more} more", ""));
    }
}

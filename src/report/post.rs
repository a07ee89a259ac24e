//! One post or one article as a person wants to read it in a terminal.

use super::{
    Style, excerpt, printable,
    run::{state_in_words, via_in_words},
};
use crate::model::{ArticleView, MediaKind, Outcome, Post, PostView, State, Via};
use std::fmt::Write;

/// A post: who, when, its words, its files, how it was captured, and its history.
#[must_use]
pub fn post_page(view: &PostView, style: Style) -> String {
    let mut out = String::new();
    head(&mut out, view, style);
    if let Some(post) = &view.content {
        body(&mut out, post, "  ", style);
    }
    for media in view.media.iter().filter(|media| !matches!(media.kind, MediaKind::Avatar)) {
        let kept = match (&media.digest, &media.failure) {
            (Some(digest), _) => format!("{} bytes, sha256 {}", media.size_bytes.unwrap_or(0), excerpt(digest, 13)),
            (None, Some(why)) => style.yellow(&format!("not kept: {}", printable(why))),
            (None, None) => style.dim("not kept"),
        };
        let alt = media.alt.as_ref().map(|alt| format!(" “{}”", excerpt(alt, 60))).unwrap_or_default();
        let _ = writeln!(out, "  [{}]{alt} {kept}", media.kind.as_str());
    }
    if let Some(quoted) = &view.quoted {
        let _ = writeln!(out, "\n  {} {}", style.dim("quotes"), printable(&quoted.post.to_string()));
        if let Some(post) = &quoted.content {
            body(&mut out, post, "    ", style);
        }
    }
    if let Some(parent) = &view.reply_to {
        let _ = writeln!(out, "\n  {} {}", style.dim("answers"), printable(&parent.post.to_string()));
    }
    history(&mut out, view, style);
    out
}

/// An article: what it says of itself, and its posts by the line.
#[must_use]
pub fn article_page(view: &ArticleView, style: Style) -> String {
    let mut out = String::new();
    let article = &view.article;
    let _ = writeln!(out, "{}", style.bold(&printable(&article.title)));
    let facts = [
        article.byline.clone(),
        article.site_name.clone(),
        article.published.map(|when| when.to_string()),
        article.lang.clone(),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    if !facts.is_empty() {
        let _ = writeln!(out, "{}", printable(&facts.join(" · ")));
    }
    let _ = writeln!(out, "{}", style.dim(&printable(&view.name)));
    if let Some(url) = &article.url {
        let _ = writeln!(out, "{}", style.dim(&printable(url.as_str())));
    }
    if !view.source.is_empty() {
        let labels: String = view.labels.iter().map(|label| format!(" [{label}]")).collect();
        let _ = writeln!(out, "{}", style.dim(&printable(&format!("from {}{labels}", view.source))));
    }
    let digest = excerpt(&view.digest, 13);
    let _ = writeln!(
        out,
        "{}\n",
        style.dim(&format!("article {}, archived {}, sha256 {digest}", view.id, view.captured_at))
    );
    let _ = writeln!(out, "{}\n", printable(&article.text));
    for embed in &view.embeds {
        let form = embed.embed.form.as_str();
        match &embed.post {
            Some(post) => {
                let state = state_in_words(post.state);
                let _ = writeln!(
                    out,
                    "{} {} {}",
                    style.cyan(&printable(&post.post.to_string())),
                    style.dim(form),
                    coloured(post.state, state, style)
                );
                let words = post.content.as_ref().map(|post| format!("{}: {}", post.author.handle, post.text));
                if let Some(words) = words {
                    let _ = writeln!(out, "    {}", excerpt(&words, 100));
                }
            }
            None => {
                let words = embed.embed.quoted.text.clone().unwrap_or_default();
                let _ = writeln!(out, "{} {} {}", embed.embed.target.platform(), style.dim(form), excerpt(&words, 100));
            }
        }
    }
    out
}

fn head(out: &mut String, view: &PostView, style: Style) {
    let state = coloured(view.state, state_in_words(view.state), style);
    let since = view.state_since.map(|at| format!(" since {at}")).unwrap_or_default();
    let _ = writeln!(out, "{}  {state}{}", style.cyan(&printable(&view.post.to_string())), style.dim(&since));
    let _ = writeln!(out, "{}", style.dim(&printable(view.post.url.as_str())));
    if let (Some(via), Some(at)) = (view.via, view.captured_at) {
        let from = if via == Via::Quoted {
            "words as an article quotes them, not verified".to_owned()
        } else {
            let login = if view.login { ", with your login" } else { "" };
            format!("captured {at} by {}{login}", via_in_words(via))
        };
        let _ = writeln!(out, "{}", style.dim(&from));
    }
    if let Some(seen) = view.last_seen_at.filter(|_| view.state != State::Live) {
        let _ = writeln!(out, "{}", style.dim(&format!("last seen {seen}")));
    }
    if let Some(memento) = &view.memento {
        let copy = format!("copy of {}: {}", memento.archived_at, printable(memento.url.as_str()));
        let _ = writeln!(out, "{}", style.dim(&copy));
    }
    if let Some(failure) = &view.last_failure {
        let when = view.last_looked_at.map(|at| format!("last look {at}: ")).unwrap_or_default();
        let _ = writeln!(out, "{when}{}", style.yellow(&printable(&failure.to_string())));
    }
    out.push('\n');
}

fn body(out: &mut String, post: &Post, indent: &str, style: Style) {
    let name = post.author.name.clone().unwrap_or_default();
    let handle = if post.author.handle.is_empty() { String::new() } else { format!("@{}", post.author.handle) };
    let when = post.published.map(|when| when.to_string()).unwrap_or_default();
    let _ = writeln!(out, "{indent}{} {} {}", style.bold(&printable(&name)), printable(&handle), style.dim(&when));
    if let Some(warning) = &post.warning {
        let _ = writeln!(out, "{indent}{}", style.yellow(&format!("[{}]", printable(warning))));
    }
    for line in printable(&post.text).lines() {
        let _ = writeln!(out, "{indent}{line}");
    }
    if post.truncated {
        let _ = writeln!(out, "{indent}{}", style.dim("(the platform gave only the beginning)"));
    }
    if let Some(thread) = &post.thread {
        let place = thread.position.map(|n| format!("post {n} of ")).unwrap_or_default();
        let said = format!("({place}the thread that begins with {})", printable(&thread.first.key()));
        let _ = writeln!(out, "{indent}{}", style.dim(&said));
    }
    if let Some(poll) = &post.poll {
        for option in &poll.options {
            let votes = option.votes.map(|votes| votes.to_string()).unwrap_or_default();
            let _ = writeln!(out, "{indent}  ( ) {} {}", printable(&option.label), style.dim(&votes));
        }
    }
    if let Some(card) = &post.card {
        let title = card.title.clone().unwrap_or_default();
        let _ = writeln!(out, "{indent}  → {} {}", printable(&title), style.dim(&printable(&card.url)));
    }
    if !post.counts.is_empty() {
        let counts: Vec<_> = post.counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
        let _ = writeln!(out, "{indent}{}", style.dim(&counts.join(" · ")));
    }
}

fn history(out: &mut String, view: &PostView, style: Style) {
    if view.history.len() < 2 {
        return;
    }
    let _ = writeln!(out, "\n  {}", style.dim("history"));
    for snapshot in &view.history {
        let what = match &snapshot.outcome {
            Outcome::Found(post) => excerpt(&post.text, 60),
            Outcome::Failed(_) => "not reached".to_owned(),
            outcome => State::proven_by(outcome).map(state_in_words).unwrap_or_default().to_owned(),
        };
        let copy = snapshot.memento.as_ref().map(|memento| format!(" (copy of {})", memento.archived_at));
        let login = if snapshot.login { " (with your login)" } else { "" };
        let from = format!("{}{}{login}", snapshot.via.as_str(), copy.unwrap_or_default());
        let _ = writeln!(out, "  {}  {from}  {what}", snapshot.captured_at);
    }
}

fn coloured(state: State, text: &str, style: Style) -> String {
    match state {
        State::Live => style.green(text),
        State::Unknown => style.yellow(text),
        _ => style.red(text),
    }
}

//! What happens in a run, in lines for people.

use super::{counted, form_in_words, state_in_words, via_in_words};
use crate::{
    detect::CutShort,
    model::{Scope, State, Target, Via},
    pipeline::{Change, Event, PostChange, PostResult},
    report::{Style, excerpt, one_line, printable},
};

/// An event in lines; unchanged articles only where that much is asked for.
pub(super) fn lines(style: Style, verbose: bool, event: &Event<'_>) -> Vec<String> {
    match event {
        Event::Started { .. } | Event::Wanted { .. } | Event::Progress(_) => Vec::new(),
        Event::Polled { source, articles, note } => {
            let articles = articles.map(|n| counted(n as u64, "article")).unwrap_or_default();
            let note = note.map(|note| style.yellow(&printable(note))).unwrap_or_default();
            vec![format!("source {} {} {note}", style.bold(source), style.dim(&articles)).trim_end().to_owned()]
        }
        Event::SourceFailed { source, reason } => {
            vec![format!("{} {}", style.bold(source), style.red(&printable(reason)))]
        }
        Event::Article { change: Change::Unchanged, name, .. } => {
            if verbose {
                vec![format!("  {} {}", one_line(name), style.dim("unchanged"))]
            } else {
                Vec::new()
            }
        }
        Event::Article { name, title, change, embeds, cut_short } => {
            let what = if *change == Change::New { style.green("new") } else { style.yellow("changed") };
            let mut lines = vec![
                String::new(),
                format!("{} {what}", style.bold(&excerpt(if title.is_empty() { name } else { title }, 90))),
                format!("  {}", style.dim(&one_line(name))),
            ];
            let inside = embeds.iter().filter(|embed| embed.scope == Scope::Article);
            for embed in inside {
                let handle = embed.quoted.author_handle.as_ref().map(|handle| format!("@{handle} "));
                let target = match &embed.target {
                    Target::Post(post) => post.to_string(),
                    Target::ShortLink { url, platform } => format!("{platform} {url}"),
                    Target::Unresolved { platform } => format!("{platform} post without an address"),
                };
                let form = form_in_words(embed.form);
                let handle = handle.unwrap_or_default();
                lines.push(format!(
                    "  found     {} {}{}",
                    style.cyan(&one_line(&target)),
                    one_line(&handle),
                    style.dim(form)
                ));
            }
            let beside = embeds.iter().filter(|embed| embed.scope == Scope::Page).count() as u64;
            if beside > 0 {
                lines.push(
                    style.dim(&format!("  and {} beside the article, noted but not captured", counted(beside, "post"))),
                );
            }
            if embeds.is_empty() {
                lines.push(style.dim("  no posts in it"));
            }
            lines.extend(cut_short.iter().map(|cut| style.yellow(&format!("  searched in part: {cut}"))));
            lines
        }
        Event::ArticleFailed { name, reason } => {
            vec![format!("{} {}: {}", style.red("failed"), one_line(name), printable(reason))]
        }
        Event::Post { post, result } => {
            vec![post_line(style, &post.to_string(), result)]
        }
    }
}

/// What must be said of an article even where little is.
pub(super) fn cut_lines(style: Style, name: &str, cut_short: &[CutShort]) -> Vec<String> {
    let warning = style.yellow("warning:");
    cut_short.iter().map(|cut| format!("{warning} {}: searched in part: {cut}", one_line(name))).collect()
}

fn post_line(style: Style, key: &str, result: &PostResult) -> String {
    let media = if result.media > 0 { format!(", {}", counted(result.media, "file")) } else { String::new() };
    let how = match (result.via, result.state) {
        (Some(Via::Quoted), state) => {
            let why = result.failure.as_deref().map_or_else(|| state_in_words(state).to_owned(), printable);
            style.yellow(&format!("kept what the article quotes ({why})"))
        }
        (_, state) if result.change == PostChange::Unchanged && state != State::Live => {
            style.dim(&format!("still {}", state_in_words(state)))
        }
        (Some(_), _) if result.change == PostChange::Returned => {
            style.green(&format!("is back: it is shown again{media}"))
        }
        (Some(via), _) if result.change == PostChange::Edited => {
            style.yellow(&format!("has changed; captured by {}{media}", via_in_words(via)))
        }
        (Some(_), _) if result.unchanged => style.dim("unchanged"),
        (Some(via), _) => style.green(&format!("captured by {}{media}", via_in_words(via))),
        (None, _) if result.change == PostChange::Failed => {
            let why = printable(result.failure.as_deref().unwrap_or("not reached"));
            style.red(&format!("not captured: {why}"))
        }
        (None, state) => {
            let seen = result.last_seen_at.map(|at| format!(" (last seen {at})")).unwrap_or_default();
            style.red(&format!("{}{seen}", state_in_words(state)))
        }
    };
    let words = result.shown.as_ref().map(|(author, text)| {
        format!("\n            {}", style.dim(&format!("{}: {}", excerpt(author, 40), excerpt(text, 80))))
    });
    format!("  post      {} {how}{}", style.cyan(&one_line(key)), words.unwrap_or_default())
}

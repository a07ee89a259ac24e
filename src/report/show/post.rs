//! A post: who, when, its words, what stands in it, its files.

use super::{
    Page,
    facts::{coloured, facts},
};
use crate::{
    model::{Card, KnownPost, MediaKind, Poll, Post, PostView, State, StoredMedia, Via},
    report::{Style, one_line, printable, run::state_in_words, status::size, width::width},
};
use jiff::Timestamp;

/// Columns of the bar of a poll's answer.
const BAR: usize = 20;

/// The counts that people ask for first.
const COUNTS: [&str; 5] = ["replies", "reposts", "quotes", "likes", "views"];

/// A post with all that is known of it.
#[must_use]
pub fn post_page(known: &KnownPost, now: Option<Timestamp>, style: Style) -> String {
    let mut page = Page::new(style, now);
    whole(&mut page, &known.post, "");
    facts(&mut page, known);
    page.text()
}

/// A post with its files and the posts inside it, behind an indent.
pub(super) fn whole(page: &mut Page, view: &PostView, indent: &str) {
    if let Some(parent) = &view.reply_to {
        page.painted(indent, &format!("in answer to {}", parent.post), Style::dim);
    }
    match &view.content {
        Some(post) => content(page, view, post, indent),
        None => {
            let name = page.style.bold(&one_line(&view.post.to_string()));
            page.line(format!("{indent}{name}"));
            page.painted(indent, "nothing of it could be kept so far", Style::dim);
        }
    }
}

fn content(page: &mut Page, view: &PostView, post: &Post, indent: &str) {
    author(page, view, post, indent);
    page.gap_in(indent);
    let inside = format!("{indent}  ");
    if let Some(warning) = &post.warning {
        page.painted(&inside, &format!("[{warning}]"), Style::yellow);
    } else if post.sensitive {
        page.painted(&inside, "[marked as sensitive]", Style::yellow);
    }
    page.prose(&inside, &post.text);
    if post.truncated {
        page.painted(&inside, "(the platform gave only the beginning)", Style::dim);
    }
    if let Some(thread) = &post.thread {
        let place = thread.position.map(|n| format!("post {n} of ")).unwrap_or_default();
        page.painted(&inside, &format!("({place}the thread that begins with {})", thread.first.key()), Style::dim);
    }
    if let Some(poll) = &post.poll {
        page.gap_in(&inside);
        self::poll(page, poll, &inside);
    }
    if let Some(quoted) = &view.quoted {
        page.gap_in(&inside);
        whole(page, quoted, &format!("{inside}│ "));
    } else if let Some(related) = &post.quoted {
        page.gap_in(&inside);
        page.painted(&inside, &format!("│ quotes {}", related.post), Style::dim);
    }
    // A card that says nothing but its address says nothing where the words have it.
    let says = |card: &&Card| card.title.is_some() || card.description.is_some() || !post.text.contains(&card.url);
    if let Some(card) = post.card.as_ref().filter(says) {
        page.gap_in(&inside);
        self::card(page, card, &inside);
    }
    files(page, view, &inside);
    counts(page, post, &inside);
}

fn author(page: &mut Page, view: &PostView, post: &Post, indent: &str) {
    let name = post.author.name.as_deref().map(one_line).unwrap_or_default();
    let handle = one_line(&post.author.handle);
    let handle = if handle.is_empty() { String::new() } else { format!("@{handle}") };
    let style = page.style;
    let who = match (name.is_empty(), handle.is_empty()) {
        (false, false) => format!("{} {}", style.bold(&name), style.cyan(&handle)),
        (false, true) => style.bold(&name),
        _ => style.bold(&handle),
    };
    let state_words = if view.state == State::Live { "" } else { state_in_words(view.state) };
    let gone = format!("  {}", coloured(view.state, state_words, style));
    let bare = [name.as_str(), handle.as_str(), state_words]
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| width(part) + 2)
        .sum::<usize>();
    let fits = style.columns().is_none_or(|columns| width(indent) + bare <= columns);
    if bare == 0 {
        // Nobody is known: a song, a picture.
    } else if fits {
        page.line(format!("{indent}{who}{gone}").trim_end().to_owned());
    } else {
        page.painted(indent, &format!("{name} {handle}"), Style::bold);
        page.painted(indent, state_words, Style::red);
    }
    let when = post.published.map(|when| page.when(when));
    let edited = post.edited.map(|at| format!("edited {}", page.moment(at)));
    let from = match view.via {
        Some(Via::Quoted) => Some("as an article quotes it".to_owned()),
        _ => None,
    };
    let parts: Vec<String> = [Some(view.post.platform.clone()), when, edited, from].into_iter().flatten().collect();
    page.painted(indent, &parts.join(" · "), Style::dim);
}

fn poll(page: &mut Page, poll: &Poll, indent: &str) {
    let all: u64 = poll.options.iter().filter_map(|option| option.votes).fold(0, u64::saturating_add);
    for option in &poll.options {
        match option.votes {
            Some(votes) if all > 0 => {
                let share = u128::from(votes).saturating_mul(100) / u128::from(all);
                let filled = usize::try_from(share).unwrap_or(0).saturating_mul(BAR) / 100;
                let bar = page.style.cyan(&"█".repeat(filled));
                let room = " ".repeat(BAR.saturating_sub(filled));
                let answer = format!("{} ({votes})", one_line(&option.label));
                page.behind(&format!("{indent}{share:>3} % {bar}{room} "), width(indent) + 7 + BAR, &answer);
            }
            _ => page.prose(indent, &format!("( ) {}", one_line(&option.label))),
        }
    }
    if let Some(ends) = poll.ends {
        let word = if page.now.is_some_and(|now| ends <= now) { "ended" } else { "ends" };
        page.painted(indent, &format!("{all} votes; {word} {}", page.moment(ends)), Style::dim);
    }
}

fn card(page: &mut Page, card: &Card, indent: &str) {
    let title = card.title.as_deref().or(card.site.as_deref()).unwrap_or_default();
    if !title.is_empty() {
        page.painted(indent, &format!("→ {}", one_line(title)), Style::bold);
    }
    if let Some(description) = &card.description {
        page.prose(&format!("{indent}  "), description);
    }
    page.painted(&format!("{indent}  "), &card.url, Style::dim);
}

fn files(page: &mut Page, view: &PostView, indent: &str) {
    let files: Vec<&StoredMedia> = view.media.iter().filter(|file| file.kind != MediaKind::Avatar).collect();
    if files.is_empty() {
        return;
    }
    page.gap_in(indent);
    for file in files {
        let size_px = file.width_px.zip(file.height_px).map(|(width, height)| format!("{width} × {height}"));
        let length = file.duration_ms.map(|ms| {
            let seconds = ms / 1000;
            format!("{}:{:02}", seconds / 60, seconds % 60)
        });
        let kept = match (&file.digest, &file.failure) {
            (Some(digest), _) => {
                let bytes = file.size_bytes.map(size).unwrap_or_default();
                format!("{bytes}, sha256 {}", digest.get(..12).unwrap_or(digest))
            }
            (None, Some(why)) => format!("not kept: {}", one_line(why)),
            (None, None) => "not kept".to_owned(),
        };
        let facts: Vec<String> = [size_px, length, file.mime.clone(), Some(kept)].into_iter().flatten().collect();
        let kind = format!("[{}]", file.kind.as_str());
        page.painted(indent, &format!("{kind} {}", facts.join(", ")), Style::dim);
        if let Some(alt) = &file.alt {
            page.prose(&format!("{indent}  "), &format!("“{}”", printable(alt).trim()));
        }
        if let Some(note) = &file.note {
            page.painted(&format!("{indent}  "), note, Style::yellow);
        }
    }
}

fn counts(page: &mut Page, post: &Post, indent: &str) {
    if post.counts.is_empty() {
        return;
    }
    let first = COUNTS.iter().filter_map(|name| post.counts.get_key_value(*name));
    let others = post.counts.iter().filter(|(name, _)| !COUNTS.contains(&name.as_str()));
    let counts: Vec<String> = first.chain(others).map(|(name, n)| amount(*n, name)).collect();
    page.gap_in(indent);
    page.painted(indent, &counts.join(" · "), Style::dim);
}

/// A count by the name that platforms give it, which is that of many.
fn amount(n: u64, name: &str) -> String {
    let one =
        name.strip_suffix("ies").map(|stem| format!("{stem}y")).or_else(|| name.strip_suffix('s').map(str::to_owned));
    match one {
        Some(one) if n == 1 => format!("1 {}", printable(&one)),
        _ => format!("{n} {}", printable(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn one_of_anything_is_one() {
        let counts = [(1, "replies"), (2, "replies"), (1, "likes"), (0, "views"), (1, "quotes"), (1, "karma")];
        let words: Vec<String> = counts.iter().map(|(n, name)| amount(*n, name)).collect();
        assert_eq!(words, ["1 reply", "2 replies", "1 like", "0 views", "1 quote", "1 karma"]);
    }
}

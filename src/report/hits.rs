//! What a search found, in words for a person.

use super::{Style, excerpt, printable};
use crate::{
    model::SearchHit,
    store::{MATCH_END, MATCH_START},
};

/// Characters of a hit's words in a terminal.
const SNIPPET_WIDTH: usize = 160;

/// A hit as two lines: what it is, and its words with the match marked.
#[must_use]
pub fn hit_lines(hit: &SearchHit, style: Style) -> String {
    let by = hit.author_handle.as_ref().filter(|handle| !handle.is_empty()).map(|handle| format!(" @{handle}"));
    let title = hit.title.as_ref().map(|title| format!(" {}", excerpt(title, 80)));
    let when = hit.published.map(|when| format!(" {when}"));
    let snippet = hit.snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    let (marked, _) =
        snippet.char_indices().nth(SNIPPET_WIDTH).map_or((snippet.as_str(), ""), |(end, _)| snippet.split_at(end));
    format!(
        "{} {}{}{}{}\n    {}",
        style.dim(&hit.what),
        style.cyan(&printable(&hit.target)),
        printable(&title.unwrap_or_default()),
        printable(&by.unwrap_or_default()),
        style.dim(&when.unwrap_or_default()),
        painted(marked, style),
    )
}

fn painted(snippet: &str, style: Style) -> String {
    let mut out = String::new();
    for (n, piece) in snippet.split(MATCH_START).enumerate() {
        let (matched, rest) = piece.split_once(MATCH_END).filter(|_| n > 0).unwrap_or(("", piece));
        out.push_str(&style.bold(&style.yellow(&printable(matched))));
        out.push_str(&printable(rest));
    }
    out
}

//! What a search found, in words for a person.

use super::{Style, excerpt, printable};
use crate::model::{MATCH_END, MATCH_START, SearchHit};

/// A hit as two lines: what it is, and its words with the match marked.
#[must_use]
pub fn hit_lines(hit: &SearchHit, style: Style) -> String {
    let by = hit.author_handle.as_ref().filter(|handle| !handle.is_empty()).map(|handle| format!(" @{handle}"));
    let title = hit.title.as_ref().map(|title| format!(" {}", excerpt(title, 80)));
    let when = hit.published.map(|when| format!(" {when}"));
    let warning = hit.warning.as_ref().map(|warning| style.yellow(&printable(&format!("[{}] ", excerpt(warning, 80)))));
    let snippet = hit.snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "{} {}{}{}{}\n    {}{}",
        style.dim(&hit.what),
        style.cyan(&printable(&hit.target)),
        printable(&title.unwrap_or_default()),
        printable(&by.unwrap_or_default()),
        style.dim(&when.unwrap_or_default()),
        warning.unwrap_or_default(),
        painted(&snippet, style),
    )
}

/// The match in colours, or in « » where there are none.
fn painted(snippet: &str, style: Style) -> String {
    let mut out = String::new();
    for (n, piece) in snippet.split(MATCH_START).enumerate() {
        let (matched, rest) = piece.split_once(MATCH_END).filter(|_| n > 0).unwrap_or(("", piece));
        let matched = printable(matched);
        if style.is_on() {
            out.push_str(&style.bold(&style.yellow(&matched)));
        } else if !matched.is_empty() {
            out.push_str(&format!("«{matched}»"));
        }
        out.push_str(&printable(rest));
    }
    out
}

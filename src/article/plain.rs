//! Plain text as an article: its leading date line, its title, its paragraphs.

use super::title;
use crate::html;
use crate::model::When;
use regex::Regex;
use std::sync::LazyLock;

/// A first sentence longer than this is cut to serve as the title.
const MAX_TITLE_CHARS: usize = 150;

/// `date 2024-08-12` at the very start, as text corpora write it; the article may go on in the same line.
static DATE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*date:?[ \t]+(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?)(?:[ \t]*\r?\n|[ \t]+|$)")
        .expect("a pattern in this file is well formed")
});

/// Words that end in a full stop within a sentence.
const ABBREVIATIONS: [&str; 32] = [
    "Sen", "Rep", "Gov", "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Gen", "Lt", "Col", "Sgt", "Capt", "Jr", "Sr", "No",
    "Hon", "Rev", "vs", "Nr", "ca", "Jan", "Feb", "Mar", "Apr", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec",
];

static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[.!?\u{3002}\u{ff01}\u{ff1f}][\"'\u{201d}\u{2019}\u{bb})]*(?:\\s|$)")
        .expect("a pattern in this file is well formed")
});

/// The day of a leading `date` line and the text without it; the text itself where there is no such line.
pub(super) fn part_date(text: &str) -> (Option<When>, &str) {
    let Some(found) = DATE_LINE.captures(text) else { return (None, text) };
    match super::date::parse(&found[1]) {
        Some(when) => (Some(when), text[found.get_match().end()..].trim_start_matches(['\r', '\n'])),
        None => (None, text),
    }
}

/// The first line, where it stands alone as a heading does, else the first sentence; cut at a word where it is long.
pub(super) fn headline(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_start_matches(['#', ' ']);
    let sentence = match SENTENCE_END.find_iter(line).find(|end| !is_abbreviation(&line[..end.start()])) {
        Some(end) if end.end() < line.len() => line[..end.end()].trim(),
        _ => line,
    };
    let sentence = sentence.strip_suffix('.').filter(|start| !start.ends_with('.')).unwrap_or(sentence);
    title::bounded_to(&super::scan::fold(sentence), MAX_TITLE_CHARS)
}

/// Whether the word that text ends with is one that is written with a full stop: an initial, a title, a month.
fn is_abbreviation(text: &str) -> bool {
    let word =
        text.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '\u{201c}')).next().unwrap_or_default();
    word.contains('.')
        || word.chars().count() == 1 && word.chars().all(char::is_alphabetic)
        || ABBREVIATIONS.contains(&word)
}

/// Plain text as HTML: a `<p>` for each paragraph (parted by blank lines), single line breaks as `<br>`, everything
/// escaped. A line that is only an embed token becomes a paragraph of its own.
#[must_use]
pub fn text_to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut paragraph: Vec<&str> = Vec::new();
    let flush = |paragraph: &mut Vec<&str>, out: &mut String| {
        if !paragraph.is_empty() {
            let lines: Vec<String> = paragraph.iter().map(|line| html::escape(line)).collect();
            out.push_str("<p>");
            out.push_str(&lines.join("<br>\n"));
            out.push_str("</p>\n");
            paragraph.clear();
        }
    };
    for line in text.lines().map(str::trim) {
        let is_token = matches!(html::split_at_tokens(line).as_slice(), [("", Some(_)), ("", None)]);
        if line.is_empty() || is_token {
            flush(&mut paragraph, &mut out);
        }
        if !line.is_empty() {
            paragraph.push(line);
        }
        if is_token {
            flush(&mut paragraph, &mut out);
        }
    }
    flush(&mut paragraph, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_does_not_end_at_an_abbreviation() {
        for (text, expected) in [
            (
                "The U.S. envoy met Sen. Ada B. Moor on Tuesday. They spoke.",
                "The U.S. envoy met Sen. Ada B. Moor on Tuesday",
            ),
            ("It rained in St. Olm! All day.", "It rained in St. Olm!"),
        ] {
            assert_eq!(headline(text), expected);
        }
    }

    #[test]
    fn a_leading_date_line_is_kept_apart() {
        let (when, rest) = part_date(" date 2021-03-04 The ferry is back.\n\nMore.");
        assert_eq!(when.unwrap().to_string(), "2021-03-04");
        assert_eq!(rest, "The ferry is back.\n\nMore.");
        assert_eq!(part_date("date 2021-03-04\n\nThe ferry").1, "The ferry");
        assert_eq!(part_date("A date 2021-03-04 here"), (None, "A date 2021-03-04 here"));
        assert_eq!(part_date("date 2021-33-04 here"), (None, "date 2021-33-04 here"));
    }

    #[test]
    fn the_title_is_the_first_line_or_its_first_sentence() {
        assert_eq!(headline("\nThe ferry is back\n\nIt came."), "The ferry is back");
        assert_eq!(headline("The ferry is back. It came at dawn."), "The ferry is back");
    }

    #[test]
    fn paragraphs_are_escaped_and_a_token_stands_alone() {
        let text = format!("a <b>\nc\n{}\nd\n\n\ne", html::embed_token(0));
        let expected = format!("<p>a &lt;b&gt;<br>\nc</p>\n<p>{}</p>\n<p>d</p>\n<p>e</p>\n", html::embed_token(0));
        assert_eq!(text_to_html(&text), expected);
    }
}

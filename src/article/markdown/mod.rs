//! Sources of static site generators: front matter, Markdown, and the generators' shortcodes as markup.

mod arguments;
mod front_matter;
mod post_address;
mod shortcode;

pub(crate) use shortcode::left_in_text;

use super::{Page, date};
use crate::model::Article;
use pulldown_cmark::{Options, Parser};

/// Markdown over this many bytes is shown as plain text; the longest books in one file have a tenth of it.
const MAX_MARKDOWN_BYTES: usize = 8 * 1024 * 1024;

/// Quotes, list items and footnotes opened in one line; each goes one deeper, and depth costs quadratic time.
const MAX_OPENED_IN_A_LINE: usize = 400;

/// What generators switch on beyond CommonMark. Bare URLs stay words, as in most of them.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// Fills a page from the decoded text of a Markdown file.
pub(super) fn page(page: Page, text: &str) -> Page {
    let (stated, body) = front_matter::part(text, page.url.as_ref());
    let published = stated.published.or_else(|| date::in_path(&page.name));
    let html =
        if body.len() > MAX_MARKDOWN_BYTES || is_too_deep(body) { super::text_to_html(body) } else { to_html(body) };
    Page { source: body.to_owned(), html, stated: Article { published, ..stated }, ..page }
}

fn is_too_deep(body: &str) -> bool {
    body.lines().any(|line| {
        let opened = line
            .bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'-' | b'*' | b'+'))
            .filter(|byte| *byte == b'>');
        let items = line.split_ascii_whitespace().take_while(|word| matches!(*word, "-" | "*" | "+" | ">"));
        line.matches("[^").count() > MAX_OPENED_IN_A_LINE
            || opened.count() > MAX_OPENED_IN_A_LINE
            || items.count() > MAX_OPENED_IN_A_LINE
    })
}

/// Markdown without front matter as HTML. Raw HTML passes through, shortcodes become the markup of [`shortcode`].
fn to_html(body: &str) -> String {
    let expanded = shortcode::expand(body, options());
    let mut html = String::with_capacity(expanded.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(&expanded, options()));
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_nested_beyond_reason_is_shown_as_it_stands() {
        for deep in [">".repeat(5000), "- ".repeat(5000), "[^a]: ".repeat(5000)] {
            assert!(is_too_deep(&deep), "{}", &deep[..20]);
        }
        assert!(!is_too_deep("> > a quote[^1]\n\n- - - - -\n\n***"));
    }

    #[test]
    fn extensions_and_raw_html_are_kept_and_bare_urls_stay_words() {
        let html = to_html("~~a~~[^1] <b>x</b>\n\nhttps://example.com/1\n\n|a|\n|-|\n|b|\n\n[^1]: note");
        for part in ["<del>a</del>", "<b>x</b>", "<p>https://example.com/1</p>", "<td>b</td>", "note"] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}

//! The words of a post, which servers give as HTML, as a reader sees them.
//!
//! Links carry their scheme and their tail in `span.invisible`, so all spans together are the whole address. A post
//! that quotes another repeats "RE: address" in an element of class `quote-inline`, for readers of older software.

use crate::html;
use scraper::Selector;
use std::sync::LazyLock;

static QUOTE_LINE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse(".quote-inline").expect("a selector written here parses"));

/// A post repeats its quote once; more such elements are left as they are.
const MAX_QUOTE_LINES: usize = 8;

/// Words, and the same as HTML.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// As a reader sees them.
    pub(super) text: String,
    /// As the server gave them, without the quote's line.
    pub(super) html: Option<String>,
}

/// Reads HTML content. `quote_is_known`: the line that repeats the quote says nothing more.
pub(super) fn read(content: &str, quote_is_known: bool) -> Words {
    if content.trim().is_empty() {
        return Words::default();
    }
    let mut page = html::parse_fragment(content);
    if quote_is_known {
        let lines: Vec<_> = page.select(&QUOTE_LINE).take(MAX_QUOTE_LINES).map(|line| line.id()).collect();
        for id in lines {
            if let Some(mut line) = page.tree.get_mut(id) {
                line.detach();
            }
        }
    }
    let root = page.root_element();
    Words { text: html::text(root), html: Some(root.inner_html()).filter(|html| !html.trim().is_empty()) }
}

/// Reads content that is plain text or Markdown (PeerTube): words with their line breaks.
pub(super) fn read_plain(content: &str) -> Words {
    let text = content.replace("\r\n", "\n").trim().to_owned();
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| format!("<p>{}</p>", html::escape(paragraph).replace('\n', "<br>")))
        .collect();
    Words { html: Some(paragraphs.concat()).filter(|html| !html.is_empty()), text }
}

/// The same words below a title.
pub(super) fn titled(title: &str, words: &Words) -> Words {
    let heading = format!("<p><strong>{}</strong></p>", html::escape(title));
    let text = if words.text.is_empty() { title.to_owned() } else { format!("{title}\n\n{}", words.text) };
    Words { text, html: Some(heading + words.html.as_deref().unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_whole_and_an_emoji_keeps_its_name() {
        let content = "<p>See :blob: <a href=\"https://example.org/a/long/path\"><span class=\"invisible\">https://</span><span \
                       class=\"ellipsis\">example.org/a/lo</span><span class=\"invisible\">ng/path</span></a></p><p>two<br />lines</p>";
        assert_eq!(read(content, false).text, "See :blob: https://example.org/a/long/path\n\ntwo\nlines");
    }

    #[test]
    fn the_line_that_repeats_a_known_quote_goes() {
        let content = "<p class=\"quote-inline\">RE: <a href=\"https://a.example/@b/1\">x</a></p><p>Well said</p>";
        assert_eq!(read(content, true).text, "Well said");
        assert_eq!(read(content, true).html.as_deref(), Some("<p>Well said</p>"));
        assert!(read(content, false).text.starts_with("RE: "));
        let inner = "<p>Well said<span class=\"quote-inline\"><br><br>RE: <a href=\"x\">x</a></span></p>";
        assert_eq!(read(inner, true).text, "Well said");
    }

    #[test]
    fn plain_text_keeps_its_lines_and_gets_its_title() {
        let words = titled("Title & so", &read_plain("one\r\ntwo\r\n\r\n<three>"));
        assert_eq!(words.text, "Title & so\n\none\ntwo\n\n<three>");
        assert_eq!(words.html.unwrap(), "<p><strong>Title &amp; so</strong></p><p>one<br>two</p><p>&lt;three&gt;</p>");
    }
}

//! Plain text as HTML: paragraphs, line breaks, and links where the text writes out a URL.

use super::{
    markup::Markup,
    sanitize::{LINK_REL, link},
};
use crate::html::escape;
use regex::Regex;
use std::sync::LazyLock;

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\bhttps?://[^\s<>"'`\u{27e6}\u{27e7}\p{C}]+"#)
        .expect("the pattern is a constant that a test uses")
});

/// Longest URL that is made a link, in bytes.
const MAX_URL_BYTES: usize = 2_048;

/// The text as paragraphs.
pub(super) fn paragraphs(text: &str) -> Markup {
    let mut out = String::with_capacity(text.len() + 16);
    let mut open = false;
    for line in text.lines() {
        // Blank lines, however many, part paragraphs.
        if line.trim().is_empty() {
            out.push_str(if open { "</p>" } else { "" });
            open = false;
            continue;
        }
        out.push_str(if open { "<br>" } else { "<p dir=\"auto\">" });
        open = true;
        push_line(&mut out, line);
    }
    if open {
        out.push_str("</p>");
    }
    Markup::vouched(out)
}

fn push_line(out: &mut String, line: &str) {
    let mut from = 0;
    for found in URL.find_iter(line) {
        if found.len() > MAX_URL_BYTES {
            continue;
        }
        let shown = without_tail(found.as_str());
        let Some(href) = link(shown) else { continue };
        out.push_str(&escape(&line[from..found.start()]));
        out.push_str(&format!("<a href=\"{}\" rel=\"{LINK_REL}\">{}</a>", escape(&href), escape(shown)));
        from = found.start() + shown.len();
    }
    out.push_str(&escape(&line[from..]));
}

/// A URL in a sentence, without the sentence's punctuation; a closing bracket stays if the URL opened it.
fn without_tail(url: &str) -> &str {
    let mut url = url;
    while let Some(last) = url.chars().next_back() {
        let tail = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\u{bb}' | '\u{201d}' | '\u{2019}' => true,
            ')' => url.matches(')').count() > url.matches('(').count(),
            ']' => url.matches(']').count() > url.matches('[').count(),
            _ => false,
        };
        if !tail {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_becomes_a_link_without_the_sentence_around_it() {
        let html = paragraphs("See (https://a.example/x_(y)?a=1&b=2), then\ngo.\n\n\nBye <b>").into_string();
        let link = "https://a.example/x_(y)?a=1&amp;b=2";
        let link = format!("<a href=\"{link}\" rel=\"{LINK_REL}\">{link}</a>");
        assert_eq!(html, format!("<p dir=\"auto\">See ({link}), then<br>go.</p><p dir=\"auto\">Bye &lt;b&gt;</p>"));
    }

    #[test]
    fn words_that_only_look_like_urls_stay_words() {
        assert_eq!(
            paragraphs("javascript:alert(1) https:// x").as_str(),
            "<p dir=\"auto\">javascript:alert(1) https:// x</p>"
        );
    }
}

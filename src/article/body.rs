//! The last step to an article's body: addresses made absolute, lazy pictures given their source, what is no content
//! left out; and the words of it as a reader sees them.

use crate::html;
use ego_tree::{NodeRef, iter::Edge};
use regex::Regex;
use scraper::{ElementRef, Html, Node, StrTendril, node::Element};
use std::sync::LazyLock;
use url::Url;

/// A body nested deeper than this, or larger, is kept as plain paragraphs: nothing that draws it needs to survive it.
const MAX_BODY_DEPTH: usize = 256;
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The words kept of one article, in bytes. The longest books have a fifth of it.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// A longer address is data, and left as it is.
const MAX_ADDRESS_BYTES: usize = 32 * 1024;

/// Attributes with one address.
const ADDRESSES: [&str; 5] = ["href", "src", "poster", "cite", "data"];

/// Where scripts look for the source of a picture that is loaded late.
const LAZY_SOURCES: [&str; 5] = ["data-src", "data-lazy-src", "data-original", "data-full-src", "data-url"];

/// Elements that are never content of an article.
const NO_CONTENT: [&str; 8] = ["script", "style", "link", "meta", "base", "title", "template", "noscript"];

/// What stands over an advertisement, in lower case.
const ADVERT_LABELS: [&str; 11] = [
    "advertisement",
    "advertisements",
    "article continues below advertisement",
    "story continues below advertisement",
    "anzeige",
    "werbung",
    "publicidad",
    "publicidade",
    "publicit\u{e9}",
    "pubblicit\u{e0}",
    "\u{440}\u{435}\u{43a}\u{43b}\u{430}\u{43c}\u{430}",
];
const MAX_LABEL_CHARS: usize = 40;
const MAX_LABEL_NODES: usize = 16;

static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[ \\t]*\u{27e6}embalm:[0-9]{1,9}\u{27e7}[ \\t]*").expect("a pattern in this file is well formed")
});
static BLANK_LINES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[ \\t]*\\n\\s*\\n\\s*").expect("a pattern in this file is well formed"));

/// The body's HTML and its words (without embed tokens). `base` is what relative addresses start from; without one
/// they stay as they are. `title` is not said twice: a first heading that repeats it is left out.
pub(super) fn finish(mut body: Html, base: Option<&Url>, title: &str) -> (String, String) {
    prune(&mut body, title);
    let words = html::text(body.root_element());
    let text = without_tokens(bounded(&words));
    if depth(&body) > MAX_BODY_DEPTH {
        return (super::text_to_html(bounded(&words)), text);
    }
    let ids: Vec<_> = body.tree.nodes().filter(|node| node.value().is_element()).map(|node| node.id()).collect();
    for id in ids {
        if let Some(mut node) = body.tree.get_mut(id)
            && let Node::Element(element) = node.value()
        {
            resolve(element, base);
        }
    }
    let html = html::inner_html(body.root_element());
    if html.len() > MAX_BODY_BYTES { (super::text_to_html(bounded(&words)), text) } else { (html, text) }
}

/// Text without embed tokens; the paragraph that was only a token leaves one blank line, not two.
fn without_tokens(text: &str) -> String {
    BLANK_LINES.replace_all(&TOKENS.replace_all(text, ""), "\n\n").trim().to_owned()
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn prune(body: &mut Html, title: &str) {
    let no_content = body.tree.nodes().filter(|node| {
        node.value().is_comment()
            || node.value().as_element().is_some_and(|element| NO_CONTENT.contains(&element.name()))
    });
    let mut gone: Vec<_> = no_content.map(|node| node.id()).collect();
    let first_heading = body.tree.nodes().find(|node| match node.value() {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(element) => element.name() == "h1",
        _ => false,
    });
    if let Some(heading) = first_heading.and_then(ElementRef::wrap)
        && super::scan::short_text(heading, title.chars().count()).is_some_and(|words| words == title)
    {
        gone.push(heading.id());
    }
    let adverts = body.tree.nodes().filter(|node| is_advert_label(*node));
    gone.extend(adverts.map(|node| node.id()));
    for id in gone {
        if let Some(mut node) = body.tree.get_mut(id) {
            node.detach();
        }
    }
}

/// Whether a block is only the label that stands over an advertisement.
fn is_advert_label(node: NodeRef<'_, Node>) -> bool {
    let is_block = |name: &str| matches!(name, "p" | "div" | "span" | "h6");
    let Some(element) = ElementRef::wrap(node)
        .filter(|element| is_block(element.value().name()) && element.descendants().nth(MAX_LABEL_NODES).is_none())
    else {
        return false;
    };
    let words = super::scan::short_text(element, MAX_LABEL_CHARS).unwrap_or_default().to_lowercase();
    ADVERT_LABELS.contains(&words.as_str())
}

fn depth(body: &Html) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for edge in body.tree.root().traverse() {
        match edge {
            Edge::Open(_) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            Edge::Close(_) => depth -= 1,
        }
    }
    deepest
}

fn resolve(element: &mut Element, base: Option<&Url>) {
    if element.name() == "img" {
        wake(element);
    }
    let Some(base) = base else { return };
    for (name, value) in &mut element.attrs {
        let name = &*name.local;
        if value.len() > MAX_ADDRESS_BYTES {
            continue;
        }
        if ADDRESSES.contains(&name) {
            let text = value.trim();
            // A link within the article, as to a footnote, stays one.
            if !text.is_empty()
                && !text.starts_with('#')
                && let Ok(url) = base.join(text)
            {
                *value = StrTendril::from(url.as_str());
            }
        } else if name == "srcset" {
            *value = StrTendril::from(resolve_set(value, base));
        }
    }
}

/// Gives a picture that a script would load the source that the script would give it.
fn wake(element: &mut Element) {
    let value_of = |element: &Element, name: &str| {
        element.attrs.iter().find(|(key, _)| &*key.local == name).map(|(key, value)| (key.clone(), value.clone()))
    };
    let is_placeholder =
        value_of(element, "src").is_none_or(|(_, src)| src.trim().is_empty() || src.starts_with("data:"));
    let lazy = LAZY_SOURCES.iter().find_map(|name| value_of(element, name));
    if let Some((mut name, source)) = lazy.filter(|(_, source)| is_placeholder && !source.trim().is_empty()) {
        element.attrs.retain(|(key, _)| &*key.local != "src");
        name.local = "src".into();
        element.attrs.push((name, source));
    }
}

/// `a.png 1x, b.png 2x` with absolute addresses. A comma belongs to an address unless white space follows it.
fn resolve_set(set: &str, base: &Url) -> String {
    let mut out = Vec::new();
    let mut rest = set.trim();
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let ends_here = address.ends_with(',');
        let address = address.trim_end_matches(',');
        let (descriptor, next) = if ends_here { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        let address = base.join(address).map_or_else(|_| address.to_owned(), String::from);
        out.push(format!("{address} {}", descriptor.trim()).trim().to_owned());
        rest = next.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    out.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(body: &str) -> (String, String) {
        let base = Url::parse("https://example.com/a/b").unwrap();
        finish(html::parse_fragment(body), Some(&base), "Tide")
    }

    #[test]
    fn addresses_become_absolute_and_lazy_pictures_get_their_source() {
        let (html, _) = done(
            "<a href='../c'>x</a><a href='#n'>n</a><img src='data:x' data-src='p.png' srcset='p.png 1x, /q,r.png 2x'>",
        );
        for part in [
            "href=\"https://example.com/c\"",
            "href=\"#n\"",
            " src=\"https://example.com/a/p.png\"",
            "srcset=\"https://example.com/a/p.png 1x, https://example.com/q,r.png 2x\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn text_has_no_tokens_no_scripts_and_not_the_title_again() {
        let token = html::embed_token(3);
        let (html, text) = done(&format!(
            "<h1>Tide</h1><p>one</p><p>{token}</p><script>x</script><div><span>ADVERTISEMENT</span></div><p>two</p>"
        ));
        assert_eq!(text, "one\n\ntwo");
        assert_eq!(html, format!("<p>one</p><p>{token}</p><p>two</p>"));
    }

    #[test]
    fn a_body_nested_too_deep_becomes_paragraphs() {
        let (html, text) = done(&format!("{}<p>deep</p><p>down", "<div>".repeat(5000)));
        assert_eq!((html.as_str(), text.as_str()), ("<p>deep</p>\n<p>down</p>\n", "deep\n\ndown"));
    }
}

//! The allow-lists: what archived HTML may keep. Everything else is dropped, words kept.
//!
//! No element that loads anything is on the lists of articles and posts. `img` stays through the sanitiser with its
//! `alt` alone, so that [`body`](super::body) can write the alt text in its place. Of a whole page more stays for a
//! moment, until `body` has written what stands for it.

use super::body::ID_PREFIX;
use crate::html::tame;
use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
use url::Url;

/// What a link out of an archived page may be.
pub(super) const LINK_SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// What every link out says of itself.
pub(super) const LINK_REL: &str = "external noopener noreferrer nofollow";

/// Longest body that is drawn, in bytes of HTML; longer ones are cut.
pub(super) const MAX_BODY_BYTES: usize = 8 << 20;

const ARTICLE_TAGS: [&str; 59] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "ul",
];

const POST_TAGS: [&str; 19] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "u",
    "ul",
    "wbr",
];

/// Elements that go with their content, because it is not words.
const SILENT_TAGS: [&str; 17] = [
    "audio", "canvas", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select", "style",
    "svg", "template", "textarea", "title", "video", "xmp",
];

/// What a whole page may have beside what an article has: its structure, and the words of its forms.
const PAGE_TAGS: [&str; 22] = [
    "address", "article", "aside", "big", "button", "center", "fieldset", "font", "footer", "form", "header", "hgroup",
    "label", "legend", "main", "nav", "section", "strike", "tt", "u", "wbr", "amp-img",
];

/// What loads something from elsewhere: only its stand-in is ever written.
const FOREIGN_TAGS: [&str; 10] = [
    "amp-facebook",
    "amp-iframe",
    "amp-instagram",
    "amp-twitter",
    "amp-youtube",
    "audio",
    "embed",
    "iframe",
    "object",
    "video",
];

/// What a stand-in tells of it.
const FOREIGN_ATTRIBUTES: [&str; 7] =
    ["src", "data", "data-src", "data-href", "data-shortcode", "data-tweetid", "data-videoid"];

/// Where a picture may be.
const PICTURE_ATTRIBUTES: [&str; 6] = ["src", "srcset", "data-src", "data-srcset", "data-original", "data-lazy-src"];

/// The main text of an article. Relative links are resolved against `base`; without one they lose their target.
pub(super) fn article(html: &str, base: Option<&Url>) -> String {
    let mut builder = builder(&ARTICLE_TAGS);
    cells(&mut builder);
    resolve(&mut builder, base);
    builder.clean(&tame(cut(html))).to_string()
}

/// A whole page, for [`body`](super::body) to write anew: what loads something from elsewhere is still in it, so that a
/// stand-in can say what stood there. `base` is what relative addresses stand on.
pub(super) fn original(html: &str, base: Option<&Url>) -> String {
    let mut builder = builder(&ARTICLE_TAGS);
    builder.add_tags(PAGE_TAGS);
    builder.rm_clean_content_tags(FOREIGN_TAGS);
    builder.add_tags(FOREIGN_TAGS);
    for tag in FOREIGN_TAGS {
        builder.add_tag_attributes(tag, FOREIGN_ATTRIBUTES);
    }
    for tag in ["img", "amp-img"] {
        builder.add_tag_attributes(tag, PICTURE_ATTRIBUTES);
    }
    cells(&mut builder);
    builder.add_generic_attributes(["hidden", "id"]);
    builder.id_prefix(Some(ID_PREFIX));
    // Without a base a link within the page still leads to its place; `body` drops the others.
    builder.url_relative(UrlRelative::PassThrough);
    resolve(&mut builder, base);
    builder.clean(&tame(cut(html))).to_string()
}

/// The words of a post. Mastodon's two classes stay: they shorten a long link as its readers know it.
pub(super) fn post(html: &str) -> String {
    let mut builder = builder(&POST_TAGS);
    builder.add_allowed_classes("span", ["ellipsis", "invisible"]);
    builder.clean(&tame(cut(html))).to_string()
}

/// The element of this name, if pages may keep it.
pub(super) fn kept(name: &str) -> Option<&'static str> {
    ARTICLE_TAGS.iter().chain(&PAGE_TAGS).copied().find(|kept| *kept == name)
}

/// `url` if a link may lead there, as the URL parser writes it.
pub(super) fn link(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    LINK_SCHEMES.contains(&url.scheme()).then(|| url.to_string())
}

/// A language tag that can't be anything else; "no language" and "undetermined" say nothing.
pub(super) fn language(tag: Option<&str>) -> Option<String> {
    let tag = tag?.trim().replace('_', "-");
    let plain = tag.len() <= 35 && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (plain && !tag.is_empty() && !matches!(tag.as_str(), "zxx" | "und")).then_some(tag)
}

fn builder(tags: &[&'static str]) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder.tags(tags.iter().copied().collect());
    builder.clean_content_tags(SILENT_TAGS.into_iter().collect());
    builder
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "hreflang"])), ("img", HashSet::from(["alt"]))]));
    builder.generic_attributes(HashSet::from(["dir", "lang", "title"]));
    builder.url_schemes(LINK_SCHEMES.into_iter().collect());
    builder.url_relative(UrlRelative::Deny);
    builder.link_rel(Some(LINK_REL));
    builder
}

fn cells(builder: &mut Builder<'static>) {
    builder.add_tag_attributes("td", ["colspan", "rowspan"]);
    builder.add_tag_attributes("th", ["colspan", "rowspan", "scope"]);
    builder.add_tag_attributes("ol", ["start", "reversed"]);
    builder.add_tag_attributes("time", ["datetime"]);
}

fn resolve(builder: &mut Builder<'static>, base: Option<&Url>) {
    if let Some(base) = base.filter(|base| LINK_SCHEMES.contains(&base.scheme())) {
        builder.url_relative(UrlRelative::RewriteWithBase(base.clone()));
    }
}

/// As much of a page as is drawn.
pub(super) fn cut(html: &str) -> &str {
    let end = (0..=html.len().min(MAX_BODY_BYTES)).rev().find(|at| html.is_char_boundary(*at)).unwrap_or(0);
    &html[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_link_is_resolved_and_a_dangerous_one_is_words() {
        let base = Url::parse("https://paper.example/town/story").unwrap();
        let html = r#"<a href="../sport">s</a><a href="javascript:x()">j</a><a href="data:text/html,x">d</a>"#;
        assert_eq!(
            article(html, Some(&base)),
            format!(
                r#"<a href="https://paper.example/sport" rel="{LINK_REL}">s</a><a rel="{LINK_REL}">j</a><a rel="{LINK_REL}">d</a>"#
            )
        );
    }

    #[test]
    fn a_link_keeps_three_schemes_only() {
        assert_eq!(link(" HTTPS://Paper.example "), Some("https://paper.example/".to_owned()));
        assert_eq!(link("mailto:desk@paper.example"), Some("mailto:desk@paper.example".to_owned()));
        for bad in [
            "java\nscript:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "file:///etc/hosts",
            "//paper.example",
            "at://did:plc:x/y",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}

//! The blockquote that stands for a post until X's script replaces it: words, signature, permalink.
//!
//! The permalink is the link after `Name (@handle)`, else the last link to a post outside the words' `<p>`, else the
//! last one at all: the first link is often a mention, a quoted post or a picture. A blockquote that a page never closed
//! swallows what follows, so nested embeds are left out and the first signature ends it.

use super::{ID, signature};
use crate::html::{attr, has_class};
use crate::model::{PostRef, Quoted, Target, When};
use crate::platforms::printed_date;
use ego_tree::NodeId;
use ego_tree::iter::Edge;
use regex::Regex;
use scraper::{ElementRef, Node};
use std::sync::LazyLock;

/// A blockquote has some dozen nodes; one left open can hold a whole page.
const MAX_NODES: usize = 4000;

/// Links of a blockquote that may be its permalink.
const MAX_LINKS: usize = 100;

/// `(@handle)` right before the permalink, where the date is the link's text.
static HANDLE_AT_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[(（]\s*@([A-Za-z0-9_]{1,20})\s*[)）]\s*(?:[,:·|–—-]\s*)?(?:on\s+)?$")
        .expect("the pattern is a constant")
});

/// Elements that hold no words.
const SILENT: [&str; 7] = ["script", "style", "template", "textarea", "svg", "iframe", "noscript"];

/// What a blockquote says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// The post, where a permalink is there.
    pub(super) post: Option<PostRef>,
    /// Its words and signature.
    pub(super) quoted: Quoted,
    /// Whether `Name (@handle)` stands before the permalink.
    pub(super) signed: bool,
}

/// Reads the blockquote of a post, or what stands for one.
pub(super) fn read(element: ElementRef<'_>) -> Quote {
    let walk = Walk::over(element);
    let posts: Vec<&Link> = walk.links.iter().filter(|link| link.post.is_some()).collect();
    let signed = posts.iter().find_map(|link| {
        let before = walk.text.get(..link.start)?;
        let found = HANDLE_AT_END.captures(before)?;
        Some((*link, found.get(0)?.start(), found.get(1)?.as_str().to_owned()))
    });
    if let Some((link, parenthesis, handle)) = signed {
        return walk.signed(link, parenthesis, handle);
    }
    let outside = posts.iter().rev().find(|link| !link.in_paragraph);
    walk.unsigned(outside.or_else(|| posts.last()).copied())
}

/// Whether this is an embed's own blockquote by its class.
pub(super) fn is_marked(element: ElementRef<'_>) -> bool {
    element.value().name() == "blockquote"
        && (has_class(element, "twitter-tweet") || has_class(element, "twitter-video"))
}

struct Link {
    /// Byte offsets into the walk's text.
    start: usize,
    end: usize,
    href: String,
    post: Option<PostRef>,
    in_paragraph: bool,
    /// A machine's date around the link.
    datetime: Option<When>,
}

/// The text of an element as a reader sees it, with the places of its links and paragraphs.
#[derive(Default)]
struct Walk {
    text: String,
    links: Vec<Link>,
    /// Byte offsets of `<p>`s.
    paragraphs: Vec<(usize, usize)>,
    space: bool,
    breaks: usize,
    /// Display name and handle where a page marks them up.
    name: Option<String>,
    handle: Option<String>,
}

impl Walk {
    fn over(root: ElementRef<'_>) -> Self {
        let mut walk = Self::default();
        let mut skipped: Option<NodeId> = None;
        let mut open: Vec<(NodeId, usize)> = Vec::new();
        let mut paragraphs: Vec<(NodeId, usize)> = Vec::new();
        let mut times: Vec<(NodeId, Option<When>)> = Vec::new();
        for edge in root.traverse().take(MAX_NODES) {
            match edge {
                Edge::Open(node) => match node.value() {
                    _ if skipped.is_some() => {}
                    Node::Text(text) => walk.push(text),
                    Node::Element(element) => {
                        let Some(this) = ElementRef::wrap(node) else { continue };
                        let nested = node.id() != root.id() && is_marked(this);
                        match element.name() {
                            name if nested || SILENT.contains(&name) => skipped = Some(node.id()),
                            "br" => walk.breaks = (walk.breaks + 1).min(2),
                            "p" => {
                                walk.breaks = 2;
                                paragraphs.push((node.id(), walk.text.len()));
                            }
                            "div" | "blockquote" | "li" | "section" | "header" | "footer" => {
                                walk.breaks = walk.breaks.max(1);
                            }
                            "img" => walk.picture(element.attr("alt").unwrap_or_default()),
                            "time" => times.push((node.id(), attr(this, "datetime").and_then(When::parse))),
                            "a" => {
                                open.push((node.id(), walk.links.len()));
                                let datetime = times.last().and_then(|(_, at)| *at);
                                walk.link(attr(this, "href").unwrap_or_default(), !paragraphs.is_empty(), datetime);
                            }
                            _ => {}
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if skipped == Some(node.id()) {
                        skipped = None;
                    } else if skipped.is_none() {
                        if let Some((_, index)) = open.pop_if(|(id, _)| *id == node.id()) {
                            walk.close_link(index);
                        }
                        if let Some((_, start)) = paragraphs.pop_if(|(id, _)| *id == node.id()) {
                            walk.paragraphs.push((start, walk.text.len()));
                            walk.breaks = 2;
                        }
                        times.pop_if(|(id, _)| *id == node.id());
                    }
                }
            }
        }
        walk
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
                continue;
            }
            self.settle();
            self.text.push(c);
        }
    }

    fn settle(&mut self) {
        if self.breaks > 0 && !self.text.is_empty() {
            (0..self.breaks).for_each(|_| self.text.push('\n'));
        } else if self.space && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.space = false;
        self.breaks = 0;
    }

    /// Emoji stand as pictures where a page was saved after X's script ran over it.
    fn picture(&mut self, alt: &str) {
        if !alt.is_ascii() && alt.chars().count() <= 12 && !alt.chars().any(char::is_alphabetic) {
            self.push(alt);
        }
    }

    fn link(&mut self, href: &str, in_paragraph: bool, datetime: Option<When>) {
        self.settle_before_link();
        let target = (self.links.len() < MAX_LINKS).then(|| crate::platforms::recognize_text(href)).flatten();
        let post = match target {
            Some(Target::Post(post)) if post.platform == ID => Some(post),
            _ => None,
        };
        let start = self.text.len();
        self.links.push(Link { start, end: start, href: href.to_owned(), post, in_paragraph, datetime });
    }

    /// The space before a link belongs to the text before it.
    fn settle_before_link(&mut self) {
        if (self.space || self.breaks > 0) && !self.text.is_empty() {
            self.settle();
        }
    }

    fn close_link(&mut self, index: usize) {
        let end = self.text.len();
        let Some(link) = self.links.get_mut(index) else { return };
        link.end = end;
        let words = self.text.get(link.start..end).unwrap_or_default().trim();
        if link.post.is_some() {
            if link.datetime.is_none() {
                link.datetime = printed_date::of(words).map(When::Day);
            }
        } else if let Some(handle) = words.strip_prefix('@').filter(|handle| super::address::is_handle(handle)) {
            self.handle.get_or_insert_with(|| handle.to_owned());
        } else if self.handle.is_none() && self.name.is_none() && is_profile(&link.href) && !words.is_empty() {
            self.name = Some(words.to_owned());
        }
    }

    fn signed(&self, link: &Link, parenthesis: usize, handle: String) -> Quote {
        let before = self.text.get(..parenthesis).unwrap_or_default();
        let name = signature::name_before(before);
        let end = name.map_or(parenthesis, |name| name.start);
        let author_name = name.map(|name| name.name.to_owned()).filter(|name| !name.is_empty());
        let quoted = Quoted {
            text: Some(before.get(..end).unwrap_or_default().trim().to_owned()).filter(|text| !text.is_empty()),
            author_name,
            author_handle: Some(handle),
            published: link.datetime,
            links: self.printed_links(0, end),
        };
        Quote { post: link.post.clone(), quoted, signed: true }
    }

    /// A publisher's own layout: the words are its paragraphs, name and handle link to the profile.
    fn unsigned(&self, link: Option<&Link>) -> Quote {
        let own: Vec<(usize, usize)> = self
            .paragraphs
            .iter()
            .copied()
            .filter(|(start, end)| link.is_none_or(|link| link.end <= *start || link.start >= *end))
            .collect();
        let words = own.iter().filter_map(|(start, end)| self.text.get(*start..*end)).map(str::trim);
        let words = words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n\n");
        let links = own.iter().flat_map(|(start, end)| self.printed_links(*start, *end)).collect();
        let mut quoted = Quoted::default();
        if !words.is_empty() && link.is_some() {
            let in_url = link.and_then(|link| link.post.as_ref()?.author.clone());
            quoted = Quoted {
                text: Some(words),
                author_handle: in_url.or_else(|| self.handle.clone()),
                author_name: self.name.clone().filter(|_| self.handle.is_some()),
                published: None,
                links,
            };
        }
        quoted.published = link.and_then(|link| link.datetime);
        Quote { post: link.and_then(|link| link.post.clone()), quoted, signed: false }
    }

    /// The links in a stretch of the text, as printed where they print an address; mentions and hashtags are none.
    fn printed_links(&self, start: usize, end: usize) -> Vec<String> {
        let inside = self.links.iter().filter(|link| link.start >= start && link.end <= end && link.start < link.end);
        let mut links: Vec<String> = Vec::new();
        for link in inside {
            let words = self.text.get(link.start..link.end).unwrap_or_default().trim();
            if words.starts_with(['@', '#', '$', '\u{ff20}', '\u{ff03}']) {
                continue;
            }
            let printed = words.contains('.') && !words.contains(char::is_whitespace) && !words.ends_with('…');
            let shown = if printed { words } else { link.href.as_str() };
            if !shown.is_empty() && !links.iter().any(|known| known == shown) {
                links.push(shown.to_owned());
            }
        }
        links
    }
}

/// A link to an account: one path segment on the platform's host.
fn is_profile(href: &str) -> bool {
    let Ok(url) = url::Url::parse(href) else { return false };
    let own = matches!(url.host_str(), Some("twitter.com" | "x.com" | "www.twitter.com" | "mobile.twitter.com"));
    own && super::address::is_handle(url.path().trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::{Html, Selector};

    fn of(html: &str) -> Quote {
        let page = Html::parse_document(html);
        read(page.select(&Selector::parse("blockquote").unwrap()).next().unwrap())
    }

    #[test]
    fn the_signature_gives_author_day_and_the_end_of_the_words() {
        let quote = of(
            r#"<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Low <b>tide</b> &amp; fog<br><br>Ask <a
            href="https://twitter.com/bo_ex?ref_src=x">@bo_ex</a> or see <a href="https://twitter.com/bo_ex/status/77">this</a>
            <a href="https://t.co/a1B2c3D4e5">pic.twitter.com/a1B2c3D4e5</a></p>&mdash; Ann Ex—ample (@annex)
            <a href="https://twitter.com/annex/status/1000000000000000001?ref_src=twsrc%5Etfw">May 1, 2019</a></blockquote>"#,
        );
        assert_eq!(quote.post.unwrap().id, "1000000000000000001");
        assert_eq!(
            quote.quoted.text.as_deref(),
            Some("Low tide & fog\n\nAsk @bo_ex or see this pic.twitter.com/a1B2c3D4e5")
        );
        assert_eq!(quote.quoted.author_name.as_deref(), Some("Ann Ex—ample"));
        assert_eq!(quote.quoted.author_handle.as_deref(), Some("annex"));
        assert_eq!(quote.quoted.published.map(|at| at.to_string()).as_deref(), Some("2019-05-01"));
        assert_eq!(quote.quoted.links, ["https://twitter.com/bo_ex/status/77", "pic.twitter.com/a1B2c3D4e5"]);
    }

    #[test]
    fn an_empty_blockquote_quotes_nothing() {
        let quote = of(
            r#"<blockquote class="twitter-tweet"><a href="https://x.com/annex/status/123456789">See it there</a></blockquote>"#,
        );
        assert_eq!(quote.post.unwrap().id, "123456789");
        assert!(quote.quoted.is_empty());
    }

    #[test]
    fn an_unclosed_blockquote_ends_at_its_signature() {
        let quote = of(
            r#"<blockquote class="twitter-tweet"><p>One</p><p>– Ann (@annex) <a href="https://twitter.com/annex/status/1001">1 mai 2019</a></p>
            <p>The article goes on, with <a href="https://twitter.com/bo/status/1002">another post</a>.</p>
            <blockquote class="twitter-tweet"><p>Two</p>— Bo (@bo) <a href="https://twitter.com/bo/status/1003">May 2, 2019</a></blockquote>"#,
        );
        assert_eq!(quote.post.unwrap().id, "1001");
        assert_eq!(quote.quoted.text.as_deref(), Some("One"));
        assert_eq!(quote.quoted.author_name.as_deref(), Some("Ann"));
        assert_eq!(quote.quoted.published.map(|at| at.to_string()).as_deref(), Some("2019-05-01"));
    }

    #[test]
    fn a_publishers_own_layout_is_read_by_its_paragraphs() {
        let quote = of(
            r#"<blockquote class="js-tweet card"><div><a href="https://twitter.com/annex">Ann Example</a> <a href="https://twitter.com/annex">@annex</a></div>
            <p>High water at noon.</p><time><a href="https://twitter.com/annex/status/1001">05:38 PM - 07 Jun 2019</a></time>
            <a href="https://twitter.com/intent/tweet?in_reply_to=1001">Reply</a></blockquote>"#,
        );
        assert_eq!(quote.post.unwrap().id, "1001");
        assert_eq!(quote.quoted.text.as_deref(), Some("High water at noon."));
        assert_eq!(quote.quoted.author_name.as_deref(), Some("Ann Example"));
        assert_eq!(quote.quoted.published.map(|at| at.to_string()).as_deref(), Some("2019-06-07"));
    }
}

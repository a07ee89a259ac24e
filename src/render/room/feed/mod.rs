//! Atom feeds (RFC 4287): what was captured, and what vanished.
//!
//! Written with quick-xml, which reads feeds here already: a further crate for writing would bring a second XML writer and a
//! second calendar along. Identifiers do not depend on the address by which the viewer is asked, so that a reader that
//! reaches it by another name sees nothing twice. The words of posts are text, made into HTML by us and escaped.

mod xml;

use super::lists;
use crate::{
    html::escape,
    model::{ArticleRecord, DatedPostRecord, PostRecord, State, Via, When},
    render::{Places, linkify, sanitize, words},
    words::excerpt,
};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use xml::written;

/// Characters of a post's words in a title.
const TITLE: usize = 90;

/// What begins every identifier: a tag (RFC 4151) of a domain that nobody can have.
const TAG: &str = "tag:embalm.invalid,2026:";

/// What the identifiers keep as it is: letters, digits, and what parts keys and addresses.
const IN_A_TAG: percent_encoding::AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b':').remove(b'/').remove(b'=').remove(b'&');

/// A feed without its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What it tells of.
    pub title: String,
    /// Its name with its filters, such as `vanished?platform=twitter`: the same wherever it is served.
    pub name: String,
    /// Scheme and host by which it was asked for, without a closing slash: `http://127.0.0.1:8020`.
    pub base: String,
    /// Its own address below that.
    pub own: String,
    /// The page that shows the same to people, below that.
    pub page: String,
    /// What is said of rows that are damaged and left out.
    pub damaged: Option<String>,
}

impl Feed {
    /// The same, saying which rows are left out because they are damaged: the noun of each kind, and their numbers.
    #[must_use]
    pub fn without(&self, damaged: &[(&str, &[i64])]) -> Self {
        let said: Vec<String> =
            damaged.iter().filter_map(|(noun, rows)| lists::damaged(noun, "in this feed", rows)).collect();
        Self { damaged: (!said.is_empty()).then(|| said.join(" ")), ..self.clone() }
    }
}

/// Something captured.
#[derive(Clone, Debug, PartialEq)]
pub enum NewCapture {
    /// A post.
    Post(Box<PostRecord>),
    /// An article.
    Article(Box<ArticleRecord>),
}

impl NewCapture {
    /// When.
    #[must_use]
    pub fn captured_at(&self) -> Option<Timestamp> {
        match self {
            Self::Post(post) => post.captured_at,
            Self::Article(article) => Some(article.captured_at),
        }
    }
}

/// One entry, in words.
struct Entry {
    id: String,
    title: String,
    updated: Timestamp,
    published: Option<Timestamp>,
    author: String,
    /// Where we show it.
    here: Option<String>,
    /// Where it was.
    original: Option<String>,
    terms: Vec<String>,
    html: String,
}

/// The feed of what was captured, in the order given.
#[must_use]
pub fn captures(feed: &Feed, captures: &[NewCapture], places: &dyn Places) -> String {
    let entries = captures.iter().filter_map(|capture| match capture {
        NewCapture::Post(post) => post_entry(post, places),
        NewCapture::Article(article) => Some(article_entry(article, places)),
    });
    written(feed, &entries.collect::<Vec<_>>())
}

/// The feed of posts that their platforms say are gone, in the order given.
#[must_use]
pub fn vanished(feed: &Feed, posts: &[DatedPostRecord], places: &dyn Places) -> String {
    written(feed, &posts.iter().filter_map(|post| vanished_entry(post, places)).collect::<Vec<_>>())
}

fn tag(kind: &str, name: &str) -> String {
    format!("{TAG}{kind}/{}", utf8_percent_encode(name, &IN_A_TAG))
}

fn platform(post: &PostRecord) -> String {
    words::platform(&post.platform, url::Url::parse(&post.url).ok().as_ref())
}

/// Who wrote it, as far as that is known.
fn author(post: &PostRecord) -> String {
    let name = post.author_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let handle = post.author_handle.as_deref().map(str::trim).filter(|handle| !handle.is_empty());
    match (name, handle) {
        (Some(name), Some(handle)) => format!("{name} (@{handle})"),
        (Some(name), None) => name.to_owned(),
        (None, Some(handle)) => format!("@{handle}"),
        (None, None) => "Author not known".to_owned(),
    }
}

fn post_title(post: &PostRecord) -> String {
    let beginning = match &post.warning {
        Some(warning) => excerpt(&format!("Content warning: {warning}"), TITLE),
        None => excerpt(post.text.as_deref().unwrap_or_default(), TITLE),
    };
    let who = format!("{} on {}", author(post), platform(post));
    if beginning.is_empty() { who } else { format!("{who}: {beginning}") }
}

fn post_entry(post: &PostRecord, places: &dyn Places) -> Option<Entry> {
    let updated = post.captured_at?;
    Some(Entry {
        id: tag("post", &post.key),
        title: post_title(post),
        updated,
        published: instant(post.published),
        author: author(post),
        here: places.post(&post.key),
        original: sanitize::link(&post.url),
        terms: vec![post.platform.clone(), post.state.as_str().to_owned()],
        html: post_html(post, &kept(post)),
    })
}

fn vanished_entry(dated: &DatedPostRecord, places: &dyn Places) -> Option<Entry> {
    let post = &dated.post;
    let since = dated.state_since?;
    let how = match post.state {
        State::Deleted => "Deleted",
        State::AccountDeleted => "Account deleted",
        State::Suspended => "Account suspended",
        _ => return None,
    };
    let last_seen = dated.last_seen_at.map_or_else(
        || "It was never seen there by this archive.".to_owned(),
        |at| format!("Last seen there {}.", day(at)),
    );
    let said = format!("{how}: seen gone {}. {last_seen} {}", day(since), kept(post));
    Some(Entry {
        // A post that comes back and goes again has vanished twice.
        id: tag("vanished", &format!("{}/{:.0}", post.key, since)),
        title: format!("{how}: {}", post_title(post)),
        updated: since,
        published: instant(post.published),
        author: author(post),
        here: places.post(&post.key),
        original: sanitize::link(&post.url),
        terms: vec![post.platform.clone(), post.state.as_str().to_owned()],
        html: post_html(post, &said),
    })
}

/// Where the words come from. What an article quotes of a post can be faked.
fn kept(post: &PostRecord) -> String {
    match (post.captured_at, post.via) {
        (None, _) => "None of its words could be kept.".to_owned(),
        (Some(_), Some(Via::Quoted) | None) => {
            "The words are those that an article quotes; nobody has confirmed them.".to_owned()
        }
        (Some(at), Some(Via::Import)) => format!("Imported; dated {} by an export. Nobody has confirmed it.", day(at)),
        (Some(at), Some(Via::Memento)) => format!("Read {} from a web archive.", day(at)),
        (Some(at), Some(_)) => format!("Captured {}.", day(at)),
    }
}

fn article_entry(article: &ArticleRecord, places: &dyn Places) -> Entry {
    let title = article.title.trim();
    let posts = words::amount(article.embeds, "embedded post");
    let html = format!("<p>Archived {}, with {posts}.</p>", day(article.captured_at));
    Entry {
        id: tag("article", &article.name),
        title: excerpt(if title.is_empty() { &article.name } else { title }, 3 * TITLE),
        updated: article.captured_at,
        published: instant(article.published),
        author: [&article.byline, &article.site_name]
            .into_iter()
            .flatten()
            .map(|name| name.trim())
            .find(|name| !name.is_empty())
            .unwrap_or("Author not known")
            .to_owned(),
        here: places.article(article.id),
        original: article.url.as_deref().and_then(sanitize::link),
        terms: article.labels.clone(),
        html,
    }
}

/// What is known of the post, its words, what its files show, and the articles that embed it.
fn post_html(post: &PostRecord, said: &str) -> String {
    let mut html = format!("<p>{}</p>", escape(said));
    if let Some(warning) = &post.warning {
        html.push_str(&format!("<p><strong>Content warning:</strong> {}</p>", escape(warning)));
    }
    if let Some(text) = post.text.as_deref().filter(|text| !text.trim().is_empty()) {
        html.push_str(&format!("<blockquote>{}</blockquote>", linkify::paragraphs(text).as_str()));
    }
    for file in &post.media {
        if let Some(alt) = file.alt.as_deref().map(str::trim).filter(|alt| !alt.is_empty()) {
            html.push_str(&format!("<p>[{}] {}</p>", file.kind.as_str(), escape(alt)));
        }
    }
    let links = post.articles.iter().map(|article| match sanitize::link(article) {
        Some(url) => format!("<li><a href=\"{}\">{}</a></li>", escape(&url), escape(&words::shown_url(article))),
        None => format!("<li>{}</li>", escape(article)),
    });
    let links: String = links.collect();
    if !links.is_empty() {
        html.push_str(&format!("<p>Embedded by:</p><ul>{links}</ul>"));
    }
    html
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// Where only the day is known, nothing is said: Atom knows instants alone.
fn instant(when: Option<When>) -> Option<Timestamp> {
    match when {
        Some(When::Instant(at)) => Some(at),
        Some(When::Day(_)) | None => None,
    }
}

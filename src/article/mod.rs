//! An article from its bytes: charset, title, byline, dates, language, canonical URL, main text.
//!
//! HTML, Markdown and plain text all become a [`Page`] first, which `detect` searches for embeds and marks; then
//! [`read`] makes the [`Article`] of it, the embeds' places kept as tokens in its body. [`address`] says which addresses
//! lead to one article, [`content_digest`] whether two looks at it found the same.

pub mod address;
mod around;
mod body;
mod content;
mod date;
mod jsonld;
mod kind;
mod language;
mod main_text;
mod markdown;
mod metadata;
mod plain;
mod scan;
mod title;
mod tokens;

pub use crate::html::decode;
pub use around::Around;
pub use content::{content_digest, is_akin, is_another, is_comparable};
pub use kind::NotAnArticle;
pub(crate) use markdown::left_in_text as shortcodes_left_in_text;
pub use plain::text_to_html;

use crate::{html, model::Article};
use url::Url;

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A web page.
    Html,
    /// A source of a static site generator.
    Markdown,
    /// Plain text.
    Text,
}

impl Kind {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Text => "text",
        }
    }
}

/// A document ready to be searched.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it was.
    pub kind: Kind,
    /// The name as given: a URL or a path.
    pub name: String,
    /// The address it was fetched from, where there is one.
    pub url: Option<Url>,
    /// The text of plain text without its leading `date` line, of Markdown without its front matter; empty of HTML.
    pub source: String,
    /// The document as HTML: itself, or what Markdown or text become.
    pub html: String,
    /// What front matter or a leading `date` line say.
    pub stated: Article,
}

impl Page {
    /// Reads a document's bytes (inflated, if they were compressed). `content_type` is the header's value, where
    /// there was a header. Never fails: what can't be decoded becomes U+FFFD.
    #[must_use]
    pub fn new(kind: Kind, name: &str, url: Option<Url>, bytes: &[u8], content_type: Option<&str>) -> Self {
        let tld = url.as_ref().and_then(Url::domain).and_then(|domain| domain.rsplit('.').next());
        let (text, _) = match kind {
            Kind::Html => html::charset::decode_html(bytes, content_type, tld),
            Kind::Markdown | Kind::Text => html::charset::decode_plain(bytes, content_type),
        };
        // A parser drops zeros one by one, and remembers each as a mistake: a page of them would fill the memory.
        let text = if memchr::memchr(0, text.as_bytes()).is_some() { text.replace('\0', "") } else { text };
        let stated = Article::default();
        let page = Self { kind, name: name.to_owned(), url, source: String::new(), html: String::new(), stated };
        match kind {
            Kind::Html => Self { html: text, ..page },
            Kind::Markdown => markdown::page(page, &text),
            Kind::Text => {
                let (published, text) = plain::part_date(&text);
                let stated = Article { published, title: plain::headline(text), ..Article::default() };
                Self { html: text_to_html(text), source: text.to_owned(), stated, ..page }
            }
        }
    }
}

/// The article of a page. `marked_html` is the page's HTML with embed tokens in it, as `detect` returns it.
///
/// `title` is never empty where the page has words or a name: the file's name is the last resort. Tokens that
/// stand in the main content stay in `body_html`; those beside it are left out there.
#[must_use]
pub fn read(page: &Page, marked_html: &str) -> Article {
    read_with_around(page, marked_html).0
}

/// The article of a page, as [`read`] gives it, and what the page says around it.
#[must_use]
pub fn read_with_around(page: &Page, marked_html: &str) -> (Article, Around) {
    let document = html::parse(marked_html);
    let scan = scan::scan(&document);
    let around = match page.kind {
        Kind::Html => around::read(&scan, page.url.as_ref()),
        Kind::Markdown | Kind::Text => Around::default(),
    };
    let (mut article, body) = match page.kind {
        Kind::Html => (metadata::read(&scan, page.url.as_ref()), main_text::extract(marked_html, document, &scan)),
        Kind::Markdown | Kind::Text => (page.stated.clone(), html::parse_fragment(&main_text::whole(&document))),
    };
    let base = metadata::base(&scan, page.url.as_ref().or(article.url.as_ref()));
    article.url = article.url.or_else(|| page.url.clone());
    if article.title.is_empty() {
        article.title = scan.headings.first().map(|(heading, _)| title::bounded(heading)).unwrap_or_default();
    }
    let (body_html, text) = body::finish(body, base.as_ref(), &article.title);
    if article.title.is_empty() {
        article.title = plain::headline(&text);
    }
    if article.title.is_empty() {
        article.title = title::of_name(&page.name);
    }
    article.lang = article.lang.or_else(|| language::guess(&text));
    (Article { text, body_html, ..article }, around)
}

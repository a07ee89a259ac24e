//! An article from its bytes: charset, title, byline, dates, language, canonical URL, main text.
//!
//! HTML, Markdown and plain text all become a [`Page`] first, which `detect` searches for embeds and marks; then
//! [`read`] makes the [`Article`] of it, the embeds' places kept as tokens in its body.

use crate::model::Article;
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

/// A document ready to be searched.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it was.
    pub kind: Kind,
    /// The name as given: a URL or a path.
    pub name: String,
    /// The address it was fetched from, where there is one.
    pub url: Option<Url>,
    /// The decoded text; of plain text without its leading `date` line, of Markdown without its front matter.
    pub source: String,
    /// The document as HTML: itself, or what Markdown or text become.
    pub html: String,
    /// What front matter or a leading `date` line say.
    pub stated: Article,
}

impl Page {
    /// Reads a document's bytes. `content_type` is the header's value, where there was a header.
    #[must_use]
    pub fn new(kind: Kind, name: &str, url: Option<Url>, bytes: &[u8], content_type: Option<&str>) -> Self {
        let _ = content_type;
        let source = String::from_utf8_lossy(bytes).into_owned();
        Self { kind, name: name.to_owned(), url, html: source.clone(), source, stated: Article::default() }
    }
}

/// The article of a page. `marked_html` is the page's HTML with embed tokens in it, as `detect` returns it.
#[must_use]
pub fn read(page: &Page, marked_html: &str) -> Article {
    Article { url: page.url.clone(), body_html: marked_html.to_owned(), ..page.stated.clone() }
}

//! From a document's bytes to an article with its embeds: charset, kind, detection, reading. CPU only.

use super::beside::{self, Content};
use crate::{
    article::{self, Around, Kind, Page},
    detect::{self, CutShort},
    http::Exchange,
    model::{Article, Embed, Quoted, Scope, When},
    store::{BodyFrom, PageKind},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

/// A document as it came, before anybody has looked inside.
#[derive(Clone, Debug)]
pub struct Document {
    /// URL or path as given; the article's name in the archive.
    pub name: String,
    /// The address that it was fetched from, or that goes with it.
    pub url: Option<Url>,
    /// As they came, inflated where the file was gzipped.
    pub bytes: Vec<u8>,
    /// The header's value, where there was one.
    pub content_type: Option<String>,
    /// Known beforehand for some inputs; else by name, content type and bytes.
    pub kind: Option<Kind>,
    /// When it was as it is, where that is known; else that is now.
    pub read_at: Option<Timestamp>,
    /// How it was fetched.
    pub exchange: Option<Exchange>,
    /// Whether the archive has the article already.
    pub known: bool,
    /// What the source said of it: used where the document itself is silent.
    pub hint: Hint,
}

/// What a feed says of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The entry's title.
    pub title: Option<String>,
    /// The entry's date.
    pub published: Option<When>,
    /// The language that the source's articles are in, BCP 47.
    pub lang: Option<String>,
    /// When the source says that the article last changed: an article that was looked at before is looked at again.
    pub updated: Option<When>,
    /// The article as the source carries it, where it carries all of it.
    pub content: Option<Content>,
    /// What an export of an archive says that this version embeds: its feed had what its own bytes lack.
    pub embeds: Option<Vec<Embed>>,
}

impl Document {
    /// A document known only by name and bytes.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            url: None,
            bytes,
            content_type: None,
            kind: None,
            read_at: None,
            exchange: None,
            known: false,
            hint: Hint::default(),
        }
    }

    /// What is left of a feed's entry when its page was had: what the feed says of it, and carries of it.
    pub(super) fn into_hint(self) -> Hint {
        let Self { bytes, url, hint, .. } = self;
        let content = (!bytes.is_empty()).then_some(Content { html: bytes, base: url });
        Hint { content, ..hint }
    }

    /// SHA-256 (hex) of the bytes.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.bytes)
    }

    /// When the document was as it is: when it was fetched or recorded, or `now` for a file.
    #[must_use]
    pub fn captured_at(&self, now: Timestamp) -> Timestamp {
        self.read_at.unwrap_or(now)
    }

    /// Decodes the document and makes a page of it.
    ///
    /// # Errors
    /// A sentence: it is no article, and what it looks like.
    pub fn page(&self) -> Result<Page, String> {
        let content_type = self.content_type.as_deref();
        let kind = match self.kind {
            Some(kind) => kind,
            None => Kind::of(&self.name, content_type, &self.bytes).map_err(|error| error.to_string())?,
        };
        Ok(Page::new(kind, &self.name, self.url.clone(), &self.bytes, content_type))
    }
}

/// SHA-256 (hex).
#[must_use]
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An article ready to be written.
#[derive(Debug)]
pub struct Prepared {
    /// As it came.
    pub document: Document,
    /// `html`, `markdown` or `text`.
    pub kind: Kind,
    /// What it says.
    pub article: Article,
    /// What it embeds.
    pub embeds: Vec<Embed>,
    /// Limits that it went over, so that it may embed more.
    pub cut_short: Vec<CutShort>,
    /// Other forms of the page, and further pages.
    pub around: Around,
    /// What it says, as a digest.
    pub content_digest: String,
    /// Where its main text was read, where that is not the page itself.
    pub body_from: Option<BodyFrom>,
    /// Further pages that it was read from, in order.
    pub pages: Vec<(PageKind, Exchange)>,
}

/// Reads a document.
///
/// # Errors
/// The document's name, and a sentence that says why it is no article.
pub fn prepare(document: Document) -> Result<Prepared, (String, String)> {
    let page = document.page().map_err(|reason| (document.name.clone(), reason))?;
    let found = detect::mark(&page);
    let (mut article, around) = article::read_with_around(&page, &found.marked_html);
    // A feed's content has no headline of its own; a page has.
    if article.title.is_empty() || document.exchange.is_none() {
        article.title = document.hint.title.clone().unwrap_or(article.title);
    }
    article.published = article.published.or(document.hint.published);
    article.lang = article.lang.or_else(|| document.hint.lang.clone());
    // What the feed alone has is not there when the page is looked at again: it says nothing of a change.
    let content_digest = article::content_digest(&article, &found.embeds);
    let mut embeds = found.embeds;
    if let Some(content) = &document.hint.content {
        beside::add(&mut embeds, &document.name, content);
    }
    let embeds = embeds.into_iter().map(bounded).collect();
    Ok(Prepared {
        kind: page.kind,
        document,
        article,
        embeds,
        cut_short: found.cut_short,
        around,
        content_digest,
        body_from: None,
        pages: Vec::new(),
    })
}

/// Adds what an export says that the version embeds and neither its page nor its further pages have.
pub(super) fn add_claimed(prepared: &mut Prepared) {
    let Some(all) = &prepared.document.hint.embeds else { return };
    let of_article = all.iter().filter(|embed| embed.scope == Scope::Article).cloned();
    beside::join(&mut prepared.embeds, of_article.map(bounded).collect());
}

/// No real post is longer; a hostile page could quote megabytes.
const MAX_QUOTED_CHARS: usize = 100_000;

fn bounded(mut embed: Embed) -> Embed {
    let cut = |text: &mut Option<String>| {
        if let Some(text) = text
            && let Some((end, _)) = text.char_indices().nth(MAX_QUOTED_CHARS)
        {
            text.truncate(end);
        }
    };
    let Quoted { text, author_name, author_handle, .. } = &mut embed.quoted;
    [text, author_name, author_handle].into_iter().for_each(cut);
    embed
}

//! What every source names: an entry, whether a feed, a sitemap, a page, a list or an export told of it.

use crate::model::{ArticleRef, When};
use url::Url;

/// An article as a source tells of it. Each kind of source fills what it knows; the rest is none or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The article's address: absolute, http or https. None where the entry has no link, as in some podcasts.
    pub url: Option<Url>,
    /// As the source gives it, else one that stays the same as long as address and title do; empty where there is
    /// neither.
    pub id: String,
    /// Without markup, on one line.
    pub title: Option<String>,
    /// First publication.
    pub published: Option<When>,
    /// The last change: `updated` of a feed, `lastmod` of a sitemap.
    pub updated: Option<When>,
    /// When somebody put it into the list: bookmarks and exports of read-later services.
    pub added: Option<When>,
    /// The article's HTML where the source carries all of it, not yet sanitised; relative addresses in it start at
    /// `content_base`.
    pub content_html: Option<String>,
    /// Where relative addresses in `content_html` start, where that is not the entry's own address.
    pub content_base: Option<Url>,
    /// The authors' names, parted by commas.
    pub author: Option<String>,
    /// BCP 47, as the source gives it for this entry or for all.
    pub lang: Option<String>,
    /// Categories, tags and folders, each once, in the source's order.
    pub tags: Vec<String>,
}

impl Entry {
    /// An entry of which only the address is known; it is its own id.
    #[must_use]
    pub fn of_url(url: Url) -> Self {
        Self { id: url.to_string(), url: Some(url), ..Self::default() }
    }

    /// First publication, else the last change: the date to show and to sort by.
    #[must_use]
    pub fn dated(&self) -> Option<When> {
        self.published.or(self.updated)
    }

    /// The entry as a reference, if it has an address.
    #[must_use]
    pub fn article_ref(&self) -> Option<ArticleRef> {
        let url = self.url.clone()?;
        Some(ArticleRef { url, title: self.title.clone(), published: self.dated() })
    }
}

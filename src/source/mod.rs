//! Sources: what names articles. Pure readers, bytes to entries; `pipeline` fetches and polls.
//!
//! | reader | of what |
//! |---|---|
//! | [`read_feed`] | RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed |
//! | [`read_sitemap`] | sitemaps, indexes and news sitemaps, feeds and plain lists in their place; gzip |
//! | [`read_section`] | the links of a page that lead to articles |
//! | [`read_opml`] | lists of feeds |
//! | [`read_saved`] | exports of bookmarks and of read-later services |
//! | [`read_list`], [`in_order`] | lists of URLs; the files of a folder |
//! | [`discover`], [`well_known`] | the sources of a site |
//!
//! Each takes a [`Payload`] and gives [`Entry`]s, or says with [`NotRead`] what the bytes are instead.

mod date;
mod discover;
mod entry;
mod feed;
mod files;
mod list;
mod opml;
mod payload;
mod saved;
mod section;
mod sitemap;
mod sniff;
mod words;
mod xml;

pub use discover::{Candidate, CandidateKind, discover, well_known};
pub use entry::Entry;
pub use feed::{Feed, read_feed};
pub use files::{in_order, is_article_file};
pub use list::{BadLine, UrlList, read_list};
pub use opml::{FeedList, FeedRef, read_opml};
pub use payload::{NotRead, Payload};
pub use saved::{Saved, SavedKind, read_saved};
pub use section::{Section, read_section};
pub use sitemap::{MAX_SITEMAP_BYTES, MAX_SITEMAP_URLS, Sitemap, SitemapRef, read_sitemap};

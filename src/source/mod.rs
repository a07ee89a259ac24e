//! Sources: what names articles. Pure readers of feeds, lists and folders' names; `pipeline` fetches and polls.

mod feed;
mod files;
mod list;

pub use feed::{Entry, Feed, FeedError, read_feed};
pub use files::{in_order, is_article_file};
pub use list::{BadLine, UrlList, read_list};

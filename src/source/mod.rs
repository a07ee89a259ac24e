//! Sources: what names articles. Pure readers of feeds, lists and the names of files; fetching is `pipeline`'s.

mod feed;
mod files;
mod list;

pub use feed::{Feed, FeedEntry, FeedError, read_feed};
pub use files::is_article_file;
pub use list::{BadLine, read_list};

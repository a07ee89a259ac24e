//! The reading room: the pages of the viewer and of a static site, each a pure function of a view of the archive and of
//! the [`Places`](super::Places) that its links lead to.
//!
//! One file a page, its template of the same name in `templates/room/`; all stand in `shell`.

mod article;
mod asked;
mod author;
mod changes;
mod counts;
mod diff;
mod entry;
mod facts;
mod failures;
mod feed;
mod filters;
mod front;
mod lines;
mod lists;
mod message;
mod original;
mod paging;
mod plain;
mod platform;
mod plots;
mod post;
mod runs;
mod search;
mod shell;
mod site;
mod sources;
mod status;
mod timeline;

pub use article::article;
pub use asked::Asked;
pub use author::author;
pub use changes::changes;
pub use failures::{Failed, Subject, failures};
pub use feed::{Feed, NewCapture, captures as captures_feed, vanished as vanished_feed};
pub use front::{Front, front};
pub use lists::{articles, posts};
pub use message::message;
pub use original::{ORIGINAL_POLICY, original};
pub use platform::{platform, platforms};
pub use post::post;
pub use runs::{Brought, run, runs};
pub use search::{Answer, search};
pub use shell::{Frame, Section};
pub use site::{
    Leaf, SiteArticle, SitePlatform, SitePost, SiteRecord, site_about, site_articles, site_platforms, site_posts,
    site_search, site_summary,
};
pub use sources::sources;
pub use status::status;

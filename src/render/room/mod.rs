//! The reading room: the pages of the viewer and of a static site, each a pure function of a view of the archive and of
//! the [`Places`](super::Places) that its links lead to.
//!
//! One file a page, its template of the same name in `templates/room/`; all stand in [`shell`].

mod article;
mod author;
mod changes;
mod counts;
mod diff;
mod facts;
mod front;
mod lines;
mod message;
mod original;
mod plain;
mod platform;
mod plots;
mod post;
mod shell;
mod site;
mod status;
mod timeline;

pub use article::article;
pub use author::author;
pub use changes::changes;
pub use front::front;
pub use message::message;
pub use original::{ORIGINAL_POLICY, original};
pub use platform::{platform, platforms};
pub use post::post;
pub use shell::{Frame, Section};
pub use site::{
    Leaf, SiteArticle, SitePlatform, SitePost, SiteRecord, site_about, site_articles, site_platforms, site_posts,
    site_search,
};
pub use status::status;

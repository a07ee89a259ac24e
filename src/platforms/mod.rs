//! What is known of each platform, one file each: URLs, markup, the plan of requests, and how answers are read.
//!
//! Nothing here touches network, disk or clock. `next` folds the exchanges so far into the next request or an
//! outcome, so a recording replays exactly and stored exchanges can be read again when a parser has improved.
//! To add a platform: one file, one line in [`ALL`], a row in `gives.rs`, recorded fixtures under `fixtures/platforms/`.

use crate::http::{Exchange, Request, Response};
use crate::model::{Embed, Form, Outcome, Post, PostRef, Quoted, Scope, Target, Via};
use jiff::Timestamp;
use memento::Lookup;
use scraper::ElementRef;
use url::Url;

/// The embed and URL knowledge of one platform, and the plan by which a post of it is captured.
pub trait Platform: Sync {
    /// The id in keys, records and configuration, such as `twitter`.
    fn id(&self) -> &'static str;

    /// URLs that it must and must not recognise; a test runs them.
    fn samples(&self) -> Samples;

    /// What stands in a page wherever one of its posts does; see [`Needles`].
    fn needles(&self) -> Needles;

    /// The post that a URL names, or a short link that only the network can resolve. `url` has no wrapper left
    /// (web archives, redirectors: see [`recognize`]).
    fn recognize(&self, url: &Url) -> Option<Target>;

    /// The embed that this very element stands for by the platform's own markup (its blockquote, AMP element,
    /// custom element, script). Plain links and iframes need no code here: the detector asks [`recognize`] for them.
    fn detect(&self, element: ElementRef<'_>) -> Option<Markup>;

    /// Whether an id is one that only players know, so that the item's own page has another.
    fn is_players_id(&self, id: &str) -> bool {
        let _ = id;
        false
    }

    /// Posts flattened into plain text, in reading order. Most platforms leave no such trace.
    fn detect_in_text(&self, text: &str) -> Vec<TextSpan> {
        let _ = text;
        Vec::new()
    }

    /// The next step of a capture, given the exchanges so far (oldest first, one for each request asked for).
    /// Pure: equal arguments give equal steps.
    ///
    /// # Errors
    /// [`Drift`] where an answer has a shape that this version does not know.
    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift>;

    /// What to look for in a web archive where this request is planned: its very address, unless archives know the
    /// same answer under others. None where no archive can hold it.
    fn archived_as(&self, post: &PostRef, request: &Request) -> Option<Lookup> {
        let _ = post;
        (request.method == "GET").then(|| Lookup::of(request.url.clone()))
    }

    /// Pages that show a post to a web archive's crawler and that [`Platform::next`] does not ask for, best first.
    fn archived_pages(&self, post: &PostRef) -> Vec<Lookup> {
        let _ = post;
        Vec::new()
    }

    /// The post in an archived copy of one of these pages; None where it shows anything else.
    fn read_archived(&self, post: &PostRef, page: &Response) -> Option<Post> {
        let _ = (post, page);
        None
    }

    /// Whether its routes take a bearer token of the user's own server.
    fn takes_token(&self) -> bool {
        false
    }

    /// When a post was made, as far as its id tells.
    fn time_of(&self, post: &PostRef) -> Option<Timestamp> {
        let _ = post;
        None
    }
}

/// URLs with what they must be recognised as.
pub struct Samples {
    /// (URL, post id).
    pub posts: &'static [(&'static str, &'static str)],
    /// URLs that name no post: profiles, share buttons, look-alike hosts.
    pub others: &'static [&'static str],
}

/// What a platform reads from one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    /// The markup's kind.
    pub form: Form,
    /// The post.
    pub target: Target,
    /// What the markup says of it.
    pub quoted: Quoted,
}

impl Markup {
    /// The embed at a place in reading order.
    #[must_use]
    pub fn at(self, position: usize, scope: Scope) -> Embed {
        Embed { position, form: self.form, target: self.target, scope, quoted: self.quoted }
    }
}

/// A post found in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSpan {
    /// Byte offset where the post's words begin.
    pub start: usize,
    /// Byte offset after the attribution.
    pub end: usize,
    /// The post or its short link.
    pub target: Target,
    /// Words, author, date, links.
    pub quoted: Quoted,
}

/// What a capture does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Ask this, and come back with the exchange.
    Fetch(Request),
    /// The end, with the rung that the outcome came from.
    Done(Outcome, Via),
}

/// An answer that is no longer what this version knows. Never read as "gone".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {detail}")]
pub struct Drift {
    /// The route, such as `syndication`.
    pub at: String,
    /// What was expected and what came.
    pub detail: String,
}

impl Drift {
    /// A drift of the route `at`.
    #[must_use]
    pub fn new(at: &str, detail: impl Into<String>) -> Self {
        Self { at: at.to_owned(), detail: detail.into() }
    }
}

mod address;
mod answers;
mod bandcamp;
mod bluesky;
mod dailymotion;
mod deviantart;
mod facebook;
mod failure;
mod fediverse;
mod flickr;
mod gettr;
mod giphy;
mod gist;
mod gives;
mod imgur;
pub mod imported;
mod instagram;
mod known;
mod linked_video;
mod linkedin;
mod manners;
pub mod memento;
mod meta_tags;
mod needles;
mod odysee;
mod oembed;
mod page_card;
mod page_parts;
mod page_state;
mod pinterest;
mod placeholder;
mod post_key;
mod printed_date;
mod provider;
mod recognize;
mod records;
mod reddit;
mod routes;
mod rumble;
mod slideshare;
mod snapchat;
mod soundcloud;
mod spotify;
mod streamable;
mod ted;
mod telegram;
mod threads;
mod tiktok;
mod tumblr;
mod twitch;
mod twitter;
mod vimeo;
mod vine;
mod vk;
mod walls;
mod weibo;
mod widget;
mod youtube;

pub use bluesky::{blob_of as bluesky_blob, of_record as of_bluesky_record, post_at as bluesky_post_at};
pub use failure::{failure, worst};
pub use fediverse::{object_at, of_export as of_activity_export};
pub use gives::{Gives, gives};
pub use known::known_post;
pub use manners::{MANNERS, Manners, manners};
pub use needles::{Host, Least, Needles};
pub use post_key::post_key;
pub use provider::{embedded, given};
pub use recognize::{WRAPPER_HOSTS, recognize, recognize_text, without_author};
pub use records::{PlatformGives, records};
pub use twitter::{ExportedAccount, of_export as of_x_export, short_link_target};
pub use walls::{next, retry_at, wall, wall_rules};
pub use widget::widget_of;

/// Every platform; the first that recognises a URL has it, so those of any host come last.
pub static ALL: &[&dyn Platform] = &[
    &twitter::Twitter,
    &bluesky::Bluesky,
    &youtube::YouTube,
    &instagram::Instagram,
    &tumblr::Tumblr,
    &pinterest::Pinterest,
    &imgur::Imgur,
    &vk::Vk,
    &weibo::Weibo,
    &rumble::Rumble,
    &odysee::Odysee,
    &gettr::Gettr,
    &streamable::Streamable,
    &snapchat::Snapchat,
    &facebook::Facebook,
    &tiktok::TikTok,
    &telegram::Telegram,
    &threads::Threads,
    &reddit::Reddit,
    &linkedin::LinkedIn,
    &vimeo::Vimeo,
    &flickr::Flickr,
    &gist::Gist,
    &spotify::Spotify,
    &soundcloud::SoundCloud,
    &dailymotion::Dailymotion,
    &twitch::Twitch,
    &giphy::Giphy,
    &vine::Vine,
    &slideshare::SlideShare,
    &ted::Ted,
    &bandcamp::Bandcamp,
    &deviantart::DeviantArt,
    &fediverse::TRUTH_SOCIAL,
    &fediverse::GAB,
    &fediverse::PLEROMA,
    &fediverse::MISSKEY,
    &fediverse::PIXELFED,
    &fediverse::PEERTUBE,
    &fediverse::FRIENDICA,
    &fediverse::GOTOSOCIAL,
    &fediverse::GNUSOCIAL,
    &fediverse::LEMMY,
    &fediverse::MASTODON,
    &fediverse::ACTIVITYPUB,
    &provider::Provider,
];

/// The platform with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static dyn Platform> {
    ALL.iter().copied().find(|platform| platform.id() == id)
}

/// The id that somebody meant who wrote one that is none.
#[must_use]
pub fn nearest(id: &str) -> &'static str {
    let likeness = |platform: &&dyn Platform| strsim::jaro_winkler(platform.id(), id);
    let nearest = ALL.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.map_or("twitter", Platform::id)
}

/// A post's words without the media links at their end: `pic.twitter.com/x` stands for the picture, not for words.
#[must_use]
pub fn without_media_link(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some((start, last)) =
        text.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(Some((0, text)), |(at, c)| {
            let start = at + c.len_utf8();
            Some((start, &text[start..]))
        })
    {
        let bare = last.trim_start_matches("https://").trim_start_matches("http://");
        if last.is_empty() || !["pic.twitter.com/", "pic.x.com/"].iter().any(|host| bare.starts_with(host)) {
            break;
        }
        text = text[..start].trim_end();
    }
    text
}

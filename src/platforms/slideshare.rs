//! SlideShare: slide decks, by number or key where the player names them, by author and title elsewhere.
//!
//! oEmbed answers without a key. Facts from slideshare.net's developer pages and pages, to November 2026.

use super::address::{is_code, is_slug, number, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "slideshare";
const ENDPOINT: &str = "https://www.slideshare.net/api/oembed/2";

/// First parts of the site's own pages.
const NO_USERS: [&str; 16] = [
    "slideshow",
    "slideshows",
    "explore",
    "category",
    "tag",
    "tags",
    "search",
    "about",
    "login",
    "signup",
    "upload",
    "api",
    "features",
    "privacy",
    "share",
    "widget",
];
/// What stands after a user and is no deck.
const NO_DECKS: [&str; 9] = [
    "presentations",
    "documents",
    "infographics",
    "videos",
    "followers",
    "following",
    "favorites",
    "clipboards",
    "likes",
];

/// SlideShare.
pub(super) struct SlideShare;

impl Platform for SlideShare {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("http://www.slideshare.net/slideshow/embed_code/10020030?rel=0", "10020030"),
                ("//www.slideshare.net/slideshow/embed_code/key/aB1cD2eF3gH4iJ", "key/aB1cD2eF3gH4iJ"),
                ("https://www.slideshare.net/slideshow/low-tide-of-may/10020030", "10020030"),
                ("https://www.slideshare.net/annex/low-tide-10020030", "annex/low-tide-10020030"),
                ("https://de.slideshare.net/annex/low-tide", "annex/low-tide"),
                ("https://www.slideshare.net/mobile/annex/low-tide", "annex/low-tide"),
            ],
            others: &[
                "https://www.slideshare.net/",
                "https://www.slideshare.net/annex",
                "https://www.slideshare.net/annex/presentations",
                "https://www.slideshare.net/search/slideshow",
                "https://www.slideshare.net/category/science",
                "https://slideshare.net.evil.example/annex/low-tide",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("slideshare", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let before = under(url, "slideshare.net")?;
        if !(before.is_empty() || before.len() == 2 || before == "m") {
            return None;
        }
        match parts(url).as_slice() {
            ["slideshow", "embed_code", "key", key] => {
                let key = is_code(key, 8..=40).then_some(key)?;
                deck(&format!("key/{key}"), None, &format!("slideshow/embed_code/key/{key}"))
            }
            ["slideshow", _, id] => {
                let id = number(id)?;
                deck(id, None, &format!("slideshow/embed_code/{id}"))
            }
            ["mobile", user, name] | [user, name] => {
                let own = NO_USERS.contains(user) || NO_DECKS.contains(name) || !is_slug(user) || !is_slug(name);
                let id = format!("{user}/{name}");
                (!own).then(|| deck(&id, Some(user), &id))?
            }
            _ => None,
        }
    }

    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn is_players_id(&self, id: &str) -> bool {
        !id.contains('/') || id.starts_with("key/")
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::with_page(ENDPOINT, post, exchanges)
    }
}

fn deck(id: &str, author: Option<&str>, path: &str) -> Option<Target> {
    target(PLATFORM, id, author, &format!("https://www.slideshare.net/{path}"))
}

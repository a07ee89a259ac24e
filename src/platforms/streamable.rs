//! Streamable: short films by their code.
//!
//! oEmbed answers without a key.

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_site, parts, post},
    oembed,
};
use crate::{
    http::Exchange,
    model::{PostRef, Target},
};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "streamable";
const ENDPOINT: &str = "https://api.streamable.com/oembed.json";

/// Pages whose names could be codes.
const PAGES: [&str; 20] = [
    "about",
    "account",
    "apps",
    "blog",
    "business",
    "careers",
    "contact",
    "dmca",
    "documentation",
    "faq",
    "features",
    "help",
    "login",
    "press",
    "pricing",
    "privacy",
    "recover",
    "settings",
    "signup",
    "terms",
];

/// Streamable.
pub(super) struct Streamable;

impl Platform for Streamable {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://streamable.com/ab1cd2", "ab1cd2"),
                ("http://www.streamable.com/ab1c", "ab1c"),
                ("https://streamable.com/e/ab1cd2?autoplay=1", "ab1cd2"),
                ("https://streamable.com/o/ab1cd2", "ab1cd2"),
                ("https://streamable.com/s/ab1cd2/efghij", "ab1cd2"),
                ("https://streamable.com/t/ab1cd2", "ab1cd2"),
            ],
            others: &[
                "https://streamable.com/",
                "https://streamable.com/login",
                "https://streamable.com/pricing",
                "https://streamable.com/l/ab1cd2/mp4.mp4",
                "https://cdn-cf-east.streamable.com/image/ab1cd2.jpg",
                "https://streamable.com.evil.example/ab1cd2",
                "https://notstreamable.com/ab1cd2",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("streamable")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !is_site(host(url)?, "streamable.com") {
            return None;
        }
        let (["e" | "o" | "s" | "t" | "g", id, ..] | [id]) = parts(url)[..] else { return None };
        let is_code = (4..=8).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && !PAGES.contains(&id);
        is_code.then(|| post(PLATFORM, id.to_owned(), None, &format!("https://streamable.com/{id}")))?.map(Target::Post)
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        // Its embed code is an iframe.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::next(ENDPOINT, post, exchanges)
    }
}

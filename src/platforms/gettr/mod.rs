//! GETTR: posts and comments by their code.
//!
//! Its interface is undocumented, and open: what is asked, and how answers are read, stands in `plan`.

mod plan;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_site, parts, post},
};
use crate::{
    http::Exchange,
    model::{PostRef, Target},
};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "gettr";

/// GETTR.
pub(super) struct Gettr;

impl Platform for Gettr {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://gettr.com/post/p1ab2cd3ef", "p1ab2cd3ef"),
                ("https://www.gettr.com/post/p1ab2cd3ef?lang=en", "p1ab2cd3ef"),
                ("https://gettr.com/comment/c1ab2cd3ef", "c1ab2cd3ef"),
                ("https://gettr.com/plugin/post/p1ab2cd3ef", "p1ab2cd3ef"),
                ("https://gettr.com/streaming/p1ab2cd3ef", "p1ab2cd3ef"),
            ],
            others: &[
                "https://gettr.com/",
                "https://gettr.com/user/annex",
                "https://gettr.com/share?url=https%3A%2F%2Fgettr.com%2Fpost%2Fp1ab2cd3ef",
                "https://gettr.com/hashtag/boats",
                "https://gettr.com.evil.example/post/p1ab2cd3ef",
                "https://notgettr.com/post/p1ab2cd3ef",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("gettr", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !is_site(host(url)?, "gettr.com") {
            return None;
        }
        let (kind, id) = match parts(url)[..] {
            ["post" | "comment" | "streaming", id, ..] if !is_code(id) => return None,
            ["plugin", "post", id, ..] if is_code(id) => ("post", id),
            ["comment", id, ..] => ("comment", id),
            ["streaming", id, ..] => ("streaming", id),
            ["post", id, ..] => ("post", id),
            _ => return None,
        };
        post(PLATFORM, id.to_owned(), None, &format!("https://gettr.com/{kind}/{id}")).map(Target::Post)
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        // Its embed code is a frame, which the detector reads by its address.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// The letter of the kind and a number of base 36.
fn is_code(text: &str) -> bool {
    (4..=16).contains(&text.len())
        && text.starts_with(['p', 'c'])
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

//! LinkedIn: posts named by a URN of one of three kinds; the same post has a number of its own under each.
//!
//! Data centres are mostly refused (status 999). What others are shown stands in `plan` and `card`.

mod card;
mod plan;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "linkedin";
const KINDS: [&str; 3] = ["activity", "share", "ugcPost"];

/// LinkedIn.
pub(super) struct LinkedIn;

impl Platform for LinkedIn {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                (
                    "https://www.linkedin.com/feed/update/urn:li:activity:7000000000000000001/",
                    "activity:7000000000000000001",
                ),
                (
                    "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7000000000000000001",
                    "share:7000000000000000001",
                ),
                (
                    "https://www.linkedin.com/embed/feed/update/urn:li:ugcPost:7000000000000000001?compact=1",
                    "ugcPost:7000000000000000001",
                ),
                (
                    "https://de.linkedin.com/posts/ann-example_a-day-in-the-rain-activity-7000000000000000001-aB3d?trk=x",
                    "activity:7000000000000000001",
                ),
                (
                    "https://www.linkedin.com/video/live/urn:li:ugcPost:7000000000000000001/",
                    "ugcPost:7000000000000000001",
                ),
                ("https://www.linkedin.com/posts/activity-7000000000000000001-aB3d", "activity:7000000000000000001"),
            ],
            others: &[
                "https://www.linkedin.com/in/ann-example/",
                "https://www.linkedin.com/company/example/posts/",
                "https://www.linkedin.com/pulse/a-day-in-the-rain-ann-example",
                "https://www.linkedin.com/shareArticle?mini=true&url=https%3A%2F%2Fnews.example",
                "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fnews.example",
                "https://www.linkedin.com/posts/ann-example_a-day-in-the-rain",
                "https://www.linkedin.com.evil.example/feed/update/urn:li:activity:7000000000000000001/",
                "https://notlinkedin.com/feed/update/urn:li:activity:7000000000000000001/",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] =
            &[Host::parts("linkedin", &["in", "company", "sharing", "sharearticle", "school", "showcase", "pulse"])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let front = url.host_str()?.trim_end_matches('.').strip_suffix("linkedin.com")?;
        // Languages stand before the name as two letters.
        let is_language = front.len() == "de.".len() && front.ends_with('.');
        if !matches!(front, "" | "www." | "m.") && !is_language {
            return None;
        }
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(5).collect();
        match parts[..] {
            ["feed", "update", urn, ..]
            | ["embed", "feed", "update", urn, ..]
            | ["video", "live" | "event", urn, ..] => by_urn(urn),
            ["posts", slug, ..] => by_slug(slug),
            _ => None,
        }
        .map(Target::Post)
    }

    /// LinkedIn's embed code is an iframe, which the detector reads by its address.
    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

fn by_urn(text: &str) -> Option<PostRef> {
    let text = text.replace("%3A", ":").replace("%3a", ":");
    let (kind, number) = text.strip_prefix("urn:li:")?.split_once(':')?;
    post(kind, number)
}

/// `name_words-KIND-NUMBER-code`: the words may hold a kind's name too, so the last one with a number counts.
fn by_slug(slug: &str) -> Option<PostRef> {
    let parts: Vec<&str> = slug.split('-').collect();
    parts.windows(2).rev().find_map(|pair| match pair {
        [kind, number] => post(kind, number),
        _ => None,
    })
}

fn post(kind: &str, number: &str) -> Option<PostRef> {
    let kind = KINDS.into_iter().find(|known| known.eq_ignore_ascii_case(kind))?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let number = &number[..end];
    if !(8..=20).contains(&number.len()) {
        return None;
    }
    let url = Url::parse(&format!("https://www.linkedin.com/feed/update/urn:li:{kind}:{number}/")).ok()?;
    Some(PostRef { platform: PLATFORM.to_owned(), id: format!("{kind}:{number}"), author: None, url })
}

//! Rumble: videos by their page (`vID-title.html`) and by their player, whose id is another one (`embed/vID`).
//!
//! What is asked, and how answers are read, stands in `plan`; no key is needed.

mod plan;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{bare, host, is_site, parts, post},
};
use crate::{
    html::attr,
    http::Exchange,
    model::{Form, PostRef, Target},
};
use regex::Regex;
use scraper::ElementRef;
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "rumble";

/// `Rumble("play", {"video":"vID","div":"rumble_vID"})`.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"Rumble\(\s*["']play["']\s*,\s*\{[^{}]{0,300}?["']?video["']?\s*:\s*["']([^"']{1,40})["']"#)
        .expect("the pattern is a constant")
});

/// Rumble.
pub(super) struct Rumble;

impl Platform for Rumble {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://rumble.com/v1a2b3c-a-boat-in-fog.html", "v1a2b3c"),
                ("https://www.rumble.com/v1a2b3c-a-boat-in-fog.html?mref=x&mrefc=2", "v1a2b3c"),
                ("https://rumble.com/v1a2b3c.html", "v1a2b3c"),
                ("https://rumble.com/shorts/v1a2b3c", "v1a2b3c"),
                ("https://rumble.com/embed/v4d5e6f/?pub=4", "embed/v4d5e6f"),
                ("https://rumble.com/embed/u7x.v4d5e6f/", "embed/v4d5e6f"),
            ],
            others: &[
                "https://rumble.com/",
                "https://rumble.com/c/Annex",
                "https://rumble.com/user/annex",
                "https://rumble.com/videos",
                "https://rumble.com/category/news",
                "https://rumble.com/embedJS/u7x",
                "https://rumble.com/our-apps.html",
                "https://rumble.com.evil.example/v1a2b3c-a-boat-in-fog.html",
                "https://notrumble.com/v1a2b3c-a-boat-in-fog.html",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("rumble")];
        Needles { hosts: HOSTS, words: &[], marks: &["rumble_", "Rumble("] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !is_site(host(url)?, "rumble.com") {
            return None;
        }
        let found = match parts(url)[..] {
            ["embed", id, ..] => player(id),
            ["shorts", id, ..] => {
                is_id(id).then(|| post(PLATFORM, id.to_owned(), None, &format!("https://rumble.com/shorts/{id}")))?
            }
            [page] => {
                let name = page.strip_suffix(".html")?;
                let id = name.split('-').next()?;
                is_id(id).then(|| post(PLATFORM, id.to_owned(), None, &format!("https://rumble.com/{page}")))?
            }
            _ => None,
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if element.value().name() == "script" {
            let call = element.text().find_map(|code| CALL.captures(code))?;
            return Some(bare(Form::Script, player(&call[1])?));
        }
        // The place that the player's call is given.
        let place = attr(element, "id")?.strip_prefix("rumble_")?;
        Some(bare(Form::DataAttr, player(place)?))
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// A video by its player's id, before which a publisher's may stand.
fn player(name: &str) -> Option<PostRef> {
    let id = name.rsplit('.').next()?;
    is_id(id).then(|| post(PLATFORM, format!("embed/{id}"), None, &format!("https://rumble.com/embed/{id}/")))?
}

/// `v` and a number of base 36.
fn is_id(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or_default();
    (3..=10).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && !matches!(text, "videos" | "video")
}

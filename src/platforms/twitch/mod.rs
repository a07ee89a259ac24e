//! Twitch: recorded broadcasts by number, clips by name. Channels and live streams are no posts.
//!
//! Its oEmbed is closed (410 "Endpoint deprecated", recorded 2020), and its API wants a key: what strangers get stands in
//! `plan`. Facts from dev.twitch.tv, to November 2026.

mod plan;

use super::address::{is_slug, number, parameter, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use regex::Regex;
use scraper::ElementRef;
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "twitch";
/// Longer scripts are libraries.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// `new Twitch.Player("place", {width: 1, video: "v1"})`.
static PLAYER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"Twitch\.(?:Player|Embed)\([^)]*?\bvideo["']?\s*:\s*["']?(v?\d+)"#).expect("the pattern is a constant")
});

/// Twitch.
pub(super) struct Twitch;

impl Platform for Twitch {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.twitch.tv/videos/100200300?t=1h2m", "video/100200300"),
                ("https://m.twitch.tv/videos/100200300", "video/100200300"),
                ("https://www.twitch.tv/annex/video/100200300", "video/100200300"),
                ("https://www.twitch.tv/annex/v/100200300", "video/100200300"),
                ("https://player.twitch.tv/?video=v100200300&parent=example.com", "video/100200300"),
                ("https://clips.twitch.tv/CalmSaltyTideAnnEx", "clip/CalmSaltyTideAnnEx"),
                (
                    "https://clips.twitch.tv/embed?clip=CalmSaltyTide-Ab_12cd&parent=example.com",
                    "clip/CalmSaltyTide-Ab_12cd",
                ),
                ("https://clips.twitch.tv/annex/CalmSaltyTide", "clip/CalmSaltyTide"),
                ("https://www.twitch.tv/annex/clip/CalmSaltyTide?filter=clips", "clip/CalmSaltyTide"),
                ("https://m.twitch.tv/clip/CalmSaltyTide", "clip/CalmSaltyTide"),
            ],
            others: &[
                "https://www.twitch.tv/",
                "https://www.twitch.tv/annex",
                "https://www.twitch.tv/annex/videos",
                "https://www.twitch.tv/annex/clips",
                "https://player.twitch.tv/?channel=annex&parent=example.com",
                "https://embed.twitch.tv/embed/v1.js",
                "https://clips.twitch.tv/",
                "https://www.twitch.tv/directory/game/Tides",
                "https://twitch.tv.evil.example/videos/100200300",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("twitch")];
        Needles { hosts: HOSTS, words: &[], marks: &["Twitch.Player", "Twitch.Embed"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let parts = parts(url);
        match (under(url, "twitch.tv")?, parts.as_slice()) {
            ("clips", ["embed"]) => clip(&parameter(url, "clip")?),
            ("clips", [slug] | [_, slug]) => clip(slug),
            ("player", []) => match parameter(url, "video") {
                Some(id) => video(&id),
                None => clip(&parameter(url, "clip")?),
            },
            ("" | "m" | "go", ["videos", id] | [_, "video" | "v", id]) => video(id),
            ("" | "m" | "go", ["clip", slug] | [_, "clip", slug]) => clip(slug),
            _ => None,
        }
    }

    /// The script of Twitch's interactive frames, which is told the video, or a channel.
    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if element.value().name() != "script" {
            return None;
        }
        let call = element.text().filter(|code| code.len() <= MAX_CALL_BYTES).find_map(|code| PLAYER.captures(code))?;
        let target = video(call.get(1)?.as_str())?;
        Some(Markup { form: Form::Script, target, quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

fn video(id: &str) -> Option<Target> {
    let id = number(id.strip_prefix('v').unwrap_or(id))?;
    target(PLATFORM, &format!("video/{id}"), None, &format!("https://www.twitch.tv/videos/{id}"))
}

fn clip(slug: &str) -> Option<Target> {
    let slug = slug.rsplit('/').next().filter(|slug| is_slug(slug) && slug.len() >= 4)?;
    target(PLATFORM, &format!("clip/{slug}"), None, &format!("https://clips.twitch.tv/{slug}"))
}

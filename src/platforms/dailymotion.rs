//! Dailymotion: videos.
//!
//! oEmbed answers without a key. Ids with `k` are private, and played by whoever has them. Facts from
//! developers.dailymotion.com and recorded answers, to November 2026.

use super::address::{is_code, parameter, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed, placeholder};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "dailymotion";
const ENDPOINT: &str = "https://www.dailymotion.com/services/oembed";

/// Dailymotion.
pub(super) struct Dailymotion;

impl Platform for Dailymotion {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.dailymotion.com/video/x1a2b3c", "x1a2b3c"),
                ("http://www.dailymotion.com/video/x1a2b3c_low-tide_news", "x1a2b3c"),
                ("https://touch.dailymotion.com/video/x1a2b3c", "x1a2b3c"),
                ("//www.dailymotion.com/embed/video/x1a2b3c?autoplay=1", "x1a2b3c"),
                ("https://geo.dailymotion.com/player.html?video=x1a2b3c&mute=true", "x1a2b3c"),
                ("https://geo.dailymotion.com/player/xabcd.html?video=x1a2b3c", "x1a2b3c"),
                ("http://www.dailymotion.com/swf/video/x1a2b3c", "x1a2b3c"),
                ("http://www.dailymotion.com/swf/x1a2b3c&related=0", "x1a2b3c"),
                ("https://dai.ly/k1a2b3c4d5e", "k1a2b3c4d5e"),
            ],
            others: &[
                "https://www.dailymotion.com/",
                "https://www.dailymotion.com/annex",
                "https://www.dailymotion.com/user/annex",
                "https://www.dailymotion.com/playlist/x1a2b3c",
                "https://geo.dailymotion.com/player.html?playlist=x1a2b3c",
                "https://geo.dailymotion.com/player/xabcd.js",
                "https://www.dailymotion.com/thumbnail/video/x1a2b3c",
                "https://dailymotion.com.evil.example/video/x1a2b3c",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("dailymotion"), Host::part("dai")];
        Needles { hosts: HOSTS, words: &["dailymotion"], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let parts = parts(url);
        if under(url, "dai.ly") == Some("") {
            return video(parts.first()?);
        }
        match (under(url, "dailymotion.com")?, parts.as_slice()) {
            ("geo", ["player.html"] | ["player", _]) => video(&parameter(url, "video")?),
            (_, ["video", id, ..] | ["embed" | "swf" | "crawler", "video", id, ..] | ["swf", id]) => video(id),
            _ => None,
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let (form, id) = if element.value().name() == "script" {
            let player = attr(element, "src").is_some_and(|src| src.contains("//geo.dailymotion.com/player"));
            (Form::Script, attr(element, "data-video").filter(|_| player)?)
        } else {
            placeholder::id(element, PLATFORM)?
        };
        Some(Markup { form, target: video(id)?, quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::next(ENDPOINT, post, exchanges)
    }
}

/// A video by its id, whatever title or parameter hangs on it.
fn video(text: &str) -> Option<Target> {
    let id = text.split(['_', '&', '?']).next()?;
    (is_code(id, 4..=24) && id.starts_with(['x', 'k']))
        .then(|| target(PLATFORM, id, None, &format!("https://www.dailymotion.com/video/{id}")))?
}

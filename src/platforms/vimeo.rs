//! Vimeo: videos by number, unlisted ones with the hash without which they are not shown.
//!
//! oEmbed answers without a key; of videos that play on certain sites alone it gives no title. Facts from vimeo.com's
//! developer pages and recorded answers, to November 2026.

use super::address::{number, parameter, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed, placeholder};
use crate::http::Exchange;
use crate::model::{PostRef, Quoted, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "vimeo";
const ENDPOINT: &str = "https://vimeo.com/api/oembed.json";

/// Vimeo.
pub(super) struct Vimeo;

impl Platform for Vimeo {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://vimeo.com/100200300", "100200300"),
                ("http://www.vimeo.com/100200300?share=copy#t=3s", "100200300"),
                ("https://vimeo.com/100200300/0a1b2c3d4e", "100200300/0a1b2c3d4e"),
                ("https://player.vimeo.com/video/100200300?h=0a1b2c3d4e&byline=0", "100200300/0a1b2c3d4e"),
                ("//player.vimeo.com/video/100200300?title=0", "100200300"),
                ("https://player.vimeo.com/video/100200300&amp;title=0", "100200300"),
                ("https://vimeo.com/channels/tides/100200300", "100200300"),
                ("https://vimeo.com/channels/tides#100200300", "100200300"),
                ("https://vimeo.com/groups/tides/videos/100200300", "100200300"),
                ("https://vimeo.com/album/400500/video/100200300", "100200300"),
                ("https://vimeo.com/showcase/400500/video/100200300", "100200300"),
                ("https://vimeo.com/ondemand/tides/100200300", "100200300"),
                ("https://vimeo.com/manage/videos/100200300/0a1b2c3d4e", "100200300/0a1b2c3d4e"),
                ("https://vimeo.com/event/400500", "event/400500"),
                ("https://vimeo.com/event/400500/embed/0a1b2c3d4e?autoplay=1", "event/400500"),
                ("https://vimeopro.com/annex/tides/video/100200300", "100200300"),
                ("https://vimeo.com/annex/review/100200300/0a1b2c3d4e", "100200300"),
                ("http://vimeo.com/moogaloop.swf?server=vimeo.com&clip_id=100200300", "100200300"),
                ("https://vimeo.com/api/oembed.json?url=https%3A%2F%2Fvimeo.com%2F100200300", "100200300"),
            ],
            others: &[
                "https://vimeo.com/",
                "https://vimeo.com/annex",
                "https://vimeo.com/user100200",
                "https://vimeo.com/channels/tides",
                "https://vimeo.com/ondemand/tides",
                "https://vimeo.com/album/400500",
                "https://vimeo.com/showcase/400500/embed",
                "https://vimeo.com/event/",
                "https://vimeo.com/blog/post/100200300",
                "https://player.vimeo.com/api/player.js",
                "https://i.vimeocdn.com/video/100200300_640.jpg",
                "https://vimeo.com.evil.example/100200300",
                "https://notvimeo.com/100200300",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("vimeo"), Host::parts("vimeopro", &[])];
        Needles { hosts: HOSTS, words: &["vimeo"], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let parts = parts(url);
        if under(url, "vimeopro.com") == Some("") {
            let [_, _, "video", id, ..] = parts.as_slice() else { return None };
            return video(id, None);
        }
        let before = under(url, "vimeo.com")?;
        let (id, hash) = match (before, parts.as_slice()) {
            ("player", ["video", id, rest @ ..]) => (*id, parameter(url, "h").or_else(|| first(rest))),
            ("", ["event", id, ..]) => return event(id),
            ("", ["moogaloop.swf"]) => return video(&parameter(url, "clip_id")?, None),
            ("" | "m", [] | ["hd" | "channels" | "m", ..]) if url.fragment().is_some_and(|f| number(f).is_some()) => {
                (url.fragment()?, None)
            }
            ("" | "m", ["channels" | "ondemand", _, id] | ["album" | "showcase", _, "video", id]) => (*id, None),
            ("" | "m", ["groups", _, "videos", id, ..] | [_, "review", id, ..]) => (*id, None),
            ("" | "m", ["manage", "videos", id, rest @ ..] | ["video" | "m", id, rest @ ..] | [id, rest @ ..]) => {
                (*id, first(rest))
            }
            _ => return None,
        };
        video(id, hash.as_deref())
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let (form, id) = placeholder::id(element, PLATFORM)?;
        let target = video(id, crate::html::attr(element, "data-hash"))?;
        Some(Markup { form, target, quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::next(ENDPOINT, post, exchanges)
    }
}

fn first(parts: &[&str]) -> Option<String> {
    parts.first().map(|part| (*part).to_owned())
}

/// A live event, whose number is none of the videos'.
fn event(id: &str) -> Option<Target> {
    let id = format!("event/{}", number(id)?);
    target(PLATFORM, &id, None, &format!("https://vimeo.com/{id}"))
}

fn video(id: &str, hash: Option<&str>) -> Option<Target> {
    let id = number(id)?;
    let is_hash = |hash: &&str| (8..=16).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = hash.filter(is_hash).map_or_else(|| id.to_owned(), |hash| format!("{id}/{hash}"));
    target(PLATFORM, &id, None, &format!("https://vimeo.com/{id}"))
}

//! Vimeo: videos by number, unlisted ones with the hash without which they are not shown.
//!
//! oEmbed answers without a key; of videos that play on certain sites alone it gives no title. Facts from vimeo.com's
//! developer pages and recorded answers, to November 2026.

use super::address::{number, parameter, parts, target, under};
use super::oembed::{self, OEmbed};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, placeholder};
use crate::http::Exchange;
use crate::model::{Media, Outcome, PostRef, Quoted, Target, Via, When, Withheld};
use jiff::{civil::DateTime, tz::TimeZone};
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
        if exchanges.first().is_some_and(oembed::is_private) {
            return Ok(Step::Done(Outcome::Withheld(Withheld::Private), Via::Oembed));
        }
        let step = oembed::next(ENDPOINT, post, exchanges)?;
        let Step::Done(Outcome::Found(mut found), via) = step else { return Ok(step) };
        let answer = exchanges.first().and_then(Exchange::response);
        let embed = answer.and_then(|answer| OEmbed::read(answer, "oembed").ok()).unwrap_or_default();
        if embed.title.is_none() && embed.author_name.is_none() && embed.thumbnail_url.is_none() {
            // Its owner lets only some sites show it (recorded 2024): the answer has no more than a player.
            return Ok(Step::Done(Outcome::Withheld(Withheld::Private), via));
        }
        found.published = embed.upload_date.as_deref().and_then(uploaded).or(found.published);
        for still in &mut found.media {
            put_large(still);
        }
        Ok(Step::Done(Outcome::Found(found), via))
    }
}

/// `2017-09-25 10:36:56`, in New York's time (checked against the API's of the same films). The rule of its summers is
/// that of 2007, and before that the one of 1987.
fn uploaded(text: &str) -> Option<When> {
    let civil: DateTime = text.parse().ok()?;
    let rule = if civil.year() < 2007 { "EST5EDT,M4.1.0,M10.5.0" } else { "EST5EDT,M3.2.0,M11.1.0" };
    let zone = TimeZone::posix(rule).ok()?;
    Some(When::Instant(civil.to_zoned(zone).ok()?.timestamp()))
}

/// A still's address ends in its size: `…_640` or `…_295x166.jpg`; any other is made when it is asked for.
fn put_large(still: &mut Media) {
    let Some((start, size)) = still.url.rsplit_once('_') else { return };
    let (size, ending) = size.split_at(size.find('.').unwrap_or(size.len()));
    let is_size =
        !size.is_empty() && size.split('x').all(|side| !side.is_empty() && side.bytes().all(|b| b.is_ascii_digit()));
    if is_size && start.starts_with("https://i.vimeocdn.com/video/") && (ending.is_empty() || ending.len() == 4) {
        let large = format!("{start}_1280{ending}");
        let given = std::mem::replace(&mut still.url, large);
        still.fallbacks.insert(0, given);
        (still.width_px, still.height_px) = (None, None);
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

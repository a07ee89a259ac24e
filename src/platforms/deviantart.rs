//! DeviantArt: deviations by the number at the end of their address; `fav.me` is its shortener, whose code is the number
//! in base 36.
//!
//! oEmbed (`backend.deviantart.com/oembed`) answers without a key with title, artist, day, picture and counts (recorded
//! 2024). Pictures bear tokens and may be cut to a preview. Facts from deviantart.com/developers and recorded answers, to
//! November 2026.

use super::address::{is_slug, number, parameter, parts, target, under};
use super::answers::number as count;
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::http::{Exchange, Response};
use crate::model::{Outcome, PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "deviantart";
const ENDPOINT: &str = "https://backend.deviantart.com/oembed";
/// Labels of hosts that are no artists.
const NO_ARTISTS: [&str; 8] = ["about", "backend", "comments", "developers", "m", "my", "news", "st"];

/// DeviantArt.
pub(super) struct DeviantArt;

impl Platform for DeviantArt {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.deviantart.com/annex/art/Low-Tide-500600700", "500600700"),
                ("https://www.deviantart.com/annex/art/Low-Tide-500600700?comment=1", "500600700"),
                ("https://annex.deviantart.com/art/Low-Tide-500600700", "500600700"),
                ("http://www.deviantart.com/art/Low-Tide-500600700", "500600700"),
                ("https://www.deviantart.com/annex/art/500600700", "500600700"),
                ("https://www.deviantart.com/deviation/500600700", "500600700"),
                ("https://www.deviantart.com/view/500600700", "500600700"),
                ("https://www.deviantart.com/annex/journal/Low-Tide-500600700", "500600700"),
                ("https://backend.deviantart.com/embed/film/500600700/1/", "500600700"),
                ("https://fav.me/d8a1lz0", "500600700"),
            ],
            others: &[
                "https://www.deviantart.com/",
                "https://www.deviantart.com/annex",
                "https://www.deviantart.com/annex/gallery",
                "https://www.deviantart.com/annex/art/Low-Tide",
                "https://annex.deviantart.com/",
                "https://www.deviantart.com/tag/tide",
                "https://www.deviantart.com/about/policy-500600700",
                "https://fav.me/",
                "https://deviantart.com.evil.example/annex/art/Low-Tide-500600700",
                "https://notdeviantart.com/annex/art/Low-Tide-500600700",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("deviantart"), Host::part("fav")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if under(url, "fav.me") == Some("") {
            let [code] = parts(url)[..] else { return None };
            let id = u64::from_str_radix(code.strip_prefix('d')?, 36).ok()?;
            return deviation(&id.to_string(), None, "");
        }
        let host = under(url, "deviantart.com")?;
        let own = Some(host).filter(|label| !label.is_empty() && !NO_ARTISTS.contains(label) && is_slug(label));
        match (host, parts(url).as_slice()) {
            ("backend", ["embed", "film", id, ..]) => deviation(id, None, ""),
            ("backend", ["embed", ..]) => deviation(&parameter(url, "id")?, None, ""),
            ("", ["deviation" | "view", id, ..]) => deviation(id, None, ""),
            ("", ["art", name, ..]) => by_name(None, "art", name),
            ("" | "m", [artist, kind @ ("art" | "journal" | "status-update"), name, ..]) if is_slug(artist) => {
                by_name(Some(artist), kind, name)
            }
            (_, [kind @ ("art" | "journal"), name, ..]) if own.is_some() => by_name(own, kind, name),
            _ => None,
        }
    }

    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        // Its embed codes are frames and pictures with a link.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let step = oembed::next(ENDPOINT, post, exchanges)?;
        let Step::Done(Outcome::Found(mut found), via) = step else { return Ok(step) };
        let answer = exchanges.first().and_then(Exchange::response).and_then(Response::json).unwrap_or_default();
        let counts = &answer["community"]["statistics"]["_attributes"];
        for (own, name) in [("views", "views"), ("likes", "favorites"), ("replies", "comments")] {
            found.counts.extend(count(&counts[name]).map(|count| (own.to_owned(), count)));
        }
        found.sensitive = answer["safety"].as_str().is_some_and(|safety| safety != "nonadult");
        Ok(Step::Done(Outcome::Found(found), via))
    }
}

/// `Title-ID`, or the number alone.
fn by_name(artist: Option<&str>, kind: &str, name: &str) -> Option<Target> {
    let id = name.rsplit('-').next()?;
    let title = name.strip_suffix(id)?;
    deviation(id, artist.map(|artist| (artist, kind)), title)
}

/// The address that names the artist is the one that oEmbed has always taken.
fn deviation(id: &str, place: Option<(&str, &str)>, title: &str) -> Option<Target> {
    let id = number(id).filter(|id| id.len() >= 4)?;
    let path = place.map_or_else(|| format!("deviation/{id}"), |(artist, kind)| format!("{artist}/{kind}/{title}{id}"));
    target(PLATFORM, id, place.map(|(artist, _)| artist), &format!("https://www.deviantart.com/{path}"))
}

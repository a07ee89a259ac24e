//! Bandcamp: tracks and albums, by number where the player names them, by address elsewhere.
//!
//! It gives strangers no oEmbed and no API. Artists' own domains have no shape that says Bandcamp. Facts from pages, to
//! November 2026.

use super::address::{is_slug, number, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{Failure, Outcome, PostRef, Target, Via};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "bandcamp";

/// Bandcamp.
pub(super) struct Bandcamp;

impl Platform for Bandcamp {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://annex.bandcamp.com/track/low-tide", "annex.bandcamp.com/track/low-tide"),
                ("http://annex.bandcamp.com/album/tides?from=embed", "annex.bandcamp.com/album/tides"),
                ("https://bandcamp.com/EmbeddedPlayer/album=1002003004/size=large/bgcol=ffffff/", "album=1002003004"),
                ("https://bandcamp.com/EmbeddedPlayer/v=2/track=1002003004/size=venti/", "track=1002003004"),
            ],
            others: &[
                "https://bandcamp.com/",
                "https://annex.bandcamp.com/",
                "https://annex.bandcamp.com/music",
                "https://bandcamp.com/annex",
                "https://daily.bandcamp.com/features/low-tide",
                "https://bandcamp.com/tag/tides",
                "https://bandcamp.com.evil.example/EmbeddedPlayer/album=1002003004/",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("bandcamp", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let artist = under(url, "bandcamp.com")?;
        match (artist, parts(url).as_slice()) {
            ("", [player, rest @ ..]) if player.trim_end_matches(".html") == "EmbeddedPlayer" => {
                let id = rest.iter().find_map(|part| {
                    let (kind @ ("album" | "track"), id) = part.split_once('=')? else { return None };
                    Some(format!("{kind}={}", number(id)?))
                })?;
                target(PLATFORM, &id, None, &format!("https://bandcamp.com/EmbeddedPlayer/{id}"))
            }
            ("", _) => None,
            (artist, [kind @ ("track" | "album"), name]) if is_slug(artist) && is_slug(name) => {
                let id = format!("{artist}.bandcamp.com/{kind}/{name}");
                target(PLATFORM, &id, Some(artist), &format!("https://{id}"))
            }
            _ => None,
        }
    }

    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn is_players_id(&self, id: &str) -> bool {
        !id.contains('.')
    }

    fn next(&self, _: &PostRef, _: &[Exchange]) -> Result<Step, Drift> {
        Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api))
    }
}

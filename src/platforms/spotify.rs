//! Spotify: tracks, albums, episodes and playlists. Artists, shows and users are profiles, not posts.
//!
//! oEmbed answers without a key with title and cover; a missing one is a 404 without a body. Facts from
//! developer.spotify.com and recorded answers, to November 2026.

use super::address::{is_code, parameter, parts, short_link, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "spotify";
const ENDPOINT: &str = "https://open.spotify.com/oembed";

/// Spotify.
pub(super) struct Spotify;

impl Platform for Spotify {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://open.spotify.com/track/0aBcDeFgHiJkLmNoPqRsT1?si=x", "track/0aBcDeFgHiJkLmNoPqRsT1"),
                ("https://open.spotify.com/embed/album/0aBcDeFgHiJkLmNoPqRsT1", "album/0aBcDeFgHiJkLmNoPqRsT1"),
                (
                    "https://open.spotify.com/embed-podcast/episode/0aBcDeFgHiJkLmNoPqRsT1",
                    "episode/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                (
                    "https://open.spotify.com/embed/episode/0aBcDeFgHiJkLmNoPqRsT1/video",
                    "episode/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                ("https://open.spotify.com/intl-de/track/0aBcDeFgHiJkLmNoPqRsT1", "track/0aBcDeFgHiJkLmNoPqRsT1"),
                (
                    "https://open.spotify.com/user/annex/playlist/0aBcDeFgHiJkLmNoPqRsT1",
                    "playlist/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                (
                    "https://open.spotify.com/embed/user/annex/playlist/0aBcDeFgHiJkLmNoPqRsT1",
                    "playlist/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                ("https://play.spotify.com/track/0aBcDeFgHiJkLmNoPqRsT1", "track/0aBcDeFgHiJkLmNoPqRsT1"),
                (
                    "https://embed.spotify.com/?uri=spotify%3Atrack%3A0aBcDeFgHiJkLmNoPqRsT1",
                    "track/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                (
                    "https://embed.spotify.com/?uri=spotify:user:annex:playlist:0aBcDeFgHiJkLmNoPqRsT1",
                    "playlist/0aBcDeFgHiJkLmNoPqRsT1",
                ),
                ("spotify:track:0aBcDeFgHiJkLmNoPqRsT1", "track/0aBcDeFgHiJkLmNoPqRsT1"),
            ],
            others: &[
                "https://open.spotify.com/",
                "https://open.spotify.com/artist/0aBcDeFgHiJkLmNoPqRsT1",
                "https://open.spotify.com/show/0aBcDeFgHiJkLmNoPqRsT1",
                "https://open.spotify.com/embed/show/0aBcDeFgHiJkLmNoPqRsT1",
                "https://open.spotify.com/user/annex",
                "https://open.spotify.com/search/tides",
                "https://open.spotify.com/track/0aBcDeFgHiJkLmNoPqRsT",
                "spotify:artist:0aBcDeFgHiJkLmNoPqRsT1",
                "https://open.spotify.com.evil.example/track/0aBcDeFgHiJkLmNoPqRsT1",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::more("spotify", &[])];
        Needles { hosts: HOSTS, words: &["spotify"], marks: &["spotify:"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if url.scheme() == PLATFORM {
            return of_parts(&url.path().split(':').take(6).collect::<Vec<_>>());
        }
        if ["spotify.link", "spoti.fi"].iter().any(|site| under(url, site) == Some("")) {
            return short_link(PLATFORM, url);
        }
        match under(url, "spotify.com")? {
            "embed" if parts(url).is_empty() => {
                let uri = parameter(url, "uri")?;
                match uri.strip_prefix("spotify:") {
                    Some(uri) => of_parts(&uri.split(':').take(6).collect::<Vec<_>>()),
                    None => of_parts(&parts(&Url::parse(&uri).ok().filter(|uri| under(uri, "spotify.com").is_some())?)),
                }
            }
            "open" | "play" | "embed" => of_parts(&parts(url)),
            _ => None,
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        // A consent manager's placeholder, `track/ID`.
        let id = crate::html::attr(element, "spotify-id")?;
        let target = of_parts(&id.split('/').collect::<Vec<_>>())?;
        Some(Markup { form: crate::model::Form::DataAttr, target, quoted: crate::model::Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::next(ENDPOINT, post, exchanges)
    }
}

/// Kind and id, after what may stand before them: a language, the frame's mark, the owner of a playlist.
fn of_parts(parts: &[&str]) -> Option<Target> {
    let mut parts = parts;
    while let [first, rest @ ..] = parts {
        if !(first.starts_with("intl-") || first.starts_with("embed")) {
            break;
        }
        parts = rest;
    }
    if let ["user", _, rest @ ..] = parts {
        parts = rest;
    }
    let [kind @ ("track" | "album" | "episode" | "playlist"), id, ..] = parts else { return None };
    let id = format!("{kind}/{}", is_code(id, 22..=22).then_some(id)?);
    target(PLATFORM, &id, None, &format!("https://open.spotify.com/{id}"))
}

//! Spotify: tracks, albums, episodes and playlists. Artists, shows and users are profiles, not posts.
//!
//! oEmbed answers without a key with title and cover; a missing one is a 404 without a body. Facts from
//! developer.spotify.com and recorded answers, to November 2026.

use super::address::{is_code, parameter, parts, short_link, target, under};
use super::answers::{address, found, number, page, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed, page_state};
use crate::http::Exchange;
use crate::model::{Author, Media, MediaKind, Outcome, Post, PostRef, Target, Via, When};
use scraper::ElementRef;
use serde_json::Value;
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
        let first = exchanges.get(..1).unwrap_or_default();
        let step = oembed::next(ENDPOINT, post, first);
        if oembed::is_settled(&step) {
            return step;
        }
        let Some(second) = exchanges.get(1) else {
            let mut url = post.url.clone();
            url.set_path(&format!("/embed{}", post.url.path()));
            return Ok(Step::Fetch(page(url)));
        };
        let Some(entity) = found(second).and_then(|page| entity(&page.text(), post)) else { return step };
        let (mut read, via) = match step {
            Ok(Step::Done(Outcome::Found(read), via)) => (read, via),
            _ => (Box::new(Post::new(post.clone(), Author::default(), "")), Via::EmbedPage),
        };
        add(&mut read, &entity);
        Ok(Step::Done(Outcome::Found(read), via))
    }
}

/// What the player's page says of its item (`__NEXT_DATA__`, pages of 2023 to 2026). A missing one has no `state`.
fn entity(page: &str, post: &PostRef) -> Option<Value> {
    let data = page_state::values_named(page, "entity")
        .find(|entity| entity["name"].is_string() || entity["title"].is_string())?;
    let id = post.id.rsplit('/').next().unwrap_or_default();
    let uri = data["uri"].as_str().or_else(|| data["id"].as_str()).unwrap_or_default();
    uri.ends_with(id).then_some(data)
}

fn add(post: &mut Post, entity: &Value) {
    if post.text.is_empty() {
        post.text = words(&entity["title"]).or_else(|| words(&entity["name"])).unwrap_or_default();
    }
    let artists: Vec<_> =
        entity["artists"].as_array().into_iter().flatten().filter_map(|artist| words(&artist["name"])).collect();
    let artists = if artists.is_empty() { words(&entity["subtitle"]) } else { Some(artists.join(", ")) };
    post.author.name = post.author.name.take().or(artists);
    post.published = words(&entity["releaseDate"]["isoString"]).as_deref().and_then(When::parse).or(post.published);
    let covers = entity["visualIdentity"]["image"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(entity["coverArt"]["sources"].as_array().into_iter().flatten());
    let largest = covers.filter_map(|cover| {
        let side = number(&cover["maxWidth"]).or_else(|| number(&cover["width"])).unwrap_or_default();
        Some((side, address(&cover["url"])?))
    });
    if let Some((_, url)) = largest.max_by_key(|(side, _)| *side) {
        match post.media.first_mut() {
            Some(cover) if cover.url != url => {
                let given = std::mem::replace(&mut cover.url, url);
                cover.fallbacks.insert(0, given);
                (cover.width_px, cover.height_px) = (None, None);
            }
            Some(_) => {}
            None => post.media.push(Media::new(MediaKind::Image, url)),
        }
    }
    if let Some(preview) = address(&entity["audioPreview"]["url"]) {
        // Half a minute of it, which is what strangers get.
        post.media.push(Media::new(MediaKind::Audio, preview));
    }
    if let Some(cover) = post.media.first_mut() {
        cover.duration_ms = number(&entity["duration"]).filter(|ms| *ms > 0).or(cover.duration_ms);
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

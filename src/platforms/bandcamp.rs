//! Bandcamp: tracks and albums, by number where the player names them, by address elsewhere.
//!
//! It gives strangers no oEmbed and no API. An item's page states it in JSON-LD (`MusicRecording`, `MusicAlbum`); the
//! player's page holds an object in `data-player-data`, which names the item's page. Artists' own domains have no shape
//! that says Bandcamp. Facts from pages and public code that reads them, to November 2026.

use super::address::{is_slug, named, number, parts, target, under};
use super::answers::{address, page, seconds, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, failure, page_card::PageCard};
use crate::html::{attr, parse};
use crate::http::Exchange;
use crate::model::{Author, Media, MediaKind, Outcome, Post, PostRef, Target, Via, When, Withheld};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "bandcamp";

static PLAYER: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("[data-player-data]").expect("the selector is a constant"));

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

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let Some(first) = exchanges.first() else {
            let mut url = post.url.clone();
            if self.is_players_id(&post.id) {
                url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
            }
            return Ok(Step::Fetch(page(url)));
        };
        let via = if self.is_players_id(&post.id) { Via::EmbedPage } else { Via::PageMeta };
        let outcome = match first.response() {
            // An item that was taken down, or never was.
            Some(answer) if matches!(answer.status, 404 | 410) => Outcome::Withheld(Withheld::Unavailable),
            Some(answer) if answer.is_success() && via == Via::EmbedPage => {
                let played = played(post, &parse(&answer.text()));
                Outcome::Found(Box::new(played.ok_or_else(|| Drift::new("player", "no item in data-player-data"))?))
            }
            Some(answer) if answer.is_success() => {
                let card = PageCard::read(answer, &post.url);
                let mut found = card.ok_or_else(|| Drift::new("page", "no item among its tags"))?.into_post(post);
                found.media.iter_mut().for_each(put_original);
                Outcome::Found(Box::new(found))
            }
            _ => Outcome::Failed(failure(first)),
        };
        Ok(Step::Done(outcome, via))
    }
}

/// What the player shows, under the name of the item's own page where that is Bandcamp's.
fn played(post: &PostRef, html: &Html) -> Option<Post> {
    let element = html.select(&PLAYER).next()?;
    let data: Value = serde_json::from_str(attr(element, "data-player-data")?).ok()?;
    let tracks = data["tracks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_album = post.id.starts_with("album=");
    let title = if is_album { words(&data["album_title"]) } else { None };
    let title = title.or_else(|| words(&data["title"])).or_else(|| words(&tracks.first()?["title"]))?;
    let linked =
        ["linkback", "album_linkback", "title_link"].iter().find_map(|name| named(PLATFORM, &words(&data[*name])?));
    let author = Author {
        handle: linked.as_ref().and_then(|post| post.author.clone()).unwrap_or_default(),
        name: words(&data["artist"]).or_else(|| words(&tracks.first()?["artist"])),
        url: address(&data["band_url"]),
        ..Author::default()
    };
    let mut found = Post::new(linked.unwrap_or_else(|| post.clone()), author, title);
    found.published = words(&data["publish_date"]).as_deref().and_then(When::parse);
    if let Some(cover) = ["album_art_lg", "album_art", "thumbnail_art"].iter().find_map(|name| address(&data[*name])) {
        let duration_ms = tracks.first().filter(|_| !is_album).and_then(|track| seconds(&track["duration"]));
        found.media.push(Media { duration_ms, ..Media::new(MediaKind::Image, cover) });
    }
    found.media.iter_mut().for_each(put_original);
    Some(found)
}

/// A cover's address ends in the number of its size: `…/img/a123_16.jpg` is 700 pixels wide, `_10` is 1200.
fn put_original(cover: &mut Media) {
    let Some((start, file)) = cover.url.rsplit_once('_') else { return };
    let Some((size, ending)) = file.split_once('.') else { return };
    if start.contains(".bcbits.com/img/") && size.len() <= 3 && size.bytes().all(|byte| byte.is_ascii_digit()) {
        let large = format!("{start}_10.{ending}");
        let given = std::mem::replace(&mut cover.url, large);
        cover.fallbacks.insert(0, given);
    }
}

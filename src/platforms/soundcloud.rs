//! SoundCloud: tracks by their address, or by number where only the player names them.
//!
//! oEmbed answers without a key: 403 is private, 404 gone. Facts from developers.soundcloud.com and recorded answers, to
//! November 2026.

use super::address::{is_slug, number, parameter, parts, short_link, target, under};
use super::answers::{address, found as found_page, number as count, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed, page_state};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Form, Outcome, Post, PostRef, Quoted, Target, Via, When, Withheld};
use scraper::ElementRef;
use serde_json::Value;
use url::Url;

const PLATFORM: &str = "soundcloud";
const ENDPOINT: &str = "https://soundcloud.com/oembed";

/// First parts of the site's own pages.
const NO_USERS: [&str; 22] = [
    "you",
    "discover",
    "search",
    "stream",
    "upload",
    "pages",
    "tags",
    "charts",
    "jobs",
    "people",
    "signin",
    "login",
    "logout",
    "terms-of-use",
    "groups",
    "imprint",
    "mobile",
    "pro",
    "settings",
    "messages",
    "stations",
    "player",
];
/// What stands after a user and is no track.
const NO_TRACKS: [&str; 14] = [
    "tracks",
    "sets",
    "albums",
    "reposts",
    "likes",
    "followers",
    "following",
    "comments",
    "popular-tracks",
    "groups",
    "spotlight",
    "toptracks",
    "favorites",
    "recommended",
];

/// SoundCloud.
pub(super) struct SoundCloud;

impl Platform for SoundCloud {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://soundcloud.com/annex/low-tide", "annex/low-tide"),
                ("https://m.soundcloud.com/annex/low-tide?in=annex/sets/tides", "annex/low-tide"),
                ("https://soundcloud.com/annex/low-tide/s-AbC12", "annex/low-tide/s-AbC12"),
                ("https://soundcloud.com/annex/low-tide/recommended", "annex/low-tide"),
                ("https://api.soundcloud.com/tracks/100200300", "tracks/100200300"),
                ("https://api.soundcloud.com/tracks/soundcloud%3Atracks%3A100200300", "tracks/100200300"),
                (
                    "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/100200300&amp;color=ff5500",
                    "tracks/100200300",
                ),
                (
                    "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fannex%2Flow-tide",
                    "annex/low-tide",
                ),
                (
                    "http://player.soundcloud.com/player.swf?url=http%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F100200300",
                    "tracks/100200300",
                ),
            ],
            others: &[
                "https://soundcloud.com/",
                "https://soundcloud.com/annex",
                "https://soundcloud.com/annex/sets",
                "https://soundcloud.com/annex/sets/tides",
                "https://soundcloud.com/annex/likes",
                "https://soundcloud.com/you/likes",
                "https://soundcloud.com/search/sounds?q=tides",
                "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/playlists/100200300",
                "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/users/100200300",
                "https://w.soundcloud.com/player/api.js",
                "https://w.soundcloud.com/player/?url=https%3A%2F%2Fevil.example%2Fannex%2Flow-tide",
                "https://soundcloud.com.evil.example/annex/low-tide",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::more("soundcloud", &[]), Host::more("snd", &[])];
        Needles { hosts: HOSTS, words: &["trackid", "soundcloud"], marks: &["playable-id"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if ["snd.sc", "on.soundcloud.com", "soundcloud.app.goo.gl"].iter().any(|site| under(url, site) == Some("")) {
            return short_link(PLATFORM, url);
        }
        match (under(url, "soundcloud.com")?, parts(url).as_slice()) {
            ("w", ["player"]) | ("player", ["player.swf"]) => {
                let inner = parameter(url, "url")?;
                let inner = percent_encoding::percent_decode_str(&inner).decode_utf8().ok()?;
                track(&Url::parse(&inner).or_else(|_| Url::parse(&format!("https:{inner}"))).ok()?)
            }
            _ => track(url),
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let (form, id) = match element.value().name() {
            "amp-soundcloud" => (Form::Amp, attr(element, "data-trackid")?),
            // A consent manager's placeholder.
            "div" => {
                let kind = attr(element, "data-playable-type")?;
                (Form::DataAttr, attr(element, "data-playable-id").filter(|_| kind == "tracks")?)
            }
            _ => return None,
        };
        Some(Markup { form, target: numbered(id)?, quoted: Quoted::default() })
    }

    fn is_players_id(&self, id: &str) -> bool {
        id.starts_with("tracks/") || id.starts_with("playlists/")
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        if exchanges.first().is_some_and(oembed::is_private) {
            return Ok(Step::Done(Outcome::Withheld(Withheld::Private), Via::Oembed));
        }
        let mut step = oembed::with_page(ENDPOINT, post, exchanges)?;
        if let Step::Done(Outcome::Found(found), _) = &mut step
            && let Some(page) = exchanges.get(1).and_then(found_page)
            && let Some(sound) = sound(&page.text())
        {
            add(found, &sound);
        }
        Ok(step)
    }
}

/// What the page's script says of its sound: a list of things that the page is filled with (pages of 2021 to 2026).
fn sound(page: &str) -> Option<Value> {
    let list = page_state::value_after(page, "window.__sc_hydration = ")?;
    let mut things =
        list.as_array()?.iter().filter(|thing| matches!(thing["hydratable"].as_str(), Some("sound" | "playlist")));
    Some(things.next()?["data"].clone())
}

fn add(found: &mut Post, sound: &Value) {
    let user = &sound["user"];
    if let Some(handle) = words(&user["permalink"]) {
        found.author.handle = handle;
        found.author.id = count(&user["id"]).map(|id| id.to_string());
        found.author.name = words(&user["username"]).or(found.author.name.take());
        found.author.avatar = address(&user["avatar_url"]).map(|url| url.replace("-large.", "-t500x500."));
    }
    if let Some(title) = words(&sound["title"]) {
        // oEmbed's title ends with "by" and the name.
        found.text = title;
    }
    found.published = words(&sound["created_at"]).as_deref().and_then(When::parse).or(found.published);
    if let Some(cover) = found.media.first_mut() {
        cover.duration_ms = count(&sound["duration"]).filter(|ms| *ms > 0).or(cover.duration_ms);
    }
    let counts = [
        ("likes", "likes_count"),
        ("replies", "comment_count"),
        ("reposts", "reposts_count"),
        ("views", "playback_count"),
    ];
    found.counts = counts.iter().filter_map(|(own, name)| Some(((*own).to_owned(), count(&sound[*name])?))).collect();
}

fn track(url: &Url) -> Option<Target> {
    match (under(url, "soundcloud.com")?, parts(url).as_slice()) {
        ("api", ["tracks", id, ..]) => numbered(id),
        ("" | "m", [user, name, rest @ ..]) => {
            let own = NO_USERS.contains(user) || NO_TRACKS.contains(name) || !is_slug(user) || !is_slug(name);
            let secret = rest.first().filter(|part| part.starts_with("s-") && is_slug(part));
            let id = format!("{user}/{name}{}", secret.map(|secret| format!("/{secret}")).unwrap_or_default());
            (!own).then(|| target(PLATFORM, &id, Some(user), &format!("https://soundcloud.com/{id}")))?
        }
        _ => None,
    }
}

/// A track by number, which newer players write as `soundcloud:tracks:N`.
fn numbered(id: &str) -> Option<Target> {
    let decoded = percent_encoding::percent_decode_str(id).decode_utf8().ok()?;
    let id = number(decoded.rsplit(':').next()?)?;
    target(PLATFORM, &format!("tracks/{id}"), None, &format!("https://api.soundcloud.com/tracks/{id}"))
}

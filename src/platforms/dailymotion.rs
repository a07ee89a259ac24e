//! Dailymotion: videos.
//!
//! oEmbed answers without a key. Ids with `k` are private, and played by whoever has them. Facts from
//! developers.dailymotion.com and recorded answers, to November 2026.

use super::address::{is_code, parameter, parts, target, under};
use super::answers::{address, epoch, number, object, seconds, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, failure, oembed, placeholder};
use crate::html::{attr, fragment_text};
use crate::http::{Exchange, Request, Response};
use crate::model::{
    Author, Card, Failure, Form, Media, MediaKind, Outcome, Post, PostRef, Quoted, Target, Via, Withheld,
};
use scraper::ElementRef;
use serde_json::Value;
use url::Url;

const PLATFORM: &str = "dailymotion";
const ENDPOINT: &str = "https://www.dailymotion.com/services/oembed";
const API: &str = "https://api.dailymotion.com/video";
/// What is asked for; a field that the API does not know fails the whole request.
const FIELDS: &str = "id,title,description,created_time,duration,language,owner.id,owner.username,owner.screenname,\
    owner.url,owner.avatar_720_url,thumbnail_1080_url,thumbnail_720_url,thumbnail_url,views_total,likes_total";

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
        let Some(first) = exchanges.first() else {
            let url = Url::parse_with_params(&format!("{API}/{}", post.id), [("fields", FIELDS)]);
            return url
                .map(|url| Step::Fetch(Request::get(url)))
                .map_err(|error| Drift::new("plan", error.to_string()));
        };
        if let Some(found) = object(first).and_then(|video| read(post, &video)) {
            return Ok(Step::Done(Outcome::Found(Box::new(found)), Via::Api));
        }
        // Its errors name their kind; "not found" is said of deleted ones and of ids that never were.
        let error = first.response().and_then(Response::json).unwrap_or_default();
        match error["error"]["type"].as_str() {
            Some("not_found") => return Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::Api)),
            Some("access_forbidden") => return Ok(Step::Done(Outcome::Withheld(Withheld::Private), Via::Api)),
            _ => {}
        }
        if let failed @ Failure::RateLimited { .. } = failure(first) {
            return Ok(Step::Done(Outcome::Failed(failed), Via::Api));
        }
        oembed::next(ENDPOINT, post, exchanges.get(1..).unwrap_or_default())
    }
}

fn read(post: &PostRef, video: &Value) -> Option<Post> {
    // Private ids (`k…`) are answered with public ones (`x…`).
    if video["id"].as_str().is_some_and(|id| id != post.id && id.get(..1) == post.id.get(..1)) {
        return None;
    }
    let title = words(&video["title"])?;
    let author = Author {
        id: words(&video["owner.id"]),
        handle: words(&video["owner.username"]).unwrap_or_default(),
        name: words(&video["owner.screenname"]),
        url: address(&video["owner.url"]),
        avatar: address(&video["owner.avatar_720_url"]),
    };
    let mut found = Post::new(post.clone(), author, title.clone());
    found.published = epoch(&video["created_time"]);
    found.lang = words(&video["language"]);
    let mut stills =
        ["thumbnail_1080_url", "thumbnail_720_url", "thumbnail_url"].iter().filter_map(|name| address(&video[*name]));
    if let Some(still) = stills.next() {
        let duration_ms = seconds(&video["duration"]);
        found.media.push(Media { fallbacks: stills.collect(), duration_ms, ..Media::new(MediaKind::Image, still) });
    }
    let counts = [("views", "views_total"), ("likes", "likes_total")];
    found.counts = counts.iter().filter_map(|(own, name)| Some(((*own).to_owned(), number(&video[*name])?))).collect();
    // The description is HTML with line breaks.
    let about = words(&video["description"]).map(|about| fragment_text(&about)).filter(|about| !about.is_empty());
    found.card = about.map(|about| Card {
        url: post.url.to_string(),
        title: Some(title),
        description: Some(about),
        image: None,
        site: Some("Dailymotion".to_owned()),
    });
    Some(found)
}

/// A video by its id, whatever title or parameter hangs on it.
fn video(text: &str) -> Option<Target> {
    let id = text.split(['_', '&', '?']).next()?;
    (is_code(id, 4..=24) && id.starts_with(['x', 'k']))
        .then(|| target(PLATFORM, id, None, &format!("https://www.dailymotion.com/video/{id}")))?
}

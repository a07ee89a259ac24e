//! The plan: the page with its linked data, then the interface of the LBRY network (`resolve`), then oEmbed
//! (yt-dlp's lbry.py, 2026; no recording).

use super::super::page_parts::{self, pixels, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, linked_video};
use crate::http::{Exchange, Headers, Request, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

const OEMBED: &str = "https://odysee.com/$/oembed";

const ROUTES: &[Route] = &[
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "resolve", via: Via::Api, ask: ask_resolve, read: read_resolve },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: routes::by_oembed },
];

const RULES: &[Rule] = &[Rule {
    at: &["page"],
    status: &[],
    sign: Sign::Element("meta[property='og:title'][content='Odysee']"),
    means: Means::Unavailable,
    known: "the site's own tags, of addresses without a claim, 2024",
}];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn ask_resolve(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let url = Url::parse("https://api.na-backend.odysee.com/api/v1/proxy?m=resolve").ok()?;
    let body = json!({"jsonrpc": "2.0", "method": "resolve", "params": {"urls": [claim(post)]}, "id": 1});
    let mut headers = Headers::default();
    headers.push("content-type", "application/json");
    Some(Request { method: "POST".to_owned(), headers, body: Some(body.to_string().into_bytes()), ..Request::get(url) })
}

fn ask_oembed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::ask_oembed(OEMBED, post.url.as_str())
}

/// The claim's address on the network: `lbry://@channel#1/name#2`.
fn claim(post: &PostRef) -> String {
    format!("lbry://{}", post.id.replace(':', "#"))
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    let objects = page_parts::linked_data(&page);
    // The name without the claim's number, as it stands in every form of the address.
    let name = post.id.rsplit('/').next().and_then(|claim| claim.split(':').next()).unwrap_or_default();
    let is_own = |object: &&Value| {
        ["url", "embedUrl", "contentUrl"]
            .iter()
            .filter_map(|field| object[*field].as_str())
            .any(|url| percent_encoding::percent_decode_str(url).decode_utf8_lossy().contains(name))
    };
    let own: Vec<Value> = objects.iter().filter(is_own).cloned().collect();
    Said::part(linked_video::read(post, &own).map(|found| with_handle(post, found)), "a VideoObject of this film")
}

fn with_handle(post: &PostRef, mut found: Post) -> Post {
    found.author.handle = post.author.clone().unwrap_or_default();
    found
}

fn read_resolve(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "the claim under result";
    let Some(json) = page_parts::json(answer) else { return Said::Unknown(EXPECTED) };
    let own = &json["result"][claim(post)];
    if own["error"].is_object() {
        return match own["error"]["name"].as_str() {
            Some("NOT_FOUND") => Said::Ends(Means::Unavailable),
            Some("BLOCKED") => Said::Ends(Means::GeoBlocked),
            _ => Said::Unknown(EXPECTED),
        };
    }
    // A repost stands for what it reposts.
    let own = if own["reposted_claim"].is_object() { &own["reposted_claim"] } else { own };
    Said::part(stated(post, own), EXPECTED)
}

fn stated(post: &PostRef, claim: &Value) -> Option<Post> {
    let value = &claim["value"];
    let words = [text_of(&value["title"]), text_of(&value["description"])];
    let text = words.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let channel = &claim["signing_channel"];
    let handle = text_of(&channel["name"]).map(|name| name.trim_start_matches('@').to_owned());
    let author = Author {
        id: text_of(&channel["claim_id"]),
        handle: handle.or_else(|| post.author.clone()).unwrap_or_default(),
        name: text_of(&channel["value"]["title"]),
        url: text_of(&channel["canonical_url"])
            .map(|url| url.replace("lbry://", "https://odysee.com/").replace('#', ":"))
            .and_then(|url| web(&url)),
        avatar: web(channel["value"]["thumbnail"]["url"].as_str().unwrap_or_default()),
    };
    let mut found = Post::new(post.clone(), author, text);
    let second = whole(&value["release_time"]).or_else(|| whole(&claim["timestamp"]));
    found.published = second.and_then(|at| Timestamp::from_second(i64::try_from(at).ok()?).ok()).map(When::Instant);
    found.lang = text_of(&value["languages"][0]);
    let tags = value["tags"].as_array().into_iter().flatten();
    found.sensitive = tags.filter_map(Value::as_str).any(|tag| matches!(tag, "mature" | "nsfw" | "porn" | "xxx"));
    let lasts = [&value["video"], &value["audio"]].into_iter().find_map(|of| whole(&of["duration"]));
    if let Some(url) = web(value["thumbnail"]["url"].as_str().unwrap_or_default()) {
        let mut still = Media::new(MediaKind::Image, url);
        (still.width_px, still.height_px) =
            (pixels(&value["thumbnail"]["width"]), pixels(&value["thumbnail"]["height"]));
        still.duration_ms = lasts.and_then(|seconds| seconds.checked_mul(1000));
        found.media.push(still);
    }
    (!found.text.is_empty()).then_some(found)
}

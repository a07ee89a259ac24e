//! The plan: the post's page, then the page of the embed's frame, then oEmbed (caption, author, a still).
//!
//! Before the page may come a challenge that only a browser solves (yt-dlp, 2025); the frame's page had none by then.

use super::super::page_parts::{script_json, text_of, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, page_parts};
use super::{item, posted_at};
use crate::http::{Exchange, Request, Response};
use crate::model::{PostRef, Via};
use serde_json::Value;

const OEMBED: &str = "https://www.tiktok.com/oembed";

const ROUTES: &[Route] = &[
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "embed page", via: Via::EmbedPage, ask: ask_embed, read: read_embed },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: read_oembed },
];

const RULES: &[Rule] = &[
    Rule {
        at: &["oembed"],
        status: &[400],
        sign: Sign::Status,
        means: Means::Unavailable,
        known: "`Something went wrong` of an unknown post, 2024",
    },
    Rule {
        at: &["page"],
        status: &[],
        sign: Sign::Path("/login"),
        means: Means::LoginRequired,
        known: "pages of 2024",
    },
];

/// What a page's `statusCode` means: (code, meaning, source). 0 is a post.
const CODES: &[(i64, Means, &str)] = &[
    // gallery-dl, 2026: "not available"; yt-dlp, 2026: also where this address is refused. So no deletion.
    (10204, Means::Unavailable, "gallery-dl and yt-dlp, 2026"),
    (10216, Means::Private, "yt-dlp, 2026"),
    (10221, Means::AccountDeleted, "gallery-dl, 2026"),
    (10222, Means::Private, "gallery-dl and yt-dlp, 2026"),
    (10231, Means::GeoBlocked, "gallery-dl, 2026"),
];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn ask_embed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://www.tiktok.com/embed/v2/{}", post.id))
}

fn ask_oembed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::ask_oembed(OEMBED, post.url.as_str())
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "the post in __UNIVERSAL_DATA_FOR_REHYDRATION__";
    let page = routes::tree(answer);
    if let Some(state) = script_json(&page, "script#__UNIVERSAL_DATA_FOR_REHYDRATION__") {
        let scope = &state["__DEFAULT_SCOPE__"];
        let details = ["webapp.video-detail", "webapp.reflow.video.detail"].into_iter().map(|name| &scope[name]);
        for detail in details.filter(|detail| detail.is_object()) {
            if let Some(found) = item::read(post, &detail["itemInfo"]["itemStruct"]) {
                return Said::Whole(Box::new(found));
            }
            if let Some(means) = by_code(&detail["statusCode"]) {
                return Said::Ends(means);
            }
        }
        return Said::Unknown(EXPECTED);
    }
    // The page's state of 2020 to 2023.
    let older = script_json(&page, "script#SIGI_STATE");
    Said::whole(older.and_then(|state| item::read(post, &state["ItemModule"][post.id.as_str()])), EXPECTED)
}

fn by_code(code: &Value) -> Option<Means> {
    let code = code.as_i64().or_else(|| code.as_str()?.parse().ok())?;
    CODES.iter().find(|(known, ..)| *known == code).map(|(_, means, _)| *means)
}

fn read_embed(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "the post in __FRONTITY_CONNECT_STATE__";
    let Some(state) = page_parts::script_json(&routes::tree(answer), "script#__FRONTITY_CONNECT_STATE__") else {
        return Said::Unknown(EXPECTED);
    };
    let own = &state["source"]["data"][format!("/embed/v2/{}", post.id)];
    if let Some(found) = item::of_frame(post, &own["videoData"]) {
        return Said::Part(Box::new(found));
    }
    // The frame of a post that it can't show says so in place of the post.
    let refused = own["isError"] == true || own["videoData"]["isError"] == true;
    let code = [&own["errorStatus"], &own["statusCode"]].into_iter().find_map(whole);
    match (refused, code) {
        (true, Some(400 | 404) | None) => Said::Ends(Means::Unavailable),
        _ => Said::Unknown(EXPECTED),
    }
}

fn read_oembed(post: &PostRef, answer: &Response) -> Said {
    match routes::by_oembed(post, answer) {
        Said::Part(mut found) => {
            let handle = page_parts::json(answer).and_then(|json| text_of(&json["author_unique_id"]));
            if let Some(handle) = handle {
                found.author.handle = handle;
            }
            found.published = found.published.or_else(|| posted_at(&post.id));
            Said::Part(found)
        }
        said => said,
    }
}

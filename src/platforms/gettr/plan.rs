//! The plan: the JSON that GETTR's own pages ask for (yt-dlp's gettr.py and others, 2021 to 2026; no recording).

use super::super::page_parts::{self, pixels, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, address};
use super::PLATFORM;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, Via, When};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

const FILES: &str = "https://media.gettr.com/";
const MAX_PICTURES: usize = 20;

const ROUTES: &[Route] = &[Route { at: "api", via: Via::Api, ask, read }];

const RULES: &[Rule] = &[Rule {
    at: &["api"],
    status: &[],
    sign: Sign::Json("/result/data/nfound", "true"),
    means: Means::Absent,
    known: "yt-dlp, 2026",
}];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let kind = if post.id.starts_with('c') { "comment" } else { "post" };
    let url = format!("https://api.gettr.com/u/{kind}/{}?incl=poststats%7Cuserinfo", post.id);
    Some(Request::get(Url::parse(&url).ok()?).with_header("accept", "application/json"))
}

fn read(post: &PostRef, answer: &Response) -> Said {
    Said::whole(page_parts::json(answer).and_then(|json| stated(post, &json["result"])), "the post under result.data")
}

fn stated(post: &PostRef, result: &Value) -> Option<Post> {
    let data = &result["data"];
    if text_of(&data["_id"])? != post.id {
        return None;
    }
    let handle = text_of(&data["uid"])?;
    let who = &result["aux"]["uinf"][handle.as_str()];
    let author = Author {
        id: text_of(&who["_id"]).filter(|id| *id != handle),
        name: text_of(&who["nickname"]),
        url: Some(format!("https://gettr.com/user/{handle}")),
        avatar: file(&who["ico"]),
        handle: text_of(&who["ousername"]).unwrap_or(handle),
    };
    let mut found = Post::new(post.clone(), author, data["txt"].as_str().unwrap_or_default().trim());
    let at = |name: &str| whole(&data[name]).and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok());
    found.published = at("cdate").map(When::Instant);
    found.edited = at("udate").filter(|_| data["edited"] == true);
    found.lang = text_of(&data["txt_lang"]).filter(|lang| lang.len() <= 8);
    found.media = files(data);
    found.card = text_of(&data["prevsrc"]).and_then(|url| web(&url)).map(|url| Card {
        url,
        title: text_of(&data["ttl"]),
        description: text_of(&data["dsc"]),
        image: file(&data["previmg"]),
        site: None,
    });
    let parent = text_of(&data["pid"]).filter(|parent| *parent != post.id);
    found.reply_to = parent
        .and_then(|parent| address::named(PLATFORM, &format!("https://gettr.com/post/{parent}")))
        .map(|post| Related { post, content: None });
    let stats = &result["aux"]["s_pst"];
    for (name, field) in [("likes", "lkbpst"), ("replies", "cm"), ("reposts", "shbpst"), ("views", "vfpst")] {
        found.counts.extend(whole(&stats[field]).map(|n| (name.to_owned(), n)));
    }
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none();
    (!nothing).then_some(found)
}

/// Pictures, or the film with its still: files are named by paths on one host.
fn files(data: &Value) -> Vec<Media> {
    let film = file(&data["ovid"]).or_else(|| file(&data["nmvid"])).or_else(|| file(&data["vid"]));
    if let Some(url) = film {
        let mut film = Media::new(MediaKind::Video, url);
        film.fallbacks.extend(file(&data["vid"]).filter(|url| *url != film.url));
        (film.width_px, film.height_px) = (pixels(&data["vid_wid"]), pixels(&data["vid_hgt"]));
        let seconds = data["vid_dur"].as_f64().or_else(|| data["vid_dur"].as_str()?.parse().ok());
        film.duration_ms = seconds.filter(|s| (0.1..1e6).contains(s)).map(|s| (s * 1000.0) as u64);
        return [Some(film), file(&data["main"]).map(|url| Media::new(MediaKind::Poster, url))]
            .into_iter()
            .flatten()
            .collect();
    }
    let pictures = data["imgs"].as_array().into_iter().flatten().take(MAX_PICTURES).filter_map(file);
    pictures.map(|url| Media::new(MediaKind::Image, url)).collect()
}

fn file(value: &Value) -> Option<String> {
    let path = text_of(value)?;
    if path.contains("://") { web(&path) } else { web(&format!("{FILES}{}", path.trim_start_matches('/'))) }
}

//! The plan: the video's page (linked data, which names the player's id), the player's own JSON (`embedJS`: files,
//! author, time), then oEmbed (yt-dlp's rumble.py and other public readers, to 2026; no recording).

use super::super::page_parts::{self, first, pixels, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, address, linked_video, oembed};
use super::PLATFORM;
use crate::html;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use serde_json::Value;

const OEMBED: &str = "https://rumble.com/api/Media/oembed.json";

const ROUTES: &[Route] = &[
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "player", via: Via::EmbedPage, ask: ask_player, read: read_player },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: routes::by_oembed },
];

const RULES: &[Rule] = &[
    Rule {
        at: &["player"],
        status: &[],
        // Of a player that is not there the answer is the word `false`.
        sign: Sign::Json("", "false"),
        means: Means::Unavailable,
        known: "yt-dlp, 2026",
    },
    Rule {
        at: &["page"],
        status: &[410],
        sign: Sign::Status,
        means: Means::Deleted,
        known: "yt-dlp, 2026: removed videos answer with 410",
    },
];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    (!post.id.starts_with("embed/")).then(|| routes::page(post.url.clone()))
}

/// The player's id is another one than the page's; the page says it.
fn ask_player(post: &PostRef, before: &[Exchange]) -> Option<Request> {
    let own = post.id.strip_prefix("embed/").map(str::to_owned);
    let id = own.or_else(|| {
        let answer = before.iter().filter_map(Exchange::response).find(|answer| answer.is_success())?;
        let objects = page_parts::linked_data(&routes::tree(answer));
        let player = objects.iter().find_map(|object| address::named(PLATFORM, object["embedUrl"].as_str()?))?;
        player.id.strip_prefix("embed/").map(str::to_owned)
    })?;
    let url = format!("https://rumble.com/embedJS/u3/?request=video&ver=2&v={id}");
    Some(routes::page_at(&url)?.with_header("accept", "application/json"))
}

fn ask_oembed(post: &PostRef, before: &[Exchange]) -> Option<Request> {
    // With page and player at hand it has nothing to add.
    let known = before.iter().filter_map(Exchange::response).filter(|answer| answer.is_success()).count();
    (known < 2).then(|| routes::ask_oembed(OEMBED, post.url.as_str()))?
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    let objects = page_parts::linked_data(&page);
    let is_own = |object: &&Value| object["url"].as_str().is_some_and(|url| url.contains(post.id.as_str()));
    let own: Vec<Value> = objects.iter().filter(is_own).cloned().collect();
    let found = linked_video::read(post, &own).map(|mut found| {
        let link = first(&page, ".media-by--a[href], a[rel='author'][href], .channel-header--title a[href]");
        if let Some(link) = link.filter(|_| found.author.name.is_none()) {
            let url = html::attr(link, "href").and_then(|path| answer.url.join(path).ok());
            found.author.url = url.map(|url| url.to_string());
            found.author.name = page_parts::words(link, ".media-heading-name").or_else(|| Some(html::text(link)));
        }
        found.author.handle = found.author.url.as_deref().and_then(oembed::handle_in).unwrap_or_default();
        found
    });
    Said::part(found, "a VideoObject of this video")
}

fn read_player(post: &PostRef, answer: &Response) -> Said {
    Said::part(page_parts::json(answer).and_then(|json| stated(post, &json)), "a title and the files of a video")
}

fn stated(post: &PostRef, json: &Value) -> Option<Post> {
    let title = html::fragment_text(&text_of(&json["title"])?);
    let url = text_of(&json["author"]["url"]).and_then(|url| web(&url));
    let author = Author {
        handle: url.as_deref().and_then(oembed::handle_in).unwrap_or_default(),
        name: text_of(&json["author"]["name"]),
        url,
        ..Author::default()
    };
    let mut found = Post::new(post.clone(), author, title);
    found.published = text_of(&json["pubDate"]).and_then(|date| When::parse(&date));
    let lasts = whole(&json["duration"]).and_then(|seconds| seconds.checked_mul(1000)).filter(|ms| *ms > 0);
    let still = text_of(&json["i"]).and_then(|url| web(&url));
    // Files by height, then as the older form names them.
    let mut files: Vec<(u32, &Value)> = json["ua"]["mp4"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(height, file)| (height.parse().unwrap_or(0), file))
        .collect();
    files.sort_by_key(|(height, _)| std::cmp::Reverse(*height));
    let urls = files.iter().map(|(_, file)| &file["url"]).chain([&json["u"]["mp4"]["url"], &json["u"]["hls"]["url"]]);
    let mut seen: Vec<String> = Vec::new();
    for url in urls.filter_map(|url| web(url.as_str()?)) {
        if !seen.contains(&url) {
            seen.push(url);
        }
    }
    let mut urls = seen.into_iter();
    match urls.next() {
        Some(url) => {
            let mut film = Media { fallbacks: urls.collect(), duration_ms: lasts, ..Media::new(MediaKind::Video, url) };
            let meta = files.first().map_or(&Value::Null, |(_, file)| &file["meta"]);
            (film.width_px, film.height_px) = (pixels(&meta["w"]), pixels(&meta["h"]));
            found.media.push(film);
            found.media.extend(still.map(|url| Media::new(MediaKind::Poster, url)));
        }
        None => found.media.extend(still.map(|url| Media { duration_ms: lasts, ..Media::new(MediaKind::Image, url) })),
    }
    Some(found)
}

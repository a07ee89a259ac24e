//! The plan: the video's or clip's page, of which strangers get tags and linked data (recorded 2024).

use super::super::meta_tags::MetaTags;
use super::super::page_parts::{self, duration_ms, is_a, linked_url, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, address};
use super::PLATFORM;
use crate::http::{Exchange, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use regex::Regex;
use std::sync::LazyLock;

const ROUTES: &[Route] = &[Route { at: "page", via: Via::PageMeta, ask: routes::own_page, read }];

const RULES: &[Rule] = &[
    Rule {
        at: &["page"],
        status: &[],
        // The shell that every address without a video gets.
        sign: Sign::Element("meta[property='og:title'][content='Twitch']"),
        means: Means::Unavailable,
        known: "pages of removed videos, 2024",
    },
    Rule {
        at: &["page"],
        status: &[],
        sign: Sign::Path("/directory"),
        means: Means::Unavailable,
        known: "clips.twitch.tv leads there where there is no clip, 2023",
    },
];

/// `Low tide - annex on Twitch`, `annex - Low tide`.
static ON_TWITCH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^(.*) - (\S{2,40}) on Twitch$").expect("the pattern is a constant"));
/// `annex went live on Twitch.`
static WENT_LIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(\S{2,40}) went live on Twitch").expect("the pattern is a constant"));

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn read(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    let tags = MetaTags::read(&page);
    // The page of a clip is at its channel too: only what comes of it counts.
    let names = |url: &str| address::named(PLATFORM, url).is_some_and(|own| own.id == post.id);
    let own = ["og:url", "og:video", "og:video:secure_url", "twitter:player"];
    let is_own = own.iter().filter_map(|name| tags.get(&[name])).any(names);
    let linked = page_parts::linked_data(&page);
    let video = linked.iter().find(|object| is_a(object, &["VideoObject", "Clip"]));
    let Some(title) = tags.get(&["og:title", "twitter:title"]).filter(|_| is_own) else {
        return Said::Unknown("tags that name the video");
    };
    let named = ON_TWITCH
        .captures(title)
        .map(|found| found[2].to_owned())
        .or_else(|| WENT_LIVE.captures(tags.get(&["og:description", "description"])?).map(|found| found[1].to_owned()));
    let handle = named.unwrap_or_default();
    let url = Some(format!("https://www.twitch.tv/{}", handle.to_lowercase())).filter(|_| !handle.is_empty());
    let author = Author { handle: handle.to_lowercase(), url, ..Author::default() };
    let mut found = Post::new(post.clone(), author, title);
    let dated = tags.get(&["og:video:release_date", "video:release_date"]).and_then(When::parse);
    found.published = dated.or_else(|| video.and_then(|video| When::parse(video["uploadDate"].as_str()?)));
    let still = tags.get(&["og:image", "twitter:image"]).and_then(web);
    let still = still.or_else(|| video.and_then(|video| linked_url(&video["thumbnailUrl"])));
    // The film of a clip is a file; that of a video is a player's page.
    let film = ["og:video:secure_url", "og:video"].iter().filter_map(|name| tags.get(&[name])).find(|url| is_file(url));
    let seconds = tags.get(&["og:video:duration", "video:duration"]).and_then(|text| text.parse::<u64>().ok());
    let lasts = seconds.and_then(|s| s.checked_mul(1000)).filter(|ms| *ms > 0);
    let lasts = lasts.or_else(|| video.and_then(|video| duration_ms(video["duration"].as_str()?)));
    match film.and_then(web) {
        Some(film) => {
            found.media.push(Media { duration_ms: lasts, ..Media::new(MediaKind::Video, film) });
            found.media.extend(still.map(|url| Media::new(MediaKind::Poster, url)));
        }
        None => {
            let still = still.map(|url| Media { duration_ms: lasts, ..Media::new(MediaKind::Image, url) });
            found.media.extend(still);
        }
    }
    if let Some(video) = video {
        let views = whole(&video["interactionStatistic"]["userInteractionCount"]);
        found.counts.extend(views.map(|n| ("views".to_owned(), n)));
        if found.author.name.is_none() {
            found.author.name = text_of(&video["creator"]["name"]).or_else(|| text_of(&video["author"]["name"]));
        }
    }
    Said::Whole(Box::new(found))
}

fn is_file(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path().ends_with(".mp4"))
}

//! The plan: the public page, whose scripts state the film (`__NEXT_DATA__`) and describe it (linked data); of lenses and
//! old pages only tags (public readers, 2022 to 2026; no recording).

use super::super::meta_tags::MetaTags;
use super::super::page_parts::{self, pixels, script_json, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, address, linked_video};
use super::PLATFORM;
use crate::http::{Exchange, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use jiff::Timestamp;
use serde_json::Value;

const ROUTES: &[Route] = &[Route { at: "page", via: Via::PageMeta, ask: routes::own_page, read }];

const RULES: &[Rule] = &[Rule {
    at: &["page"],
    status: &[],
    sign: Sign::Path("/404"),
    means: Means::Unavailable,
    known: "pages of removed films, 2023",
}];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn read(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    let tags = MetaTags::read(&page);
    let canonical =
        page_parts::first(&page, "link[rel='canonical'][href]").and_then(|link| crate::html::attr(link, "href"));
    let names = |url: &str| address::named(PLATFORM, url).is_some_and(|own| own.id == post.id);
    let is_own = [tags.get(&["og:url"]), canonical].into_iter().flatten().any(names);
    let state = script_json(&page, "script#__NEXT_DATA__").unwrap_or_default();
    let props = &state["props"]["pageProps"];
    let film = stated(post, &props["videoMetadata"]).filter(|_| is_own || said_id(props) == Some(&post.id));
    let described = || linked_video::read(post, &page_parts::linked_data(&page)).filter(|_| is_own);
    match film.or_else(described) {
        Some(found) => Said::Whole(Box::new(found)),
        None => Said::part(tagged(post, &tags).filter(|_| is_own), "the film's state, or tags that name it"),
    }
}

fn said_id(props: &Value) -> Option<&str> {
    props["spotlightStoryId"].as_str().or_else(|| props["spotlightId"].as_str())
}

fn stated(post: &PostRef, film: &Value) -> Option<Post> {
    let who = &film["creator"]["personCreator"];
    let who = if who.is_object() { who } else { &film["creator"] };
    let handle = text_of(&who["username"]).or_else(|| post.author.clone());
    let author = Author {
        url: handle.as_ref().map(|handle| format!("https://www.snapchat.com/@{handle}")),
        handle: handle.unwrap_or_default(),
        name: text_of(&who["name"]),
        id: None,
        avatar: web(who["profilePictureUrl"].as_str().unwrap_or_default()),
    };
    let words = [text_of(&film["description"]), text_of(&film["name"])].into_iter().flatten().next();
    let mut found = Post::new(post.clone(), author, words.unwrap_or_default());
    let at = whole(&film["uploadDateMs"]).and_then(|ms| i64::try_from(ms).ok());
    found.published = at.and_then(|ms| Timestamp::from_millisecond(ms).ok()).map(When::Instant);
    found.counts.extend(whole(&film["viewCount"]).map(|n| ("views".to_owned(), n)));
    let mut media = Media::new(MediaKind::Video, web(film["contentUrl"].as_str()?)?);
    (media.width_px, media.height_px) = (pixels(&film["width"]), pixels(&film["height"]));
    media.duration_ms = whole(&film["durationMs"]).filter(|ms| *ms > 0);
    found.media.push(media);
    found
        .media
        .extend(web(film["thumbnailUrl"].as_str().unwrap_or_default()).map(|url| Media::new(MediaKind::Poster, url)));
    Some(found)
}

fn tagged(post: &PostRef, tags: &MetaTags) -> Option<Post> {
    let title = tags.get(&["og:title", "twitter:title"])?;
    let handle = post.author.clone().unwrap_or_default();
    let mut found = Post::new(post.clone(), Author { handle, ..Author::default() }, title);
    let picture = tags.get(&["og:image"]).and_then(web);
    if let Some(film) = tags.get(&["og:video:secure_url", "og:video"]).and_then(web) {
        found.media.push(Media::new(MediaKind::Video, film));
        found.media.extend(picture.map(|url| Media::new(MediaKind::Poster, url)));
    } else {
        found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    }
    Some(found)
}

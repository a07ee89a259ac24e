//! Reads the post's own page: a story in its scripts, linked data (recorded 2020), and the tags for link previews.

use super::super::meta_tags::MetaTags;
use super::super::oembed::handle_in;
use super::super::page_parts::{self, duration_ms, first, is_a, linked_url, pixels, text_of, web, whole};
use super::super::routes;
use super::{story, urls};
use crate::html;
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use regex::Regex;
use scraper::Html;
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::Url;

/// How far behind a film's number its addresses stand.
const FILM_BYTES: usize = 6000;
const MAX_TRIES: usize = 24;

/// `Annex on Facebook`, `Annex en Facebook Watch`.
static ON_FACEBOOK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^(?P<name>.+?)\s+\S{1,8}\s+Facebook(?:\s+Watch)?\s*$").expect("the pattern is a constant")
});
/// `12K views, 3 likes, …, Facebook Watch Videos from Annex: Low tide`.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^[\d.,KMB]+ [a-z]+, .{0,200}?Facebook (?:Watch )?(?:Videos|Reels|Video) from (?P<name>[^:]{1,120}):?\s*(?P<text>.*)$")
        .expect("the pattern is a constant")
});
/// The address of a film in high quality, in the scripts of 2016 to 2026.
static HIGH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:hd_src|hd_src_no_ratelimit|playable_url_quality_hd|browser_native_hd_url)\\?"?:\\?"(https:[^"]{1,3000}?)\\?""#,
    )
    .expect("the pattern is a constant")
});

/// The post, where the page names this one.
pub(super) fn read(post: &PostRef, page: &Html, text: &str) -> Option<Post> {
    let tagged = tagged(post, page, text);
    match (story::read(post, page), tagged) {
        (Some(mut stated), Some(tagged)) => {
            routes::fill(&mut stated, tagged);
            Some(stated)
        }
        (stated, tagged) => stated.or(tagged),
    }
}

fn tagged(post: &PostRef, page: &Html, text: &str) -> Option<Post> {
    let tags = MetaTags::read(page);
    let canonical = first(page, "link[rel='canonical'][href]").and_then(|link| html::attr(link, "href"));
    let addresses = [tags.get(&["og:url"]), canonical, tags.get(&["twitter:player"])];
    let own = addresses.into_iter().flatten().find(|address| urls::names(address, post))?;
    let data = page_parts::linked_data(page).into_iter().find(|object| {
        is_a(object, &["VideoObject", "SocialMediaPosting", "DiscussionForumPosting", "Article", "ImageObject"])
    });
    let data = data.unwrap_or(Value::Null);
    let title = tags.get(&["og:title", "twitter:title"]);
    let description = tags.get(&["og:description", "description", "twitter:description"]);
    let counted = description.and_then(|words| COUNTED.captures(words));
    let description = counted.as_ref().map_or(description, |found| found.name("text").map(|text| text.as_str()));
    let description = description.map(str::trim).filter(|words| !words.is_empty());
    let stated = [&data["articleBody"], &data["text"], &data["description"]].into_iter().find_map(text_of);
    // The linked data has the whole text; descriptions are cut with dots.
    let words = stated.or_else(|| description.map(str::to_owned));
    let name = text_of(&data["author"]["name"])
        .or_else(|| counted.as_ref().map(|found| found["name"].trim().to_owned()))
        .or_else(|| ON_FACEBOOK.captures(title?).map(|found| found["name"].to_owned()))
        .or_else(|| title.filter(|_| words.is_some()).map(|title| without_site(title).to_owned()));
    let author = author(post, &data, own, name);
    let text_is_title = words.is_none();
    let words = words.or_else(|| title.map(str::to_owned))?;
    let mut found = Post::new(post.clone(), author, words);
    found.truncated = !text_is_title && (found.text.ends_with("...") || found.text.ends_with('…'));
    let dates = [&data["datePublished"], &data["uploadDate"], &data["dateCreated"]];
    found.published = dates.into_iter().find_map(|date| When::parse(date.as_str()?));
    found.lang = text_of(&data["inLanguage"]);
    found.counts.extend(whole(&data["commentCount"]).map(|n| ("replies".to_owned(), n)));
    found.media = files(post, &tags, &data, text);
    Some(found)
}

fn author(post: &PostRef, data: &Value, own: &str, name: Option<String>) -> Author {
    let url = web(data["author"]["url"].as_str().unwrap_or_default());
    let in_address = Url::parse(own).ok().and_then(|url| urls::recognize(&url)?.post()?.author.clone());
    let handle = url.as_deref().and_then(handle).or(in_address).or_else(|| post.author.clone());
    Author {
        id: None,
        url: url.or_else(|| handle.as_ref().map(|handle| format!("https://www.facebook.com/{handle}/"))),
        handle: handle.unwrap_or_default(),
        name,
        avatar: linked_url(&data["publisher"]["logo"]).or_else(|| linked_url(&data["author"]["image"])),
    }
}

/// The handle at the end of a profile's address, where that is one.
pub(super) fn handle(url: &str) -> Option<String> {
    let url = url.split('?').next().unwrap_or(url);
    handle_in(url).filter(|handle| !handle.contains("facebook.com"))
}

fn files(post: &PostRef, tags: &MetaTags, data: &Value, text: &str) -> Vec<Media> {
    let is_upload = |url: &&str| !url.contains("static.xx.fbcdn.net") && !url.contains("/rsrc.php/");
    let still = linked_url(&data["thumbnailUrl"]).or_else(|| linked_url(&data["image"]));
    let still = still.or_else(|| tags.get(&["og:image"]).filter(is_upload).and_then(web));
    let film = ["og:video:secure_url", "og:video:url", "og:video"].iter().find_map(|name| tags.get(&[name]));
    let film = film.filter(|url| !url.contains("/plugins/")).and_then(web).or_else(|| linked_url(&data["contentUrl"]));
    let high = best_film(text, &post.id);
    let mut urls: Vec<String> = high.into_iter().chain(film).collect();
    urls.dedup();
    if urls.is_empty() || !(urls::is_film(post) || tags.get(&["og:type"]).is_some_and(|kind| kind.starts_with("video")))
    {
        let pictures = tags.all("og:image").filter(is_upload).filter_map(web).take(20);
        return pictures.map(|url| Media::new(MediaKind::Image, url)).collect();
    }
    let mut film = Media::new(MediaKind::Video, urls.remove(0));
    film.fallbacks = urls;
    let size = |name: &str, tag: &str| pixels(&data[name]).or_else(|| pixels(&json!(tags.get(&[tag])?)));
    (film.width_px, film.height_px) = (size("width", "og:video:width"), size("height", "og:video:height"));
    film.duration_ms = data["duration"].as_str().and_then(duration_ms);
    [Some(film), still.map(|url| Media::new(MediaKind::Poster, url))].into_iter().flatten().collect()
}

/// The address of a film in high quality, where the page's scripts tell it right after the film's number.
pub(super) fn best_film(text: &str, id: &str) -> Option<String> {
    text.match_indices(id).take(MAX_TRIES).find_map(|(at, _)| {
        let mut end = (at + FILM_BYTES).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let found = HIGH.captures(&text[at..end])?;
        let address = found[1].replace("\\\\/", "/").replace("\\/", "/").replace("\\u0025", "%").replace("&amp;", "&");
        web(&address)
    })
}

/// A title without the site's name at its end.
fn without_site(title: &str) -> &str {
    let title = title.trim();
    [" | Facebook", " - Facebook", " • Facebook"].iter().find_map(|end| title.strip_suffix(end)).unwrap_or(title)
}

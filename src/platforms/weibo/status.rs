//! Reads a post as the site for phones states it: words as HTML, pictures with a large form, the post passed on.

use super::super::page_parts::{pixels, text_of, web, whole};
use super::{alone, plan};
use crate::html;
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use jiff::Timestamp;
use serde_json::Value;

/// Pictures of one post; Weibo allows eighteen.
const MAX_PICTURES: usize = 40;

/// The post, where it is this one: it has a number and a code, and was asked for by one of them.
pub(super) fn read(post: &PostRef, data: &Value) -> Option<Post> {
    let asked = plan::code(post);
    let names = ["id", "mid", "idstr", "bid", "mblogid"].map(|name| &data[name]);
    let is_own =
        names.iter().any(|name| name.as_str() == Some(asked) || whole(name).is_some_and(|n| n.to_string() == asked));
    if is_own { stated(post, data, 0) } else { None }
}

fn stated(post: &PostRef, data: &Value, depth: usize) -> Option<Post> {
    let who = &data["user"];
    let id = whole(&who["id"]).map(|id| id.to_string()).or_else(|| text_of(&who["idstr"]));
    let author = Author {
        handle: id.clone().or_else(|| post.author.clone()).unwrap_or_default(),
        name: text_of(&who["screen_name"]),
        url: id.as_ref().map(|id| format!("https://weibo.com/u/{id}")),
        avatar: ["avatar_hd", "avatar_large", "profile_image_url"].iter().find_map(|name| web(who[*name].as_str()?)),
        id,
    };
    let long = text_of(&data["longText"]["longTextContent"]).or_else(|| text_of(&data["longText"]["content"]));
    let is_cut = data["isLongText"] == true && long.is_none();
    let markup = long.or_else(|| text_of(&data["text"])).or_else(|| text_of(&data["text_raw"])).unwrap_or_default();
    let mut found = Post::new(post.clone(), author, words(&markup));
    found.truncated = is_cut;
    found.text_html = Some(markup).filter(|markup| markup.contains('<'));
    found.published = text_of(&data["created_at"]).and_then(|text| posted(&text));
    found.media = files(data);
    found.card = card(&data["page_info"]).filter(|_| found.media.iter().all(|file| file.kind != MediaKind::Video));
    for (name, field) in [("likes", "attitudes_count"), ("replies", "comments_count"), ("reposts", "reposts_count")] {
        found.counts.extend(whole(&data[field]).map(|n| (name.to_owned(), n)));
    }
    let origin = &data["retweeted_status"];
    if depth == 0 && origin.is_object() {
        let name = text_of(&origin["bid"])
            .or_else(|| text_of(&origin["id"]))
            .or_else(|| whole(&origin["id"]).map(|n| n.to_string()));
        found.quoted = name
            .and_then(|name| alone(&name))
            .map(|post| Related { content: stated(&post, origin, 1).map(Box::new), post });
    }
    let nothing = found.text.is_empty() && found.media.is_empty();
    (!nothing).then_some(found)
}

/// The words without the links to "the full text"; pictures of emoji read as their names, as the site does for those
/// who can't see them.
fn words(markup: &str) -> String {
    let text = html::fragment_text(&markup.replace('\n', "<br>"));
    text.trim_end_matches("...全文").trim_end_matches("全文").trim().to_owned()
}

/// `Tue Mar 04 05:06:07 +0800 2025`.
fn posted(text: &str) -> Option<When> {
    let at = Timestamp::strptime("%a %b %d %H:%M:%S %z %Y", text).ok();
    at.map(When::Instant).or_else(|| When::parse(text))
}

fn files(data: &Value) -> Vec<Media> {
    let page = &data["page_info"];
    if page["type"] == "video" || page["media_info"].is_object() {
        let film = film(page);
        if !film.is_empty() {
            return film;
        }
    }
    let list = data["pics"].as_array().into_iter().flatten();
    let map = data["pic_infos"].as_object().into_iter().flatten().map(|(_, picture)| picture);
    list.chain(map).take(MAX_PICTURES).filter_map(picture).collect()
}

fn picture(picture: &Value) -> Option<Media> {
    let sizes = ["largest", "large", "original", "bmiddle"];
    let large = sizes.iter().map(|name| &picture[*name]).find(|size| size["url"].is_string());
    let url = large.map_or(&picture["url"], |size| &size["url"]);
    let mut media = Media::new(MediaKind::Image, web(url.as_str()?)?);
    if let Some(large) = large {
        let geo = if large["geo"].is_object() { &large["geo"] } else { large };
        (media.width_px, media.height_px) = (pixels(&geo["width"]), pixels(&geo["height"]));
    }
    media.fallbacks.extend(web(picture["url"].as_str().unwrap_or_default()).filter(|url| *url != media.url));
    Some(media)
}

fn film(page: &Value) -> Vec<Media> {
    let info = &page["media_info"];
    let named = ["mp4_1080p_mp4", "mp4_720p_mp4", "mp4_hd_mp4", "mp4_ld_mp4"].map(|name| &page["urls"][name]);
    let older = ["mp4_720p_mp4", "stream_url_hd", "mp4_hd_url", "mp4_sd_url", "stream_url"].map(|name| &info[name]);
    let mut urls: Vec<String> = Vec::new();
    for url in named.iter().chain(&older).filter_map(|url| web(url.as_str()?)) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    let mut urls = urls.into_iter();
    let Some(url) = urls.next() else { return Vec::new() };
    let mut film = Media { fallbacks: urls.collect(), ..Media::new(MediaKind::Video, url) };
    film.duration_ms = info["duration"].as_f64().filter(|s| (0.1..1e6).contains(s)).map(|s| (s * 1000.0) as u64);
    let still = web(page["page_pic"]["url"].as_str().or_else(|| page["page_pic"].as_str()).unwrap_or_default());
    [Some(film), still.map(|url| Media::new(MediaKind::Poster, url))].into_iter().flatten().collect()
}

fn card(page: &Value) -> Option<Card> {
    Some(Card {
        url: web(page["page_url"].as_str()?)?,
        title: text_of(&page["page_title"]),
        description: text_of(&page["content1"]),
        image: web(page["page_pic"]["url"].as_str().unwrap_or_default()),
        site: None,
    })
}

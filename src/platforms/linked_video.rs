//! A film as a page's linked data describes it (schema.org's `VideoObject`), which most video sites have for search
//! engines.

use super::page_parts::{duration_ms, interactions, is_a, linked_url, pixels, text_of, web};
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use serde_json::Value;

/// The film of a page's objects as a post: its title stands for its words, its description follows.
pub(super) fn read(post: &PostRef, objects: &[Value]) -> Option<Post> {
    let object = objects.iter().find(|object| is_a(object, &["VideoObject", "AudioObject"]))?;
    let title = text_of(&object["name"]);
    let description = text_of(&object["description"]).filter(|description| title.as_ref() != Some(description));
    let text = [title, description].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let text = crate::html::fragment_text(&crate::html::escape(&text).replace("&amp;", "&").replace('\n', "<br>"));
    if text.is_empty() {
        return None;
    }
    let who = [&object["author"], &object["creator"]].into_iter().map(|who| if who.is_array() { &who[0] } else { who });
    let who = who.into_iter().find(|who| who.is_object()).unwrap_or(&Value::Null);
    let author = Author {
        handle: String::new(),
        id: None,
        name: text_of(&who["name"]),
        url: who["url"].as_str().and_then(web),
        avatar: linked_url(&who["image"]),
    };
    let mut found = Post::new(post.clone(), author, text);
    let dates = [&object["uploadDate"], &object["datePublished"], &object["dateCreated"]];
    found.published = dates.into_iter().find_map(|date| When::parse(date.as_str()?));
    found.lang = text_of(&object["inLanguage"]);
    found.sensitive = object["isFamilyFriendly"] == false || object["isFamilyFriendly"] == "false";
    found.media = files(object);
    found.counts = interactions(&object["interactionStatistic"]);
    Some(found)
}

/// The film where its file is named, with its still; else the still, which then bears the duration.
fn files(object: &Value) -> Vec<Media> {
    let still = linked_url(&object["thumbnailUrl"]).or_else(|| linked_url(&object["thumbnail"]));
    let lasts = object["duration"].as_str().and_then(duration_ms);
    match linked_url(&object["contentUrl"]) {
        Some(url) => {
            let kind = if is_a(object, &["AudioObject"]) { MediaKind::Audio } else { MediaKind::Video };
            let mut film = Media::new(kind, url);
            (film.width_px, film.height_px) = (pixels(&object["width"]), pixels(&object["height"]));
            film.duration_ms = lasts;
            [Some(film), still.map(|url| Media::new(MediaKind::Poster, url))].into_iter().flatten().collect()
        }
        None => {
            still.map(|url| Media { duration_ms: lasts, ..Media::new(MediaKind::Image, url) }).into_iter().collect()
        }
    }
}

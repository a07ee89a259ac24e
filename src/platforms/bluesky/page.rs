//! The meta tags of a post's page on bsky.app, which hold the whole text.
//!
//! Shapes: social-app's page template (`bskyweb/templates/post.html`, stored version of 2026) and a recorded page.

use super::{plan::is_anothers, view::named};
use crate::{
    html,
    http::Response,
    model::{Author, Media, MediaKind, Outcome, Post, PostRef, When, Withheld},
    platforms::meta_tags::{MetaTags, name_and_handle},
};

/// What the page puts in place of a quote or a picture that the tags can't show.
const EMBED_NOTE: &str = "[contains quote post or other embedded content]";

/// The page's words where the author shows posts to people who are signed in only.
const MEMBERS_ONLY: &str = "visible only to people who are signed in";

/// The post as the tags of its page tell it; None where they tell of none.
pub(super) fn read(asked: &PostRef, response: &Response) -> Option<Outcome> {
    let meta = MetaTags::read(&html::parse(&response.text()));
    let handle = meta.get(&["profile:username"])?.to_owned();
    let description = meta.get(&["og:description"]).unwrap_or_default();
    if description.contains(MEMBERS_ONLY) {
        return Some(Outcome::Withheld(Withheld::LoginRequired));
    }
    let published =
        meta.labelled("Posted At").or_else(|| meta.get(&["article:published_time"])).and_then(When::parse)?;
    let post = meta.alternates().find_map(named).unwrap_or_else(|| asked.clone());
    if is_anothers(asked, &post) {
        return None;
    }
    let (name, _) = name_and_handle(meta.get(&["og:title"]).unwrap_or_default());
    let author = Author {
        id: post.id.split('/').next().filter(|actor| actor.starts_with("did:")).map(str::to_owned),
        url: Some(format!("https://bsky.app/profile/{handle}")),
        name,
        avatar: meta.get(&["og:image"]).filter(|url| url.contains("/img/avatar")).map(str::to_owned),
        handle: handle.clone(),
    };
    let shortened = description.contains(EMBED_NOTE);
    let text = description.replace(EMBED_NOTE, "").trim().to_owned();
    let mut read = Post::new(PostRef { author: Some(handle), ..post }, author, text);
    // The note stands for a quote that the tags don't name: the post is more than its text here.
    read.truncated = shortened;
    read.published = Some(published);
    read.media = media(&meta);
    for (name, label) in [("likes", "Likes"), ("replies", "Replies"), ("reposts", "Reposts")] {
        if let Some(count) = meta.labelled(label).and_then(|value| value.parse().ok()) {
            read.counts.insert(name.to_owned(), count);
        }
    }
    Some(Outcome::Found(Box::new(read)))
}

/// Pictures of the post, the largest form first; the author's picture stands in where there is none. With a video,
/// the pictures are its poster.
fn media(meta: &MetaTags) -> Vec<Media> {
    let video = meta.get(&["og:video"]).map(|url| Media::new(MediaKind::Video, url));
    let kind = if video.is_some() { MediaKind::Poster } else { MediaKind::Image };
    let pictures = meta.all("og:image").filter(|url| !url.contains("/img/avatar")).map(|url| {
        let large = url.replace("/img/feed_thumbnail/", "/img/feed_fullsize/");
        let fallbacks = if large == url { Vec::new() } else { vec![url.to_owned()] };
        Media { fallbacks, ..Media::new(kind, large) }
    });
    video.into_iter().chain(pictures).collect()
}

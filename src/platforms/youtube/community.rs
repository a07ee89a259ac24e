//! Community posts of channels: no API without a key; the post's page holds it as `backstagePostRenderer` (public
//! code of 2021 to 2026 agrees on the fields; no recording). The day is only given as "2 days ago", so it is left out.

use super::super::{Drift, Step, failure, oembed, page_state};
use super::{plan, urls, watch::spoken};
use crate::http::{Exchange, Response};
use crate::model::{Author, Media, MediaKind, Outcome, Poll, PollOption, Post, PostRef, Related, Via};
use serde_json::Value;

const ROUTE: &str = "community page";
/// Pictures of one post; YouTube allows ten.
const MAX_IMAGES: usize = 20;

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let Some(exchange) = exchanges.first() else {
        return Ok(Step::Fetch(plan::page(&post.url)));
    };
    match exchange.response() {
        Some(answer) if answer.is_success() => {
            let found = read(post, answer)?;
            Ok(Step::Done(Outcome::Found(Box::new(found)), Via::PageMeta))
        }
        _ => Ok(Step::Done(Outcome::Failed(failure(exchange)), Via::PageMeta)),
    }
}

fn read(post: &PostRef, answer: &Response) -> Result<Post, Drift> {
    let text = answer.text();
    let id = post.id.strip_prefix(urls::COMMUNITY).unwrap_or(&post.id);
    let shown = page_state::values_named(&text, "backstagePostRenderer").find(|shown| shown["postId"] == id);
    let shown = shown.ok_or_else(|| Drift::new(ROUTE, "no backstagePostRenderer of this post"))?;
    let name = spoken(&shown["authorText"]).ok_or_else(|| Drift::new(ROUTE, "no authorText"))?;
    let browse = &shown["authorEndpoint"]["browseEndpoint"];
    let profile = browse["canonicalBaseUrl"].as_str();
    let author = Author {
        id: browse["browseId"].as_str().map(str::to_owned),
        handle: profile.and_then(oembed::handle_in).unwrap_or_default(),
        name: Some(name),
        url: profile.map(|path| format!("https://www.youtube.com{path}")),
        avatar: largest(&shown["authorThumbnail"]),
    };
    let mut found = Post::new(post.clone(), author, spoken(&shown["contentText"]).unwrap_or_default());
    attach(&mut found, &shown["backstageAttachment"]);
    if found.text.is_empty() && found.media.is_empty() && found.poll.is_none() && found.quoted.is_none() {
        return Err(Drift::new(ROUTE, "neither words nor anything attached"));
    }
    Ok(found)
}

fn attach(found: &mut Post, attached: &Value) {
    let many = attached["postMultiImageRenderer"]["images"].as_array();
    let images = many.into_iter().flatten().take(MAX_IMAGES).chain([attached]);
    for image in images.filter_map(|image| largest(&image["backstageImageRenderer"]["image"])) {
        found.media.push(Media::new(MediaKind::Image, image));
    }
    if let Some(video) = attached["videoRenderer"]["videoId"].as_str().and_then(urls::video) {
        found.quoted = Some(Related { post: video, content: None });
    }
    let choices = attached["pollRenderer"]["choices"].as_array();
    let options: Vec<_> = choices
        .into_iter()
        .flatten()
        .take(MAX_IMAGES)
        .filter_map(|choice| Some(PollOption { label: spoken(&choice["text"])?, votes: None }))
        .collect();
    if !options.is_empty() {
        found.poll = Some(Poll { options, ..Poll::default() });
    }
}

/// The widest of `thumbnails`, with a scheme.
fn largest(image: &Value) -> Option<String> {
    let sizes = image["thumbnails"].as_array()?;
    let widest = sizes.iter().max_by_key(|size| size["width"].as_u64().unwrap_or_default())?;
    let url = widest["url"].as_str()?;
    Some(url.strip_prefix("//").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}")))
}

//! Reads `thread_items`: the list in which a page's scripts state a post, after those that it answers (public readers,
//! 2023 to 2026). An item is Instagram's, with a part of its own: `text_post_app_info`.

use super::super::page_parts::{text_of, web, whole};
use super::super::{instagram, page_state};
use super::post as post_named;
use crate::model::{Card, Media, MediaKind, Post, PostRef, Related, Thread};
use serde_json::Value;
use url::Url;

/// Lists of a page that are looked at: the post's own, and those of answers.
const MAX_LISTS: usize = 60;

/// The post, where one of the page's lists holds it.
pub(super) fn read(post: &PostRef, text: &str) -> Option<Post> {
    page_state::values_named(text, "thread_items").take(MAX_LISTS).find_map(|items| {
        let items = items.as_array()?;
        let at = items.iter().position(|item| item["post"]["code"] == post.id.as_str())?;
        let mut found = of_item(post, &items.get(at)?["post"], 0)?;
        // The item before it is what it answers, unless the thread goes on by the same hand: that is an answer too.
        let before = at.checked_sub(1).and_then(|at| items.get(at)).map(|item| &item["post"]);
        found.reply_to = before.and_then(|before| related(before, 0));
        found.thread = thread(items, at);
        Some(found)
    })
}

fn of_item(post: &PostRef, item: &Value, depth: usize) -> Option<Post> {
    let mut found = instagram::media_item(post, item)?;
    found.author.url = Some(format!("https://www.threads.com/@{}", found.author.handle));
    let app = &item["text_post_app_info"];
    for (name, field) in [("replies", "direct_reply_count"), ("reposts", "repost_count"), ("quotes", "quote_count")] {
        found.counts.extend(whole(&app[field]).map(|n| (name.to_owned(), n)));
    }
    found.sensitive |= item["media_overlay_info"].is_object() || app["is_spoiler_media"] == true;
    let gif = web(item["giphy_media_info"]["images"]["fixed_height"]["url"].as_str().unwrap_or_default());
    found.media.extend(gif.map(|url| Media::new(MediaKind::Image, url)));
    let sound = web(item["audio"]["audio_src"].as_str().unwrap_or_default());
    found.media.extend(sound.map(|url| Media::new(MediaKind::Audio, url)));
    found.card = card(&app["link_preview_attachment"]);
    if depth == 0 {
        let share = &app["share_info"];
        let quoted = [&share["quoted_post"], &share["reposted_post"], &share["quoted_attachment_post"]];
        found.quoted = quoted.into_iter().find_map(|quoted| related(quoted, 1));
    }
    Some(found)
}

/// The place among several that the page lists as one thread.
fn thread(items: &[Value], at: usize) -> Option<Thread> {
    let first = &items.first().filter(|_| items.len() > 1)?["post"];
    let first = post_named(first["code"].as_str()?, first["user"]["username"].as_str())?;
    Some(Thread { first, position: u32::try_from(at + 1).ok() })
}

fn related(item: &Value, depth: usize) -> Option<Related> {
    let post = post_named(item["code"].as_str()?, item["user"]["username"].as_str())?;
    Some(Related { content: of_item(&post, item, depth.max(1)).map(Box::new), post })
}

/// The link's preview; its address goes by way of `l.threads.com`.
fn card(preview: &Value) -> Option<Card> {
    let url = Url::parse(preview["url"].as_str()?).ok()?;
    let target = url.query_pairs().find(|(name, _)| name == "u").map(|(_, target)| target.into_owned());
    let is_way = url.host_str().is_some_and(|host| host.starts_with("l.threads."));
    Some(Card {
        url: target.filter(|_| is_way).and_then(|target| web(&target)).unwrap_or_else(|| url.to_string()),
        title: text_of(&preview["title"]),
        description: None,
        image: web(preview["image_url"].as_str().unwrap_or_default()),
        site: text_of(&preview["display_url"]),
    })
}

//! Reads pages: the state of the site's own page (posts built of blocks, by the interface's documentation of 2019 to
//! 2026), and the tags and linked data that the blog's page has under any theme (recorded 2024).

use super::super::address::named;
use super::super::meta_tags::MetaTags;
use super::super::page_parts::{self, is_a, linked_url, pixels, text_of, web, whole};
use super::super::page_state;
use super::PLATFORM;
use crate::html;
use crate::model::{Author, Card, Media, MediaKind, Poll, PollOption, Post, PostRef, Related, When};
use jiff::Timestamp;
use scraper::Html;
use serde_json::Value;

/// Values of the state that are looked at.
const MAX_VALUES: usize = 200_000;
/// Blocks of one post.
const MAX_BLOCKS: usize = 200;

/// The post as the site's page states it.
pub(super) fn stated(post: &PostRef, text: &str) -> Option<Post> {
    let markers = ["window['___INITIAL_STATE___'] =", "window[\"___INITIAL_STATE___\"] =", "\"___INITIAL_STATE___\">"];
    let state = markers.into_iter().find_map(|marker| page_state::value_after(text, marker))?;
    let own = find(&state, post)?;
    let blog = if own["blog"].is_object() { &own["blog"] } else { &Value::Null };
    let handle = text_of(&own["blogName"]).or_else(|| text_of(&blog["name"])).or_else(|| post.author.clone())?;
    let author = Author {
        id: text_of(&blog["uuid"]),
        url: Some(format!("https://www.tumblr.com/{handle}")),
        name: text_of(&blog["title"]),
        avatar: blog["avatar"].as_array().and_then(|sizes| web(sizes.first()?["url"].as_str()?)),
        handle,
    };
    let mut found = Post::new(post.clone(), author, String::new());
    // What is passed on stands before what is added to it.
    let trail = own["trail"].as_array().into_iter().flatten().take(MAX_BLOCKS);
    let blocks = trail.flat_map(|part| part["content"].as_array()).chain(own["content"].as_array());
    for block in blocks.flatten().take(MAX_BLOCKS) {
        add(&mut found, block);
    }
    found.text = found.text.trim().to_owned();
    let at = whole(&own["timestamp"]).and_then(|at| i64::try_from(at).ok());
    found.published = at.and_then(|at| Timestamp::from_second(at).ok()).map(When::Instant);
    for (name, field) in
        [("likes", "likeCount"), ("reposts", "reblogCount"), ("replies", "replyCount"), ("notes", "noteCount")]
    {
        found.counts.extend(whole(&own[field]).map(|n| (name.to_owned(), n)));
    }
    let root = ["rebloggedRootUrl", "rebloggedFromUrl"].iter().find_map(|name| named(PLATFORM, own[*name].as_str()?));
    found.quoted = root.map(|post| Related { post, content: None });
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none();
    (!nothing).then_some(found)
}

fn find<'a>(state: &'a Value, post: &PostRef) -> Option<&'a Value> {
    let mut waiting = std::collections::VecDeque::from([state]);
    let mut seen = 0_usize;
    while let Some(value) = waiting.pop_front().filter(|_| seen < MAX_VALUES) {
        seen += 1;
        match value {
            Value::Array(values) => waiting.extend(values),
            Value::Object(fields) => {
                let id = fields.get("id").or_else(|| fields.get("idString")).unwrap_or(&Value::Null);
                let is_own = id.as_str() == Some(&post.id) || whole(id).is_some_and(|id| id.to_string() == post.id);
                if is_own && fields.get("content").is_some_and(Value::is_array) {
                    return Some(value);
                }
                waiting.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    None
}

/// One block of a post: words, a picture, a film, sound, a link, a poll.
fn add(found: &mut Post, block: &Value) {
    let media = || {
        let list = &block["media"];
        let first = if list.is_array() { &list[0] } else { list };
        Some((web(first["url"].as_str()?)?, pixels(&first["width"]), pixels(&first["height"])))
    };
    let kind = match block["type"].as_str() {
        Some("text") => {
            let separator = if found.text.is_empty() { "" } else { "\n\n" };
            found.text.push_str(separator);
            found.text.push_str(block["text"].as_str().unwrap_or_default());
            return;
        }
        Some("link") => {
            found.card = found.card.take().or_else(|| {
                Some(Card {
                    url: web(block["url"].as_str()?)?,
                    title: text_of(&block["title"]),
                    description: text_of(&block["description"]),
                    image: web(block["poster"][0]["url"].as_str().unwrap_or_default()),
                    site: text_of(&block["siteName"]),
                })
            });
            return;
        }
        Some("poll") => {
            let labels = block["answers"].as_array().into_iter().flatten().take(32);
            let options = labels.filter_map(|answer| {
                Some(PollOption {
                    label: text_of(&answer["answerText"]).or_else(|| text_of(&answer["answer_text"]))?,
                    votes: None,
                })
            });
            found.poll = Some(Poll { options: options.collect(), ..Poll::default() });
            found.text.push_str(block["question"].as_str().unwrap_or_default());
            return;
        }
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("audio") => MediaKind::Audio,
        _ => return,
    };
    if let Some((url, width_px, height_px)) = media() {
        let alt =
            text_of(&block["altText"]).or_else(|| text_of(&block["alt_text"])).or_else(|| text_of(&block["title"]));
        found.media.push(Media { width_px, height_px, alt, ..Media::new(kind, url) });
    }
    let still = block["poster"][0]["url"].as_str().filter(|_| kind == MediaKind::Video).and_then(web);
    found.media.extend(still.map(|url| Media::new(MediaKind::Poster, url)));
}

/// The post as far as a page's tags tell of it.
pub(super) fn tagged(post: &PostRef, page: &Html) -> Option<Post> {
    let tags = MetaTags::read(page);
    let canonical = page_parts::first(page, "link[rel='canonical'][href]").and_then(|link| html::attr(link, "href"));
    let names = |address: &str| {
        named(PLATFORM, address).is_some_and(|own| own.id == post.id)
            || address.contains(&format!("/{}", post.id)) && !address.contains("tumblr.com")
    };
    [tags.get(&["og:url"]), canonical, tags.get(&["twitter:url"])].into_iter().flatten().find(|url| names(url))?;
    let linked = page_parts::linked_data(page);
    let data = linked.iter().find(|object| is_a(object, &["SocialMediaPosting", "BlogPosting", "Article"]));
    let data = data.unwrap_or(&Value::Null);
    let title = tags.get(&["og:title"]);
    let words = tags.get(&["og:description"]).map(str::to_owned).or_else(|| text_of(&data["articleBody"]));
    let handle = post.author.clone().or_else(|| text_of(&data["author"]));
    // Without words the title is all that it says of itself.
    let text = words.or_else(|| title.map(str::to_owned)).or_else(|| text_of(&data["headline"]))?;
    let author = Author {
        url: handle.as_ref().map(|handle| format!("https://www.tumblr.com/{handle}")),
        handle: handle.unwrap_or_default(),
        ..Author::default()
    };
    let mut found = Post::new(post.clone(), author, text);
    found.truncated = found.text.ends_with('…');
    found.published = data["datePublished"].as_str().and_then(When::parse);
    let size = |name: &str| tags.get(&[name]).and_then(|size| size.parse().ok());
    let mut pictures: Vec<String> = tags.all("og:image").filter_map(web).take(30).collect();
    pictures.extend(linked_url(&data["image"]));
    let list = data["image"]["@list"].as_array().into_iter().flatten().take(30);
    pictures.extend(list.filter_map(linked_url));
    let mut seen = std::collections::HashSet::new();
    // A post without a picture has the blog's.
    pictures.retain(|url| !url.contains("/avatar_") && seen.insert(url.clone()));
    let film = tags.get(&["og:video:secure_url", "og:video"]).filter(|url| url.contains(".mp4")).and_then(web);
    if let Some(film) = film {
        found.media.push(Media::new(MediaKind::Video, film));
        found.media.extend(pictures.into_iter().take(1).map(|url| Media::new(MediaKind::Poster, url)));
    } else {
        let only = pictures.len() == 1;
        found.media.extend(pictures.into_iter().map(|url| {
            let (width_px, height_px) =
                if only { (size("og:image:width"), size("og:image:height")) } else { (None, None) };
            Media { width_px, height_px, ..Media::new(MediaKind::Image, url) }
        }));
    }
    Some(found)
}

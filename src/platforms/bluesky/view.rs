//! Reads post views, the shape in which every answer of Bluesky's API shows a post, its media and what it quotes.
//!
//! Shapes: lexicons `app.bsky.feed.defs`, `app.bsky.embed.*` (atproto, 2026-08), and recorded answers.

use super::{
    facets,
    urls::{COLLECTION, post_ref},
};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, Thread, When};
use serde_json::Value;

/// A post quotes a post that quotes a post; deeper levels are left to their own captures.
const MAX_QUOTE_DEPTH: u8 = 2;

/// A gallery has up to 20 pictures (lexicon `app.bsky.embed.gallery`, 2026).
const MAX_MEDIA: usize = 40;

/// Labels under which Bluesky covers a post's media or the post.
const SENSITIVE: [&str; 8] =
    ["porn", "sexual", "nudity", "graphic-media", "gore", "sexual-figurative", "self-harm", "!warn"];

/// The author's own wish that only people who are signed in see the posts.
const MEMBERS_ONLY: &str = "!no-unauthenticated";

/// A post view as read.
pub(super) enum View {
    /// The post.
    Post(Box<Post>),
    /// Its author shows posts to people who are signed in only; the answer holds it nevertheless.
    MembersOnly(PostRef),
}

impl View {
    fn related(self) -> Related {
        match self {
            Self::Post(post) => Related { post: post.post.clone(), content: Some(post) },
            Self::MembersOnly(post) => Related { post, content: None },
        }
    }
}

/// Reads a `postView` or the `viewRecord` of a quote. None where uri, author or record are missing.
pub(super) fn read(view: &Value) -> Option<View> {
    read_at(view, 0)
}

fn read_at(view: &Value, depth: u8) -> Option<View> {
    let post = named(view["uri"].as_str()?)?;
    if has_label(&view["author"]["labels"], |label| label == MEMBERS_ONLY) {
        return Some(View::MembersOnly(post));
    }
    // A quoted post carries its record as `value` and its embed in a list.
    let record = [&view["record"], &view["value"]].into_iter().find(|record| record.is_object())?;
    let embed = [&view["embed"], &view["embeds"][0]].into_iter().find(|embed| embed.is_object());
    let author = read_author(&view["author"])?;
    let post = PostRef { author: Some(author.handle.clone()).filter(|handle| !handle.is_empty()), ..post };
    let words = record["text"].as_str().unwrap_or_default();
    let (text, html) = facets::expand(words, &record["facets"]);
    let mut read = Post::new(post, author, text);
    read.text_html = Some(html).filter(|_| !words.is_empty());
    read.published = published(record, view);
    read.lang = record["langs"][0].as_str().map(str::to_owned);
    read.sensitive = has_label(&view["labels"], |label| SENSITIVE.contains(&label))
        || has_label(&record["labels"]["values"], |label| SENSITIVE.contains(&label));
    for (name, field) in
        [("likes", "likeCount"), ("replies", "replyCount"), ("reposts", "repostCount"), ("quotes", "quoteCount")]
    {
        if let Some(count) = view[field].as_u64() {
            read.counts.insert(name.to_owned(), count);
        }
    }
    read.reply_to =
        record["reply"]["parent"]["uri"].as_str().and_then(named).map(|post| Related { post, content: None });
    // The thread's first post is named in every answer to it, without its place among them.
    let root = record["reply"]["root"]["uri"].as_str().and_then(named);
    read.thread = root.map(|first| Thread { first, position: None });
    if let Some(embed) = embed {
        read_embed(embed, &mut read, depth);
    }
    Some(View::Post(Box::new(read)))
}

/// The post that an answer names in place of a post that it does not show (`notFoundPost`, `blockedPost`, `view…`).
pub(super) fn named(uri: &str) -> Option<PostRef> {
    let (actor, rest) = uri.strip_prefix("at://")?.split_once('/')?;
    let (collection, rkey) = rest.split_once('/')?;
    (collection == COLLECTION).then(|| post_ref(actor, rkey))?
}

/// The post that `parent` of a thread stands for, with its content if it is shown.
pub(super) fn read_parent(parent: &Value) -> Option<Related> {
    if let Some(view) = read(&parent["post"]) {
        return Some(view.related());
    }
    named(parent["uri"].as_str()?).map(|post| Related { post, content: None })
}

fn read_author(author: &Value) -> Option<Author> {
    let did = author["did"].as_str()?;
    // A handle that no longer points back to the account is shown as `handle.invalid`.
    let handle = author["handle"].as_str().filter(|handle| *handle != "handle.invalid").unwrap_or_default();
    let text = |name: &str| author[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let page = if handle.is_empty() { did } else { handle };
    Some(Author {
        id: Some(did.to_owned()),
        handle: handle.to_owned(),
        name: text("displayName"),
        url: Some(format!("https://bsky.app/profile/{page}")),
        avatar: text("avatar"),
    })
}

/// The time that Bluesky shows: the earlier of what the client claims and when it was first seen.
fn published(record: &Value, view: &Value) -> Option<When> {
    let at = |value: &Value| match When::parse(value.as_str()?)? {
        When::Instant(at) => Some(at),
        When::Day(_) => None,
    };
    [at(&record["createdAt"]), at(&view["indexedAt"])].into_iter().flatten().min().map(When::Instant)
}

fn has_label(labels: &Value, wanted: impl Fn(&str) -> bool) -> bool {
    let current = |label: &Value| label["neg"].as_bool() != Some(true) && label["val"].as_str().is_some_and(&wanted);
    labels.as_array().is_some_and(|labels| labels.iter().any(current))
}

/// Adds what an embed view shows to the post.
fn read_embed(embed: &Value, post: &mut Post, depth: u8) {
    match kind(embed) {
        "app.bsky.embed.recordWithMedia#view" => {
            read_media(&embed["media"], post);
            read_record(&embed["record"]["record"], post, depth);
        }
        "app.bsky.embed.record#view" => read_record(&embed["record"], post, depth),
        _ => read_media(embed, post),
    }
}

fn read_media(embed: &Value, post: &mut Post) {
    match kind(embed) {
        "app.bsky.embed.images#view" => post.media.extend(list(&embed["images"]).filter_map(image)),
        "app.bsky.embed.gallery#view" => post.media.extend(list(&embed["items"]).filter_map(image)),
        "app.bsky.embed.video#view" => post.media.extend(video(embed)),
        "app.bsky.embed.external#view" => post.card = card(&embed["external"]),
        _ => {}
    }
}

fn kind(value: &Value) -> &str {
    value["$type"].as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten().take(MAX_MEDIA)
}

fn image(item: &Value) -> Option<Media> {
    let url = item["fullsize"].as_str()?;
    let thumb = item["thumb"].as_str().or_else(|| item["thumbnail"].as_str());
    let fallbacks = thumb.filter(|thumb| *thumb != url).map(str::to_owned).into_iter().collect();
    Some(Media { fallbacks, ..shown(MediaKind::Image, url, item) })
}

fn video(embed: &Value) -> impl Iterator<Item = Media> {
    let playlist = embed["playlist"].as_str().map(|url| shown(MediaKind::Video, url, embed));
    let poster = embed["thumbnail"].as_str().map(|url| Media::new(MediaKind::Poster, url));
    playlist.into_iter().chain(poster)
}

/// A file with its description and its size; the lexicon's aspect ratio is the size in pixels where apps know it, and
/// a mere ratio (16 by 9) is not taken for one.
fn shown(kind: MediaKind, url: &str, item: &Value) -> Media {
    const SMALLEST_PX: u64 = 32;
    let side = |name: &str| item["aspectRatio"][name].as_u64();
    let size = side("width").zip(side("height")).filter(|(width, height)| *width.max(height) >= SMALLEST_PX);
    Media {
        alt: item["alt"].as_str().filter(|alt| !alt.trim().is_empty()).map(str::to_owned),
        width_px: size.and_then(|(width, _)| width.try_into().ok()),
        height_px: size.and_then(|(_, height)| height.try_into().ok()),
        ..Media::new(kind, url)
    }
}

fn card(external: &Value) -> Option<Card> {
    let text = |name: &str| external[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Card {
        url: text("uri")?,
        title: text("title"),
        description: text("description"),
        image: text("thumb"),
        site: None,
    })
}

/// A quoted record: a post (shown, or named where it is gone, blocked or cut loose by its author), or a feed, list or
/// starter pack, which a reader sees as a card.
fn read_record(record: &Value, post: &mut Post, depth: u8) {
    let Some(uri) = record["uri"].as_str() else { return };
    if let Some(quoted) = named(uri) {
        let content = (depth < MAX_QUOTE_DEPTH).then(|| read_at(record, depth + 1)).flatten();
        post.quoted = Some(content.map_or(Related { post: quoted, content: None }, View::related));
    } else {
        post.card = post.card.take().or_else(|| record_card(uri, record));
    }
}

fn record_card(uri: &str, record: &Value) -> Option<Card> {
    let mut parts = uri.strip_prefix("at://")?.splitn(3, '/');
    let (actor, collection, rkey) = (parts.next()?, parts.next()?, parts.next()?);
    let path = match collection {
        "app.bsky.feed.generator" => format!("profile/{actor}/feed/{rkey}"),
        "app.bsky.graph.list" => format!("profile/{actor}/lists/{rkey}"),
        "app.bsky.graph.starterpack" => format!("starter-pack/{actor}/{rkey}"),
        "app.bsky.labeler.service" => format!("profile/{actor}"),
        _ => return None,
    };
    let first = |values: [&Value; 3]| {
        values.into_iter().find_map(|value| value.as_str().filter(|text| !text.is_empty())).map(str::to_owned)
    };
    let inner = &record["record"];
    Some(Card {
        url: format!("https://bsky.app/{path}"),
        title: first([&record["displayName"], &record["name"], &inner["name"]]),
        description: first([&record["description"], &inner["description"], &Value::Null]),
        image: first([&record["avatar"], &Value::Null, &Value::Null]),
        site: Some("Bluesky".to_owned()),
    })
}

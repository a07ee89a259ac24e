//! The plan: the post's page, then the page of the embed's frame. Both state the post in their scripts where they are
//! served whole; else the page has tags for link previews (public readers, 2024 to 2026; no recording).
//!
//! Meta's oEmbed is never asked: it tells only that a post exists, and its terms forbid keeping more.

use super::super::meta_tags::{MetaTags, name_and_handle};
use super::super::page_parts::{self, first, web};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, instagram};
use super::{item, named};
use crate::html;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use regex::Regex;
use std::sync::LazyLock;

const ROUTES: &[Route] = &[
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "embed page", via: Via::EmbedPage, ask: ask_embed, read: read_embed },
];

const RULES: &[Rule] = &[
    Rule {
        at: &[],
        status: &[],
        sign: Sign::Path("/login"),
        means: Means::LoginRequired,
        known: "pages of 2024 to 2026",
    },
    Rule {
        at: &["page"],
        status: &[],
        // A post that is not there leads to the start page, whose tags are the site's own.
        sign: Sign::Element(
            "meta[property='og:url'][content='https://www.threads.com/'], meta[property='og:url'][content='https://www.threads.net/']",
        ),
        means: Means::Unavailable,
        known: "pages of removed posts, 2025",
    },
];

/// `Ann Example (@ann.ex) on Threads`.
static ON_THREADS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^(.*\(@[\w.]{1,40}\)).{0,20}Threads\s*$").expect("the pattern is a constant"));

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn ask_embed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let user = post.author.as_deref()?;
    routes::page_at(&format!("https://www.threads.com/@{user}/post/{}/embed", post.id))
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    match item::read(post, &answer.text()) {
        Some(found) => Said::Whole(Box::new(found)),
        None => Said::part(tagged(post, &MetaTags::read(&routes::tree(answer))), "thread_items, or tags of the post"),
    }
}

fn read_embed(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "thread_items, or a text post's element";
    if let Some(found) = item::read(post, &answer.text()) {
        return Said::Whole(Box::new(found));
    }
    let page = routes::tree(answer);
    if first(&page, ".NotFound, .EmbedIsBroken").is_some() {
        return Said::Ends(Means::Unavailable);
    }
    Said::part(marked_up(post, &page), EXPECTED)
}

/// The post as its tags preview it. They must name it: the start page has tags too.
fn tagged(post: &PostRef, tags: &MetaTags) -> Option<Post> {
    let own = [tags.get(&["og:url"]), tags.get(&["al:android:url"])].into_iter().flatten().find_map(named)?;
    if own.id != post.id {
        return None;
    }
    let title = tags.get(&["og:title", "twitter:title"]).unwrap_or_default();
    let found = ON_THREADS.captures(title);
    let (name, handle) = found.map_or((None, None), |found| name_and_handle(&found[1]));
    let handle = handle.or(own.author).or_else(|| post.author.clone())?;
    let text = tags.get(&["og:description", "twitter:description", "description"]);
    let picture = tags.get(&["og:image"]).and_then(web);
    // Without a picture of its own the tag has the author's: small, and square.
    let is_avatar = tags.get(&["twitter:card"]) == Some("summary")
        || picture.as_deref().is_some_and(|url| url.contains("/t51.2885-19/") || url.contains("t51.82787-19"));
    let mut found = Post::new(post.clone(), author(handle, name), text.unwrap_or_default());
    found.published = instagram::posted_at(&post.id).map(When::Instant);
    found.truncated = found.text.ends_with('…');
    if let Some(film) = tags.get(&["og:video:secure_url", "og:video"]).and_then(web) {
        found.media.push(Media::new(MediaKind::Video, film));
        found.media.extend(picture.map(|url| Media::new(MediaKind::Poster, url)));
    } else if is_avatar {
        found.author.avatar = picture;
    } else {
        found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    }
    let nothing = found.text.is_empty() && found.media.is_empty();
    (!nothing).then_some(found)
}

/// The post as the frame draws it (public readers, 2024 and 2025).
fn marked_up(post: &PostRef, page: &scraper::Html) -> Option<Post> {
    let body = first(page, ".BodyTextContainer, .TextContentContainer, .SingleInnerContainer .BodyText")?;
    let handle = first(page, ".HeaderLink, .NameContainer a, .UsernameText").map(html::text);
    let handle = handle.map(|handle| handle.trim_start_matches('@').to_owned()).filter(|handle| !handle.is_empty());
    let handle = handle.or_else(|| post.author.clone())?;
    let mut found = Post::new(post.clone(), author(handle, None), html::text(body));
    found.text_html = Some(html::inner_html(body)).filter(|markup| markup.contains('<'));
    found.published = instagram::posted_at(&post.id).map(When::Instant);
    let files = page_parts::all_within(
        page.root_element(),
        ".MediaContainer video[src], .MediaContainer img[src], .MediaScrollImageContainer img[src], .SingleInnerMediaContainer img[src], .SingleInnerMediaContainer video[src]",
        40,
    );
    found.media.extend(files.into_iter().filter_map(|file| {
        let kind = if file.value().name() == "video" { MediaKind::Video } else { MediaKind::Image };
        let alt = html::attr(file, "alt").map(str::to_owned);
        Some(Media { alt, ..Media::new(kind, web(html::attr(file, "src")?)?) })
    }));
    let nothing = found.text.is_empty() && found.media.is_empty();
    (!nothing).then_some(found)
}

fn author(handle: String, name: Option<String>) -> Author {
    Author { url: Some(format!("https://www.threads.com/@{handle}")), handle, name, ..Author::default() }
}

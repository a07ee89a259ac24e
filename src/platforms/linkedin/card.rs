//! Reads the card in the frame of an embed: the whole text, pictures, counts (names of `data-test-id` by several public
//! readers, checked by them in 2026; no recording).

use super::super::address::{is_anothers, named};
use super::super::page_parts::{all_within, count, first, pixels, text_of, web, within, words};
use super::{PLATFORM, plan};
use crate::html::{self, attr, inner_html};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related};
use scraper::{ElementRef, Html};
use serde_json::Value;

const MAX_PICTURES: usize = 20;
const COMMENTARY: &str =
    "[data-test-id='main-feed-activity-embed-card__commentary'], .attributed-text-segment-list__content";
const AUTHOR: &str = "a[data-tracking-control-name$='feed-actor-name'], \
     [data-test-id='main-feed-activity-embed-card__entity-lockup'] a[href]";

/// The post of the page's card. Its number may be that of another kind of name; the frame was asked for by one.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    let card = first(page, "article[data-activity-urn], article[data-attributed-urn], [data-activity-urn]")
        .or_else(|| Some(page.root_element()))?;
    let urn = |name: &str| attr(card, name).map(|urn| format!("https://www.linkedin.com/feed/update/{urn}"));
    let urns: Vec<_> = ["data-activity-urn", "data-attributed-urn"].into_iter().filter_map(urn).collect();
    if is_anothers(post, urns.iter().map(String::as_str)) {
        return None;
    }
    let inner = all_within(card, "[data-test-id='feed-reshare-content'], .feed-reshare-content", 1);
    let is_shared =
        |element: &ElementRef<'_>| element.ancestors().any(|around| inner.iter().any(|of| of.id() == around.id()));
    let body = all_within(card, COMMENTARY, 8).into_iter().find(|body| !is_shared(body));
    let link =
        all_within(card, AUTHOR, 8).into_iter().find(|link| !is_shared(link) && !html::text(*link).is_empty())?;
    let mut found = Post::new(post.clone(), author(card, link)?, body.map(html::text).unwrap_or_default());
    found.text_html = body.map(inner_html).filter(|markup| markup.contains('<'));
    found.published = plan::posted_at(post);
    found.media =
        files(card).into_iter().filter(|(element, _)| !is_shared(element)).flat_map(|(_, files)| files).collect();
    found.card =
        within(card, "a[data-test-id='article-content'][href]").filter(|link| !is_shared(link)).and_then(linked);
    found.quoted = inner.first().and_then(|inner| shared(*inner));
    let likes = words(card, "[data-test-id='social-actions__reaction-count']").and_then(|words| count(&words));
    let replies = words(card, "[data-test-id='social-actions__comments']");
    let replies = replies.and_then(|words| count(words.split_whitespace().next()?));
    found.counts.extend(likes.map(|n| ("likes".to_owned(), n)));
    found.counts.extend(replies.map(|n| ("replies".to_owned(), n)));
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none() && found.quoted.is_none();
    (!nothing).then_some(found)
}

fn author(card: ElementRef<'_>, link: ElementRef<'_>) -> Option<Author> {
    let url = attr(link, "href").and_then(web)?;
    let url = url.split('?').next().unwrap_or_default().to_owned();
    let picture = within(
        card,
        "[data-test-id='main-feed-activity-embed-card__entity-lockup'] img, img[data-delayed-url*='profile-displayphoto'], img[data-delayed-url*='company-logo']",
    );
    let picture = picture.and_then(|picture| web(attr(picture, "data-delayed-url").or_else(|| attr(picture, "src"))?));
    Some(Author {
        id: None,
        handle: handle(&url).unwrap_or_default(),
        name: Some(html::text(link)).filter(|name| !name.is_empty()),
        url: Some(url),
        avatar: picture,
    })
}

/// `ann-example` of `/in/ann-example`, `/company/ann-example`.
pub(super) fn handle(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let parts: Vec<_> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["in" | "company" | "school" | "showcase", name, ..] => Some(name.to_owned()),
        _ => None,
    }
}

fn files(card: ElementRef<'_>) -> Vec<(ElementRef<'_>, Vec<Media>)> {
    const FILES: &str = "[data-test-id='feed-images-content'] img, [data-test-id='feed-images-content__list-item'] img, \
         video[data-sources], video[src]";
    let mut seen = std::collections::HashSet::new();
    let found = all_within(card, FILES, MAX_PICTURES).into_iter().map(|element| {
        let files =
            if element.value().name() == "video" { film(element) } else { picture(element).into_iter().collect() };
        (element, files)
    });
    found
        .map(|(element, files)| (element, files.into_iter().filter(|file| seen.insert(file.url.clone())).collect()))
        .collect()
}

fn picture(element: ElementRef<'_>) -> Option<Media> {
    let url = web(attr(element, "data-delayed-url").or_else(|| attr(element, "src"))?)?;
    Some(Media { alt: attr(element, "alt").map(str::to_owned), ..Media::new(MediaKind::Image, url) })
}

/// A film's sources are a list in an attribute, each with its bit rate.
fn film(element: ElementRef<'_>) -> Vec<Media> {
    let sources = attr(element, "data-sources").and_then(|sources| serde_json::from_str::<Value>(sources).ok());
    let sources = sources.as_ref().and_then(Value::as_array).into_iter().flatten().take(16);
    let mut urls: Vec<(u64, String)> = sources
        .filter_map(|source| {
            let rate = pixels(&source["data-bitrate"]).map_or(0, u64::from);
            Some((rate, web(&text_of(&source["src"])?)?))
        })
        .collect();
    urls.sort_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    let mut urls = urls.into_iter().map(|(_, url)| url).chain(attr(element, "src").and_then(web));
    let film = urls.next().map(|url| Media { fallbacks: urls.collect(), ..Media::new(MediaKind::Video, url) });
    let still = attr(element, "data-poster-url").or_else(|| attr(element, "poster")).and_then(web);
    film.into_iter().chain(still.map(|url| Media::new(MediaKind::Poster, url))).collect()
}

fn linked(link: ElementRef<'_>) -> Option<Card> {
    let url = web(attr(link, "href")?)?;
    let picture = within(link, "img");
    Some(Card {
        url,
        title: words(link, "[data-test-id='article-content__title'], h2, h3"),
        description: words(link, "[data-test-id='article-content__description']"),
        image: picture.and_then(|img| web(attr(img, "data-delayed-url").or_else(|| attr(img, "src"))?)),
        site: words(link, "[data-test-id='article-content__subtitle']"),
    })
}

/// The post that this one passes on.
fn shared(element: ElementRef<'_>) -> Option<Related> {
    let urn = attr(element, "data-activity-urn")
        .or_else(|| within(element, "[data-activity-urn]").and_then(|inner| attr(inner, "data-activity-urn")));
    let by_urn = urn.map(|urn| format!("https://www.linkedin.com/feed/update/{urn}/"));
    let by_link =
        || all_within(element, "a[href]", 16).into_iter().find_map(|link| named(PLATFORM, attr(link, "href")?));
    let post = by_urn.and_then(|address| named(PLATFORM, &address)).or_else(by_link)?;
    Some(Related { post, content: None })
}

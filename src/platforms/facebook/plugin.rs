//! Reads the page that fills the frame of an embed, `plugins/post.php` and `plugins/video.php`: drawn by the server,
//! with names of classes that change. What is sought has stayed the same since 2014 (public readers, to 2024): a link to
//! the post, `data-utime`, the words' element, the author's link with the name of the embed in it.

use super::super::page_parts::{all_within, first, web, within};
use super::{page, story, urls};
use crate::html::{self, attr, inner_html};
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use jiff::Timestamp;
use scraper::{ElementRef, Html};

/// Pictures that a post is shown with; the rest is a number on the last one.
const MAX_PICTURES: usize = 20;
/// Links of a page that are looked at.
const MAX_LINKS: usize = 200;
const WORDS: &str = "[data-testid='post_message'], .userContent, [data-ad-preview='message'], \
     [data-ad-comet-preview='message'], ._5pbx, ._5rgt";

/// The post, where the page shows this one.
pub(super) fn read(post: &PostRef, page: &Html, text: &str) -> Option<Post> {
    let root = page.root_element();
    if let Some(found) = story::read(post, page) {
        return Some(found);
    }
    let links = all_within(root, "a[href]", MAX_LINKS);
    let full = |link: &ElementRef<'_>| {
        let address = attr(*link, "href")?;
        Some(if address.starts_with('/') { format!("https://www.facebook.com{address}") } else { address.to_owned() })
    };
    let is_own = links.iter().filter_map(full).any(|address| urls::names(&address, post));
    let time = within(root, "abbr[data-utime], [data-utime]").and_then(|time| attr(time, "data-utime"));
    let body = first(page, WORDS);
    if !is_own || (body.is_none() && time.is_none()) {
        return None;
    }
    let author = author(post, &links)?;
    let mut found = Post::new(post.clone(), author, body.map(html::text).unwrap_or_default());
    found.text_html = body.map(inner_html).filter(|markup| markup.contains('<'));
    found.published = time.and_then(|time| Timestamp::from_second(time.parse().ok()?).ok()).map(When::Instant);
    let avatar = found.author.avatar.clone();
    let film = within(root, "video[src]").and_then(|film| web(attr(film, "src")?));
    let film = page::best_film(text, &post.id).or(film);
    let pictures = all_within(root, "img[src]", MAX_LINKS).into_iter().filter(|picture| is_content(*picture));
    let pictures = pictures.filter_map(|picture| {
        let url = web(attr(picture, "src")?).filter(|url| Some(url) != avatar.as_ref())?;
        Some(Media { alt: attr(picture, "alt").map(str::to_owned), ..Media::new(MediaKind::Image, url) })
    });
    match film {
        Some(film) => {
            found.media.push(Media::new(MediaKind::Video, film));
            let still = pictures.map(|still| Media { kind: MediaKind::Poster, ..still }).next();
            found.media.extend(still);
        }
        None => found.media.extend(pictures.take(MAX_PICTURES)),
    }
    let nothing = found.text.is_empty() && found.media.is_empty();
    (!nothing).then_some(found)
}

/// The link with the author's name; the first one has the picture alone.
fn author(post: &PostRef, links: &[ElementRef<'_>]) -> Option<Author> {
    let is_profile = |address: &str| {
        address.contains("ref=embed") || address.contains("ref=external") || address.contains("profile.php")
    };
    let own = links.iter().filter(|link| attr(**link, "href").is_some_and(is_profile));
    let own: Vec<_> = own.filter(|link| !attr(**link, "href").is_some_and(|url| urls::names(url, post))).collect();
    let named = own.iter().find(|link| !html::text(***link).is_empty())?;
    let url = web(attr(**named, "href")?)?;
    let url = url.split('?').next().filter(|_| !url.contains("profile.php")).unwrap_or(&url).to_owned();
    let picture = own.iter().find_map(|link| within(**link, "img[src]")).and_then(|img| web(attr(img, "src")?));
    Some(Author {
        id: None,
        handle: page::handle(&url).or_else(|| post.author.clone()).unwrap_or_default(),
        name: Some(html::text(**named)),
        url: Some(url),
        avatar: picture,
    })
}

/// Whether a picture is the post's and not the site's own: those come from other hosts, and are small.
fn is_content(picture: ElementRef<'_>) -> bool {
    let is_upload = attr(picture, "src").is_some_and(|url| url.contains("fbcdn.net") && !url.contains("static."));
    let small = attr(picture, "width").and_then(|width| width.parse::<u32>().ok()).is_some_and(|width| width <= 60);
    is_upload && !small
}

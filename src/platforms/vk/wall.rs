//! Reads a wall post's markup: of the pages of 2014 to 2024 (snscrape's vkontakte.py, 2023, and other public readers; no
//! recording).

use super::super::address::named;
use super::super::page_parts::{all_within, background, count, first, web, within, words};
use super::PLATFORM;
use crate::html::{self, attr, inner_html};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use jiff::Timestamp;
use scraper::{ElementRef, Html};

const MAX_PICTURES: usize = 20;
const TEXT: &str = ".wall_post_text, .pi_text, [class*='vkitPostText__root'], [class*='vkitShowMoreText__text']";
const AUTHOR: &str = "a.author[href], a.pi_author[href], a[class*='PostHeaderTitle__authorLink'][href]";

/// The post, where its element stands in the page.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    let name = post.id.strip_prefix("wall")?;
    let element = first(page, &format!("[data-post-id='{name}'], #post{name}, #wpt{name}, a[name='post{name}']"))?;
    let element = around(element);
    let author = author(element)?;
    let body = within(element, TEXT);
    let mut found = Post::new(post.clone(), author, body.map(html::text).unwrap_or_default());
    found.text_html = body.map(inner_html).filter(|markup| markup.contains('<'));
    let time = within(element, ".rel_date[time], [data-date], time[datetime]");
    found.published = time.and_then(|time| {
        let second = attr(time, "time").or_else(|| attr(time, "data-date")).and_then(|second| second.parse().ok());
        match second {
            Some(second) => Timestamp::from_second(second).ok().map(When::Instant),
            None => When::parse(attr(time, "datetime")?),
        }
    });
    found.media = files(element);
    found.quoted = within(element, ".copy_quote a[href*='wall'], .copy_post_date a[href*='wall']").and_then(|link| {
        let post = named(PLATFORM, &format!("https://vk.com{}", attr(link, "href")?))?;
        Some(Related { post, content: None })
    });
    found.card = within(element, "a.thumbed_link__thumb[href], a.media_link[href], a.mlr__link[href]").and_then(card);
    let counts = [
        ("likes", ".PostButtonReactions__title, ._like .like_button_count, .v_like"),
        ("replies", ".comment .PostBottomAction__count, ._comment .like_button_count, .v_replies"),
        ("reposts", ".share .PostBottomAction__count, ._share .like_button_count, .v_share"),
        ("views", ".like_views, ._views, .v_views"),
    ];
    for (name, css) in counts {
        found.counts.extend(words(element, css).and_then(|words| count(&words)).map(|n| (name.to_owned(), n)));
    }
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none();
    (!nothing).then_some(found)
}

/// The whole post, where what bears its name is a part of it.
fn around(element: ElementRef<'_>) -> ElementRef<'_> {
    let is_whole = |element: &ElementRef<'_>| within(*element, AUTHOR).is_some();
    if is_whole(&element) {
        return element;
    }
    element.ancestors().filter_map(ElementRef::wrap).take(8).find(is_whole).unwrap_or(element)
}

fn author(element: ElementRef<'_>) -> Option<Author> {
    let link = within(element, AUTHOR)?;
    let handle = attr(link, "href")?.split('?').next()?.trim_matches('/').rsplit('/').next()?.to_owned();
    let picture =
        within(element, ".post_image img[src], img.post_img[src], .wi_img[src], [class*='AvatarRich'] img[src]");
    Some(Author {
        id: None,
        url: Some(format!("https://vk.com/{handle}")),
        handle,
        name: Some(html::text(link)).filter(|name| !name.is_empty()),
        avatar: picture.and_then(|picture| web(attr(picture, "src")?)),
    })
}

fn files(element: ElementRef<'_>) -> Vec<Media> {
    const PICTURES: &str = ".page_post_sized_thumbs a[style], .thumb_map_img[style], .thumbs_map_wrap [style*='url('], \
         img[class*='MediaGrid__imageElement'][src], img[class*='PhotoPrimaryAttachment__imageElement'][src]";
    let mut files: Vec<Media> = Vec::new();
    for picture in all_within(element, PICTURES, MAX_PICTURES) {
        let url = background(picture).or_else(|| web(attr(picture, "src")?));
        let Some(url) = url.filter(|url| files.iter().all(|file| file.url != *url)) else { continue };
        // The thumb of a film stands for it: the film itself is in a player.
        files.push(Media { alt: attr(picture, "alt").map(str::to_owned), ..Media::new(MediaKind::Image, url) });
    }
    files
}

fn card(link: ElementRef<'_>) -> Option<Card> {
    let address = attr(link, "href")?;
    let full = if address.starts_with('/') { format!("https://vk.com{address}") } else { address.to_owned() };
    let url = url::Url::parse(&full).ok()?;
    let away = url.query_pairs().find(|(name, _)| name == "to").map(|(_, to)| to.into_owned());
    Some(Card {
        url: away.filter(|_| url.path() == "/away.php").and_then(|to| web(&to)).unwrap_or_else(|| url.to_string()),
        title: Some(html::text(link)).filter(|title| !title.is_empty()),
        ..Card::default()
    })
}

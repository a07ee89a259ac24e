//! Reads the tags of the page around the widget (recorded 2020 to 2022): channel, words, one picture; no time.

use super::super::{meta_tags::MetaTags, page_parts::first};
use super::named;
use crate::html;
use crate::model::{Author, Media, MediaKind, Post, PostRef};
use scraper::Html;

/// The message, where the tags name this very one: a channel's page has tags too.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    let tags = MetaTags::read(page);
    let addresses =
        ["al:ios:url", "al:android:url", "twitter:app:url:googleplay"].into_iter().filter_map(|name| tags.get(&[name]));
    let own = addresses.filter_map(named).find(|named| named.id.eq_ignore_ascii_case(&post.id))?;
    let name = tags.get(&["og:title", "twitter:title"])?;
    // A message has its tags only where it can be shown; the description then holds its words.
    let words = tags.get(&["og:description", "twitter:description"]);
    let picture = tags.get(&["og:image", "twitter:image"]).filter(|url| is_of_the_message(url, page));
    let film = tags.get(&["og:video", "og:video:secure_url", "twitter:player:stream"]);
    if words.is_none() && picture.is_none() && film.is_none() {
        return None;
    }
    let handle = own.author.unwrap_or_default();
    let author = Author {
        url: Some(format!("https://t.me/{handle}")),
        handle,
        name: Some(name.to_owned()),
        ..Author::default()
    };
    let mut found = Post::new(post.clone(), author, words.unwrap_or_default());
    match film {
        Some(film) => {
            found.media.push(Media::new(MediaKind::Video, film));
            found.media.extend(picture.map(|url| Media::new(MediaKind::Poster, url)));
        }
        None => found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url))),
    }
    Some(found)
}

/// Whether a picture is not Telegram's own nor the channel's.
fn is_of_the_message(url: &str, page: &Html) -> bool {
    let channels = first(page, ".tgme_page_photo_image").and_then(|photo| html::attr(photo, "src"));
    let is_logo = url.contains("telegram.org/img/");
    !is_logo && channels != Some(url)
}

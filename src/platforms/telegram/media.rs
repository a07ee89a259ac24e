//! The files of a message: photos, films, round films, stickers, voice and music, in the order of the page.

use super::super::page_parts::{background, clock_ms, web, within, words};
use crate::html::{attr, has_class};
use crate::model::{Card, Media, MediaKind};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;

/// Files of one message; albums have ten.
pub(super) const MAX_FILES: usize = 40;

static FILES: LazyLock<Selector> = LazyLock::new(|| {
    Selector::parse(
        "a.tgme_widget_message_photo_wrap, .tgme_widget_message_video_player, .tgme_widget_message_roundvideo_player, \
         audio[src], .tgme_widget_message_sticker_wrap, a.tgme_widget_message_document_wrap, \
         a.tgme_widget_message_location_wrap",
    )
    .expect("a fixed selector")
});

/// What a message carries beside its words.
#[derive(Default)]
pub(super) struct Files {
    /// Pictures, films, sound.
    pub(super) media: Vec<Media>,
    /// A file of which the widget tells only the name, or a place on a map.
    pub(super) document: Option<Card>,
    /// Something is hidden as sensitive.
    pub(super) hidden: bool,
}

/// Reads the files of a message's element.
pub(super) fn read(element: ElementRef<'_>) -> Files {
    let mut files = Files::default();
    for found in element.select(&FILES).take(MAX_FILES) {
        // Albums draw a blurred picture behind each item; elsewhere it hides what is sensitive.
        files.hidden |= has_class(found, "blured") && !has_class(found, "grouped_media_wrap");
        let class = |name: &str| has_class(found, name);
        if class("tgme_widget_message_photo_wrap") {
            files.media.extend(photo(found));
        } else if class("tgme_widget_message_video_player") || class("tgme_widget_message_roundvideo_player") {
            files.media.extend(film(found));
        } else if class("tgme_widget_message_sticker_wrap") {
            files.media.extend(sticker(found));
        } else if class("tgme_widget_message_document_wrap") || class("tgme_widget_message_location_wrap") {
            files.document = files.document.or_else(|| document(found));
        } else if let Some(url) = attr(found, "src").and_then(web) {
            files.media.push(sound(found, url, element));
        }
    }
    files
}

/// A photo is the picture behind its link, of the width that stands in the style.
fn photo(element: ElementRef<'_>) -> Option<Media> {
    Some(Media::new(MediaKind::Image, background(element)?))
}

/// A film with its still. "Media is too big": there is no film in the page, and the still stands alone.
fn film(element: ElementRef<'_>) -> Vec<Media> {
    let thumb = ".tgme_widget_message_video_thumb, .tgme_widget_message_roundvideo_thumb";
    let still = within(element, thumb).and_then(background).map(|url| Media::new(MediaKind::Poster, url));
    let duration = words(element, "time").and_then(|time| clock_ms(&time));
    let film = within(element, "video[src], video source[src]").and_then(|film| web(attr(film, "src")?));
    let mut files = Vec::new();
    if let Some(url) = film {
        let mut film = Media::new(MediaKind::Video, url);
        film.duration_ms = duration;
        files.push(film);
    }
    files.extend(still.map(|mut still| {
        if files.is_empty() {
            still.duration_ms = duration;
        }
        still
    }));
    files
}

fn sticker(element: ElementRef<'_>) -> Option<Media> {
    if let Some(film) = within(element, "video[src]").and_then(|film| web(attr(film, "src")?)) {
        return Some(Media::new(MediaKind::Video, film));
    }
    let still = within(element, "[data-webp]").and_then(|still| web(attr(still, "data-webp")?));
    let still = still.or_else(|| within(element, ".tgme_widget_message_sticker").and_then(background));
    let still = still.or_else(|| within(element, "img[src]").and_then(|still| web(attr(still, "src")?)));
    still.map(|url| Media::new(MediaKind::Image, url))
}

/// A voice message or a piece of music that the page plays.
fn sound(element: ElementRef<'_>, url: String, message: ElementRef<'_>) -> Media {
    let mut sound = Media::new(MediaKind::Audio, url);
    let time = ".tgme_widget_message_voice_duration, .js-message_voice_duration, .message_audio_duration";
    sound.duration_ms = words(message, time).and_then(|time| clock_ms(&time));
    sound.mime = attr(element, "type").map(str::to_owned);
    sound
}

/// A file's name and size, or a place: the widget gives no more.
fn document(element: ElementRef<'_>) -> Option<Card> {
    let title = words(element, ".tgme_widget_message_document_title, .tgme_widget_message_location_title");
    Some(Card {
        url: web(attr(element, "href")?)?,
        title,
        description: words(element, ".tgme_widget_message_document_extra, .tgme_widget_message_location_address"),
        image: within(element, ".tgme_widget_message_location").and_then(background),
        site: None,
    })
}

//! What an element is, told from its name and attributes before anything is read.

use crate::{detect::needle, html};
use scraper::ElementRef;

/// A shortener's host and path are not longer.
const MAX_SHORT_HOST_BYTES: usize = 20;
const MAX_SHORT_PATH_BYTES: usize = 16;

/// How far inside a card its link stands.
const CARD_LEVELS: usize = 3;

/// Whether an element stands in raw HTML that shows code.
pub(super) fn is_in_code(element: ElementRef<'_>) -> bool {
    let mut around = element.ancestors().filter_map(ElementRef::wrap);
    around.any(|around| matches!(around.value().name(), "code" | "pre" | "kbd" | "samp"))
}

/// Whether an address can be a shortener's: one short part after the host.
pub(super) fn is_short(href: &str) -> bool {
    let path = href.trim().split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(host, path)| {
        host.len() <= MAX_SHORT_HOST_BYTES && (1..=MAX_SHORT_PATH_BYTES).contains(&path.len()) && !path.contains('/')
    })
}

/// Whether a script of an embedding service puts the post in the place of a link.
pub(super) fn is_card(link: ElementRef<'_>) -> bool {
    html::has_class(link, "embedly-card")
        || html::attr(link, "data-iframely-url").is_some()
        || link
            .ancestors()
            .filter_map(ElementRef::wrap)
            .take(CARD_LEVELS)
            .any(|around| around.value().name() == "blockquote" && html::has_class(around, "embedly-card"))
}

/// The text directly inside an element.
pub(super) fn inner_text(element: ElementRef<'_>) -> String {
    element.children().filter_map(|child| child.value().as_text().map(|text| &**text)).collect()
}

/// Whether a platform may know this element: it is a quote or a frame, or its tag has a platform's name, a mark, or the
/// address of a post. Most elements are told apart here before forty platforms look at them.
pub(super) fn may_be_markup(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(name, "blockquote" | "iframe" | "frame" | "object" | "embed" | "param" | "oembed" | "embalm-shortcode")
        || name.starts_with("amp-")
        || (name.contains(['-', ':']) && needle::is_branded(name))
    {
        return true;
    }
    let by_attribute = element.value().attrs().any(|(name, value)| match name {
        "class" | "id" => needle::is_branded(value),
        "style" | "alt" | "title" | "width" | "height" | "rel" | "target" | "role" | "lang" | "dir" | "name"
        | "content" | "datetime" | "srcset" | "sizes" | "loading" | "for" => false,
        name if name.starts_with("aria-") => false,
        name => needle::is_branded(name) || needle::is_branded(value) || needle::may_name(value),
    });
    by_attribute || (name == "script" && is_calling(element))
}

/// Whether a script has the mark of a platform's call.
fn is_calling(script: ElementRef<'_>) -> bool {
    let mut texts = script.children().filter_map(|child| child.value().as_text());
    texts.any(|text| needle::words_in_long(text.as_bytes()).any(|word| word.is_mark))
}

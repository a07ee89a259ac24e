//! What in a body is not the article's own: elements by their names, counters by their words, pictures by their size and
//! their addresses.

use crate::html;
use regex::Regex;
use scraper::node::Element;
use std::sync::LazyLock;
use url::Url;

/// Words in classes and ids of what stands in an article and changes without it.
const BESIDE: [&str; 30] = [
    "ad",
    "ads",
    "adslot",
    "adunit",
    "advert",
    "advertisement",
    "advertorial",
    "sponsor",
    "sponsored",
    "promo",
    "promotion",
    "related",
    "recommended",
    "recommendations",
    "recirc",
    "recirculation",
    "trending",
    "mostread",
    "mostpopular",
    "popular",
    "newsletter",
    "share",
    "sharing",
    "shares",
    "comments",
    "commentcount",
    "counter",
    "outbrain",
    "taboola",
    "readmore",
];

/// Longer classes are generated.
const MAX_NAMES_BYTES: usize = 1000;

/// A counter is a short block.
const MAX_COUNTER_CHARS: usize = 80;

/// Pixels up to which a picture is there to be counted.
const MAX_PIXEL_PX: u32 = 3;

/// A longer address of a picture is data.
const MAX_ADDRESS_BYTES: usize = 4096;

/// Numbers of readers and reactions, times since, and when a page was made: in the languages of the sites that print them.
static COUNTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^[\d\s.,\u{a0}\u{202f}]+[km+]?$
        | ^(?:\S+\s+){0,3} [(\[]? [\d.,]+ [km]?\+? \s+ (?:comments?|shares?|likes?|views?|reads?|reactions?|votes?|followers?|readers?
            |retweets?|reposts?|kommentare?|aufrufe|leser|commentaires?|partages|vues|lectures|comentarios?|coment\u{e1}rios?
            |compartidos|visitas|commenti|condivisioni|visualizzazioni|reacties|weergaven) [)\]]? $
        | ^(?:comments?|shares?|likes?|views?|reactions?|kommentare|commentaires|comentarios|coment\u{e1}rios|commenti|reacties)
            \s* [:(\[]? \s* [\d.,km]+ [)\]]? $
        | ^(?:\S+\s+){0,3} \d+ \s* (?:s|secs?|seconds?|mins?|minutes?|h|hours?|days?|weeks?) \s+ (?:ago|read) $
        | ^(?:\S+\s+)? (?:vor|il\s+y\s+a|hace|h\u{e1}) \s+ \d+ \s+ \w+ $
        | ^(?:last\s+)? (?:updated|modified|refreshed|aktualisiert|zuletzt\s+aktualisiert|stand|mis\s+\u{e0}\s+jour|actualizado
            |atualizado|aggiornato|bijgewerkt) \b .* \d",
    )
    .expect("a pattern in this file is well formed")
});

/// A part of a picture's path that says how large it is cut, or which build of the site serves it.
static SIZE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\d+x\d*|x\d+|\d{1,4}|(?:w|h|q|width|height|quality|size|fit|resize|crop)[-_:=,]?[\w:.,=-]*\d[\w:.,=-]*|v\d+)$")
        .expect("a pattern in this file is well formed")
});

/// The size at the end of a picture's name, before its ending.
static SIZED_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:[-_@](?:\d+x\d+|\d+w|[1-4]x|scaled))+(\.[a-z]{3,4})?$")
        .expect("a pattern in this file is well formed")
});

/// Whether an element by its class or id is an advertisement, a box of related stories, a counter or its like.
pub(super) fn is_beside(element: &Element) -> bool {
    ["class", "id"].iter().filter_map(|name| html::raw_attr(element, name)).any(|names| {
        names.len() <= MAX_NAMES_BYTES
            && names.split_ascii_whitespace().any(|name| {
                let joined = name.replace(['-', '_'], "").to_ascii_lowercase();
                BESIDE.contains(&joined.as_str())
                    || name.split(['-', '_']).any(|word| BESIDE.iter().any(|known| word.eq_ignore_ascii_case(known)))
            })
    })
}

/// Whether a block only counts something, or says how long ago it was.
pub(super) fn is_counter(words: &str) -> bool {
    words.chars().count() <= MAX_COUNTER_CHARS && COUNTER.is_match(words)
}

/// The name under which a picture stays the same whatever its size, the host that serves it, and the key in its
/// address. None for pictures that count readers, and for data.
pub(super) fn picture(image: &Element) -> Option<String> {
    let tiny = |name: &str| {
        let pixels =
            html::raw_attr(image, name).and_then(|value| value.trim().trim_end_matches("px").parse::<u32>().ok());
        pixels.is_some_and(|pixels| pixels <= MAX_PIXEL_PX)
    };
    let src =
        html::raw_attr(image, "src").map(str::trim).filter(|src| !src.is_empty() && src.len() <= MAX_ADDRESS_BYTES)?;
    if tiny("width") || tiny("height") || src.starts_with("data:") {
        return None;
    }
    let base = Url::parse("https://relative.invalid/").ok()?;
    Some(name_of(&base.join(src).ok()?))
}

fn name_of(url: &Url) -> String {
    // A server that resizes pictures is told the address of the picture.
    let inner = url.query_pairs().find(|(name, value)| {
        matches!(name.as_ref(), "url" | "src" | "image" | "img" | "u" | "href") && is_picture(value)
    });
    let path = match &inner {
        Some((_, value)) if !is_picture(url.path()) => value.split(['?', '#']).next().unwrap_or_default(),
        _ => url.path(),
    };
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let parts = path.split('/').filter(|part| !part.is_empty() && !SIZE.is_match(part));
    SIZED_NAME.replace(&parts.collect::<Vec<_>>().join("/"), "$1").into_owned()
}

/// Whether a path ends as those of pictures do.
pub(super) fn is_picture(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"]
        .iter()
        .any(|ending| path.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')))
}

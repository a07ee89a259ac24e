//! What stands where something of a page can't: a picture that is not kept, a frame, a player.

use crate::html::escape;
use crate::words::shortened;
use scraper::node::Element;
use url::Url;

/// Longest address that a stand-in spells out, in characters.
const MAX_ADDRESS: usize = 200;

/// Addresses of one picture that are looked up.
const MAX_ADDRESSES: usize = 12;

/// A picture by its words.
pub(super) fn picture(alt: &str, address: Option<&str>) -> String {
    let words = if alt.is_empty() { "not described" } else { alt };
    let title = address.map(|address| format!(" title=\"{}\"", escape(address))).unwrap_or_default();
    format!("<span class=\"left-out\"{title}><b>Picture not kept</b> <bdi>{}</bdi></span>", escape(words))
}

/// Where a picture is: its own address, those that scripts load late, those of other sizes. Placeholders that are
/// written out in the page itself are none.
pub(super) fn addresses(element: &Element, page: Option<&Url>) -> Vec<Url> {
    let late = ["src", "data-src", "data-original", "data-lazy-src"].into_iter().filter_map(|name| element.attr(name));
    let sizes = ["srcset", "data-srcset"].into_iter().filter_map(|name| element.attr(name));
    let sizes = sizes.flat_map(|set| set.split(", ").filter_map(|one| one.split_whitespace().next()));
    let mut addresses = Vec::new();
    for address in late.chain(sizes).take(MAX_ADDRESSES) {
        let url = page.map_or_else(|| Url::parse(address.trim()), |page| page.join(address.trim()));
        if let Ok(url) = url
            && matches!(url.scheme(), "http" | "https")
            && !addresses.contains(&url)
        {
            addresses.push(url);
        }
    }
    addresses
}

/// What an element that loads something else is called; none for all others.
pub(super) fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "iframe" => "Frame",
        "object" | "embed" => "Embedded object",
        "amp-iframe" => "Frame",
        "amp-facebook" | "amp-instagram" | "amp-twitter" => "Embedded post",
        "amp-youtube" => "Embedded video",
        "video" => "Video",
        "audio" => "Sound",
        _ => return None,
    })
}

/// A frame or player by its kind, its own title and its address.
pub(super) fn of(kind: &str, element: &Element) -> String {
    let of = |name: &str| element.attr(name).map(str::trim).filter(|value| !value.is_empty());
    let named = ["src", "data", "data-src", "data-href", "data-tweetid", "data-shortcode", "data-videoid"];
    let address = named.into_iter().find_map(of).map(|address| shortened(address, MAX_ADDRESS));
    let words: Vec<String> =
        [of("title").map(str::to_owned), address].into_iter().flatten().map(|words| escape(&words)).collect();
    let words = if words.is_empty() { "without an address".to_owned() } else { words.join(" · ") };
    format!("<span class=\"left-out\"><b>{kind} not shown</b> <bdi>{words}</bdi></span>")
}

/// Whether the alt text is only the name of the picture's file, which says nothing to a reader.
pub(super) fn is_file_name(alt: &str) -> bool {
    let ending = alt.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| {
        matches!(ending.as_str(), "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif" | "bmp")
    })
}

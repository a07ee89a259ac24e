//! Elements that name a video by its id alone, as lazy loaders and AMP write them for every video platform.

use crate::html::{attr, classes};
use crate::model::Form;
use scraper::ElementRef;

/// Attributes that hold an id of a platform only where the element says whose.
const IDS: [&str; 7] =
    ["data-video-id", "data-videoid", "data-plyr-embed-id", "data-embed-id", "data-id", "videoid", "video-id"];
/// Attributes that say whose.
const SAYING: [&str; 9] = [
    "data-provider",
    "data-plyr-provider",
    "data-video-provider",
    "data-platform",
    "data-network",
    "data-social-embedded",
    "data-type",
    "data-service",
    "type",
];

/// Attributes that hold a post's id or address where the element says whose.
const POST_IDS: [&str; 9] = [
    "data-post-id",
    "data-postid",
    "data-status-id",
    "data-embed-id",
    "data-video-id",
    "data-shortcode",
    "data-code",
    "data-id",
    "postid",
];

/// The id of a post for which an element keeps a place, where an attribute says whose it is, in so many words.
pub(super) fn said<'a>(element: ElementRef<'a>, platform: &str) -> Option<&'a str> {
    if matches!(element.value().name(), "a" | "iframe" | "script" | "link" | "meta" | "img" | "input" | "button") {
        return None;
    }
    let says = SAYING.iter().filter_map(|name| attr(element, name)).any(|says| says.eq_ignore_ascii_case(platform));
    if says { POST_IDS.iter().find_map(|name| attr(element, name)) } else { None }
}

/// The id, with the markup's form; `platform` as it stands in the names of elements and attributes. What stands there
/// may also be an address: the caller judges.
pub(super) fn id<'a>(element: ElementRef<'a>, platform: &str) -> Option<(Form, &'a str)> {
    let name = element.value().name();
    let is_own = |prefix: &str, suffix: &str| {
        name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix)).is_some_and(|rest| rest == platform)
    };
    if is_own("amp-", "") {
        return attr(element, "data-videoid").map(|id| (Form::Amp, id));
    }
    if matches!(name, "a" | "iframe" | "script" | "link" | "meta" | "img" | "input" | "button") {
        return None;
    }
    let own = ["data-", "data-lazy-"].iter().find_map(|prefix| attr(element, &format!("{prefix}{platform}-id")));
    let says = || {
        is_own("lite-", "")
            || is_own("", "-video")
            || is_own("", "-embed")
            || SAYING.iter().filter_map(|name| attr(element, name)).any(|says| says.eq_ignore_ascii_case(platform))
            || classes(element).any(|class| class.split(['-', '_']).any(|part| part.eq_ignore_ascii_case(platform)))
    };
    own.or_else(|| IDS.iter().find_map(|name| attr(element, name)).filter(|_| says())).map(|id| (Form::DataAttr, id))
}

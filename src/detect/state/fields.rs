//! Names of fields and kinds of objects in a page's state that say whether an address in them is an embed's.

use crate::{
    detect::{found::Found, json::Json},
    platforms::{embedded, recognize_text},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// Words in names of fields whose URL is an embed's.
const EMBED_FIELDS: [&str; 9] = [
    "contenturl",
    "embedurl",
    "iframesrc",
    "twitterurl",
    "youtubeurl",
    "instagramurl",
    "tweeturl",
    "videourl",
    "posturl",
];

/// Words in an object's kind that make its `url` an embed's.
const EMBED_KINDS: [&str; 14] = [
    "embed",
    "tweet",
    "twitter",
    "instagram",
    "youtube",
    "bluesky",
    "mastodon",
    "external",
    "iframe",
    "social",
    "video",
    "threads",
    "tiktok",
    "facebook",
];

/// Whether a text has the shape of a platform's ids.
type Shape = fn(&str) -> bool;

/// Words in kinds that say whose embed an object is, the platform as attributes name it, and the shape of its ids.
/// A shorter number may be a site's own.
const IDS_OF: [(&str, &str, Shape); 5] = [
    ("tweet", "tweet", |id| (15..=20).contains(&id.len()) && is_digits(id)),
    ("twitter", "tweet", |id| (15..=20).contains(&id.len()) && is_digits(id)),
    ("youtube", "youtube", |id| id.len() == 11 && is_code(id)),
    ("instagram", "instagram", |id| (9..=12).contains(&id.len()) && is_code(id) && !is_digits(id)),
    ("vimeo", "vimeo", |id| (6..=10).contains(&id.len()) && is_digits(id)),
];

/// Fields that hold the rest of an embed whose kind stands around them.
const INNER_FIELDS: [&str; 9] =
    ["attribs", "attributes", "attrs", "props", "params", "model", "data", "fields", "value"];

/// Words in names of fields that hold an id by itself; the platforms know what it names.
const ID_FIELDS: [&str; 4] = ["youtube", "tweet", "twitter", "instagram"];

/// Fields that name an object's kind.
const KIND_FIELDS: [&str; 12] = [
    "@type",
    "type",
    "__typename",
    "_type",
    "subtype",
    "provider",
    "is",
    "kind",
    "oneof",
    "embedType",
    "service",
    "platform",
];

/// Words in names of fields under which other articles stand.
const OTHERS: [&str; 17] = [
    "related",
    "recommend",
    "latest",
    "trending",
    "popular",
    "river",
    "sidebar",
    "navigation",
    "footer",
    "teaser",
    "promo",
    "comments",
    "sameas",
    "author",
    "byline",
    "share",
    "nextarticle",
];

/// The same, looked for in any case at once.
static OTHERS_IN: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let built = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(OTHERS);
    built.expect("a few short words")
});

/// Whether an address in this field is an embed's; `embed` says whether its object is one.
pub(super) fn is_address(field: &str, embed: bool) -> bool {
    let name: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let ends = ["url", "link", "uri"].iter().any(|end| name.ends_with(end));
    EMBED_FIELDS.iter().any(|word| name.contains(word)) || (embed && (ends || matches!(name.as_str(), "src" | "href")))
}

/// Whether the object in this field belongs to the embed around it.
pub(super) fn is_inner(field: &str) -> bool {
    INNER_FIELDS.contains(&field)
}

/// Whether other articles stand in this field.
pub(super) fn is_of_others(field: &str) -> bool {
    OTHERS_IN.is_match(field)
}

/// Whose embed an object is by its kind: empty where it is one of any platform, None where it is none.
pub(super) fn embed(fields: &[(String, Json)]) -> Option<&'static str> {
    let kinds = fields.iter().filter(|(field, _)| is_kind(field)).filter_map(|(_, kind)| kind.as_str());
    let whose: Vec<_> = kinds.filter_map(embed_of_kind).collect();
    let sized = || fields.iter().any(|(field, _)| matches!(field.as_str(), "iframeHeight" | "iframeWidth"));
    whose.iter().find(|name| !name.is_empty()).or(whose.first()).copied().or_else(|| sized().then_some(""))
}

/// Whether a field names its object's kind.
pub(in crate::detect) fn is_kind(field: &str) -> bool {
    KIND_FIELDS.contains(&field)
}

/// Whose embed a kind is; empty where it is one of any platform, None where it is none.
pub(super) fn embed_of_kind(kind: &str) -> Option<&'static str> {
    let kind = kind.to_ascii_lowercase();
    let own = IDS_OF.iter().find(|(word, ..)| kind.contains(word)).map(|(_, platform, _)| *platform);
    own.or_else(|| EMBED_KINDS.iter().any(|word| kind.contains(word)).then_some(""))
}

/// Whose an id is that stands beside this kind.
pub(in crate::detect) fn kind_with_ids(kind: &str) -> Option<&'static str> {
    embed_of_kind(kind).filter(|whose| !whose.is_empty())
}

/// Whether a text has the shape of this platform's ids.
pub(in crate::detect) fn is_id_of(whose: &str, value: &str) -> bool {
    IDS_OF.iter().any(|(_, platform, is_id)| *platform == whose && is_id(value))
}

/// An id in an object whose kind says whose it is, as the attribute that platforms know.
pub(super) fn id_of_kind(whose: &str, field: &str, value: &str) -> Option<String> {
    let field: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_own = matches!(field.as_str(), "id" | "videoid" | "postid" | "tweetid" | "statusid" | "code" | "shortcode");
    let (_, platform, is_id) = IDS_OF.iter().find(|(_, platform, _)| *platform == whose)?;
    (is_own && is_id(value)).then(|| format!("<div data-{platform}-id=\"{value}\"></div>"))
}

fn is_digits(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_code(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// An id in a field that says whose it is, as the attribute that platforms know: `youtubeId` as `data-youtube-id`.
pub(in crate::detect) fn as_attribute(field: &str, value: &str) -> Option<String> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let ends = field.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).ends_with(['d', 'D']);
    if !ends || value.len() < 5 || value.len() > 40 || !value.bytes().all(is_id) {
        return None;
    }
    let mut name = String::new();
    for c in field.chars() {
        match c {
            c if c.is_ascii_uppercase() => name.extend(['-', c.to_ascii_lowercase()]),
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches('-').trim_start_matches("data-");
    let says = ID_FIELDS.iter().any(|word| name.contains(word)) && name.ends_with("id");
    says.then(|| format!("<div data-{name}=\"{value}\"></div>"))
}

/// The item of any provider that an oEmbed answer kept in the state names by its address.
pub(super) fn oembed_answer(fields: &[(String, Json)]) -> Option<Found> {
    let text = |own: &str| fields.iter().find(|(name, _)| name == own).and_then(|(_, value)| value.as_str());
    text("provider_name").filter(|_| fields.iter().any(|(name, _)| matches!(name.as_str(), "version" | "html")))?;
    let address = text("url").or_else(|| text("_id"))?;
    // Those of platforms are found by what shows them.
    let is_post = recognize_text(address).is_some();
    if is_post { None } else { embedded(address).map(Found::state) }
}

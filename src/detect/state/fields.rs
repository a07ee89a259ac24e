//! Names of fields and kinds of objects in a page's state that say whether an address in them is an embed's.

use crate::{
    detect::{found::Found, json::Json},
    platforms::{embedded, recognize_text},
};

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

/// Fields that hold the rest of an embed whose kind stands around them.
const INNER_FIELDS: [&str; 8] = ["attribs", "attributes", "attrs", "props", "params", "model", "data", "fields"];

/// Words in names of fields that hold an id by itself; the platforms know what it names.
const ID_FIELDS: [&str; 4] = ["youtube", "tweet", "twitter", "instagram"];

/// Fields that name an object's kind.
const KIND_FIELDS: [&str; 8] = ["@type", "type", "__typename", "_type", "subtype", "provider", "is", "kind"];

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

/// Whether an address in this field is an embed's; `embed` says whether its object is one.
pub(super) fn is_address(field: &str, embed: bool) -> bool {
    let name: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    EMBED_FIELDS.iter().any(|word| name.contains(word))
        || (embed && (name.ends_with("url") || matches!(name.as_str(), "src" | "href" | "link" | "permalink" | "uri")))
}

/// Whether the object in this field belongs to the embed around it.
pub(super) fn is_inner(field: &str) -> bool {
    INNER_FIELDS.contains(&field)
}

/// Whether other articles stand in this field.
pub(super) fn is_of_others(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    OTHERS.iter().any(|word| field.contains(word))
}

/// Whether an object is an embed by its kind.
pub(super) fn is_embed(fields: &[(String, Json)]) -> bool {
    let kinds = fields.iter().filter(|(field, _)| is_kind(field));
    kinds.filter_map(|(_, kind)| kind.as_str()).any(is_embed_kind)
}

/// Whether a field names its object's kind.
pub(super) fn is_kind(field: &str) -> bool {
    KIND_FIELDS.contains(&field)
}

/// Whether a kind is an embed's.
pub(super) fn is_embed_kind(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    EMBED_KINDS.iter().any(|word| kind.contains(word))
}

/// An id in a field that says whose it is, as the attribute that platforms know: `youtubeId` as `data-youtube-id`.
pub(in crate::detect) fn as_attribute(field: &str, value: &str) -> Option<String> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if value.len() < 5 || value.len() > 40 || !value.bytes().all(is_id) {
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

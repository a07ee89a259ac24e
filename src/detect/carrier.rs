//! Generic carriers: attributes of an element that hold a post's URL, HTML with an embed in it, or JSON with either.
//!
//! Site builders name such attributes as they like, so the rule is open: any attribute that isn't the element's own
//! (`data-…`, or anything on a custom element) may carry; a short list names those known to carry something else.

use super::needle;
use super::state;
use crate::{
    model::{Form, Target},
    platforms::recognize_text,
};
use base64::Engine as _;
use scraper::node::Element;
use serde_json::Value;
use std::borrow::Cow;

/// Longer attribute values aren't read.
const MAX_VALUE_BYTES: usize = 512 * 1024;
/// Longer URLs aren't read.
const MAX_URL_BYTES: usize = 8 * 1024;
/// Longer JSON is a page's state rather than one embed's.
const MAX_EMBED_JSON_BYTES: usize = 16 * 1024;
/// Base64 shorter than this is an id.
const MIN_BASE64_BYTES: usize = 32;
/// Values of a JSON attribute that are looked at.
const MAX_JSON_VALUES: usize = 5_000;
/// Parameters of a URL that are read as URLs.
const MAX_INNER_URLS: usize = 16;
/// How often an escaped value is unescaped.
const MAX_UNESCAPES: usize = 3;

/// Words in the names of attributes, and of fields in them, that hold posts' URLs without embedding them: buttons,
/// statistics, provenance.
const DECOYS: [&str; 17] = [
    "share",
    "track",
    "analytics",
    "redirect",
    "version",
    "data-orig",
    "rail",
    "data-ga",
    "gtm",
    "layer",
    "canonical",
    "title",
    "referrer",
    "event",
    "label",
    "sameas",
    "caption",
];

/// Attributes that never carry.
const PLAIN: [&str; 14] = [
    "class", "id", "style", "title", "alt", "width", "height", "href", "name", "rel", "role", "srcset", "src", "srcdoc",
];

/// Parts of class names of the platforms' own buttons and counters.
const BUTTONS: [&str; 12] = [
    "share-button",
    "follow-button",
    "hashtag-button",
    "mention-button",
    "like-button",
    "tweet-button",
    "fb-like",
    "fb-send",
    "fb-save",
    "fb-follow",
    "fb-comments",
    "fb-quote",
];

/// Parts of paths under which buttons and counters stand that name a post in their query.
const BUTTON_PATHS: [&str; 11] = [
    "share",
    "intent",
    "login",
    "_button",
    "/button",
    "/plugins/like",
    "/plugins/comments",
    "/plugins/follow",
    "/plugins/send",
    "/plugins/save",
    "/plugins/page",
];

/// What an element carries.
#[derive(Debug)]
pub(super) enum Carried {
    /// The address of a post.
    Post(Form, Target),
    /// HTML to be searched; what is found there has at most this form.
    Html(Form, String),
    /// JSON too large to be one embed's.
    State(String),
}

impl Carried {
    /// What an AMP element carries has its form.
    fn in_amp(&mut self) {
        if let Self::Post(form, _) | Self::Html(form, _) = self {
            *form = Form::Amp;
        }
    }
}

/// What the attributes of `element` carry, in their order.
pub(super) fn carried(element: &Element) -> Vec<Carried> {
    let name = element.name();
    let mut out = Vec::new();
    let of =
        |attribute: &str| crate::html::raw_attr(element, attribute).map(str::trim).filter(|value| !value.is_empty());
    match name {
        "iframe" | "frame" | "amp-iframe" => {
            let form = if name == "amp-iframe" { Form::Amp } else { Form::Iframe };
            out.extend(of("src").and_then(post_in_url).map(|target| Carried::Post(form, target)));
            out.extend(of("srcdoc").map(|html| Carried::Html(form, html.to_owned())));
        }
        "source" | "video" => {
            // A player of the page's own that is told to play a platform's video.
            out.extend(of("src").and_then(post_in_url).map(|target| Carried::Post(Form::Iframe, target)));
        }
        "object" => out.extend(of("data").and_then(post_in_url).map(|target| Carried::Post(Form::Object, target))),
        "embed" => out.extend(of("src").and_then(post_in_url).map(|target| Carried::Post(Form::Object, target))),
        "param" => out.extend(of("value").and_then(post_in_url).map(|target| Carried::Post(Form::Object, target))),
        _ => {}
    }
    if !matches!(name, "a" | "area" | "link" | "base" | "use" | "image") {
        // Newsletters leave the addresses of a post's counters on elements that are no links.
        out.extend(of("href").and_then(post_in_url).map(|target| Carried::Post(Form::DataAttr, target)));
    }
    let open = name.contains('-') || name == "iframe";
    let link = matches!(name, "a" | "area" | "button" | "input" | "form" | "link" | "meta" | "html" | "body");
    let source = if open && name != "iframe" && name != "amp-iframe" { of("src").or_else(|| of("url")) } else { None };
    out.extend(source.and_then(post_in_url).map(|target| Carried::Post(Form::DataAttr, target)));
    for (attribute, value) in element.attrs() {
        let carries = attribute.starts_with("data-") || (open && !PLAIN.contains(&attribute));
        if carries && value.len() <= MAX_VALUE_BYTES && !is_decoy(attribute) {
            // A link or button that says that it embeds is its player's placeholder.
            in_value(value.trim(), link && !attribute.contains("embed"), &mut out);
        }
    }
    if !out.is_empty() && is_button(element) {
        out.clear();
    }
    if name.starts_with("amp-") {
        out.iter_mut().for_each(Carried::in_amp);
    }
    out
}

/// Whether an element is a platform's button or counter, which names what it is about.
fn is_button(element: &Element) -> bool {
    if matches!(element.name(), "amp-social-share" | "amp-facebook-like" | "amp-facebook-comments") {
        return true;
    }
    let mut classes = crate::html::raw_attr(element, "class").unwrap_or_default().split_ascii_whitespace();
    classes.any(|class| BUTTONS.iter().any(|word| class.contains(word)))
}

/// Reads one attribute's value. Of a link or a button only HTML is read: its URLs say where it leads, not what it shows.
fn in_value(value: &str, link: bool, out: &mut Vec<Carried>) {
    if value.len() < 8 {
        return;
    }
    if let Some(html) = html_in(value) {
        out.push(Carried::Html(Form::DataAttr, html));
    } else if link {
        // Where a link or a button leads is not what it shows.
    } else if value.starts_with(['{', '[']) {
        if value.len() > MAX_EMBED_JSON_BYTES {
            out.push(Carried::State(value.to_owned()));
        } else {
            in_json(value, out);
        }
    } else if let Some(target) = post_in_url(value) {
        out.push(Carried::Post(Form::DataAttr, target));
    }
}

fn is_decoy(name: &str) -> bool {
    DECOYS.iter().any(|word| name.contains(word))
}

/// Markup in a value, however often it is escaped.
pub(super) fn html_in(value: &str) -> Option<String> {
    if let Some(decoded) = base64_in(value) {
        return has_markup(&decoded).then_some(decoded);
    }
    let mut text = Cow::Borrowed(value);
    if value.starts_with(['{', '[']) {
        return None;
    }
    // Most values have neither a bracket nor an escape for one.
    if memchr::memchr3(b'<', b'&', b'%', value.as_bytes()).is_none() && !value.contains("\\u003") {
        return None;
    }
    for _ in 0..=MAX_UNESCAPES {
        if has_markup(&text) {
            return Some(text.into_owned());
        }
        text = if text.contains("&lt;") || text.contains("&#60;") || text.contains("&#x3c;") {
            unescape(&text).into()
        } else if text.contains("%3C") || text.contains("%3c") {
            percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned().into()
        } else if text.contains("\\u003c") || text.contains("\\u003C") {
            text.replace("\\u003c", "<")
                .replace("\\u003C", "<")
                .replace("\\u003e", ">")
                .replace("\\u003E", ">")
                .replace("\\u0022", "\"")
                .replace("\\/", "/")
                .into()
        } else {
            return None;
        };
    }
    None
}

/// The text of a value in base64, as consent managers hold markup back.
fn base64_in(value: &str) -> Option<String> {
    // The alphabet's `P` begins every text that begins with `<`.
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if value.len() < MIN_BASE64_BYTES || !value.starts_with('P') || !value.bytes().all(is_base64) {
        return None;
    }
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(value).ok()?).ok()
}

/// Whether a text has a tag in which an embed or a link to a post could stand.
fn has_markup(text: &str) -> bool {
    const TAGS: [&str; 10] =
        ["iframe", "blockquote", "amp-", "object", "embed", "script", "a ", "video", "div", "figure"];
    text.match_indices('<').take(64).any(|(at, _)| {
        let rest = text.as_bytes().get(at + 1..).unwrap_or_default();
        TAGS.iter().any(|tag| rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes())))
    })
}

/// A source with what hides its addresses undone: entities, and slashes escaped for scripts.
pub(super) fn plain(source: &str) -> String {
    unescape(&unescape(source)).replace("\\/", "/")
}

/// One level of entities decoded.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&#60;", "<")
        .replace("&#x3c;", "<")
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#039;", "'")
        .replace("&amp;", "&")
}

/// URLs and HTML in the strings of a JSON value.
fn in_json(value: &str, out: &mut Vec<Carried>) {
    let Ok(json) = serde_json::from_str::<Value>(value) else { return };
    let mut open = vec![("", &json)];
    let mut seen = 0;
    while let Some((field, value)) = open.pop() {
        seen += 1;
        if seen > MAX_JSON_VALUES {
            return;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().rev().map(|item| (field, item))),
            Value::Object(fields) => {
                let fields = fields.iter().rev().map(|(field, value)| (field.as_str(), value));
                open.extend(fields.filter(|(field, _)| !is_decoy(&field.to_ascii_lowercase())));
            }
            Value::String(text) if text.len() >= 8 => {
                if let Some(html) = html_in(text).or_else(|| state::as_attribute(field, text)) {
                    out.push(Carried::Html(Form::DataAttr, html));
                } else if let Some(target) = post_in_url(text) {
                    out.push(Carried::Post(Form::DataAttr, target));
                }
            }
            _ => {}
        }
    }
}

/// The post that a URL names: itself, or one of the URLs in it (a player's `src=`, a proxy's `?url=`, a screenshot of
/// a post whose path ends with the post's URL).
pub(super) fn post_in_url(value: &str) -> Option<Target> {
    let value = value.trim();
    let slash = || {
        memchr::memchr(b'/', value.as_bytes()).is_some()
            || (memchr::memchr(b'2', value.as_bytes()).is_some()
                && ["%2F", "%2f", "%252", "u002F", "u002f"].iter().any(|slash| value.contains(slash)))
    };
    if value.len() < 8 || value.len() > MAX_URL_BYTES || !slash() || value.contains(char::is_whitespace) {
        return None;
    }
    if !needle::may_name(value) {
        return None;
    }
    if let Some(target) = post(value) {
        return Some(target);
    }
    let (path, query) = value.split_once('?').unwrap_or((value, ""));
    if BUTTON_PATHS.iter().any(|word| path.contains(word)) {
        return None;
    }
    let query = query.replace("&amp;", "&");
    let decoded = |inner: Cow<'_, str>| {
        let twice = inner.get(..7).is_some_and(|start| ["http%3A", "http%3a", "https%3"].contains(&start));
        if twice { percent_encoding::percent_decode_str(&inner).decode_utf8_lossy().into_owned() } else { inner.into() }
    };
    let inner = url::form_urlencoded::parse(query.as_bytes()).map(|(_, inner)| decoded(inner));
    let inner = inner.filter(|inner| inner.contains("//"));
    if let Some(target) = inner.take(MAX_INNER_URLS).find_map(|inner| post(&inner)) {
        return Some(target);
    }
    let inner = path.get(8..)?.find("http").and_then(|at| value.get(8 + at..))?;
    post(inner.split('~').next().unwrap_or(inner))
}

/// The post that a URL names. A short link in an attribute is one of the post's own links.
fn post(url: &str) -> Option<Target> {
    recognize_text(url).filter(|target| target.post().is_some())
}

//! The markup that embeds a provider's item: frames and Flash players, WordPress's and other editors' embeds, cards of
//! embedding services, and the snippets of providers whose script draws the item.

use super::{item, recognize};
use crate::{
    html::{attr, classes, raw_attr},
    model::{Form, PostRef, Quoted, Target},
    platforms::{
        Markup,
        address::{parameter, under},
    },
};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

/// Longer values of attributes are no addresses of items.
const MAX_VALUE_BYTES: usize = 4096;
/// A longer text is more than an address.
const MAX_BARE_URL_BYTES: usize = 1024;
/// Pieces of text, and bytes of them, that are read of what a card says.
const MAX_TEXTS: usize = 64;
const MAX_WORDS_BYTES: usize = 1000;
/// Parameters of a frame's address that are looked at for a post inside.
const MAX_PARAMETERS: usize = 16;

static LINK: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("a fixed selector"));

/// Snippets that name an item by an attribute: class, attribute, what stands before its value in the item's address.
const SNIPPETS: [(&str, &str, &str); 4] = [
    ("flourish-embed", "data-src", "https://public.flourish.studio/"),
    ("flourish-chart", "data-src", "https://public.flourish.studio/"),
    ("infogram-embed", "data-id", "https://infogram.com/"),
    ("DV-container", "data-document", "https://www.documentcloud.org/documents/"),
];
/// The same by the beginning of the element's id.
const IDS: [(&str, &str); 4] = [
    ("infogram_0_", "https://infogram.com/"),
    ("datawrapper-vis-", "https://datawrapper.dwcdn.net/"),
    ("datawrapper-chart-", "https://datawrapper.dwcdn.net/"),
    ("DV-viewer-", "https://www.documentcloud.org/documents/"),
];
/// The same by the beginning of a class.
const CLASSES: [(&str, &str); 1] = [("wistia_async_", "https://fast.wistia.com/embed/iframe/")];

/// The embed that an element stands for.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    match element.value().name() {
        "iframe" | "frame" => in_frame(element, Form::Iframe),
        "amp-iframe" => in_frame(element, Form::Amp),
        "embed" | "object" | "param" => in_frame(element, Form::Object),
        "amp-embedly-card" | "amp-wordpress-embed" => said(Form::Amp, attr(element, "data-url")?),
        "amp-brightcove" => brightcove(element),
        "amp-wistia-player" => {
            snippet(Form::Amp, "https://fast.wistia.com/embed/iframe/", attr(element, "data-media-hashed-id")?)
        }
        "oembed" | "embalm-shortcode" => {
            said(Form::DataAttr, attr(element, "url").or_else(|| attr(element, "data-url"))?)
        }
        "blockquote" => quote(element),
        "html" | "body" | "head" | "meta" | "link" | "img" | "span" => None,
        _ => other(element),
    }
}

/// The address that a frame shows or will show. Where it carries a post of a platform, that is what it shows.
fn in_frame(element: ElementRef<'_>, form: Form) -> Option<Markup> {
    let is_wordpress = classes(element).any(|class| class == "wp-embedded-content");
    element.value().attrs().find_map(|(name, value)| {
        let form = match name {
            "src" | "data" => form,
            "value" if form == Form::Object => form,
            name if name.starts_with("data-") && form != Form::Object && !is_about(name) => Form::DataAttr,
            _ => return None,
        };
        if value.len() > MAX_VALUE_BYTES || !value.contains("//") {
            return None;
        }
        if let Some(found) = served(value).and_then(|address| said(form, &address)) {
            return Some(found);
        }
        let url = foreign(value)?;
        let post = if is_wordpress { item::of_wordpress(&url) } else { item::framed(&url) }?;
        Some(markup(form, post))
    })
}

/// Whether an attribute speaks of the page, or of what a reader may do with the frame.
fn is_about(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["share", "page", "canonical", "referr", "redirect", "track", "poster", "thumb", "analytics"];
    name == "data-origin" || WORDS.iter().any(|word| name.contains(word))
}

/// The item's own address, where the frame is an embedding service's: it stands beside the player's.
fn served(value: &str) -> Option<String> {
    let url = value.contains("url=").then(|| recognize::parse(value))??;
    let is_service =
        ["embedly.com", "embed.ly", "iframe.ly", "iframely.com"].iter().any(|site| under(&url, site).is_some());
    if is_service { parameter(&url, "url") } else { None }
}

/// An address without its wrappers that is no platform's and carries none of a platform's.
fn foreign(value: &str) -> Option<Url> {
    if recognize::recognize_text(value).is_some() {
        return None;
    }
    let url = recognize::unwrapped_text(value)?;
    let carries = |value: &str| {
        value.contains("//") && recognize::recognize_text(value).is_some_and(|found| found.post().is_some())
    };
    let inside = url.query_pairs().take(MAX_PARAMETERS).any(|(_, value)| carries(&value));
    (!inside).then_some(url)
}

/// An address that the markup says is embedded.
fn said(form: Form, address: &str) -> Option<Markup> {
    Some(markup(form, item::named(&foreign(address)?)?))
}

/// The blockquote that stands for a page until its frame is there, and the card of a service.
fn quote(element: ElementRef<'_>) -> Option<Markup> {
    let is_wordpress = classes(element).any(|class| class == "wp-embedded-content");
    if !is_wordpress && !classes(element).any(|class| class == "embedly-card") {
        return None;
    }
    let link = element.select(&LINK).next()?;
    let url = foreign(attr(link, "href")?)?;
    let post = if is_wordpress { item::of_wordpress(&url) } else { item::named(&url) }?;
    Some(Markup { quoted: Quoted { text: words(element), ..Quoted::default() }, ..markup(Form::Blockquote, post) })
}

/// The first words of an element. One that was never closed may hold the rest of a page, over and over.
fn words(element: ElementRef<'_>) -> Option<String> {
    let mut words = String::new();
    for text in element.text().take(MAX_TEXTS) {
        for word in text.split_whitespace() {
            if words.len() + word.len() > MAX_WORDS_BYTES {
                return Some(words);
            }
            words.push_str(if words.is_empty() { "" } else { " " });
            words.push_str(word);
        }
    }
    Some(words).filter(|words| !words.is_empty())
}

/// Elements of any name: what their attributes say.
fn other(element: ElementRef<'_>) -> Option<Markup> {
    for (name, value) in element.value().attrs() {
        let found = match name {
            "data-oembed-url" => said(Form::DataAttr, value),
            "data-iframely-url" => attr(element, "href").and_then(|address| said(Form::DataAttr, address)),
            "id" => by_id(value),
            "class" if ["embed", "codepen", "wistia", "flourish", "DV-"].iter().any(|word| value.contains(word)) => {
                by_class(element)
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn by_id(id: &str) -> Option<Markup> {
    let (name, before) = IDS.iter().find_map(|(start, before)| Some((id.strip_prefix(start)?, before)))?;
    snippet(Form::DataAttr, before, name)
}

fn by_class(element: ElementRef<'_>) -> Option<Markup> {
    for class in classes(element) {
        let found = match class {
            "embedly-card" => attr(element, "href").and_then(|address| said(Form::DataAttr, address)),
            "wp-block-embed__wrapper" => bare_address(element).and_then(|address| said(Form::Text, &address)),
            "codepen" => codepen(element),
            class => {
                let by_attribute = SNIPPETS.iter().find(|(own, ..)| *own == class).and_then(|(_, name, before)| {
                    // Flourish writes the charts' address with parameters of its own.
                    snippet(Form::DataAttr, before, raw_attr(element.value(), name)?.split('?').next()?)
                });
                let by_name = || {
                    CLASSES
                        .iter()
                        .find_map(|(start, before)| snippet(Form::DataAttr, before, class.strip_prefix(start)?))
                };
                by_attribute.or_else(by_name)
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The player's address of AMP's element, whose parts are its attributes.
fn brightcove(element: ElementRef<'_>) -> Option<Markup> {
    let part = |name| attr(element, name).filter(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let (account, film) = (part("data-account")?, part("data-video-id")?);
    let player = part("data-player").or_else(|| part("data-player-id")).unwrap_or("default");
    let address = format!("https://players.brightcove.net/{account}/{player}_default/index.html?videoId={film}");
    said(Form::Amp, &address)
}

fn codepen(element: ElementRef<'_>) -> Option<Markup> {
    let pen = attr(element, "data-slug-hash")?;
    let user = attr(element, "data-user").or_else(|| {
        // Older snippets name the author only in the link of their credit.
        let link = element.select(&LINK).find_map(|link| attr(link, "href").filter(|href| href.contains("/pen/")))?;
        link.split("codepen.io/").nth(1)?.split('/').next()
    });
    snippet(Form::DataAttr, "https://codepen.io/", &format!("{}/pen/{pen}", user.unwrap_or("anon")))
}

/// An item by a name of harmless characters.
fn snippet(form: Form, before: &str, name: &str) -> Option<Markup> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.');
    let name = name.trim_matches('/');
    if name.is_empty() || name.len() > 200 || !name.bytes().all(is_name) || name.split('/').any(|part| part == "..") {
        return None;
    }
    said(form, &format!("{before}{name}"))
}

/// The address that is all there is in an element.
fn bare_address(element: ElementRef<'_>) -> Option<String> {
    let mut words = String::new();
    for child in element.children() {
        words.push_str(child.value().as_text()?);
        if words.len() > MAX_BARE_URL_BYTES {
            return None;
        }
    }
    let address = words.trim();
    (address.starts_with("http") && !address.contains(char::is_whitespace)).then(|| address.to_owned())
}

fn markup(form: Form, post: PostRef) -> Markup {
    Markup { form, target: Target::Post(post), quoted: Quoted::default() }
}

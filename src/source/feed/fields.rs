//! What an element of a feed says: text in its coding, the link to the article, who wrote it.

use crate::{
    html,
    source::{
        words::{has_tag, line, words},
        xml::{Element, Space, resolve},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::borrow::Cow;
use url::Url;

/// How an element of Atom writes its text: `type` and, in Atom 0.3, `mode`. RSS has neither, and means anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    Markup,
    Base64,
    Unsaid,
}

fn coding(element: &Element) -> Coding {
    let kind = element.attribute("type").map(str::to_ascii_lowercase);
    match element.attribute("mode").map(str::to_ascii_lowercase).as_deref() {
        Some("base64") => return Coding::Base64,
        Some("escaped") if kind.as_deref() != Some("text/plain") => return Coding::Markup,
        _ => {}
    }
    match kind.as_deref() {
        Some("html" | "xhtml" | "text/html" | "application/xhtml+xml") => Coding::Markup,
        Some("text" | "text/plain") => Coding::Plain,
        Some(kind) if kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml") => Coding::Base64,
        None if element.space == Space::Atom => Coding::Plain,
        _ => Coding::Unsaid,
    }
}

/// What is in it, base64 undone.
fn content(element: &Element) -> String {
    let inner = element.inner();
    if coding(element) == Coding::Base64 {
        let packed: Cow<'_, str> = inner.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(text) = STANDARD.decode(packed.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            return text;
        }
    }
    inner
}

/// The words of a title or a name, on one line.
pub(super) fn title(element: &Element) -> Option<String> {
    let text = content(element);
    let has_elements = element.elements().next().is_some();
    // What is said to be plain is, unless it holds an end tag or a reference: then it was escaped once too often.
    if coding(element) == Coding::Plain && !has_elements && !(text.contains('&') && text.contains(';')) {
        return if has_tag(&text) && text.contains("</") { words(&text) } else { line(&text) };
    }
    words(&text)
}

/// Its text as HTML: markup as it is, plain text escaped in paragraphs.
pub(super) fn html(element: &Element) -> Option<String> {
    let text = content(element);
    let is_plain = match coding(element) {
        Coding::Plain => element.elements().next().is_none() && !text.contains("</"),
        Coding::Unsaid => !has_tag(&text) && !text.contains('&'),
        Coding::Markup | Coding::Base64 => false,
    };
    let text = if is_plain { paragraphs(&text) } else { text };
    (!text.trim().is_empty()).then_some(text)
}

/// Plain text as HTML: blank lines part paragraphs.
pub(super) fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| format!("<p>{}</p>", html::escape(part).replace('\n', "<br>"))).collect()
}

/// An Atom link, in a feed of any kind.
#[derive(Debug)]
pub(super) struct Link<'a> {
    pub(super) rel: String,
    pub(super) kind: String,
    pub(super) href: &'a str,
    element: &'a Element,
}

/// The element's links that have an address.
pub(super) fn links(element: &Element) -> impl Iterator<Item = Link<'_>> {
    element.named("link").filter(|link| matches!(link.space, Space::Atom | Space::Core)).filter_map(|link| {
        let lower = |name: &str| link.attribute(name).unwrap_or_default().to_ascii_lowercase();
        let rel = lower("rel");
        let rel = rel.rsplit('/').next().unwrap_or_default();
        Some(Link { rel: rel.to_owned(), kind: lower("type"), href: link.attribute("href")?, element: link })
    })
}

impl Link<'_> {
    /// Its address, absolute.
    pub(super) fn url(&self, base: Option<&Url>) -> Option<Url> {
        resolve(self.href, self.element.base(base).as_ref())
    }

    fn is_alternate(&self) -> bool {
        matches!(self.rel.as_str(), "" | "alternate")
    }

    fn is_html(&self) -> bool {
        self.kind.is_empty() || self.kind.contains("html")
    }
}

/// The address of the page that an entry or a feed is about: the alternate link, HTML before others; RSS's link; never
/// the feed's own or an enclosure.
pub(super) fn page(element: &Element, base: Option<&Url>) -> Option<Url> {
    let plain = || {
        let written = element.named("link").filter(|link| link.space == Space::Core && !link.is_cut);
        written.filter_map(|link| resolve(&link.text()?, link.base(base).as_ref())).next()
    };
    let alternate = |is_html: bool| {
        links(element)
            .filter(|link| link.is_alternate() && (!is_html || link.is_html()))
            .find_map(|link| link.url(base))
    };
    plain().or_else(|| alternate(true)).or_else(|| alternate(false))
}

/// The last choice: a link of any relation that may be a page.
pub(super) fn any_page(element: &Element, base: Option<&Url>) -> Option<Url> {
    const NONE: [&str; 12] = [
        "self",
        "enclosure",
        "hub",
        "replies",
        "edit",
        "license",
        "next",
        "previous",
        "prev",
        "first",
        "last",
        "search",
    ];
    links(element).filter(|link| !NONE.contains(&link.rel.as_str()) && link.is_html()).find_map(|link| link.url(base))
}

/// Who wrote it, by name: each once, parted by commas.
pub(super) fn authors(element: &Element) -> Option<String> {
    const PLACES: [(Space, &str); 6] = [
        (Space::Atom, "author"),
        (Space::Core, "author"),
        (Space::Dc, "creator"),
        (Space::Dc, "author"),
        (Space::Itunes, "author"),
        (Space::Core, "managingeditor"),
    ];
    let mut names: Vec<String> = Vec::new();
    for (space, place) in PLACES {
        for author in element.elements().filter(|child| child.is(space, place) && !child.is_cut) {
            let name = author.named("name").find_map(Element::text).or_else(|| person(&author.text()?));
            if let Some(name) = name.and_then(|name| words(&name)).filter(|name| !names.contains(name)) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            return Some(names.join(", "));
        }
    }
    None
}

/// The name in `mail@example.com (Name)` or `Name <mail@example.com>`; the whole text where it is no such form.
fn person(text: &str) -> Option<String> {
    let text = text.trim();
    let is_mail = |part: &str| part.contains('@') && !part.contains(char::is_whitespace);
    if let Some((before, inside)) = text.split_once('(') {
        let inside = inside.trim_end_matches(')').trim();
        let before = before.trim();
        return Some(
            if is_mail(inside) {
                before
            } else if is_mail(before) {
                inside
            } else {
                text
            }
            .to_owned(),
        );
    }
    if let Some((before, inside)) = text.split_once('<')
        && is_mail(inside.trim_end_matches('>'))
        && !before.trim().is_empty()
    {
        return Some(before.trim().to_owned());
    }
    (!text.is_empty()).then(|| text.to_owned())
}

/// Categories and keywords.
pub(super) fn tags(element: &Element) -> Vec<String> {
    let mut tags = Vec::new();
    for child in element.elements().filter(|child| !child.is_cut) {
        match (child.space, child.name.as_str()) {
            (Space::Core | Space::Atom, "category") => {
                let term = child.attribute("label").or_else(|| child.attribute("term")).map(str::to_owned);
                tags.extend(term.or_else(|| child.text()).and_then(|tag| words(&tag)));
            }
            (Space::Itunes, "category") => itunes_categories(child, &mut tags),
            (Space::Dc, "subject") => tags.extend(child.text().and_then(|tag| words(&tag))),
            (Space::Itunes | Space::Media, "keywords") => {
                tags.extend(child.text().unwrap_or_default().split(',').filter_map(words));
            }
            _ => {}
        }
    }
    tags
}

/// Podcasts' categories: words in attributes, one in the other. The depth is that of the tree, which the reader bounds.
fn itunes_categories(category: &Element, tags: &mut Vec<String>) {
    tags.extend(category.attribute("text").and_then(words));
    for inner in category.named("category") {
        itunes_categories(inner, tags);
    }
}

/// An id of Atom: an address, which may be relative.
pub(super) fn atom_id(element: &Element, base: Option<&Url>) -> Option<String> {
    let id = element.text()?;
    let is_relative = element.space == Space::Atom && id.contains('/') && Url::parse(&id).is_err();
    let absolute = if is_relative { resolve(&id, element.base(base).as_ref()) } else { None };
    Some(absolute.map_or(id, String::from))
}

/// A language's tag, as BCP 47 writes it.
pub(super) fn language(text: &str) -> String {
    text.trim().replace('_', "-")
}

//! The preserved page of an article as HTML that may stand in a page of ours: its structure and words, its pictures as
//! far as they are kept, stand-ins for what it loaded from elsewhere. Sources that are no HTML are shown as they are.

use super::{
    body::{self, Manner, Page},
    markup::Markup,
    places::Places,
    sanitize,
};
use crate::{
    article::{self, Kind},
    html::{attr, charset, escape, parse_fragment},
    model::{OriginalView, StoredMedia},
};
use scraper::ElementRef;
use url::Url;

/// Pictures that are looked up for one page.
const MAX_PICTURES: usize = 500;

/// How far into a page its `<base>` is looked for, in bytes.
const BASE_BYTES: usize = 64 << 10;

/// A preserved page, ready to be framed.
pub(super) struct Preserved {
    /// `web page`, `Markdown` or `plain text`.
    pub(super) kind: &'static str,
    /// What it holds.
    pub(super) body: Markup,
    /// Whether it is longer than what is shown.
    pub(super) cut: bool,
}

/// `kept` finds a picture of the archive by its URL.
pub(super) fn preserved(
    view: &OriginalView,
    places: &mut dyn Places,
    kept: &mut dyn FnMut(&str) -> Option<StoredMedia>,
) -> Preserved {
    let kind = [Kind::Html, Kind::Markdown, Kind::Text].into_iter().find(|kind| kind.as_str() == view.kind);
    match kind.unwrap_or(Kind::Text) {
        Kind::Html => web_page(view, places, kept),
        other => {
            let (text, _) = charset::decode_plain(&view.bytes, view.content_type.as_deref());
            let shown = sanitize::cut(&text);
            Preserved {
                kind: if other == Kind::Markdown { "Markdown" } else { "plain text" },
                body: Markup::vouched(format!("<pre class=\"source\" dir=\"auto\">{}</pre>", escape(shown))),
                cut: shown.len() < text.len(),
            }
        }
    }
}

fn web_page(
    view: &OriginalView,
    places: &mut dyn Places,
    kept: &mut dyn FnMut(&str) -> Option<StoredMedia>,
) -> Preserved {
    let content_type = view.content_type.as_deref();
    let html = article::Page::new(Kind::Html, &view.name, view.url.clone(), &view.bytes, content_type).html;
    let base = base(&html, view.url.as_ref());
    let clean = sanitize::original(&html, base.as_ref());
    let mut left = MAX_PICTURES;
    let mut shown = |url: &Url| {
        left = left.checked_sub(1)?;
        places.media(&kept(url.as_str())?).ok().filter(|shown| shown.mime.starts_with("image/")).map(|shown| shown.url)
    };
    let mut page = Page { url: view.url.as_ref(), base: base.as_ref(), kept: &mut shown };
    let body = body::write(&clean, Manner::Page(&mut page), |_| None);
    Preserved { kind: "web page", body, cut: sanitize::cut(&html).len() < html.len() }
}

/// What the page's relative addresses stand on: its first `<base>`, or its own address.
fn base(html: &str, url: Option<&Url>) -> Option<Url> {
    let head = html.as_bytes().get(..BASE_BYTES).unwrap_or(html.as_bytes());
    let found = head.windows(5).position(|start| start.eq_ignore_ascii_case(b"<base"));
    let stated = found.and_then(|at| {
        let tag = html.get(at..)?.split_inclusive('>').next()?;
        let tree = parse_fragment(tag);
        let element =
            tree.tree.nodes().filter_map(ElementRef::wrap).find(|element| element.value().name() == "base")?;
        let href = attr(element, "href")?;
        url.map_or_else(|| Url::parse(href), |url| url.join(href)).ok()
    });
    stated.filter(|url| matches!(url.scheme(), "http" | "https")).or_else(|| url.cloned())
}

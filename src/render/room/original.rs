//! The original page of an article, as preserved, below a thin frame that says what it is.

use super::shell::{self, Frame, Section};
use crate::{
    model::{OriginalView, StoredMedia, When},
    render::{
        Places, RenderError,
        markup::Markup,
        original, sanitize,
        words::{self, Moment},
    },
    words::excerpt,
};
use serde::Serialize;

/// Characters of a headline in the frame.
const MAX_TITLE: usize = 200;

#[derive(Serialize)]
struct OriginalPage {
    title: String,
    lang: Option<String>,
    kind: &'static str,
    archived: Moment,
    url: Option<String>,
    shown_url: String,
    digest: String,
    size: String,
    /// Which version, where there are several.
    version: Option<String>,
    /// The reading view of this version.
    article: Option<String>,
    raw: Option<String>,
    cut: bool,
    body: Markup,
}

/// The preserved page. `kept` finds a picture of the archive by its URL, without its bytes. It is to be served with
/// [`ORIGINAL_POLICY`], and holds no script.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn original(
    view: &OriginalView,
    frame: &Frame,
    places: &mut dyn Places,
    kept: &mut dyn FnMut(&str) -> Option<StoredMedia>,
) -> Result<String, RenderError> {
    let preserved = original::preserved(view, places, kept);
    let newest = view.number == view.versions;
    let address = view.url.as_ref().map_or(view.name.as_str(), url::Url::as_str);
    let headline = Some(view.title.trim()).filter(|title| !title.is_empty()).unwrap_or(&view.name);
    let page = OriginalPage {
        title: excerpt(headline, MAX_TITLE),
        lang: sanitize::language(view.lang.as_deref()),
        kind: preserved.kind,
        archived: Moment::of(When::Instant(view.captured_at)),
        url: sanitize::link(address),
        shown_url: words::shown_url(address),
        digest: view.digest.clone(),
        size: words::counted(view.bytes.len(), "byte", "bytes"),
        version: (view.versions > 1).then(|| format!("{} of {}", view.number, view.versions)),
        article: if newest { places.article(view.id) } else { places.version(view.id, view.number) },
        raw: places.original_bytes(view.id, view.number),
        cut: preserved.cut,
        body: preserved.body,
    };
    let title = format!("Preserved original: {}", page.title);
    shell::page("room/original.html", frame, Section::Articles, &title, &page)
}

/// The policy under which a preserved page is served: our style sheet and our copies of its pictures, nothing else. It
/// stays of our origin, for those to be let through to it; with scripts forbidden twice it can do nothing with that.
pub const ORIGINAL_POLICY: &str = "sandbox allow-same-origin allow-downloads; default-src 'none'; img-src 'self'; \
    style-src 'self'; script-src 'none'; object-src 'none'; frame-src 'none'; connect-src 'none'; worker-src 'none'; \
    manifest-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

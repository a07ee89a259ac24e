//! What changed in an article from one version to the next, word by word.

use super::{
    diff,
    shell::{self, Frame, Section},
};
use crate::{
    model::{VersionWords, When},
    render::{Places, RenderError, markup::Markup, sanitize, words::Moment},
    words::excerpt,
};
use serde::Serialize;

/// Characters of a headline.
const MAX_TITLE: usize = 300;

#[derive(Serialize)]
struct ChangesPage {
    headline: String,
    lang: Option<String>,
    before: Version,
    after: Version,
    /// The pages of the changes before and after these.
    earlier: Option<String>,
    later: Option<String>,
    /// What changed in the headline and the byline.
    title: Option<Markup>,
    byline: Option<Markup>,
    /// Posts that only one of them embeds.
    gained: Vec<Link>,
    lost: Vec<Link>,
    text: Option<Markup>,
}

#[derive(Serialize)]
struct Version {
    number: usize,
    url: Option<String>,
    archived: Moment,
}

#[derive(Serialize)]
struct Link {
    words: String,
    url: Option<String>,
}

/// The changes from `before` to `after`, both versions of the article `id`, which has `versions` of them.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn changes(
    id: i64,
    before: &VersionWords,
    after: &VersionWords,
    versions: usize,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let version = |words: &VersionWords| Version {
        number: words.number,
        url: if words.number == versions { places.article(id) } else { places.version(id, words.number) },
        archived: Moment::of(When::Instant(words.captured_at)),
    };
    let only = |of: &VersionWords, other: &VersionWords| {
        let keys = of.posts.iter().filter(|key| !other.posts.contains(key));
        keys.map(|key| Link { words: excerpt(key, MAX_TITLE), url: places.post(key) }).collect()
    };
    let changed = |before: &str, after: &str| (before != after).then(|| diff::words(before, after));
    let page = ChangesPage {
        headline: excerpt(after.title.trim(), MAX_TITLE),
        lang: sanitize::language(after.lang.as_deref()),
        before: version(before),
        after: version(after),
        earlier: (before.number > 1).then(|| places.changes(id, before.number)).flatten(),
        later: (after.number < versions).then(|| places.changes(id, after.number + 1)).flatten(),
        title: changed(before.title.trim(), after.title.trim()),
        byline: changed(before.byline.as_deref().unwrap_or_default(), after.byline.as_deref().unwrap_or_default()),
        gained: only(after, before),
        lost: only(before, after),
        text: changed(&before.text, &after.text),
    };
    let title = format!("What changed: {}", page.headline);
    shell::page("room/changes.html", frame, Section::Articles, &title, &page)
}

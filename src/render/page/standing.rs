//! How an article stands by now: whether its site still has it, when it was and will be looked at, its versions, where
//! else it can be found.

use crate::{
    model::{Address, ArticleView, Standing, VersionView, When},
    render::{
        places::Places,
        sanitize::link,
        words::{self, Moment},
    },
    words::excerpt,
};
use serde::Serialize;

/// Addresses that are listed.
const MAX_ADDRESSES: usize = 50;

/// Characters of a headline in the list of versions.
const MAX_TITLE: usize = 160;

#[derive(Serialize)]
pub(super) struct StandingDrawing {
    gone_since: Option<Moment>,
    /// The last look, where it was after this version was archived.
    looked_at: Option<Moment>,
    due_at: Option<Moment>,
    looks: String,
    live_blog: bool,
    addresses: Vec<AddressDrawing>,
    /// Which version this is, such as `2 of 3`; none where there is but one.
    version: Option<String>,
    /// The newest version, where this is an older one.
    newer: Option<VersionLink>,
    /// Newest first; empty where there is but one.
    versions: Vec<VersionDrawing>,
}

#[derive(Serialize)]
struct AddressDrawing {
    url: String,
    shown: String,
    words: &'static str,
}

#[derive(Serialize)]
struct VersionLink {
    url: Option<String>,
    archived: Moment,
}

#[derive(Serialize)]
struct VersionDrawing {
    number: usize,
    here: bool,
    url: Option<String>,
    archived: Moment,
    /// The new headline, where it changed.
    title: Option<String>,
    /// What it has, or what changed in it since the version before.
    words: String,
    changes: Option<String>,
}

pub(super) fn standing(view: &ArticleView, standing: &Standing, places: &dyn Places) -> StandingDrawing {
    let versions = &standing.versions;
    let many = versions.len() > 1;
    let newest = versions.last().filter(|_| view.number < versions.len());
    let own = view.article.url.as_ref().map(url::Url::as_str);
    StandingDrawing {
        gone_since: standing.gone_since.map(Moment::day_of),
        looked_at: Some(standing.last_looked_at).filter(|at| *at > view.captured_at).map(Moment::day_of),
        due_at: standing.due_at.map(Moment::day_of),
        looks: words::counted(usize::try_from(standing.looks).unwrap_or(usize::MAX), "look", "looks"),
        live_blog: standing.live_blog,
        addresses: standing
            .addresses
            .iter()
            .filter(|address| Some(address.url.as_str()) != own)
            .filter_map(address)
            .take(MAX_ADDRESSES)
            .collect(),
        version: many.then(|| format!("{} of {}", view.number, versions.len())),
        newer: newest.map(|newest| VersionLink {
            url: places.article(view.id),
            archived: Moment::of(When::Instant(newest.captured_at)),
        }),
        versions: if many { drawn(view, versions, places) } else { Vec::new() },
    }
}

fn drawn(view: &ArticleView, versions: &[VersionView], places: &dyn Places) -> Vec<VersionDrawing> {
    let before = std::iter::once(None).chain(versions.iter().map(Some));
    let mut drawn: Vec<_> = (1..)
        .zip(versions.iter().zip(before))
        .map(|(number, (version, before))| VersionDrawing {
            number,
            here: number == view.number,
            url: if number == versions.len() { places.article(view.id) } else { places.version(view.id, number) },
            archived: Moment::of(When::Instant(version.captured_at)),
            title: before
                .filter(|before| before.title != version.title)
                .map(|_| excerpt(version.title.trim(), MAX_TITLE)),
            words: changed(version, before),
            changes: before.and_then(|_| places.changes(view.id, number)),
        })
        .collect();
    drawn.reverse();
    drawn
}

/// `3 posts, 4.2 kB of text`, or what changed of that.
fn changed(version: &VersionView, before: Option<&VersionView>) -> String {
    let size = |bytes: u64| match bytes {
        0..1_000 => format!("{bytes} bytes"),
        _ => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
    };
    let posts = |count: u64| words::counted(usize::try_from(count).unwrap_or(usize::MAX), "post", "posts");
    let Some(before) = before else {
        return format!("{}, {} of text", posts(version.embeds), size(version.text_bytes));
    };
    let step = |now: u64, before: u64, named: &dyn Fn(u64) -> String| match now.cmp(&before) {
        std::cmp::Ordering::Greater => Some(format!("{} more", named(now - before))),
        std::cmp::Ordering::Less => Some(format!("{} fewer", named(before - now))),
        std::cmp::Ordering::Equal => None,
    };
    let steps = [
        step(version.embeds, before.embeds, &posts),
        step(version.text_bytes, before.text_bytes, &|bytes| format!("{} of text", size(bytes))),
    ];
    let steps: Vec<String> = steps.into_iter().flatten().collect();
    if steps.is_empty() { "as many posts, as long a text".to_owned() } else { steps.join(", ") }
}

fn address(address: &Address) -> Option<AddressDrawing> {
    let words = match address.how.as_str() {
        "redirect" => "leads there",
        "canonical" => "stated by the page",
        "page" => "a further page",
        "amp" => "AMP form",
        "print" => "print form",
        _ => "as the source named it",
    };
    Some(AddressDrawing { shown: words::shown_url(&address.url), url: link(&address.url)?, words })
}

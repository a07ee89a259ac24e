//! The page of one post: the post as people know it, and below it all that is known of it.

use super::{
    counts::{self, CountsDrawing},
    facts::{self, Facts},
    lines::{self, Line},
    plain,
    shell::{self, Frame, Section},
    timeline::{self, TimelineDrawing},
};
use crate::{
    model::{EmbeddedIn, KnownPost, PostView, Scope, StoredMedia, When},
    render::{
        Places, RenderError,
        markup::Markup,
        post as drawn,
        words::{self, Moment},
    },
    words::shortened,
};
use serde::Serialize;

/// Files that are listed one by one.
const MAX_FILES: usize = 200;

/// Characters of what an article quotes that are shown.
const MAX_QUOTE: usize = 600;

#[derive(Serialize)]
struct PostPage {
    facts: Facts,
    /// Set on the page of one snapshot.
    asked: Option<Asked>,
    post: Markup,
    timeline: TimelineDrawing,
    counts: Option<CountsDrawing>,
    files: Vec<File>,
    more_files: usize,
    articles: Vec<Article>,
    articles_total: String,
    articles_earlier: Option<String>,
    articles_later: Option<String>,
    quoted_by: Vec<Line>,
    more_quoted_by: Option<String>,
    answered_by: Vec<Line>,
    more_answered_by: Option<String>,
}

/// What is said of a snapshot that is shown by itself.
#[derive(Serialize)]
struct Asked {
    number: i64,
    at: Moment,
    from: &'static str,
    /// It has no content: what the platform said instead.
    said: Option<String>,
    is_shown: bool,
    is_superseded: bool,
    /// The post's page.
    now: Option<String>,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Serialize)]
struct File {
    what: &'static str,
    thumb: Option<String>,
    url: Option<String>,
    mime: Option<String>,
    size: Option<String>,
    pixels: Option<String>,
    digest: Option<String>,
    short_digest: Option<String>,
    alt: Option<String>,
    /// Why it is not here, or not shown.
    missing: Option<String>,
    note: Option<String>,
    address: String,
}

#[derive(Serialize)]
struct Article {
    url: Option<String>,
    title: String,
    site: Option<String>,
    published: Option<Moment>,
    captured: Moment,
    form: &'static str,
    beside: bool,
    no_longer: bool,
    quote: Option<String>,
    quoted_author: Option<String>,
}

/// The post with all that is known of it; `articles_page` is the page of its articles that `view` holds, from 1, and
/// `articles_size` how many a page has.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn post(
    view: &KnownPost,
    articles: (usize, usize),
    frame: &Frame,
    places: &mut dyn Places,
) -> Result<String, RenderError> {
    let platform = words::platform(&view.post.post.platform, Some(&view.post.post.url));
    let page = places.post(&view.post.post.key());
    let page = page.as_deref();
    let facts = facts::facts(view, &platform, page, places);
    let title = facts.title();
    let shown = PostView {
        // An old state says nothing of what came after it.
        last_seen_at: view.post.last_seen_at.filter(|_| view.asked.is_none()),
        ..view.post.clone()
    };
    let drawing = PostPage {
        asked: asked(view, &platform, page, places),
        post: drawn::post(&shown, places)?,
        timeline: timeline::timeline(&view.timeline, &platform, page, places),
        counts: counts::counts(&view.timeline.counts),
        files: view.post.media.iter().take(MAX_FILES).map(|file| self::file(file, places)).collect(),
        more_files: view.post.media.len().saturating_sub(MAX_FILES),
        articles: view.articles.iter().map(|one| article(one, places)).collect(),
        articles_total: words::number(view.articles_total),
        articles_earlier: page
            .filter(|_| articles.0 > 1)
            .and_then(|page| places.asked(page, "articles", &(articles.0 - 1).to_string())),
        articles_later: page
            .filter(|_| (articles.0.max(1) * articles.1) as u64 <= view.articles_total.saturating_sub(1))
            .and_then(|page| places.asked(page, "articles", &(articles.0.max(1) + 1).to_string())),
        quoted_by: view.quoted_by.iter().map(|line| lines::line(line, places)).collect(),
        more_quoted_by: more(view.quoted_by_total, view.quoted_by.len()),
        answered_by: view.answered_by.iter().map(|line| lines::line(line, places)).collect(),
        more_answered_by: more(view.answered_by_total, view.answered_by.len()),
        facts,
    };
    shell::page("room/post.html", frame, Section::Posts, &title, &drawing)
}

fn more(total: u64, shown: usize) -> Option<String> {
    total.checked_sub(shown as u64).filter(|more| *more > 0).map(words::number)
}

fn asked(view: &KnownPost, platform: &str, page: Option<&str>, places: &dyn Places) -> Option<Asked> {
    let asked = view.asked.as_ref()?;
    let link = |number: Option<i64>| places.asked(page?, "snapshot", &number?.to_string());
    Some(Asked {
        number: asked.number,
        at: Moment::of(When::Instant(asked.captured_at)),
        from: plain::rung(asked.via).from,
        said: view.post.content.is_none().then(|| plain::state(asked.state, platform).sentence),
        is_shown: asked.is_shown,
        is_superseded: asked.is_superseded,
        now: page.map(str::to_owned),
        previous: link(asked.previous),
        next: link(asked.next),
    })
}

fn file(file: &StoredMedia, places: &mut dyn Places) -> File {
    let shown = places.media(file);
    let text = |words: &Option<String>| words.as_deref().map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned);
    File {
        what: timeline::kind(file.kind),
        thumb: shown.as_ref().ok().filter(|shown| shown.mime.starts_with("image/")).map(|shown| shown.url.clone()),
        url: shown.as_ref().ok().map(|shown| shown.url.clone()),
        mime: file.mime.clone(),
        size: file.size_bytes.map(plain::size),
        pixels: file.width_px.zip(file.height_px).map(|(width, height)| format!("{width} × {height}")),
        short_digest: file.digest.as_ref().map(|digest| digest.chars().take(16).collect()),
        digest: file.digest.clone(),
        alt: text(&file.alt),
        missing: shown.err(),
        note: text(&file.note),
        address: shortened(&words::shown_url(&file.url), 90),
    }
}

fn article(one: &EmbeddedIn, places: &dyn Places) -> Article {
    let quoted = &one.quoted;
    let author = quoted.author_name.as_ref().or(quoted.author_handle.as_ref());
    Article {
        url: places.article(one.article),
        title: if one.title.trim().is_empty() { words::shown_url(&one.name) } else { one.title.clone() },
        site: one.site_name.clone().filter(|site| !site.trim().is_empty()),
        published: one.published.map(Moment::of),
        captured: Moment::day_of(one.captured_at),
        form: one.form.as_str(),
        beside: one.scope == Scope::Page,
        no_longer: one.no_longer,
        quote: quoted.text.as_deref().map(|text| shortened(text.trim(), MAX_QUOTE)),
        quoted_author: author.cloned(),
    }
}

//! A post as people know it: who, when, what, the posts inside it, and what is known of it by now.

use super::{
    RenderError,
    content::{self, ContentDrawing},
    markup::{Markup, draw},
    media,
    places::Places,
    sanitize::link,
    state::{self, Capture, Notice},
    words::{self, Moment},
};
use crate::model::{Author, EmbedView, Post, PostView, Quoted, Related, State, StoredMedia, Target, When};
use serde::Serialize;
use url::Url;

/// Posts inside posts inside posts: as deep as any platform draws them.
const MAX_NESTING: usize = 2;

#[derive(Serialize)]
struct PostDrawing {
    /// `twitter` and so on, letters and digits only: for the style sheet.
    class: String,
    platform: String,
    nested: bool,
    /// The platform is named: always, but inside a post of the same one.
    pill: bool,
    url: Option<String>,
    shown_url: String,
    /// The words of the link to `url`.
    link_words: String,
    /// Its own page, and its platform's.
    page: Option<String>,
    platform_page: Option<String>,
    notice: Option<Notice>,
    author: Option<AuthorDrawing>,
    published: Option<Moment>,
    edited: Option<Moment>,
    content: Option<ContentDrawing>,
    capture: Option<Capture>,
}

#[derive(Serialize)]
struct AuthorDrawing {
    name: String,
    handle: Option<String>,
    /// The page of all that is kept of them.
    page: Option<String>,
    url: Option<String>,
    avatar: Option<String>,
    initials: String,
}

/// A post of the archive.
pub(super) fn post(view: &PostView, places: &mut dyn Places) -> Result<Markup, RenderError> {
    nested(view, None, &[], 0, places)
}

/// An embed: its post; where that has no content, what the article quotes; else the reason why there is nothing.
pub(super) fn embed(view: &EmbedView, places: &mut dyn Places) -> Result<Markup, RenderError> {
    let quoted = &view.embed.quoted;
    let reached = view.post.as_ref().filter(|found| found.state != State::Unknown || has_own_address(found, view));
    match (reached, &view.embed.target) {
        (Some(found), _) if found.content.is_some() || quoted.text.is_none() => post(found, places),
        // The words of the article stand in, and say so, until a snapshot of that rung is there.
        (Some(found), _) => {
            let content = from_quote(found.post.clone(), quoted);
            let stand_in = PostView { content: Some(content), via: None, ..found.clone() };
            post(&stand_in, places)
        }
        (None, Target::Post(named)) => {
            let reason = "This post has not been captured.";
            draw("post.html", &unresolved(&named.platform, Some(&named.url), reason, quoted))
        }
        (None, Target::ShortLink { platform, url }) => {
            let reason = "The page gives only a short link, and where it leads could not be found out.";
            draw("post.html", &unresolved(platform, Some(url), reason, quoted))
        }
        (None, Target::Unresolved { platform }) => {
            let reason = "The page gives no address for this post.";
            draw("post.html", &unresolved(platform, None, reason, quoted))
        }
    }
}

/// Whether the post has an address of its own. What stands in the archive for a short link that leads nowhere, or for
/// words without any link, has not.
fn has_own_address(found: &PostView, view: &EmbedView) -> bool {
    match &view.embed.target {
        Target::Post(_) => true,
        Target::ShortLink { url, .. } => found.post.url != *url,
        Target::Unresolved { .. } => false,
    }
}

/// `outer` is the platform of the post around it.
fn nested(
    view: &PostView,
    outer: Option<&str>,
    more: &[&StoredMedia],
    depth: usize,
    places: &mut dyn Places,
) -> Result<Markup, RenderError> {
    let stored: Vec<&StoredMedia> = view.media.iter().chain(more.iter().copied()).collect();
    let platform = words::platform(&view.post.platform, Some(&view.post.url));
    let mut drawing = frame(&view.post.platform, Some(&view.post.url));
    drawing.nested = depth > 0;
    drawing.pill = outer != Some(view.post.platform.as_str());
    drawing.page = places.post(&view.post.key());
    drawing.platform_page = places.platform(&view.post.platform);
    drawing.notice = state::notice(view, &platform);
    drawing.capture = state::capture(view, &platform);
    match &view.content {
        Some(content) => {
            drawing.author = Some(author(&content.author, &view.post.platform, &stored, places));
            drawing.published = content.published.map(Moment::of);
            drawing.edited = content.edited.map(|at| Moment::of(When::Instant(at)));
            let mut drawn = content::content(content, &stored, places)?;
            drawn.quoted = related(content.quoted.as_ref(), view.quoted.as_deref(), view, &stored, depth, places)?;
            drawn.reply_to =
                related(content.reply_to.as_ref(), view.reply_to.as_deref(), view, &stored, depth, places)?;
            drawing.content = Some(drawn);
            drawing.link_words = if view.state.is_gone() { "Where it was" } else { "Original post" }.to_owned();
        }
        None => {
            drawing.author = view.post.author.as_ref().map(|handle| {
                let known = Author { handle: handle.clone(), ..Author::default() };
                author(&known, &view.post.platform, &stored, places)
            });
        }
    }
    draw(places.layout().post(), &drawing)
}

/// A post that this one quotes or answers: as archived by itself, else as this one's snapshot holds it.
fn related(
    named: Option<&Related>,
    archived: Option<&PostView>,
    view: &PostView,
    stored: &[&StoredMedia],
    depth: usize,
    places: &mut dyn Places,
) -> Result<Option<Markup>, RenderError> {
    let outer = Some(view.post.platform.as_str());
    if depth >= MAX_NESTING {
        return Ok(None);
    }
    if let Some(archived) = archived.filter(|archived| archived.content.is_some() || archived.state.is_gone()) {
        return nested(archived, outer, stored, depth + 1, places).map(Some);
    }
    let Some(named) = named else { return Ok(None) };
    let Some(content) = &named.content else {
        let mut drawing = frame(&named.post.platform, Some(&named.post.url));
        drawing.nested = true;
        drawing.pill = outer != Some(named.post.platform.as_str());
        return draw(places.layout().post(), &drawing).map(Some);
    };
    let inside = PostView {
        memento: None,
        login: view.login,
        post: named.post.clone(),
        content: Some((**content).clone()),
        media: Vec::new(),
        quoted: None,
        reply_to: None,
        last_looked_at: None,
        last_seen_at: None,
        last_failure: None,
        history: Vec::new(),
        // What became of the outer post says nothing of this one.
        state: State::Live,
        state_since: None,
        // The outer post already says where and when both come from.
        via: view.via,
        captured_at: None,
    };
    nested(&inside, outer, stored, depth + 1, places).map(Some)
}

fn frame(platform: &str, url: Option<&Url>) -> PostDrawing {
    PostDrawing {
        class: platform.chars().filter(char::is_ascii_alphanumeric).collect(),
        platform: words::platform(platform, url),
        nested: false,
        pill: true,
        url: url.and_then(|url| link(url.as_str())),
        link_words: url.map_or_else(String::new, |url| words::shown_url(url.as_str())),
        shown_url: url.map_or_else(String::new, |url| words::shown_url(url.as_str())),
        page: None,
        platform_page: None,
        notice: None,
        author: None,
        published: None,
        edited: None,
        content: None,
        capture: None,
    }
}

fn unresolved(platform: &str, url: Option<&Url>, reason: &str, quoted: &Quoted) -> PostDrawing {
    let mut drawing = frame(platform, url);
    drawing.notice = Some(state::no_post(reason, quoted.text.is_some()));
    if quoted.author_name.is_some() || quoted.author_handle.is_some() {
        drawing.author =
            Some(author(&quoted_author(quoted), platform, &[], &mut crate::render::inline::Inliner::new()));
    }
    drawing.published = quoted.published.map(Moment::of);
    if let Some(words) = &quoted.text {
        drawing.content = Some(content::words_alone(words));
        drawing.capture = Some(state::quoted_by_article());
    }
    drawing
}

fn from_quote(post: crate::model::PostRef, quoted: &Quoted) -> Post {
    let mut content = Post::new(post, quoted_author(quoted), quoted.text.clone().unwrap_or_default());
    content.published = quoted.published;
    content
}

fn quoted_author(quoted: &Quoted) -> Author {
    Author {
        handle: quoted.author_handle.clone().unwrap_or_default(),
        name: quoted.author_name.clone(),
        ..Author::default()
    }
}

fn author(author: &Author, platform: &str, stored: &[&StoredMedia], places: &mut dyn Places) -> AuthorDrawing {
    let handle = author.handle.trim().trim_start_matches('@');
    let name = author.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    AuthorDrawing {
        name: match (name, handle) {
            (Some(name), _) => name.to_owned(),
            (None, "") => "Author not known".to_owned(),
            (None, handle) => handle.to_owned(),
        },
        handle: (!handle.is_empty()).then(|| handle.to_owned()),
        page: places.author(platform, handle).filter(|_| !handle.is_empty()),
        url: author.url.as_deref().and_then(link),
        avatar: media::picture(author.avatar.as_deref(), stored, places),
        initials: words::initials(name.unwrap_or(handle)),
    }
}

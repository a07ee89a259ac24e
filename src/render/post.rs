//! A post as people know it: who, when, words, pictures, poll, quote, card, and what is known of it by now.

use super::{
    RenderError,
    body::{self, Pictures},
    inline::Inliner,
    linkify,
    markup::{Markup, draw},
    media,
    sanitize::{language, link, post as sanitised},
    state::{self, Capture, Notice},
    words::{self, Moment},
};
use crate::model::{Author, Card, EmbedView, Poll, Post, PostView, Quoted, Related, StoredMedia, Target, When};
use serde::Serialize;
use url::Url;

/// Posts inside posts inside posts: as deep as any platform draws them.
const MAX_NESTING: usize = 2;

/// Counts in the order in which platforms show them, with their words for one and for many.
const COUNTS: [(&str, &str, &str); 5] = [
    ("replies", "reply", "replies"),
    ("reposts", "repost", "reposts"),
    ("quotes", "quote", "quotes"),
    ("likes", "like", "likes"),
    ("views", "view", "views"),
];

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
    url: Option<String>,
    avatar: Option<Markup>,
    initials: String,
}

#[derive(Serialize, Default)]
struct ContentDrawing {
    lang: Option<String>,
    words: Markup,
    truncated: bool,
    /// What the reader is told before the words are shown.
    warning: Option<String>,
    /// The pictures are behind a fold.
    sensitive: bool,
    gallery: Option<Markup>,
    poll: Option<PollDrawing>,
    card: Option<CardDrawing>,
    /// What a film says below itself.
    about: Option<Markup>,
    quoted: Option<Markup>,
    reply_to: Option<Markup>,
    counts: Vec<String>,
}

#[derive(Serialize)]
struct PollDrawing {
    options: Vec<OptionDrawing>,
    multiple: bool,
    total: Option<String>,
    ends: Option<Moment>,
}

#[derive(Serialize)]
struct OptionDrawing {
    label: String,
    votes: Option<String>,
    percent: Option<u64>,
}

#[derive(Serialize)]
struct CardDrawing {
    url: Option<String>,
    title: String,
    description: Option<String>,
    site: String,
    image: Option<Markup>,
}

/// A post of the archive.
pub(super) fn post(view: &PostView, inliner: &mut Inliner) -> Result<Markup, RenderError> {
    nested(view, None, &[], 0, inliner)
}

/// An embed: its post; where that has no content, what the article quotes; else the reason why there is nothing.
pub(super) fn embed(view: &EmbedView, inliner: &mut Inliner) -> Result<Markup, RenderError> {
    let quoted = &view.embed.quoted;
    match (&view.post, &view.embed.target) {
        (Some(found), _) if found.content.is_some() || quoted.text.is_none() => post(found, inliner),
        // The words of the article stand in, and say so, until a snapshot of that rung is there.
        (Some(found), _) => {
            let content = from_quote(found.post.clone(), quoted);
            let stand_in = PostView { content: Some(content), via: None, ..found.clone() };
            post(&stand_in, inliner)
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

/// `outer` is the platform of the post around it.
fn nested(
    view: &PostView,
    outer: Option<&str>,
    more: &[&StoredMedia],
    depth: usize,
    inliner: &mut Inliner,
) -> Result<Markup, RenderError> {
    let stored: Vec<&StoredMedia> = view.media.iter().chain(more.iter().copied()).collect();
    let platform = words::platform(&view.post.platform, Some(&view.post.url));
    let mut drawing = frame(&view.post.platform, Some(&view.post.url));
    drawing.nested = depth > 0;
    drawing.pill = outer != Some(view.post.platform.as_str());
    drawing.notice = state::notice(view, &platform);
    drawing.capture = state::capture(view, &platform);
    match &view.content {
        Some(content) => {
            drawing.author = Some(author(&content.author, &stored, inliner));
            drawing.published = content.published.map(Moment::of);
            drawing.edited = content.edited.map(|at| Moment::of(When::Instant(at)));
            drawing.content = Some(self::content(content, view, &stored, depth, inliner)?);
            drawing.link_words = if view.state.is_gone() { "Where it was" } else { "Original post" }.to_owned();
        }
        None => {
            drawing.author = view
                .post
                .author
                .as_ref()
                .map(|handle| author(&Author { handle: handle.clone(), ..Author::default() }, &stored, inliner));
        }
    }
    draw("post.html", &drawing)
}

fn content(
    post: &Post,
    view: &PostView,
    stored: &[&StoredMedia],
    depth: usize,
    inliner: &mut Inliner,
) -> Result<ContentDrawing, RenderError> {
    let mut counts = Vec::new();
    for (key, one, many) in COUNTS {
        if let Some(count) = post.counts.get(key).filter(|count| **count > 0) {
            counts.push(format!("{} {}", words::number(*count), if *count == 1 { one } else { many }));
        }
    }
    // A card that leads to the post itself holds the rest of its words, as a film's description.
    let (about, card) = match &post.card {
        Some(own) if own.url == post.post.url.as_str() && own.image.is_none() => {
            (own.description.as_deref().map(linkify::paragraphs), None)
        }
        other => (None, other.as_ref().and_then(|found| self::card(found, stored, inliner))),
    };
    Ok(ContentDrawing {
        lang: language(post.lang.as_deref()),
        words: text(post),
        truncated: post.truncated,
        warning: post.warning.as_deref().map(str::trim).filter(|warning| !warning.is_empty()).map(str::to_owned),
        sensitive: post.sensitive,
        gallery: media::gallery(&post.media, stored, inliner)?,
        poll: post.poll.as_ref().map(poll),
        card,
        about,
        quoted: related(post.quoted.as_ref(), view.quoted.as_deref(), view, stored, depth, inliner)?,
        reply_to: related(post.reply_to.as_ref(), view.reply_to.as_deref(), view, stored, depth, inliner)?,
        counts,
    })
}

/// A post that this one quotes or answers: as archived by itself, else as this one's snapshot holds it.
fn related(
    named: Option<&Related>,
    archived: Option<&PostView>,
    view: &PostView,
    stored: &[&StoredMedia],
    depth: usize,
    inliner: &mut Inliner,
) -> Result<Option<Markup>, RenderError> {
    let outer = Some(view.post.platform.as_str());
    if depth >= MAX_NESTING {
        return Ok(None);
    }
    if let Some(archived) = archived.filter(|archived| archived.content.is_some() || archived.state.is_gone()) {
        return nested(archived, outer, stored, depth + 1, inliner).map(Some);
    }
    let Some(named) = named else { return Ok(None) };
    let Some(content) = &named.content else {
        let mut drawing = frame(&named.post.platform, Some(&named.post.url));
        drawing.nested = true;
        drawing.pill = outer != Some(named.post.platform.as_str());
        return draw("post.html", &drawing).map(Some);
    };
    let inside = PostView {
        post: named.post.clone(),
        content: Some((**content).clone()),
        media: Vec::new(),
        quoted: None,
        reply_to: None,
        history: Vec::new(),
        // What became of the outer post says nothing of this one.
        state: crate::model::State::Live,
        state_since: None,
        // The outer post already says where and when both come from.
        via: view.via,
        captured_at: None,
    };
    nested(&inside, outer, stored, depth + 1, inliner).map(Some)
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
        drawing.author = Some(author(&quoted_author(quoted), &[], &mut Inliner::new()));
    }
    drawing.published = quoted.published.map(Moment::of);
    if let Some(words) = &quoted.text {
        drawing.content = Some(ContentDrawing { words: linkify::paragraphs(words), ..ContentDrawing::default() });
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

fn author(author: &Author, stored: &[&StoredMedia], inliner: &mut Inliner) -> AuthorDrawing {
    let handle = author.handle.trim().trim_start_matches('@');
    let name = author.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    AuthorDrawing {
        name: match (name, handle) {
            (Some(name), _) => name.to_owned(),
            (None, "") => "Author not known".to_owned(),
            (None, handle) => handle.to_owned(),
        },
        handle: (!handle.is_empty()).then(|| handle.to_owned()),
        url: author.url.as_deref().and_then(link),
        avatar: media::picture(author.avatar.as_deref(), stored, inliner),
        initials: words::initials(name.unwrap_or(handle)),
    }
}

fn text(post: &Post) -> Markup {
    let html = post.text_html.as_deref().filter(|html| !html.trim().is_empty());
    let written = html.map(|html| body::write(&sanitised(html), Pictures::Words, |_| None));
    written.filter(|markup| !markup.as_str().trim().is_empty()).unwrap_or_else(|| linkify::paragraphs(&post.text))
}

fn poll(poll: &Poll) -> PollDrawing {
    let total = poll.options.iter().try_fold(0_u64, |sum, option| sum.checked_add(option.votes?));
    let percent = |votes: u64| {
        let total = total.filter(|total| *total > 0)?;
        // In 128 bits: a platform's numbers are hostile input too.
        u64::try_from((u128::from(votes) * 100 + u128::from(total) / 2) / u128::from(total)).ok()
    };
    PollDrawing {
        options: poll
            .options
            .iter()
            .map(|option| OptionDrawing {
                label: option.label.clone(),
                votes: option.votes.map(words::number),
                percent: option.votes.and_then(percent),
            })
            .collect(),
        multiple: poll.multiple,
        total: total.map(|total| format!("{} {}", words::number(total), if total == 1 { "vote" } else { "votes" })),
        ends: poll.ends.map(|at| Moment::of(When::Instant(at))),
    }
}

fn card(card: &Card, stored: &[&StoredMedia], inliner: &mut Inliner) -> Option<CardDrawing> {
    let url = link(&card.url);
    let title = card.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    if title.is_none() && url.is_none() {
        return None;
    }
    let host = Url::parse(&card.url).ok().and_then(|url| url.host_str().map(words::shown_url)).unwrap_or_default();
    Some(CardDrawing {
        title: title.map_or_else(|| words::shown_url(&card.url), str::to_owned),
        description: card.description.clone().filter(|words| !words.trim().is_empty()),
        site: card.site.clone().filter(|site| !site.trim().is_empty()).unwrap_or(host),
        image: media::picture(card.image.as_deref(), stored, inliner),
        url,
    })
}

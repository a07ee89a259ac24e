//! An article as it is read: its head, its text with each post in its place, what was embedded beside it, and what is
//! known of the article by now.

mod contents;
mod standing;

use super::{
    RenderError,
    body::{self, Manner},
    linkify,
    markup::Markup,
    places::Places,
    post,
    sanitize::{self, language, link},
    words::{self, Moment},
};
use crate::model::{ArticleView, EmbedView, Form, Scope, When};
use crate::words::excerpt;
use contents::Contents;
use serde::Serialize;
use standing::StandingDrawing;
use std::collections::BTreeMap;

/// Characters of a digest that a person compares.
const SHORT_DIGEST: usize = 16;

/// Characters of a headline that are drawn; whoever writes longer ones means mischief.
const MAX_TITLE: usize = 500;

#[derive(Serialize)]
pub(super) struct PageDrawing {
    lang: Option<String>,
    pub(super) title: String,
    site: Option<String>,
    byline: Option<String>,
    published: Option<Moment>,
    archived: Moment,
    /// Where the original is, if it is in the web.
    url: Option<String>,
    shown_url: String,
    digest: String,
    short_digest: String,
    /// The labels of its sources.
    labels: Vec<String>,
    source: String,
    /// The page of the original as preserved, and its bytes.
    original: Option<String>,
    raw: Option<String>,
    standing: Option<StandingDrawing>,
    contents: Option<Contents>,
    body: Markup,
    /// Posts of the article whose place in the text is not known.
    others: Vec<Markup>,
    /// Posts that its sentences link to.
    linked: Vec<Markup>,
    /// Posts of the page around the article.
    beside: Vec<Markup>,
    posts: String,
    gone: String,
}

/// Draws each embed once: in its place, or below.
pub(super) fn page(view: &ArticleView, places: &mut dyn Places) -> Result<PageDrawing, RenderError> {
    let article = &view.article;
    let mut left: BTreeMap<usize, &EmbedView> = view.embeds.iter().map(|one| (one.embed.position, one)).collect();
    let mut failed = None;
    let clean = sanitize::article(&article.body_html, article.url.as_ref());
    let mut body = body::write(&clean, Manner::Article, |position| {
        let drawn = in_place(*left.get(&position)?, position, places);
        // A page may repeat a token to no end; its post stands where the first one is.
        left.remove(&position);
        drawn.map_err(|error| failed = Some(error)).ok()
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if body.as_str().trim().is_empty() {
        body = linkify::paragraphs(&article.text);
    }
    let (mut others, mut linked, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for (position, embed) in left {
        let drawn = in_place(embed, position, places)?;
        match (embed.embed.scope, embed.embed.form) {
            (Scope::Article, Form::Link) => linked.push(drawn),
            (Scope::Article, _) => others.push(drawn),
            (Scope::Page, _) => beside.push(drawn),
        }
    }
    let address = article.url.as_ref().map_or(view.name.as_str(), url::Url::as_str);
    let contents = contents::contents(view);
    let (posts, gone) = contents.as_ref().map_or(("no posts".to_owned(), String::new()), Contents::counted);
    let newest = view.standing.as_ref().is_none_or(|standing| view.number >= standing.versions.len());
    Ok(PageDrawing {
        lang: language(article.lang.as_deref()),
        title: excerpt(title(view), MAX_TITLE),
        site: article.site_name.clone(),
        byline: article.byline.as_deref().map(|byline| excerpt(byline, MAX_TITLE)),
        published: article.published.map(Moment::of),
        archived: Moment::of(When::Instant(view.captured_at)),
        url: link(address),
        shown_url: words::shown_url(address),
        short_digest: view.digest.chars().take(SHORT_DIGEST).collect(),
        digest: view.digest.clone(),
        labels: view.labels.clone(),
        source: view.source.clone(),
        original: if newest { places.original(view.id) } else { places.original_of(view.id, view.number) },
        raw: places.original_bytes(view.id, view.number),
        standing: view.standing.as_ref().map(|standing| standing::standing(view, standing, places)),
        contents,
        body,
        others,
        linked,
        beside,
        posts,
        gone,
    })
}

/// The headline, or whatever else names the article.
pub(super) fn title(view: &ArticleView) -> &str {
    Some(view.article.title.trim()).filter(|title| !title.is_empty()).unwrap_or(&view.name)
}

/// What is said around a post's words is ours, and runs from left to right in any article.
fn in_place(embed: &EmbedView, position: usize, places: &mut dyn Places) -> Result<Markup, RenderError> {
    let post = post::embed(embed, places)?;
    Ok(Markup::vouched(format!("<div class=\"embed\" dir=\"ltr\" id=\"embed-{position}\">{}</div>", post.as_str())))
}

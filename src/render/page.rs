//! The whole page: the article's head, its body with each post in its place, and what was embedded beside it.

use super::{
    RenderError,
    body::{self, Pictures},
    linkify,
    markup::Markup,
    places::Places,
    post,
    sanitize::{self, language, link},
    words::{self, Moment},
};
use crate::model::{ArticleView, EmbedView, Form, Scope};
use serde::Serialize;
use std::collections::BTreeMap;

/// Characters of a digest that a person compares.
const SHORT_DIGEST: usize = 16;

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
    let mut body = body::write(&clean, Pictures::Placeholder, |position| {
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
        let drawn = Markup::vouched(in_place(embed, position, places)?.into_string());
        match (embed.embed.scope, embed.embed.form) {
            (Scope::Article, Form::Link) => linked.push(drawn),
            (Scope::Article, _) => others.push(drawn),
            (Scope::Page, _) => beside.push(drawn),
        }
    }
    let gone = view.embeds.iter().filter(|one| one.post.as_ref().is_some_and(|post| post.state.is_gone())).count();
    let address = article.url.as_ref().map_or(view.name.as_str(), url::Url::as_str);
    Ok(PageDrawing {
        lang: language(article.lang.as_deref()),
        title: Some(article.title.trim()).filter(|title| !title.is_empty()).unwrap_or(&view.name).to_owned(),
        site: article.site_name.clone(),
        byline: article.byline.clone(),
        published: article.published.map(Moment::of),
        archived: Moment::of(crate::model::When::Instant(view.captured_at)),
        url: link(address),
        shown_url: words::shown_url(address),
        short_digest: view.digest.chars().take(SHORT_DIGEST).collect(),
        digest: view.digest.clone(),
        body,
        others,
        linked,
        beside,
        posts: counted(view.embeds.len(), "post"),
        gone: if gone == 0 { String::new() } else { format!("{gone}") },
    })
}

/// What is said around a post's words is ours, and runs from left to right in any article.
fn in_place(embed: &EmbedView, position: usize, places: &mut dyn Places) -> Result<Markup, RenderError> {
    let post = post::embed(embed, places)?;
    Ok(Markup::vouched(format!("<div class=\"embed\" dir=\"ltr\" id=\"embed-{position}\">{}</div>", post.as_str())))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

//! An article: what it says, with its posts where they stand in it.

use super::{Page, post::whole};
use crate::{
    html,
    model::{ArticleView, EmbedView, Scope},
    report::{Style, one_line},
};
use jiff::Timestamp;

/// Versions that are told one by one, the newest ones.
const MAX_VERSIONS: usize = 10;

/// One version of an article with its posts in place.
#[must_use]
pub fn article_page(view: &ArticleView, now: Option<Timestamp>, style: Style) -> String {
    let mut page = Page::new(style, now);
    head(&mut page, view);
    body(&mut page, view);
    facts(&mut page, view);
    page.text()
}

fn head(page: &mut Page, view: &ArticleView) {
    let article = &view.article;
    let title = if article.title.is_empty() { &view.name } else { &article.title };
    page.painted("", &one_line(title), Style::bold);
    let published = article.published.map(|when| page.when(when));
    let facts: Vec<String> = [article.byline.clone(), article.site_name.clone(), published]
        .into_iter()
        .flatten()
        .map(|fact| one_line(&fact))
        .collect();
    if !facts.is_empty() {
        page.painted("", &facts.join(" · "), Style::dim);
    }
    page.gap();
}

/// The words with the posts in their places; those that have none there stand behind the words.
fn body(page: &mut Page, view: &ArticleView) {
    let text = html::fragment_text(&view.article.body_html);
    let mut placed = vec![false; view.embeds.len()];
    if text.trim().is_empty() {
        page.prose("", &view.article.text);
    }
    for (place, (words, position)) in html::split_at_tokens(&text).into_iter().enumerate() {
        let words = words.trim();
        // The title stands above already.
        let repeated =
            words.strip_prefix(view.article.title.trim()).filter(|rest| place == 0 && rest.starts_with("\n\n"));
        let words = repeated.unwrap_or(words).trim_start();
        if !words.is_empty() {
            page.gap();
            page.prose("", words);
        }
        let found = position.and_then(|position| view.embeds.iter().position(|embed| embed.embed.position == position));
        if let Some((embed, done)) = found.and_then(|at| view.embeds.get(at).zip(placed.get_mut(at))) {
            *done = true;
            self::embed(page, embed);
        }
    }
    let left = |scope: Scope| {
        let embeds = view.embeds.iter().zip(&placed);
        embeds.filter(|(embed, done)| !**done && embed.embed.scope == scope).map(|(embed, _)| embed).collect::<Vec<_>>()
    };
    left(Scope::Article).into_iter().for_each(|embed| self::embed(page, embed));
    let beside = left(Scope::Page);
    if !beside.is_empty() {
        page.gap();
        page.painted("", "beside the article:", Style::dim);
        for embed in beside {
            page.painted("  ", &name(embed), Style::dim);
        }
    }
}

fn embed(page: &mut Page, embed: &EmbedView) {
    page.gap();
    match &embed.post {
        Some(post) if post.content.is_some() => {
            whole(page, post, "  ┃ ");
            page.painted("  ┃ ", &name(embed), Style::dim);
        }
        _ => {
            page.painted("  ┃ ", &name(embed), Style::dim);
            if let Some(words) = &embed.embed.quoted.text {
                page.prose("  ┃ ", words);
            }
        }
    }
}

fn name(embed: &EmbedView) -> String {
    let post =
        embed.post.as_ref().map_or_else(|| embed.embed.target.platform().to_owned(), |post| post.post.to_string());
    one_line(&post)
}

fn facts(page: &mut Page, view: &ArticleView) {
    page.gap();
    page.fact("article", &format!("{}, version {}", view.id, view.number));
    page.named("name", &view.name);
    if let Some(url) = view.article.url.as_ref().filter(|url| url.as_str() != view.name) {
        page.named("url", url.as_str());
    }
    if !view.source.is_empty() {
        let labels: String = view.labels.iter().map(|label| format!(" [{label}]")).collect();
        page.fact("source", &format!("{}{labels}", view.source));
    }
    let archived = page.moment(view.captured_at);
    page.fact("archived", &format!("{archived}, sha256 {}", view.digest.get(..12).unwrap_or(&view.digest)));
    let Some(standing) = &view.standing else { return };
    let looked = page.moment(standing.last_looked_at);
    let state = match standing.gone_since {
        Some(at) => format!("gone; found so {}, last looked at {looked}", page.moment(at)),
        None => format!("live, last looked at {looked}"),
    };
    page.fact("state", &state);
    if standing.versions.len() > 1 {
        page.fact("versions", &format!("{}; `embalm history {}` compares them", standing.versions.len(), view.id));
        let first = standing.versions.len().saturating_sub(MAX_VERSIONS);
        for (at, version) in standing.versions.iter().enumerate().skip(first) {
            let day = version.captured_at.strftime("%Y-%m-%d");
            page.prose("          ", &format!("{:>3}  {day}  {}", at + 1, one_line(&version.title)));
        }
    }
}

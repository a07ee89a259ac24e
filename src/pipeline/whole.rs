//! An article made whole: its further pages joined, all pages on one where the site offers that, and the AMP form, the
//! form for printing or the page's own data where the page itself has no body.

use super::{
    article::{Document, Prepared, prepare},
    input::page_request,
};
use crate::{
    article::{self, address, text_to_html},
    fetch::Transport,
    html,
    http::{Exchange, Wall},
    model::{Embed, PostRef, Scope},
    platforms,
    store::{BodyFrom, PageKind},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// A body shorter than this, in bytes, may be the shell of a page that scripts fill, or a teaser.
const MIN_BODY_BYTES: usize = 250;

/// Another form is taken where its body is so many times as long.
const MIN_LONGER: usize = 2;

/// Reads what the page alone lacks. `pages` is how many pages of one article are read.
///
/// # Errors
/// A sentence: a further page could not be had, so that what was read is not all of it.
pub(super) async fn complete(transport: &dyn Transport, prepared: &mut Prepared, pages: usize) -> Result<(), String> {
    let before = (prepared.body_from, prepared.pages.len());
    if is_bare(prepared) {
        stated(prepared);
        if is_bare(prepared) && prepared.document.exchange.is_some() {
            other_form(transport, prepared).await;
        }
    }
    let joined = if pages > 1 && prepared.document.exchange.is_some() && prepared.body_from.is_none() {
        further(transport, prepared, pages).await
    } else {
        Ok(())
    };
    if before != (prepared.body_from, prepared.pages.len()) {
        prepared.content_digest = article::content_digest(&prepared.article, &prepared.embeds);
    }
    joined
}

fn is_bare(prepared: &Prepared) -> bool {
    prepared.article.text.len() < MIN_BODY_BYTES && !prepared.embeds.iter().any(|embed| embed.scope == Scope::Article)
}

fn is_better(text: &str, prepared: &Prepared) -> bool {
    text.len() >= MIN_BODY_BYTES && text.len() >= prepared.article.text.len() * MIN_LONGER
}

/// The words of the page's own data.
fn stated(prepared: &mut Prepared) {
    let Some(body) = prepared.around.stated_body.take() else { return };
    let body_html = if body.contains("</") { body } else { text_to_html(&body) };
    let text = html::fragment_text(&body_html);
    if is_better(&text, prepared) {
        prepared.article.text = text;
        prepared.article.body_html = body_html;
        prepared.body_from = Some(BodyFrom::JsonLd);
    }
}

/// The body of the AMP form, or of the form for printing.
async fn other_form(transport: &dyn Transport, prepared: &mut Prepared) {
    let forms = [
        (prepared.around.amp.clone(), PageKind::Amp, BodyFrom::Amp),
        (prepared.around.print.clone(), PageKind::Print, BodyFrom::Print),
    ];
    for (url, kind, from) in forms {
        let Some(url) = url else { continue };
        let Ok((other, exchange)) = read(transport, prepared, url).await else { continue };
        if is_better(&other.article.text, prepared) {
            take_body(prepared, other);
            prepared.body_from = Some(from);
            prepared.pages.push((kind, exchange));
            return;
        }
    }
}

/// All pages on one, or the further ones after each other.
async fn further(transport: &dyn Transport, prepared: &mut Prepared, pages: usize) -> Result<(), String> {
    if prepared.around.page > 1
        && let Some(first) = prepared.around.pages.get(&1).cloned()
        && let Ok((other, _)) = read(transport, prepared, first).await
        && other.around.page == 1
        && !other.around.pages.is_empty()
    {
        // The article begins there; the address that was asked is one of its further pages.
        let Document { name, hint, known, .. } = std::mem::replace(&mut prepared.document, other.document.clone());
        *prepared = other;
        prepared.document.name = name;
        prepared.document.hint = hint;
        prepared.document.known = known;
    }
    if prepared.around.page > 1 || prepared.around.pages.is_empty() {
        return Ok(());
    }
    if let Some(whole) = prepared.around.whole.clone()
        && let Ok((other, exchange)) = read(transport, prepared, whole).await
        && other.article.text.len() > prepared.article.text.len()
    {
        take_body(prepared, other);
        prepared.pages.push((PageKind::Whole, exchange));
        return Ok(());
    }
    let Some(first) = prepared.around.first.clone() else { return Ok(()) };
    let mut known = prepared.around.pages.clone();
    let mut seen: HashSet<Url> = HashSet::from([first.clone()]);
    let mut texts = vec![prepared.article.text.clone()];
    for number in 2..=u32::try_from(pages).unwrap_or(u32::MAX) {
        let Some(url) = known.get(&number).cloned() else { break };
        let (other, exchange) = read(transport, prepared, url).await?;
        // A site that does not know the page shows another one, such as the first.
        let landed = other.document.url.as_ref().map(address::plain);
        if landed.is_some_and(|url| !seen.insert(url)) || texts.contains(&other.article.text) {
            break;
        }
        for (number, url) in other.around.pages_of(&first) {
            known.entry(number).or_insert(url);
        }
        texts.push(other.article.text.clone());
        join(prepared, other);
        prepared.pages.push((PageKind::Next, exchange));
    }
    Ok(())
}

/// Fetches and reads another page of the article.
async fn read(transport: &dyn Transport, prepared: &Prepared, url: Url) -> Result<(Prepared, Exchange), String> {
    let exchange = transport.fetch(page_request(url.clone())).await;
    let failed = |why: String| Err(format!("its page {url} could not be fetched: {why}"));
    let response = match &exchange.answer {
        Ok(response) => response,
        Err(error) => return failed(error.to_string()),
    };
    if let Some((wall, by)) = platforms::wall(&exchange).filter(|(wall, _)| *wall != Wall::Half) {
        return failed(format!("the site answered with {wall} ({by})"));
    }
    if !response.is_success()
        || address::leads_away(&response.url, &url)
        || address::leads_to_a_stop(&response.url, &url)
    {
        return failed(format!("the site answered with status {}", response.status));
    }
    let mut document = Document::new(prepared.document.name.clone(), response.body.clone());
    document.url = Some(response.url.clone());
    document.content_type = response.headers.get("content-type").map(str::to_owned);
    document.read_at = Some(exchange.started_at);
    document.exchange = Some(exchange.clone());
    match tokio::task::spawn_blocking(move || prepare(document)).await {
        Ok(Ok(other)) => Ok((other, exchange)),
        Ok(Err((_, reason))) => failed(reason),
        Err(error) => failed(error.to_string()),
    }
}

/// Takes the body of another form of the page; what the page says of itself stays.
fn take_body(prepared: &mut Prepared, other: Prepared) {
    let own = std::mem::replace(&mut prepared.embeds, other.embeds);
    prepared.article.text = other.article.text;
    prepared.article.body_html = other.article.body_html;
    prepared.article.byline = prepared.article.byline.take().or(other.article.byline);
    prepared.article.published = prepared.article.published.or(other.article.published);
    prepared.article.lang = prepared.article.lang.take().or(other.article.lang);
    prepared.cut_short.extend(other.cut_short);
    add(&mut prepared.embeds, own);
}

/// Puts the next page behind what there is.
fn join(prepared: &mut Prepared, other: Prepared) {
    let places = add(&mut prepared.embeds, other.embeds);
    let mut body = String::with_capacity(other.article.body_html.len());
    for (piece, position) in html::split_at_tokens(&other.article.body_html) {
        body.push_str(piece);
        if let Some(place) = position.and_then(|position| places.get(&position)) {
            body.push_str(&html::embed_token(*place));
        }
    }
    prepared.article.body_html.push('\n');
    prepared.article.body_html.push_str(&body);
    if !other.article.text.is_empty() {
        prepared.article.text.push_str("\n\n");
        prepared.article.text.push_str(&other.article.text);
    }
    prepared.cut_short.extend(other.cut_short);
}

/// Adds embeds that are not there yet behind the others, and says which place each got; none for one that is there.
fn add(embeds: &mut Vec<Embed>, more: Vec<Embed>) -> HashMap<usize, usize> {
    let key = |embed: &Embed| PostRef::of_embed(&embed.target, &embed.quoted).key();
    let mut known: HashMap<String, usize> = (0..).zip(embeds.iter()).map(|(at, embed)| (key(embed), at)).collect();
    let mut places = HashMap::new();
    for embed in more {
        if let Some(same) = known.get(&key(&embed)).and_then(|at| embeds.get_mut(*at)) {
            if embed.scope == Scope::Article {
                same.scope = Scope::Article;
            }
            continue;
        }
        let position = embeds.len();
        known.insert(key(&embed), position);
        places.insert(embed.position, position);
        embeds.push(Embed { position, ..embed });
    }
    places
}

//! An article that its feed carries as a whole, read beside the page: pages that are put together in the browser, or that
//! cut their articles short, lack embeds that the feed has.

use super::{
    input::{Work, WorkBody},
    revisit::MAX_LOOKS,
};
use crate::{
    article::{Kind, Page},
    detect,
    model::{Embed, PostRef, Scope, Target},
    store::{KnownArticle, Store, StoreError},
};
use std::collections::{HashMap, HashSet};
use url::Url;

/// The content of a feed's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// As the feed gives it.
    pub html: Vec<u8>,
    /// Where relative addresses in it start.
    pub base: Option<Url>,
}

/// Adds the embeds of the content that the page lacks, behind the page's own. A post that the page has beside the article
/// stands in the article where the feed has it there.
pub(super) fn add(embeds: &mut Vec<Embed>, name: &str, content: &Content) {
    join(embeds, of_content(name, content));
}

/// The embeds of the content.
fn of_content(name: &str, content: &Content) -> Vec<Embed> {
    let page = Page::new(Kind::Html, name, content.base.clone(), &content.html, Some("text/html; charset=utf-8"));
    detect::search(&page).embeds.into_iter().filter(|embed| embed.scope == Scope::Article).collect()
}

/// Whether the content of a known article embeds a post that its newest version lacks. A page that is gone, or was
/// looked at often enough, is not asked for on that account.
///
/// # Errors
/// The archive can't be read.
pub(super) fn has_more(store: &Store, known: &KnownArticle, content: &Content) -> Result<bool, StoreError> {
    if known.gone || known.looks >= MAX_LOOKS {
        return Ok(false);
    }
    let embeds = of_content(&known.name, content);
    Ok(!embeds.is_empty() && lacks(&store.version_embeds(known.version_id)?, &embeds))
}

/// Whether what a feed carries of an article is still to be read: it is not archived, or lacks posts.
///
/// # Errors
/// The archive can't be read.
pub(super) fn is_unread(store: &Store, work: &Work) -> Result<bool, StoreError> {
    let WorkBody::Url(_, Some(spare)) = &work.body else { return Ok(false) };
    if spare.bytes.is_empty() {
        return Ok(false);
    }
    let content = Content { html: spare.bytes.clone(), base: spare.url.clone() };
    store.known_article(&work.name)?.map_or(Ok(true), |known| has_more(store, &known, &content))
}

/// Whether one of `others` stands in the article and, of the article's own among `embeds`, none is it.
pub(super) fn lacks(embeds: &[Embed], others: &[Embed]) -> bool {
    let of_article = |embed: &&Embed| embed.scope == Scope::Article;
    let known: HashSet<String> = embeds.iter().filter(of_article).map(key).collect();
    // What leads to no post is known by its words alone, which is too little to ask for a page again and again.
    let leads = |embed: &&Embed| !matches!(embed.target, Target::Unresolved { .. });
    others.iter().filter(of_article).filter(leads).any(|embed| !known.contains(&key(embed)))
}

/// Of a version's embeds, those of the article that none of its documents has: they came from its feed.
pub(super) fn only_in_feed(version: Vec<Embed>, documents: &[Embed]) -> Vec<Embed> {
    let own: HashSet<String> = documents.iter().filter(|embed| embed.scope == Scope::Article).map(key).collect();
    version.into_iter().filter(|embed| embed.scope == Scope::Article && !own.contains(&key(embed))).collect()
}

/// Adds embeds of the article behind the others, each post once.
pub(super) fn join(embeds: &mut Vec<Embed>, more: Vec<Embed>) {
    let mut known: HashMap<String, usize> = (0..).zip(embeds.iter()).map(|(at, embed)| (key(embed), at)).collect();
    for embed in more {
        if let Some(same) = known.get(&key(&embed)).and_then(|at| embeds.get_mut(*at)) {
            same.scope = Scope::Article;
            continue;
        }
        let position = embeds.len();
        known.insert(key(&embed), embeds.len());
        embeds.push(Embed { position, ..embed });
    }
}

fn key(embed: &Embed) -> String {
    PostRef::of_embed(&embed.target, &embed.quoted).key()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<Embed> {
        detect::search(&Page::new(Kind::Html, "x", None, html.as_bytes(), None)).embeds
    }

    fn added(page: &str, content: &str) -> Vec<(String, usize, Scope)> {
        let mut embeds = found(page);
        add(&mut embeds, "x", &Content { html: content.into(), base: None });
        embeds.iter().map(|embed| (key(embed), embed.position, embed.scope)).collect()
    }

    fn post(id: u32) -> String {
        format!(
            "<blockquote class=\"twitter-tweet\"><p>High tide</p>&mdash; Tide (@tide) \
             <a href=\"https://twitter.com/tide/status/1822{id}\">August 11, 2024</a></blockquote>"
        )
    }

    #[test]
    fn what_the_page_lacks_comes_from_the_feed_and_each_post_once() {
        let page = format!("<article><p>Words of the article.</p>{}</article>", post(1));
        let content = format!("<p>Words of the article.</p>{}{}{}", post(1), post(2), post(2));
        let expected = [("twitter:18221", 0), ("twitter:18222", 1)];
        assert_eq!(added(&page, &content), expected.map(|(key, at)| (key.to_owned(), at, Scope::Article)));
    }

    #[test]
    fn a_feed_without_embeds_changes_nothing() {
        let page = format!("<article><p>Words.</p>{}</article>", post(1));
        assert_eq!(added(&page, "<p>Words &amp; more"), added(&page, ""));
        assert_eq!(added(&page, "").len(), 1);
    }
}

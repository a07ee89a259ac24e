//! An article that its feed carries as a whole, read beside the page: pages that are put together in the browser, or that
//! cut their articles short, lack embeds that the feed has.

use crate::{
    article::{Kind, Page},
    detect,
    model::{Embed, PostRef, Scope},
};
use std::collections::HashMap;
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
    let page = Page::new(Kind::Html, name, content.base.clone(), &content.html, Some("text/html; charset=utf-8"));
    let mut known: HashMap<String, usize> = (0..).zip(embeds.iter()).map(|(at, embed)| (key(embed), at)).collect();
    for embed in detect::search(&page).embeds.into_iter().filter(|embed| embed.scope == Scope::Article) {
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

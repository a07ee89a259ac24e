//! Finds every embed of a page, in reading order, with what the page itself quotes of each.
//!
//! | what | where |
//! |---|---|
//! | the walk over the tree, platform markup, links, held HTML | `walk` |
//! | attributes that carry URLs, HTML, JSON | `carrier` |
//! | bare URLs and posts flattened into text | `prose` |
//! | calls that write embeds; which scripts hold state | `script` |
//! | JSON-LD and state | `state` |
//! | body, or beside it | `scope` |
//! | one embed for each post | `found` |
//! | tokens in the page | `place` |

use crate::{
    article::{Kind, Page},
    html,
    model::Embed,
};
use found::{Placed, merge};
use scraper::Html;

mod carrier;
mod found;
mod place;
mod prose;
mod scope;
mod script;
mod state;
mod walk;

/// Embeds, and the page with a token at the place of each.
pub struct Detected {
    /// In reading order; `position` is the index.
    pub embeds: Vec<Embed>,
    /// The page's HTML in which each article-scope embed is replaced by a paragraph with its `html::embed_token`.
    pub marked_html: String,
}

/// The embeds of a page.
#[must_use]
pub fn embeds(page: &Page) -> Vec<Embed> {
    let placed = match page.kind {
        Kind::Text => in_text(page),
        Kind::Html | Kind::Markdown => in_tree(page, &html::parse(&page.html)),
    };
    placed.into_iter().map(|one| one.embed).collect()
}

/// The embeds of a page, and the page with their places marked.
#[must_use]
pub fn mark(page: &Page) -> Detected {
    let (placed, marked_html) = match page.kind {
        Kind::Text => {
            let placed = in_text(page);
            let marked = place::mark_text(&page.source, &placed);
            (placed, marked)
        }
        Kind::Html | Kind::Markdown => {
            let tree = html::parse(&page.html);
            let placed = in_tree(page, &tree);
            let marked = place::mark_tree(tree, &placed);
            (placed, marked)
        }
    };
    Detected { embeds: placed.into_iter().map(|one| one.embed).collect(), marked_html }
}

fn in_tree(page: &Page, tree: &Html) -> Vec<Placed> {
    merge(walk::walk(tree, prose::may_be_flattened(&page.html)))
}

fn in_text(page: &Page) -> Vec<Placed> {
    merge(prose::in_text(&page.source))
}

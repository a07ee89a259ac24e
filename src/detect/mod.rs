//! Finds every embed of a page, in reading order, with what the page itself quotes of each.
//!
//! | what | where |
//! |---|---|
//! | where in its bytes a post may be named; the filter | `needle` |
//! | the page without what stands apart from such places | `skim` |
//! | the walk over the tree, platform markup, links, held HTML | `walk` |
//! | attributes that carry URLs, HTML, JSON | `carrier` |
//! | links that credit a player beside them | `credit` |
//! | bare URLs and posts flattened into text | `prose` |
//! | calls that write embeds; which scripts hold state | `script` |
//! | JSON-LD and state | `state` |
//! | JSON in the order of its writing | `json` |
//! | prose of the state, found in the page | `words` |
//! | body, or beside it | `scope` |
//! | how much is read inside of marked elements | `inside` |
//! | one embed for each post | `found` |
//! | tokens in the page | `place` |
//! | the bytes of their markup | `written` |
//! | how far a page is followed | [`limits`] |

use crate::{
    article::{Kind, Page},
    html,
    model::Embed,
};
use found::{Placed, merge};
use limits::Cuts;
use scraper::Html;
use skim::Skimmed;
use std::borrow::Cow;
use walk::{Aside, Reading};

pub use limits::CutShort;
pub use written::{Markup, Script, Written, element_end, elements, written};

mod carrier;
mod credit;
mod found;
mod inside;
mod json;
pub mod limits;
mod needle;
mod place;
mod prose;
mod scope;
mod script;
mod skim;
mod state;
mod walk;
mod words;
mod written;

/// Embeds, and the page with a token at the place of each.
pub struct Detected {
    /// In reading order; `position` is the index.
    pub embeds: Vec<Embed>,
    /// The page's HTML in which each article-scope embed is replaced by a paragraph with its `html::embed_token`.
    pub marked_html: String,
    /// Limits that the page went over, so that it may hold more.
    pub cut_short: Vec<CutShort>,
}

/// Embeds alone.
pub struct Searched {
    /// In reading order; `position` is the index.
    pub embeds: Vec<Embed>,
    /// Limits that the page went over, so that it may hold more.
    pub cut_short: Vec<CutShort>,
}

/// The embeds of a page.
#[must_use]
pub fn embeds(page: &Page) -> Vec<Embed> {
    search(page).embeds
}

/// The embeds of a page, and whether there may be more.
#[must_use]
pub fn search(page: &Page) -> Searched {
    let (placed, cuts) = match page.kind {
        Kind::Text => in_text(page),
        Kind::Html | Kind::Markdown => in_page(page),
    };
    Searched { embeds: placed.into_iter().map(|one| one.embed).collect(), cut_short: cuts.into_vec() }
}

/// The embeds of a page, and the page with their places marked.
#[must_use]
pub fn mark(page: &Page) -> Detected {
    let (placed, cuts, marked_html) = match page.kind {
        Kind::Text => {
            let (placed, cuts) = in_text(page);
            let marked = place::mark_text(&page.source, &placed);
            (placed, cuts, marked)
        }
        Kind::Html | Kind::Markdown => {
            let tree = html::parse(&page.html);
            let (placed, cuts) = in_whole(page, &tree);
            let marked = place::mark_tree(tree, &placed);
            (placed, cuts, marked)
        }
    };
    let embeds = placed.into_iter().map(|one| one.embed).collect();
    Detected { embeds, marked_html, cut_short: cuts.into_vec() }
}

/// Whether a page's bytes have anything that may name a post, at a fraction of a parse's cost.
#[must_use]
pub fn may_hold(html: &str) -> bool {
    may_name(html) || skim::may_be_signed(html)
}

/// The same of markup or a script, in which no post can be flattened.
fn may_name(html: &str) -> bool {
    !needle::addresses(html).is_empty() || skim::may_be_named(html)
}

/// What of a page is parsed: its HTML without all that stands apart from every place that may name a post.
#[must_use]
pub fn skimmed(html: &str) -> Cow<'_, str> {
    match skim(html) {
        Skimmed::Nothing => Cow::Borrowed(""),
        Skimmed::Rest(rest, _) => Cow::Owned(rest),
        Skimmed::Lost => Cow::Borrowed(html),
    }
}

fn skim(html: &str) -> Skimmed {
    let addresses = needle::addresses(html);
    if addresses.is_empty() && !skim::may_be_named(html) && !skim::may_be_signed(html) {
        return Skimmed::Nothing;
    }
    skim::skim(html, &addresses)
}

fn in_page(page: &Page) -> (Vec<Placed>, Cuts) {
    let whole = || in_whole(page, &html::parse(&page.html));
    match skim(&page.html) {
        Skimmed::Nothing => (Vec::new(), Cuts::default()),
        Skimmed::Lost => whole(),
        Skimmed::Rest(rest, scripts) => {
            let aside = Aside { page: &page.html, scripts: &scripts };
            let found = walk::walk(&html::parse(&rest), reading(page, &rest, Some(aside)));
            found.map_or_else(whole, |(found, cuts)| (merge(found), cuts))
        }
    }
}

/// The finds of a page's whole tree.
fn in_whole(page: &Page, tree: &Html) -> (Vec<Placed>, Cuts) {
    let (found, cuts) = walk::walk(tree, reading(page, &page.html, None)).unwrap_or_default();
    (merge(found), cuts)
}

fn reading<'a>(page: &Page, source: &str, skimmed: Option<Aside<'a>>) -> Reading<'a> {
    Reading { flattened: prose::may_be_flattened(source), shortcodes: page.kind != Kind::Markdown, skimmed }
}

fn in_text(page: &Page) -> (Vec<Placed>, Cuts) {
    let (found, cuts) = prose::in_text(&page.source);
    (merge(found), cuts)
}

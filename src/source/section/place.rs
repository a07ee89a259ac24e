//! Where a link stands: in a heading, a teaser, the main part, or in a menu, a footer, a list of tags.

use crate::html;
use ego_tree::NodeId;
use scraper::ElementRef;

/// Words of classes, ids and roles that mean navigation and its like.
const ASIDE: [&str; 22] = [
    "nav",
    "navbar",
    "navigation",
    "menu",
    "footer",
    "breadcrumb",
    "breadcrumbs",
    "sidebar",
    "social",
    "share",
    "sharing",
    "login",
    "tags",
    "taglist",
    "byline",
    "author",
    "cookie",
    "consent",
    "advert",
    "sponsored",
    "promo",
    "masthead",
];

/// Words of classes that mean an article's teaser.
const TEASER: [&str; 16] = [
    "article",
    "card",
    "entry",
    "headline",
    "hentry",
    "item",
    "news",
    "post",
    "posts",
    "promo-title",
    "river",
    "story",
    "stories",
    "teaser",
    "title",
    "feed",
];

/// What the elements around a link are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Aside,
    Heading,
    Article,
    Main,
    Teaser,
}

/// The elements around that mean something, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Around {
    open: Vec<(NodeId, Kind)>,
}

/// More are not kept; hostile pages nest without end.
const MAX_OPEN: usize = 64;

impl Around {
    pub(super) fn enter(&mut self, id: NodeId, element: ElementRef<'_>) {
        if let Some(kind) = kind(element).filter(|_| self.open.len() < MAX_OPEN) {
            self.open.push((id, kind));
        }
    }

    pub(super) fn leave(&mut self, id: NodeId) {
        self.open.pop_if(|(open, _)| *open == id);
    }

    /// Where `link`, which was entered last, stands.
    pub(super) fn place(&self, link: ElementRef<'_>) -> Place {
        let has = |wanted: Kind| self.open.iter().any(|(_, kind)| *kind == wanted);
        let rel = html::attr(link, "rel").unwrap_or_default().to_ascii_lowercase();
        let has_rel = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
        let heading_inside = || {
            link.descendent_elements().any(|element| matches!(element.value().name(), "h1" | "h2" | "h3" | "h4" | "h5"))
        };
        Place {
            // A teaser inside a menu is still of the menu, but a headline's own header is not the page's.
            is_aside: has(Kind::Aside)
                || ["tag", "author", "category", "nofollow", "sponsored"].iter().any(|word| has_rel(word)),
            is_heading: has(Kind::Heading) || has_rel("bookmark") || heading_inside(),
            is_article: has(Kind::Article),
            is_main: has(Kind::Main),
            is_teaser: has(Kind::Teaser),
        }
    }
}

fn kind(element: ElementRef<'_>) -> Option<Kind> {
    match element.value().name() {
        "nav" | "footer" | "form" | "aside" | "address" | "dialog" => return Some(Kind::Aside),
        "h1" | "h2" | "h3" | "h4" | "h5" => return Some(Kind::Heading),
        "article" => return Some(Kind::Article),
        "main" => return Some(Kind::Main),
        "body" | "html" => return None,
        _ => {}
    }
    match html::attr(element, "role") {
        Some("navigation" | "banner" | "contentinfo" | "search" | "menu" | "dialog") => return Some(Kind::Aside),
        Some("heading") => return Some(Kind::Heading),
        Some("article") => return Some(Kind::Article),
        Some("main") => return Some(Kind::Main),
        _ => {}
    }
    let id = html::attr(element, "id").unwrap_or_default();
    let names: Vec<String> = html::classes(element).chain([id]).map(str::to_ascii_lowercase).collect();
    let has = |words: &[&str]| {
        names
            .iter()
            .any(|name| name.split(['-', '_']).any(|part| words.contains(&part)) || words.contains(&name.as_str()))
    };
    if has(&ASIDE) {
        return Some(Kind::Aside);
    }
    has(&TEASER).then_some(Kind::Teaser)
}

/// What is known of a link's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    is_aside: bool,
    is_heading: bool,
    is_article: bool,
    is_main: bool,
    is_teaser: bool,
}

impl Place {
    /// How much the place speaks for an article.
    pub(super) fn weight(self) -> i32 {
        let for_it = 3 * i32::from(self.is_heading)
            + i32::from(self.is_article)
            + i32::from(self.is_main)
            + i32::from(self.is_teaser);
        for_it - 5 * i32::from(self.is_aside)
    }
}

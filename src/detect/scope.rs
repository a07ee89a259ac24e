//! Whether a place belongs to the article's body or to what stands beside it.

use scraper::node::Element;

/// Elements that are never part of the body.
const BESIDE: [&str; 3] = ["footer", "nav", "menu"];

/// Words of class and id names that mark what stands beside the body.
const WORDS: [&str; 34] = [
    "comment",
    "comments",
    "commentlist",
    "commentarea",
    "respond",
    "disqus",
    "sidebar",
    "sidebars",
    "footer",
    "nav",
    "navbar",
    "navigation",
    "menu",
    "related",
    "relatedposts",
    "recommended",
    "recommendations",
    "recommendation",
    "trending",
    "popular",
    "webmentions",
    "webmention",
    "pingback",
    "trackback",
    "breadcrumb",
    "breadcrumbs",
    "rail",
    "masthead",
    "topbar",
    "sharing",
    "share",
    "socials",
    "instafeed",
    "colophon",
];

/// Words that turn such a word into a statement about the page: `no-sidebar`, `has-footer`.
const ABOUT: [&str; 8] = ["no", "has", "with", "without", "hide", "show", "is", "enable"];

/// Whether everything in this element stands beside the article's body.
pub(super) fn is_beside(element: &Element) -> bool {
    let name = element.name();
    if BESIDE.contains(&name) {
        return true;
    }
    if matches!(name, "html" | "body" | "main" | "article") {
        return false;
    }
    if matches!(element.attr("role"), Some("navigation" | "contentinfo" | "complementary")) {
        return true;
    }
    let names = element.attr("class").unwrap_or_default().split_whitespace();
    names.chain(element.attr("id")).any(marks_beside)
}

/// Whether one class or id marks what stands beside the body.
fn marks_beside(name: &str) -> bool {
    let words: Vec<String> = words(name);
    words.iter().any(|word| WORDS.contains(&word.as_str())) && !words.iter().any(|word| ABOUT.contains(&word.as_str()))
}

/// The words of a name, in lower case: parted by anything but letters, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for c in name.chars().take(100) {
        let parts = !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && small);
        if parts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
        }
        small = c.is_ascii_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

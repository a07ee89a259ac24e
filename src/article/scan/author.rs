//! The name of an author inside the element that marks one.

use super::{MAX_NODES_OF_A_TEXT, has_word, rel_has, short_text};
use crate::html;
use scraper::ElementRef;

/// A byline longer than this is a biography.
pub(super) const MAX_BYLINE_CHARS: usize = 100;

/// Parts of the addresses of authors' pages.
const AUTHOR_PATHS: [&str; 7] = ["/author/", "/authors/", "/autor/", "/autoren/", "/by/", "/people/", "/users/"];

/// A link with more words is no name.
const MAX_WORDS_OF_A_NAME: usize = 6;

/// The name inside an author's element: that of its `itemprop=name`, else that of its links to authors, else its words.
pub(super) fn author_name(element: ElementRef<'_>) -> Option<String> {
    let named = element
        .descendants()
        .take(MAX_NODES_OF_A_TEXT)
        .filter_map(ElementRef::wrap)
        .find(|inner| inner.value().attr("itemprop").is_some_and(|value| has_word(value, "name")));
    match named {
        Some(inner) => html::attr(inner, "content").map(str::to_owned).or_else(|| short_text(inner, MAX_BYLINE_CHARS)),
        None => linked_authors(element).or_else(|| short_text(element, MAX_BYLINE_CHARS)),
    }
}

/// The names that a byline links to their authors' pages; the rest of it is dates, counts and titles.
fn linked_authors(element: ElementRef<'_>) -> Option<String> {
    let is_author = |link: &ElementRef<'_>| {
        let path = html::attr(*link, "href").unwrap_or_default();
        link.value().name() == "a" && (rel_has(*link, "author") || AUTHOR_PATHS.iter().any(|part| path.contains(part)))
    };
    let links = element.descendants().take(MAX_NODES_OF_A_TEXT).filter_map(ElementRef::wrap).filter(is_author);
    let mut names: Vec<String> = Vec::new();
    for name in links.filter_map(|link| short_text(link, MAX_BYLINE_CHARS)) {
        if name.split_whitespace().count() <= MAX_WORDS_OF_A_NAME && !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

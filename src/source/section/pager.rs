//! The next page of a list.

use super::{
    Link,
    address::{is_same_site, weight},
};
use crate::{html, source::xml::resolve};
use scraper::ElementRef;
use url::Url;

/// Words of links to the next, older page.
const NEXT: [&str; 30] = [
    "next",
    "next page",
    "older",
    "older posts",
    "older entries",
    "older articles",
    "older stories",
    "previous entries",
    "more articles",
    "more posts",
    "more stories",
    "more news",
    "load more",
    "show more",
    "n\u{e4}chste",
    "n\u{e4}chste seite",
    "weiter",
    "\u{e4}ltere beitr\u{e4}ge",
    "suivant",
    "page suivante",
    "siguiente",
    "p\u{e1}gina siguiente",
    "successiva",
    "avanti",
    "pr\u{f3}xima",
    "seguinte",
    "volgende",
    "\u{441}\u{43b}\u{435}\u{434}\u{443}\u{44e}\u{449}\u{430}\u{44f}",
    "\u{6b21}\u{3078}",
    "\u{4e0b}\u{4e00}\u{9875}",
];

/// Names of parameters and segments that number the pages of a list.
const NUMBERED: [&str; 9] = ["page", "p", "pg", "paged", "pagenum", "seite", "pagina", "start_page", "pageno"];

/// An address of this weight, without the number of a page, is a post's.
const POST: i32 = 2;

/// The next page: what says so (`rel=next`), what reads so, or the link to the number after this page's.
pub(super) fn next(root: ElementRef<'_>, links: &[Link<'_>], own: &Url, base: &Url) -> Option<Url> {
    let is_next = |element: ElementRef<'_>| {
        html::attr(element, "rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next")))
    };
    let fits = |url: &Url| is_same_site(url, own) && url != own;
    // On a post's own page `rel=next` is the next post: that is no page of a list.
    let is_page =
        |url: &Url| fits(url) && (number(url).is_some() || weight(url, own).is_none_or(|weight| weight < POST));
    let in_head = root
        .descendent_elements()
        .filter(|element| element.value().name() == "link" && is_next(*element))
        .filter_map(|link| resolve(html::attr(link, "href")?, Some(base)))
        .find(is_page);
    let said = || links.iter().find(|link| is_next(link.element) && is_page(&link.url));
    let following = || number(own).unwrap_or(1).checked_add(1);
    let counted = || {
        let wanted = following()?;
        links.iter().find(|link| {
            fits(&link.url) && number(&link.url) == Some(wanted) && without_number(&link.url) == without_number(own)
        })
    };
    // Words alone may lead to another article or another day: the address must number a page as well.
    let read = || {
        links.iter().find(|link| {
            let text = link.text.to_lowercase();
            let text = text.trim_matches(|c: char| !c.is_alphanumeric());
            fits(&link.url) && NEXT.contains(&text) && number(&link.url).is_some_and(|number| number > self_number(own))
        })
    };
    in_head.or_else(|| said().or_else(counted).or_else(read).map(|link| link.url.clone()))
}

fn self_number(own: &Url) -> u32 {
    number(own).unwrap_or(1)
}

/// Which page of a list an address is: `?page=2`, `/page/2/`, `/seite-2`.
fn number(url: &Url) -> Option<u32> {
    let is_known = |name: &str| NUMBERED.contains(&name.to_ascii_lowercase().as_str());
    let by_query = url.query_pairs().find(|(name, _)| is_known(name)).and_then(|(_, value)| value.parse().ok());
    by_query.or_else(|| {
        let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let pair = segments.windows(2).find(|pair| is_known(pair[0])).and_then(|pair| pair[1].parse().ok());
        pair.or_else(|| segments.last()?.split_once('-').filter(|(name, _)| is_known(name))?.1.parse().ok())
    })
}

/// The list's address whatever the page.
fn without_number(url: &Url) -> (Option<String>, String) {
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let is_known = |name: &str| NUMBERED.contains(&name.to_ascii_lowercase().as_str());
    let end = segments
        .iter()
        .position(|segment| is_known(segment.split_once('-').map_or(segment, |(name, _)| name)))
        .unwrap_or(segments.len());
    (url.host_str().map(str::to_owned), segments[..end].join("/").to_ascii_lowercase())
}

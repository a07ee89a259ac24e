//! The headline without the site's name, and the site's name where only the title tells it.

use url::Url;

/// A headline's longest form; what is longer is cut at a word.
const MAX_TITLE_CHARS: usize = 300;

/// What stands between a headline and a site's name.
const SEPARATORS: [&str; 17] = [
    " : ",
    "\u{ff5c}",
    " -- ",
    " | ",
    " - ",
    " \u{2013} ",
    " \u{2014} ",
    " \u{b7} ",
    " \u{2022} ",
    " \u{bb} ",
    " \u{ab} ",
    " :: ",
    " / ",
    " > ",
    " < ",
    " ~ ",
    " \u{2502} ",
];

/// How often a separator is looked for: headline, section, site.
const MAX_PARTS: usize = 4;

/// What blogging systems print between the site's name and the headline.
const ARCHIVE_WORDS: [&str; 2] = ["blogarchive", "blogarchiv"];

/// Separators looked at in one title.
const MAX_SEPARATORS: usize = 12;

/// A headline and the name that was taken off it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted<'a> {
    /// The headline.
    pub(super) title: &'a str,
    /// The site's name as the title has it.
    pub(super) site: Option<&'a str>,
}

/// Takes the site's name off a title where it is known to be that: it equals `site_name`, or the page's host without
/// its ending, or what stands beside it is the page's first heading.
pub(super) fn part<'a>(
    title: &'a str,
    site_name: Option<&str>,
    url: Option<&Url>,
    heading: Option<&str>,
) -> Parted<'a> {
    let host = url.and_then(Url::host_str).map(host_name).unwrap_or_default();
    let site_key = site_name.map(key).unwrap_or_default();
    let site_is_host = site_name.is_some_and(|name| name.contains('.') && !name.contains(' '));
    let is_site = |part: &str| {
        let part = key(part);
        !part.is_empty()
            && (part == site_key
                || is_archive_word(&part)
                || part == host
                || is_host_with_ending(&part, &host)
                || site_is_host && is_host_with_ending(&site_key, &part))
    };
    let heading = heading.map(key).unwrap_or_default();
    let mut parted = before_site(title.trim(), is_site);
    let named = |part: &'a str, before: Option<&'a str>| before.or(Some(part).filter(|part| !is_archive_word(part)));
    for _ in 0..MAX_PARTS {
        let (last, first) = (last_part(parted.title), first_part(parted.title));
        let with_colon = parted.title.split_once(": ").map(|(head, tail)| (head.trim(), tail.trim()));
        let says_headline = |part: &str| !heading.is_empty() && key(part) == heading;
        if let Some((head, tail)) = last.filter(|(head, tail)| is_site(tail) || says_headline(head)) {
            parted = Parted { title: head, site: named(tail, parted.site) };
        } else if let Some((head, tail)) = first.filter(|(head, tail)| is_site(head) || says_headline(tail)) {
            parted = Parted { title: tail, site: named(head, parted.site) };
        } else if let Some((head, tail)) = with_colon.filter(|(head, tail)| is_site(head) && !tail.is_empty()) {
            parted = Parted { title: tail, site: named(head, parted.site) };
        } else {
            break;
        }
    }
    // An empty field leaves its separator: `Tide | `.
    parted.title =
        SEPARATORS.iter().find_map(|separator| parted.title.strip_suffix(separator.trim_end())).unwrap_or(parted.title);
    parted
}

/// The part before the site's name where that itself has separators (`Tide - Harbour | Post`), or a slogan after it
/// (`Tide | Harbour Post | News of the coast`).
fn before_site<'a>(title: &'a str, is_site: impl Fn(&str) -> bool) -> Parted<'a> {
    let mut places: Vec<(usize, usize)> = SEPARATORS
        .iter()
        .flat_map(|separator| title.match_indices(separator).map(|(at, found)| (at, at + found.len())))
        .collect();
    places.sort_unstable();
    places.truncate(MAX_SEPARATORS);
    for (index, (start, end)) in places.iter().enumerate() {
        let rest = &title[*end..];
        let next = places[index + 1..].iter().map(|(at, _)| *at).find(|at| at > end);
        let named =
            next.map(|at| &title[*end..at]).filter(|part| is_site(part)).or(Some(rest).filter(|rest| is_site(rest)));
        let head = title[..*start].trim();
        if let Some(site) = named
            && !head.is_empty()
            && !is_site(head)
            && !is_archive_word(site)
        {
            return Parted { title: head, site: Some(site.trim()) };
        }
    }
    Parted { title, site: None }
}

/// The same of a `<title>` that nothing confirms: a short last part after a longer headline is taken for the site.
pub(super) fn part_by_shape(title: &str) -> Parted<'_> {
    let words = |part: &str| part.split_whitespace().count();
    match last_part(title.trim()) {
        Some((head, tail)) if words(tail) <= 4 && words(head) > words(tail) && words(head) >= 3 => {
            Parted { title: head, site: Some(tail) }
        }
        _ => Parted { title: title.trim(), site: None },
    }
}

/// A text cut at a word so that it serves as a title; an ellipsis tells that it was cut.
pub(super) fn bounded(text: &str) -> String {
    bounded_to(text, MAX_TITLE_CHARS)
}

/// As [`bounded`], to a length in characters.
pub(super) fn bounded_to(text: &str, max_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let cut = &text[..end];
    let cut = cut.rfind(char::is_whitespace).map_or(cut, |space| &cut[..space]);
    format!("{}\u{2026}", cut.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-')))
}

/// A title from a file's name or an address, where nothing else gives one: `2015-01-31-the-tide.md` as `the tide`.
pub(super) fn of_name(name: &str) -> String {
    let path = name.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_owned();
    let mut last = parts.next().map(stem).unwrap_or_default();
    if matches!(last.as_str(), "index" | "_index" | "README" | "readme") {
        last = parts.next().map(stem).unwrap_or(last);
    }
    let words = last.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').replace(['-', '_'], " ");
    let words = words.trim();
    if words.is_empty() { name.to_owned() } else { words.to_owned() }
}

fn is_archive_word(part: &str) -> bool {
    ARCHIVE_WORDS.contains(&key(part).as_str())
}

fn last_part(title: &str) -> Option<(&str, &str)> {
    let (at, separator) = SEPARATORS
        .iter()
        .filter_map(|separator| Some((title.rfind(separator)?, *separator)))
        .max_by_key(|(at, _)| *at)?;
    let (head, tail) = (title[..at].trim(), title[at + separator.len()..].trim());
    (!head.is_empty() && !tail.is_empty()).then_some((head, tail))
}

fn first_part(title: &str) -> Option<(&str, &str)> {
    let (at, separator) = SEPARATORS
        .iter()
        .filter_map(|separator| Some((title.find(separator)?, *separator)))
        .min_by_key(|(at, _)| *at)?;
    let (head, tail) = (title[..at].trim(), title[at + separator.len()..].trim());
    (!head.is_empty() && !tail.is_empty()).then_some((head, tail))
}

/// Letters and digits in lower case, so that `Harbour-Post` and `The harbour post`'s tail compare.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `www.harbour-post.co.uk` as `harbourpost`.
fn host_name(host: &str) -> String {
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let second_level = labels.len() > 2 && labels.get(labels.len() - 2).is_some_and(|label| label.len() <= 3);
    let own = labels.len().saturating_sub(if second_level { 3 } else { 2 });
    labels.get(own).map(|label| key(label)).unwrap_or_default()
}

/// `harbourpostcom` against `harbourpost`.
fn is_host_with_ending(part: &str, host: &str) -> bool {
    host.len() > 2 && part.strip_prefix(host).is_some_and(|ending| (2..=5).contains(&ending.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_name_is_taken_off_where_it_is_known() {
        let url = Url::parse("https://www.harbour-post.co.uk/a").unwrap();
        let title = |text: &'static str| part(text, Some("The Post"), Some(&url), Some("Tide - a story")).title;
        assert_eq!(title("Tide comes in | The Post"), "Tide comes in");
        assert_eq!(title("Tide comes in | News | Harbour Post"), "Tide comes in | News");
        assert_eq!(title("harbourpost.co: Tide - comes in"), "Tide - comes in");
        assert_eq!(title("HarbourPost.com - Tide comes in"), "Tide comes in");
        assert_eq!(title("Tide - a story - Weekend"), "Tide - a story");
        assert_eq!(title("Tide - comes in"), "Tide - comes in");
        assert_eq!(title("Tide comes in | harbour-post.co.uk | News of the coast"), "Tide comes in");
        assert_eq!(title("The Post: Tide comes in"), "Tide comes in");
        assert_eq!(title("Tide comes in | "), "Tide comes in");
        let long = part("Tide \u{2014} The Post - Coast | Sea", Some("The Post - Coast | Sea"), None, None);
        assert_eq!(long.title, "Tide");
    }

    #[test]
    fn without_a_known_name_only_a_short_tail_is_taken_off() {
        assert_eq!(part_by_shape("How the tide came in | Post").title, "How the tide came in");
        assert_eq!(part_by_shape("Tide | How the water came in today").title, "Tide | How the water came in today");
    }

    #[test]
    fn a_name_is_the_last_resort() {
        assert_eq!(of_name("posts/2015-01-31-the_tide.md.gz"), "the tide");
        assert_eq!(of_name("posts/the-tide/index.md"), "the tide");
        assert_eq!(of_name("https://example.com/"), "example");
    }

    #[test]
    fn a_long_title_is_cut_at_a_word() {
        assert_eq!(bounded_to("one two, three", 9), "one two\u{2026}");
        assert_eq!(bounded_to("one", 9), "one");
    }
}

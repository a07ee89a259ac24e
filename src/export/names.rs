//! File names of what the archive names: the same name for the same thing in every export, and harmless on every file
//! system.
//!
//! Outside text never becomes a path as it is. A short name of small letters, digits, `-` and `_` stands for itself; any
//! other keeps what is readable of it and is told apart by a digest of the whole, behind a dot, which no plain name has.
//! Nothing depends on letter case, so that a file system that ignores case keeps all of them apart.

use sha2::{Digest as _, Sha256};

/// The longest name that stands for itself, in bytes.
const MAX_PLAIN_BYTES: usize = 64;

/// The readable part of a name that does not, in characters.
const MAX_SLUG_CHARS: usize = 40;

/// Bytes of the digest that tell names apart.
const DIGEST_BYTES: usize = 12;

/// Names that Windows keeps for devices, with any ending
/// (<https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>).
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin", "conout"];

/// `name` as one part of a path, without an ending.
pub(super) fn part(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= MAX_PLAIN_BYTES && name.chars().all(plain) && !is_device(name) {
        return name.to_owned();
    }
    let digest: String = Sha256::digest(name).iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let mut slug = slug(name, MAX_SLUG_CHARS);
    if slug.is_empty() || is_device(&slug) {
        slug.insert(0, '-');
    }
    format!("{slug}.{digest}")
}

/// The page of a post under the root of a site.
pub(super) fn post(key: &str) -> String {
    let (platform, id) = key.split_once(':').unwrap_or(("", key));
    format!("post/{}/{}.html", part(platform), part(id))
}

/// The snippet of a post.
pub(super) fn snippet(key: &str) -> String {
    let (platform, id) = key.split_once(':').unwrap_or(("", key));
    format!("{}/{}.html", part(platform), part(id))
}

/// The page of an author; `page` counts older ones, the newest has none. Handles differ by more than case.
pub(super) fn author(platform: &str, handle: &str, page: Option<usize>) -> String {
    let handle = part(&handle.trim_start_matches('@').to_ascii_lowercase());
    format!("author/{}/{handle}{}.html", part(platform), older(page))
}

/// The page of a platform.
pub(super) fn platform(id: &str, page: Option<usize>) -> String {
    format!("platform/{}{}.html", part(id), older(page))
}

/// The page of an article.
pub(super) fn article(id: i64) -> String {
    format!("article/{id}.html")
}

/// An older version of an article, from 1, the oldest.
pub(super) fn version(id: i64, number: usize) -> String {
    format!("article/{id}.v{number}.html")
}

/// What changed from the version before to this one.
pub(super) fn changes(id: i64, number: usize) -> String {
    format!("article/{id}.v{number}.changes.html")
}

/// The preserved original of an article, or of one of its older versions.
pub(super) fn original(id: i64, number: Option<usize>) -> String {
    number
        .map_or_else(|| format!("article/{id}.original.html"), |number| format!("article/{id}.v{number}.original.html"))
}

/// Small letters and digits of `text`, joined by `-`.
fn slug(text: &str, max_chars: usize) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    joined.chars().take(max_chars).collect::<String>().trim_matches('-').to_owned()
}

fn older(page: Option<usize>) -> String {
    page.map_or_else(String::new, |page| format!(".p{page}"))
}

pub(super) fn is_device(name: &str) -> bool {
    let port = |start: &str| name.strip_prefix(start).is_some_and(|rest| rest.len() == 1);
    DEVICES.contains(&name) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_plain_name_stands_for_itself() {
        assert_eq!(post("twitter:1822768"), "post/twitter/1822768.html");
        assert_eq!(author("twitter", "@Town_Desk", None), "author/twitter/town_desk.html");
        assert_eq!(author("twitter", "town_desk", Some(2)), "author/twitter/town_desk.p2.html");
        assert_eq!(part("3kabc"), "3kabc");
    }

    #[test]
    fn no_name_leaves_its_folder_or_is_a_device() {
        for name in [
            "../../etc/passwd",
            "..",
            ".",
            "",
            "con",
            "NUL",
            "com1",
            "a.",
            "a ",
            "C:\\x",
            "\0",
            "x/../y",
            "%2e%2e",
            "\u{202e}x",
        ] {
            let part = part(name);
            assert!(!part.is_empty() && part.len() < 80, "{name:?}: {part}");
            assert!(part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c)), "{part}");
            assert!(!part.contains("..") && !part.ends_with('.') && !part.starts_with('.'), "{name:?}: {part}");
            let base = part.split('.').next().unwrap_or_default();
            assert!(!is_device(base), "{name:?}: {part}");
        }
    }

    #[test]
    fn names_that_differ_stay_apart_where_case_does_not_count() {
        let long = "x".repeat(500);
        let names = [
            "dQw4w9WgXcQ",
            "dqw4w9wgxcq",
            "DQW4W9WGXCQ",
            "host/1",
            "host-1",
            "host.1",
            "ünter",
            "unter",
            "",
            " ",
            long.as_str(),
        ];
        let parts: HashSet<String> = names.iter().map(|name| part(name).to_lowercase()).collect();
        assert_eq!(parts.len(), names.len(), "{parts:?}");
        let posing = part("dQw4w9WgXcQ");
        assert_ne!(part(&posing), posing, "a name that looks like another's is not taken for it");
    }
}

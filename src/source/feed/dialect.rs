//! Old dialects of feeds, put into the ones that the parser knows: RSS 0.9x and RSS in other namespaces, Atom 0.3, UTF-16.

use encoding_rs::{Encoding, UTF_8};
use regex::Regex;
use std::{borrow::Cow, sync::LazyLock};

/// A dialect shows itself in this many bytes.
const HEAD_BYTES: usize = 4096;

/// Namespaces in which RSS was written before, and beside, `http://purl.org/rss/1.0/`.
const RSS_NAMESPACES: [&str; 8] = [
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd",
    "http://backend.userland.com/rss2",
    "http://backend.userland.com/RSS2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss/rss.html",
    "http://purl.org/net/rss1.1#",
];

/// Elements of Atom 0.3 with their names in 1.0.
const ATOM_03_NAMES: [(&str, &str); 4] =
    [("issued", "published"), ("modified", "updated"), ("created", "published"), ("tagline", "subtitle")];

static RSS_VERSION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?s)^(.*?<rss\b[^>]*?)(\s+version\s*=\s*["'][^"'>]*["'])?(\s[^>]*|\s*)>"#));
static ATOM_03: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"["']http://purl\.org/atom/ns#["']|<feed\b[^>]*version=["']0\.3["']"#));
static ATOM_03_TYPE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"type=["'](?:(?<xhtml>application/xhtml\+xml)|(?<html>text/html)|text/plain)["']"#));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern in this file is well formed")
}

/// The bytes in a dialect that the parser knows; themselves, borrowed, for nearly every feed of today.
pub(super) fn known(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = in_utf_8(bytes);
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]).into_owned();
    if ATOM_03.is_match(&head)
        && let Ok(text) = std::str::from_utf8(&bytes)
    {
        return Cow::Owned(atom_03(text).into_bytes());
    }
    // Tags have their length in every encoding that is left only where the head is ASCII.
    if !head.is_ascii() {
        return bytes;
    }
    let mut new_head = head.clone();
    for namespace in RSS_NAMESPACES {
        new_head = new_head.replace(namespace, "http://purl.org/rss/1.0/");
    }
    let is_other_version = RSS_VERSION.captures(&new_head).filter(|found| {
        let version = found.get(2).map_or("", |version| version.as_str());
        !["2.0", "0.91", "0.92"].iter().any(|known| version.contains(known))
    });
    if let Some(found) = is_other_version {
        let tag = format!("{} version=\"2.0\"{}>", &found[1], &found[3]);
        new_head = format!("{tag}{}", &new_head[found[0].len()..]);
    }
    if new_head == head {
        return bytes;
    }
    let mut out = new_head.into_bytes();
    out.extend_from_slice(&bytes[head.len()..]);
    Cow::Owned(out)
}

/// UTF-16 as UTF-8, its declaration left out since it would no longer be true; white space before the prolog gone.
fn in_utf_8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::for_bom(bytes).filter(|(encoding, _)| *encoding != UTF_8) {
        Some((encoding, _)) => {
            let text = encoding.decode(bytes).0;
            let body = text.split_once("?>").map_or(text.as_ref(), |(_, body)| body);
            Cow::Owned(body.as_bytes().to_vec())
        }
        None => Cow::Borrowed(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()),
    }
}

fn atom_03(text: &str) -> String {
    let text = text.replace("http://purl.org/atom/ns#", "http://www.w3.org/2005/Atom");
    let text = ATOM_03_TYPE.replace_all(&text, |kind: &regex::Captures<'_>| {
        let name = if kind.name("xhtml").is_some() {
            "xhtml"
        } else if kind.name("html").is_some() {
            "html"
        } else {
            "text"
        };
        format!("type=\"{name}\"")
    });
    ATOM_03_NAMES.iter().fold(text.into_owned(), |text, (old, new)| {
        text.replace(&format!("<{old}"), &format!("<{new}")).replace(&format!("</{old}>"), &format!("</{new}>"))
    })
}

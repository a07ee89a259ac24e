//! Rich text: a post's words with facets, which mark links, mentions and tags by UTF-8 byte offsets.
//!
//! Apps store the words with links cut short (`example.org/long-pa...`) and the whole address in the facet
//! (recorded posts, 2023 and later), so a reader's text needs the facets too.

use crate::html::escape;
use serde_json::Value;

/// A post has 300 graphemes; facets beyond this number are noise.
const MAX_FACETS: usize = 200;

/// A marked stretch of the words.
struct Facet {
    start: usize,
    end: usize,
    /// Where it leads.
    href: String,
    /// Whether `href` is a link of the author's, whose shortened form stands in the words.
    is_link: bool,
}

/// The words with their links at full length, and the same as HTML.
pub(super) fn expand(text: &str, facets: &Value) -> (String, String) {
    let mut plain = String::with_capacity(text.len());
    let mut html = String::from("<p>");
    let mut at = 0;
    for facet in read(text, facets) {
        let Some((before, words)) = text.get(at..facet.start).zip(text.get(facet.start..facet.end)) else { continue };
        plain.push_str(before);
        push_html(&mut html, before);
        let shown = if facet.is_link && is_short_for(words, &facet.href) { facet.href.as_str() } else { words };
        plain.push_str(shown);
        html.push_str(&format!("<a href=\"{}\">", escape(&facet.href)));
        push_html(&mut html, shown);
        html.push_str("</a>");
        at = facet.end;
    }
    let rest = text.get(at..).unwrap_or_default();
    plain.push_str(rest);
    push_html(&mut html, rest);
    html.push_str("</p>");
    (plain, html)
}

/// The facets that lie within the text and don't overlap, in order.
fn read(text: &str, facets: &Value) -> Vec<Facet> {
    let mut found: Vec<Facet> =
        facets.as_array().into_iter().flatten().take(MAX_FACETS).filter_map(|facet| one(text, facet)).collect();
    found.sort_by_key(|facet| facet.start);
    let mut end = 0;
    found.retain(|facet| {
        let free = facet.start >= end;
        end = if free { facet.end } else { end };
        free
    });
    found
}

fn one(text: &str, facet: &Value) -> Option<Facet> {
    let offset = |name: &str| usize::try_from(facet["index"][name].as_u64()?).ok();
    let (start, end) = (offset("byteStart")?, offset("byteEnd")?);
    if start >= end || text.get(start..end).is_none() {
        return None;
    }
    let (href, is_link) = facet["features"].as_array()?.iter().find_map(target)?;
    Some(Facet { start, end, href, is_link })
}

fn target(feature: &Value) -> Option<(String, bool)> {
    let word = |name: &str| feature[name].as_str();
    match feature["$type"].as_str()? {
        "app.bsky.richtext.facet#link" => {
            let uri = word("uri")?;
            (uri.starts_with("https://") || uri.starts_with("http://")).then(|| (uri.to_owned(), true))
        }
        "app.bsky.richtext.facet#mention" => Some((format!("https://bsky.app/profile/{}", word("did")?), false)),
        "app.bsky.richtext.facet#tag" => Some((format!("https://bsky.app/hashtag/{}", word("tag")?), false)),
        _ => None,
    }
}

/// Whether the words are the address itself, without its scheme or cut off with dots: then the whole address says
/// more. Words of the author's own stay.
fn is_short_for(words: &str, uri: &str) -> bool {
    let bare = |text: &str| {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        text.strip_prefix("www.").unwrap_or(text).to_lowercase()
    };
    let cut = words.trim_end_matches(['.', '\u{2026}']);
    let shown = bare(cut.trim_end_matches('/'));
    shown.contains('.') && bare(uri).starts_with(&shown)
}

fn push_html(html: &mut String, text: &str) {
    html.push_str(&escape(text).replace('\n', "<br>"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_shortened_link_becomes_whole_and_offsets_count_bytes() {
        let text = "Größe \u{1f41d} example.org/a-long-p... via @pat.example";
        let start = text.find("example.org").unwrap();
        let end = start + "example.org/a-long-p...".len();
        let mention = text.find("@pat").unwrap();
        let facets = json!([
            {"index": {"byteStart": mention, "byteEnd": text.len()}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:abc"}]},
            {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a-long-path?x=1&y=2"}]},
        ]);
        let (plain, html) = expand(text, &facets);
        assert_eq!(plain, "Größe \u{1f41d} https://example.org/a-long-path?x=1&y=2 via @pat.example");
        assert!(html.contains("<a href=\"https://example.org/a-long-path?x=1&amp;y=2\">https://example.org"));
        assert!(html.contains("<a href=\"https://bsky.app/profile/did:plc:abc\">@pat.example</a></p>"));
    }

    #[test]
    fn the_author_s_own_words_for_a_link_stay() {
        let facets = json!([{"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/x"}]}]);
        assert_eq!(expand("here\nit is", &facets).0, "here\nit is");
        assert_eq!(expand("here\nit is", &facets).1, "<p><a href=\"https://example.org/x\">here</a><br>it is</p>");
    }

    #[test]
    fn impossible_offsets_change_nothing() {
        for (start, end) in [(0, 99), (3, 2), (1, 2)] {
            let facets = json!([{"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "x"}]}]);
            assert_eq!(expand("\u{e9}\u{e9}", &facets).0, "\u{e9}\u{e9}");
        }
    }
}

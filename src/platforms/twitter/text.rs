//! The words of an answer as a reader sees them: entities put in by their indices, media links dropped, escapes undone.
//!
//! Indices count Unicode code points of the text as sent, that is with `&amp;`, `&lt;` and `&gt;` still escaped (checked
//! on eleven recordings of 2023 to 2026). `display_text_range` mostly does too, but ends at the length in UTF-16 units
//! where the text has astral characters and no media, so it is clamped.

use crate::html::escape;
use serde_json::Value;
use url::Url;

/// More entities than any post has.
const MAX_ENTITIES: usize = 400;

/// The words, plain and with links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Links expanded.
    pub(super) plain: String,
    /// The same as HTML.
    pub(super) html: String,
}

/// A stretch of the text that is shown otherwise than it is sent.
struct Entity {
    start: usize,
    end: usize,
    /// Left out where None: media, the quoted post's link.
    shown: Option<Shown>,
}

struct Shown {
    plain: String,
    label: String,
    href: String,
}

/// Reads `text`, `entities` and `display_text_range`. `quoted` is the id of the quoted post, whose link at the end of
/// the text is not part of the words.
pub(super) fn read(answer: &Value, quoted: Option<&str>) -> Words {
    let text: Vec<char> =
        answer["text"].as_str().or_else(|| answer["full_text"].as_str()).unwrap_or_default().chars().collect();
    let entities = entities(answer, &text, quoted);
    let (from, to) = range(answer, text.len());
    let mut words = Words::default();
    let mut at = from;
    for entity in entities {
        if entity.start < at || entity.start >= to {
            continue;
        }
        push(&mut words, &text[at..entity.start]);
        if let Some(shown) = entity.shown {
            words.plain.push_str(&shown.plain);
            words.html.push_str(&link(&shown));
        }
        at = entity.end;
    }
    if at < to {
        push(&mut words, &text[at..to]);
    }
    Words { plain: words.plain.trim().to_owned(), html: words.html.trim().replace('\n', "<br>") }
}

/// What is shown, in code points: replies hide the mentions at their start.
fn range(answer: &Value, length: usize) -> (usize, usize) {
    let bound = |index: usize| {
        let value = answer["display_text_range"][index].as_u64()?;
        usize::try_from(value).ok().map(|value| value.min(length))
    };
    let (from, to) = (bound(0).unwrap_or(0), bound(1).unwrap_or(length));
    if from <= to { (from, to) } else { (0, length) }
}

fn push(words: &mut Words, chars: &[char]) {
    let sent: String = chars.iter().collect();
    let plain = unescape(&sent);
    words.html.push_str(&escape(&plain));
    words.plain.push_str(&plain);
}

/// Undoes the three escapes that the text is sent with. `&amp;` last, so that `&amp;lt;` stays `&lt;`.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

fn link(shown: &Shown) -> String {
    match Url::parse(&shown.href) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            format!("<a href=\"{}\">{}</a>", escape(url.as_str()), escape(&shown.label))
        }
        _ => escape(&shown.label),
    }
}

fn entities(answer: &Value, text: &[char], quoted: Option<&str>) -> Vec<Entity> {
    let mut found = Vec::new();
    let lists = ["media", "urls", "user_mentions", "hashtags", "symbols"];
    for kind in lists {
        let list = answer["entities"][kind].as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(list.iter().take(MAX_ENTITIES).filter_map(|entity| read_entity(kind, entity, text, quoted)));
    }
    found.sort_by_key(|entity| entity.start);
    found
}

fn read_entity(kind: &str, entity: &Value, text: &[char], quoted: Option<&str>) -> Option<Entity> {
    let field = |name: &str| entity[name].as_str().filter(|value| !value.is_empty());
    let (start, end) = place(kind, entity, text)?;
    let sent: String = text[start..end].iter().collect();
    let shown = match kind {
        "media" => None,
        "urls" => {
            let href = field("expanded_url").or_else(|| field("url"))?.to_owned();
            let is_quote = quoted.is_some_and(|id| names_post(&href, id));
            let label = field("display_url").map_or_else(|| href.clone(), str::to_owned);
            (!is_quote || end < text.len()).then_some(Shown { plain: href.clone(), label, href })
        }
        "user_mentions" => {
            Some(Shown { href: format!("https://x.com/{}", field("screen_name")?), plain: sent.clone(), label: sent })
        }
        "hashtags" => {
            let href = Url::parse_with_params("https://x.com/search", [("q", &sent)]).ok()?.to_string();
            Some(Shown { plain: sent.clone(), label: sent, href })
        }
        _ => {
            let href = Url::parse_with_params("https://x.com/search", [("q", &sent)]).ok()?.to_string();
            Some(Shown { plain: sent.clone(), label: sent, href })
        }
    };
    Some(Entity { start, end, shown })
}

fn names_post(url: &str, id: &str) -> bool {
    Url::parse(url)
        .ok()
        .and_then(|url| super::address::recognize(&url))
        .is_some_and(|target| target.post().is_some_and(|post| post.id == id))
}

/// Where an entity stands: by its indices where the text there is the entity's, else by its text.
fn place(kind: &str, entity: &Value, text: &[char]) -> Option<(usize, usize)> {
    let index = |at: usize| usize::try_from(entity["indices"][at].as_u64()?).ok();
    if let (Some(start), Some(end)) = (index(0), index(1))
        && start < end
        && end <= text.len()
    {
        let first = text[start];
        let fits = match kind {
            "user_mentions" => matches!(first, '@' | '\u{ff20}'),
            "hashtags" => matches!(first, '#' | '\u{ff03}'),
            "symbols" => first == '$',
            _ => entity["url"].as_str().is_none_or(|url| text[start..end].iter().copied().eq(url.chars())),
        };
        if fits {
            return Some((start, end));
        }
    }
    let needle: Vec<char> = match kind {
        "media" | "urls" => entity["url"].as_str()?.chars().collect(),
        _ => return None,
    };
    let start = text.windows(needle.len().max(1)).position(|window| window == needle.as_slice())?;
    Some((start, start + needle.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn indices_count_code_points_of_the_escaped_text() {
        let answer = json!({
            "text": "\u{1f6a2} Ropes &amp; knots: https://t.co/aaaaaaaaaa #sea https://t.co/bbbbbbbbbb",
            "display_text_range": [0, 49],
            "entities": {
                "urls": [{"url": "https://t.co/aaaaaaaaaa", "expanded_url": "https://example.com/knots?a=1&b=2",
                          "display_url": "example.com/knots?a=1…", "indices": [21, 44]}],
                "hashtags": [{"text": "sea", "indices": [45, 49]}],
                "media": [{"url": "https://t.co/bbbbbbbbbb", "indices": [50, 73]}]
            }
        });
        let words = read(&answer, None);
        assert_eq!(words.plain, "\u{1f6a2} Ropes & knots: https://example.com/knots?a=1&b=2 #sea");
        assert!(words.html.contains("<a href=\"https://example.com/knots?a=1&amp;b=2\">example.com/knots?a=1…</a>"));
    }

    #[test]
    fn a_range_beyond_the_text_is_clamped_and_a_reply_hides_its_mentions() {
        let answer = json!({"text": "@annex @bo \u{1f6a2} all aboard", "display_text_range": [11, 99]});
        assert_eq!(read(&answer, None).plain, "\u{1f6a2} all aboard");
    }

    #[test]
    fn wrong_indices_do_not_tear_the_words() {
        let answer = json!({
            "text": "See https://t.co/aaaaaaaaaa now",
            "entities": {
                "urls": [{"url": "https://t.co/aaaaaaaaaa", "expanded_url": "https://example.com/a", "indices": [900, 923]}],
                "user_mentions": [{"screen_name": "annex", "indices": [0, 3]}],
                "hashtags": [{"text": "x", "indices": [5, 2]}]
            }
        });
        assert_eq!(read(&answer, None).plain, "See https://example.com/a now");
    }

    #[test]
    fn the_link_to_the_quoted_post_is_not_part_of_the_words() {
        let answer = json!({
            "text": "So true https://t.co/aaaaaaaaaa",
            "entities": {"urls": [{"url": "https://t.co/aaaaaaaaaa", "expanded_url": "https://x.com/bo/status/77", "indices": [8, 31]}]}
        });
        assert_eq!(read(&answer, Some("77")).plain, "So true");
        assert_eq!(read(&answer, None).plain, "So true https://x.com/bo/status/77");
    }
}

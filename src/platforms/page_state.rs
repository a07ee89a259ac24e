//! JSON that a page's scripts carry: as an object literal, or as a string inside a string, escaped again and again.

use serde_json::{Deserializer, Value};

/// Text that is looked through for one object; a page's state is below 1 MB in recordings of 2017 to 2024.
const MAX_STATE_BYTES: usize = 2 << 20;
/// Levels of escaping of a string inside a string.
const MAX_LEVELS: u32 = 4;
/// Occurrences of a name that are tried.
const MAX_TRIES: usize = 12;

/// The JSON value that begins right after `marker`, such as `var state = `.
pub(super) fn value_after(text: &str, marker: &str) -> Option<Value> {
    text.match_indices(marker).take(MAX_TRIES).find_map(|(at, _)| first_value(&text[at + marker.len()..]))
}

/// The objects and lists that stand under `name` anywhere in the text, at any level of escaping, in their order.
pub(super) fn values_named<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Value> + 'a {
    text.match_indices(name).take(MAX_TRIES).filter_map(move |(at, _)| {
        let before = &text[..at];
        let after = &text[at + name.len()..];
        let slashes = after.bytes().take_while(|byte| *byte == b'\\').count();
        let quoted = before.ends_with('"') && after[slashes..].starts_with('"');
        if !quoted {
            return None;
        }
        // One level of escaping puts one backslash before a quote, two put three, three put seven.
        let levels = u32::try_from(slashes + 1).ok()?.ilog2();
        let value = after[slashes + 1..].trim_start().strip_prefix(':')?.trim_start();
        if !value.starts_with(['{', '[']) || levels > MAX_LEVELS {
            return None;
        }
        if levels == 0 {
            return first_value(value);
        }
        let mut text = cut(value).to_owned();
        for _ in 0..levels {
            text = unescape(&text);
        }
        first_value(&text)
    })
}

fn cut(text: &str) -> &str {
    if text.len() <= MAX_STATE_BYTES {
        return text;
    }
    let end = (0..=MAX_STATE_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}

fn first_value(text: &str) -> Option<Value> {
    Deserializer::from_str(cut(text)).into_iter::<Value>().next()?.ok().filter(|value| !value.is_null())
}

/// One level of a JavaScript string, up to the quote that ends it.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut high: Option<u32> = None;
    while let Some(c) = chars.next() {
        if c != '\\' {
            if c == '"' {
                break;
            }
            out.push(c);
            continue;
        }
        let Some(escaped) = chars.next() else { break };
        match escaped {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' | 'x' => {
                let digits = if escaped == 'u' { 4 } else { 2 };
                let code: String = chars.clone().take(digits).collect();
                let Ok(unit) = u32::from_str_radix(&code, 16) else { continue };
                chars.nth(digits - 1);
                match (high.take(), unit) {
                    (_, 0xd800..=0xdbff) => high = Some(unit),
                    (Some(first), 0xdc00..=0xdfff) => {
                        out.extend(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (unit - 0xdc00)));
                    }
                    _ => out.extend(char::from_u32(unit)),
                }
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_found_at_any_level_of_escaping() {
        let want = json!({"post": {"text": "a \"b\" \\ \u{e9}\u{1f600}\n<c>", "n": [1, 2]}});
        let mut text = want.to_string();
        for level in 0..4 {
            let page = format!("<script>s.push({{\"x\":{text}}});</script> \"post\" and more");
            let found: Vec<_> = values_named(&page, "post").collect();
            assert_eq!(found, [want["post"].clone()], "level {level}");
            text = json!(text).to_string();
        }
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        assert_eq!(value_after("x; var a = {\"b\":1};rest }", "var a = "), Some(json!({"b": 1})));
        assert_eq!(value_after("var a = {\"b\":", "var a = "), None);
        assert_eq!(value_after("nothing", "var a = "), None);
        assert_eq!(values_named("\"post\":", "post").count() + values_named("\"post\\", "post").count(), 0);
        assert_eq!(values_named(&"\"post\\\\\\\\\\\\\\\":{".repeat(100), "post").count(), 0);
    }
}

//! Embeds that scripts write: calls with a post's URL, `document.write` with markup; and which scripts hold data.

use super::carrier::{Carried, html_in, post_in_url};
use crate::{html, model::Form};
use regex::Regex;
use scraper::ElementRef;
use std::sync::LazyLock;

/// Longer scripts are libraries or state, and write no embed by a call.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// The argument of a call whose first argument is a URL. The function's name is read backwards from it: a pattern that
/// begins with any name, or that counts a URL's length, is many times slower.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\(\s*["']((?:https?:)?//[^"'\s\\]+)["']"#).expect("a pattern that is tested with the crate")
});

/// A longer string is no URL of a post.
const MAX_URL_BYTES: usize = 2000;

/// A call that writes markup.
static WRITE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)document\.write(?:ln)?\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)"#)
        .expect("a pattern that is tested with the crate")
});

/// The calls of X's own script that draw a post; ids since 2010 have as many digits.
static CREATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)tweet(?:Embed)?\(\s*["']([0-9]{15,20})["']"#).expect("a pattern that is tested with the crate")
});

/// The video of YouTube's own player.
static PLAYER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\bvideoId["']?\s*:\s*["']([A-Za-z0-9_-]{11})["']"#).expect("a pattern that is tested with the crate")
});

/// Functions that do something else with a URL than embed it.
const OTHER_CALLS: [&str; 13] =
    ["open", "fetch", "ajax", "get", "post", "import", "push", "replace", "assign", "log", "indexof", "test", "match"];

/// Whether the element holds data rather than code.
pub(super) fn is_state(element: ElementRef<'_>) -> bool {
    html::attr(element, "type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

/// Whether the element holds markup for later.
pub(super) fn is_template(element: ElementRef<'_>) -> bool {
    html::attr(element, "type").is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.contains("template") || kind.contains("html") || kind == "text/plain"
    })
}

/// The last part of the name that a code's end calls: `push` of `a.b.push`.
fn called(code: &str) -> &str {
    let start = code.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'));
    start.map_or(code, |start| {
        code[start..].trim_start_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '$'))
    })
}

/// What a script writes where it stands.
pub(super) fn written(text: &str) -> Vec<Carried> {
    if text.len() > MAX_CALL_BYTES || !text.contains('(') {
        return Vec::new();
    }
    let mut out = Vec::new();
    for call in WRITE.captures_iter(text) {
        let argument = call.iter().skip(1).flatten().next().map(|found| found.as_str()).unwrap_or_default();
        let markup = argument.replace("\\\"", "\"").replace("\\'", "'").replace("\\/", "/").replace("\\n", "\n");
        out.extend(html_in(&markup).map(|html| Carried::Html(Form::Script, html)));
    }
    out.extend(by_id(text));
    for call in CALL.captures_iter(text) {
        let name = called(&text[..call.get(0).map_or(0, |call| call.start())]);
        if name.is_empty() || OTHER_CALLS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let url = call.get(1).filter(|url| url.len() <= MAX_URL_BYTES);
        let target = url.and_then(|url| post_in_url(url.as_str()));
        out.extend(target.map(|target| Carried::Post(Form::Script, target)));
    }
    out
}

/// Posts that a script draws by their ids, as elements that the platforms know.
fn by_id(text: &str) -> Vec<Carried> {
    let element = |name: &str, id: &str| Carried::Html(Form::Script, format!("<div data-{name}-id=\"{id}\"></div>"));
    let players = if text.contains("YT.Player") { Some(PLAYER.captures_iter(text)) } else { None };
    let posts = CREATE.captures_iter(text).map(|found| element("tweet", &found[1]));
    posts.chain(players.into_iter().flatten().map(|found| element("youtube", &found[1]))).collect()
}

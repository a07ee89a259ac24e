//! Embeds that scripts write: calls with a post's URL, `document.write` with markup; and which scripts hold data.

use super::carrier::{Carried, html_in, post_in_url};
use crate::{html, model::Form};
use regex::Regex;
use scraper::ElementRef;
use std::sync::LazyLock;

/// Longer scripts are libraries or state, and write no embed by a call.
const MAX_CALL_BYTES: usize = 64 * 1024;

/// A call whose first argument is a URL.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z_$][\w$.]{0,80})\(\s*["']((?:https?:)?//[^"'\s\\]{8,2000})["']"#)
        .expect("a pattern that is tested with the crate")
});

/// A call that writes markup.
static WRITE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)document\.write(?:ln)?\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)"#)
        .expect("a pattern that is tested with the crate")
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
    for call in CALL.captures_iter(text) {
        let name = call.get(1).map_or("", |name| name.as_str()).rsplit('.').next().unwrap_or_default();
        if OTHER_CALLS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let target = call.get(2).and_then(|url| post_in_url(url.as_str()));
        out.extend(target.map(|target| Carried::Post(Form::Script, target)));
    }
    out
}

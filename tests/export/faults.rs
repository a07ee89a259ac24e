//! What must not be in an exported site: links into nothing, anything that runs or loads from elsewhere, names that a
//! file system could confuse.

use scraper::{ElementRef, Html};
use std::collections::{BTreeMap, HashSet};

/// Elements that a page of the site never has. Curves of ours are drawings, of lines alone.
#[rustfmt::skip]
const NEVER: [&str; 17] = [
    "iframe", "frame", "frameset", "object", "embed", "applet", "base", "style", "math", "portal", "animate", "set", "use",
    "foreignObject", "image", "feImage", "marquee",
];

/// Endings of files that may be there.
const ENDINGS: [&str; 14] =
    ["html", "css", "js", "json", "png", "jpg", "gif", "webp", "avif", "bmp", "mp4", "webm", "mp3", "m4a"];

/// What is wrong with a site, one line each.
pub(crate) fn faults(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut found = names(files);
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let page = Html::parse_document(&text);
        let head = text.split("<head>").nth(1).unwrap_or_default().trim_start();
        if !head.starts_with("<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\"") {
            found.push(format!("{path}: charset and policy do not stand first"));
        }
        let ids: HashSet<&str> = elements(&page).filter_map(|element| element.value().id()).collect();
        for element in elements(&page) {
            let name = element.value().name();
            if NEVER.contains(&name) {
                found.push(format!("{path}: element {name}"));
            }
            if name == "script" && (element.value().attr("src").is_none() || !element.inner_html().is_empty()) {
                found.push(format!("{path}: an inline script"));
            }
            if name == "meta"
                && element.value().attr("http-equiv").is_some_and(|what| what != "Content-Security-Policy")
            {
                found.push(format!("{path}: a meta element that does something"));
            }
            for (attribute, value) in element.value().attrs() {
                if let Some(fault) = attribute_fault(files, path, &ids, name, attribute, value) {
                    found.push(format!("{path}: {name} {attribute}={value:.100}: {fault}"));
                }
            }
        }
    }
    found
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.tree.nodes().filter_map(ElementRef::wrap)
}

fn attribute_fault(
    files: &BTreeMap<String, Vec<u8>>,
    path: &str,
    ids: &HashSet<&str>,
    element: &str,
    attribute: &str,
    value: &str,
) -> Option<&'static str> {
    match attribute {
        "href" if element == "a" && is_out(value) => None,
        "href" if value.starts_with('#') => (!ids.contains(&value[1..])).then_some("names nothing of this page"),
        "href" | "src" | "poster" | "action" => leads_nowhere(files, path, value),
        "style" | "srcset" | "srcdoc" | "formaction" | "background" | "ping" | "data" | "xlink:href" | "manifest" => {
            Some("an attribute that no page of ours has")
        }
        "cite" => (!is_out(value)).then_some("no address"),
        other if other.starts_with("on") => Some("a handler"),
        _ => None,
    }
}

/// A link out, as a browser reads it: white space inside does not count, nor does case.
pub(crate) fn is_out(value: &str) -> bool {
    let plain: String =
        value.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect::<String>().to_ascii_lowercase();
    ["http:", "https:", "mailto:"].iter().any(|start| plain.trim_start().starts_with(start))
}

fn leads_nowhere(files: &BTreeMap<String, Vec<u8>>, from: &str, to: &str) -> Option<&'static str> {
    if to.is_empty() || to.starts_with('/') || to.contains(':') || to.contains('\\') {
        return Some("no relative address");
    }
    let mut place: Vec<&str> = from.split('/').collect();
    place.pop();
    for part in to.split(['#', '?']).next().unwrap_or_default().split('/') {
        match part {
            ".." if place.pop().is_none() => return Some("leaves the site"),
            ".." => {}
            part => place.push(part),
        }
    }
    (!files.contains_key(&place.join("/"))).then_some("leads to no file")
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut found = Vec::new();
    let mut folded = HashSet::new();
    for path in files.keys() {
        if !folded.insert(path.to_lowercase()) {
            found.push(format!("{path}: the same name in another case"));
        }
        let harmless = |part: &str| {
            part.len() < 120
                && !part.starts_with('.')
                && !part.ends_with('.')
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
        };
        if !path.split('/').all(harmless) || !ENDINGS.iter().any(|ending| path.ends_with(&format!(".{ending}"))) {
            found.push(format!("{path}: not a name of ours"));
        }
    }
    found
}

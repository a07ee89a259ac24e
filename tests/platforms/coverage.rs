//! Each platform has a case of each kind of content, so that none is captured in a way that nobody has tried.

use super::cases;
use embalm::platforms;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a case may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Words.
    Text,
    /// Pictures, film or sound.
    Media,
    /// A post that is quoted or answered, a link's card, or a link within the words.
    Link,
    /// Not there any more, or not for strangers.
    Gone,
}

const KINDS: [Kind; 4] = [Kind::Text, Kind::Media, Kind::Link, Kind::Gone];

/// Kinds that a platform's answers to strangers cannot give, and why.
const CANNOT: &[(&str, Kind, &str)] = &[
    ("deviantart", Kind::Link, "oEmbed names the picture alone"),
    ("giphy", Kind::Link, "oEmbed names the picture alone"),
    ("gist", Kind::Media, "its files are words; pictures within them are addresses of elsewhere"),
    ("gist", Kind::Link, "its files are code, which is kept as it is written"),
    ("imgur", Kind::Link, "oEmbed names the picture alone"),
    ("instagram", Kind::Link, "addresses in captions are plain words, and a post quotes no other"),
    ("odysee", Kind::Link, "a description is plain words, and a film quotes no other"),
    ("peertube", Kind::Link, "a description is plain words, and a film quotes no other"),
    ("pinterest", Kind::Link, "the site that a pin was taken from is in no open answer"),
    ("rumble", Kind::Link, "a description is plain words, and a film quotes no other"),
    ("snapchat", Kind::Link, "a description is plain words, and a film quotes no other"),
    ("spotify", Kind::Link, "title, artists and cover are all that strangers get"),
    ("streamable", Kind::Link, "the title is all the words there are"),
    ("tiktok", Kind::Link, "addresses in captions are plain words; duets and stitches do not name their other half"),
    ("twitch", Kind::Link, "tags hold the title and description alone"),
    ("vine", Kind::Link, "the archive holds the caption alone"),
];

fn shows(expected: &Map<String, Value>, kind: Kind) -> bool {
    let says = |key: &str| {
        expected.get(key).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        })
    };
    let state = expected.get("state").and_then(Value::as_str).unwrap_or("live");
    match kind {
        Kind::Gone => !matches!(state, "live" | "unknown"),
        _ if state != "live" => false,
        Kind::Text => says("text"),
        Kind::Media => says("media"),
        Kind::Link => {
            let html = expected.get("text_html").and_then(Value::as_str).unwrap_or_default();
            ["quoted", "reply_to", "card"].iter().any(|key| says(key)) || html.contains("<a href")
        }
    }
}

#[test]
fn every_platform_has_a_case_of_each_kind_of_content_that_it_gives() {
    let cases = cases::all();
    let shown: BTreeSet<(String, Kind)> = cases
        .iter()
        .flat_map(|case| KINDS.map(|kind| shows(&case.expected, kind).then(|| (case.platform.clone(), kind))))
        .flatten()
        .collect();
    let mut wrong = Vec::new();
    for platform in platforms::ALL {
        for kind in KINDS {
            let id = platform.id();
            let has = shown.contains(&(id.to_owned(), kind));
            let cannot = CANNOT.iter().find(|(name, without, _)| *name == id && *without == kind);
            match (has, cannot) {
                (false, None) => wrong.push(format!("{id}: no case of {kind:?}")),
                (true, Some((_, _, why))) => wrong.push(format!("{id}: a case of {kind:?}, though {why:?}")),
                _ => {}
            }
        }
    }
    let unknown = CANNOT.iter().filter(|(name, ..)| platforms::by_id(name).is_none());
    wrong.extend(unknown.map(|(name, ..)| format!("{name}: no platform")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_came_by_a_route_that_list_platforms_names() {
    let mut wrong = Vec::new();
    for case in cases::all() {
        let state = case.expected.get("state").and_then(Value::as_str).unwrap_or("live");
        let Some(via) = case.expected.get("via").and_then(Value::as_str).filter(|_| state == "live") else { continue };
        let routes = platforms::gives(&case.platform).map_or(&[][..], |gives| gives.routes);
        if !routes.iter().any(|route| route.as_str() == via) {
            wrong.push(format!("{}: {via} is not among {routes:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

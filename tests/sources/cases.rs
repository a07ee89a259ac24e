//! Our own cases: an input under `fixtures/cases/source` beside the JSON that is expected of it. The folder names the
//! reader.

use super::json;
use embalm::source::{
    Entry, FeedRef, NotRead, Payload, discover, read_feed, read_opml, read_saved, read_section, read_sitemap,
    well_known,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use url::Url;

/// What an entry says, without what is empty, and without an id that is only its address.
fn told(entry: &Entry) -> Value {
    let id = Some(entry.id.as_str()).filter(|id| !id.is_empty() && Some(*id) != entry.url.as_ref().map(Url::as_str));
    let fields = [
        ("url", json!(entry.url)),
        ("id", json!(id)),
        ("title", json!(entry.title)),
        ("published", json!(entry.published)),
        ("updated", json!(entry.updated)),
        ("added", json!(entry.added)),
        ("author", json!(entry.author)),
        ("lang", json!(entry.lang)),
        ("content_base", json!(entry.content_base)),
        ("content_html", json!(entry.content_html)),
        ("tags", if entry.tags.is_empty() { Value::Null } else { json!(entry.tags) }),
    ];
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn entries(entries: &[Entry]) -> Value {
    entries.iter().map(told).collect()
}

fn refs(refs: &[FeedRef]) -> Value {
    refs.iter()
        .map(|found| {
            json!([found.url, found.title, found.categories.iter().filter(|path| !path.is_empty()).collect::<Vec<_>>()])
        })
        .collect()
}

/// What the reader of this folder makes of the input, with the fields that the cases name.
fn read(folder: &str, payload: Payload<'_>) -> Result<Value, NotRead> {
    Ok(match folder {
        "feed" => {
            let feed = read_feed(payload)?;
            json!({"title": feed.title, "link": feed.link, "next": feed.next, "note": feed.note, "entries": entries(&feed.entries)})
        }
        "sitemap" => {
            let sitemap = read_sitemap(payload)?;
            let sitemaps: Value = sitemap.sitemaps.iter().map(|inner| json!([inner.url, inner.updated])).collect();
            json!({"entries": entries(&sitemap.pages), "sitemaps": sitemaps, "note": sitemap.note})
        }
        "section" => {
            let section = read_section(payload)?;
            json!({"entries": entries(&section.entries), "next": section.next})
        }
        "saved" => {
            let saved = read_saved(payload)?;
            json!({"kind": format!("{:?}", saved.kind), "skipped": saved.skipped, "entries": entries(&saved.entries)})
        }
        "opml" => {
            let list = read_opml(payload)?;
            json!({"title": list.title, "feeds": refs(&list.feeds), "lists": refs(&list.lists), "sites": refs(&list.sites)})
        }
        "discover" => {
            let found = discover(payload);
            let found: Value =
                found.iter().map(|found| json!([format!("{:?}", found.kind), found.url, found.title])).collect();
            json!({"candidates": found})
        }
        other => panic!("no reader for the folder {other}"),
    })
}

/// What differs; `url` and `content_type` are the input's, `error` and `note` are parts of sentences.
fn differences(expected: &Value, found: &Result<Value, NotRead>) -> Vec<String> {
    if let Some(error) = expected["error"].as_str() {
        let said = found.as_ref().err().map(ToString::to_string).unwrap_or_default();
        return if said.contains(error) { Vec::new() } else { vec![format!("error: {said:?} lacks {error:?}")] };
    }
    let Ok(found) = found else { return vec![format!("{found:?}")] };
    let asked = expected
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "url" | "content_type"));
    let mut wrong: Vec<String> = asked
        .filter(|(name, value)| match (name.as_str(), value.as_str()) {
            ("note", Some(part)) => !found["note"].as_str().is_some_and(|note| note.contains(part)),
            _ => found[name.as_str()] != **value,
        })
        .map(|(name, value)| format!("{name}: {:#} is not {value:#}", found[name.as_str()]))
        .collect();
    // What a case does not name must be nothing.
    for (name, value) in found.as_object().into_iter().flatten().filter(|(name, _)| expected.get(name).is_none()) {
        if !value.is_null() && value != &json!([]) && name != "title" && name != "link" {
            wrong.push(format!("{name}: {value:#} was not expected"));
        }
    }
    wrong
}

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending != "json"));
    files.sort();
    files
}

#[test]
fn every_case_is_read_as_it_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for folder in ["feed", "sitemap", "section", "saved", "opml", "discover"] {
        for input in inputs(&Path::new("fixtures/cases/source").join(folder)) {
            let name = input.file_name().expect("a name").to_string_lossy().into_owned();
            let stem = name.split('.').next().expect("a stem");
            let expected = json(&input.with_file_name(format!("{stem}.json")));
            let url = expected["url"].as_str().map(|url| Url::parse(url).expect("an address"));
            let bytes = fs::read(&input).expect("the input");
            let found = read(folder, Payload::of(&bytes).at(url.as_ref()).typed(expected["content_type"].as_str()));
            wrong.extend(differences(&expected, &found).into_iter().map(|line| format!("{folder}/{name}: {line}")));
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 20, "too few cases: {count}");
}

#[test]
fn well_known_places_under_a_path_come_before_those_at_the_root() {
    let found = well_known(&Url::parse("https://tide.example/blog?x=1#y").expect("an address"));
    let found: Vec<_> = found.iter().map(|candidate| candidate.url.as_str()).collect();
    assert_eq!(found.first(), Some(&"https://tide.example/blog/feed/"));
    let at = |wanted: &str| {
        found.iter().position(|url| *url == wanted).unwrap_or_else(|| panic!("{wanted} is not among {found:?}"))
    };
    assert!(at("https://tide.example/blog/rss.xml") < at("https://tide.example/feed/"));
    assert!(at("https://tide.example/feed.json") < at("https://tide.example/sitemap.xml"));
    let root = well_known(&Url::parse("https://tide.example/index.html").expect("an address"));
    assert_eq!(root[0].url.as_str(), "https://tide.example/feed/");
}

/// A generator, so that the bytes are the same at every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0)
}

#[test]
fn no_reader_falls_over_what_is_cut_or_damaged() {
    let mut state = 7;
    for folder in ["feed", "sitemap", "section", "saved", "opml", "discover"] {
        for input in inputs(&Path::new("fixtures/cases/source").join(folder)) {
            let bytes = fs::read(&input).expect("the input");
            for _ in 0..40 {
                let mut damaged = bytes[..next(&mut state) % (bytes.len() + 1)].to_vec();
                for _ in 0..next(&mut state) % 8 {
                    let at = next(&mut state) % damaged.len().max(1);
                    if let Some(byte) = damaged.get_mut(at) {
                        const MARKS: &[u8] = b"<>&\"'/!?[]\0\xff;=- ";
                        *byte = MARKS[next(&mut state) % MARKS.len()];
                    }
                }
                for reader in ["feed", "sitemap", "section", "saved", "opml", "discover"] {
                    let _ = read(reader, Payload::of(&damaged));
                }
            }
        }
    }
}

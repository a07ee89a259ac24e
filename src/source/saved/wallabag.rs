//! wallabag's JSON: a list of entries with their content.

use super::{Gathered, NotRead, Saved, SavedKind, WANTED, tags};
use crate::source::{
    Entry,
    date::{epoch, read_date},
    words::words,
};
use serde_json::{Map, Value};

/// Reads an export; none where the JSON is something else. Lists of other services with the same fields are read too.
pub(super) fn read(text: &str) -> Result<Option<Saved>, NotRead> {
    let document: Value = serde_json::from_str(text)
        .map_err(|error| NotRead::Malformed { wanted: WANTED, detail: format!("the JSON is broken: {error}") })?;
    let items = match &document {
        Value::Array(items) => items,
        // What wallabag's API answers.
        Value::Object(object) => {
            match object.get("_embedded").and_then(|embedded| embedded.get("items")).or(object.get("items")) {
                Some(Value::Array(items)) => items,
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    let is_known = |item: &Value| item.get("url").or(item.get("given_url")).is_some_and(Value::is_string);
    if !items.is_empty() && !items.iter().any(is_known) {
        return Ok(None);
    }
    let mut gathered = Gathered::new(SavedKind::Wallabag);
    for item in items.iter().filter_map(Value::as_object) {
        let (address, entry) = row(item);
        gathered.add(address, entry);
    }
    Ok(Some(gathered.saved))
}

fn row(item: &Map<String, Value>) -> (Option<&str>, Entry) {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let date = |name: &str| match item.get(name)? {
        Value::String(text) => read_date(text),
        Value::Number(number) => epoch(&number.to_string()),
        _ => None,
    };
    // Tags are words, or objects of the API.
    let list = |name: &str| item.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let own = list("tags").iter().filter_map(|tag| tag.as_str().or_else(|| tag.get("label")?.as_str()));
    let authors: Vec<String> = list("published_by").iter().filter_map(|author| words(author.as_str()?)).collect();
    let entry = Entry {
        title: text("title").and_then(words),
        published: date("published_at"),
        added: date("created_at"),
        content_html: text("content").map(str::to_owned),
        author: (!authors.is_empty()).then(|| authors.join(", ")),
        lang: text("language").map(|lang| lang.replace('_', "-")),
        tags: tags(own),
        ..Entry::default()
    };
    (text("url").or_else(|| text("given_url")), entry)
}

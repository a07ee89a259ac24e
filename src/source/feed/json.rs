//! JSON Feed 1.0 and 1.1, <https://www.jsonfeed.org/version/1.1/>. A feed that ends in the middle is read as far as it
//! goes, entry by entry.

use super::{Feed, MAX_ENTRIES, WANTED, fields::paragraphs};
use crate::{
    model::When,
    source::{
        Entry, NotRead,
        date::{epoch, read_date},
        words::words,
        xml::resolve,
    },
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use url::Url;

type Object = Map<String, Value>;

/// Reads a feed; none where the JSON is something else.
pub(super) fn read(text: &str, url: Option<&Url>) -> Result<Option<Feed>, NotRead> {
    let mut document = Document::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let end = (&mut document).deserialize(&mut deserializer);
    let is_feed = string(&document.fields, "version").is_some_and(|version| version.contains("jsonfeed"))
        || document.items.iter().any(|item| item.contains_key("url") || item.contains_key("content_html"));
    if !is_feed {
        return Ok(None);
    }
    let mut feed = describe(&document.fields, url);
    match end {
        Err(error) if document.items.is_empty() && feed.title.is_none() => {
            return Err(NotRead::Malformed { wanted: WANTED, detail: error.to_string() });
        }
        Err(error) => feed.note = Some(format!("the feed is broken ({error}); what stands before that was read")),
        Ok(()) if document.left_out => feed.note = Some(format!("only the first {MAX_ENTRIES} entries were read")),
        Ok(()) => {}
    }
    let base = url.or(feed.link.as_ref());
    feed.entries = document.items.iter().map(|item| entry(item, base)).collect();
    Ok(Some(feed))
}

fn describe(fields: &Object, base: Option<&Url>) -> Feed {
    let address = |name: &str| string(fields, name).and_then(|text| resolve(&text, base));
    Feed {
        title: string(fields, "title").and_then(|title| words(&title)),
        link: address("home_page_url"),
        lang: string(fields, "language"),
        next: address("next_url"),
        ..Feed::default()
    }
}

fn entry(item: &Object, base: Option<&Url>) -> Entry {
    let text = |name: &str| string(item, name);
    let date = |name: &str| -> Option<When> { text(name).and_then(|text| read_date(&text).or_else(|| epoch(&text))) };
    let id = text("id").unwrap_or_default();
    let url = ["url", "external_url"].iter().find_map(|name| resolve(&text(name)?, base));
    Entry {
        url: url.or_else(|| resolve(&id, None)),
        title: text("title").and_then(|title| words(&title)),
        published: date("date_published"),
        updated: date("date_modified"),
        content_html: text("content_html").or_else(|| text("content_text").map(|text| paragraphs(&text))),
        author: author(item),
        lang: text("language"),
        tags: list(item, "tags").iter().filter_map(|tag| words(tag.as_str()?)).collect(),
        id,
        ..Entry::default()
    }
}

/// `authors` of 1.1, else `author` of 1.0.
fn author(item: &Object) -> Option<String> {
    let one = item.get("author").into_iter();
    let names: Vec<String> = list(item, "authors")
        .iter()
        .chain(one)
        .filter_map(|author| words(author.get("name").or(Some(author))?.as_str()?))
        .fold(Vec::new(), |mut names, name| {
            if !names.contains(&name) {
                names.push(name);
            }
            names
        });
    (!names.is_empty()).then(|| names.join(", "))
}

fn list<'a>(object: &'a Object, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A field's text; a number's digits, as ids of many feeds are numbers. None where it is blank.
fn string(object: &Object, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// What was read before the end, or before what could not be read.
#[derive(Default)]
struct Document {
    fields: Object,
    items: Vec<Object>,
    left_out: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Document {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "items" {
                map.next_value_seed(Items(self))?;
            } else {
                let value = map.next_value()?;
                self.fields.insert(name, value);
            }
        }
        Ok(())
    }
}

struct Items<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while self.0.items.len() < MAX_ENTRIES {
            match seq.next_element::<Value>()? {
                Some(Value::Object(item)) => self.0.items.push(item),
                Some(_) => {}
                None => return Ok(()),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            self.0.left_out = true;
        }
        Ok(())
    }
}

//! Front matter: YAML between `---`, TOML between `+++`, or a JSON object, as an article's statements.

use crate::article::{date, language, scan::fold, title};
use crate::model::{Article, When};
use serde_json::{Map, Value};
use url::Url;

/// Front matter over this many bytes is none.
const MAX_FRONT_MATTER_BYTES: usize = 256 * 1024;

/// A YAML parser takes quadratic time over brackets that are never closed; front matter with more is read by lines.
const MAX_BRACKETS: usize = 2000;

/// Tables within tables that are read; authors' names stand at the second level.
const MAX_TABLE_DEPTH: usize = 3;

const DATE_KEYS: [&str; 16] = [
    "date",
    "published",
    "publishDate",
    "pubDate",
    "pubDatetime",
    "publish_date",
    "published_at",
    "publishedAt",
    "publishedDate",
    "date_published",
    "datePublished",
    "published_date",
    "createdAt",
    "created_at",
    "created",
    "datetime",
];

/// Parts a text into what its front matter says and the body after it. Front matter that can't be parsed is read
/// line by line as `key: value`; without any, the whole text is the body. `asked` resolves a relative permalink.
pub(super) fn part<'a>(text: &'a str, asked: Option<&Url>) -> (Article, &'a str) {
    let text = text.trim_start_matches('\u{feff}');
    match fields(text) {
        Some((fields, body)) => (article(&fields, asked), body),
        None => (Article::default(), text),
    }
}

type Fields = Map<String, Value>;

fn fields(text: &str) -> Option<(Fields, &str)> {
    let start = text.trim_start();
    if start.starts_with("---") {
        let (block, body) = fenced(start, &["---", "..."], "---")?;
        let fields = of_yaml(block).or_else(|| by_lines(block))?;
        return Some((fields, body));
    }
    if start.starts_with("+++") {
        let (block, body) = fenced(start, &["+++"], "+++")?;
        let fields = toml::from_str::<toml::Table>(block).ok().map(of_toml).or_else(|| by_lines(block))?;
        return Some((fields, body));
    }
    if start.starts_with('{') && !start.starts_with("{{") && !start.starts_with("{%") {
        let mut values = serde_json::Deserializer::from_str(start).into_iter::<Fields>();
        let fields = values.next()?.ok()?;
        return Some((fields, start[values.byte_offset()..].trim_start_matches(['\r', '\n'])));
    }
    None
}

fn of_yaml(block: &str) -> Option<Fields> {
    let brackets = block.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if brackets > MAX_BRACKETS { None } else { serde_yaml_ng::from_str(block).ok() }
}

/// The block between a first line that is `open` and the next line that is one of `close`, and what follows.
fn fenced<'a>(text: &'a str, close: &[&str], open: &str) -> Option<(&'a str, &'a str)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != open {
        return None;
    }
    let mut at = first.len();
    for line in text[at..].split_inclusive('\n') {
        if close.contains(&line.trim_end()) {
            return Some((&text[first.len()..at], &text[at + line.len()..]));
        }
        at += line.len();
        if at > MAX_FRONT_MATTER_BYTES {
            return None;
        }
    }
    None
}

/// What can be saved of front matter with a mistake in it (an unquoted colon, a template, a key twice).
fn by_lines(block: &str) -> Option<Fields> {
    let mut fields = Fields::new();
    for line in block.lines().filter(|line| !line.starts_with([' ', '\t', '#', '-'])) {
        let Some((key, value)) = line.split_once([':', '=']) else { continue };
        let value = value.trim().trim_matches(['"', '\'']).trim();
        let is_key = key.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if is_key && !value.is_empty() && !fields.contains_key(key.trim()) {
            fields.insert(key.trim().to_owned(), Value::String(value.to_owned()));
        }
    }
    (!fields.is_empty()).then_some(fields)
}

fn of_toml(table: toml::Table) -> Fields {
    table.into_iter().map(|(key, value)| (key, of_toml_value(value, MAX_TABLE_DEPTH))).collect()
}

fn of_toml_value(value: toml::Value, depth: usize) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Datetime(when) => Value::String(when.to_string()),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Array(items) if depth > 0 => {
            items.into_iter().map(|item| of_toml_value(item, depth - 1)).collect()
        }
        toml::Value::Table(table) if depth > 0 => {
            Value::Object(table.into_iter().map(|(key, value)| (key, of_toml_value(value, depth - 1))).collect())
        }
        _ => Value::Null,
    }
}

fn article(fields: &Fields, asked: Option<&Url>) -> Article {
    Article {
        url: url(fields, asked),
        title: text(fields, &["title", "headline", "Title"])
            .map(|text| title::bounded(&fold(&text)))
            .unwrap_or_default(),
        byline: ["author", "authors", "author_name", "byline", "writer", "by"]
            .iter()
            .find_map(|key| names(look_up(fields, key)?)),
        site_name: text(fields, &["site_name", "publication", "site"]).filter(|name| !name.contains("://")),
        published: DATE_KEYS.iter().find_map(|key| when(look_up(fields, key)?)),
        lang: text(fields, &["lang", "language", "locale", "languageCode"]).and_then(|text| language::tag(&text)),
        ..Article::default()
    }
}

/// A field at the top, or in the table that Hugo and Zola keep for own fields.
fn look_up<'a>(fields: &'a Fields, key: &str) -> Option<&'a Value> {
    let nested = || ["params", "extra"].iter().find_map(|table| fields.get(*table)?.as_object()?.get(key));
    fields.get(key).or_else(nested).filter(|value| !value.is_null())
}

fn text(fields: &Fields, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match look_up(fields, key)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn when(value: &Value) -> Option<When> {
    match value {
        Value::String(text) => date::parse(text),
        Value::Number(number) => date::parse(&number.to_string()),
        _ => None,
    }
}

/// One name, a list of names, or tables with a `name` (else their keys, as in `author: {ada: {...}}`).
fn names(value: &Value) -> Option<String> {
    let one = |value: &Value| match value {
        Value::String(name) => Some(fold(name)),
        Value::Object(person) => {
            ["name", "display_name", "title", "nick"].iter().find_map(|key| Some(fold(person.get(*key)?.as_str()?)))
        }
        _ => None,
    };
    let names: Vec<String> = match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    };
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty() && !name.contains("://")).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The address that the front matter names. A path counts only where the page's own address tells its site; a slug
/// never does, since only the generator's configuration says where it goes.
fn url(fields: &Fields, asked: Option<&Url>) -> Option<Url> {
    let canonical = ["canonical_url", "canonicalUrl", "canonicalURL", "canonical", "permalink", "url", "link"];
    canonical.iter().find_map(|key| {
        let text = text(fields, &[key])?;
        let resolved = match asked {
            Some(asked) if text.starts_with('/') => asked.join(&text).ok()?,
            _ => Url::parse(&text).ok()?,
        };
        (matches!(resolved.scheme(), "http" | "https") && resolved.has_host()).then_some(resolved)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_toml_and_json_say_the_same() {
        let sources = [
            "---\ntitle: \"Tide\"\ndate: 2021-03-04\nauthors: [Ada Moor, {name: Bo Lund}]\nlang: en_GB\n---\nBody",
            "+++\ntitle = \"Tide\"\ndate = 2021-03-04\nlang = \"en-GB\"\n[extra]\nauthors = [\"Ada Moor\", \"Bo Lund\"]\n+++\nBody",
            "{\"title\": \"Tide\", \"date\": \"2021-03-04\", \"authors\": [\"Ada Moor\", \"Bo Lund\"], \"lang\": \"en-gb\"}\n\nBody",
        ];
        for source in sources {
            let (article, body) = part(source, None);
            assert_eq!((article.title.as_str(), body), ("Tide", "Body"), "{source}");
            assert_eq!(article.byline.as_deref(), Some("Ada Moor, Bo Lund"), "{source}");
            assert_eq!(article.published.map(|when| when.to_string()).as_deref(), Some("2021-03-04"), "{source}");
            assert_eq!(article.lang.as_deref(), Some("en-GB"), "{source}");
        }
    }

    #[test]
    fn front_matter_with_a_mistake_is_read_line_by_line() {
        let (article, body) = part("---\ntitle: Tide: a story\ndate: 2021-03-04 08:30\n---\nBody", None);
        assert_eq!((article.title.as_str(), body), ("Tide: a story", "Body"));
        assert_eq!(article.published.unwrap().to_string(), "2021-03-04T08:30:00Z");
    }

    #[test]
    fn a_rule_at_the_start_is_no_front_matter() {
        assert_eq!(part("---\n\nWords without an end", None).1, "---\n\nWords without an end");
        assert_eq!(part("{{< tweet 1 >}}", None).1, "{{< tweet 1 >}}");
    }

    #[test]
    fn a_permalink_path_needs_the_pages_site() {
        let source = "---\npermalink: /a/tide/\n---\n";
        let asked = Url::parse("https://example.com/raw/tide.md").unwrap();
        assert_eq!(part(source, Some(&asked)).0.url.unwrap().as_str(), "https://example.com/a/tide/");
        assert_eq!(part(source, None).0.url, None);
    }
}

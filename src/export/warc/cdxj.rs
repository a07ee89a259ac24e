//! The index of a web archive, line by line: `<key> <time> <JSON>`, as pywb, ReplayWeb.page and cdxj-indexer have it.

use super::surt;
use crate::warc::WrittenRecord;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

/// The query of a request's body is cut there, in characters, as others cut it.
const MAX_BODY_QUERY_CHARS: usize = 4096;

/// What an index says of a record.
pub(super) struct Indexed<'a> {
    pub(super) target: &'a str,
    pub(super) at: Timestamp,
    /// The media type with its parameters, or `warc/revisit`.
    pub(super) content_type: Option<&'a str>,
    pub(super) status: Option<u16>,
    /// SHA-256 of the payload, in lower-case hex.
    pub(super) payload: &'a str,
    /// The name of the file that holds it.
    pub(super) file: &'a str,
    pub(super) record: &'a WrittenRecord,
    /// Of a request that was not a GET, its method and what its body says.
    pub(super) asked: Option<(&'a str, String)>,
}

impl Indexed<'_> {
    /// Its line, with the line ending.
    pub(super) fn line(&self) -> String {
        let mut fields = Map::new();
        let mut field = |name: &str, value: String| drop(fields.insert(name.to_owned(), Value::String(value)));
        field("url", self.target.to_owned());
        let mime = self.content_type.unwrap_or_default().split([';', ' ']).next().unwrap_or_default().trim().to_owned();
        if !mime.is_empty() {
            field("mime", mime);
        }
        if let Some(status) = self.status {
            field("status", status.to_string());
        }
        field("digest", format!("sha256:{}", self.payload));
        field("length", self.record.length.to_string());
        field("offset", self.record.offset.to_string());
        field("filename", self.file.to_owned());
        field("recordDigest", format!("sha256:{}", self.record.sha256));
        let mut key_of = self.target.to_owned();
        if let Some((method, query)) = &self.asked {
            field("requestBody", query.clone());
            field("method", (*method).to_owned());
            key_of = format!("{key_of}{}__wb_method={method}", if key_of.contains('?') { '&' } else { '?' });
            if !query.is_empty() {
                key_of = format!("{key_of}&{query}");
            }
        }
        format!("{} {} {}\n", surt::key(&key_of), time(self.at), Value::Object(fields))
    }
}

/// Fourteen digits, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S").to_string()
}

/// What the body of a request says, as a query, so that different questions to one address are told apart
/// (<https://specs.webrecorder.net/post-canonicalization/>).
pub(super) fn body_query(content_type: &str, body: &[u8]) -> String {
    let binary = || format!("__wb_post_data={}", STANDARD.encode(body));
    let query = if content_type.starts_with("application/x-www-form-urlencoded") {
        std::str::from_utf8(body).map_or_else(
            |_| binary(),
            |text| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned(),
        )
    } else if content_type.starts_with("application/json") || content_type.starts_with("text/plain") {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => of_json(&value),
            Err(_) if content_type.starts_with("text/plain") => binary(),
            Err(_) => String::new(),
        }
    } else {
        binary()
    };
    query.chars().take(MAX_BODY_QUERY_CHARS).collect()
}

/// Every leaf by its name; names that come again are numbered.
fn of_json(value: &Value) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut times = std::collections::HashMap::<String, usize>::new();
    let mut waiting = vec![(String::new(), value)];
    while let Some((name, value)) = waiting.pop() {
        match value {
            Value::Object(fields) => waiting.extend(fields.iter().rev().map(|(name, value)| (name.clone(), value))),
            Value::Array(list) => waiting.extend(list.iter().rev().map(|value| (name.clone(), value))),
            leaf if !name.is_empty() => {
                let seen = times.entry(name.clone()).and_modify(|seen| *seen += 1).or_insert(1);
                let name = if *seen > 1 { format!("{name}.{seen}_") } else { name };
                pairs.push((name, words(leaf)));
            }
            _ => {}
        }
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A leaf as Python's `str` writes it, for that is what indexers compare with.
fn words(leaf: &Value) -> String {
    match leaf {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        content_type: String,
        body_base64: String,
        query: String,
    }

    #[test]
    fn bodies_of_requests_become_the_queries_that_other_tools_make() {
        let cases = std::fs::read_to_string("fixtures/body_queries.json").unwrap();
        let cases: Vec<Case> = serde_json::from_str(&cases).unwrap();
        assert!(cases.len() > 5);
        for Case { content_type, body_base64, query } in cases {
            let body = STANDARD.decode(&body_base64).unwrap();
            assert_eq!(body_query(&content_type, &body), query, "{content_type} {body_base64}");
        }
    }
}

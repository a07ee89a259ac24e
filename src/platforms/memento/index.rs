//! What an archive's index says: rows of copies as JSON lists, as JSON lines, as plain text, or the one nearest copy.

use super::layout::{self, Index};
use crate::http::{Exchange, FetchError, Response};
use crate::model::Failure;
use jiff::Timestamp;
use serde_json::Value;

/// Rows that are read, whatever a server sends.
const MAX_ROWS: usize = 2_000;

/// What the words of an index are where a page is kept from being shown (internetarchive/wayback, access control).
const EXCLUDED: [&str; 3] = ["AccessControlException", "Blocked Site", "Blocked By Robots"];

/// One copy, as the index names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// When it was made.
    pub(super) at: Timestamp,
    /// The address that was archived.
    pub(super) original: String,
    /// The same for equal bytes.
    pub(super) digest: Option<String>,
}

/// What came of a question.
pub(super) enum Answer {
    /// Its rows; none where the archive holds nothing.
    Rows(Vec<Row>),
    /// There is no such index.
    Mute,
    /// A recording does not hold the question.
    Unrecorded,
    /// It can't answer now.
    Down(Failure),
    /// It asks to come back later.
    Limited(Failure),
}

/// Reads what an index answered.
pub(super) fn read(index: Index, exchange: &Exchange) -> Answer {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(FetchError::NotRecorded) => return Answer::Unrecorded,
        Err(_) => return Answer::Down(crate::platforms::failure(exchange)),
    };
    match answer.status {
        420 | 429 => return Answer::Limited(crate::platforms::failure(exchange)),
        500.. | 408 => return Answer::Down(crate::platforms::failure(exchange)),
        200..=299 => {}
        _ => return refused(answer),
    }
    let rows = match index {
        Index::Available => available(answer),
        Index::Wayback | Index::Collection => rows(&answer.text()),
    };
    rows.map_or(Answer::Mute, Answer::Rows)
}

/// An answer that is no success: nothing is held, nothing may be shown, or nobody is there.
fn refused(answer: &Response) -> Answer {
    let body = answer.text();
    let excluded = matches!(answer.status, 403 | 451) && EXCLUDED.iter().any(|word| body.contains(word));
    let none = answer.status == 404 && answer.json().is_some_and(|json| json["message"].is_string());
    if excluded || none { Answer::Rows(Vec::new()) } else { Answer::Mute }
}

/// The rows of a CDX answer in any of its forms; None where it is none.
fn rows(body: &str) -> Option<Vec<Row>> {
    let body = body.trim();
    if body.is_empty() {
        return Some(Vec::new());
    }
    if body.starts_with('[') {
        let lists: Vec<Value> = serde_json::from_str(body).ok()?;
        let Some((head, lists)) = lists.split_first() else { return Some(Vec::new()) };
        let names: Vec<&str> = head.as_array()?.iter().filter_map(Value::as_str).collect();
        let row = |list: &Value| row(|name| list.get(names.iter().position(|known| *known == name)?)?.as_str());
        return Some(lists.iter().take(MAX_ROWS).filter_map(row).collect());
    }
    if body.starts_with('{') {
        let lines: Vec<Value> = body.lines().take(MAX_ROWS).map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
        return Some(lines.iter().filter_map(|line| row(|name| line[name].as_str())).collect());
    }
    // Plain: urlkey, timestamp, original, mimetype, statuscode, digest, length.
    let is_row = |line: &&str| line.split(' ').nth(1).and_then(layout::time).is_some();
    let first = body.lines().next()?;
    if !is_row(&first) {
        return None;
    }
    let names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"];
    let plain = |line: &str| {
        let parts: Vec<&str> = line.split(' ').collect();
        row(|name| parts.get(names.iter().position(|known| *known == name)?).copied())
    };
    Some(body.lines().take(MAX_ROWS).filter(is_row).filter_map(plain).collect())
}

/// A row out of its columns, which the two families of servers name differently. Copies of errors and redirects, and
/// notes that a page was unchanged, are none.
fn row<'a>(column: impl Fn(&str) -> Option<&'a str>) -> Option<Row> {
    let status = column("statuscode").or_else(|| column("status")).unwrap_or("200");
    let mime = column("mimetype").or_else(|| column("mime")).unwrap_or_default();
    if status != "200" || mime == "warc/revisit" {
        return None;
    }
    let original = column("original").or_else(|| column("url"))?;
    let digest = column("digest").filter(|digest| digest.len() > 1).map(str::to_owned);
    Some(Row { at: layout::time(column("timestamp")?)?, original: original.to_owned(), digest })
}

/// The nearest copy; None where this is no such answer.
fn available(answer: &Response) -> Option<Vec<Row>> {
    let json = answer.json()?;
    let closest = &json.get("archived_snapshots")?["closest"];
    let is_good =
        closest["available"].as_bool().unwrap_or(false) && matches!(closest["status"].as_str(), None | Some("200"));
    let row = || {
        let copy = url::Url::parse(closest["url"].as_str()?).ok()?;
        let (_, at, original) = layout::parts(&copy)?;
        Some(Row { at, original: original.to_string(), digest: None })
    };
    Some(row().filter(|_| is_good).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_index_gives_the_same_row() {
        let lists = r#"[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],
            ["example,a)/b","20150203040506","http://a.example/b","text/html","200","ABCDEFGH","512"],
            ["example,a)/b","20160203040506","http://a.example/b","text/html","302","X","5"],
            ["example,a)/b","20160303040506","http://a.example/b","warc/revisit","-","ABCDEFGH","5"]]"#;
        let lines = "{\"urlkey\": \"example,a)/b\", \"timestamp\": \"20150203040506\", \"url\": \"http://a.example/b\", \
             \"mime\": \"text/html\", \"status\": \"200\", \"digest\": \"ABCDEFGH\"}\n";
        let plain = "example,a)/b 20150203040506 http://a.example/b text/html 200 ABCDEFGH 512\n";
        for text in [lists, lines, plain] {
            let rows = rows(text).unwrap();
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!(
                (rows[0].original.as_str(), rows[0].digest.as_deref()),
                ("http://a.example/b", Some("ABCDEFGH"))
            );
        }
        assert_eq!(rows("[]"), Some(Vec::new()));
        assert_eq!(rows(""), Some(Vec::new()));
        assert_eq!(rows("<html>Not here</html>"), None);
        assert_eq!(rows("Not found"), None);
    }
}

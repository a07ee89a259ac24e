//! Walks `fixtures/platforms/` and runs every case in it.

use crate::{
    drive::{self, Answers},
    expected,
};
use embalm::{http::Headers, model::PostRef, platforms};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use url::Url;

const FOLDER: &str = "fixtures/platforms";

/// A recorded capture with what must come of it.
pub(crate) struct Case {
    /// `platform/case`.
    pub(crate) name: String,
    pub(crate) platform: String,
    pub(crate) post: PostRef,
    pub(crate) answers: Vec<embalm::http::Response>,
    pub(crate) expected: Map<String, Value>,
    files: Vec<PathBuf>,
}

/// Every case, in the order of their names.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut beside = Vec::new();
    let walk = walkdir::WalkDir::new(FOLDER).sort_by_file_name();
    for path in walk.into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path).filter(|path| path.is_file())
    {
        match read(&path) {
            Some(case) => cases.push(case.unwrap_or_else(|why| panic!("{}: {why}", path.display()))),
            None => beside.push(path),
        }
    }
    beside.retain(|path| !cases.iter().any(|case| case.files.contains(path)));
    assert!(beside.is_empty(), "no case, and used by none: {beside:?}");
    cases
}

/// None where the file is no case: a body that stands beside one.
fn read(path: &Path) -> Option<Result<Case, String>> {
    if path.extension()? != "json" {
        return None;
    }
    let bytes = fs::read(path).expect("a readable fixture");
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(why) => return Some(Err(why.to_string())),
    };
    value.get("exchanges")?;
    Some(case(path, &value))
}

fn case(path: &Path, value: &Value) -> Result<Case, String> {
    let folder = path.parent().expect("a file is in a folder");
    let platform = folder.file_name().expect("a named folder").to_string_lossy().into_owned();
    let name = format!("{platform}/{}", path.file_stem().expect("a named file").to_string_lossy());
    let url = value["url"].as_str().ok_or("no url")?;
    let target = platforms::embedded(url).ok_or_else(|| format!("{url} is recognised as no post"))?;
    let post = target.post().ok_or_else(|| format!("{url} is a short link"))?.clone();
    if post.platform != platform {
        return Err(format!("{url} is recognised as {}, not as a post of {platform}", post.key()));
    }
    let mut files = Vec::new();
    let mut answers = Vec::new();
    for exchange in value["exchanges"].as_array().ok_or("exchanges are no list")? {
        let url = Url::parse(exchange["url"].as_str().ok_or("an exchange without url")?).map_err(|e| e.to_string())?;
        let status = exchange["status"].as_u64().and_then(|n| u16::try_from(n).ok()).ok_or("no status")?;
        let mut headers = Headers::default();
        for (name, value) in exchange["headers"].as_object().into_iter().flatten() {
            headers.push(name, value.as_str().ok_or("a header is no text")?);
        }
        let body = match (&exchange["body"], exchange["body_file"].as_str()) {
            (Value::Null, Some(file)) => {
                files.push(folder.join(file));
                fs::read(folder.join(file)).map_err(|e| format!("{file}: {e}"))?
            }
            (Value::Null, None) => Vec::new(),
            (Value::String(text), None) => text.clone().into_bytes(),
            (json, None) => json.to_string().into_bytes(),
            _ => return Err("both body and body_file".to_owned()),
        };
        answers.push(drive::response(url, status, headers, body));
    }
    let expected = value["expected"].as_object().ok_or("nothing expected")?.clone();
    Ok(Case { name, platform, post, answers, expected, files })
}

pub(crate) fn answers(case: &Case) -> Answers {
    let mut answers = Answers::default();
    case.answers.iter().for_each(|answer| answers.add(answer.clone()));
    answers
}

#[test]
fn every_recorded_case_ends_as_expected() {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in all() {
        let answers = answers(&case);
        *counts.entry(case.platform.clone()).or_default() += 1;
        match drive::capture(&case.post, |request| answers.exchange(request)) {
            Ok(capture) => {
                let lines = expected::differences(&case.expected, &capture);
                wrong.extend(lines.into_iter().map(|line| format!("{}: {line}", case.name)));
            }
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
    }
    println!("cases: {counts:?}");
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

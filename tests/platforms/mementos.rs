//! Walks `fixtures/mementos/`: what a web archive holds of a post, and what must come of it.
//!
//! A case names the post (`url`), the `copies` (`at`, `of`, `body` or `body_file`, `status`, `type`), the `expected` post
//! with the keys of `expected.rs`, and `memento`, the copy that must have been taken (`at of`). It is run over every interface that
//! archives have, and read again out of its exchanges.

use crate::{
    drive::{self, Capture},
    expected,
    web_archive::{Copy, Interface, WebArchive},
};
use embalm::{
    http::{Exchange, Headers},
    model::{Outcome, PostRef, Via},
    platforms::{
        self,
        memento::{self, Archive, End, Step},
    },
};
use serde_json::Value;
use std::{fs, path::Path};

const FOLDER: &str = "fixtures/mementos";
const ORIGIN: &str = "https://web.archive.example";

fn copies(value: &Value) -> Vec<Copy> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let one = |copy: &Value| Copy {
        at: text(&copy["at"]).expect("a copy's time"),
        of: text(&copy["of"]).expect("a copy's address"),
        status: copy["status"].as_u64().map_or(200, |status| status.try_into().expect("a status")),
        mime: text(&copy["type"]).unwrap_or_else(|| "text/html".to_owned()),
        body: match (&copy["body"], copy["body_file"].as_str()) {
            (_, Some(file)) => fs::read(Path::new(FOLDER).join(file)).expect(file),
            (Value::String(text), None) => text.clone().into_bytes(),
            (json, None) => json.to_string().into_bytes(),
        },
    };
    value["copies"].as_array().expect("copies").iter().map(one).collect()
}

/// Runs a search to its end: how it ended, and everything that was asked.
fn search(archive: &Archive, post: &PostRef, web: &WebArchive) -> (End, Vec<Exchange>) {
    let mut exchanges = Vec::new();
    loop {
        let near = platforms::by_id(&post.platform).and_then(|platform| platform.time_of(post));
        let step = memento::next(archive, post, near, &exchanges);
        assert_eq!(step, memento::next(archive, post, near, &exchanges), "one question, one answer");
        match step {
            Step::Done(end) => return (end, exchanges),
            Step::Fetch(request) => {
                assert!(exchanges.len() < 40, "no end: {:?}", exchanges.last());
                assert!(request.url.as_str().starts_with(ORIGIN), "only the archive is asked: {}", request.url);
                let (status, headers, body) = web.answer(&request.url);
                let answer = drive::response(request.url.clone(), status, Headers(headers), body);
                exchanges.push(drive::exchange(request, Vec::new(), Ok(answer)));
            }
        }
    }
}

#[test]
fn every_archived_page_gives_what_is_expected() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let mut paths: Vec<_> = fs::read_dir(FOLDER).expect(FOLDER).map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let value: Value = serde_json::from_slice(&fs::read(path).expect("a case")).expect("a case is JSON");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let target = platforms::embedded(value["url"].as_str().expect("a url")).expect("a post's URL");
        let post = target.post().expect("a post").clone();
        for interface in [Interface::Wayback, Interface::Collection, Interface::Available] {
            if interface == Interface::Available && value["index_only"] == true {
                continue;
            }
            cases += 1;
            let web = WebArchive { interface, copies: copies(&value) };
            let archive = Archive::new(&web.base(ORIGIN)).expect("an archive");
            let (end, exchanges) = search(&archive, &post, &web);
            let again = memento::read_again(&post, &exchanges);
            let (outcome, taken) = match end {
                End::Found(found, memento) => {
                    if again.as_ref().is_none_or(|(post, copy)| *post != *found || *copy != memento) {
                        wrong.push(format!("{name} {interface:?}: read again it is {again:?}"));
                    }
                    let original = memento.url.as_str().split_once("id_/").expect("a raw copy").1.to_owned();
                    (Outcome::Found(found), format!("{} {original}", memento.archived_at.strftime("%Y%m%d%H%M%S")))
                }
                End::Missing(failure) => {
                    if let Some(again) = again {
                        wrong.push(format!("{name} {interface:?}: read again it is {again:?}"));
                    }
                    (Outcome::Failed(failure), String::new())
                }
            };
            let asked = exchanges.iter().map(|exchange| exchange.request.url.clone()).collect();
            let capture = Capture { end: Ok((outcome, Via::Memento)), asked };
            let expected = value["expected"].as_object().expect("what is expected");
            let lines = expected::differences(expected, &capture);
            wrong.extend(lines.into_iter().map(|line| format!("{name} {interface:?}: {line}")));
            if taken != value["memento"].as_str().unwrap_or_default() {
                wrong.push(format!("{name} {interface:?}: took the copy {taken:?}"));
            }
        }
    }
    println!("cases of archived pages: {cases}");
    assert!(cases > 0);
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

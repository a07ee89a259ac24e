//! Attacks in every place that archived text reaches, in the viewer and in exported files.
//!
//! A page passes where no script was read but the viewer's own, no dialog opened, nothing was asked for, nothing stands
//! in it that could run or load, and its frame (head, main part, foot) stands where it stands around harmless words.
//! Most visits are made with the page's own policy switched off: cleaning alone must do; the policy is the second wall.

mod archive;
mod payloads;

use crate::{
    Suite,
    asked::{self, Allowed},
    reader::{self, DESK, PHONE, Reader, View},
    wire::{Browser, Event},
};
use archive::{Attacked, BATCH};
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path};
use url::Url;

/// The article among harmless words by which the others are measured.
const QUAY: &str = "The night ferry returns";

/// Tabs that work at the same time.
const TABS: usize = 4;

/// Of the shared attacks, so many frames at least must run a script, and ask for something, where nothing stops them:
/// else this suite proves nothing.
const CONTROL_SCRIPTS: usize = 100;
const CONTROL_REQUESTS: usize = 50;

/// What stands in a page that could run or load, and where the page's frame stands.
const AUDIT: &str = include_str!("audit.js");

pub(crate) async fn unhindered_attacks_run(program: &Path) {
    let payloads = payloads::all();
    let browser = Browser::launch(program).await;
    let (mut ran, mut asked) = (0, 0);
    for (number, some) in payloads.chunks(BATCH).enumerate() {
        let mut page = "<!doctype html><title>control</title>".to_owned();
        for one in some {
            let raw = one.payload.replace('&', "&amp;").replace('"', "&quot;");
            let _ = write!(page, "<iframe srcdoc=\"{raw}\"></iframe>");
        }
        let path = browser.folder().join(format!("raw-{number}.html"));
        fs::write(&path, page).expect("a page");
        let reader = Reader::open(&browser, DESK).await;
        reader.start(Url::from_file_path(path).expect("a path").as_str()).await;
        // Some of them hold the page's loading up for ever: what counts is that its frames were read.
        reader
            .until("the frames are read", |events| {
                let read = |event: &&Event| {
                    event.method == "Page.lifecycleEvent" && event.params["name"] == "DOMContentLoaded"
                };
                (events.iter().filter(read).count() > some.len()).then_some(())
            })
            .await;
        let events = reader.events();
        let mut frames: Vec<String> = events
            .iter()
            .filter(|event| reader::script(event).is_some())
            .map(|event| event.params["executionContextAuxData"]["frameId"].to_string())
            .collect();
        frames.sort();
        frames.dedup();
        ran += frames.len();
        let allowed = Allowed { folders: vec!["file:///".to_owned()], ..Allowed::default() };
        asked += events.iter().filter_map(asked::address).filter(|url| !allowed.allows(url)).count();
    }
    browser.close().await;
    println!("of {} attacks, {ran} run where nothing stops them, and {asked} requests leave", payloads.len());
    let whole = payloads.len() > 1_000;
    assert!(!whole || ran > CONTROL_SCRIPTS, "only {ran} of {} ran a script", payloads.len());
    assert!(!whole || asked > CONTROL_REQUESTS, "only {asked} asked for something");
    assert!(ran > 5 && asked > 1, "our own attacks do nothing: {ran}, {asked}");
}

pub(crate) async fn the_viewer_and_its_exports_withstand_every_attack(suite: &Suite) {
    let attacked = Attacked::new(payloads::all());
    suite.also(&attacked.viewer.origin, attacked.folder());
    let mut wrong = Vec::new();
    let clean = suite.article(QUAY);
    let (many, one) = (attacked.batches(), attacked.articles());
    for view in [PHONE, DESK] {
        wrong.extend(visit(suite, &clean, &many, view, Policy::Kept).await);
        wrong.extend(visit(suite, &clean, &many, view, Policy::Off).await);
    }
    wrong.extend(visit(suite, &clean, &one, PHONE, Policy::Off).await);
    for (clean, asked) in attacked.asked(suite) {
        wrong.extend(visit(suite, &clean, &asked, PHONE, Policy::Off).await);
    }
    wrong.extend(visit(suite, &suite.room.url("/posts"), &attacked.lists(), PHONE, Policy::Kept).await);
    // The same in files.
    let clean = suite.exports.single("the-night-ferry-returns");
    wrong.extend(visit(suite, &clean, &attacked.files(), PHONE, Policy::Off).await);
    let hosts = attacked.hosts();
    wrong.extend(visit(suite, &attacked.clean_host(), &hosts, PHONE, Policy::Kept).await);
    assert!(wrong.is_empty(), "{}", asked::listed(wrong));
}

/// A page to visit, and whose attack is in it.
struct Page {
    url: String,
    attack: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Kept,
    Off,
}

/// What is wrong with these pages, the frame of each measured by that of `clean`.
async fn visit(suite: &Suite, clean: &str, pages: &[Page], view: View, policy: Policy) -> Vec<String> {
    let tabs = (0..TABS).map(|tab| async move {
        let reader = Reader::open(&suite.browser, view).await;
        if policy == Policy::Off {
            reader.call("Page.setBypassCSP", serde_json::json!({"enabled": true})).await;
        }
        reader.goto(clean).await;
        let frame: Value = reader.eval::<Value>(AUDIT).await;
        let mut wrong = Vec::new();
        for page in pages.iter().skip(tab).step_by(TABS) {
            let mark = reader.mark();
            reader.goto(&page.url).await;
            let found: Value = reader.eval(AUDIT).await;
            let mut here: Vec<String> = found["wrong"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|one| one.as_str().unwrap_or_default().to_owned())
                .collect();
            for part in ["frame", "globals"] {
                if found[part] != frame[part] {
                    here.push(format!("{part}: {} where it should be {}", found[part], frame[part]));
                }
            }
            reader.since(mark, |events| {
                // That there is no such page, or that a search is too long, is the answer that some of them ask for.
                let answer = |one: &String| one.contains("status of 4") && one.contains(&page.url);
                here.extend(events.iter().filter_map(reader::complaint).filter(|one| !answer(one)));
                here.extend(
                    events
                        .iter()
                        .filter_map(reader::script)
                        .filter(|name| !suite.is_ours(name))
                        .map(|name| format!("a script: {name}")),
                );
                let foreign = |url: &&str| !suite.allowed().allows(url);
                here.extend(
                    events.iter().filter_map(asked::address).filter(foreign).map(|url| format!("asked for {url}")),
                );
            });
            wrong.extend(
                here.into_iter()
                    .map(|one| format!("{} ({policy:?}, {} px): {one} in {}", page.attack, view.width, page.url)),
            );
        }
        reader.close().await;
        wrong
    });
    futures::future::join_all(tabs).await.concat()
}

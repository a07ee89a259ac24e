//! Attacks that others wrote, one suite a file, each `{id, title, payload}`.

use serde::Deserialize;
use std::{env, fs, path::PathBuf};

/// Takes only every so-many-th of them, for a first look.
const EVERY: &str = "EMBALM_XSS_EVERY";

/// One attack, or one of the harmless rows among them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Payload {
    pub(crate) id: String,
    pub(crate) payload: String,
}

/// All of them, and our own; few where the shared suites are not at hand (`EMBALM_SHARED`, else `../shared`).
pub(crate) fn all() -> Vec<Payload> {
    let shared = env::var_os("EMBALM_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let mut files: Vec<PathBuf> = fs::read_dir(shared.join("suites/xss"))
        .map(|folder| folder.map(|entry| entry.expect("an entry").path()).collect())
        .unwrap_or_default();
    files.sort();
    if files.is_empty() {
        println!("left out: the shared attacks, which are not in {}; our own are tried", shared.display());
    }
    files.push(PathBuf::from("tests/browser/xss/own.json"));
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("a suite");
            serde_json::from_str::<Vec<Payload>>(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .step_by(env::var(EVERY).map_or(1, |number| number.parse().expect("a number")))
        .collect()
}

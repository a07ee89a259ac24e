//! What stands in the archive as the words that a flag may be completed to. Quick, and silent about everything that goes
//! wrong: whoever presses Tab asked for no error.

use crate::{
    config,
    model::{State, Via},
    platforms::{self, Platform},
    store::{Candidates, Store},
};
use clap_complete::CompletionCandidate;
use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// Candidates of one kind: more than anybody looks through.
const MAX_CANDIDATES: usize = 100;

/// Platforms, those that the archive has posts of first.
pub(in crate::commands) fn platforms(begun: &OsStr) -> Vec<CompletionCandidate> {
    let mut known = archive().and_then(|store| store.platforms().ok()).unwrap_or_default();
    let others = platforms::ALL.iter().map(|platform: &&dyn Platform| platform.id().to_owned());
    let others: Vec<String> = others.filter(|id| !known.contains(id)).collect();
    known.extend(others);
    words(begun, known.iter().map(String::as_str))
}

/// States of posts.
pub(in crate::commands) fn states(begun: &OsStr) -> Vec<CompletionCandidate> {
    words(begun, State::ALL.into_iter().map(State::as_str))
}

/// Rungs.
pub(in crate::commands) fn vias(begun: &OsStr) -> Vec<CompletionCandidate> {
    words(begun, Via::ALL.into_iter().map(Via::as_str))
}

/// Times as people write them.
pub(in crate::commands) fn times(begun: &OsStr) -> Vec<CompletionCandidate> {
    words(begun, ["today", "yesterday", "24h", "3d", "1w", "1mo", "1y"])
}

/// Handles of those who wrote posts.
pub(in crate::commands) fn authors(begun: &OsStr) -> Vec<CompletionCandidate> {
    let Some(begun) = begun.to_str() else { return Vec::new() };
    let (at, handle) = begun.strip_prefix('@').map_or(("", begun), |handle| ("@", handle));
    found(Candidates::Authors, handle, |word| format!("{at}{word}"))
}

/// Hosts of articles.
pub(in crate::commands) fn sites(begun: &OsStr) -> Vec<CompletionCandidate> {
    asked(Candidates::Sites, begun)
}

/// Labels of articles.
pub(in crate::commands) fn labels(begun: &OsStr) -> Vec<CompletionCandidate> {
    asked(Candidates::Labels, begun)
}

/// Sources of articles.
pub(in crate::commands) fn sources(begun: &OsStr) -> Vec<CompletionCandidate> {
    asked(Candidates::Sources, begun)
}

/// Articles, by their addresses.
pub(in crate::commands) fn articles(begun: &OsStr) -> Vec<CompletionCandidate> {
    asked(Candidates::Articles, begun)
}

/// Posts by their keys, and articles by their addresses.
pub(in crate::commands) fn targets(begun: &OsStr) -> Vec<CompletionCandidate> {
    let mut targets = asked(Candidates::Posts, begun);
    targets.extend(asked(Candidates::Articles, begun));
    targets
}

fn words<'a>(begun: &OsStr, words: impl IntoIterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    let Some(begun) = begun.to_str() else { return Vec::new() };
    words.into_iter().filter(|word| word.starts_with(begun)).map(CompletionCandidate::new).collect()
}

fn asked(what: Candidates, begun: &OsStr) -> Vec<CompletionCandidate> {
    begun.to_str().map(|begun| found(what, begun, str::to_owned)).unwrap_or_default()
}

fn found(what: Candidates, begun: &str, whole: impl Fn(&str) -> String) -> Vec<CompletionCandidate> {
    let found = archive().and_then(|store| store.candidates(what, begun, MAX_CANDIDATES).ok()).unwrap_or_default();
    // What holds control characters would do harm in a shell's line.
    let harmless = found.into_iter().filter(|(word, _)| !word.chars().any(char::is_control));
    harmless
        .map(|(word, help)| {
            let help = help.map(|help| crate::report::excerpt(&help, 60).into());
            CompletionCandidate::new(whole(&word)).help(help)
        })
        .collect()
}

/// The archive that the command which is being written will read.
fn archive() -> Option<Store> {
    let written: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let named = |flag: &str| -> Option<PathBuf> {
        let with_value = format!("{flag}=");
        written.iter().enumerate().find_map(|(at, word)| match word.to_str() {
            Some(word) if word == flag => written.get(at + 1).map(PathBuf::from),
            word => word?.strip_prefix(&with_value).map(PathBuf::from),
        })
    };
    let set = |name: &str| env::var_os(name).map(PathBuf::from);
    let configured = || {
        let named = named("--config").or_else(|| set("EMBALM_CONFIG"));
        config::load(config::find(named.as_deref()).as_deref()).ok()?.archive.path
    };
    let path = named("--archive").or_else(|| set("EMBALM_ARCHIVE")).or_else(configured);
    Store::open_read_only(&path.unwrap_or_else(config::default_archive)).ok()
}

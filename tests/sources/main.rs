//! What names articles: feeds, sitemaps, lists, pages and exports, by our own cases and by the suites of others where
//! those are there.
//!
//! A row of a suite holds, or stands in a table with the reason why it does not apply here. A reason that no row needs
//! is a mistake too, so the tables stay true.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test ends at what it did not expect")]

mod cases;
mod feeds;
mod opml;
#[path = "../shared/mod.rs"]
mod shared;
mod sitemaps;

use serde_json::Value;
use shared::shared;
use std::{collections::BTreeSet, fs, path::Path};

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rows that do not apply: what they have in common, and why.
type Reasons<'a> = &'a [(&'static str, &'static str)];

/// What a suite's rows came to.
#[derive(Default)]
struct Tally {
    held: usize,
    wrong: Vec<String>,
    unknown: BTreeSet<String>,
    used: BTreeSet<&'static str>,
}

impl Tally {
    fn judge(&mut self, holds: bool, line: impl FnOnce() -> String) {
        if holds {
            self.held += 1;
        } else {
            self.wrong.push(line());
        }
    }

    /// Takes a row that nothing here answers to: one of `reasons` must fit `name`.
    fn excuse(&mut self, name: &str, reasons: Reasons<'_>) {
        match reasons
            .iter()
            .find(|(part, _)| name == *part || (part.ends_with('*') && name.starts_with(part.trim_end_matches('*'))))
        {
            Some((part, _)) => drop(self.used.insert(part)),
            None => drop(self.unknown.insert(name.to_owned())),
        }
    }

    /// Every row held or was excused, and every excuse was needed.
    fn finish(self, suite: &str, least: usize, reasons: Reasons<'_>) {
        println!("{suite}: {} rows hold, {} do not", self.held, self.wrong.len());
        let idle: Vec<_> = reasons.iter().filter(|(part, _)| !self.used.contains(part)).collect();
        assert!(self.wrong.is_empty(), "{suite}:\n{}", self.wrong.join("\n"));
        assert!(self.unknown.is_empty(), "{suite}: neither judged nor excused: {:?}", self.unknown);
        assert!(idle.is_empty(), "{suite}: reasons that no row needs: {idle:?}");
        assert!(self.held >= least, "{suite}: only {} rows were judged", self.held);
    }
}

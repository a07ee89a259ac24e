//! The archive asked from the command line: filters, times, records, pages for readers, completions, manual pages.

#[path = "../binary/mod.rs"]
mod binary;
mod completions;
mod filters;
mod known;
mod manual;
mod records;
mod shown;
mod terminal;

use binary::{embalm, ends};
use std::path::Path;
use tempfile::TempDir;

/// The demonstration's archive.
fn demonstration() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    ends(embalm(folder.path()).args(["run", "--json", "--config", "config.toml"]), 0);
    folder
}

/// What a command prints that ends well.
fn prints(folder: &Path, args: &[&str]) -> String {
    ends(embalm(folder).args(args), 0).0
}

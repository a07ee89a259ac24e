//! `embalm export datasette`: what Datasette shows beside an archive.

use crate::{
    commands::{Failure, Global},
    export,
    report::{Output, one_line},
};
use clap::ValueHint;
use std::path::PathBuf;

/// Flags of `export datasette`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm export datasette --out metadata.json
  datasette embalm.db -m metadata.json          the archive in a browser, every column explained

The file says what tables, views and columns mean, what can be searched and what it is grouped by,
and has the queries of docs/queries.md. It holds nothing of the archive but its name.")]
pub struct Args {
    /// The file, or - for stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

/// Writes it.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let archive = global.archive(&global.config()?);
    let name = archive.file_stem().map_or_else(|| "embalm".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut text = serde_json::to_string_pretty(&export::datasette_metadata(&name))
        .map_err(|error| Failure::unexpected(error.to_string()))?;
    text.push('\n');
    if args.out.as_os_str() == "-" {
        out.bytes(text.as_bytes())?;
        return Ok(0);
    }
    export::write_file(&args.out, text.as_bytes())?;
    out.line(&one_line(&args.out.display().to_string()))?;
    Ok(0)
}

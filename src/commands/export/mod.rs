//! `embalm export`: takes what is archived out of the archive, in forms that others read.

mod datasette;
mod html;
mod proof;
mod tables;
mod warc;

pub(super) use html::parse_media_url;

use super::{Failure, Global, spare::spare};
use crate::report::Output;
use clap::Subcommand;
use std::path::Path;

/// Flags of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The form.
    #[command(subcommand)]
    pub form: Form,
}

/// What can be written.
#[derive(Debug, Subcommand)]
pub enum Form {
    /// Pages that open offline and ask the network for nothing: a static site, or one file an article
    Html(html::Args),
    /// Records as JSON Lines
    Jsonl(tables::Args),
    /// Records as CSV
    Csv(tables::CsvArgs),
    /// Records as Parquet, for DuckDB, pandas and Spark
    Parquet(tables::ParquetArgs),
    /// What Datasette shows beside the archive: descriptions, searches, ready-made queries
    Datasette(datasette::Args),
    /// Stored exchanges as a WARC file
    Warc(warc::Args),
    /// Stored exchanges as a WACZ file, with index and pages
    Wacz(warc::WaczArgs),
    /// A small file that proves what was in the archive at a run
    Proof(proof::Args),
}

impl Form {
    /// Where it is written to.
    fn out(&self) -> &Path {
        match self {
            Self::Html(args) => &args.out,
            Self::Jsonl(args) => &args.out,
            Self::Csv(args) => &args.tables.out,
            Self::Parquet(args) => &args.tables.out,
            Self::Datasette(args) => &args.out,
            Self::Warc(args) => &args.what.out,
            Self::Wacz(args) => &args.what.out,
            Self::Proof(args) => &args.out,
        }
    }
}

/// Writes what is asked for.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    spare(global, args.form.out())?;
    match &args.form {
        Form::Html(args) => html::run(global, args, out),
        Form::Jsonl(args) => tables::jsonl(global, args, out),
        Form::Csv(args) => tables::csv(global, args, out),
        Form::Parquet(args) => tables::parquet(global, args, out),
        Form::Datasette(args) => datasette::run(global, args, out),
        Form::Warc(args) => warc::warc(global, args, out),
        Form::Wacz(args) => warc::wacz(global, args, out),
        Form::Proof(args) => proof::run(global, args, out),
    }
}

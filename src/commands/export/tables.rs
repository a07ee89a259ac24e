//! `embalm export jsonl|csv|parquet`: records as tables that others read.

use crate::{
    commands::{Failure, Global},
    report::Output,
};
use clap::ValueHint;
use std::path::PathBuf;

/// Flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub out: PathBuf,
}

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON Lines.
    Jsonl,
    /// CSV.
    Csv,
    /// Parquet.
    Parquet,
}

/// Writes it.
pub(super) fn run(_global: &Global, _args: &Args, _kind: Kind, _out: &mut Output) -> Result<u8, Failure> {
    Err(Failure::unexpected("this form is not written yet"))
}

//! `embalm export proof`: a small file that proves what was in the archive at a run.

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

/// Writes it.
pub(super) fn run(_global: &Global, _args: &Args, _out: &mut Output) -> Result<u8, Failure> {
    Err(Failure::unexpected("this form is not written yet"))
}

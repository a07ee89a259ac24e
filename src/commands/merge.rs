//! `embalm merge`: several archives become one.

use super::{Failure, Global};
use crate::report::Output;

/// Flags of `merge`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Does it.
pub(super) fn run(_global: &Global, _args: &Args, _out: &mut Output) -> Result<u8, Failure> {
    Err(Failure::unexpected("this command is not written yet"))
}

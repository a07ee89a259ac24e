//! `embalm import`: posts from what people have already.

use super::{Failure, Global};
use crate::report::Output;

/// Flags of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Does it.
pub(super) fn run(_global: &Global, _args: &Args, _out: &mut Output) -> Result<u8, Failure> {
    Err(Failure::unexpected("this command is not written yet"))
}

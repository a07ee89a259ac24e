//! `embalm status`: what the archive holds, the last run, what is queued, how many posts are gone by now.

use super::{Failure, Global};
use crate::report::{Format, Output, status_page};

/// `status` has no flags of its own.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints it.
pub(super) fn run(global: &Global, _args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let status = global.read()?.status()?;
    if out.format == Format::Table {
        out.line(&status_page(&status, out.style))?;
    } else {
        out.json(&status)?;
    }
    Ok(0)
}

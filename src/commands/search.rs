//! `embalm search`: full text over posts and articles.

use super::{Failure, Global, list::FilterArgs};
use crate::report::Output;

/// Flags of `search`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words; "a phrase", prefix*, AND OR NOT
    #[arg(value_name = "QUERY", required = true)]
    pub query: Vec<String>,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Prints hits, best first. No hit is exit code 0 and a word on stderr.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let hits = global.read()?.search(&args.query.join(" "), &args.filter.filter())?;
    out.records(&hits, &["kind", "key", "title", "snippet"], &["kind", "key", "title", "snippet"])?;
    Ok(0)
}

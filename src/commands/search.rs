//! `embalm search`: full text over posts and articles.

use super::{Failure, Global, list::FilterArgs};
use crate::report::{Format, Output, hit_lines};

/// Hits where `--limit` says nothing: more than anybody reads.
const DEFAULT_HITS: usize = 50;

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
    let mut filter = args.filter.filter();
    filter.limit = filter.limit.or(Some(DEFAULT_HITS));
    let hits = global.read()?.search(&args.query.join(" "), &filter)?;
    let csv = ["what", "target", "url", "title", "author_name", "author_handle", "published", "captured_at", "snippet"];
    if out.format == Format::Table {
        for hit in &hits {
            out.line(&hit_lines(hit, out.style))?;
        }
        if hits.is_empty() {
            out.talk("nothing found");
        }
        return Ok(0);
    }
    out.records(&hits, &csv, &csv)?;
    Ok(0)
}

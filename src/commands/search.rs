//! `embalm search`: full text over posts and articles.

use super::{Failure, Global, list::FilterArgs};
use crate::report::{Format, Output, hit_lines};

/// Hits where `--limit` says nothing: more than anybody reads.
const DEFAULT_HITS: usize = 50;

/// Flags of `search`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Words:
  night train                  both words; those with the phrase come first
  '\"night train\"'              the phrase
  'sleep*'                     words that begin so
  'ferry OR boat', 'ferry NOT night', '(ferry OR boat) harbour'
  'title:ferry', 'author:zoe'  in a title, or of an author; also text, alt, byline
  '#storm', '@zoe.example'     a tag; an author and who names them
Accents and case are folded, and words of languages without spaces are found in the middle of a
sentence.

Examples:
  embalm search ferry --platform bluesky --since 2024-06-01
  embalm search --sort captured --limit 20 'storm*'
  embalm search --json lanterns        each match between \u{27e6} and \u{27e7} in `snippet`

Exit codes: 0 done, with or without finds; 2 no word in the query, or a wrong flag")]
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
    out.page();
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

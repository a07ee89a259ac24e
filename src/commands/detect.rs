//! `embalm detect`: only finds embeds. No network, no archive.

use super::{Failure, failure, runtime};
use crate::{
    detect,
    model::EmbedRecord,
    pipeline::{self, Bounds, Document, Input, InputError, Ordered, Stop, Turn, Work, WorkBody},
    report::{self, Format, Output, PageLine},
};
use std::{
    num::NonZero,
    panic::{self, AssertUnwindSafe},
    time::Duration,
};

/// Documents that are queued, searched, or whose records wait to be printed, in bytes. A page's tree takes some ten times
/// as much as the page, and a thread works on one page at a time.
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;

/// How often a signal is looked for while no page is done.
const WAIT: Duration = Duration::from_millis(100);

/// Flags of `detect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm detect --json page.html
  embalm detect --json pages/ crawl.warc.gz
  zcat pages.jsonl.gz | embalm detect --json --pages --threads 2 -

With --pages the first line is {\"embalm\", \"schema\"}; then come the records of each page, and
after them {\"page\", \"article\", \"records\", \"error\", \"cut_short\"}: whoever feeds this
process, and sees it die, begins another one with --skip after the last page that was told.

Exit codes:
  0 every page was searched
  1 some pages could not be read; the others were searched
  2 wrong usage: another attempt fails as well
  4 stopped by a signal after a whole page")]
pub struct Args {
    /// An .html, .md or .txt file (also .gz), a folder of them, a .warc(.gz) or .wacz, JSON Lines of pages, or - for stdin
    /// (lines, or a .warc(.gz))
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<String>,
    /// Threads that search pages [default: one a core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<u8>>,
    /// With --json: tell after each page's records that it is done, at once, and why it failed (here, not on stderr)
    #[arg(long)]
    pub pages: bool,
    /// Pass over the first N pages of the inputs; the others keep their numbers
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: usize,
    /// Search no page before the one before it has been told: which page ends this process is then known
    #[arg(long)]
    pub one_by_one: bool,
}

/// What came of one document.
struct Answer {
    name: String,
    /// Why it was not searched.
    failed: Option<String>,
    /// Where the search of it ended early.
    cut_short: Vec<String>,
    records: usize,
    /// Its records, as they are printed.
    printed: Vec<u8>,
}

/// Prints the embeds of every input, in order; a page that can't be read is a warning, and exit code 1 at the end.
pub(super) fn run(args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let format = out.format;
    if args.pages && !matches!(format, Format::Json) {
        return Err(Failure::usage("--pages tells pages as lines of JSON; add --json"));
    }
    let runtime = runtime::start()?;
    let stop = Stop::after(None);
    runtime.block_on(async { runtime::stop_on_signals(&stop) });
    let documents = documents(args)?.skip(args.skip);
    let weigh = |document: &Result<Document, InputError>| document.as_ref().map_or(0, |document| document.bytes.len());
    let cores = || std::thread::available_parallelism().map_or(2, usize::from);
    let workers = args.threads.map_or_else(cores, |threads| usize::from(threads.get()));
    let bounds = Bounds { workers, held_bytes: if args.one_by_one { 0 } else { MAX_HELD_BYTES } };
    out.bytes(&report::found_head(format))?;
    if args.pages {
        out.bytes(&report::pages_head())?;
        out.flush()?;
    }
    let mut failed = false;
    let mut page = args.skip as u64;
    let mut answers = Ordered::start(documents, weigh, move |document| answer(document, format), bounds);
    loop {
        match answers.take(WAIT) {
            Turn::Result(answer) => {
                failed |= answer.failed.is_some();
                out.bytes(&answer.printed)?;
                if args.pages {
                    out.bytes(&report::page_line(&told(&answer, page)))?;
                    out.flush()?;
                } else {
                    warn(&answer, out);
                }
                page += 1;
            }
            // Whoever feeds us slowly may wait for what is found so far.
            Turn::Waiting => out.flush()?,
            Turn::End => return Ok(u8::from(failed)),
        }
        if stop.reason().is_some() {
            out.flush()?;
            return Ok(failure::STOPPED);
        }
    }
}

/// The documents of all inputs, in order.
fn documents(args: &Args) -> Result<impl Iterator<Item = Result<Document, InputError>> + Send + use<>, Failure> {
    let inputs = args.inputs.iter().map(|word| Input::parse(word)).collect::<Result<Vec<_>, _>>()?;
    if let Some(Input::Url(url)) = inputs.iter().find(|input| matches!(input, Input::Url(_))) {
        return Err(Failure::usage(format!("{url}: detect reads local input only; `embalm add URL` fetches")));
    }
    let works = inputs.iter().map(pipeline::expand).collect::<Result<Vec<_>, _>>()?;
    // An answer in a recording that is a post itself embeds nothing.
    let works = works
        .into_iter()
        .flatten()
        .filter(|work| !matches!(work, Ok(Work { once: true, body: WorkBody::Post(_), .. })));
    Ok(works.map(|work| work.and_then(pipeline::local_document)))
}

fn told(answer: &Answer, page: u64) -> PageLine<'_> {
    let Answer { name, failed, cut_short, records, .. } = answer;
    PageLine { page, article: name, records: *records, error: failed.as_deref(), cut_short }
}

fn warn(answer: &Answer, out: &Output) {
    if let Some(reason) = &answer.failed {
        out.warn(&format!("{}: {reason}", answer.name));
    }
    for cut in &answer.cut_short {
        out.warn(&format!("{}: searched in part: {cut}", answer.name));
    }
}

fn answer(document: Result<Document, InputError>, format: Format) -> Answer {
    let failure = |name: String, reason: String| Answer {
        name,
        failed: Some(reason),
        cut_short: Vec::new(),
        records: 0,
        printed: Vec::new(),
    };
    let document = match document {
        Ok(document) => document,
        Err(error) => return failure(error.input, error.reason),
    };
    let name = document.name.clone();
    // A panic in a parser is a defect of ours; one page must not end the others.
    match panic::catch_unwind(AssertUnwindSafe(|| search(document, format))) {
        Ok(Ok(answer)) => answer,
        Ok(Err(reason)) => failure(name, reason),
        Err(_) => failure(name, "reading it failed by a defect of embalm; please report it".to_owned()),
    }
}

fn search(document: Document, format: Format) -> Result<Answer, String> {
    let page = document.page()?;
    let name = document.name;
    drop(document.bytes);
    let found = detect::search(&page);
    let records: Vec<_> = found.embeds.iter().map(|embed| EmbedRecord::new(&name, embed)).collect();
    let cut_short = found.cut_short.iter().map(ToString::to_string).collect();
    Ok(Answer { failed: None, cut_short, records: records.len(), printed: report::found(&records, format), name })
}

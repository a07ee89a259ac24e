//! `embalm detect`: only finds embeds. No network, no archive.

use super::{Failure, failure, runtime};
use crate::{
    detect,
    model::EmbedRecord,
    pipeline::{self, Bounds, Document, Input, InputError, Ordered, Stop, Turn, Work, WorkBody},
    report::{self, Format, Output},
};
use std::{
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
pub struct Args {
    /// An .html, .md or .txt file (also .gz), a folder of them, a .warc(.gz) or .wacz, JSON Lines of pages, or - for stdin
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<String>,
}

/// What came of one document.
struct Answer {
    warnings: Vec<String>,
    failed: bool,
    /// Its records, as they are printed.
    printed: Vec<u8>,
}

/// Prints the embeds of every input, in order; a page that can't be read is a warning, and exit code 1 at the end.
pub(super) fn run(args: &Args, out: &mut Output) -> Result<u8, Failure> {
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
    let documents = works.map(|work| work.and_then(pipeline::local_document));
    let weigh = |document: &Result<Document, InputError>| document.as_ref().map_or(0, |document| document.bytes.len());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let format = out.format;
    let bounds = Bounds { workers, held_bytes: MAX_HELD_BYTES };
    let runtime = runtime::start()?;
    let stop = Stop::after(None);
    runtime.block_on(async { runtime::stop_on_signals(&stop) });
    out.bytes(&report::found_head(format))?;
    let mut failed = false;
    let mut answers = Ordered::start(documents, weigh, move |document| answer(document, format), bounds);
    loop {
        match answers.take(WAIT) {
            Turn::Result(answer) => {
                for warning in answer.warnings {
                    out.warn(&warning);
                }
                failed |= answer.failed;
                out.bytes(&answer.printed)?;
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

fn answer(document: Result<Document, InputError>, format: Format) -> Answer {
    let failure = |error: String| Answer { warnings: vec![error], failed: true, printed: Vec::new() };
    let document = match document {
        Ok(document) => document,
        Err(error) => return failure(error.to_string()),
    };
    let name = document.name.clone();
    // A panic in a parser is a defect of ours; one page must not end the others.
    match panic::catch_unwind(AssertUnwindSafe(|| search(document, format))) {
        Ok(Ok(answer)) => answer,
        Ok(Err(reason)) => failure(format!("{name}: {reason}")),
        Err(_) => failure(format!("{name}: reading it failed by a defect of embalm; please report it")),
    }
}

fn search(document: Document, format: Format) -> Result<Answer, String> {
    let page = document.page()?;
    let name = document.name;
    drop(document.bytes);
    let found = detect::search(&page);
    let records: Vec<_> = found.embeds.iter().map(|embed| EmbedRecord::new(&name, embed)).collect();
    let warnings = found.cut_short.iter().map(|cut| format!("{name}: searched in part: {cut}")).collect();
    Ok(Answer { warnings, failed: false, printed: report::found(&records, format) })
}

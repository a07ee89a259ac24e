//! Writes `fixtures/demo.warc.gz`, the recording that the demo replays, from the readable files in `fixtures/demo/`:
//! `cargo run --example make_demo`.
//!
//! Equal sources give equal records: dates are fixed, and record ids are made of what the records hold.

use anyhow::{Context as _, Result};
use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};
use url::Url;

/// The day on which the demo's platforms were "asked".
const RECORDED_AT: &str = "2026-11-20T08:00:00Z";

/// One line of `exchanges.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    url: Url,
    status: u16,
    headers: Vec<(String, String)>,
    /// A file beside the list; none for an answer without a body.
    body: Option<String>,
}

fn main() -> Result<()> {
    let out = Path::new("fixtures/demo.warc.gz");
    let file = File::create(out).with_context(|| format!("creating {}", out.display()))?;
    write(Path::new("fixtures/demo"), BufWriter::new(file))
}

/// Writes the exchanges of a folder as a WARC file, one second apart.
///
/// # Errors
/// What reading the folder and writing give, with the file that it is about.
pub(crate) fn write(folder: &Path, out: impl Write) -> Result<()> {
    let list = folder.join("exchanges.json");
    let text = fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let answers: Vec<Answer> = serde_json::from_str(&text).with_context(|| format!("reading {}", list.display()))?;
    let first: Timestamp = RECORDED_AT.parse()?;
    let mut warc = WarcWriter::new(out, first)?;
    for (nth, answer) in (0_i64..).zip(answers) {
        let mut headers = Headers::default();
        answer.headers.iter().for_each(|(name, value)| headers.push(name, value));
        let body = match &answer.body {
            Some(name) => fs::read(folder.join(name)).with_context(|| format!("reading {name} for {}", answer.url))?,
            None => Vec::new(),
        };
        warc.write(&Exchange {
            request: Request::get(answer.url.clone()),
            hops: Vec::new(),
            answer: Ok(Response { url: answer.url, status: answer.status, headers, body }),
            started_at: first.checked_add(SignedDuration::from_secs(nth))?,
            elapsed_ms: 0,
        })?;
    }
    warc.flush()?;
    Ok(())
}

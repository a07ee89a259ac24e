//! `embalm recognize`: names the post that a URL points to, without a network.

use super::Failure;
use crate::{
    model::Target,
    platforms,
    report::{Format, Output},
};
use serde::Serialize;
use std::io::BufRead;

/// Flags of `recognize`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// URLs, or - for URLs on stdin, one a line
    #[arg(value_name = "URL", required = true)]
    pub urls: Vec<String>,
}

/// One answer; nulls where the URL names no post.
#[derive(Debug, Default, Serialize)]
struct Record {
    url: String,
    platform: Option<String>,
    post_id: Option<String>,
    canonical: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    short_link: bool,
}

/// Prints one record a URL, in order.
pub(super) fn run(args: &Args, out: &mut Output) -> Result<u8, Failure> {
    for url in &args.urls {
        if url == "-" {
            for line in std::io::stdin().lock().lines() {
                let line = line.map_err(|error| Failure::unexpected(format!("reading stdin failed: {error}")))?;
                if !line.trim().is_empty() {
                    print(&line, out)?;
                }
            }
        } else {
            print(url, out)?;
        }
    }
    Ok(0)
}

fn print(url: &str, out: &mut Output) -> Result<(), Failure> {
    let mut record = Record { url: url.to_owned(), ..Record::default() };
    match platforms::recognize_text(url) {
        Some(Target::Post(post)) => {
            record.platform = Some(post.platform);
            record.post_id = Some(post.id);
            record.canonical = Some(post.url.to_string());
        }
        Some(Target::ShortLink { platform, .. }) => {
            record.platform = Some(platform);
            record.short_link = true;
        }
        Some(Target::Unresolved { .. }) | None => {}
    }
    if out.format == Format::Table {
        let named = match (&record.platform, &record.post_id) {
            (Some(platform), Some(id)) => format!("{platform}:{id}"),
            (Some(platform), None) => format!("{platform}, a short link that only the network can resolve"),
            _ => "no post".to_owned(),
        };
        return Ok(out.line(&format!("{}  {named}", crate::report::printable(url)))?);
    }
    let header = ["url", "platform", "post_id", "canonical"];
    let cells = |record: &Record| {
        vec![Some(record.url.clone()), record.platform.clone(), record.post_id.clone(), record.canonical.clone()]
    };
    if out.format == Format::Csv {
        let text = crate::report::rows_as_csv(&header, std::iter::once(cells(&record)));
        let row = text.split_once("\r\n").map_or("", |(_, row)| row);
        return Ok(out.bytes(row.as_bytes())?);
    }
    Ok(out.json(&record)?)
}

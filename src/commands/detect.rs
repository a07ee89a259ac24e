//! `embalm detect`: only finds embeds. No network, no archive.

use super::{Failure, runtime};
use crate::{
    detect,
    model::EmbedRecord,
    pipeline::{self, Input, Work, WorkBody},
    report::{Format, Output},
};
use futures::{StreamExt, stream};

/// Flags of `detect`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An .html, .md or .txt file (also .gz), a folder of them, a .warc(.gz), JSON Lines of pages, or - for stdin
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<String>,
}

/// Prints the embeds of every input, in order; a page that can't be read is a warning, and exit code 1 at the end.
pub(super) fn run(args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let inputs = args.inputs.iter().map(|word| Input::parse(word)).collect::<Result<Vec<_>, _>>()?;
    if let Some(Input::Url(url)) = inputs.iter().find(|input| matches!(input, Input::Url(_))) {
        return Err(Failure::usage(format!("{url}: detect reads local input only; `embalm add URL` fetches")));
    }
    let works = inputs.iter().map(pipeline::expand).collect::<Result<Vec<_>, _>>()?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let tasks = works.into_iter().flatten().map(|work| async move {
        match work {
            Err(error) => Err((error.input, error.reason)),
            Ok(work) => {
                let name = work.name.clone();
                let task = tokio::task::spawn_blocking(move || records(work)).await;
                task.unwrap_or_else(|error| Err(format!("reading it failed: {error}"))).map_err(|reason| (name, reason))
            }
        }
    });
    let mut failed = 0_u64;
    runtime::start()?.block_on(async {
        let mut results = stream::iter(tasks).buffered(threads * 4);
        while let Some(result) = results.next().await {
            match result {
                Ok((name, records, cut_short)) => {
                    for cut in cut_short {
                        out.warn(&format!("{name}: searched in part: {cut}"));
                    }
                    print(&records, out)?;
                }
                Err((name, reason)) => {
                    failed += 1;
                    out.warn(&format!("{name}: {reason}"));
                }
            }
        }
        Ok::<_, Failure>(())
    })?;
    Ok(u8::from(failed > 0))
}

type Found = (String, Vec<EmbedRecord>, Vec<detect::CutShort>);

fn records(work: Work) -> Result<Found, String> {
    let document = match work.body {
        WorkBody::File(path) => pipeline::read_document(&path, &work.name)?,
        WorkBody::Document(document) => *document,
        WorkBody::Url(..) | WorkBody::Post(_) => return Err("only local input is searched; add fetches".to_owned()),
    };
    let page = document.page()?;
    let found = detect::search(&page);
    let records = found.embeds.iter().map(|embed| EmbedRecord::new(&document.name, embed)).collect();
    Ok((document.name, records, found.cut_short))
}

fn print(records: &[EmbedRecord], out: &mut Output) -> Result<(), Failure> {
    if out.format == Format::Table {
        for record in records {
            let target = match (&record.platform, &record.post_id, &record.url) {
                (Some(platform), Some(id), _) => format!("{platform}:{id}"),
                (Some(platform), None, Some(url)) => format!("{platform} {url}"),
                (platform, ..) => format!("{} post without an address", platform.as_deref().unwrap_or("a")),
            };
            let handle = record.quoted.author_handle.as_ref().map(|handle| format!("@{handle}: ")).unwrap_or_default();
            let text = crate::report::excerpt(record.quoted.text.as_deref().unwrap_or_default(), 70);
            let line = format!(
                "{}  {target}  {}  {}  {handle}{text}",
                record.article,
                record.form.as_str(),
                record.scope.as_str()
            );
            out.line(crate::report::printable(&line).trim_end())?;
        }
        return Ok(());
    }
    let columns = ["article", "position", "platform", "post_id", "url", "form", "scope", "quoted"];
    Ok(out.records(records, &columns, &columns)?)
}

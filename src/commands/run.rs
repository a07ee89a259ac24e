//! `embalm run`: the scheduled job.

use super::{
    Failure, Global,
    conclude::{Ending, conclude, ended},
    hold::{HoldArgs, hold},
    network::{self, NetworkArgs},
    notify::Notices,
    runtime,
    status::Place,
};
use crate::{
    config::Config,
    model::Summary,
    pipeline::{self, Driver, Stop},
    report::{self, Output},
};
use std::path::Path;

/// Flags of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask this source of the configuration alone, now, and archive what it names; leave all else that is due. Repeatable
    #[arg(long, value_name = "SOURCE")]
    pub only: Vec<String>,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
    /// Network, replay and budget.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Polls the sources, archives what is new, captures its posts, retries what is due, looks again at known posts.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    let sources = sources(&config, &archive, args, out)?;
    let mut notices = Notices::of(&config, &args.network, &archive)?;
    let result = crawl(global, args, &Place { config: &config, archive: &archive }, &sources, &mut notices, out);
    notices.ended(&result, out);
    let (code, summary) = result?;
    if !global.json && !global.quiet && !args.network.dry_run && !report::log::is_json() {
        let hint = if summary.articles.new + summary.articles.changed > 0 {
            "next: `embalm list posts`, `embalm search WORDS`, or `embalm export html --out site` to read it offline"
        } else {
            "next: `embalm status` says how everything stands"
        };
        out.line(&out.style.dim(hint))?;
    }
    Ok(code)
}

/// The run itself: its exit code, and what it did.
fn crawl(
    global: &Global,
    args: &Args,
    place: &Place<'_>,
    sources: &[pipeline::Source],
    notices: &mut Notices<'_>,
    out: &mut Output,
) -> Result<(u8, Summary), Failure> {
    let Place { config, archive } = place;
    let transport = network::transport(config, &args.network)?;
    let settings = network::settings(config, &args.network)?;
    let lock = if args.network.dry_run { None } else { Some(hold(global, archive, "run", args.hold, out)?) };
    let mut store = network::archive(archive, lock.as_ref())?;
    let now = transport.now();
    let (transport, recorder) = network::recorded(transport, &args.network)?;
    notices.started();
    let mut reporter = network::reporter(global, out, false, &transport);
    let finished = runtime::start()?.block_on(async {
        let stop = Stop::after(settings.max_time);
        runtime::stop_on_signals(&stop);
        let mut driver = Driver::begin(&mut store, transport, settings, stop, "run", |event| {
            lock.iter().for_each(|lock| lock.note(event));
            reporter.tell(event);
        })?;
        if args.only.is_empty() {
            driver.crawl(sources).await?;
        } else {
            driver.ask(sources).await?;
        }
        driver.save_now().await?;
        driver.finish().map_err(Failure::from)
    });
    reporter.end();
    let mut finished = ended(finished, args.network.dry_run, &mut store)?;
    let recorder = recorder.as_deref();
    let ailing = pipeline::source_problems(&store, sources, now)?;
    let ending = Ending { finished: &mut finished, recorder, store: &mut store, archive, ailing };
    let code = conclude(global, &args.network, ending, false, out)?;
    Ok((code, finished.summary))
}

/// The sources that the run is about.
fn sources(config: &Config, archive: &Path, args: &Args, out: &Output) -> Result<Vec<pipeline::Source>, Failure> {
    let mut sources = config.sources().map_err(Failure::usage)?;
    if !args.only.is_empty() {
        only(&mut sources, &args.only)?;
    } else if sources.is_empty() {
        let none = "there is no [[source]] in the configuration, so there is nothing to poll";
        // What was added by hand is looked after all the same.
        if !archive.exists() {
            return Err(Failure::usage(format!(
                "{none}\n  `embalm init` writes a config.toml with examples; `embalm add URL` archives one article now"
            )));
        }
        if !out.quiet {
            out.warn(&format!("{none}; what is due in the archive is done"));
        }
    }
    Ok(sources)
}

/// Leaves the sources of these names.
fn only(sources: &mut Vec<pipeline::Source>, names: &[String]) -> Result<(), Failure> {
    for name in names {
        if !sources.iter().any(|source| source.name == *name) {
            let known: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
            let known =
                if known.is_empty() { "there is none".to_owned() } else { format!("there is {}", known.join(", ")) };
            return Err(Failure::usage(format!("no [[source]] in the configuration has the name {name:?}: {known}")));
        }
    }
    sources.retain(|source| names.contains(&source.name));
    Ok(())
}

//! `embalm add`: archives the articles and posts that are named, now.

use super::{
    Failure, Global,
    conclude::{Ending, conclude, ended},
    hold::{HoldArgs, hold},
    inputs,
    network::{self, NetworkArgs},
    runtime,
    spare::spare,
};
use crate::{
    pipeline::{Driver, Input, Stop},
    report::Output,
};
use std::path::PathBuf;

/// Flags of `add`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An article URL, a post URL, an .html, .md or .txt file (also .gz), a folder of them, a .warc(.gz) or .wacz, JSON Lines of pages
    /// ({"url", "html" or "markdown" or "text"}) or of what `detect --json` prints (each record's post, with the words that its
    /// article quotes, kept where the post itself is gone), or - for any such lines on stdin, or URLs
    #[arg(value_name = "INPUT", required_unless_present = "input_file")]
    pub inputs: Vec<String>,
    /// Read inputs from this file, one a line, also as JSON; - is stdin. Lines that begin with # are left out
    #[arg(short, long, value_name = "FILE")]
    pub input_file: Option<PathBuf>,
    /// Write the inputs that failed to this file, each under its reason, ready for -i; - is stdout. Empty where none failed
    #[arg(short, long, value_name = "FILE")]
    pub error_file: Option<PathBuf>,
    /// Go on where an earlier one stopped: leave out what this archive has looked at, and take up what waits in its queue and
    /// is due. So the same list can be given again and again, and nothing is captured twice
    #[arg(long)]
    pub resume: bool,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
    /// Network, replay and budget.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Archives every input; what fails is counted and told, and does not stop the rest.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if let Some(path) = &args.error_file {
        spare(global, path)?;
    }
    let mut words = args.inputs.clone();
    if let Some(path) = &args.input_file {
        words.extend(inputs::read(path)?);
    }
    // A wrong word on the command line itself touches nothing; a wrong line of a file is a failed item.
    for word in &args.inputs {
        Input::parse(word)?;
    }
    let config = global.config_told(out)?;
    let archive = global.archive(&config);
    let transport = network::transport(&config, &args.network)?;
    let settings = network::settings(&config, &args.network)?;
    let lock = if args.network.dry_run { None } else { Some(hold(global, &archive, "add", args.hold, out)?) };
    let mut store = network::archive(&archive, lock.as_ref())?;
    let (transport, recorder) = network::recorded(transport, &args.network)?;
    let mut reporter = network::reporter(global, out, true, &transport);
    let finished = runtime::start()?.block_on(async {
        let stop = Stop::after(settings.max_time);
        runtime::stop_on_signals(&stop);
        let mut driver = Driver::begin(&mut store, transport, settings, stop, "add", |event| {
            lock.iter().for_each(|lock| lock.note(event));
            reporter.tell(event);
        })?;
        let inputs = words.iter().map(|word| Input::parse(word)).collect();
        if args.resume {
            driver.resumed(inputs).await?;
        } else {
            driver.named(inputs).await?;
        }
        driver.save_now().await?;
        driver.finish().map_err(Failure::from)
    });
    reporter.end();
    let mut finished = ended(finished, args.network.dry_run, &mut store)?;
    if let Some(path) = &args.error_file {
        inputs::write(path, &finished.failed, out)?;
    }
    // Inputs of which nothing could be had are what the user asked about, so that is the command's failure as well.
    let (articles, posts) = (&finished.summary.articles, &finished.summary.posts);
    let articles_had = articles.new + articles.changed + articles.unchanged;
    let posts_had = posts.captured + posts.unchanged + posts.gone + posts.withheld + posts.quoted_only + posts.deferred;
    let all_failed = articles.failed > 0 && articles_had + posts_had == 0;
    let recorder = recorder.as_deref();
    let ending = Ending { finished: &mut finished, recorder, store: &mut store, archive: &archive, ailing: Vec::new() };
    conclude(global, &args.network, ending, all_failed, out)
}

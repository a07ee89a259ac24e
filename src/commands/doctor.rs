//! `embalm doctor`: checks configuration, disk, archive, helpers, and each platform against a post that must be there.

use super::{
    Failure, Global, failure,
    network::{self, NetworkArgs},
    runtime,
};
use crate::{
    config::{self, Config, Program},
    pipeline::{self, Check, Health, Stop},
    report::{Format, Output, doctor_page},
};
use futures::{StreamExt, stream};

/// What a person should know who has not said who is asking.
const NO_CONTACT: &str = "[network] contact is not set: a site's owner who has a question about your requests finds nobody, \
                          and blocks; set it to your mail address or a page";

/// Platforms asked at once.
const CONCURRENCY: usize = 8;

/// Flags of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each platform is asked for a post that has stood for years. That one reads as gone: its adapter
takes posts for gone, or it vanished after all; try another by its URL. Its answer is not
understood: the adapter has drifted, and the place in the answer is named. Nothing is written.

Exit codes: 0 where all is well or only warnings are told, 3 where a person should look.

Examples:
  embalm doctor --offline
  embalm doctor twitter bluesky
  embalm doctor https://mastodon.example/@user/1234567 --json")]
pub struct Args {
    /// Platforms, by id or by the URL of a post to try; all that have a known post by default
    #[arg(value_name = "PLATFORM|URL")]
    pub platforms: Vec<String>,
    /// Network and replay; `--offline` checks only what can be checked without a network.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Checks everything, and tells it all even where a part is broken.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if args.network.offline && !args.platforms.is_empty() {
        return Err(Failure::usage("a platform can only be tried on the network: name none with --offline"));
    }
    let file = config::find(global.config.as_deref());
    let name = file.as_ref().map_or("defaults".to_owned(), |path| path.display().to_string());
    let check = |health, detail: String| Check::new("configuration", name.clone(), health, detail);
    let mut checks = Vec::new();
    let mut understood = true;
    let config = match config::load(file.as_deref()) {
        Ok(config) => {
            checks.push(check(Health::Ok, format!("understood; sources: {}", config.source.len())));
            if config.network.contact.as_deref().is_none_or(str::is_empty) {
                checks.push(check(Health::Warning, NO_CONTACT.to_owned()));
            }
            config
        }
        Err(error) => {
            understood = false;
            checks.push(check(Health::Problem, error.to_string()));
            Config::default()
        }
    };
    let patients = pipeline::patients(&args.platforms, &config.capture.platforms).map_err(Failure::usage)?;
    checks.extend(pipeline::examine(&global.archive(&config)));
    for (name, program, needed, purpose) in [
        ("ffmpeg", &config.capture.ffmpeg, false, "joins and remuxes video that embalm can't join itself"),
        ("yt-dlp", &config.capture.ytdlp, true, "fetches video that has no open route"),
    ] {
        let wanted = (*program != Program::Switch(false)).then_some(needed);
        checks.push(pipeline::helper(name, wanted, network::program(program, name), purpose));
    }
    if !understood && !args.network.offline {
        // It may say to keep off the network.
        checks.push(Check::new("platform", "all", Health::Skipped, "the configuration must be understood first"));
    } else if !args.network.offline {
        let transport = network::transport(&config, &args.network)?;
        let (transport, _recorder) = network::recorded(transport, &args.network)?;
        checks.extend(runtime::start()?.block_on(async {
            let stop = Stop::after(args.network.budget);
            runtime::stop_on_signals(&stop);
            let probes = patients.iter().filter(|_| stop.reason().is_none());
            let probes = probes.map(|post| pipeline::probe(transport.as_ref(), post));
            stream::iter(probes).buffered(CONCURRENCY).collect::<Vec<_>>().await
        }));
    }
    if out.format == Format::Table {
        out.line(&doctor_page(&checks, out.style))?;
    } else {
        out.records(&checks, &["check", "subject", "health", "detail"], &["check", "subject", "health", "detail"])?;
    }
    let is_ill = checks.iter().any(|check| check.health == Health::Problem);
    Ok(if is_ill { failure::LOOK } else { 0 })
}

//! Flags of the commands that may use a network, and the transport and settings that they lead to.

use super::{Failure, Global};
use crate::{
    config::{self, Config, Program},
    fetch::{
        Transport,
        connect_to::ConnectTo,
        live::{Live, LiveSettings},
        meter::Meter,
        offline::Offline,
        record::Recorder,
        replay::Replay,
    },
    pipeline::{Lock, MediaKeeper, MediaLimits, Mementos, Revisits, Schedule, Settings, Tools},
    report::{Output, RunReport},
    store::Store,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use url::Url;

/// Redirects of one request.
const MAX_REDIRECTS: u8 = 10;

/// Flags of `run` and `add`.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Network and limits")]
pub struct NetworkArgs {
    /// Answer every request from this WARC or WACZ (.warc, .warc.gz, .wacz) or folder of them, and open no socket; repeatable
    #[arg(long, value_name = "PATH")]
    pub replay: Vec<PathBuf>,
    /// Write everything that is fetched to this WARC
    #[arg(long, value_name = "FILE.warc.gz", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Open no socket: what local files and recordings do not hold waits in the queue for a run that may ask
    #[arg(long, conflicts_with_all = ["replay", "record"])]
    pub offline: bool,
    /// Reach HOST:PORT at ADDRESS:PORT, as curl's --connect-to; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS:PORT")]
    pub resolve: Vec<String>,
    /// Trust this private certificate authority
    #[arg(long, value_name = "PEM")]
    pub ca_file: Option<PathBuf>,
    /// Allow this host at a private address; repeatable
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
    /// Ask this host and its subdomains alone; repeatable. What leads elsewhere (a redirect, a file, a web archive) waits in
    /// the queue, and the summary names those hosts: `hosts_left`
    #[arg(long, value_name = "HOST", conflicts_with_all = ["replay", "offline"])]
    pub only_host: Vec<String>,
    /// Stop after this long (90s, 10m, 2h), with the work saved
    #[arg(long, value_name = "TIME", value_parser = config::parse_duration)]
    pub budget: Option<Duration>,
    /// Stop after this much was downloaded (100MB, 2GB), with the work saved
    #[arg(long, value_name = "SIZE", value_parser = config::parse_bytes)]
    pub max_bytes: Option<u64>,
    /// Stop after this many requests, with the work saved
    #[arg(long, value_name = "N")]
    pub max_requests: Option<u64>,
    /// Say what would be archived; write nothing, capture nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Exit with 3 if anything failed
    #[arg(long)]
    pub strict: bool,
}

/// The transport that configuration and flags ask for.
pub(super) fn transport(config: &Config, args: &NetworkArgs) -> Result<Arc<dyn Transport>, Failure> {
    let replay: Vec<PathBuf> = if args.replay.is_empty() { config.network.replay.clone() } else { args.replay.clone() };
    if !replay.is_empty() {
        if let Some(path) = &args.record {
            return Err(Failure::usage(format!(
                "--record {} writes what the network answers, but `[network] replay` in the configuration keeps off the \
                 network\n  delete that line to go online, or leave --record away",
                path.display()
            )));
        }
        let replay = Replay::open(&replay).map_err(|error| Failure::usage(error.to_string()))?;
        return Ok(Arc::new(replay));
    }
    if args.offline {
        return Ok(Arc::new(Offline));
    }
    if let Some(path) = &args.record {
        recordable(path)?;
    }
    let network = &config.network;
    let resolve = network.resolve.iter().chain(&args.resolve);
    let resolve = resolve.map(|text| text.parse::<ConnectTo>()).collect::<Result<Vec<_>, _>>();
    let proxy = network.proxy.as_deref().filter(|proxy| !proxy.is_empty()).map(Url::parse).transpose();
    let settings = LiveSettings {
        user_agent: network.user_agent.clone(),
        contact: network.contact.clone().filter(|contact| !contact.is_empty()),
        timeout: Duration::from_secs(network.timeout_s),
        max_bytes: network.max_bytes,
        max_redirects: MAX_REDIRECTS,
        concurrency: network.concurrency,
        per_host_concurrency: network.per_host_concurrency,
        per_host_delay: Duration::from_millis(network.per_host_delay_ms),
        budgets: config.budgets(),
        respect_robots: network.respect_robots,
        max_crawl_delay: Duration::from_secs(network.max_crawl_delay_s),
        proxy: proxy.map_err(|error| Failure::usage(format!("[network] proxy is not a URL: {error}")))?,
        resolve: resolve.map_err(Failure::usage)?,
        ca_file: args.ca_file.clone().or_else(|| network.ca_file.clone()),
        logins: config.logins().map_err(Failure::usage)?,
        allow_hosts: network.allow_hosts.iter().chain(&args.allow_host).cloned().collect(),
        only_hosts: args.only_host.clone(),
        ..LiveSettings::default()
    };
    let live = Live::new(&settings).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Arc::new(live))
}

/// Whether a recording can be made there, asked before anything is touched.
fn recordable(path: &Path) -> Result<(), Failure> {
    let advice = if path.exists() {
        "the file is there, and a recording is never overwritten; name a new one"
    } else if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        "its folder is not there; make it first"
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!("can't make the recording {}: {advice}", path.display())))
}

/// The transport counted, and recorded where that is asked for. The recording is made last, so that a run that may not
/// begin leaves no empty file behind.
pub(super) fn recorded(
    transport: Arc<dyn Transport>,
    args: &NetworkArgs,
) -> Result<(Arc<Meter>, Option<Arc<Recorder>>), Failure> {
    let Some(path) = &args.record else { return Ok((Arc::new(Meter::new(transport)), None)) };
    let recorder = Recorder::new(transport, path)
        .map_err(|error| Failure::usage(format!("can't make the recording {}: {error}", path.display())))?;
    let recorder = Arc::new(recorder);
    Ok((Arc::new(Meter::new(Arc::<Recorder>::clone(&recorder))), Some(recorder)))
}

/// The archive to write, held against other runs by `lock`. A dry run has none: it reads the archive that is there.
pub(super) fn archive(path: &Path, lock: Option<&Lock>) -> Result<Store, Failure> {
    if lock.is_none() {
        let store = if path.exists() { Store::open_read_only(path)? } else { Store::in_memory()? };
        return Ok(store);
    }
    Ok(Store::create_or_open(path)?)
}

/// What the pipeline may do.
pub(super) fn settings(config: &Config, args: &NetworkArgs) -> Result<Settings, Failure> {
    let max_time = config.budget.time.as_deref().map(config::parse_duration).transpose().map_err(Failure::usage)?;
    let max_bytes = config.budget.bytes.as_deref().map(config::parse_bytes).transpose().map_err(Failure::usage)?;
    let item_time = config::parse_duration(&config.budget.item_time).map_err(Failure::usage)?;
    let free_disk = config::parse_bytes(&config.budget.free_disk).map_err(Failure::usage)?;
    let waits = config.recheck.schedule.iter().map(|wait| config::parse_wait(wait));
    let schedule = Schedule {
        waits: waits.collect::<Result<_, _>>().map_err(Failure::usage)?,
        repeats: config.recheck.repeat,
        posts: config.recheck.posts,
    };
    Ok(Settings {
        schedule,
        revisits: Revisits { ages: config.revisit.ages().map_err(Failure::usage)?, articles: config.revisit.articles },
        article_pages: config.capture.article_pages,
        backoff: config.queue.backoff().map_err(Failure::usage)?,
        conditional: args.record.is_none(),
        concurrency: config.network.concurrency,
        per_host: config.network.per_host_concurrency,
        platforms: config.capture.platforms.clone(),
        media: config.capture.media.then(|| keeper(config, args)),
        quoted_depth: config.capture.quoted_depth,
        mementos: config.capture.web_archive().map_err(Failure::usage)?.map(|archive| Arc::new(Mementos::new(archive))),
        save_now: config.capture.save_now,
        max_time: args.budget.or(max_time),
        max_bytes: args.max_bytes.or(max_bytes),
        max_requests: args.max_requests.or(config.budget.requests),
        max_articles: config.budget.articles,
        item_time: Some(item_time).filter(|time| !time.is_zero()),
        min_free_bytes: Some(free_disk).filter(|bytes| *bytes > 0),
        dry_run: args.dry_run,
    })
}

/// Where a program of others is that may be used.
pub(super) fn program(setting: &Program, name: &str) -> Option<PathBuf> {
    match setting {
        Program::Switch(true) => Tools::find(name),
        Program::Switch(false) => None,
        Program::Path(path) => Some(path.clone()),
    }
}

/// What keeps files of posts. Programs with sockets of their own are left alone in a replay.
fn keeper(config: &Config, args: &NetworkArgs) -> Arc<MediaKeeper> {
    let capture = &config.capture;
    let replays = args.offline || !args.replay.is_empty() || !config.network.replay.is_empty();
    let fenced = !args.only_host.is_empty();
    let tools = Tools {
        ffmpeg: program(&capture.ffmpeg, "ffmpeg"),
        ytdlp: program(&capture.ytdlp, "yt-dlp").filter(|_| !replays && !fenced),
        proxy: config.network.proxy.clone().filter(|proxy| !proxy.is_empty()),
    };
    let limits = MediaLimits {
        file_bytes: capture.max_media_bytes,
        post_bytes: capture.max_post_media_bytes,
        run_bytes: capture.max_run_media_bytes,
        video_height_px: capture.max_video_height,
    };
    MediaKeeper::new(limits, tools)
}

/// How a run is told. `named`: the user named what is archived.
pub(super) fn reporter(global: &Global, out: &Output, named: bool, transport: &Arc<Meter>) -> RunReport {
    let transport = Arc::clone(transport);
    RunReport::new(out, named, global.verbose > 0, Box::new(move || transport.traffic()))
}

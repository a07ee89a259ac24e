//! `embalm serve`: the offline viewer.

use super::{Failure, Global, about::Known, reading, runtime};
use crate::{
    config::Config,
    report::Output,
    serve::{self, HostName, ServeError},
    store::Store,
};
use serde::Serialize;
use std::{net::IpAddr, sync::Arc, time::Duration};

/// How long threads that still read may take when the viewer ends.
const THREADS_END: Duration = Duration::from_secs(1);

/// Flags of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The address stands on stdout once the viewer answers (with --json as a record), everything else on
stderr. It shows the archive as it is at each moment, also during a run, and changes nothing.
Ctrl-C or SIGTERM end it, with exit code 0.

Only this machine can reach it unless --bind says otherwise; there is no login, so whoever can
reach it can read all of it. docs/viewer.md says how to put it behind a proxy that asks for one.

Examples:
  embalm serve                                      http://127.0.0.1:8020/
  embalm serve --port 0 --json | jq -r .url         a free port, for scripts
  embalm serve --allow-host archive.example         behind a proxy of that name

In the browser:
  /article/ID  /post/PLATFORM:ID  /search?q=WORDS   stable addresses
  /at/https://news.example/story                    whatever was at that address
  /api/posts  /feed/vanished.atom                   for programs")]
pub struct Args {
    /// The address to listen on: this machine alone, unless another one is named [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub bind: Option<IpAddr>,
    /// The port; 0 takes a free one [default: 8020]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// A further name by which it is asked, such as that of a proxy before it: archive.example, or with a port. Repeatable
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<HostName>,
}

/// What scripts are told when the viewer answers.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    bind: IpAddr,
    port: u16,
    archive: String,
    pid: u32,
}

/// Serves until it is asked to end.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let config = global.config()?;
    let settings = settings(global, args, &config)?;
    // While a run upgrades the archive, that is waited for.
    drop(reading(&settings.archive, Store::open_read_only)?);
    let archive = settings.archive.display().to_string();
    let runtime = runtime::start()?;
    let served = runtime.block_on(async {
        let viewer = serve::listen(settings).await.map_err(|error| match error {
            ServeError::Store(error) => Failure::from(error),
            error @ ServeError::Listen { .. } => Failure::usage(error.to_string()),
        })?;
        // From here on a signal is a wish to end, not the end.
        let asked_to_end = runtime::asked_to_end()?;
        let (bind, port) = (viewer.address.ip(), viewer.address.port());
        let url = url(bind, port);
        if !bind.is_loopback() {
            out.warn(&format!(
                "the viewer listens on {}: whoever can reach it can read all of the archive, for there is no login",
                viewer.address
            ));
        }
        if global.json {
            out.json(&Ready { url: &url, bind, port, archive, pid: std::process::id() })?;
        } else {
            out.line(&url)?;
            out.talk(&format!("reading {archive}; Ctrl-C ends it"));
        }
        out.flush()?;
        viewer.run(asked_to_end).await;
        Ok(0)
    });
    runtime.shutdown_timeout(THREADS_END);
    served
}

/// Flags over the configuration.
fn settings(global: &Global, args: &Args, config: &Config) -> Result<serve::Settings, Failure> {
    let mut hosts = config.serve.names().map_err(Failure::usage)?;
    hosts.extend(args.allow_host.iter().cloned());
    Ok(serve::Settings {
        archive: global.archive(config),
        about: Arc::new(Known { config: config.clone() }),
        bind: args.bind.map_or_else(|| address(&config.serve.bind), Ok).map_err(Failure::usage)?,
        port: args.port.unwrap_or(config.serve.port),
        hosts,
    })
}

fn address(text: &str) -> Result<IpAddr, String> {
    crate::config::parse_bind(text)
}

/// Where a browser on this machine finds it.
fn url(bind: IpAddr, port: u16) -> String {
    let host = match bind {
        IpAddr::V4(address) if address.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(address) if address.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    format!("http://{host}:{port}/")
}

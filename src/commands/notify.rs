//! How `embalm run` tells machines that watch over it: metrics in a file (`[notify] prometheus`), and pings to a
//! watchdog (`[notify] healthcheck`). Neither can fail a run.

use super::{
    Failure, failure,
    network::{self, NetworkArgs},
    runtime,
    status::{self, Place},
};
use crate::{
    config::Config,
    fetch::Transport,
    model::{StatusRecord, Summary},
    pipeline::{Ping, ping},
    report::{Output, metrics_page, summary_line},
};
use jiff::Timestamp;
use std::{io::Write, path::Path, sync::Arc, thread::JoinHandle};
use url::Url;

/// Who is told about a run.
pub(super) struct Notices<'a> {
    config: &'a Config,
    archive: &'a Path,
    check: Option<(Url, Arc<dyn Transport>)>,
    starting: Option<JoinHandle<Result<(), String>>>,
    dry_run: bool,
}

impl<'a> Notices<'a> {
    /// Those that the configuration names. A run that opens no socket, or writes nothing, is not told to a watchdog.
    pub(super) fn of(config: &'a Config, args: &NetworkArgs, archive: &'a Path) -> Result<Self, Failure> {
        let offline = !args.replay.is_empty() || !config.network.replay.is_empty();
        let check = match &config.notify.healthcheck {
            Some(url) if !offline && !args.dry_run => {
                let url = Url::parse(url).map_err(|error| Failure::usage(error.to_string()))?;
                // Its own, so that a silent watchdog costs the run neither requests nor a host's turn.
                let args = NetworkArgs { record: None, ..args.clone() };
                Some((url, network::transport(config, &args)?))
            }
            _ => None,
        };
        Ok(Self { config, archive, check, starting: None, dry_run: args.dry_run })
    }

    /// A run has begun. The ping goes beside it.
    pub(super) fn started(&mut self) {
        let Some((url, transport)) = self.check.clone() else { return };
        self.starting = Some(std::thread::spawn(move || send(&url, transport.as_ref(), Ping::Start, "")));
    }

    /// A run has ended, or could not begin.
    pub(super) fn ended(mut self, result: &Result<(u8, Summary), Failure>, out: &Output) {
        let (code, words) = match result {
            Ok((code, summary)) => (*code, summary_line(summary)),
            Err(failure) => (failure.code, failure.message.clone().unwrap_or_default()),
        };
        if let Some(Err(why)) = self.starting.take().and_then(|starting| starting.join().ok()) {
            out.talk(&format!("the healthcheck was not told of the start: {why}"));
        }
        // Where another run holds the archive, that one tells how it ends.
        if let Some((url, transport)) = self.check.as_ref().filter(|_| code != failure::HELD) {
            let is_well = matches!(result, Ok((0 | failure::STOPPED, summary)) if summary.problems.is_empty());
            let kind = if is_well { Ping::Success } else { Ping::Failure(code) };
            if let Err(why) = send(url, transport.as_ref(), kind, &words) {
                out.warn(&format!("the healthcheck was not told of the end: {why}"));
            }
        }
        if let Some(path) = self.config.notify.prometheus.as_ref().filter(|_| !self.dry_run) {
            let now = Timestamp::now();
            let place = Place { config: self.config, archive: self.archive };
            // An archive that can't be read is told by the exit code.
            let status = status::gather(&place, now).ok();
            if let Err(error) = write_metrics(path, status.as_ref(), code, now) {
                out.warn(&format!("the metrics can't be written to {}: {error}", path.display()));
            }
        }
    }
}

fn send(url: &Url, transport: &dyn Transport, kind: Ping, words: &str) -> Result<(), String> {
    let runtime = runtime::start().map_err(|failure| failure.message.unwrap_or_default())?;
    let sent = runtime.block_on(ping(transport, url, kind, words));
    // A name that is still being resolved holds up nobody.
    runtime.shutdown_background();
    sent
}

/// Whoever collects the file never sees half of it.
fn write_metrics(path: &Path, status: Option<&StatusRecord>, code: u8, now: Timestamp) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".embalm-metrics-").tempfile_in(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The collector is another user, whatever the umask keeps of the archive from others.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.write_all(metrics_page(status, code, now).as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

//! Platforms and a web archive on loopback, for the binary as a user runs it.

use crate::{
    binary::{embalm, ends},
    server::{Asked, Reply, Server, certificates},
    web_archive::{Told, WebArchive},
};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use url::Url;

/// Hosts of platforms that stand on loopback, under TLS.
const PLATFORMS: [&str; 6] = [
    "cdn.syndication.twimg.com",
    "publish.twitter.com",
    "pbs.twimg.com",
    "social.example",
    "elsewhere.example",
    "t.co",
];

pub(crate) const ARCHIVE: &str = "http://web.archive.example";

type Telling = dyn Fn(&Url, &Asked) -> Told + Send + Sync;

/// What platforms and archive say, changed between runs as time goes by.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    platforms: Server,
    archive: Server,
    platform_says: Arc<Mutex<Arc<Telling>>>,
    archive_says: Arc<Mutex<Arc<Telling>>>,
}

pub(crate) fn none() -> Told {
    (404, vec![("content-type".to_owned(), "application/json".to_owned())], b"{}".to_vec())
}

fn serve(says: &Arc<Mutex<Arc<Telling>>>) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let says = Arc::clone(says);
    move |asked| {
        let says = Arc::clone(&says.lock().unwrap());
        let (status, headers, body) = says(&Url::parse(&asked.url).unwrap(), asked);
        let lines: String = headers.iter().map(|(name, value)| format!("\r\n{name}: {value}")).collect();
        Reply::new(&format!("{status} So{lines}"), &body)
    }
}

impl World {
    /// Platforms that know nothing, and an archive that holds nothing.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let nothing: Arc<Telling> = Arc::new(|_, _| none());
        let platform_says = Arc::new(Mutex::new(Arc::clone(&nothing)));
        let archive_says = Arc::new(Mutex::new(nothing));
        let (tls, pem) = certificates(PLATFORMS);
        fs::write(folder.path().join("authority.pem"), pem).unwrap();
        let platforms = Server::with_tls(tls, serve(&platform_says));
        let archive = Server::new(serve(&archive_says));
        Self { folder, platforms, archive, platform_says, archive_says }
    }

    pub(crate) fn platforms_say(&self, says: impl Fn(&Url, &Asked) -> Told + Send + Sync + 'static) {
        *self.platform_says.lock().unwrap() = Arc::new(says);
    }

    pub(crate) fn archive_says(&self, says: impl Fn(&Url, &Asked) -> Told + Send + Sync + 'static) {
        *self.archive_says.lock().unwrap() = Arc::new(says);
    }

    pub(crate) fn archive_holds(&self, archive: WebArchive) {
        self.archive_says(move |url, _| archive.answer(url));
    }

    pub(crate) fn config(&self, text: &str) {
        let text = format!("[network]\nper_host_delay_ms = 0\nca_file = \"authority.pem\"\n{text}");
        fs::write(self.path().join("config.toml"), text).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command of the binary that may use the network.
    pub(crate) fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = embalm(self.path());
        command.args(args).arg("--config").arg(self.path().join("config.toml"));
        for host in PLATFORMS {
            command.arg("--resolve").arg(format!("{host}:443:{}", self.platforms.address));
        }
        command.arg("--resolve").arg(format!("web.archive.example:80:{}", self.archive.address));
        command
    }

    /// Runs it; it must end with 0. What it printed on both streams.
    pub(crate) fn run(&self, args: &[&str]) -> (String, String) {
        ends(&mut self.command(args), 0)
    }

    /// A command that reads the archive file.
    pub(crate) fn read(&self, args: &[&str]) -> String {
        ends(embalm(self.path()).args(args), 0).0
    }

    /// The records of a reading command.
    pub(crate) fn records(&self, args: &[&str]) -> Vec<Value> {
        self.read(args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path().join("test.db")).unwrap()
    }

    /// Puts everything that waits into the present.
    pub(crate) fn let_time_pass(&self) {
        self.sql().execute("UPDATE queue SET due_at = '2020-01-01T00:00:00.000Z'", []).unwrap();
        self.sql().execute("UPDATE hosts SET rests_until = '2020-01-01T00:00:00.000Z'", []).unwrap();
    }

    pub(crate) fn asked_of_platforms(&self) -> Vec<Asked> {
        self.platforms.asked()
    }

    pub(crate) fn asked_of_archive(&self) -> Vec<Asked> {
        self.archive.asked()
    }
}

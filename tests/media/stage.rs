//! A server that stands for Bluesky and its video host, and an archive to capture into.

use crate::{
    binary::{embalm, ends},
    server::{Asked, Reply, Server, certificates},
};
use embalm::store::Store;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

/// A small picture.
pub(crate) const PNG: &[u8] = include_bytes!("../../fixtures/hls/still.png");

const HOSTS: [&str; 5] = ["public.api.bsky.app", "plc.directory", "video.bsky.app", "cdn.bsky.app", "www.youtube.com"];

/// What the server answers other than what stands in `fixtures/hls`: a path (without its query) and the whole answer.
type Changes = Arc<Mutex<HashMap<String, (u16, Vec<u8>)>>>;

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) server: Server,
    changes: Changes,
    /// Lines of `[capture]`.
    pub(crate) capture: String,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (tls, pem) = certificates(HOSTS);
        fs::write(folder.path().join("authority.pem"), pem).unwrap();
        let changes = Changes::default();
        let known = Arc::clone(&changes);
        let server = Server::with_tls(tls, move |asked| answer(asked, &known.lock().unwrap()));
        Self { folder, server, changes, capture: String::new() }
    }

    /// From now on this path is answered so.
    pub(crate) fn change(&self, path: &str, status: u16, body: &[u8]) {
        self.changes.lock().unwrap().insert(path.to_owned(), (status, body.to_vec()));
    }

    pub(crate) fn restore(&self, path: &str) {
        self.changes.lock().unwrap().remove(path);
    }

    /// Runs a command that must end with this code.
    pub(crate) fn embalm(&self, arguments: &[&str], code: i32) -> (String, String) {
        let folder = self.folder.path();
        let config = folder.join("config.toml");
        let list = folder.join("list.txt");
        fs::write(&list, "# nothing new\n").unwrap();
        let port = self.server.address.port();
        let resolve: Vec<String> = HOSTS.iter().map(|host| format!("\"{host}:443:127.0.0.1:{port}\"")).collect();
        let text = format!(
            "[network]\nca_file = \"authority.pem\"\nper_host_delay_ms = 0\nresolve = [{}]\n[capture]\n{}\n\
             [[source]]\nname = \"list\"\nkind = \"list\"\npath = \"list.txt\"\n",
            resolve.join(", "),
            self.capture
        );
        fs::write(&config, text).unwrap();
        let mut command = embalm(folder);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        ends(command.arg("--config").arg(&config).args(arguments), code)
    }

    /// Captures a post whose film is the playlist at this path under `fixtures/hls`.
    pub(crate) fn add(&self, film: &str) -> (String, String) {
        self.embalm(&["add", &post_url(film)], 0)
    }

    pub(crate) fn records(&self, arguments: &[&str]) -> Vec<Value> {
        let (out, _) = self.embalm(&[arguments, &["--json"]].concat(), 0);
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one film in the archive, as `list media` has it.
    pub(crate) fn film(&self) -> Value {
        let all = self.records(&["list", "media"]);
        let films: Vec<_> = all.into_iter().filter(|file| file["kind"] == "video").collect();
        assert_eq!(films.len(), 1, "{films:?}");
        films.into_iter().next().unwrap()
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub(crate) fn bytes(&self, sha256: &Value) -> Vec<u8> {
        let store = Store::open_read_only(&self.archive()).unwrap();
        store.media_bytes(sha256.as_str().expect("its bytes are stored")).unwrap().unwrap().0
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.url.split('?').next().unwrap().ends_with(path)).count()
    }
}

/// The film's path stands in the id: letters only, as record keys are.
pub(crate) fn post_url(film: &str) -> String {
    let key: String = film.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("https://bsky.app/profile/did:plc:lanternlanternlantern234/post/{key}")
}

fn answer(asked: &Asked, changes: &HashMap<String, (u16, Vec<u8>)>) -> Reply {
    let url = url::Url::parse(&asked.url).unwrap();
    if let Some((status, body)) = changes.get(url.path()) {
        return Reply::new(&format!("{status} As told"), body);
    }
    match (url.host_str().unwrap(), url.path()) {
        ("public.api.bsky.app", _) => {
            let uri = url.query_pairs().find(|(name, _)| name == "uri").unwrap().1.into_owned();
            let key = uri.rsplit('/').next().unwrap();
            let bytes: Vec<u8> =
                (0..key.len()).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap()).collect();
            Reply::new("200 OK", thread(&uri, &String::from_utf8(bytes).unwrap()).to_string().as_bytes())
        }
        ("video.bsky.app", path) => match fs::read(format!("fixtures/hls{path}")) {
            Ok(bytes) => Reply::new("200 OK\r\ncontent-type: text/plain", &bytes),
            Err(_) => Reply::new("404 Not Found", b""),
        },
        ("cdn.bsky.app", _) => Reply::new("200 OK", PNG),
        ("www.youtube.com", "/oembed") => {
            let body = json!({"title": "A lamp", "author_name": "Wick", "author_url": "https://www.youtube.com/@wick",
                "thumbnail_url": "https://cdn.bsky.app/still.jpg", "type": "video"});
            Reply::new("200 OK", body.to_string().as_bytes())
        }
        _ => Reply::new("404 Not Found", b"{}"),
    }
}

fn thread(uri: &str, film: &str) -> Value {
    let did = "did:plc:lanternlanternlantern234";
    let film = format!("https://video.bsky.app/{film}");
    json!({"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": {
        "uri": uri, "cid": "bafyreilantern", "indexedAt": "2026-04-02T09:30:00.900Z", "labels": [],
        "author": {"did": did, "handle": "wick.lantern.example", "displayName": "Wick",
            "avatar": "https://cdn.bsky.app/img/avatar/plain/wick@jpeg"},
        "record": {"$type": "app.bsky.feed.post", "createdAt": "2026-04-02T09:30:00.120Z", "langs": ["en"],
            "text": "It burns."},
        "embed": {"$type": "app.bsky.embed.video#view", "cid": "bafkreilampfilm", "playlist": film,
            "thumbnail": "https://cdn.bsky.app/still.jpg", "alt": "A lamp is lit",
            "aspectRatio": {"width": 160, "height": 90}}},
        "replies": []}})
}

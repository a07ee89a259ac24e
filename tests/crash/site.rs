//! A small site on loopback, with the platform that its articles embed, and the binary set up for it.

use crate::server::{self, Asked, Reply, Server};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Articles of the site. Each embeds a post of its own, and one that its neighbour embeds as well.
pub(crate) const ARTICLES: u64 = 12;

/// The hosts that the platform answers at.
const HOSTS: [&str; 2] = ["vimeo.com", "i.vimeocdn.com"];

/// The site, its archive, and what it was asked.
pub(crate) struct Site {
    pub(crate) folder: TempDir,
    asked: Arc<Count>,
}

/// Requests that were answered, and whoever waits for more.
#[derive(Default)]
pub(crate) struct Count {
    answered: Mutex<u64>,
    more: Condvar,
    /// Article pages are held back until this is zero.
    pub(crate) gate: AtomicU64,
}

impl Count {
    fn one(&self) {
        *self.answered.lock().unwrap() += 1;
        self.more.notify_all();
    }

    pub(crate) fn now(&self) -> u64 {
        *self.answered.lock().unwrap()
    }

    /// Waits until so many were answered, for a moment; whether they were.
    pub(crate) fn reaches(&self, target: u64) -> bool {
        let answered = self.answered.lock().unwrap();
        *self.more.wait_timeout_while(answered, Duration::from_millis(2), |n| *n < target).unwrap().0 >= target
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let asked = Arc::<Count>::default();
        let count = Arc::clone(&asked);
        let (tls, pem) = made_once();
        let platform = Server::with_tls(tls.clone(), move |asked| {
            count.one();
            answer_for_the_platform(asked)
        });
        let count = Arc::clone(&asked);
        let pages = Server::new(move |asked| {
            while asked.url.contains("/a/") && count.gate.load(Ordering::SeqCst) > 0 {
                std::thread::yield_now();
            }
            count.one();
            answer_for_the_site(asked)
        });
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("authority.pem"), pem).unwrap();
        let list = pages.url("/list.txt");
        let config = format!(
            "[network]\nper_host_delay_ms = 0\nper_host_concurrency = 8\nallow_hosts = [\"127.0.0.1\", \"vimeo.com\", \"i.vimeocdn.com\"]\n\
             ca_file = \"authority.pem\"\nresolve = [{}]\n\n[[source]]\nname = \"site\"\nkind = \"list\"\nurl = \"{list}\"\n",
            HOSTS.map(|host| format!("\"{host}:443:{}\"", platform.address)).join(", ")
        );
        fs::write(folder.path().join("config.toml"), config).unwrap();
        Self { folder, asked }
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub(crate) fn count(&self) -> &Count {
        &self.asked
    }

    /// The binary with this site's configuration, silent.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
        let folder = self.folder.path();
        command.env_clear().env("HOME", folder).env("EMBALM_ARCHIVE", self.archive()).current_dir(folder);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A command that must end with this code; what it printed.
    pub(crate) fn ends(&self, words: &[&str], code: i32) -> String {
        let output = self.command(words).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// Everything is archived, and once.
    pub(crate) fn assert_complete(&self) {
        let sql =
            rusqlite::Connection::open_with_flags(self.archive(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let count = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned();
        assert_eq!(count("SELECT count(*) FROM articles"), ARTICLES);
        assert_eq!(count("SELECT count(*) FROM article_versions"), ARTICLES);
        assert_eq!(count("SELECT count(*) FROM embeds"), 2 * ARTICLES);
        assert_eq!(count("SELECT count(*) FROM posts"), ARTICLES + 1);
        assert_eq!(count("SELECT count(*) FROM posts WHERE state = 'live' AND via = 'oembed'"), ARTICLES + 1);
        assert_eq!(count("SELECT count(*) FROM snapshots"), ARTICLES + 1);
        assert_eq!(count("SELECT count(*) FROM snapshot_media WHERE blob IS NOT NULL"), ARTICLES + 1);
        assert_eq!(count("SELECT count(*) FROM queue"), 0);
    }
}

/// Waits for a moment that is not worth a sleep.
pub(crate) fn spin(until: Instant) {
    while Instant::now() < until {
        std::thread::yield_now();
    }
}

fn answer_for_the_site(asked: &Asked) -> Reply {
    let path = asked.url.splitn(4, '/').nth(3).unwrap_or_default();
    let base = asked.url.trim_end_matches(path).to_owned();
    if path == "list.txt" {
        if asked.head.contains("if-none-match") {
            return Reply::new("304 Not Modified\r\netag: \"1\"", b"");
        }
        let list: String = (0..ARTICLES).map(|n| format!("{base}a/{n}\n")).collect();
        return Reply::new("200 OK\r\ncontent-type: text/plain\r\netag: \"1\"", list.as_bytes());
    }
    let Some(number) = path.strip_prefix("a/").and_then(|n| n.parse::<u64>().ok()) else {
        return Reply::new("404 Not Found", b"");
    };
    let embed = |n: u64| format!("<p><iframe src=\"https://player.vimeo.com/video/{}\"></iframe></p>", 100_200_300 + n);
    let words =
        format!("<p>The ferry number {number} left at noon, and nobody on the quay was surprised by it at all.</p>");
    let page = format!(
        "<html><head><title>Ferry {number}</title></head><body><article><h1>Ferry {number}</h1>{words}{}{words}{}</article></body></html>",
        embed(number),
        embed(number + 1)
    );
    Reply::new("200 OK\r\ncontent-type: text/html; charset=utf-8", page.as_bytes())
}

fn answer_for_the_platform(asked: &Asked) -> Reply {
    if let Some(number) = asked.url.split("i.vimeocdn.com/video/").nth(1) {
        let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
        picture.extend(number.bytes().cycle().take(20_000));
        return Reply::new("200 OK\r\ncontent-type: image/png", &picture);
    }
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let Some(number) = asked.url.split("vimeo.com%2F").nth(1).map(digits).filter(|_| asked.url.contains("oembed.json"))
    else {
        return Reply::new("404 Not Found", b"");
    };
    let answer = format!(
        "{{\"type\":\"video\",\"version\":\"1.0\",\"provider_name\":\"Vimeo\",\"provider_url\":\"https://vimeo.com/\",\"title\":\"Low tide {number}\",\
         \"author_name\":\"Ann Onym\",\"author_url\":\"https://vimeo.com/ann\",\"html\":\"<iframe src=\\\"https://player.vimeo.com/video/{number}\\\"></iframe>\",\
         \"width\":640,\"height\":360,\"duration\":62,\"thumbnail_url\":\"https://i.vimeocdn.com/video/{number}.png\",\"upload_date\":\"2024-08-11 20:15:00\",\
         \"video_id\":{number},\"uri\":\"/videos/{number}\"}}"
    );
    Reply::new("200 OK\r\ncontent-type: application/json", answer.as_bytes())
}

/// A certificate for the platform's hosts, and the authority that signed it, in PEM: made once.
fn made_once() -> &'static (rustls::ServerConfig, String) {
    static MADE: OnceLock<(rustls::ServerConfig, String)> = OnceLock::new();
    MADE.get_or_init(|| server::certificates(HOSTS))
}

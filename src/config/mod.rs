//! Settings: flags over environment over `config.toml` over defaults, as one typed whole.
//!
//! A key that embalm does not know is an error with a suggestion, never silence; so is a key that would do nothing.

mod error;
mod export;
mod limits;
mod load;
mod login;
mod platform;
mod serve;
mod size;
mod source;
mod trust;

pub use error::ConfigError;
pub use export::Export;
pub use load::{default_archive, find, load};
pub use login::LoginSource;
pub use platform::PlatformBudget;
pub use serve::{Serve, parse_bind};
pub use size::{parse_bytes, parse_duration, parse_wait};
pub use source::Source;
pub use trust::{Trust, read_authorities};

use crate::{
    fetch::{login::Logins, pace},
    pipeline::{self, Backoff},
    platforms::memento,
};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// What `init` writes: every key, commented, with its default.
pub const TEMPLATE: &str = include_str!("default.toml");

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the archive is.
    pub archive: Archive,
    /// How the network is used.
    pub network: Network,
    /// What is captured of posts.
    pub capture: Capture,
    /// When a run stops by itself.
    pub budget: Budget,
    /// Where articles come from.
    pub source: Vec<Source>,
    /// The user's own logins at platforms.
    pub login: Vec<LoginSource>,
    /// How platforms are asked, where the user wants it otherwise.
    pub platform: Vec<PlatformBudget>,
    /// When known posts are looked at again.
    pub recheck: Recheck,
    /// What is told to machines that watch over runs.
    pub notify: Notify,
    /// Who bears witness that a run was when it was.
    pub trust: Trust,
    /// When known articles are looked at again.
    pub revisit: Revisit,
    /// When what could not be had is tried again.
    pub queue: Queue,
    /// How the viewer is reached.
    pub serve: Serve,
    /// How what is archived is taken out.
    pub export: Export,
}

impl Config {
    /// The logins, out of their files and variables.
    ///
    /// # Errors
    /// What can't be read, or is not what it should be; never with a word of a secret.
    pub fn logins(&self) -> Result<Logins, String> {
        login::load(&self.login)
    }

    /// The sources, as they are polled.
    ///
    /// # Errors
    /// A sentence about the first one that can't be; a configuration that was loaded has none.
    pub fn sources(&self) -> Result<Vec<pipeline::Source>, String> {
        let built = self.source.iter().map(|source| source.build().map_err(|fault| (source, fault)));
        built.collect::<Result<_, _>>().map_err(|(source, fault)| format!("[[source]] {:?}: {fault}", source.name))
    }

    /// Files with secrets that other users of this machine can read.
    #[must_use]
    pub fn exposed(&self) -> Vec<String> {
        self.login.iter().flat_map(LoginSource::exposed).collect()
    }

    /// How platforms are asked.
    #[must_use]
    pub fn budgets(&self) -> Vec<pace::Budget> {
        platform::budgets(&self.platform, self.network.per_host_delay_ms)
    }
}

/// `[archive]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Archive {
    /// The SQLite file.
    pub path: Option<PathBuf>,
}

/// `[network]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// The User-Agent header, without the contact.
    pub user_agent: String,
    /// A mail address or page, added to the User-Agent.
    pub contact: Option<String>,
    /// Seconds for one request with its redirects.
    pub timeout_s: u64,
    /// Bytes of one decoded answer.
    pub max_bytes: u64,
    /// Milliseconds between two requests to one host.
    pub per_host_delay_ms: u64,
    /// Requests under way at one host.
    pub per_host_concurrency: usize,
    /// Requests under way in all.
    pub concurrency: usize,
    /// `HOST:PORT:ADDRESS:PORT`, as curl's `--connect-to`.
    pub resolve: Vec<String>,
    /// A PEM file with a private authority.
    pub ca_file: Option<PathBuf>,
    /// Hosts allowed at private addresses.
    pub allow_hosts: Vec<String>,
    /// An HTTP proxy.
    pub proxy: Option<String>,
    /// Recordings that answer instead of the network.
    pub replay: Vec<PathBuf>,
    /// Whether articles are fetched only where their site's robots.txt allows it.
    pub respect_robots: bool,
    /// Seconds of the longest `Crawl-delay` that is kept to.
    pub max_crawl_delay_s: u64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            user_agent: concat!("embalm/", env!("CARGO_PKG_VERSION"), " (+https://crates.io/crates/embalm)").to_owned(),
            contact: None,
            timeout_s: 30,
            max_bytes: 16 << 20,
            per_host_delay_ms: 500,
            per_host_concurrency: 2,
            concurrency: 16,
            resolve: Vec::new(),
            ca_file: None,
            allow_hosts: Vec::new(),
            proxy: None,
            replay: Vec::new(),
            respect_robots: true,
            max_crawl_delay_s: 30,
        }
    }
}

/// `[capture]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capture {
    /// Only these; empty means all.
    pub platforms: Vec<String>,
    /// Whether files of posts are kept.
    pub media: bool,
    /// Bytes of one file.
    pub max_media_bytes: u64,
    /// Bytes of all files of one post.
    pub max_post_media_bytes: u64,
    /// Bytes of all files of one run; none for no limit.
    pub max_run_media_bytes: Option<u64>,
    /// The shorter side of a film in pixels, where there is a choice.
    pub max_video_height: u32,
    /// How far quoted and answered posts are followed.
    pub quoted_depth: u8,
    /// Pages of one article that are read.
    pub article_pages: usize,
    /// The address of the web archive that is asked for posts that their platform does not show; `off` for none.
    pub memento: String,
    /// Whether that archive is asked to save the posts that were captured.
    pub save_now: bool,
    /// `ffmpeg`, for streams that embalm cannot join itself.
    pub ffmpeg: Program,
    /// `yt-dlp`, for films that have no open route.
    pub ytdlp: Program,
}

/// The value of `[capture] memento` where no web archive is asked.
const OFF: &str = "off";

impl Capture {
    /// The web archive to ask, if any.
    ///
    /// # Errors
    /// The value is neither `off` nor the address of one; with what would be right.
    pub fn web_archive(&self) -> Result<Option<memento::Archive>, String> {
        match self.memento.trim() {
            "" | OFF => Ok(None),
            address => memento::Archive::new(address).map(Some).map_err(|why| {
                format!("{why}; set it to \"off\", or to a web archive's address such as \"https://web.archive.org\"")
            }),
        }
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            platforms: Vec::new(),
            media: true,
            max_media_bytes: 256 << 20,
            max_post_media_bytes: 1 << 30,
            max_run_media_bytes: None,
            max_video_height: 1080,
            quoted_depth: 1,
            article_pages: 20,
            memento: OFF.to_owned(),
            save_now: false,
            ffmpeg: Program::Switch(true),
            ytdlp: Program::Switch(false),
        }
    }
}

/// `[recheck]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recheck {
    /// The wait after each look since the post's state last changed, such as `6h`, `1d`, `1w`, `1M`. Empty: never.
    pub schedule: Vec<String>,
    /// Whether the last wait repeats.
    pub repeat: bool,
    /// Posts looked at again in one run.
    pub posts: usize,
}

impl Default for Recheck {
    fn default() -> Self {
        Self { schedule: ["6h", "1d", "1w", "1M", "3M"].map(str::to_owned).into(), repeat: true, posts: 1000 }
    }
}

/// `[queue]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Queue {
    /// Tries in a row without an answer, after which it rests as failed.
    pub attempts: u32,
    /// The wait after the first try; it doubles with each.
    pub first_wait: String,
    /// The longest wait between two tries.
    pub max_wait: String,
    /// The waits before further looks at a dead link. Empty: none.
    pub dead: Vec<String>,
}

impl Queue {
    /// The same as times.
    ///
    /// # Errors
    /// A sentence that says which key is wrong and what would be right.
    pub fn backoff(&self) -> Result<Backoff, String> {
        let wait = |key: &str, text: &str| match parse_wait(text) {
            Ok(wait) if wait.is_zero() => Err(format!("{key} must be longer than no time")),
            wait => wait.map_err(|why| format!("{key}: {why}")),
        };
        let (first_wait, max_wait) = (wait("first_wait", &self.first_wait)?, wait("max_wait", &self.max_wait)?);
        if self.attempts == 0 {
            return Err("attempts must be at least 1: what failed once then rests at once".to_owned());
        }
        if first_wait > max_wait {
            return Err(format!("max_wait ({}) is shorter than first_wait ({})", self.max_wait, self.first_wait));
        }
        if self.dead.len() > MAX_DEAD_WAITS {
            return Err(format!("dead: at most {MAX_DEAD_WAITS} waits"));
        }
        let dead = self.dead.iter().map(|text| wait("dead", text)).collect::<Result<_, _>>()?;
        Ok(Backoff { attempts: self.attempts, first_wait, max_wait, dead })
    }
}

/// Waits before further looks at a dead link; it is to come to rest.
const MAX_DEAD_WAITS: usize = 32;

impl Default for Queue {
    fn default() -> Self {
        let dead = ["1w", "1M"].map(str::to_owned).into();
        Self { attempts: 12, first_wait: "1h".to_owned(), max_wait: "1w".to_owned(), dead }
    }
}

/// `[revisit]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revisit {
    /// The ages at which an article is looked at again, counted from when it was first seen. Empty: never.
    pub schedule: Vec<String>,
    /// Articles looked at again in one run.
    pub articles: usize,
}

impl Revisit {
    /// The schedule as durations.
    ///
    /// # Errors
    /// One is no duration, or not longer than the one before it.
    pub fn ages(&self) -> Result<Vec<Duration>, String> {
        let ages = self.schedule.iter().map(|age| parse_wait(age)).collect::<Result<Vec<_>, _>>()?;
        match ages.windows(2).position(|pair| pair[0] >= pair[1]) {
            Some(place) => {
                let named = |nth: usize| self.schedule.get(nth).map_or("", String::as_str);
                Err(format!(
                    "each age must be longer than the one before it; {:?} is not longer than {:?}",
                    named(place + 1),
                    named(place)
                ))
            }
            None => Ok(ages),
        }
    }
}

impl Default for Revisit {
    fn default() -> Self {
        Self { schedule: ["1h", "6h", "1d", "3d", "1w", "1M"].map(str::to_owned).into(), articles: 1000 }
    }
}

/// Another program: whether it is used where it is installed, or where it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected true, false or the path of the program")]
pub enum Program {
    /// Found on the search path, or not used.
    Switch(bool),
    /// This one.
    Path(PathBuf),
}

/// `[notify]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// A file of metrics for the textfile collector of Prometheus' node exporter.
    pub prometheus: Option<PathBuf>,
    /// The address of a check, as healthchecks.io has them.
    pub healthcheck: Option<String>,
}

impl Notify {
    /// The key that makes no sense, and why.
    fn fault(&self) -> Option<(&'static str, String)> {
        if let Some(path) = &self.prometheus {
            if path.extension().is_none_or(|end| end != "prom") {
                let why = format!("{} must end in .prom, or the collector does not read it", path.display());
                return Some(("prometheus", why));
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Some(("prometheus", format!("there is no folder {}", folder.display())));
            }
        }
        let address = self.healthcheck.as_ref()?;
        let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_right = url::Url::parse(address).is_ok_and(|url| is_web(&url));
        (!is_right).then(|| ("healthcheck", format!("{address:?} is no address such as \"https://hc-ping.com/UUID\"")))
    }
}

/// `[budget]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Such as `10m`.
    pub time: Option<String>,
    /// Such as `2GB`.
    pub bytes: Option<String>,
    /// Articles fetched or read in one run.
    pub articles: Option<u64>,
    /// Requests in one run.
    pub requests: Option<u64>,
    /// For one article, or one post with its files, such as `30m`.
    pub item_time: String,
    /// What is to stay free on the archive's disk, such as `200MB`.
    pub free_disk: String,
}

impl Default for Budget {
    fn default() -> Self {
        let (item_time, free_disk) = ("30m".to_owned(), "200MB".to_owned());
        Self { time: None, bytes: None, articles: None, requests: None, item_time, free_disk }
    }
}

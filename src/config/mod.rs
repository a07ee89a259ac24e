//! Settings: flags over environment over `config.toml` over defaults, as one typed whole.
//!
//! A key that embalm does not know is an error with a suggestion, never silence; so is a key that would do nothing.

mod again;
mod budget;
mod capture;
mod error;
mod export;
mod limits;
mod load;
mod login;
mod network;
mod notify;
mod platform;
mod serve;
mod size;
mod source;
mod trust;

pub use again::{Queue, Recheck, Revisit};
pub use budget::Budget;
pub use capture::{Capture, Program};
pub use error::ConfigError;
pub use export::Export;
pub use load::{default_archive, find, load};
pub use login::LoginSource;
pub use network::Network;
pub use notify::Notify;
pub use platform::PlatformBudget;
pub use serve::{Serve, parse_bind};
pub use size::{parse_bytes, parse_duration, parse_wait};
pub use source::Source;
pub use trust::{Trust, read_authorities};

use crate::{
    fetch::{login::Logins, pace},
    pipeline,
};
use serde::Deserialize;
use std::path::PathBuf;

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

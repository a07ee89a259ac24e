//! `[network]`: how requests are sent.

use serde::Deserialize;
use std::path::PathBuf;

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

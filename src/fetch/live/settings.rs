//! How embalm behaves on the network, and why it can't.

use crate::fetch::connect_to::ConnectTo;
use crate::fetch::login::Logins;
use crate::fetch::pace::Budget;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What time it is, for everything that is not a wait.
#[derive(Clone)]
pub struct Clock(pub Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// How embalm behaves on the network.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// The `User-Agent`.
    pub user_agent: String,
    /// An address or page where a site's owner finds who is asking; added to the `User-Agent`.
    pub contact: Option<String>,
    /// For one request with all its redirects, from its start to the last byte. Waiting for its turn is not counted.
    pub timeout: Duration,
    /// The limit of a body after decoding, in bytes, where a request sets no other.
    pub max_bytes: u64,
    /// Redirects followed for one request.
    pub max_redirects: u8,
    /// Requests at once.
    pub concurrency: usize,
    /// Requests at once to one host.
    pub per_host_concurrency: usize,
    /// Between the starts of two requests to one host.
    pub per_host_delay: Duration,
    /// How platforms are asked, where that is not as all other hosts are; the first that names a host counts.
    pub budgets: Vec<Budget>,
    /// Whether robots.txt is heeded where a request says so.
    pub respect_robots: bool,
    /// The longest `Crawl-delay` that is kept to.
    pub max_crawl_delay: Duration,
    /// An HTTP proxy for everything that is not in `resolve`.
    pub proxy: Option<Url>,
    /// Hosts to reach at other addresses; the first rule that matches counts.
    pub resolve: Vec<ConnectTo>,
    /// Certificates (PEM) of authorities to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Hosts that may lead to private addresses.
    pub allow_hosts: Vec<String>,
    /// Hosts that may be asked, with their subdomains; all of them where none is named.
    pub only_hosts: Vec<String>,
    /// The user's own, for requests that say whose they are.
    pub logins: Logins,
    /// The system's, but for tests.
    pub clock: Clock,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            user_agent: concat!("embalm/", env!("CARGO_PKG_VERSION")).to_owned(),
            contact: None,
            timeout: Duration::from_secs(30),
            max_bytes: 32 * 1024 * 1024,
            max_redirects: 10,
            concurrency: 16,
            per_host_concurrency: 2,
            per_host_delay: Duration::from_millis(500),
            budgets: Vec::new(),
            respect_robots: true,
            max_crawl_delay: Duration::from_secs(30),
            proxy: None,
            resolve: Vec::new(),
            ca_file: None,
            allow_hosts: Vec::new(),
            only_hosts: Vec::new(),
            logins: Logins::default(),
            clock: Clock(Arc::new(Timestamp::now)),
        }
    }
}

/// Why the network cannot be used with these settings.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The file of authorities is not there or holds no certificate.
    #[error("cannot use the certificates in {}: {detail}", path.display())]
    CaFile {
        /// As configured.
        path: PathBuf,
        /// The operating system's or the library's words.
        detail: String,
    },
    /// The proxy's URL, the user agent, or the system's certificates do not do.
    #[error("cannot set up the network client: {detail}")]
    Client {
        /// The library's words.
        detail: String,
    },
}

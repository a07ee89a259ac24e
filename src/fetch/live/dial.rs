//! The clients behind the live transport, and how a name becomes an address that may be dialled.

use super::{LiveError, LiveSettings, Lookup};
use crate::fetch::connect_to::ConnectTo;
use crate::fetch::guard::{Guard, Refusal};
use crate::http::FetchError;
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};
use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Header fields of one answer.
const MAX_HEADERS: usize = 256;

/// The header of one answer, in bytes. Over HTTP/2 the connection holds to it; over HTTP/1.1 hyper reads some 400 KiB, and
/// what is over this is refused then.
pub(super) const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// Until a connection stands, where the total time is longer.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(10);

/// Until an unused connection is closed.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// Characters of an error's words that are kept.
const MAX_DETAIL_CHARS: usize = 300;

/// Which client reaches a URL. Each mapped address has its own, so that a mapping never leaks to another host.
pub(super) struct Dialler {
    direct: Client,
    mapped: HashMap<SocketAddr, Client>,
    rules: Vec<ConnectTo>,
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    proxied: bool,
}

/// How one hop is sent.
pub(super) struct Route {
    pub(super) client: Client,
    /// The URL, with another port where a mapping says so.
    pub(super) url: Url,
    /// The Host header, where the URL no longer gives it.
    pub(super) host: Option<String>,
}

impl Dialler {
    pub(super) fn new(settings: &LiveSettings, guard: Arc<Guard>, lookup: Arc<dyn Lookup>) -> Result<Self, LiveError> {
        let judging = Judging { guard: Arc::clone(&guard), lookup: Arc::clone(&lookup) };
        let direct = match &settings.proxy {
            None => client(settings)?.dns_resolver(Arc::new(judging)),
            // Here the only name that this machine resolves is the proxy's own, which the user configured.
            Some(proxy) => {
                let proxy = Proxy::all(proxy.as_str()).map_err(|error| setup_error(&error))?;
                client(settings)?.dns_resolver(Arc::new(Unjudged(Arc::clone(&lookup)))).proxy(proxy)
            }
        };
        let direct = direct.build().map_err(|error| setup_error(&error))?;
        let mut mapped = HashMap::new();
        for rule in &settings.resolve {
            let fixed = client(settings)?.dns_resolver(Arc::new(Fixed(rule.to)));
            mapped.insert(rule.to, fixed.build().map_err(|error| setup_error(&error))?);
        }
        let proxied = settings.proxy.is_some();
        Ok(Self { direct, mapped, rules: settings.resolve.clone(), guard, lookup, proxied })
    }

    /// Whether the user gave the address of this URL's host.
    pub(super) fn maps(&self, url: &Url) -> bool {
        self.rules.iter().any(|rule| rule.matches(url))
    }

    pub(super) async fn route(&self, url: &Url) -> Result<Route, FetchError> {
        let rule = self.rules.iter().find(|rule| rule.matches(url));
        if let Some((to, client)) = rule.and_then(|rule| Some((rule.to, self.mapped.get(&rule.to)?))) {
            return Ok(mapped(client, url, to));
        }
        if self.proxied {
            self.judge_for_proxy(url).await?;
        } else if let Some(literal) = literal(url) {
            // The connector asks no resolver for an address; the guard has judged it as it stands.
            let dialling = self.lookup.dialling(&literal.to_string(), &[literal]);
            dialling.map_err(|error| FetchError::Network { detail: error.to_string() })?;
        }
        Ok(Route { client: self.direct.clone(), url: url.clone(), host: None })
    }

    /// A proxy resolves names itself, so that the guard never sees what is dialled. What this machine would dial is
    /// judged in its place; a name that only the proxy can resolve is left to it.
    async fn judge_for_proxy(&self, url: &Url) -> Result<(), FetchError> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let Ok(addresses) = self.lookup.addresses(name).await else { return Ok(()) };
        let judged = self.guard.dialable(name, &addresses);
        judged.map(drop).map_err(|refusal| FetchError::Refused { detail: refusal.to_string() })
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    }
}

/// With a port of its own in the URL, the connector dials that port whatever the resolver says; so the URL gets the
/// mapped port, and the Host header keeps the host's.
fn mapped(client: &Client, url: &Url, to: SocketAddr) -> Route {
    let mut dialled = url.clone();
    let mut host = None;
    if let Some(port) = url.port() {
        host = url.host_str().map(|name| format!("{name}:{port}"));
        // This fails only for URLs without a host.
        let _ = dialled.set_port(Some(to.port()));
    }
    Route { client: client.clone(), url: dialled, host }
}

fn client(settings: &LiveSettings) -> Result<ClientBuilder, LiveError> {
    let agent = match &settings.contact {
        Some(contact) => format!("{} (+{contact})", settings.user_agent),
        None => settings.user_agent.clone(),
    };
    let mut builder = Client::builder()
        .user_agent(agent)
        .redirect(redirect::Policy::none())
        .referer(false)
        // First of all the environment's proxies: only a configured one is used.
        .no_proxy()
        .connect_timeout(settings.timeout.min(MAX_CONNECT_TIME))
        .pool_idle_timeout(IDLE_TIME)
        .pool_max_idle_per_host(settings.per_host_concurrency)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES);
    if let Some(path) = &settings.ca_file {
        let failed = |detail: String| LiveError::CaFile { path: path.clone(), detail };
        let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let authorities = Certificate::from_pem_bundle(&pem).map_err(|error| failed(words(&error)))?;
        if authorities.is_empty() {
            return Err(failed("no PEM certificate in it".to_owned()));
        }
        builder = builder.tls_certs_merge(authorities);
    }
    Ok(builder)
}

fn setup_error(error: &reqwest::Error) -> LiveError {
    LiveError::Client { detail: words(error) }
}

/// Names as the system resolves them.
pub(super) struct System;

impl Lookup for System {
    fn addresses(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Resolves names to those of their addresses that the guard lets pass.
struct Judging {
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookup) = (Arc::clone(&self.guard), Arc::clone(&self.lookup));
        Box::pin(async move {
            let addresses = lookup.addresses(name.as_str()).await?;
            let judged = guard.dialable(name.as_str(), &addresses)?;
            lookup.dialling(name.as_str(), &judged)?;
            Ok(unported(judged))
        })
    }
}

/// Resolves the proxy's own name.
struct Unjudged(Arc<dyn Lookup>);

impl Resolve for Unjudged {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.0.addresses(name.as_str());
        Box::pin(async move { Ok(unported(addresses.await?)) })
    }
}

/// Port 0 stands for the URL's port.
fn unported(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)))
}

/// Resolves every name to the one address that the user mapped it to.
struct Fixed(SocketAddr);

impl Resolve for Fixed {
    fn resolve(&self, _: Name) -> Resolving {
        let to = self.0;
        Box::pin(async move { Ok(Box::new(std::iter::once(to)) as Addrs) })
    }
}

/// What a failed request means, without its URL, which is in the exchange.
pub(super) fn fetch_error(error: reqwest::Error, limit: Duration) -> FetchError {
    let error = error.without_url();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return FetchError::Refused { detail: refusal.to_string() };
        }
        source = cause.source();
    }
    if error.is_dns() {
        return FetchError::Dns { detail: words(&error) };
    }
    if error.is_timeout() {
        return FetchError::Timeout { limit_s: limit.as_secs() };
    }
    FetchError::Network { detail: words(&error) }
}

/// The words of an error and of what caused it, each once.
fn words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        source = cause.source();
    }
    words.chars().take(MAX_DETAIL_CHARS).collect()
}

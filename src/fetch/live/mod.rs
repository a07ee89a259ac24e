//! Carries requests over the network: the only place that opens sockets.
//!
//! Every request goes one way: the guard judges its URL, its host's pace lets it start, the name is resolved and its
//! addresses are judged, one of those is dialled, and the body is counted while it comes. Each redirect goes that way
//! again. Nothing is carried over from one request to the next: no cookies, no referrer, no environment proxy. A cookie
//! that a platform's plan sets for everybody (an answered consent wall) goes to the planned host alone. The user's own logins
//! go with requests that may have them, hop by hop, as [`super::login`] says.

mod dial;

use super::Transport;
use super::connect_to::ConnectTo;
use super::guard::{Guard, check_form, check_locations};
use super::login::{Logins, Pass, Sent};
use super::pace::Pace;
use crate::http::{Exchange, FetchError, Headers, Request, Response};
use crate::warc::{Body, decode_content};
use dial::{Dialler, Route};
use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// A body that may be larger than others may take longer: as long as at this many bytes a second.
const LEAST_BYTES_PER_S: u64 = 128 * 1024;

/// Of a redirect's body only so much is read, in bytes; nobody reads it.
const MAX_REDIRECT_BODY_BYTES: u64 = 64 * 1024;

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
    /// An HTTP proxy for everything that is not in `resolve`.
    pub proxy: Option<Url>,
    /// Hosts to reach at other addresses; the first rule that matches counts.
    pub resolve: Vec<ConnectTo>,
    /// Certificates (PEM) of authorities to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Hosts that may lead to private addresses.
    pub allow_hosts: Vec<String>,
    /// The user's own, for requests that say whose they are.
    pub logins: Logins,
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
            proxy: None,
            resolve: Vec::new(),
            ca_file: None,
            allow_hosts: Vec::new(),
            logins: Logins::default(),
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

/// Resolves a name to addresses.
pub trait Lookup: Send + Sync {
    /// All addresses of `host`, unjudged. Failing is an error with the resolver's words.
    fn addresses(&self, host: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// The network as a transport.
pub struct Live {
    dialler: Dialler,
    guard: Arc<Guard>,
    pace: Pace,
    timeout: Duration,
    max_bytes: u64,
    max_redirects: u8,
    logins: Logins,
}

impl Live {
    /// A transport that resolves names as the system does.
    ///
    /// # Errors
    /// [`LiveError`] where the settings cannot be used.
    pub fn new(settings: &LiveSettings) -> Result<Self, LiveError> {
        Self::with_lookup(settings, Arc::new(dial::System))
    }

    /// A transport that resolves names by `lookup`. Its addresses are judged like any others.
    ///
    /// # Errors
    /// As [`Live::new`].
    pub fn with_lookup(settings: &LiveSettings, lookup: Arc<dyn Lookup>) -> Result<Self, LiveError> {
        let guard = Arc::new(Guard::new(&settings.allow_hosts));
        Ok(Self {
            dialler: Dialler::new(settings, Arc::clone(&guard), lookup)?,
            guard,
            pace: Pace::new(settings.concurrency, settings.per_host_concurrency, settings.per_host_delay),
            timeout: settings.timeout,
            max_bytes: settings.max_bytes,
            max_redirects: settings.max_redirects,
            logins: settings.logins.clone(),
        })
    }

    async fn carry(&self, request: Request) -> Exchange {
        let mut journey = Journey { started_at: None, spent: Duration::ZERO, hops: Vec::new(), sent: Sent::default() };
        let answer = self.follow(&request, &mut journey).await;
        let mut exchange = Exchange {
            request,
            hops: journey.hops,
            answer,
            started_at: journey.started_at.unwrap_or_else(Timestamp::now),
            elapsed_ms: u64::try_from(journey.spent.as_millis()).unwrap_or(u64::MAX),
        };
        journey.sent.settle(&mut exchange);
        exchange
    }

    async fn follow(&self, request: &Request, journey: &mut Journey) -> Result<Response, FetchError> {
        let mut leg = Leg { method: request.method.clone(), url: request.url.clone(), body: request.body.clone() };
        leg.url.set_fragment(None);
        loop {
            let answer = self.hop(request, &leg, journey).await?;
            let Some(target) = answer.redirect_target().filter(|_| request.follow) else { return Ok(answer) };
            let too_many = Err(FetchError::TooManyRedirects { limit: self.max_redirects });
            let next = leg.redirected(answer.status, target);
            // Without cookies the same question always gets the same answer, so that coming back is a loop.
            let seen = next.url == leg.url || journey.hops.iter().any(|hop| hop.url == next.url);
            journey.hops.push(answer);
            if seen && next.method == leg.method || journey.hops.len() > usize::from(self.max_redirects) {
                return too_many;
            }
            leg = next;
        }
    }

    /// One hop, within what is left of the time.
    async fn hop(&self, request: &Request, leg: &Leg, journey: &mut Journey) -> Result<Response, FetchError> {
        let judged = if self.dialler.maps(&leg.url) { check_form(&leg.url) } else { self.guard.check(&leg.url) };
        judged.map_err(|refusal| FetchError::Refused { detail: refusal.to_string() })?;
        let _leave = self.pace.enter(leg.url.host_str().unwrap_or_default()).await;
        journey.started_at.get_or_insert_with(Timestamp::now);
        let begun = Instant::now();
        let limit_bytes = request.max_bytes.unwrap_or(self.max_bytes);
        let larger = Duration::from_secs(limit_bytes.saturating_sub(self.max_bytes) / LEAST_BYTES_PER_S);
        let timeout = self.timeout.saturating_add(larger);
        let left = timeout.saturating_sub(journey.spent);
        let pass = match &request.login {
            Some(platform) => self.logins.pass(platform, &request.url, &leg.url, Timestamp::now()),
            None => Pass::default(),
        };
        let answer = tokio::time::timeout(left, self.ask(request, leg, &pass, limit_bytes)).await;
        journey.sent.note(pass);
        journey.spent += begun.elapsed();
        answer.unwrap_or(Err(FetchError::Timeout { limit_s: timeout.as_secs() }))
    }

    async fn ask(&self, request: &Request, leg: &Leg, pass: &Pass, limit_bytes: u64) -> Result<Response, FetchError> {
        let Route { client, url, host } = self.dialler.route(&leg.url).await?;
        let method = reqwest::Method::from_bytes(leg.method.as_bytes())
            .map_err(|_| FetchError::Refused { detail: format!("the method {:?}", leg.method) })?;
        let mut headers = sendable(&request.headers);
        if leg.url.origin() != request.url.origin() {
            headers.remove(COOKIE);
        }
        add_login(&mut headers, pass);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, br, zstd"));
        if let Some(host) = host.and_then(|host| HeaderValue::from_str(&host).ok()) {
            headers.insert(HOST, host);
        }
        let mut asked = client.request(method, url).headers(headers);
        if let Some(body) = &leg.body {
            asked = asked.body(body.clone());
        }
        let silent = |_| FetchError::Timeout { limit_s: self.timeout.as_secs() };
        let sent = tokio::time::timeout(self.timeout, asked.send()).await.map_err(silent)?;
        let mut arriving = sent.map_err(|error| dial::fetch_error(error, self.timeout))?;
        let mut answer = Response {
            url: leg.url.clone(),
            status: arriving.status().as_u16(),
            headers: received(arriving.headers()),
            body: Vec::new(),
        };
        check_locations(&answer.headers).map_err(|refusal| FetchError::Refused { detail: refusal.to_string() })?;
        if let Some(coding) = unasked_transfer_coding(&answer.headers) {
            return Err(FetchError::Network {
                detail: format!("the transfer coding {coding:?}, which was not asked for"),
            });
        }
        let passing = request.follow && answer.redirect_target().is_some();
        if passing {
            answer.body = self.first_bytes(&mut arriving, &answer.headers).await?;
            return Ok(answer);
        }
        if arriving.content_length().is_some_and(|length| length > limit_bytes) {
            return Err(FetchError::TooLarge { limit_bytes });
        }
        let mut raw = Vec::new();
        loop {
            // Whatever its size, a body that stops coming has no end.
            let chunk = tokio::time::timeout(self.timeout, arriving.chunk()).await.map_err(silent)?;
            let Some(bytes) = chunk.map_err(|error| dial::fetch_error(error, self.timeout))? else { break };
            if (raw.len() + bytes.len()) as u64 > limit_bytes {
                return Err(FetchError::TooLarge { limit_bytes });
            }
            raw.extend_from_slice(&bytes);
        }
        match decode_content(&answer.headers, raw, limit_bytes, true) {
            Body::Whole(body) => Ok(Response { body, ..answer }),
            Body::TooLarge { limit_bytes } => Err(FetchError::TooLarge { limit_bytes }),
            Body::Cut { detail, .. } => Err(FetchError::Network { detail }),
            Body::Unread => Err(FetchError::Network { detail: "no body".to_owned() }),
        }
    }

    /// What is kept of a redirect's body: as much as comes within the limit, as it comes.
    async fn first_bytes(&self, arriving: &mut reqwest::Response, headers: &Headers) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        while let Some(bytes) = arriving.chunk().await.map_err(|error| dial::fetch_error(error, self.timeout))? {
            if (body.len() + bytes.len()) as u64 > MAX_REDIRECT_BODY_BYTES {
                break;
            }
            body.extend_from_slice(&bytes);
        }
        Ok(match decode_content(headers, body, MAX_REDIRECT_BODY_BYTES, false) {
            Body::Whole(bytes) | Body::Cut { bytes, .. } => bytes,
            Body::TooLarge { .. } | Body::Unread => Vec::new(),
        })
    }
}

impl Transport for Live {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        Box::pin(self.carry(request))
    }
}

/// What has happened so far to a request.
struct Journey {
    started_at: Option<Timestamp>,
    spent: Duration,
    hops: Vec<Response>,
    sent: Sent,
}

/// What is asked at one hop.
struct Leg {
    method: String,
    url: Url,
    body: Option<Vec<u8>>,
}

impl Leg {
    /// After a redirect: 307 and 308 repeat the request, the others get what is there (RFC 9110, 15.4).
    fn redirected(&self, status: u16, mut target: Url) -> Self {
        target.set_fragment(None);
        if matches!(status, 307 | 308) || self.method == "GET" || self.method == "HEAD" {
            return Self { method: self.method.clone(), url: target, body: self.body.clone() };
        }
        Self { method: "GET".to_owned(), url: target, body: None }
    }
}

/// The request's headers that can be sent. Those that the transport decides itself, and secrets, are left out.
fn sendable(headers: &Headers) -> HeaderMap {
    const OWN: [&str; 8] = [
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "user-agent",
    ];
    let pairs = headers.0.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    pairs
        .filter_map(|(name, value)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        })
        .collect()
}

/// Puts the user's cookies after those that everybody may send, and the token in its place.
fn add_login(headers: &mut HeaderMap, pass: &Pass) {
    let secret = |value: String| {
        HeaderValue::from_str(&value).ok().map(|mut value| {
            // Not to be compressed into a table, nor printed by a library's own log.
            value.set_sensitive(true);
            value
        })
    };
    if let Some(own) = &pass.cookies {
        let public = headers.get(COOKIE).and_then(|value| value.to_str().ok());
        let all = public.map_or_else(|| own.clone(), |public| format!("{public}; {own}"));
        headers.extend(secret(all).map(|value| (COOKIE, value)));
    }
    headers.extend(pass.authorization.clone().and_then(secret).map(|value| (AUTHORIZATION, value)));
}

/// A transfer coding other than chunked, which the connection takes off. Without asking none may be there (RFC 9112, 7.4).
fn unasked_transfer_coding(headers: &Headers) -> Option<&str> {
    let values =
        headers.0.iter().filter(|(name, _)| name == "transfer-encoding").flat_map(|(_, value)| value.split(','));
    values
        .map(str::trim)
        .find(|coding| !coding.eq_ignore_ascii_case("chunked") && !coding.eq_ignore_ascii_case("identity"))
}

/// Values are bytes: UTF-8 where they are, else each byte the character of the same number.
fn received(headers: &HeaderMap) -> Headers {
    let text = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
    };
    Headers(headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
}

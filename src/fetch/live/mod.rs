//! Carries requests over the network: the only place that opens sockets.
//!
//! Every request goes one way: the guard judges its URL, its host's pace lets it start, the name is resolved and its
//! addresses are judged, one of those is dialled, and the body is counted while it comes. Each redirect goes that way
//! again. Nothing is carried over from one request to the next: no cookies, no referrer, no environment proxy. A cookie
//! that a platform's plan sets for everybody (an answered consent wall) goes to the planned host alone. The user's own logins
//! go with requests that may have them, hop by hop, as [`super::login`] says.
//!
//! `dial` makes connections, `robots` asks sites what they ask of robots, `heard` tells what an answer says of its host,
//! `headers` what goes out with a request and comes in with an answer, `settings` how all of it behaves.

mod dial;
mod headers;
mod heard;
mod leg;
mod robots;
mod settings;

pub use settings::{Clock, LiveError, LiveSettings};

use super::Transport;
use super::fence::Fence;
use super::guard::{Guard, check_form, check_locations};
use super::login::{Logins, Pass, Sent};
use super::manners::{HostMemory, Politeness};
use super::pace::{Heard, Pace};
use crate::http::{Exchange, FetchError, Headers, Request, Response};
use crate::warc::{Body, decode_beginning, decode_content};
use dial::{Dialler, Route};
use futures::future::BoxFuture;
use headers::{add_login, received, sendable, unasked_transfer_coding};
use jiff::Timestamp;
use leg::{Journey, Leg, Terms};
use reqwest::header::{ACCEPT_ENCODING, COOKIE, HOST, HeaderValue};
use robots::RobotsBook;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A body that may be larger than others may take longer: as long as at this many bytes a second.
const LEAST_BYTES_PER_S: u64 = 128 * 1024;

/// A host that wants to be left alone for no longer than this is waited for, and asked again once.
const SHORT_REST: Duration = Duration::from_secs(10);

/// Of a redirect's body only so much is read, in bytes; nobody reads it.
const MAX_REDIRECT_BODY_BYTES: u64 = 64 * 1024;

/// Resolves a name to addresses.
pub trait Lookup: Send + Sync {
    /// All addresses of `host`, unjudged. Failing is an error with the resolver's words.
    fn addresses(&self, host: &str) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;

    /// Told of the judged addresses of `host`, one of which is dialled next: each connection passes here, but for those that
    /// the user mapped. A test that must not connect fails it.
    ///
    /// # Errors
    /// Whatever keeps them from being dialled.
    fn dialling(&self, host: &str, judged: &[IpAddr]) -> std::io::Result<()> {
        tracing::trace!(host, ?judged);
        Ok(())
    }
}

/// The network as a transport.
pub struct Live {
    dialler: Dialler,
    guard: Arc<Guard>,
    fence: Fence,
    pace: Pace,
    robots: Option<RobotsBook>,
    timeout: Duration,
    max_bytes: u64,
    max_redirects: u8,
    logins: Logins,
    clock: Clock,
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
        let LiveSettings { concurrency, per_host_concurrency, per_host_delay, budgets, .. } = settings.clone();
        Ok(Self {
            dialler: Dialler::new(settings, Arc::clone(&guard), lookup)?,
            guard,
            fence: Fence::new(&settings.only_hosts),
            pace: Pace::new(concurrency, per_host_concurrency, per_host_delay, budgets),
            robots: settings.respect_robots.then(|| RobotsBook::new(settings)),
            timeout: settings.timeout,
            max_bytes: settings.max_bytes,
            max_redirects: settings.max_redirects,
            logins: settings.logins.clone(),
            clock: settings.clock.clone(),
        })
    }

    /// Boxed, as asking for a page asks for its site's robots.txt first, in the same way.
    fn boxed(&self, request: Request, terms: Terms) -> BoxFuture<'_, Exchange> {
        Box::pin(self.carry(request, terms))
    }

    async fn carry(&self, request: Request, terms: Terms) -> Exchange {
        let mut journey = Journey { started_at: None, spent: Duration::ZERO, hops: Vec::new(), sent: Sent::default() };
        let answer = self.follow(&request, &mut journey, terms).await;
        let mut exchange = Exchange {
            request,
            hops: journey.hops,
            answer,
            started_at: journey.started_at.unwrap_or_else(|| self.clock.now()),
            elapsed_ms: u64::try_from(journey.spent.as_millis()).unwrap_or(u64::MAX),
        };
        journey.sent.settle(&mut exchange);
        exchange
    }

    async fn follow(&self, request: &Request, journey: &mut Journey, terms: Terms) -> Result<Response, FetchError> {
        let mut leg = Leg { method: request.method.clone(), url: request.url.clone(), body: request.body.clone() };
        leg.url.set_fragment(None);
        loop {
            let answer = self.hop(request, &leg, journey, terms).await?;
            let Some(target) = answer.redirect_target().filter(|_| request.follow) else { return Ok(answer) };
            let too_many = Err(FetchError::TooManyRedirects { limit: terms.max_redirects });
            let next = leg.redirected(answer.status, target);
            // Without cookies the same question always gets the same answer, so that coming back is a loop.
            let seen = next.url == leg.url || journey.hops.iter().any(|hop| hop.url == next.url);
            journey.hops.push(answer);
            if seen && next.method == leg.method || journey.hops.len() > usize::from(terms.max_redirects) {
                return too_many;
            }
            leg = next;
        }
    }

    /// One hop: judged, heeded, paced. A host that asks for a short rest has it, and is asked again once.
    async fn hop(
        &self,
        request: &Request,
        leg: &Leg,
        journey: &mut Journey,
        terms: Terms,
    ) -> Result<Response, FetchError> {
        let judged = if self.dialler.maps(&leg.url) { check_form(&leg.url) } else { self.guard.check(&leg.url) };
        judged.map_err(|refusal| FetchError::Refused { detail: refusal.to_string() })?;
        self.fence.check(&leg.url, self.clock.now())?;
        if let Some(robots) = self.robots.as_ref().filter(|_| request.robots) {
            robots.heed(self, &leg.url).await?;
        }
        let host = leg.url.host_str().unwrap_or_default();
        let now = || self.clock.now();
        let mut again = false;
        loop {
            let leave = self.pace.enter(host, request.login.as_deref(), &now, SHORT_REST).await?;
            let answer = self.timed(request, leg, journey, terms).await;
            let received = self.clock.now();
            let heard = heard::heard(&answer, received);
            self.pace.note(&leave, heard, received);
            let Heard::Asked(Some(until)) = heard else { return answer };
            let is_short = until.duration_since(received) <= SHORT_REST.try_into().unwrap_or_default();
            if again || !is_short {
                return answer;
            }
            again = true;
        }
    }

    /// What one hop is answered, within what is left of the time.
    async fn timed(
        &self,
        request: &Request,
        leg: &Leg,
        journey: &mut Journey,
        terms: Terms,
    ) -> Result<Response, FetchError> {
        journey.started_at.get_or_insert_with(|| self.clock.now());
        let begun = Instant::now();
        let limit_bytes = request.max_bytes.unwrap_or(self.max_bytes);
        let larger = Duration::from_secs(limit_bytes.saturating_sub(self.max_bytes) / LEAST_BYTES_PER_S);
        let timeout = self.timeout.saturating_add(larger);
        let left = timeout.saturating_sub(journey.spent);
        let pass = match &request.login {
            Some(platform) => self.logins.pass(platform, &request.url, &leg.url, self.clock.now()),
            None => Pass::default(),
        };
        let answer = tokio::time::timeout(left, self.ask(request, leg, &pass, limit_bytes, terms)).await;
        journey.sent.note(pass);
        journey.spent += begun.elapsed();
        answer.unwrap_or(Err(FetchError::Timeout { limit_s: timeout.as_secs() }))
    }

    async fn ask(
        &self,
        request: &Request,
        leg: &Leg,
        pass: &Pass,
        limit_bytes: u64,
        terms: Terms,
    ) -> Result<Response, FetchError> {
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
        let header_bytes: usize = answer.headers.0.iter().map(|(name, value)| name.len() + value.len()).sum();
        if header_bytes > dial::MAX_HEADER_BYTES as usize {
            return Err(FetchError::Network { detail: format!("a header of {header_bytes} bytes") });
        }
        check_locations(&answer.headers).map_err(|refusal| FetchError::Refused { detail: refusal.to_string() })?;
        if let Some(coding) = unasked_transfer_coding(&answer.headers) {
            return Err(FetchError::Network {
                detail: format!("the transfer coding {coding:?}, which was not asked for"),
            });
        }
        if answer.status == 206 && request.headers.get("range").is_none() {
            return Err(FetchError::Network { detail: "a part of the answer, which was not asked for".to_owned() });
        }
        let is_redirect = request.follow && answer.redirect_target().is_some();
        if let Some(limit) = is_redirect.then_some(MAX_REDIRECT_BODY_BYTES).or(terms.cut_at) {
            answer.body = self.first_bytes(&mut arriving, &answer.headers, limit).await?;
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

    /// The beginning of a body that nobody needs whole: as much as comes within the limit, as it comes.
    async fn first_bytes(
        &self,
        arriving: &mut reqwest::Response,
        headers: &Headers,
        limit_bytes: u64,
    ) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        while let Some(bytes) = arriving.chunk().await.map_err(|error| dial::fetch_error(error, self.timeout))? {
            let left = usize::try_from(limit_bytes).unwrap_or(usize::MAX).saturating_sub(body.len());
            body.extend_from_slice(bytes.get(..left).unwrap_or(&bytes));
            if bytes.len() >= left {
                break;
            }
        }
        Ok(decode_beginning(headers, body, limit_bytes))
    }
}

impl Transport for Live {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let terms = Terms { max_redirects: self.max_redirects, cut_at: None };
        self.boxed(request, terms)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn remember(&self, open: &dyn Fn() -> Option<Arc<dyn HostMemory>>) {
        if let Some(memory) = open() {
            self.pace.remember(memory);
        }
    }

    fn left_out(&self) -> Vec<String> {
        self.fence.left()
    }

    fn politeness(&self) -> Politeness {
        let (robots_asked, robots_refused) = self.robots.as_ref().map(RobotsBook::counts).unwrap_or_default();
        Politeness { robots_asked, robots_refused, ..self.pace.politeness() }
    }
}

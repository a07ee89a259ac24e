//! Asks each site once a day what it asks of robots, and holds requests to it (RFC 9309, 2.3 and 2.4).
//!
//! | the answer | means |
//! |---|---|
//! | a text, after at most five redirects | its rules |
//! | 4xx, more redirects, a page in its place | no rules |
//! | 429, 5xx, no answer, three times; a redirect to where nothing may be asked | the rules that are known from before; else nothing may be asked, for this run. After 30 days: no rules |

use super::{Live, LiveSettings, Terms};
use crate::http::{Exchange, FetchError, Request, Response};
use crate::model::RobotsRecord;
use crate::robots::{MAX_BYTES, Robots, path_of, product_token};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Redirects on the way to a robots.txt (RFC 9309, 2.3.1.2).
const MAX_REDIRECTS: u8 = 5;

/// An answer is used for so long (RFC 9309, 2.4).
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// After so long without an answer there are no rules (RFC 9309, 2.3.1.4).
const UNREACHABLE_FOR_GOOD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is forbidden is worth another look after so long,
const FORBIDDEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// and what is forbidden because nobody knows the rules after so long.
const UNKNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Requests for one robots.txt before it is taken to be out of reach.
const TRIES: u32 = 3;

/// Sites remembered in one run before all are forgotten; they are in the archive as well.
const MAX_SITES: usize = 4096;

/// For bots of other names: sites address this one, whatever the user calls it.
const OWN_NAME: &str = "embalm";

/// What is known of sites' robots.txt in this run.
pub(super) struct RobotsBook {
    agents: Vec<String>,
    max_crawl_delay: Duration,
    sites: Mutex<HashMap<String, Site>>,
    asked: AtomicU64,
    refused: AtomicU64,
}

/// One site's, held while it is asked for, so that many requests ask once.
type Site = Arc<tokio::sync::Mutex<Option<Known>>>;

/// What holds, and until when.
struct Known {
    standing: Standing,
    until: Timestamp,
}

enum Standing {
    Rules(Robots),
    /// Nothing may be asked: why.
    Closed(FetchError),
}

impl RobotsBook {
    pub(super) fn new(settings: &LiveSettings) -> Self {
        let mut agents = vec![product_token(&settings.user_agent).to_owned(), OWN_NAME.to_owned()];
        agents.dedup();
        Self {
            agents,
            max_crawl_delay: settings.max_crawl_delay,
            sites: Mutex::default(),
            asked: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// Requests for robots.txt, and requests that one forbade.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.asked.load(Relaxed), self.refused.load(Relaxed))
    }

    /// Lets a request for `url` pass, after its site was asked where that is due.
    ///
    /// # Errors
    /// [`FetchError::Robots`], or why the site can't be asked at all.
    pub(super) async fn heed(&self, live: &Live, url: &Url) -> Result<(), FetchError> {
        let origin = url.origin().ascii_serialization();
        let site = self.site(&origin);
        let mut known = site.lock().await;
        let now = live.clock.now();
        if known.as_ref().is_none_or(|known| known.until <= now) {
            *known = Some(self.learn(live, url, &origin, now).await?);
        }
        if let Some(Known { standing: Standing::Rules(robots), .. }) = known.as_ref() {
            self.slow_down(live, url, robots, now);
        }
        let refused = match known.as_ref().map(|known| &known.standing) {
            Some(Standing::Rules(robots)) => match robots.allows(&path_of(url)) {
                Ok(()) => return Ok(()),
                Err(detail) => FetchError::Robots { detail, until: later(now, FORBIDDEN_FOR) },
            },
            Some(Standing::Closed(error)) => error.clone(),
            None => return Ok(()),
        };
        if matches!(refused, FetchError::Robots { .. }) {
            self.refused.fetch_add(1, Relaxed);
        }
        Err(refused)
    }

    fn site(&self, origin: &str) -> Site {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MAX_SITES {
            sites.clear();
        }
        Arc::clone(sites.entry(origin.to_owned()).or_default())
    }

    /// What holds by what is remembered, or by asking.
    async fn learn(&self, live: &Live, url: &Url, origin: &str, now: Timestamp) -> Result<Known, FetchError> {
        let memory = live.pace.memory();
        let before = memory.and_then(|memory| memory.robots(origin)).unwrap_or_default();
        let is_fresh = before.unreachable_since.is_none() && now.duration_since(before.asked_at).abs() < FRESH;
        let (record, error) = if is_fresh {
            (before, None)
        } else {
            let Exchange { hops, answer, .. } = self.ask(live, url).await;
            // That this host rests, or may not be asked at all, says nothing of its robots.txt. Where it led elsewhere, what
            // can't be asked there is out of reach like any other.
            let answer = match answer {
                Err(error) if is_held_back(&error) && hops.is_empty() => return Err(error),
                Err(error) if is_held_back(&error) => {
                    Err(unread(&format!("it leads where it can't be had: {error}"), now))
                }
                answer => answer,
            };
            let (record, error) = renewed(before, answer, now);
            if let Some(memory) = memory {
                memory.keep_robots(origin, &record);
            }
            (record, error)
        };
        let until = later(record.asked_at, FRESH);
        let Some(error) = error else {
            return Ok(Known { standing: self.rules(record.body.as_deref()), until });
        };
        let is_given_up =
            record.unreachable_since.is_some_and(|since| now.duration_since(since) > UNREACHABLE_FOR_GOOD);
        let standing = match &record.body {
            _ if is_given_up => Standing::Rules(Robots::default()),
            Some(body) => self.rules(Some(body)),
            None => Standing::Closed(error),
        };
        Ok(Known { standing, until })
    }

    fn rules(&self, body: Option<&[u8]>) -> Standing {
        let agents: Vec<&str> = self.agents.iter().map(String::as_str).collect();
        Standing::Rules(Robots::parse(body.unwrap_or_default(), &agents))
    }

    /// Said with every request, as the pace forgets hosts that it has seen nothing of for a while.
    fn slow_down(&self, live: &Live, url: &Url, robots: &Robots, now: Timestamp) {
        if let Some(seconds) = robots.delay_s() {
            let delay = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).min(self.max_crawl_delay);
            live.pace.slow_down(url.host_str().unwrap_or_default(), delay, now);
        }
    }

    /// Fetches a robots.txt: its first bytes, however long it is.
    async fn ask(&self, live: &Live, url: &Url) -> Exchange {
        let mut place = url.clone();
        place.set_path("/robots.txt");
        place.set_query(None);
        place.set_fragment(None);
        let request = Request::get(place).with_header("accept", "text/plain,*/*;q=0.5");
        let terms = Terms { max_redirects: MAX_REDIRECTS, cut_at: Some(MAX_BYTES as u64) };
        let mut tries = 1;
        loop {
            let exchange = live.boxed(request.clone(), terms).await;
            let is_held_back = exchange.answer.as_ref().is_err_and(is_held_back);
            self.asked.fetch_add(u64::from(!is_held_back || !exchange.hops.is_empty()), Relaxed);
            if tries >= TRIES || is_held_back || !is_unreachable(&exchange.answer) {
                return exchange;
            }
            tries += 1;
        }
    }
}

/// Whether it is embalm that does not ask.
fn is_held_back(error: &FetchError) -> bool {
    matches!(error, FetchError::Resting { .. } | FetchError::Refused { .. })
}

/// Nobody knows the rules, and why.
fn unread(why: &str, now: Timestamp) -> FetchError {
    FetchError::Robots {
        detail: format!("{why}, and until it can be read nothing may be"),
        until: later(now, UNKNOWN_FOR),
    }
}

/// Whether the server's own fault keeps the rules from us. A limit is no word on them either.
fn is_unreachable(answer: &Result<Response, FetchError>) -> bool {
    match answer {
        Ok(answer) => answer.status == 429 || answer.status >= 500,
        Err(FetchError::TooManyRedirects { .. }) => false,
        Err(_) => true,
    }
}

/// What is known after an answer; with why nothing may be asked, where the rules are out of reach and none are known.
fn renewed(
    before: RobotsRecord,
    answer: Result<Response, FetchError>,
    now: Timestamp,
) -> (RobotsRecord, Option<FetchError>) {
    let status = answer.as_ref().ok().map(|answer| answer.status);
    if is_unreachable(&answer) {
        let unreachable_since = before.unreachable_since.or(Some(now));
        let status_says = || unread(&format!("it was answered with status {}", status.unwrap_or(0)), now);
        let error = answer.err().unwrap_or_else(status_says);
        return (RobotsRecord { asked_at: now, status, unreachable_since, body: before.body }, Some(error));
    }
    let body = answer.ok().filter(Response::is_success).map(|answer| answer.body);
    (RobotsRecord { asked_at: now, status, body, unreachable_since: None }, None)
}

fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

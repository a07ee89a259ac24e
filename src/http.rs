//! What goes over the wire, as data: a request, the answer to it, and the pair of them as an exchange.
//!
//! Platforms plan requests and read answers without knowing who carries them; `fetch` carries them; `store` and
//! `warc` keep them. A failure to get an answer is data too, so that a platform can go on to its next route.

mod error;
mod validators;

pub use error::{FetchError, Wall};
pub use validators::{KnownAnswer, Validators};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;

/// The longest wait that a server's `Retry-After` is believed: nobody means a year.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Header names in lower case with their values, in the order of the wire. A name may occur more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of the header `name` (any case), without surrounding white space.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Adds one header; the name is kept in lower case.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }
}

/// Headers that hold a credential, or stand for a session.
const SECRET_HEADERS: [&str; 10] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "set-cookie",
    "set-cookie2",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-guest-token",
];

/// Whether a header of this name (any case) is never kept: not in the archive, not in a recording.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// One request as planned. It never holds a secret: the only cookie in it is one that everybody may send, such as the
/// answer to a consent wall, and that goes to the URL's own host alone and is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// Absolute, http or https.
    pub url: Url,
    /// Headers beyond the transport's own (User-Agent, Accept-Encoding, Host).
    pub headers: Headers,
    /// The body of a POST.
    pub body: Option<Vec<u8>>,
    /// Whether redirects are followed; a short link is asked hop by hop instead.
    pub follow: bool,
    /// A limit on the decoded body in bytes, where it differs from the transport's default.
    pub max_bytes: Option<u64>,
    /// The platform whose login may go with the request, where the user has given one; in an exchange, the one whose
    /// login went. The login itself is the transport's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Whether the robots.txt of each host on the way is heeded, where the user lets it be: for articles and what names
    /// them, not for posts. It says how to ask and not what for, so that nothing keeps it.
    #[serde(skip)]
    pub robots: bool,
}

impl Request {
    /// A GET that follows redirects.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: "GET".to_owned(),
            url,
            headers: Headers::default(),
            body: None,
            follow: true,
            max_bytes: None,
            login: None,
            robots: false,
        }
    }

    /// The same request, heeding robots.txt.
    #[must_use]
    pub fn heeding_robots(mut self) -> Self {
        self.robots = true;
        self
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same request, but a redirect is the answer.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.follow = false;
        self
    }
}

/// One complete answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The URL that answered: after redirects the last one, else that of the request.
    pub url: Url,
    /// The HTTP status code.
    pub status: u16,
    /// As received.
    pub headers: Headers,
    /// After transfer and content decoding.
    #[serde(skip)]
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is in 200..=299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where a 3xx answer points, resolved against the URL that answered.
    #[must_use]
    pub fn redirect_target(&self) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        self.url.join(self.headers.get("location")?).ok()
    }

    /// The body as text, invalid UTF-8 replaced. For pages use `article::decode`, which honours charsets.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The time until which `Retry-After` asks to wait, counted from `received`. Both forms of RFC 9110, 10.2.3; a time
    /// further off than [`MAX_RETRY_AFTER`] is that far off.
    #[must_use]
    pub fn retry_at(&self, received: Timestamp) -> Option<Timestamp> {
        let value = self.headers.get("retry-after")?;
        let latest = received.checked_add(MAX_RETRY_AFTER).ok()?;
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = value.parse::<u64>().unwrap_or(u64::MAX).min(MAX_RETRY_AFTER.as_secs());
            return received.checked_add(Duration::from_secs(seconds)).ok();
        }
        let at = httpdate::parse_http_date(value).ok()?;
        Some(Timestamp::try_from(at).ok()?.min(latest))
    }
}

/// A request with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// As planned, before redirects.
    pub request: Request,
    /// Redirects followed on the way, oldest first; each answered at its own `url`.
    pub hops: Vec<Response>,
    /// The last answer, or why there is none.
    pub answer: Result<Response, FetchError>,
    /// When the request left.
    pub started_at: Timestamp,
    /// Until the answer was complete, in milliseconds.
    pub elapsed_ms: u64,
}

impl Exchange {
    /// The answer, if one came.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.answer.as_ref().ok()
    }
}

/// The URL without a user's name and password. Nothing that embalm writes has them.
#[must_use]
pub fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // These fail only for URLs without a host, which hold neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The same of a name or an address as text; what is no web address is left as it is.
#[must_use]
pub fn name_without_userinfo(name: String) -> String {
    let holds = |rest: &str| rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'));
    let is_web = |start: &str| name.get(..start.len()).is_some_and(|given| given.eq_ignore_ascii_case(start));
    let scheme = ["https://", "http://"].into_iter().find(|start| is_web(start));
    match scheme.filter(|scheme| name.get(scheme.len()..).is_some_and(holds)).and_then(|_| Url::parse(&name).ok()) {
        Some(url) => without_userinfo(&url).into(),
        None => name,
    }
}

//! One request's way: what is asked at each hop, and what has happened so far.

use crate::{fetch::login::Sent, http::Response};
use jiff::Timestamp;
use std::time::Duration;
use url::Url;

/// How far one request goes.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) max_redirects: u8,
    /// Only so much of the body is wanted, in bytes, and more is no fault.
    pub(super) cut_at: Option<u64>,
}

/// What has happened so far to a request.
pub(super) struct Journey {
    pub(super) started_at: Option<Timestamp>,
    pub(super) spent: Duration,
    pub(super) hops: Vec<Response>,
    pub(super) sent: Sent,
}

/// What is asked at one hop.
pub(super) struct Leg {
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) body: Option<Vec<u8>>,
}

impl Leg {
    /// After a redirect: 307 and 308 repeat the request, the others get what is there (RFC 9110, 15.4).
    pub(super) fn redirected(&self, status: u16, mut target: Url) -> Self {
        target.set_fragment(None);
        if matches!(status, 307 | 308) || self.method == "GET" || self.method == "HEAD" {
            return Self { method: self.method.clone(), url: target, body: self.body.clone() };
        }
        Self { method: "GET".to_owned(), url: target, body: None }
    }
}

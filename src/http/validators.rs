//! What names a version of an answer (RFC 9110, 8.8), so that it need not be sent again while it is the same.

use super::{Exchange, Request, Response};
use serde::{Deserialize, Serialize};

/// Validators are short; a longer one is not sent back.
const MAX_VALIDATOR_BYTES: usize = 1024;

/// What names a version of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    /// Those of an exchange whose answer may be asked for conditionally: a GET answered at its own URL, with a body.
    #[must_use]
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let answer = exchange.response()?;
        let plain = exchange.request.method == "GET" && exchange.request.body.is_none();
        if !plain || answer.status != 200 || !exchange.hops.is_empty() || answer.body.is_empty() {
            return None;
        }
        let found = Self::named_by(answer);
        (found != Self::default()).then_some(found)
    }

    /// Asks for the answer only where it is another one than they name.
    pub fn ask(&self, request: &mut Request) {
        for (name, value) in [("if-none-match", &self.etag), ("if-modified-since", &self.last_modified)] {
            if let Some(value) = value {
                request.headers.push(name, value);
            }
        }
    }

    /// Those that an answer names, whatever it is.
    #[must_use]
    pub fn named_by(answer: &Response) -> Self {
        let sendable = |name| answer.headers.get(name).filter(|value| value.len() <= MAX_VALIDATOR_BYTES);
        let owned = |name| sendable(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Self { etag: owned("etag"), last_modified: owned("last-modified") }
    }
}

/// An answer known from before, and the version that it stood for when it was last asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAnswer {
    /// The whole exchange.
    pub exchange: Exchange,
    /// Of the newest answer that said the same.
    pub validators: Validators,
}

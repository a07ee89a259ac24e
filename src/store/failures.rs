//! Failures of looks as columns have them: a word, more of it, and when to come back.

use crate::model::Failure;
use jiff::Timestamp;

/// A failure out of its columns: the opposite of [`tell`].
pub(super) fn read_failure(reason: &str, detail: Option<String>, retry_at: Option<Timestamp>) -> Failure {
    let detail = detail.unwrap_or_default();
    match reason {
        "rate_limited" => Failure::RateLimited { retry_at },
        "resting" => Failure::Resting { until: retry_at.unwrap_or(Timestamp::UNIX_EPOCH), detail },
        "http" => Failure::Http { status: detail.trim_start_matches("status ").parse().unwrap_or_default() },
        "refused" => Failure::Refused { detail },
        "network" => Failure::Network { detail },
        "blocked" => Failure::Blocked,
        "too_large" => Failure::TooLarge,
        "unresolved" => Failure::Unresolved { detail },
        "not_archived" => Failure::NotArchived { detail },
        "no_route" => Failure::NoRoute,
        _ => {
            let (at, detail) = detail.split_once(": ").unwrap_or(("", &detail));
            Failure::Drift { at: at.to_owned(), detail: detail.to_owned() }
        }
    }
}

/// A failure in columns.
pub(super) struct Told {
    pub(super) reason: &'static str,
    pub(super) detail: Option<String>,
    pub(super) retry_at: Option<Timestamp>,
}

/// A failure as its columns have it.
pub(super) fn tell(failure: &Failure) -> Told {
    let told = |reason, detail| Told { reason, detail, retry_at: None };
    match failure {
        Failure::RateLimited { retry_at } => Told { reason: "rate_limited", detail: None, retry_at: *retry_at },
        Failure::Resting { until, detail } => {
            Told { reason: "resting", detail: Some(detail.clone()), retry_at: Some(*until) }
        }
        Failure::Http { status } => told("http", Some(format!("status {status}"))),
        Failure::Refused { detail } => told("refused", Some(detail.clone())),
        Failure::Network { detail } => told("network", Some(detail.clone())),
        Failure::Blocked => told("blocked", None),
        Failure::TooLarge => told("too_large", None),
        Failure::Drift { at, detail } => told("drift", Some(format!("{at}: {detail}"))),
        Failure::Unresolved { detail } => told("unresolved", Some(detail.clone())),
        Failure::NotArchived { detail } => told("not_archived", Some(detail.clone())),
        Failure::NoRoute => told("no_route", None),
    }
}

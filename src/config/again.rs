//! `[recheck]`, `[queue]`, `[revisit]`: when something is looked at again.

use super::parse_wait;
use crate::pipeline::Backoff;
use serde::Deserialize;
use std::time::Duration;

/// `[recheck]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recheck {
    /// The wait after each look since the post's state last changed, such as `6h`, `1d`, `1w`, `1M`. Empty: never.
    pub schedule: Vec<String>,
    /// Whether the last wait repeats.
    pub repeat: bool,
    /// Posts looked at again in one run.
    pub posts: usize,
}

impl Default for Recheck {
    fn default() -> Self {
        Self { schedule: ["6h", "1d", "1w", "1M", "3M"].map(str::to_owned).into(), repeat: true, posts: 1000 }
    }
}

/// `[queue]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Queue {
    /// Tries in a row without an answer, after which it rests as failed.
    pub attempts: u32,
    /// The wait after the first try; it doubles with each.
    pub first_wait: String,
    /// The longest wait between two tries.
    pub max_wait: String,
    /// The waits before further looks at a dead link. Empty: none.
    pub dead: Vec<String>,
}

impl Queue {
    /// The same as times.
    ///
    /// # Errors
    /// A sentence that says which key is wrong and what would be right.
    pub fn backoff(&self) -> Result<Backoff, String> {
        let wait = |key: &str, text: &str| match parse_wait(text) {
            Ok(wait) if wait.is_zero() => Err(format!("{key} must be longer than no time")),
            wait => wait.map_err(|why| format!("{key}: {why}")),
        };
        let (first_wait, max_wait) = (wait("first_wait", &self.first_wait)?, wait("max_wait", &self.max_wait)?);
        if self.attempts == 0 {
            return Err("attempts must be at least 1: what failed once then rests at once".to_owned());
        }
        if first_wait > max_wait {
            return Err(format!("max_wait ({}) is shorter than first_wait ({})", self.max_wait, self.first_wait));
        }
        if self.dead.len() > MAX_DEAD_WAITS {
            return Err(format!("dead: at most {MAX_DEAD_WAITS} waits"));
        }
        let dead = self.dead.iter().map(|text| wait("dead", text)).collect::<Result<_, _>>()?;
        Ok(Backoff { attempts: self.attempts, first_wait, max_wait, dead })
    }
}

/// Waits before further looks at a dead link; it is to come to rest.
const MAX_DEAD_WAITS: usize = 32;

impl Default for Queue {
    fn default() -> Self {
        let dead = ["1w", "1M"].map(str::to_owned).into();
        Self { attempts: 12, first_wait: "1h".to_owned(), max_wait: "1w".to_owned(), dead }
    }
}

/// `[revisit]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revisit {
    /// The ages at which an article is looked at again, counted from when it was first seen. Empty: never.
    pub schedule: Vec<String>,
    /// Articles looked at again in one run.
    pub articles: usize,
}

impl Revisit {
    /// The schedule as durations.
    ///
    /// # Errors
    /// One is no duration, or not longer than the one before it.
    pub fn ages(&self) -> Result<Vec<Duration>, String> {
        let ages = self.schedule.iter().map(|age| parse_wait(age)).collect::<Result<Vec<_>, _>>()?;
        match ages.windows(2).position(|pair| pair[0] >= pair[1]) {
            Some(place) => {
                let named = |nth: usize| self.schedule.get(nth).map_or("", String::as_str);
                Err(format!(
                    "each age must be longer than the one before it; {:?} is not longer than {:?}",
                    named(place + 1),
                    named(place)
                ))
            }
            None => Ok(ages),
        }
    }
}

impl Default for Revisit {
    fn default() -> Self {
        Self { schedule: ["1h", "6h", "1d", "3d", "1w", "1M"].map(str::to_owned).into(), articles: 1000 }
    }
}

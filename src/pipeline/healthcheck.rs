//! Tells a watchdog on the network (healthchecks.io and its kin) that a run begins and how it ends. It never fails a run,
//! and never holds one up for longer than its time.

use crate::{fetch::Transport, http::Request};
use std::time::Duration;
use url::Url;

/// For one ping with its retries.
pub const PING_TIME: Duration = Duration::from_secs(10);

/// Tries of one ping.
const TRIES: u32 = 3;

/// Before the second try; twice as long before the third.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Bytes of an answer that nobody reads.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// Characters of the words that are sent along.
const MAX_WORDS: usize = 10_000;

/// What there is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ping {
    /// A run begins.
    Start,
    /// It came to its end, and nothing needs a person.
    Success,
    /// It ended with this exit code, and somebody should look.
    Failure(u8),
}

/// Sends one ping, with the words as its body.
///
/// # Errors
/// A sentence: why it could not be sent. The run goes on.
pub async fn ping(transport: &dyn Transport, check: &Url, ping: Ping, words: &str) -> Result<(), String> {
    let Some(url) = address(check, ping) else { return Err(format!("{check} can't have a path")) };
    let sending = async {
        let mut failure = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(RETRY_DELAY * attempt).await;
            }
            let mut request = Request::get(url.clone());
            request.method = "POST".to_owned();
            request.body = Some(words.chars().take(MAX_WORDS).collect::<String>().into_bytes());
            request.max_bytes = Some(MAX_ANSWER_BYTES);
            match transport.fetch(request).await.answer {
                Ok(answer) if answer.is_success() => return Ok(()),
                Ok(answer) => failure = format!("it answered with status {}", answer.status),
                Err(error) => failure = error.to_string(),
            }
        }
        Err(failure)
    };
    let late = || Err(format!("no answer within {} s", PING_TIME.as_secs()));
    tokio::time::timeout(PING_TIME, sending).await.unwrap_or_else(|_| late())
}

/// The check's own address for success, one under it for the others.
fn address(check: &Url, ping: Ping) -> Option<Url> {
    let mut url = check.clone();
    let under = match ping {
        Ping::Success => return Some(url),
        Ping::Start => "start".to_owned(),
        Ping::Failure(code) => code.to_string(),
    };
    url.path_segments_mut().ok()?.pop_if_empty().push(&under);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_goes_under_the_address_of_its_check() {
        let check: Url = "https://hc.example/ping/1?x=y".parse().unwrap();
        let of = |ping| address(&check, ping).unwrap().to_string();
        assert_eq!(of(Ping::Start), "https://hc.example/ping/1/start?x=y");
        assert_eq!(of(Ping::Success), "https://hc.example/ping/1?x=y");
        assert_eq!(of(Ping::Failure(3)), "https://hc.example/ping/1/3?x=y");
    }
}

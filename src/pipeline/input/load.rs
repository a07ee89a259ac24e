//! From work to its document: a file is read, a page is fetched.

use super::{Work, WorkBody, read_document};
use crate::{
    fetch::Transport,
    http::{FetchError, Request, Wall},
    pipeline::article::{Document, Hint},
    pipeline::retry::is_lasting,
    platforms,
};
use jiff::Timestamp;
use url::Url;

/// A document that could not be had.
pub(in crate::pipeline) struct Missing {
    /// The work's name.
    pub(in crate::pipeline) name: String,
    /// What was attempted and why it failed.
    pub(in crate::pipeline) reason: String,
    /// Trying again later may help.
    pub(in crate::pipeline) passing: bool,
    /// Not before then, by the site's own word.
    pub(in crate::pipeline) retry_at: Option<Timestamp>,
    /// Whether it was asked for at all; not where its host is left alone for now, which is no attempt.
    pub(in crate::pipeline) asked: bool,
}

impl Missing {
    /// It took too long.
    pub(in crate::pipeline) fn late(name: String, limit: std::time::Duration) -> Self {
        let reason = format!("was not done within {} s", limit.as_secs());
        Self { name, reason, passing: true, retry_at: None, asked: true }
    }
}

/// Loads one work's document: reads the file, or fetches the page.
pub(in crate::pipeline) async fn load(
    transport: std::sync::Arc<impl Transport>,
    work: Work,
) -> Result<Document, Missing> {
    let Work { name, body, .. } = work;
    let missing = |name, reason, passing| Err(Missing { name, reason, passing, retry_at: None, asked: true });
    match body {
        WorkBody::Document(document) => Ok(*document),
        WorkBody::File(path) => {
            let read = {
                let name = name.clone();
                tokio::task::spawn_blocking(move || read_document(&path, &name)).await
            };
            match read {
                Ok(Ok(document)) => Ok(document),
                Ok(Err(reason)) => missing(name, reason, false),
                Err(error) => missing(name, format!("reading it failed: {error}"), false),
            }
        }
        WorkBody::Post(post) => missing(name, format!("{post} is a post, not an article"), false),
        WorkBody::Url(url, spare) => {
            let fetched = fetch(transport.as_ref(), &name, url).await;
            match (fetched, spare) {
                (Ok(mut document), Some(spare)) => {
                    document.hint = spare.into_hint();
                    Ok(document)
                }
                (Err(_), Some(spare)) if !spare.bytes.is_empty() => Ok(*spare),
                (fetched, _) => fetched.map_err(|refusal| Missing { name, ..refusal }),
            }
        }
    }
}

/// Fetches a page; an error is a sentence, with whether and when trying again may help.
async fn fetch(transport: &dyn Transport, name: &str, url: Url) -> Result<Document, Missing> {
    let request = Request::get(url).heeding_robots();
    let request = request.with_header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5");
    let exchange = transport.fetch(request).await;
    let missing =
        |reason: String, passing, retry_at| Missing { name: name.to_owned(), reason, passing, retry_at, asked: true };
    let response = exchange.answer.as_ref().map_err(|error| {
        let passing = !matches!(error, FetchError::Refused { .. } | FetchError::TooLarge { .. });
        let asked = !error.is_unasked();
        Missing { asked, ..missing(format!("could not be fetched: {error}"), passing, error.until()) }
    })?;
    // Sites of any age leave their pages open at the end.
    if let Some((wall, by)) = platforms::wall(&exchange).filter(|(wall, _)| *wall != Wall::Half) {
        let reason = format!("could not be fetched: the site answered with {wall} ({by})");
        return Err(missing(reason, true, response.retry_at(exchange.started_at)));
    }
    if !response.is_success() {
        let reason = format!("could not be fetched: the site answered with status {}", response.status);
        let passing = !is_lasting(response.status);
        return Err(missing(reason, passing, response.retry_at(exchange.started_at)));
    }
    Ok(Document {
        name: name.to_owned(),
        url: Some(response.url.clone()),
        bytes: response.body.clone(),
        content_type: response.headers.get("content-type").map(str::to_owned),
        kind: None,
        hint: Hint::default(),
        read_at: Some(exchange.started_at),
        exchange: Some(exchange),
    })
}

//! From work to its document: a file is read, a page is fetched.

use super::{Work, WorkBody, read_document};
use crate::{
    article::address,
    fetch::Transport,
    http::{Exchange, FetchError, Request, Validators, Wall},
    pipeline::article::{Document, Hint, digest},
    pipeline::retry::is_lasting,
    platforms,
    store::KnownArticle,
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
    /// The site says that there is nothing (any more).
    pub(in crate::pipeline) gone: bool,
}

impl Missing {
    /// It took too long.
    pub(in crate::pipeline) fn late(name: String, limit: std::time::Duration) -> Self {
        let reason = format!("was not done within {} s", limit.as_secs());
        Self { name, reason, passing: true, retry_at: None, asked: true, gone: false }
    }
}

/// What came of asking for an article.
pub(in crate::pipeline) enum Loaded {
    /// A document to read.
    Document(Box<Document>, Option<Box<KnownArticle>>),
    /// A known article as it was.
    Same(Same),
}

/// A known article whose page is as it was, by the site's word or byte by byte.
pub(in crate::pipeline) struct Same {
    /// The article.
    pub(in crate::pipeline) known: Box<KnownArticle>,
    /// When it was asked for.
    pub(in crate::pipeline) looked_at: Timestamp,
    /// The address that answered, and what names the version of its answer.
    pub(in crate::pipeline) answered: (Url, Option<Validators>),
}

/// Loads one work's document: reads the file, or fetches the page; a known one with `conditional` only where it changed.
pub(in crate::pipeline) async fn load(
    transport: std::sync::Arc<impl Transport>,
    work: Work,
    conditional: bool,
) -> Result<Loaded, Missing> {
    let Work { name, body, known, lang, .. } = work;
    let missing =
        |name, reason, passing| Err(Missing { name, reason, passing, retry_at: None, asked: true, gone: false });
    let mut document = match body {
        WorkBody::Document(document) => *document,
        WorkBody::File(path) => {
            let read = {
                let name = name.clone();
                tokio::task::spawn_blocking(move || read_document(&path, &name)).await
            };
            match read {
                Ok(Ok(document)) => document,
                Ok(Err(reason)) => return missing(name, reason, false),
                Err(error) => return missing(name, format!("reading it failed: {error}"), false),
            }
        }
        WorkBody::Post(post) => return missing(name, format!("{post} is a post, not an article"), false),
        WorkBody::Url(url, spare) => {
            let is_known = known.is_some();
            let fetched = fetch(transport.as_ref(), &name, url, known, conditional).await;
            return match (fetched, spare) {
                (Ok(Loaded::Document(mut document, known)), spare) => {
                    document.hint = hint(known.as_deref(), spare.map(|spare| spare.into_hint()));
                    Ok(Loaded::Document(document, known))
                }
                (Err(_), Some(spare)) if !is_known && !spare.bytes.is_empty() => Ok(Loaded::Document(spare, None)),
                (fetched, _) => fetched.map_err(|refusal| Missing { name, ..refusal }),
            };
        }
    };
    document.hint.lang = document.hint.lang.or(lang);
    Ok(Loaded::Document(Box::new(document), known))
}

/// What was said of an article before stands, where the page itself is silent.
fn hint(known: Option<&KnownArticle>, said: Option<Hint>) -> Hint {
    let said = said.unwrap_or_default();
    let Some(known) = known else { return said };
    Hint { title: Some(known.title.clone()), published: known.published.or(said.published), ..said }
}

/// Fetches a page; an error is a sentence, with whether and when trying again may help.
async fn fetch(
    transport: &dyn Transport,
    name: &str,
    url: Url,
    known: Option<Box<KnownArticle>>,
    conditional: bool,
) -> Result<Loaded, Missing> {
    let exchange = ask(transport, url, known.as_deref(), conditional).await;
    let missing = |reason: String, passing, retry_at| Missing {
        name: name.to_owned(),
        reason,
        passing,
        retry_at,
        asked: true,
        gone: false,
    };
    let response = exchange.answer.as_ref().map_err(|error| {
        let passing = !matches!(error, FetchError::Refused { .. } | FetchError::TooLarge { .. });
        let asked = !error.is_unasked();
        Missing { asked, ..missing(format!("could not be fetched: {error}"), passing, error.until()) }
    })?;
    if response.status == 304
        && let Some(known) = known
    {
        // What "not modified" leaves out is as it was (RFC 9111, 4.3.4).
        let (named, before) = (Validators::named_by(response), known.validators.clone().unwrap_or_default());
        let now = Validators {
            etag: named.etag.or(before.etag),
            last_modified: named.last_modified.or(before.last_modified),
        };
        let answered = (response.url.clone(), Some(now));
        return Ok(Loaded::Same(Same { known, looked_at: exchange.started_at, answered }));
    }
    // Sites of any age leave their pages open at the end.
    if let Some((wall, by)) = platforms::wall(&exchange).filter(|(wall, _)| *wall != Wall::Half) {
        let reason = format!("could not be fetched: the site answered with {wall} ({by})");
        return Err(missing(reason, true, response.retry_at(exchange.started_at)));
    }
    if !response.is_success() {
        let reason = format!("could not be fetched: the site answered with status {}", response.status);
        let passing = !is_lasting(response.status);
        let gone = matches!(response.status, 404 | 410);
        return Err(Missing { gone, ..missing(reason, passing, response.retry_at(exchange.started_at)) });
    }
    if address::leads_to_a_stop(&response.url, &exchange.request.url) {
        let reason = format!("could not be fetched: the site leads to {} first", response.url);
        return Err(missing(reason, true, None));
    }
    if address::leads_away(&response.url, &exchange.request.url) {
        let reason = format!("could not be fetched: the site leads to {} instead", response.url);
        return Err(missing(reason, false, None));
    }
    if let Some(known) = &known
        && known.stands_alone()
        && known.sha256 == digest(&response.body)
    {
        let answered = (response.url.clone(), version_of(&exchange));
        return Ok(Loaded::Same(Same { known: known.clone(), looked_at: exchange.started_at, answered }));
    }
    let document = Document {
        name: name.to_owned(),
        url: Some(response.url.clone()),
        bytes: response.body.clone(),
        content_type: response.headers.get("content-type").map(str::to_owned),
        kind: None,
        hint: Hint::default(),
        read_at: Some(exchange.started_at),
        exchange: Some(exchange),
        known: known.is_some(),
    };
    Ok(Loaded::Document(Box::new(document), known))
}

/// Asks for an article: a known one at the address that answered last, and only for what changed since.
async fn ask(transport: &dyn Transport, url: Url, known: Option<&KnownArticle>, conditional: bool) -> Exchange {
    let Some(known) = known else { return transport.fetch(page_request(url)).await };
    let looked_url = known.looked_url.clone().unwrap_or_else(|| url.clone());
    let is_as_named = looked_url == url;
    let mut request = page_request(looked_url);
    if let Some(validators) = known.validators.as_ref().filter(|_| conditional && known.stands_alone()) {
        validators.ask(&mut request);
    }
    let mut exchange = transport.fetch(request).await;
    if !is_as_named && exchange.answer == Err(FetchError::NotRecorded) {
        // A recording may know it by this address alone.
        exchange = transport.fetch(page_request(url)).await;
    }
    exchange.request.headers.0.retain(|(name, _)| !name.starts_with("if-"));
    exchange
}

/// The request for a page as people read it.
pub(in crate::pipeline) fn page_request(url: Url) -> Request {
    let request = Request::get(url).heeding_robots();
    request.with_header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5")
}

/// What names the version of an answer, at whichever address it came from.
pub(in crate::pipeline) fn version_of(exchange: &Exchange) -> Option<Validators> {
    let answer = exchange.response().filter(|answer| answer.status == 200)?;
    Some(Validators::named_by(answer)).filter(|named| *named != Validators::default())
}

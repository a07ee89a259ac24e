//! Fetches the documents of one source: conditionally where their version is known, within limits over all of them.

use crate::{
    fetch::Transport,
    http::{Exchange, Request, Response, Validators, Wall},
    pipeline::input::{self, Input},
    platforms,
    store::{SourceDocument, SourceState},
};
use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use std::collections::BTreeMap;
use url::Url;

/// Bytes of one document, after decompression: what the protocol of sitemaps allows.
const MAX_DOCUMENT_BYTES: u64 = crate::source::MAX_SITEMAP_BYTES as u64;

/// Bytes of all documents of one poll.
const MAX_POLL_BYTES: u64 = 1024 * 1024 * 1024;

/// Documents of one poll. What is left is asked for in the next run.
const MAX_POLL_DOCUMENTS: usize = 500;

/// So long "not modified" is believed of a source's own document; then it is asked for whole. Some servers say it for ever.
const MAX_UNREAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What sources are written in.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
                      text/xml;q=0.9, text/html;q=0.8, application/json;q=0.8, */*;q=0.5";

/// Why a document could not be had or read.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusal {
    /// What was attempted and why it failed.
    pub(super) reason: String,
    /// Not before then, by the site's own word.
    pub(super) retry_at: Option<Timestamp>,
    /// The site says that it is gone for good.
    pub(super) gone: bool,
    /// Nothing was even tried, out of politeness to its host.
    pub(super) unasked: bool,
}

impl Refusal {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }
}

/// What was found on the way.
pub(super) struct Findings {
    /// The documents that were read, as of now; with those of before that were not asked for.
    pub(super) documents: BTreeMap<String, SourceDocument>,
    /// Where the source has moved for good.
    pub(super) moved_to: Option<Url>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    /// Nothing was left out for its amount.
    pub(super) whole: bool,
}

/// A document that was fetched or read.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// Where it is, after redirects.
    pub(super) url: Option<Url>,
    pub(super) content_type: Option<String>,
}

/// Asks for the documents of one source.
pub(super) struct Asker<'a> {
    transport: &'a dyn Transport,
    pub(super) known: &'a SourceState,
    pub(super) now: Timestamp,
    pub(super) findings: Findings,
    asked: usize,
    /// Answers that said "not modified".
    as_before: usize,
    bytes: u64,
}

impl<'a> Asker<'a> {
    pub(super) fn new(transport: &'a dyn Transport, known: &'a SourceState) -> Self {
        let now = transport.now();
        // As the archive keeps it, so that what is unchanged compares equal.
        let now = now.round(TimestampRound::new().smallest(Unit::Millisecond)).unwrap_or(now);
        let documents = known.documents.clone();
        let findings = Findings { documents, moved_to: None, notes: Vec::new(), whole: true };
        Self { transport, known, now, findings, asked: 0, as_before: 0, bytes: 0 }
    }

    /// Whether something was asked for, and all of it is as it was.
    pub(super) fn is_as_before(&self) -> bool {
        self.asked > 0 && self.as_before == self.asked
    }

    /// Whether one more document may be asked for; if not, the rest is left for the next run.
    pub(super) fn may_go_on(&mut self) -> bool {
        let goes_on = self.asked < MAX_POLL_DOCUMENTS && self.bytes < MAX_POLL_BYTES;
        self.findings.whole &= goes_on;
        goes_on
    }

    /// Where the source's own document is asked for.
    pub(super) fn own(&self, place: &Input) -> Option<Url> {
        match place {
            Input::Url(url) => Some(self.known.moved_to.as_ref().unwrap_or(url).clone()),
            Input::Path(_) | Input::Line(_) | Input::Stdin => None,
        }
    }

    /// The source's own document; none where it is as it was. A file is always read.
    pub(super) async fn first(&mut self, place: &Input) -> Result<Option<Fetched>, Refusal> {
        match place {
            Input::Url(own) => {
                let url = self.known.moved_to.as_ref().unwrap_or(own).clone();
                let read_at = self.known.documents.get(url.as_str()).map(|document| document.read_at);
                let exchange = match read_at {
                    Some(read_at) if self.now.duration_since(read_at) < MAX_UNREAD => self.fetch(request(&url)).await,
                    _ => {
                        self.asked += 1;
                        let exchange = self.transport.fetch(request(&url)).await;
                        if exchange.response().is_some_and(|answer| answer.status == 304) {
                            return Err(Refusal::new(format!(
                                "{url} could not be fetched: the site answered with status 304"
                            )));
                        }
                        exchange
                    }
                };
                self.heed_moves(&url, &exchange);
                let at = self.findings.moved_to.clone().unwrap_or(url);
                let fetched = self.answer(&at, exchange)?;
                let document = self.findings.documents.get_mut(at.as_str()).filter(|_| fetched.is_none());
                if let (Some(document), Some(read_at)) = (document, read_at) {
                    document.read_at = read_at;
                }
                Ok(fetched)
            }
            Input::Path(path) => {
                let name = path.to_string_lossy();
                let document =
                    input::read_document(path, &name).map_err(|reason| Refusal::new(format!("{name} {reason}")))?;
                let url = std::path::absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
                Ok(Some(Fetched { bytes: document.bytes, url, content_type: None }))
            }
            Input::Line(_) => Err(Refusal::new("a source can't be a line of JSON")),
            Input::Stdin => Err(Refusal::new("a source can't be standard input")),
        }
    }

    /// A document that the source's own leads to; none where it is as it was.
    pub(super) async fn further(&mut self, url: &Url) -> Result<Option<Fetched>, Refusal> {
        let exchange = self.fetch(request(url)).await;
        self.answer(url, exchange)
    }

    /// A page that another one leads to, which nobody has named: its site's robots.txt is heeded.
    pub(super) async fn further_page(&mut self, url: &Url) -> Result<Option<Fetched>, Refusal> {
        let exchange = self.fetch(request(url).heeding_robots()).await;
        self.answer(url, exchange)
    }

    /// A page that nobody has named as a source: its site's robots.txt is heeded.
    pub(super) async fn page(&mut self, url: &Url) -> Result<Fetched, Refusal> {
        self.asked += 1;
        let exchange = self.transport.fetch(request(url).heeding_robots()).await;
        self.answer(url, exchange)?.ok_or_else(|| Refusal::new(format!("{url} could not be fetched")))
    }

    /// A document that is read at every poll, whole.
    pub(super) async fn whole(&mut self, url: &Url) -> Result<Fetched, Refusal> {
        self.forget(url);
        self.asked += 1;
        let exchange = self.transport.fetch(request(url)).await;
        let answered = self.answer(url, exchange);
        self.forget(url);
        answered?.ok_or_else(|| Refusal::new(format!("{url} could not be fetched: the site answered with status 304")))
    }

    /// A document of before that was not read this time: the next time it is asked for whole.
    pub(super) fn forget(&mut self, url: &Url) {
        self.findings.documents.remove(url.as_str());
    }

    /// Asks conditionally, where the document's version is known.
    async fn fetch(&mut self, mut request: Request) -> Exchange {
        self.asked += 1;
        if let Some(SourceDocument { validators, .. }) = self.known.documents.get(request.url.as_str()) {
            validators.ask(&mut request);
        }
        self.transport.fetch(request).await
    }

    fn answer(&mut self, url: &Url, exchange: Exchange) -> Result<Option<Fetched>, Refusal> {
        let wall = platforms::wall(&exchange).filter(|(wall, _)| !matches!(wall, Wall::Half | Wall::Empty));
        let started_at = exchange.started_at;
        let response = exchange.answer.map_err(|error| Refusal {
            retry_at: error.until(),
            unasked: error.is_unasked(),
            ..Refusal::new(format!("{url} could not be fetched: {error}"))
        })?;
        self.bytes += response.body.len() as u64;
        if response.status == 304 && self.known.documents.contains_key(url.as_str()) {
            self.as_before += 1;
            self.note_version(url, &response);
            return Ok(None);
        }
        let refuse = |what: String| Refusal {
            retry_at: response.retry_at(started_at),
            gone: response.status == 410,
            ..Refusal::new(format!("{url} could not be fetched: the site answered with {what}"))
        };
        if let Some((wall, by)) = wall {
            return Err(refuse(format!("{wall} ({by})")));
        }
        if !response.is_success() {
            return Err(refuse(format!("status {}", response.status)));
        }
        self.findings.documents.remove(url.as_str());
        self.note_version(url, &response);
        let content_type = response.headers.get("content-type").map(str::to_owned);
        Ok(Some(Fetched { bytes: response.body, url: Some(response.url), content_type }))
    }

    /// What names the version of an answer; "not modified" may name a newer one, or leave it out.
    fn note_version(&mut self, url: &Url, response: &Response) {
        let before = self.findings.documents.remove(url.as_str()).map(|known| known.validators).unwrap_or_default();
        let Validators { etag, last_modified } = Validators::named_by(response);
        let validators =
            Validators { etag: etag.or(before.etag), last_modified: last_modified.or(before.last_modified) };
        self.findings.documents.insert(url.to_string(), SourceDocument { read_at: self.now, validators });
    }

    /// Remembers where the source has moved for good (301, 308), as far as the redirects say so from the start.
    fn heed_moves(&mut self, asked: &Url, exchange: &Exchange) {
        let Some(response) = exchange.response().filter(|response| response.is_success()) else { return };
        let permanent = exchange.hops.iter().take_while(|hop| matches!(hop.status, 301 | 308)).count();
        let target = match exchange.hops.get(permanent) {
            Some(hop) => &hop.url,
            None => &response.url,
        };
        if permanent > 0 && target != asked {
            self.findings.moved_to = Some(target.clone());
            self.findings.notes.push(format!("has moved for good to {target}: write that into the configuration"));
        }
    }
}

fn request(url: &Url) -> Request {
    let request = Request::get(url.clone()).with_header("accept", ACCEPT);
    Request { max_bytes: Some(MAX_DOCUMENT_BYTES), ..request }
}

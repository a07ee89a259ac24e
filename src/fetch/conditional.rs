//! Asks only for what has changed: a request whose answer is known goes out with that answer's `ETag` and
//! `Last-Modified` (RFC 9110, 13.1), and "304 Not Modified" is answered with the body that is known.
//!
//! Whoever reads the exchange sees a plain request with a whole answer, so a platform's plan needs to know nothing of it.

use super::Transport;
use super::manners::{HostMemory, Politeness};
use crate::http::{Exchange, Headers, KnownAnswer, Request, Response, Validators};
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;

/// A transport that knows earlier answers.
pub struct Conditional<'a> {
    inner: &'a dyn Transport,
    known: &'a [KnownAnswer],
}

impl<'a> Conditional<'a> {
    /// Asks `inner`, conditionally where `known` has the same request.
    #[must_use]
    pub fn new(inner: &'a dyn Transport, known: &'a [KnownAnswer]) -> Self {
        Self { inner, known }
    }
}

impl Transport for Conditional<'_> {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let Some(known) = self.known.iter().find(|known| same(&known.exchange.request, &request)) else {
            return self.inner.fetch(request);
        };
        Box::pin(async move {
            let mut asked = request.clone();
            known.validators.ask(&mut asked);
            let mut exchange = self.inner.fetch(asked).await;
            let login = exchange.request.login.take();
            exchange.request = Request { login, ..request };
            if exchange.hops.is_empty()
                && let Ok(answer) = &mut exchange.answer
                && answer.status == 304
                && let Some(before) = known.exchange.response()
            {
                *answer = freshened(before, &known.validators, &answer.headers);
            }
            exchange
        })
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn remember(&self, open: &dyn Fn() -> Option<Arc<dyn HostMemory>>) {
        self.inner.remember(open);
    }

    fn politeness(&self) -> Politeness {
        self.inner.politeness()
    }
}

/// Whether an answer to one request answers the other. Headers that are never kept can't tell them apart.
fn same(known: &Request, asked: &Request) -> bool {
    let public = |headers: &Headers| -> Vec<(String, String)> {
        headers.0.iter().filter(|(name, _)| !crate::http::is_secret_header(name)).cloned().collect()
    };
    known.method == asked.method
        && known.url == asked.url
        && known.body == asked.body
        && public(&known.headers) == public(&asked.headers)
}

/// The known answer, with the headers that "not modified" brings up to date (RFC 9111, 4.3.4).
fn freshened(before: &Response, validators: &Validators, news: &Headers) -> Response {
    let mut answer = before.clone();
    let Validators { etag, last_modified } = validators;
    for (name, sent) in [("etag", etag), ("last-modified", last_modified)] {
        let value = news.get(name).map(str::to_owned).or_else(|| sent.clone());
        if let Some(value) = value {
            answer.headers.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            answer.headers.push(name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Answers 304 to whoever knows version `"2"`, and the second version to everybody else.
    #[derive(Default)]
    struct Server(Mutex<Vec<Request>>);

    fn answer(status: u16, etag: &str, body: &str) -> Response {
        let mut headers = Headers::default();
        headers.push("ETag", etag);
        Response { url: "https://host.example/post".parse().unwrap(), status, headers, body: body.into() }
    }

    fn exchange(request: Request, answer: Response) -> Exchange {
        Exchange { request, hops: Vec::new(), answer: Ok(answer), started_at: Timestamp::UNIX_EPOCH, elapsed_ms: 0 }
    }

    impl Transport for Server {
        fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
            let knows = request.headers.get("if-none-match") == Some("\"2\"");
            self.0.lock().unwrap().push(request.clone());
            let answer = if knows { answer(304, "\"2\"", "") } else { answer(200, "\"2\"", "second") };
            Box::pin(std::future::ready(exchange(request, answer)))
        }
    }

    fn asked(known_etag: &str) -> (Exchange, Vec<Request>) {
        let request = Request::get("https://host.example/post".parse().unwrap());
        let before = exchange(request.clone(), answer(200, known_etag, "known"));
        let known = [KnownAnswer { validators: Validators::of(&before).unwrap(), exchange: before }];
        let server = Server::default();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let got = runtime.block_on(Conditional::new(&server, &known).fetch(request));
        (got, server.0.into_inner().unwrap())
    }

    #[test]
    fn not_modified_is_the_answer_that_is_known() {
        let (got, sent) = asked("\"2\"");
        assert_eq!(sent[0].headers.get("if-none-match"), Some("\"2\""));
        assert_eq!(got.response().map(|r| (r.status, r.text().into_owned())), Some((200, "known".to_owned())));
        assert!(got.request.headers.0.is_empty(), "the plan's own request is kept");
    }

    #[test]
    fn a_changed_answer_comes_whole() {
        let (got, _) = asked("\"1\"");
        assert_eq!(got.response().map(|r| r.text().into_owned()), Some("second".to_owned()));
    }

    #[test]
    fn what_was_redirected_or_empty_or_posted_is_never_asked_for_conditionally() {
        let request = Request::get("https://host.example/post".parse().unwrap());
        let whole = exchange(request, answer(200, "\"1\"", "known"));
        assert!(Validators::of(&whole).is_some());
        let mut redirected = whole.clone();
        redirected.hops.push(answer(301, "", ""));
        let mut empty = whole.clone();
        empty.answer = Ok(answer(200, "\"1\"", ""));
        let mut posted = whole.clone();
        posted.request.method = "POST".to_owned();
        let mut failed = whole;
        failed.answer = Ok(answer(500, "\"1\"", "known"));
        for exchange in [redirected, empty, posted, failed] {
            assert_eq!(Validators::of(&exchange), None);
        }
    }
}

//! A site in memory with a clock of its own, that remembers what it was asked, and an archive that is filled from it.

use embalm::{
    fetch::{Transport, meter::Meter},
    http::{Exchange, FetchError, Headers, Request, Response},
    model::Summary,
    pipeline::{Driver, Input, Revisits, Settings, Source, SourceKind, Stop},
    store::Store,
};
use futures::future::BoxFuture;
use jiff::{Timestamp, ToSpan};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// Where the site's list of articles is.
pub(crate) const LIST: &str = "https://news.example/list.txt";

#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Default)]
struct State {
    pages: HashMap<String, Answer>,
    asked: Vec<(String, bool)>,
    now: Timestamp,
}

/// Answers by address; 404 for what it does not have.
#[derive(Clone, Default)]
pub(crate) struct Site(Arc<Mutex<State>>);

impl Site {
    fn answer(&self, url: &Url, conditional: Option<&str>) -> Response {
        let state = self.0.lock().unwrap();
        let missing = Answer { status: 404, headers: Vec::new(), body: "nothing here".to_owned() };
        let Answer { status, headers, body } = state.pages.get(url.as_str()).cloned().unwrap_or(missing);
        let etag = format!("\"{:x}\"", body.len() as u64 ^ body.bytes().map(u64::from).sum::<u64>() << 16);
        let mut sent = Headers::default();
        headers.iter().for_each(|(name, value)| sent.push(name, value));
        sent.push("content-type", "text/html; charset=utf-8");
        if status == 200 {
            sent.push("etag", &etag);
        }
        let same = status == 200 && conditional == Some(etag.as_str());
        let (status, body) = if same { (304, Vec::new()) } else { (status, body.into_bytes()) };
        Response { url: url.clone(), status, headers: sent, body }
    }
}

impl Transport for Site {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let conditional = request.headers.get("if-none-match").map(str::to_owned);
        let (mut hops, mut url) = (Vec::new(), request.url.clone());
        self.0.lock().unwrap().asked.push((url.to_string(), conditional.is_some()));
        let answer = loop {
            let answer = self.answer(&url, conditional.as_deref());
            let Some(target) = answer.redirect_target().filter(|_| request.follow) else { break Ok(answer) };
            hops.push(answer);
            url = target;
            if hops.len() > 9 {
                break Err(FetchError::TooManyRedirects { limit: 9 });
            }
        };
        let started_at = self.now();
        Box::pin(std::future::ready(Exchange { request, hops, answer, started_at, elapsed_ms: 1 }))
    }

    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }
}

/// A site and the archive that is filled from it.
pub(crate) struct World {
    _folder: TempDir,
    site: Site,
    pub(crate) store: Store,
    pub(crate) settings: Settings,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create_or_open(&folder.path().join("embalm.db")).unwrap();
        let site = Site::default();
        site.0.lock().unwrap().now = "2026-05-12T08:00:00Z".parse().unwrap();
        let ages = [1, 6, 24, 72].map(|hours| Duration::from_secs(hours * 3600)).into();
        let settings = Settings {
            concurrency: 8,
            per_host: 8,
            conditional: true,
            revisits: Revisits { ages, articles: 100_000 },
            article_pages: 5,
            ..Settings::default()
        };
        Self { _folder: folder, site, store, settings }
    }

    /// What the site answers at an address from now on.
    pub(crate) fn page(&self, url: &str, body: &str) {
        self.answers(url, 200, &[], body);
    }

    pub(crate) fn answers(&self, url: &str, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = Answer { status, headers, body: body.to_owned() };
        self.site.0.lock().unwrap().pages.insert(url.to_owned(), answer);
    }

    /// Time passes.
    pub(crate) fn after_hours(&self, hours: i64) {
        let mut state = self.site.0.lock().unwrap();
        state.now = state.now.checked_add(hours.hours()).unwrap();
    }

    /// The scheduled job, with the site's list, or the feed at this address.
    pub(crate) fn run(&mut self) -> Summary {
        self.run_with(SourceKind::List, LIST)
    }

    pub(crate) fn run_with(&mut self, kind: SourceKind, url: &str) -> Summary {
        let source = Source::new("the site", kind, Input::Url(url.parse().unwrap()));
        let transport = Arc::new(Meter::new(Arc::new(self.site.clone())));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (store, settings) = (&mut self.store, self.settings.clone());
        runtime.block_on(async {
            let mut driver = Driver::begin(store, transport, settings, Stop::after(None), "run", |_| {}).unwrap();
            driver.crawl(&[source]).await.unwrap();
            driver.finish().unwrap().summary
        })
    }

    /// What was asked since the last time, in alphabetical order: the address, and whether for changes alone.
    pub(crate) fn asked(&self) -> Vec<(String, bool)> {
        let mut asked = std::mem::take(&mut self.site.0.lock().unwrap().asked);
        asked.sort();
        asked
    }

    /// One number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let connection = rusqlite::Connection::open(self.store.path()).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Articles, versions, posts, snapshots, exchanges, and what was entered of them.
    pub(crate) fn rows(&self) -> [i64; 6] {
        ["articles", "article_versions", "posts", "snapshots", "exchanges", "entries"]
            .map(|table| self.number(&format!("SELECT count(*) FROM {table}")))
    }
}

/// A page with a headline and these words, and more in its head and beside its article.
pub(crate) fn page(title: &str, words: &str, head: &str, beside: &str) -> String {
    format!(
        "<!doctype html><html lang='en'><head><title>{title}</title><meta property='og:title' content='{title}'>{head}</head>\
         <body><main><article><h1>{title}</h1>{words}</article></main><aside>{beside}</aside></body></html>"
    )
}

/// Three paragraphs that no other number has.
pub(crate) fn words(number: usize) -> String {
    (0..3)
        .map(|nth| {
            format!(
                "<p>Paragraph {nth} of story {number}: the harbour master of Calder Quay, who has seen {number} winters, said \
                 that the ferry would sail when it sails, and that nobody should wait for it in the rain.</p>"
            )
        })
        .collect()
}

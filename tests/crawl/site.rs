//! A world of news sites and fediverse servers on loopback, where a part of all answers fails. What fails, and how, follows
//! from a seed, the address, and how often it was asked for: so it is the same every time, in whatever order it is asked.

use crate::server::{Asked, Reply, Server, certificates};
use embalm::fetch::connect_to::ConnectTo;
use serde_json::json;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    time::Instant,
};
use url::Url;

/// How large the world is, and how often it fails.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) articles: usize,
    pub(crate) posts_an_article: usize,
    pub(crate) news_hosts: usize,
    pub(crate) post_hosts: usize,
    /// Of a hundred answers so many fail.
    pub(crate) failing_percent: u64,
}

/// What can go wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fault {
    Reset,
    Timeout,
    ServerError,
    Unavailable,
    Truncated,
    Drip,
}

const FAULTS: [Fault; 6] =
    [Fault::Reset, Fault::Timeout, Fault::ServerError, Fault::Unavailable, Fault::Truncated, Fault::Drip];

/// What the servers have seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// The times at which each host was asked for anything.
    pub(crate) hosts: HashMap<String, Vec<Instant>>,
    /// How often each address was asked for.
    addresses: HashMap<String, u64>,
    /// How often each fault was served.
    pub(crate) faults: HashMap<Fault, u64>,
    /// Of each address, how often it was answered well.
    pub(crate) answered: HashMap<String, u64>,
}

pub(crate) struct Site {
    pub(crate) size: Size,
    plain: Server,
    tls: Server,
    pub(crate) authority_pem: String,
    seen: Arc<Mutex<Seen>>,
}

fn news_host(nth: usize) -> String {
    format!("news{nth}.example")
}

fn post_host(nth: usize) -> String {
    format!("social{nth}.example")
}

impl Size {
    /// The address of an article.
    pub(crate) fn article(&self, nth: usize) -> String {
        format!("http://{}/2026/11/story-{nth}.html", news_host(nth % self.news_hosts))
    }

    /// The host and number of a post.
    fn post(&self, article: usize, nth: usize) -> (String, u64) {
        let post = article * self.posts_an_article + nth;
        (post_host(post % self.post_hosts), 116_300_000_000_000_000 + post as u64)
    }

    /// The addresses of the feeds.
    pub(crate) fn feeds(&self) -> Vec<Url> {
        (0..self.news_hosts).map(|nth| format!("http://{}/feed.xml", news_host(nth)).parse().unwrap()).collect()
    }

    fn hosts(&self) -> impl Iterator<Item = (String, u16)> {
        let news = (0..self.news_hosts).map(|nth| (news_host(nth), 80));
        news.chain((0..self.post_hosts).map(|nth| (post_host(nth), 443)))
    }

    /// The page of an address, with its type.
    fn page(&self, url: &Url) -> Option<(&'static str, Vec<u8>)> {
        let host = url.host_str()?;
        if let Some(nth) = host.strip_prefix("news").and_then(|rest| rest.strip_suffix(".example")) {
            if url.path() == "/feed.xml" {
                return Some(("application/rss+xml", self.feed(nth.parse().ok()?).into_bytes()));
            }
            let nth: usize = url.path().strip_prefix("/2026/11/story-")?.strip_suffix(".html")?.parse().ok()?;
            return Some(("text/html; charset=utf-8", self.story(nth).into_bytes()));
        }
        const OBJECT: &str = "application/activity+json";
        if url.path() == "/users/mole" {
            return Some((OBJECT, author(host).into_bytes()));
        }
        if let Some(id) = url.path().strip_prefix("/api/v1/statuses/") {
            return Some(("application/json", status(host, id.parse().ok()?).into_bytes()));
        }
        let id = ["/@mole/", "/users/mole/statuses/"].iter().find_map(|place| url.path().strip_prefix(place))?;
        Some((OBJECT, object(host, id.parse().ok()?).into_bytes()))
    }

    fn feed(&self, host: usize) -> String {
        let items: String = (0..self.articles)
            .filter(|nth| nth % self.news_hosts == host)
            .map(|nth| format!("<item><title>Story {nth}</title><link>{}</link></item>", self.article(nth)))
            .collect();
        format!("<rss version=\"2.0\"><channel><title>News {host}</title>{items}</channel></rss>")
    }

    fn story(&self, nth: usize) -> String {
        let embeds: String = (0..self.posts_an_article)
            .map(|post| {
                let (host, id) = self.post(nth, post);
                format!("<iframe src=\"https://{host}/@mole/{id}/embed\" class=\"mastodon-embed\"></iframe><p>And then the tide turned.</p>")
            })
            .collect();
        format!(
            "<html><head><title>Story {nth}</title></head><body><article><h1>Story {nth}</h1><p>Low water at the pier, \
             says number {nth}.</p>{embeds}</article></body></html>"
        )
    }
}

fn status(host: &str, id: u64) -> String {
    json!({
        "id": id.to_string(), "created_at": "2026-03-29T06:15:30.250Z", "in_reply_to_id": null, "sensitive": false,
        "spoiler_text": "", "visibility": "public", "language": "en",
        "uri": format!("https://{host}/users/mole/statuses/{id}"), "url": format!("https://{host}/@mole/{id}"),
        "replies_count": 1, "reblogs_count": 2, "favourites_count": 3, "edited_at": null,
        "content": format!("<p>Low water number {id}</p>"), "reblog": null,
        "account": {"id": "4711", "username": "mole", "acct": "mole", "display_name": "Mole",
            "url": format!("https://{host}/@mole"), "uri": format!("https://{host}/users/mole"),
            "avatar": "", "avatar_static": "", "emojis": [], "fields": []},
        "media_attachments": [], "mentions": [], "tags": [], "emojis": [], "card": null, "poll": null,
    })
    .to_string()
}

/// The same post as servers tell each other of it: asked for where the API fails.
fn object(host: &str, id: u64) -> String {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams"], "type": "Note",
        "id": format!("https://{host}/users/mole/statuses/{id}"), "url": format!("https://{host}/@mole/{id}"),
        "attributedTo": format!("https://{host}/users/mole"), "published": "2026-03-29T06:15:30Z",
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [], "sensitive": false,
        "content": format!("<p>Low water number {id}</p>"), "attachment": [], "tag": [],
    })
    .to_string()
}

fn author(host: &str) -> String {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams"], "type": "Person",
        "id": format!("https://{host}/users/mole"), "url": format!("https://{host}/@mole"),
        "preferredUsername": "mole", "name": "Mole",
    })
    .to_string()
}

fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// How the nth answer for an address fails, if it does.
fn fault(size: Size, seed: u64, url: &str, nth: u64) -> Option<Fault> {
    (digest((seed, url, nth)) % 100 < size.failing_percent).then(|| {
        let which = digest((url, nth, seed)) % FAULTS.len() as u64;
        FAULTS[usize::try_from(which).unwrap()]
    })
}

fn answer(size: Size, seed: u64, seen: &Mutex<Seen>, asked: &Asked) -> Reply {
    let url: Url = asked.url.parse().unwrap();
    let Some((kind, body)) = size.page(&url) else {
        seen.lock()
            .unwrap()
            .hosts
            .entry(url.host_str().unwrap_or_default().to_owned())
            .or_default()
            .push(Instant::now());
        return Reply::new("404 Not Found\r\ncontent-type: text/plain", b"nothing here");
    };
    let fault = {
        let mut seen = seen.lock().unwrap();
        seen.hosts.entry(url.host_str().unwrap_or_default().to_owned()).or_default().push(Instant::now());
        let count = seen.addresses.entry(asked.url.clone()).or_default();
        *count += 1;
        let nth = *count;
        let fault = fault(size, seed, &asked.url, nth);
        match fault {
            Some(fault) => *seen.faults.entry(fault).or_default() += 1,
            None => *seen.answered.entry(asked.url.clone()).or_default() += 1,
        }
        fault
    };
    let whole = || match Reply::new(&format!("200 OK\r\ncontent-type: {kind}"), &body) {
        Reply::Bytes(bytes) => bytes,
        _ => Vec::new(),
    };
    match fault {
        None => Reply::Bytes(whole()),
        Some(Fault::Reset) => Reply::Bytes(Vec::new()),
        Some(Fault::Timeout) => Reply::ThenSilence(Vec::new()),
        Some(Fault::ServerError) => Reply::new("500 Internal Server Error\r\ncontent-type: text/plain", b"oops"),
        Some(Fault::Unavailable) => Reply::new("503 Service Unavailable\r\nretry-after: 120", b"later"),
        Some(Fault::Truncated) => {
            let mut bytes = whole();
            bytes.truncate(bytes.len() - body.len() / 2);
            Reply::Bytes(bytes)
        }
        Some(Fault::Drip) => Reply::Drip(whole()),
    }
}

impl Site {
    pub(crate) fn new(size: Size, seed: u64) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let says = || {
            let seen = Arc::clone(&seen);
            move |asked: &Asked| answer(size, seed, &seen, asked)
        };
        let names = size.hosts().filter(|(_, port)| *port == 443).map(|(host, _)| host);
        let (tls, authority_pem) = certificates(names);
        Self { size, plain: Server::new(says()), tls: Server::with_tls(tls, says()), authority_pem, seen }
    }

    /// Rules that lead every host here.
    pub(crate) fn rules(&self) -> Vec<ConnectTo> {
        let rule = |(host, port): (String, u16)| {
            let server = if port == 443 { &self.tls } else { &self.plain };
            server.standing_for(&host, &port.to_string())
        };
        self.size.hosts().map(rule).collect()
    }

    /// What has been seen so far.
    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// Begins a new measure of the pace.
    pub(crate) fn forget_times(&self) {
        self.seen.lock().unwrap().hosts.clear();
    }
}

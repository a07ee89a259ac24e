//! Made-up archives: what a machine does over some days, in random order, by the store's own writing functions.

use embalm::{
    http::{Exchange, Headers, Request, Response},
    model::{
        Article, Author, Embed, Failure, Form, Gone, Media, MediaKind, Outcome, Post, PostRef, Quoted, Related, Scope,
        Summary, Target, Via, Withheld,
    },
    store::{
        ArticleLook, ArticleRetry, Capture, CapturedMedia, Filter, Import, Keep, Leads, LookFound, MediaFile,
        MissingFile, Named, NewArticle, OverTime, PrunableFiles, Pruning, Retry, Rung, Save, SourceRow, SourceState,
        Store, StoreError,
    },
};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use sha2::Digest;
use std::path::Path;
use url::Url;

/// One thing that a machine does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// The time goes on; else all happens at one instant.
    Wait,
    /// The run ends, and another one begins.
    NextRun,
    /// An article is archived: which, what it says, its posts, whether another address leads to it.
    Article { name: u8, says: u8, posts: Vec<u8>, address: Option<u8> },
    /// An article is looked at without news: which, what came of it.
    ArticleLook { name: u8, found: u8 },
    /// An article could not be had.
    ArticleFailed { name: u8 },
    /// A post is captured: which, what it says, through which rung, whether its picture came, what it quotes.
    Found { post: u8, says: u8, via: u8, picture: u8, quotes: Option<u8> },
    /// Its platform says that it is not there.
    Missing { post: u8, how: u8 },
    /// It could not be had.
    Failed { post: u8, again: bool },
    /// A short link turns out to be a post.
    Adopted { link: u8, post: u8 },
    /// An article quotes a post.
    Quoted { post: u8, says: u8 },
    /// A source is asked, and names an article.
    Poll { source: u8, name: u8 },
    /// A web archive is asked to save a post.
    Saved { post: u8 },
    /// Something is hidden, or removed.
    Redact { what: u8, remove: bool },
    /// What was hidden is shown again.
    Lift { what: u8 },
    /// A person's own export is read.
    Imported { post: u8, says: u8 },
    /// What some rules say is let go.
    Pruned { rule: u8 },
}

/// What can be redacted: posts, two articles, two files, two short links.
pub(crate) fn redactable(what: u8) -> String {
    match what {
        0..6 => format!("twitter:{}", 100 + what),
        6..8 => name(what - 6),
        10..12 => format!("twitter:short/{}", what - 4),
        _ => digest(&picture_bytes(what - 8)),
    }
}

fn picture_bytes(says: u8) -> Vec<u8> {
    format!("\u{89}PNG picture {says}").into_bytes()
}

fn digest(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn act() -> impl Strategy<Value = Act> {
    let (post, name) = (0..6_u8, 0..4_u8);
    prop_oneof![
        4 => Just(Act::Wait),
        2 => Just(Act::NextRun),
        4 => (name.clone(), 0..3_u8, prop::collection::vec(0..8_u8, 0..3), prop::option::of(0..3_u8))
            .prop_map(|(name, says, posts, address)| Act::Article { name, says, posts, address }),
        1 => (name.clone(), 0..3_u8).prop_map(|(name, found)| Act::ArticleLook { name, found }),
        1 => name.clone().prop_map(|name| Act::ArticleFailed { name }),
        8 => (post.clone(), 0..3_u8, 0..3_u8, 0..3_u8, prop::option::of(0..6_u8))
            .prop_map(|(post, says, via, picture, quotes)| Act::Found { post, says, via, picture, quotes }),
        3 => (post.clone(), 0..3_u8).prop_map(|(post, how)| Act::Missing { post, how }),
        3 => (0..8_u8, any::<bool>()).prop_map(|(post, again)| Act::Failed { post, again }),
        2 => (6..8_u8, post.clone()).prop_map(|(link, post)| Act::Adopted { link, post }),
        2 => (0..8_u8, 0..3_u8).prop_map(|(post, says)| Act::Quoted { post, says }),
        1 => (0..2_u8, name).prop_map(|(source, name)| Act::Poll { source, name }),
        1 => post.prop_map(|post| Act::Saved { post }),
        3 => (0..12_u8, 0..4_u8).prop_map(|(what, how)| Act::Redact { what, remove: how == 0 }),
        3 => (0..12_u8).prop_map(|what| Act::Lift { what }),
        1 => (0..8_u8, 0..3_u8).prop_map(|(post, says)| Act::Imported { post, says }),
        1 => (0..RULES).prop_map(|rule| Act::Pruned { rule }),
    ]
}

/// How many rules there are.
const RULES: u8 = 4;

/// Every rule at once, and what a person may ask for besides.
pub(crate) fn pruning(rule: u8) -> Pruning {
    let none = Pruning::default();
    match rule {
        0 => {
            let keep = Keep { last: Some(1), ..Keep::default() };
            Pruning { snapshots: true, versions: true, repeats: true, orphans: true, keep, ..none }
        }
        1 => Pruning { files: Some(PrunableFiles { shown: true, ..PrunableFiles::default() }), ..none },
        2 => {
            Pruning { posts: true, filter: Filter { author: Some("clerk_1".to_owned()), ..Filter::default() }, ..none }
        }
        _ => Pruning { articles: true, filter: Filter { lang: Some("en".to_owned()), ..Filter::default() }, ..none },
    }
}

/// At most so many acts.
pub(crate) fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 0..=most)
}

/// An archive of some of everything.
pub(crate) fn some(seed: u8) -> Vec<Act> {
    let mut acts = vec![Act::Article { name: seed, says: 0, posts: vec![0, 6, 7], address: Some(0) }];
    for post in 0..4 {
        acts.push(Act::Found { post, says: seed, via: post % 3, picture: post % 3, quotes: Some(post + 1) });
        acts.push(Act::Wait);
    }
    acts.extend([
        Act::Missing { post: 1, how: 0 },
        Act::NextRun,
        Act::Adopted { link: 6, post: seed },
        Act::Failed { post: 7, again: true },
        Act::Poll { source: 0, name: 3 },
        Act::Saved { post: 2 },
        Act::Quoted { post: 3, says: seed },
        Act::ArticleFailed { name: 3 },
    ]);
    acts
}

/// Posts 6 and 7 are known by short links alone.
fn post_ref(n: u8) -> PostRef {
    let (id, url) = match n {
        0..6 => (format!("{}", 100 + n), format!("https://social.example/i/status/{}", 100 + n)),
        _ => (format!("short/{n}"), format!("https://s.example/{n}")),
    };
    PostRef { platform: "twitter".to_owned(), id, author: None, url: url.parse().unwrap() }
}

fn post(n: u8, says: u8, picture: u8) -> Post {
    let author = Author { handle: format!("Clerk_{n}"), name: Some("Zoë Færry".to_owned()), ..Author::default() };
    let mut post =
        Post::new(post_ref(n), author, ["We sail at noon", "We sail at one", "No ferry today"][says as usize % 3]);
    post.published = "2025-12-31T08:00:00Z".parse().ok();
    if picture > 0 {
        post.media = vec![Media::new(MediaKind::Image, format!("https://img.example/{n}-{says}.png"))];
    }
    post
}

fn name(n: u8) -> String {
    format!("https://news.example/story-{n}")
}

/// A machine that writes an archive.
struct Machine {
    store: Store,
    run: i64,
    now: Timestamp,
    machine: u32,
    runs: u64,
}

/// Lets a machine do these things to the archive at `path`. No two machines begin a run at one instant.
pub(crate) fn write(path: &Path, machine: u32, acts: &[Act]) {
    let store = Store::create_or_open(path).unwrap();
    let now = if machine == 0 { "2026-01-01T00:00:00Z" } else { "2026-01-02T00:00:00Z" };
    let mut machine = Machine { store, run: 0, now: now.parse().unwrap(), machine, runs: 0 };
    machine.begin();
    for act in acts {
        machine.act(act);
    }
    machine.end();
}

impl Machine {
    fn begin(&mut self) {
        let offset = i64::from(self.machine);
        self.run = self.store.begin_run("run", self.now + offset.milliseconds()).unwrap();
        self.runs += 1;
    }

    fn end(&mut self) {
        let summary = Summary { run: self.run, requests: self.runs, ..Summary::default() };
        self.store.finish_run(&summary, self.now + 1.second()).unwrap();
        if !self.runs.is_multiple_of(3) {
            self.store.conclude_run(self.run, 0, &[]).unwrap();
        }
    }

    /// Something that is done between two runs.
    fn alone(&mut self, work: impl FnOnce(&mut Store, Timestamp) -> Result<(), StoreError>) {
        self.end();
        self.now += 1.minute();
        work(&mut self.store, self.now + i64::from(self.machine).milliseconds()).unwrap();
        self.now += 1.minute();
        self.begin();
    }

    fn exchange(&self, url: &str, body: &str) -> Exchange {
        exchange_at(self.now, url.parse().unwrap(), body)
    }

    fn capture(&mut self, n: u8, via: Via, outcome: Outcome, media: Vec<CapturedMedia>, retry: Option<Retry>) {
        let exchanges = match via {
            Via::Quoted => Vec::new(),
            _ => vec![self.exchange(&format!("https://api.example/{n}"), &format!("{outcome:?}"))],
        };
        let rung = Rung { captured_at: self.now, outcome, via, exchanges, media };
        let capture = Capture { post: post_ref(n), rungs: vec![rung], retry, related: Vec::new() };
        self.store.save_capture(self.run, &capture).unwrap();
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Wait => self.now += 1.minute(),
            Act::NextRun => {
                self.end();
                self.now += 1.hour();
                self.begin();
            }
            Act::Article { name: n, says, posts, address } => self.article(*n, *says, posts, *address),
            Act::ArticleLook { name: n, found } => {
                let Some(known) = self.store.known_article(&name(*n)).unwrap() else { return };
                let found = match found {
                    0 => LookFound::Gone,
                    1 => LookFound::Unchanged(Some((name(*n).parse().unwrap(), None))),
                    _ => LookFound::Failed,
                };
                let due_at = Some(self.now + 1.hour());
                let look = ArticleLook { article_id: known.article_id, looked_at: self.now, due_at, found };
                self.store.note_article_looks(&[look]).unwrap();
            }
            Act::ArticleFailed { name: n } => {
                let retry = Retry::at(self.now + 1.hour(), "status 503");
                let failed = ArticleRetry { name: name(*n), source: "harbour".to_owned(), failed_at: self.now, retry };
                self.store.queue_article(&failed).unwrap();
            }
            Act::Found { post, says, via, picture, quotes } => self.found(*post, *says, *via, *picture, *quotes),
            Act::Missing { post, how } => {
                let outcome = match how {
                    0 => Outcome::Gone(Gone::Deleted),
                    1 => Outcome::Gone(Gone::Suspended),
                    _ => Outcome::Withheld(Withheld::Private),
                };
                self.capture(*post, Via::Syndication, outcome, Vec::new(), None);
            }
            Act::Failed { post, again } => {
                let retry = again.then(|| Retry::at(self.now + 2.hours(), "status 503"));
                let outcome = Outcome::Failed(Failure::Http { status: 503 });
                self.capture(*post, Via::Syndication, outcome, Vec::new(), retry);
            }
            Act::Adopted { link, post } => self.store.adopt(&post_ref(*link), &post_ref(*post)).unwrap(),
            Act::Quoted { post: n, says } => {
                self.store.save_quotation(self.run, &post_ref(*n), &post(*n, *says, 0), self.now).unwrap();
            }
            Act::Poll { source, name: n } => self.poll(*source, *n),
            Act::Redact { what, remove } => {
                self.alone(|store, now| {
                    store.redact(&[redactable(*what)], &format!("asked for {what}"), *remove, now).map(drop)
                });
            }
            Act::Lift { what } => {
                self.alone(|store, now| store.lift(&[redactable(*what)], "asked again", now).map(drop));
            }
            Act::Imported { post: n, says } => {
                let import = Import { content: post(*n, *says, 0), media: Vec::new(), dated: self.now, asked: None };
                self.store.save_import(self.run, &import).unwrap();
            }
            Act::Pruned { rule } => {
                self.alone(|store, now| store.prune(&pruning(*rule), "a rule", now, |_| ()).map(drop));
            }
            Act::Saved { post } => {
                let (memento, failure) = (None, Some("it is busy".to_owned()));
                let save = Save { post: post_ref(*post), asked_at: self.now, memento, failure };
                self.store.keep_save(self.run, &save).unwrap();
            }
        }
    }

    fn found(&mut self, n: u8, says: u8, via: u8, picture: u8, quotes: Option<u8>) {
        let via = [Via::Syndication, Via::Oembed, Via::Memento][via as usize];
        let mut content = post(n, says, picture);
        if let Some(other) = quotes.filter(|other| *other != n) {
            content.quoted = Some(Related { post: post_ref(other), content: Some(Box::new(post(other, says, 0))) });
        }
        let media: Vec<_> = content.media.clone();
        let media = media
            .into_iter()
            .map(|media| CapturedMedia {
                file: match picture {
                    1 => Ok(MediaFile::new(media.url.clone(), picture_bytes(says))),
                    _ => Err(MissingFile::from("status 404".to_owned())),
                },
                media,
            })
            .collect();
        self.capture(n, via, Outcome::Found(Box::new(content)), media, None);
    }

    fn article(&mut self, n: u8, says: u8, posts: &[u8], address: Option<u8>) {
        let name = name(n);
        let article = Article {
            url: name.parse().ok(),
            title: format!("The last ferry {says}"),
            byline: None,
            site_name: None,
            published: "2026-01-01".parse().ok(),
            lang: Some("en".to_owned()),
            text: format!("It left at {says}."),
            body_html: format!("<p>It left at {says}.</p>"),
        };
        let embeds: Vec<_> = posts.iter().enumerate().map(|(at, post)| (embed(at, *post), post_ref(*post))).collect();
        let page = self.exchange(&name, &format!("<p>{says}</p>"));
        let digest = format!("{says}{posts:?}");
        let addresses: Vec<(Url, Leads)> =
            address.map(|n| (format!("https://amp.example/{n}").parse().unwrap(), Leads::Amp)).into_iter().collect();
        let original = format!("<p>{says}</p>{posts:?}");
        let new = NewArticle {
            name: &name,
            source: "harbour",
            kind: "html",
            original: original.as_bytes(),
            content_type: Some("text/html"),
            article: &article,
            embeds: &embeds,
            exchange: Some(&page),
            captured_at: self.now,
            over_time: OverTime {
                content_digest: Some(&digest),
                addresses: &addresses,
                due_at: Some(self.now + 1.hour()),
                ..OverTime::default()
            },
        };
        self.store.save_article(self.run, &new).unwrap();
    }

    fn poll(&mut self, source: u8, n: u8) {
        let row = SourceRow {
            name: format!("source {source}"),
            parent: None,
            kind: "feed".to_owned(),
            place: format!("https://news.example/{source}.xml"),
            labels: vec!["harbour".to_owned()],
            lang: None,
        };
        let state =
            SourceState { last_polled_at: Some(self.now), last_success_at: Some(self.now), ..SourceState::default() };
        let named = [Named { name: name(n), post: None }];
        self.store.keep_poll(&row, &state, &named, None).unwrap();
    }
}

/// An exchange of that instant, with a redirect on the way.
pub(crate) fn exchange_at(started_at: Timestamp, url: Url, body: &str) -> Exchange {
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    let hop = Response { url: url.clone(), status: 301, headers: Headers::default(), body: b"moved".to_vec() };
    let answer = Response { url: url.clone(), status: 200, headers, body: body.as_bytes().to_vec() };
    let request = Request::get(url);
    Exchange { request, hops: vec![hop], answer: Ok(answer), started_at, elapsed_ms: 31 }
}

fn embed(position: usize, post: u8) -> Embed {
    let post = post_ref(post);
    let target = match post.id.starts_with("short") {
        true => Target::ShortLink { platform: "twitter".to_owned(), url: post.url },
        false => Target::Post(post),
    };
    let quoted = Quoted { text: Some("We sail at noon".to_owned()), ..Quoted::default() };
    Embed { position, form: Form::Blockquote, target, scope: Scope::Article, quoted }
}

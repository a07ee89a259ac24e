//! Shards of one crawl, as several machines would have left them: each has posts of its own and some that the next one has
//! too, in the articles that both of them read. They are written by the store's own functions, with the platforms' answers,
//! and sealed.

use super::{POSTS_PER_ARTICLE, article_name, handle, instant, platform, post_id, words::Vocabulary};
use embalm::{
    http::{Exchange, Headers, Request, Response},
    model::{
        Article, Author, Embed, Failure, Form, Gone, Media, MediaKind, Outcome, Post, PostRef, Quoted, Scope, Summary,
        Target, Via,
    },
    store::{Capture, CapturedMedia, MediaFile, NewArticle, OverTime, Retry, Rung, Store},
};
use jiff::{Timestamp, ToSpan};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Of a hundred posts of a shard so many are in the next one as well.
const SHARED_PERCENT: u64 = 10;
/// Different pictures, and their sizes.
const PICTURES: u64 = 20_000;
const PICTURE_BYTES: u64 = 6000;
/// Articles that are committed at once.
const GROUP: u64 = 50;

/// The shards with so many posts each, made where they are not there yet.
pub(crate) fn of(shards: u64, posts: u64) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shards-{posts}"));
    fs::create_dir_all(&folder).unwrap();
    let words = Vocabulary::new();
    let path = |n: u64| folder.join(format!("{n}.db"));
    std::thread::scope(|scope| {
        for n in (0..shards).filter(|n| !path(*n).exists()) {
            let words = &words;
            scope.spawn(move || make(&path(n), words, n, posts));
        }
    });
    (0..shards).map(path).collect()
}

fn make(path: &Path, words: &Vocabulary, shard: u64, posts: u64) {
    let unfinished = path.with_extension("unfinished");
    for left in ["", "-wal", "-shm"] {
        let mut name = unfinished.clone().into_os_string();
        name.push(left);
        let _ = fs::remove_file(name);
    }
    let articles = (posts / POSTS_PER_ARTICLE).max(1);
    let first = shard * (articles - articles * SHARED_PERCENT / 100);
    let mut machine = Machine { store: Store::create_or_open(&unfinished).unwrap(), words, run: 0, shard };
    let began = instant(first * POSTS_PER_ARTICLE) + shard.cast_signed().milliseconds();
    machine.run = machine.store.begin_run("run", began).unwrap();
    for article in first..first + articles {
        if (article - first).is_multiple_of(GROUP) {
            machine.store.commit_group().unwrap();
            machine.store.begin_group().unwrap();
        }
        machine.article(article);
    }
    machine.store.commit_group().unwrap();
    let summary = Summary { run: machine.run, ..Summary::default() };
    machine.store.finish_run(&summary, instant((first + articles) * POSTS_PER_ARTICLE)).unwrap();
    machine.store.conclude_run(machine.run, 0, &[]).unwrap();
    drop(machine);
    fs::rename(&unfinished, path).unwrap();
}

/// A machine that crawls.
struct Machine<'a> {
    store: Store,
    words: &'a Vocabulary,
    run: i64,
    shard: u64,
}

impl Machine<'_> {
    /// Each machine is there at another second.
    fn now(&self, post: u64) -> Timestamp {
        instant(post) + self.shard.cast_signed().seconds()
    }

    fn exchange(&self, url: &str, kind: &str, body: &str, at: Timestamp) -> Exchange {
        let url: url::Url = url.parse().unwrap();
        let mut headers = Headers::default();
        headers.push("content-type", kind);
        headers.push("date", at.to_string());
        let answer = Response { url: url.clone(), status: 200, headers, body: body.as_bytes().to_vec() };
        Exchange { request: Request::get(url), hops: Vec::new(), answer: Ok(answer), started_at: at, elapsed_ms: 80 }
    }

    fn article(&mut self, n: u64) {
        let (name, language) = (article_name(n), super::words::language(n ^ 0x6172));
        let first = n * POSTS_PER_ARTICLE;
        let paragraphs: Vec<String> =
            (0..POSTS_PER_ARTICLE).map(|part| self.words.prose(language, (first + part) ^ 0x7465_7874, 20)).collect();
        let body_html: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
        let original = format!("<html><!-- {n} -->{body_html}</html>");
        let at = self.now(first);
        let article = Article {
            url: name.parse().ok(),
            title: self.words.prose(language, n ^ 0x7469, 7),
            byline: Some("A Reporter".to_owned()),
            site_name: Some("Harbour News".to_owned()),
            published: "2024-01-01".parse().ok(),
            lang: Some(super::words::LANGUAGES[language].code.to_owned()),
            text: paragraphs.join("\n\n"),
            body_html,
        };
        let embeds: Vec<_> = (0..POSTS_PER_ARTICLE).map(|at| embed(at as usize, first + at)).collect();
        let page = self.exchange(&name, "text/html", &original, at);
        let new = NewArticle {
            name: &name,
            source: "bench",
            kind: "html",
            original: original.as_bytes(),
            content_type: Some("text/html"),
            article: &article,
            embeds: &embeds,
            exchange: Some(&page),
            captured_at: at,
            over_time: OverTime::default(),
        };
        self.store.save_article(self.run, &new).unwrap();
        for post in first..first + POSTS_PER_ARTICLE {
            self.post(post);
        }
    }

    fn post(&mut self, n: u64) {
        let at = self.now(n);
        let (outcome, media, retry) = match n % 40 {
            11 => {
                let retry = Retry::at(at + 24.hours(), "status 503");
                (Outcome::Failed(Failure::Http { status: 503 }), Vec::new(), Some(retry))
            }
            7 | 27 => (Outcome::Gone(Gone::Deleted), Vec::new(), None),
            _ => {
                let (post, media) = self.content(n);
                (Outcome::Found(Box::new(post)), media, None)
            }
        };
        let body = format!("{{\"id\":\"{}\",\"answer\":{:?}}}", post_id(n), outcome);
        let url = format!("https://api.example/posts/{}", post_id(n));
        let exchanges = vec![self.exchange(&url, "application/json", &body, at)];
        let rung = Rung { captured_at: at, outcome, via: Via::Syndication, exchanges, media };
        let capture = Capture { post: post_ref(n), rungs: vec![rung], retry, related: Vec::new() };
        self.store.save_capture(self.run, &capture).unwrap();
    }

    fn content(&self, n: u64) -> (Post, Vec<CapturedMedia>) {
        let (language, rank) = (super::words::language(n), super::author(n));
        let name = format!("{} {}", self.words.word(0, rank + 500), self.words.word(language, rank % 3000 + 30));
        let author = Author { handle: handle(rank), name: Some(name), ..Author::default() };
        let text = self.words.prose(language, n * 2, 6 + super::scatter(n) % 30);
        let mut post = Post::new(post_ref(n), author, text);
        post.published = (instant(n) - 30.hours()).to_string().parse().ok();
        post.lang = Some(super::words::LANGUAGES[language].code.to_owned());
        if n.is_multiple_of(3) {
            post.media = vec![Media::new(MediaKind::Image, format!("https://media.example/{n}.png"))];
        }
        let media = post.media.clone().into_iter().map(|media| {
            let file = Ok(MediaFile::new(media.url.clone(), picture(super::scatter(n) % PICTURES)));
            CapturedMedia { file, media }
        });
        let media = media.collect();
        (post, media)
    }
}

/// A picture as no packing makes it smaller.
fn picture(n: u64) -> Vec<u8> {
    let length = PICTURE_BYTES / 16 + super::scatter(n) % (PICTURE_BYTES / 4);
    let noise = (0..length).flat_map(|at| super::scatter(n << 20 | at).to_le_bytes());
    b"\x89PNG\r\n\x1a\n".iter().copied().chain(noise).collect()
}

fn post_ref(n: u64) -> PostRef {
    let url = format!("https://social.example/i/status/{}", post_id(n)).parse().unwrap();
    PostRef { platform: platform(n).to_owned(), id: post_id(n).to_string(), author: None, url }
}

fn embed(position: usize, n: u64) -> (Embed, PostRef) {
    let target = Target::Post(post_ref(n));
    let embed = Embed { position, form: Form::Blockquote, target, scope: Scope::Article, quoted: Quoted::default() };
    (embed, post_ref(n))
}

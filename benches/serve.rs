//! How soon the viewer answers: the time to the first byte of each kind of page, from an archive of 10,000 articles
//! with 20 posts each, out of 100,000 posts, over a real socket of this machine, beside two floors of the same run.
//!
//! `cargo bench --bench serve` prints the median and the 95th percentile of each. `EMBALM_BENCH_POSTS=1000000` asks for
//! another number of posts, with a tenth as many articles. The archive is made once, by the calls that a run makes, and
//! kept under `target/`. Each round asks every kind of page once, each time for another one, so that a busy machine
//! slows all of them alike.
//!
//! The last lines tell what the server's memory was at most while it streamed a file of 500 MB.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints what it measured")]

use embalm::{
    model::{Article, Author, Embed, Form, Outcome, Post, PostRef, Quoted, Scope, Target, Via},
    store::{Capture, CapturedMedia, FileBytes, MediaFile, NewArticle, OverTime, Rung, Store},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

/// Posts where the environment names no number.
const POSTS: u64 = 100_000;
/// Articles for so many posts one.
const POSTS_PER_ARTICLE: u64 = 10;
/// Posts that an article embeds; most posts stand in two.
const EMBEDS: u64 = 20;
/// Writes that are kept together.
const GROUP: u64 = 1000;
/// Rounds that are measured, after those that warm the caches.
const ROUNDS: usize = 300;
const WARM_ROUNDS: usize = 10;
/// The file that is streamed.
const FILM_BYTES: usize = 500_000_000;

/// Words of the articles and posts: what is searched for stands in a known share of them.
const WORDS: [&str; 24] = [
    "harbour", "ferry", "noon", "council", "vote", "festival", "tide", "bridge", "market", "school", "storm", "summer",
    "letter", "village", "concert", "winter", "railway", "garden", "museum", "island", "captain", "bakery", "lantern",
    "orchard",
];

fn main() {
    let posts = env::var("EMBALM_BENCH_POSTS").ok().map_or(POSTS, |text| text.parse().expect("a number of posts"));
    let articles = (posts / POSTS_PER_ARTICLE).max(1);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("serve-{posts}.db"));
    if !path.exists() {
        make(&path, posts, articles);
    }
    let size = fs::metadata(&path).unwrap().len();
    println!("{articles} articles, {posts} posts, {EMBEDS} posts an article, {} MB\n", size / 1_000_000);
    let viewer = Viewer::start(&path);
    let pages = measure(&viewer, posts, articles);
    let query = floor(&path, articles);
    println!("{:42} {:>10} {:>10}", "time to the first byte, ms", "median", "95 %");
    for (name, mut times) in pages.into_iter().chain([("floor: one bare SELECT of that article", query)]) {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!("{name:42} {:>10.2} {:>10.2}", at(0.5), at(0.95));
    }
    drop(viewer);
    stream(&folder);
}

/// A number that looks like chance and is the same each time.
fn scatter(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn prose(seed: u64, words: u64) -> String {
    let word = |n| WORDS[(scatter(seed * 1009 + n) % WORDS.len() as u64) as usize];
    let words: Vec<_> = (0..words).map(word).collect();
    format!("{}, no. {seed}", words.join(" "))
}

fn instant(n: u64) -> Timestamp {
    let first: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    first + SignedDuration::from_secs(n.cast_signed() * 37)
}

fn post_ref(n: u64) -> PostRef {
    let id = format!("{}", 1_500_000_000_000_000_000 + n);
    let url = format!("https://social.example/i/status/{id}").parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id, author: None, url }
}

/// Fills an archive as runs do, and gives it its name when it is whole.
fn make(path: &Path, posts: u64, articles: u64) {
    let started = Instant::now();
    let unfinished = path.with_extension("unfinished");
    for left in ["", "-wal", "-shm"] {
        let mut name = unfinished.clone().into_os_string();
        name.push(left);
        let _ = fs::remove_file(name);
    }
    let mut store = Store::create_or_open(&unfinished).unwrap();
    let run = store.begin_run("run", instant(0)).unwrap();
    for n in 0..posts {
        store.begin_group().unwrap();
        capture(&mut store, run, n);
        if n % GROUP == GROUP - 1 {
            store.commit_group().unwrap();
        }
    }
    for n in 0..articles {
        store.begin_group().unwrap();
        keep(&mut store, run, n, posts);
        if n % GROUP == GROUP - 1 {
            store.commit_group().unwrap();
        }
    }
    store.commit_group().unwrap();
    drop(store);
    fs::rename(&unfinished, path).unwrap();
    println!("made {} in {} s", path.display(), started.elapsed().as_secs());
}

/// A post; one in twenty is gone by now, one in ten was edited.
fn capture(store: &mut Store, run: i64, n: u64) {
    let handle = format!("author_{}", scatter(n) % 5_000);
    let found = |text: String| {
        let author = Author { handle: handle.clone(), name: Some(format!("Author {n}")), ..Author::default() };
        Outcome::Found(Box::new(Post::new(post_ref(n), author, text)))
    };
    let mut outcomes = vec![found(prose(n, 18))];
    if n % 10 == 3 {
        outcomes.push(found(prose(n, 22)));
    }
    if n % 20 == 7 {
        outcomes.push(Outcome::Gone(embalm::model::Gone::Deleted));
    }
    for (later, outcome) in (0..).zip(outcomes) {
        let captured_at = instant(n) + SignedDuration::from_hours(24 * later);
        let rung = Rung { captured_at, outcome, via: Via::Syndication, exchanges: Vec::new(), media: Vec::new() };
        let capture = Capture { post: post_ref(n), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
    }
}

/// An article of some 600 words with its posts.
fn keep(store: &mut Store, run: i64, n: u64, posts: u64) {
    let name = name(n);
    let embeds: Vec<_> = (0..EMBEDS)
        .map(|position| {
            let post = post_ref((n * POSTS_PER_ARTICLE + position) % posts);
            let embed = Embed {
                position: position as usize,
                form: Form::Blockquote,
                target: Target::Post(post.clone()),
                scope: Scope::Article,
                quoted: Quoted { text: Some(prose(position, 8)), ..Quoted::default() },
            };
            (embed, post)
        })
        .collect();
    let paragraphs: Vec<String> = (0..EMBEDS).map(|part| prose(n * EMBEDS + part, 30)).collect();
    let quotes = paragraphs.iter().zip(&embeds).map(|(text, (_, post))| {
        format!("<p>{text}</p><blockquote class=\"twitter-tweet\"><a href=\"{}\">…</a></blockquote>", post.url)
    });
    let article = Article {
        url: name.parse().ok(),
        title: prose(n, 7),
        byline: Some("A Reporter".to_owned()),
        site_name: Some("Harbour News".to_owned()),
        published: None,
        lang: Some("en".to_owned()),
        text: paragraphs.join("\n\n"),
        body_html: quotes.collect(),
    };
    let new = NewArticle {
        name: &name,
        source: "bench",
        kind: "html",
        original: article.body_html.as_bytes(),
        content_type: Some("text/html"),
        article: &article,
        embeds: &embeds,
        exchange: None,
        captured_at: instant(n * POSTS_PER_ARTICLE),
        over_time: OverTime::default(),
    };
    store.save_article(run, &new).unwrap();
}

fn name(n: u64) -> String {
    format!("https://news{}.example/story-{n}", n % 50)
}

/// The kinds of pages, each with one that is asked for in a round.
type Kind = (&'static str, fn(u64, u64, u64) -> String);

const KINDS: [Kind; 12] = [
    ("article with 20 posts", |n, _, articles| format!("/article/{}", 1 + n % articles)),
    ("post", |n, posts, _| format!("/post/twitter:{}", 1_500_000_000_000_000_000 + n % posts)),
    ("search, one word in half of all posts", |n, _, _| format!("/search?q={}", WORDS[n as usize % WORDS.len()])),
    ("search, three words", |n, _, _| {
        let word = |by| WORDS[(n / by) as usize % WORDS.len()];
        format!("/search?q={}+{}+{}", word(1), word(24), word(576))
    }),
    ("search, one post's own number", |n, posts, _| format!("/search?q=%22no+{}%22", n % posts)),
    ("front page", |_, _, _| "/".to_owned()),
    ("author", |n, _, _| format!("/author/twitter/author_{}", n % 5_000)),
    ("articles", |_, _, _| "/articles".to_owned()),
    ("posts that are gone", |_, _, _| "/posts?state=deleted".to_owned()),
    ("status", |_, _, _| "/status".to_owned()),
    ("/at/ an article's address", |n, _, articles| format!("/at/{}", name(n % articles))),
    ("floor: a style sheet, no archive", |_, _, _| "/assets/embalm.css".to_owned()),
];

fn measure(viewer: &Viewer, posts: u64, articles: u64) -> Vec<(&'static str, Vec<Duration>)> {
    let mut times: Vec<_> = KINDS.iter().map(|(name, _)| (*name, Vec::with_capacity(ROUNDS))).collect();
    for round in 0..WARM_ROUNDS + ROUNDS {
        for ((_, times), (name, address)) in times.iter_mut().zip(KINDS) {
            let address = address(scatter(round as u64), posts, articles);
            let (status, time) = viewer.first_byte(&address);
            if !matches!(status, 200 | 303) && round == 0 {
                println!("{name}: {address} was answered with {status}\n");
            }
            if round >= WARM_ROUNDS {
                times.push(time);
            }
        }
    }
    times
}

/// The article's own row and its body, and nothing else.
fn floor(path: &Path, articles: u64) -> Vec<Duration> {
    let sql = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = sql
        .prepare(
            "SELECT v.title, v.text, b.data FROM articles a JOIN article_versions v ON v.id = a.version \
             JOIN blobs b ON b.id = v.body WHERE a.id = ?1",
        )
        .unwrap();
    let mut times = Vec::new();
    for round in 0..WARM_ROUNDS + ROUNDS {
        let id = 1 + scatter(round as u64) % articles;
        let asked = Instant::now();
        statement
            .query_row([id.cast_signed()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .unwrap();
        times.push(asked.elapsed());
    }
    times.split_off(WARM_ROUNDS)
}

/// Streams a large file to one reader, and to one who is slow beside it.
fn stream(folder: &Path) {
    let path = folder.join("serve-film.db");
    let digest = film(&path, folder);
    let viewer = Viewer::start(&path);
    assert_eq!(viewer.first_byte("/").0, 200);
    let before = viewer.most_resident_bytes();
    let mut slow = viewer.ask(&format!("/media/{digest}"));
    slow.read_exact(&mut [0; 1 << 16]).unwrap();
    let asked = Instant::now();
    let mut whole = viewer.ask(&format!("/media/{digest}"));
    let mut part = vec![0; 1 << 20];
    let mut read = 0;
    while let bytes @ 1.. = whole.read(&mut part).unwrap() {
        read += bytes;
    }
    assert!(read > FILM_BYTES, "{read}");
    let time = asked.elapsed();
    println!("\na file of {FILM_BYTES} bytes: {:.0} MB/s", read as f64 / 1e6 / time.as_secs_f64());
    let (_, last) = viewer.first_byte_with(&format!("/media/{digest}"), "Range: bytes=-1000\r\n");
    println!("its last 1,000 bytes: {:.2} ms to the first byte", last.as_secs_f64() * 1000.0);
    if let (Some(before), Some(after)) = (before, viewer.most_resident_bytes()) {
        println!("memory of the viewer at most: {} kB before, {} kB after", before / 1024, after / 1024);
    }
}

/// An archive with one large file; its digest.
fn film(path: &Path, folder: &Path) -> String {
    if !path.exists() {
        let (file, spooled) = tempfile::NamedTempFile::new_in(folder).unwrap().into_parts();
        let mut file = std::io::BufWriter::new(file);
        file.write_all(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom").unwrap();
        for n in 0..(FILM_BYTES as u64 - 24) / 8 {
            file.write_all(&scatter(n).to_le_bytes()).unwrap();
        }
        drop(file.into_inner().unwrap());
        let unfinished = path.with_extension("unfinished");
        let _ = fs::remove_file(&unfinished);
        let mut store = Store::create_or_open(&unfinished).unwrap();
        let run = store.begin_run("run", instant(0)).unwrap();
        let url = "https://files.example/film.mp4";
        let media = embalm::model::Media::new(embalm::model::MediaKind::Video, url);
        let file = MediaFile::new(url.to_owned(), Vec::new());
        let bytes = FileBytes::Spooled { path: Arc::new(spooled), size_bytes: FILM_BYTES as u64 };
        let file = MediaFile { bytes, ..file };
        let captured = CapturedMedia { media: media.clone(), file: Ok(file) };
        let mut post = Post::new(post_ref(1), Author::default(), "A film");
        post.media = vec![media];
        let rung = Rung {
            captured_at: instant(1),
            outcome: Outcome::Found(Box::new(post)),
            via: Via::Syndication,
            exchanges: Vec::new(),
            media: vec![captured],
        };
        let capture = Capture { post: post_ref(1), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
        drop(store);
        fs::rename(&unfinished, path).unwrap();
    }
    let sql = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    sql.query_row("SELECT sha256 FROM blobs ORDER BY size_bytes DESC LIMIT 1", [], |row| row.get(0)).unwrap()
}

/// The viewer's process.
struct Viewer {
    child: Child,
    address: String,
}

impl Viewer {
    fn start(archive: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_embalm"))
            .args(["serve", "--port", "0", "--archive"])
            .arg(archive)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { child, address }
    }

    /// A connection on which this was asked.
    fn ask(&self, path: &str) -> TcpStream {
        self.ask_with(path, "")
    }

    fn ask_with(&self, path: &str, fields: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{fields}Connection: close\r\n\r\n", self.address).unwrap();
        stream
    }

    /// The status of an answer, and how long its first byte took from the moment at which the connection was opened.
    fn first_byte(&self, path: &str) -> (u16, Duration) {
        self.first_byte_with(path, "")
    }

    fn first_byte_with(&self, path: &str, fields: &str) -> (u16, Duration) {
        let asked = Instant::now();
        let mut stream = self.ask_with(path, fields);
        let mut first = [0; 12];
        stream.read_exact(&mut first[..1]).unwrap();
        let time = asked.elapsed();
        stream.read_exact(&mut first[1..]).unwrap();
        let status = std::str::from_utf8(&first[9..12]).unwrap().parse().unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        (status, time)
    }

    fn most_resident_bytes(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! How soon the viewer answers: the time to the first byte of each kind of page, from an archive of 100,000 posts, which 5,000
//! articles embed, over a real socket of this machine, beside two floors of the same run.
//!
//! `cargo bench --bench serve` prints the median and the 95th percentile of each. `EMBALM_BENCH_POSTS=1000000` asks for
//! another number of posts. The archive is that of `benches/archive`, made once and kept under `target/`. Each round asks every
//! kind of page once, each time for another one, so that a busy machine slows all of them alike.
//!
//! The last lines tell what the server's memory was at most while it streamed a file of 500 MB.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints what it measured")]

mod archive;

use archive::{EMBEDS, instant, scatter, words::LANGUAGES, zipf};
use embalm::{
    model::{Author, Outcome, Post, PostRef, Via},
    store::{Capture, CapturedMedia, FileBytes, MediaFile, Rung, Store},
};
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
/// Rounds that are measured, after those that warm the caches.
const ROUNDS: usize = 300;
const WARM_ROUNDS: usize = 10;
/// The file that is streamed.
const FILM_BYTES: usize = 500_000_000;

fn main() {
    let posts = env::var("EMBALM_BENCH_POSTS").ok().map_or(POSTS, |text| text.parse().expect("a number of posts"));
    let articles = archive::articles(posts);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = archive::of(posts);
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

/// The kinds of pages, each with one that is asked for in a round.
type Kind = (&'static str, fn(u64, u64, u64) -> String);

/// A common English word.
fn common(n: u64) -> &'static str {
    LANGUAGES[0].common[8 + (n % 18) as usize]
}

const KINDS: [Kind; 12] = [
    ("article with 20 posts", |n, _, articles| format!("/article/{}", 1 + n % articles)),
    ("post", |n, posts, _| format!("/post/{}:{}", archive::platform(n % posts), archive::post_id(n % posts))),
    ("search, a common word", |n, _, _| format!("/search?q={}", common(n))),
    ("search, three words", |n, _, _| format!("/search?q={}+{}+{}", common(n), common(n / 18), common(n / 324))),
    ("search, a rare word", |n, _, _| format!("/search?q={}", LANGUAGES[0].word(400 + zipf(n, 5000.0)))),
    ("front page", |_, _, _| "/".to_owned()),
    ("author", |n, _, _| format!("/author/twitter/{}", archive::handle(zipf(n, 2000.0)))),
    ("articles", |_, _, _| "/articles".to_owned()),
    ("posts that are gone", |_, _, _| "/posts?state=deleted".to_owned()),
    ("status", |_, _, _| "/status".to_owned()),
    ("/at/ an article's address", |n, _, articles| format!("/at/{}", archive::article_name(n % articles))),
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

fn film_post() -> PostRef {
    let url = "https://social.example/i/status/1".parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id: "1".to_owned(), author: None, url }
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
        let mut post = Post::new(film_post(), Author::default(), "A film");
        post.media = vec![media];
        let rung = Rung {
            captured_at: instant(1),
            outcome: Outcome::Found(Box::new(post)),
            via: Via::Syndication,
            exchanges: Vec::new(),
            media: vec![captured],
        };
        let capture = Capture { post: film_post(), rungs: vec![rung], retry: None, related: Vec::new() };
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

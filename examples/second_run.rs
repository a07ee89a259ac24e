//! Measures a run over known, unchanged articles against bare conditional requests by the same client, over loopback:
//! `cargo run --release --example second_run [ARTICLES]` (10,000 where none are named; Linux, for its figures are /proc's).
//!
//! Each part is a process of its own, so that each has its own CPU time and peak memory: a server, a first run that fills an
//! archive, the second run that asks for every article again, and the bare requests.

use anyhow::{Context as _, Result, ensure};
use embalm::{
    fetch::{
        Transport,
        live::{Clock, Live, LiveSettings},
        meter::Meter,
    },
    http::{Request, Validators},
    pipeline::{Driver, Input, Revisits, Settings, Stop, expand},
    store::Store,
};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

/// Requests under way at once.
const CONCURRENCY: usize = 64;

/// Articles where none are named.
const ARTICLES: usize = 10_000;

/// Clock ticks in a second, of /proc's CPU times (Linux, `USER_HZ`).
const TICKS: f64 = 100.0;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve(),
        [part @ ("fill" | "again" | "bare"), base, folder, count] => {
            measure(part, base, Path::new(folder), count.parse()?)
        }
        rest => {
            let count = rest.first().map_or(Ok(ARTICLES), |count| count.parse())?;
            let folder = tempfile::tempdir()?;
            let program = std::env::current_exe()?;
            let mut server = Command::new(&program).arg("serve").stdout(Stdio::piped()).spawn()?;
            let mut base = String::new();
            BufReader::new(server.stdout.as_mut().context("the server's words")?).read_line(&mut base)?;
            for part in ["fill", "again", "bare"] {
                let ended = Command::new(&program)
                    .args([part, base.trim()])
                    .arg(folder.path())
                    .arg(count.to_string())
                    .status()?;
                ensure!(ended.success(), "{part} failed");
            }
            server.kill()?;
            server.wait()?;
            Ok(())
        }
    }
}

/// Does one part and prints what it took.
fn measure(part: &str, base: &str, folder: &Path, count: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let begun = Instant::now();
    let done = runtime.block_on(async {
        match part {
            "bare" => bare(base, count).await,
            "again" => run(folder, Vec::new(), SignedDuration::from_hours(2)).await,
            _ => {
                let urls = (0..count).map(|nth| format!("{base}/2026/05/story-number-{nth}")).collect();
                run(folder, urls, SignedDuration::ZERO).await
            }
        }
    })?;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let times: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim().to_owned();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{part:>5}: {done}; {:.2} s, {:.2} s of CPU ({:.0} us each), peak memory {peak}",
        begun.elapsed().as_secs_f64(),
        times.iter().sum::<f64>() / TICKS,
        times.iter().sum::<f64>() / TICKS * 1e6 / count as f64,
    )?;
    Ok(())
}

fn client(later: SignedDuration) -> Result<Live> {
    let settings = LiveSettings {
        concurrency: CONCURRENCY,
        per_host_concurrency: CONCURRENCY,
        per_host_delay: Duration::ZERO,
        allow_hosts: vec!["127.0.0.1".to_owned()],
        clock: Clock(Arc::new(move || Timestamp::now() + later)),
        ..LiveSettings::default()
    };
    Ok(Live::new(&settings)?)
}

/// A run: over these addresses, or over what is due. `later` is how far ahead its clock is.
async fn run(folder: &Path, urls: Vec<String>, later: SignedDuration) -> Result<String> {
    let mut store = Store::create_or_open(&folder.join("embalm.db"))?;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let settings = Settings {
        concurrency: CONCURRENCY,
        per_host: CONCURRENCY,
        conditional: true,
        revisits: Revisits { ages: vec![hours(1), hours(1000)], articles: usize::MAX },
        article_pages: 20,
        ..Settings::default()
    };
    let transport = Arc::new(Meter::new(Arc::new(client(later)?)));
    let mut driver = Driver::begin(&mut store, transport, settings, Stop::after(None), "run", |_| {})?;
    if urls.is_empty() {
        driver.crawl(&[]).await?;
    } else {
        let works =
            urls.into_iter().map(|url| match expand(&Input::Url(url.parse().expect("an address of this file"))) {
                Ok(mut works) => works.next().expect("a URL is one work"),
                Err(error) => Err(error),
            });
        driver.articles(works, "add").await?;
    }
    let summary = driver.finish()?.summary;
    let articles = &summary.articles;
    Ok(format!(
        "{} new, {} changed, {} unchanged, {} failed, {} requests",
        articles.new, articles.changed, articles.unchanged, articles.failed, summary.requests
    ))
}

/// The same requests without an archive.
async fn bare(base: &str, count: usize) -> Result<String> {
    let client = &client(SignedDuration::ZERO)?;
    let validators = Validators { etag: Some("\"v1\"".to_owned()), last_modified: None };
    let asked = stream::iter(0..count).map(|nth| {
        let url = format!("{base}/2026/05/story-number-{nth}").parse().expect("an address of this file");
        let mut request = Request::get(url);
        validators.ask(&mut request);
        client.fetch(request)
    });
    let same = asked
        .buffer_unordered(CONCURRENCY)
        .filter(|exchange| std::future::ready(exchange.response().is_some_and(|answer| answer.status == 304)));
    Ok(format!("{} unchanged", same.count().await))
}

/// Answers every path with a page of some 10 KB, and 304 to whoever knows its version; says on stdout where it is.
fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(&stream));
    }
    Ok(())
}

fn answer(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    loop {
        let (mut path, mut knows, mut line) = (String::new(), false, String::new());
        while reader.read_line(&mut line)? > 2 {
            if path.is_empty() {
                path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            }
            knows |= line.to_ascii_lowercase().starts_with("if-none-match");
            line.clear();
        }
        if path.is_empty() {
            return Ok(());
        }
        let words = format!("<p>It is said of {path} that the ferry sails when it sails, and no sooner than that.</p>");
        let page = format!("<html><title>{path}</title><article><h1>{path}</h1>{}</article></html>", words.repeat(90));
        let answer = match (path.as_str(), knows) {
            ("/robots.txt", _) => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            (_, true) => "HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\n\r\n".to_owned(),
            (_, false) => format!(
                "HTTP/1.1 200 OK\r\netag: \"v1\"\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
                page.len()
            ),
        };
        writer.write_all(answer.as_bytes())?;
    }
}

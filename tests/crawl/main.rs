//! The crawl as a whole, against servers on loopback that fail a fifth of the time: everything is archived once, in a
//! bounded number of runs, at the pace that was set, and nothing is taken for gone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

#[path = "../fetch/server.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod server;
mod site;

use embalm::{
    fetch::{
        live::{Clock, Live, LiveSettings},
        meter::Meter,
    },
    model::Summary,
    pipeline::{Driver, Input, Settings, Source, SourceKind, Stop},
    store::Store,
};
use jiff::{SignedDuration, Timestamp};
use site::{Site, Size};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Between the starts of two requests to one host.
const DELAY: Duration = Duration::from_millis(40);

/// An answer that has not come whole by then has failed.
const TIMEOUT: Duration = Duration::from_millis(400);

/// Between two runs, as the runs see it.
const BETWEEN: SignedDuration = SignedDuration::from_hours(12);

/// The first request of a host may have been so much longer on its way than a later one: a test machine is busy.
const ON_ITS_WAY: Duration = Duration::from_millis(150);

/// One run, as of a time.
fn run(site: &Site, archive: &Path, now: Timestamp, change: impl FnOnce(&mut Settings)) -> Summary {
    let authority = archive.with_extension("pem");
    std::fs::write(&authority, &site.authority_pem).unwrap();
    let offset = now.duration_since(Timestamp::now());
    let clock = Clock(Arc::new(move || Timestamp::now() + offset));
    let live = LiveSettings {
        timeout: TIMEOUT,
        concurrency: 32,
        per_host_concurrency: 2,
        per_host_delay: DELAY,
        resolve: site.rules(),
        ca_file: Some(authority),
        clock,
        ..LiveSettings::default()
    };
    let transport = Arc::new(Meter::new(Arc::new(Live::new(&live).unwrap())));
    let mut settings =
        Settings { concurrency: 32, per_host: 2, conditional: true, quoted_depth: 1, ..Settings::default() };
    change(&mut settings);
    let mut store = Store::create_or_open(archive).unwrap();
    let source = |url: url::Url| Source::new(url.host_str().unwrap(), SourceKind::Feed, Input::Url(url.clone()));
    let sources: Vec<_> = site.size.feeds().into_iter().map(source).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut driver = Driver::begin(&mut store, transport, settings, Stop::after(None), "run", |_| {}).unwrap();
        driver.crawl(&sources).await.unwrap();
        driver.finish().unwrap().summary
    })
}

fn count(archive: &Path, sql: &str) -> usize {
    let connection = rusqlite::Connection::open(archive).unwrap();
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

/// Requests of one host in a row whose pace is measured.
const IN_A_ROW: usize = 16;

/// Each host was asked no faster than its pace, by the servers' own clock: any requests in a row take as long as their
/// delays, and of all pairs in a row the quicker quarter is no quicker than the delay.
fn paced(site: &Site) {
    site.seen(|seen| {
        let mut apart: Vec<Duration> = Vec::new();
        for (host, times) in &seen.hosts {
            let rows = times.windows(IN_A_ROW + 1).map(|row| row[IN_A_ROW].duration_since(row[0]));
            if let Some(quickest) = rows.min() {
                let due = DELAY * u32::try_from(IN_A_ROW).unwrap();
                assert!(quickest + ON_ITS_WAY >= due, "{host} was asked {IN_A_ROW} times in {quickest:?}");
            }
            apart.extend(times.windows(2).map(|pair| pair[1].duration_since(pair[0])));
        }
        apart.sort();
        if apart.len() >= 100 {
            let quick = apart[apart.len() / 4];
            assert!(quick >= DELAY * 4 / 5, "a quarter of all requests came within {quick:?} of the one before");
        }
    });
}

/// How often an address was asked in vain, as the archive tells. On a busy machine a good answer may come after the time
/// that the run gives it.
fn in_vain(archive: &Path, url: &str) -> u64 {
    let asked = format!("SELECT count(*) FROM exchanges WHERE url = '{url}' AND error IS NOT NULL");
    u64::try_from(count(archive, &asked)).unwrap()
}

#[test]
fn a_world_that_fails_a_fifth_of_the_time_is_archived_whole_and_once() {
    let whole = std::env::var_os("EMBALM_CRAWL_ARTICLES").and_then(|text| text.to_str()?.parse().ok());
    let articles = whole.unwrap_or(1000);
    let size = Size { articles, posts_an_article: 3, news_hosts: 16, post_hosts: 32, failing_percent: 20 };
    let site = Site::new(size, 7);
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("test.db");
    let posts = size.articles * size.posts_an_article;
    let mut now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let mut runs = 0;
    let begun = Instant::now();
    loop {
        runs += 1;
        site.forget_times();
        let summary = run(&site, &archive, now, |_| {});
        paced(&site);
        if std::env::var_os("EMBALM_CRAWL_ARTICLES").is_some() {
            #[allow(clippy::print_stdout, reason = "figures for whoever asks for them")]
            {
                println!(
                    "run {runs}: {} requests in {} ms; {:?} {:?}",
                    summary.requests, summary.elapsed_ms, summary.articles, summary.posts
                );
            }
        }
        assert_eq!(summary.stopped, None);
        assert_eq!(summary.posts.gone + summary.posts.withheld, 0, "nothing is gone");
        if count(&archive, "SELECT count(*) FROM articles") == size.articles
            && count(&archive, "SELECT count(*) FROM posts WHERE state = 'live'") == posts
        {
            break;
        }
        assert!(runs < 30, "after {runs} runs: {summary:?}");
        now += BETWEEN;
    }
    #[allow(clippy::print_stdout, reason = "figures for whoever asks for them")]
    {
        println!("{runs} runs in {:?}; faults: {:?}", begun.elapsed(), site.seen(|seen| seen.faults.clone()));
    }
    // Everything is there once.
    assert_eq!(count(&archive, "SELECT count(*) FROM article_versions"), size.articles);
    assert_eq!(count(&archive, "SELECT count(*) FROM posts"), posts);
    assert_eq!(count(&archive, "SELECT count(*) FROM snapshots"), posts);
    assert_eq!(count(&archive, "SELECT count(*) FROM embeds"), posts);
    assert_eq!(count(&archive, "SELECT count(DISTINCT sha256) FROM article_versions"), size.articles);
    assert_eq!(count(&archive, "SELECT count(*) FROM looks WHERE state IS NOT NULL AND state <> 'live'"), 0);
    assert_eq!(count(&archive, "SELECT count(*) FROM queue"), 0);
    assert_eq!(count(&archive, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    // What was had was not asked for again: an article or post is answered well once.
    let again: Vec<String> = site.seen(|seen| {
        // A fediverse post that its API did not give takes two more questions, either of which may fail.
        let once = |url: &str| url.ends_with(".html") || url.contains("/api/v1/statuses/");
        let again = seen.answered.iter().filter(|(url, times)| once(url) && **times > 1 + in_vain(&archive, url));
        again.map(|(url, _)| url.clone()).collect()
    });
    assert!(again.is_empty(), "asked again although it was had: {again:?}");
    // The world did fail.
    assert_eq!(site.seen(|seen| seen.faults.len()), 6);
    // And a run with nothing to do writes nothing.
    let (articles, looks) =
        (count(&archive, "SELECT count(*) FROM article_versions"), count(&archive, "SELECT count(*) FROM looks"));
    let summary = run(&site, &archive, now, |_| {});
    assert_eq!((summary.articles.new, summary.articles.changed, summary.posts.captured), (0, 0, 0), "{summary:?}");
    assert_eq!(count(&archive, "SELECT count(*) FROM article_versions"), articles);
    assert_eq!(count(&archive, "SELECT count(*) FROM looks"), looks);
}

//! robots.txt, Retry-After and rests, over loopback: what is asked, and what is not.

use crate::binary::{embalm, ends};
use crate::live::settings;
use crate::server::{Asked, Reply, Server};
use embalm::fetch::Transport;
use embalm::fetch::live::{Clock, Live, LiveSettings};
use embalm::fetch::manners::HostMemory;
use embalm::fetch::pace::Budget;
use embalm::http::{FetchError, Request};
use embalm::model::{HostRecord, RobotsRecord};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What an archive keeps, in memory.
#[derive(Default)]
struct Kept(Mutex<(HashMap<String, HostRecord>, HashMap<String, RobotsRecord>)>);

impl HostMemory for Kept {
    fn host(&self, host: &str) -> Option<HostRecord> {
        self.0.lock().unwrap().0.get(host).cloned()
    }

    fn keep_host(&self, host: &str, record: &HostRecord) {
        self.0.lock().unwrap().0.insert(host.to_owned(), record.clone());
    }

    fn robots(&self, origin: &str) -> Option<RobotsRecord> {
        self.0.lock().unwrap().1.get(origin).cloned()
    }

    fn keep_robots(&self, origin: &str, record: &RobotsRecord) {
        self.0.lock().unwrap().1.insert(origin.to_owned(), record.clone());
    }
}

/// A site at a public name, over days that the test sets.
struct Site {
    server: Server,
    memory: Arc<Kept>,
    now: Arc<Mutex<Timestamp>>,
}

impl Site {
    fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let now = Arc::new(Mutex::new("2026-01-01T12:00:00Z".parse().unwrap()));
        Self { server: Server::new(answer), memory: Arc::default(), now }
    }

    /// One run: everything but what is kept begins anew.
    fn run(&self) -> Live {
        self.run_with(LiveSettings::default())
    }

    fn run_with(&self, more: LiveSettings) -> Live {
        let now = Arc::clone(&self.now);
        let resolve = ["news.example", "other.example"].map(|host| self.server.standing_for(host, "80")).to_vec();
        let clock = Clock(Arc::new(move || *now.lock().unwrap()));
        let own = settings();
        let live = Live::new(&LiveSettings {
            resolve,
            clock,
            per_host_delay: own.per_host_delay,
            timeout: own.timeout,
            user_agent: "Embalm/9 (test)".to_owned(),
            ..more
        });
        let live = live.unwrap();
        let memory = Arc::clone(&self.memory);
        live.remember(&move || Some(Arc::<Kept>::clone(&memory) as Arc<dyn HostMemory>));
        live
    }

    fn later(&self, hours: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_hours(hours)).unwrap();
    }

    fn asked(&self, path: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.url.ends_with(path)).count()
    }
}

async fn article(live: &Live, path: &str) -> Result<u16, FetchError> {
    let url = format!("http://news.example{path}").parse().unwrap();
    live.fetch(Request::get(url).heeding_robots()).await.answer.map(|answer| answer.status)
}

fn is_robots(asked: &Asked) -> bool {
    asked.url.ends_with("/robots.txt")
}

const RULES: &[u8] = b"User-agent: *\nDisallow: /\n\nUser-agent: embalm\nDisallow: /private\n";

#[tokio::test]
async fn a_site_is_asked_once_a_day_and_held_to() {
    let site = Site::new(|asked| Reply::new("200 OK", if is_robots(asked) { RULES } else { b"page" }));
    let live = site.run();
    let at_once = futures::future::join_all((0..4).map(|n| article(&live, ["/a", "/b", "/c", "/d"][n]))).await;
    assert!(at_once.iter().all(|answer| *answer == Ok(200)), "{at_once:?}");
    let refused = article(&live, "/private/x").await.unwrap_err();
    assert_eq!(refused.to_string(), "robots.txt forbids it (Disallow: /private)");
    assert_eq!(refused.until(), "2026-01-08T12:00:00Z".parse().ok(), "looked at again after a week");
    let anyway = live.fetch(Request::get("http://news.example/private/x".parse().unwrap())).await;
    assert!(anyway.answer.is_ok(), "only requests that say so heed it");
    assert_eq!((live.politeness().robots_asked, live.politeness().robots_refused), (1, 1));
    site.later(23);
    assert_eq!(article(&site.run(), "/e").await, Ok(200));
    assert_eq!(site.asked("/robots.txt"), 1, "the next run knows it from the archive");
    site.later(2);
    assert_eq!(article(&site.run(), "/e").await, Ok(200));
    assert_eq!(site.asked("/robots.txt"), 2);
    let careless = site.run_with(LiveSettings { respect_robots: false, ..LiveSettings::default() });
    assert_eq!(article(&careless, "/private/x").await, Ok(200));
}

#[tokio::test]
async fn the_status_of_a_robots_txt_says_what_holds() {
    for (status, allowed) in [
        ("404 Not Found", true),
        ("401 Unauthorized", true),
        ("403 Forbidden", true),
        ("410 Gone", true),
        ("200 OK\r\ncontent-type: text/html", true),
        ("204 No Content", true),
        ("500 Internal Server Error", false),
        ("503 Service Unavailable", false),
        ("429 Too Many Requests\r\nretry-after: 0", false),
    ] {
        let html = b"<html>User-agent: *\nDisallow: /\n</html>";
        let site = Site::new(
            move |asked| {
                if is_robots(asked) { Reply::new(status, html) } else { Reply::new("200 OK", b"page") }
            },
        );
        let answer = article(&site.run(), "/a").await;
        assert_eq!(answer.is_ok(), allowed, "{status}: {answer:?}");
        assert!(allowed || matches!(answer, Err(FetchError::Robots { .. })), "{status}: {answer:?}");
        assert_eq!(site.asked("/a"), usize::from(allowed), "{status}");
    }
}

#[tokio::test]
async fn five_redirects_lead_to_a_robots_txt_and_six_to_none_also_over_hosts() {
    for (hops, allowed) in [(5, false), (6, true)] {
        let site = Site::new(move |asked| {
            let place = asked.url.rsplit('/').next().unwrap_or_default();
            let number = place.strip_prefix("hop").and_then(|n| n.parse::<u32>().ok());
            match number.or_else(|| is_robots(asked).then_some(0)) {
                Some(n) if n < hops => Reply::redirect(302, &format!("http://other.example/hop{}", n + 1)),
                Some(_) => Reply::new("200 OK", b"User-agent: *\nDisallow: /a"),
                None => Reply::new("200 OK", b"page"),
            }
        });
        assert_eq!(article(&site.run(), "/a").await.is_ok(), allowed, "{hops}");
    }
}

#[tokio::test]
async fn a_robots_txt_that_leads_where_nothing_is_asked_is_asked_for_once_a_run_and_its_pages_wait() {
    for target in ["http://127.0.0.1:1/robots.txt", "http://other.example/busy"] {
        let site = Site::new(move |asked| match (is_robots(asked), asked.url.ends_with("/busy")) {
            (true, _) => Reply::redirect(302, target),
            (_, true) => Reply::new("429 Too Many Requests\r\nretry-after: 3600", b""),
            _ => Reply::new("200 OK", b"page"),
        });
        let live = site.run();
        if target.ends_with("/busy") {
            let busy = live.fetch(Request::get(target.parse().unwrap())).await;
            assert_eq!(busy.response().map(|answer| answer.status), Some(429));
        }
        for path in ["/a", "/b", "/c"] {
            let answer = article(&live, path).await.unwrap_err();
            assert!(matches!(answer, FetchError::Robots { .. }), "{answer}");
            assert_eq!(answer.until(), "2026-01-01T13:00:00Z".parse().ok());
        }
        assert_eq!((site.asked("/robots.txt"), live.politeness().robots_asked), (1, 1), "{target}");
    }
}

#[tokio::test]
async fn the_beginning_of_a_huge_robots_txt_holds_packed_or_not() {
    let mut text = b"User-agent: *\nDisallow: /private\n".to_vec();
    text.resize(4 << 20, b'#');
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &text).unwrap();
    let packed = gzip.finish().unwrap();
    for (head, body) in [("200 OK", text), ("200 OK\r\ncontent-encoding: gzip", packed)] {
        let site = Site::new(move |asked| match is_robots(asked) {
            true => Reply::new(head, &body),
            false => Reply::new("200 OK", b"page"),
        });
        let live = site.run();
        assert!(matches!(article(&live, "/private").await, Err(FetchError::Robots { .. })), "{head}");
        assert_eq!(article(&live, "/open").await, Ok(200), "{head}");
        let kept = site.memory.robots("http://news.example").and_then(|record| record.body);
        assert_eq!(kept.map(|body| body.len()), Some(embalm::robots::MAX_BYTES), "{head}");
    }
}

#[tokio::test]
async fn rules_out_of_reach_are_those_known_before_and_after_a_month_none() {
    let broken = Arc::new(Mutex::new(false));
    let is_broken = Arc::clone(&broken);
    let site = Site::new(move |asked| match (is_robots(asked), *is_broken.lock().unwrap()) {
        (true, true) => Reply::new("500 Internal Server Error", b""),
        (true, false) => Reply::new("200 OK", RULES),
        (false, _) => Reply::new("200 OK", b"page"),
    });
    assert_eq!(article(&site.run(), "/a").await, Ok(200));
    *broken.lock().unwrap() = true;
    site.later(25);
    let live = site.run();
    assert_eq!(article(&live, "/a").await, Ok(200));
    assert!(matches!(article(&live, "/private").await, Err(FetchError::Robots { .. })));
    site.later(31 * 24);
    assert_eq!(article(&site.run(), "/private").await, Ok(200));
    *broken.lock().unwrap() = false;
    assert!(article(&site.run(), "/private").await.is_err(), "and as soon as they can be had they hold again");
}

#[tokio::test]
async fn a_redirect_into_what_another_host_forbids_is_not_followed() {
    let site = Site::new(|asked| match (asked.url.contains("other.example"), is_robots(asked)) {
        (true, true) => Reply::new("200 OK", b"User-agent: *\nDisallow: /there"),
        (false, true) => Reply::new("404 Not Found", b""),
        (false, false) => Reply::redirect(301, "http://other.example/there"),
        (true, false) => Reply::new("200 OK", b"there"),
    });
    assert!(matches!(article(&site.run(), "/a").await, Err(FetchError::Robots { .. })));
    assert_eq!(site.asked("/there"), 0);
}

#[tokio::test]
async fn a_long_rest_holds_for_every_further_request_and_the_next_run() {
    let site = Site::new(|asked| match asked.url.rsplit('/').next() {
        Some("busy") => Reply::new("503 Service Unavailable\r\nretry-after: Thu, 01 Jan 2026 12:10:00 GMT", b""),
        Some("robots.txt") => Reply::new("404 Not Found", b""),
        _ => Reply::new("200 OK", b"page"),
    });
    let live = site.run();
    assert_eq!(article(&live, "/busy").await, Ok(503), "that answer itself is told");
    for live in [live, site.run()] {
        let put_off = article(&live, "/a").await.unwrap_err();
        assert_eq!(put_off.to_string(), "news.example is left alone until 2026-01-01T12:10:00Z: it asked for that");
        assert_eq!((put_off.is_unasked(), live.politeness().put_off), (true, 1));
    }
    assert_eq!(site.asked("/a"), 0);
    site.later(1);
    assert_eq!(article(&site.run(), "/a").await, Ok(200));
}

#[tokio::test]
async fn a_short_rest_is_waited_for_and_the_request_sent_again_once() {
    let site = Site::new(|asked| match asked.url.rsplit('/').next() {
        Some("robots.txt") => Reply::new("404 Not Found", b""),
        _ => Reply::new("429 Too Many Requests\r\nretry-after: 0", b""),
    });
    let live = site.run();
    assert_eq!(article(&live, "/a").await, Ok(429));
    assert_eq!(site.asked("/a"), 2);
    assert_eq!(live.politeness().hosts_rested, 0);
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone_and_a_budget_ends() {
    let site = Site::new(|asked| {
        if is_robots(asked) { Reply::new("404 Not Found", b"") } else { Reply::new("500 Internal Server Error", b"") }
    });
    let live = site.run();
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(article(&live, "/a").await);
    }
    assert_eq!(site.asked("/a"), 8, "{answers:?}");
    assert!(answers[9].as_ref().is_err_and(|error| error.to_string().ends_with("8 requests in a row failed")));
    let budget = |platform: &str| Budget {
        platform: platform.to_owned(),
        hosts: vec!["news.example".to_owned()],
        per_run: Some(2),
        ..Budget::default()
    };
    let site = Site::new(|_| Reply::new("200 OK", b"page"));
    let live = site.run_with(LiveSettings { budgets: vec![budget("social")], ..LiveSettings::default() });
    assert_eq!(article(&live, "/a").await, Ok(200));
    let over = article(&live, "/b").await.unwrap_err();
    assert!(over.to_string().contains("its budget of 2 requests a run is used up"), "{over}");
}

#[test]
fn what_a_host_asked_for_is_in_the_archive_and_kept_to_by_the_next_run() {
    let server = Server::new(|asked| match asked.url.rsplit('/').next() {
        Some("busy") => Reply::new("503 Service Unavailable\r\nretry-after: 3600", b""),
        Some("robots.txt") => Reply::new("200 OK", RULES),
        _ => Reply::new("200 OK\r\ncontent-type: text/html", b"<title>Ferry</title><p>Low water at noon.</p>"),
    });
    let folder = tempfile::tempdir().unwrap();
    let resolve = format!("news.example:80:{}", server.address);
    let add = |path: &str| {
        let mut command = embalm(folder.path());
        let url = format!("http://news.example/{path}");
        command.current_dir(folder.path()).env("EMBALM_NETWORK_PER_HOST_DELAY_MS", "0").args([
            "add",
            &url,
            "--resolve",
            &resolve,
        ]);
        let output = command.output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let forbidden = add("private/1");
    assert!(forbidden.contains("robots.txt forbids it (Disallow: /private)"), "{forbidden}");
    let busy = add("busy");
    assert!(busy.contains("the site answered with a limit"), "{busy}");
    let put_off = add("1");
    assert!(put_off.contains("news.example is left alone until") && put_off.contains("it asked for that"), "{put_off}");
    let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.url).collect();
    assert_eq!(asked, ["http://news.example/robots.txt", "http://news.example/busy"]);
    let (failures, _) = ends(embalm(folder.path()).current_dir(folder.path()).args(["list", "failures", "--json"]), 0);
    assert_eq!(failures.lines().count(), 3, "{failures}");
}

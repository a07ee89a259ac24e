//! A run that is asked to end, or whose budget is used up, saves what it has, says why, and the next one goes on from
//! there: nothing that a source named is lost, and nothing is had twice.

use crate::site::{ARTICLES, Site};
use serde_json::Value;
use std::{
    process::{Child, Command},
    sync::atomic::Ordering,
};

fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status().unwrap();
    assert!(status.success());
}

/// The last record that was printed.
fn summary(out: &str) -> Value {
    serde_json::from_str(out.lines().last().unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn count(site: &Site, query: &str) -> u64 {
    let sql = rusqlite::Connection::open(site.archive()).unwrap();
    sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

/// What is archived, and what the sources named and waits.
fn articles_and_waiting(site: &Site) -> (u64, u64) {
    (
        count(site, "SELECT count(*) FROM articles"),
        count(site, "SELECT count(*) FROM queue WHERE article_name IS NOT NULL"),
    )
}

/// A run that holds its first articles in hand.
fn held(site: &Site) -> Child {
    site.ends(&["init", "-q"], 0);
    site.count().gate.store(1, Ordering::SeqCst);
    let child = site.command(&["run", "--json"]).spawn().unwrap();
    // The list and robots.txt are answered; the articles are not.
    while !site.count().reaches(2) {}
    child
}

#[test]
fn a_signal_lets_the_articles_in_hand_end_and_the_next_run_brings_the_rest() {
    for name in ["INT", "TERM"] {
        let site = Site::new();
        let child = held(&site);
        signal(&child, name);
        site.count().gate.store(0, Ordering::SeqCst);
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(4), "{out}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(summary(&out)["stopped"], "signal", "{out}");
        let (articles, waiting) = articles_and_waiting(&site);
        assert_eq!(articles, summary(&out)["articles"]["new"].as_u64().unwrap(), "{out}");
        assert_eq!(articles + waiting, ARTICLES, "what was named is archived or waits");
        site.ends(&["run", "-q"], 0);
        site.assert_complete();
        site.ends(&["verify", "-q"], 0);
    }
}

#[test]
fn a_second_signal_ends_the_run_at_once_and_loses_nothing_that_was_named() {
    let site = Site::new();
    let mut child = held(&site);
    // Two that come together may count as one, so it is asked until it has ended; the articles are never answered.
    while child.try_wait().unwrap().is_none() {
        signal(&child, "INT");
        std::thread::yield_now();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("elapsed_ms"), "it did not wait for its summary");
    site.count().gate.store(0, Ordering::SeqCst);
    assert_eq!(articles_and_waiting(&site), (0, ARTICLES));
    site.ends(&["run", "-q"], 0);
    site.assert_complete();
}

#[test]
fn each_budget_stops_the_run_with_its_name_and_the_next_runs_go_on_where_it_stopped() {
    let budgets: [(&[&str], &str); 3] = [
        (&["--max-requests", "9"], "request budget"),
        (&["--max-bytes", "30KB"], "byte budget"),
        (&["--config", "few.toml"], "article budget"),
    ];
    for (flags, why) in budgets {
        let site = Site::new();
        let config = std::fs::read_to_string(site.folder.path().join("config.toml")).unwrap();
        std::fs::write(site.folder.path().join("few.toml"), format!("{config}\n[budget]\narticles = 3\n")).unwrap();
        site.ends(&["init", "-q"], 0);
        // What is in hand when a budget is used up goes beyond it; so few are in hand.
        let mut run = site.command(&[&["run", "--json"], flags].concat());
        let output = run.env("EMBALM_NETWORK_CONCURRENCY", "2").output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(4), "{out}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(summary(&out)["stopped"], why, "{out}");
        let (mut archived, waiting) = articles_and_waiting(&site);
        assert!(waiting_at(&site) > 0, "{why} stopped nothing");
        assert_eq!(archived + waiting, ARTICLES, "{why}");
        let mut runs = 1;
        while waiting_at(&site) > 0 {
            site.command(&[&["run", "-q"], flags].concat()).output().unwrap();
            runs += 1;
            let now = articles_and_waiting(&site).0;
            assert!(now >= archived && runs < 40, "{why}: the runs don't go on");
            archived = now;
        }
        site.assert_complete();
    }
}

fn waiting_at(site: &Site) -> u64 {
    count(site, "SELECT count(*) FROM queue")
}

#[test]
fn a_disk_with_less_than_the_floor_is_left_alone_and_so_is_the_network() {
    let site = Site::new();
    site.ends(&["init", "-q"], 0);
    let mut run = site.command(&["run", "--json"]);
    let output = run.env("EMBALM_BUDGET_FREE_DISK", "4000000GB").output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{out}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(summary(&out)["stopped"], "disk nearly full", "{out}");
    assert_eq!(site.count().now(), 0, "nothing was asked");
    site.ends(&["run", "-q"], 0);
    site.assert_complete();
}

#[test]
fn one_source_alone_is_asked_and_the_others_stay_due() {
    let site = Site::new();
    let path = site.folder.path().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let other = format!("{config}\n[[source]]\nname = \"other\"\nkind = \"list\"\npath = \"other.txt\"\n");
    std::fs::write(&path, other).unwrap();
    std::fs::write(site.folder.path().join("other.txt"), "").unwrap();
    site.ends(&["init", "-q"], 0);
    let before = site.count().now();
    site.ends(&["run", "-q", "--only", "other"], 0);
    assert_eq!((site.count().now(), articles_and_waiting(&site)), (before, (0, 0)));
    site.ends(&["run", "-q", "--only", "nobody"], 2);
    site.ends(&["run", "-q", "--only", "site"], 0);
    site.assert_complete();
    let again = summary(&site.ends(&["run", "--json", "--only", "site"], 0));
    assert_eq!((&again["sources"]["polled"], &again["sources"]["unchanged"]), (&1.into(), &1.into()), "{again}");
}

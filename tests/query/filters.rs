//! What a list is narrowed by, and what it refuses to be narrowed by.

use super::{binary::embalm, demonstration, ends, prints};

fn lines(text: &str) -> usize {
    text.lines().count()
}

#[test]
fn a_filter_that_cannot_apply_is_an_error_and_never_passed_over() {
    let folder = demonstration();
    for (args, named) in [
        (&["list", "runs", "--platform", "twitter"][..], "--since, --until"),
        (&["list", "runs", "--source", "x"], "--source"),
        (&["list", "sources", "--author", "ann"], "--label, --limit, --sort"),
        (&["list", "platforms", "--since", "2024"], "--platform, --limit"),
        (&["list", "posts", "--source", "x"], "--source"),
        (&["list", "posts", "--sort", "likes"], "captured, published, platform, author, state, key"),
        (&["list", "sources", "--sort", "size"], "name, articles, success, next, failures"),
        (&["list", "posts", "--since", "soon"], "yesterday"),
        (&["list", "posts", "--until", "2024-13"], "2024-08"),
        (&["list", "posts", "--state", "dead"], "account_deleted"),
        (&["list", "posts", "--platform", "twiter"], "twitter"),
        (&["list", "posts", "--limit", "some"], "limit"),
    ] {
        let (out, err) = ends(embalm(folder.path()).args(args), 2);
        assert!(out.is_empty() && err.contains(named), "{args:?}: {err}");
    }
}

#[test]
fn every_filter_narrows() {
    let folder = demonstration();
    let all = lines(&prints(folder.path(), &["list", "posts", "--json"]));
    for filter in [
        &["--platform", "twitter"][..],
        &["--author", "@rivergamescq"],
        &["--state", "deleted"],
        &["--via", "oembed"],
        &["--limit", "2"],
        &["--article", "1"],
        &["--lang", "en"],
    ] {
        let args = [&["list", "posts", "--json"], filter].concat();
        let found = lines(&prints(folder.path(), &args));
        assert!(found > 0 && found < all, "{filter:?}: {found} of {all}");
    }
    for (args, found) in [
        (&["list", "platforms", "--platform", "vine", "--json"][..], 1),
        (&["list", "platforms", "--limit", "3", "--json"], 3),
        (&["list", "sources", "--config", "config.toml", "--limit", "1", "--json"], 1),
        (&["list", "runs", "--until", "2000", "--json"], 0),
        (&["list", "runs", "--since", "2000", "--json"], 1),
    ] {
        assert_eq!(lines(&prints(folder.path(), args)), found, "{args:?}");
    }
}

#[test]
fn a_month_is_meant_as_a_whole_in_the_time_zone_of_the_user() {
    let folder = demonstration();
    let captured = |zone: &str, since: &str, until: &str| {
        let mut list = embalm(folder.path());
        list.env("TZ", zone).args(["list", "runs", "--json", "--since", since, "--until", until]);
        lines(&ends(&mut list, 0).0)
    };
    assert_eq!(captured("UTC", "today", "today"), 1);
    assert_eq!(captured("UTC", "this year", "now"), 1);
    assert_eq!(captured("UTC", "1h", "1m"), 0, "it ran just now");
    assert_eq!(captured("UTC", "1h", "now"), 1);
    assert_eq!(captured("Pacific/Kiritimati", "today", "today"), 1);
    assert_eq!(captured("UTC", "2000", "yesterday"), 0);
}

#[test]
fn orders_turn_round() {
    let folder = demonstration();
    let keys = |sort: &str| {
        let text = prints(folder.path(), &["list", "posts", "--json", "--sort", sort]);
        let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        records.map(|record| record["key"].to_string()).collect::<Vec<_>>()
    };
    let (up, mut down) = (keys("key"), keys("-key"));
    down.reverse();
    assert!(up.len() > 5);
    assert_eq!(up, down);
}

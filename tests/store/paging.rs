//! Parts of lists: every record once, in any order, forwards and back, while the archive grows.

use crate::desk::*;
use embalm::{
    model::{Failure, Gone, Listed, Mark, Outcome, Part, PostRecord, Start, Total, Via},
    store::{Capture, Filter, Retry, Rung},
};

/// Posts of which some were captured in the same instant, some have no date, and some were never had.
fn filled() -> Desk {
    let mut desk = Desk::new();
    let refs: Vec<_> = (1..=23).map(|n| post_ref(&n.to_string())).collect();
    desk.article("https://news.example/first", "<p>one</p>", &refs[..12]);
    desk.article("https://blog.harbour.example/second", "<p>two</p>", &refs[9..]);
    for (n, named) in (1..).zip(&refs) {
        if n % 7 == 0 {
            desk.capture(named, failed("2026-01-03T10:00:00Z"));
            continue;
        }
        let mut words = post(&n.to_string(), &format!("Boat {n} leaves"));
        words.author.handle = ["anna", "Bert", "cleo"][n % 3].to_owned();
        words.published = (n % 4 > 0).then(|| format!("2025-12-{:02}", n % 5 + 1).parse().unwrap());
        desk.capture(named, found(&format!("2026-01-{:02}T10:00:00Z", n / 5 + 1), words));
        if n % 6 == 0 {
            desk.capture(named, rung("2026-01-09T10:00:00Z", Via::Api, Outcome::Gone(Gone::Deleted)));
        }
    }
    desk
}

fn keys(listed: &Listed<PostRecord>) -> Vec<String> {
    listed.records.iter().map(|record| record.key.clone()).collect()
}

fn sorted(sort: &str) -> Filter {
    Filter { sort: Some(sort.to_owned()), ..Filter::default() }
}

fn part(desk: &Desk, filter: &Filter, start: Start) -> Listed<PostRecord> {
    desk.store.posts_part(filter, &Part { size: 4, start }).unwrap()
}

/// The whole list, part after part, with the marks of each part.
fn walked(desk: &Desk, filter: &Filter) -> (Vec<String>, Vec<Listed<PostRecord>>) {
    let (mut all, mut parts) = (Vec::new(), vec![part(desk, filter, Start::First)]);
    loop {
        let last = parts.last().unwrap();
        all.extend(keys(last));
        let Some(mark) = last.after.clone() else { return (all, parts) };
        parts.push(part(desk, filter, Start::After(mark)));
    }
}

#[test]
fn parts_put_together_are_the_list_in_every_order_and_back_again() {
    let desk = filled();
    for name in ["captured", "published", "platform", "author", "state", "key"] {
        for sort in [name.to_owned(), format!("-{name}")] {
            let filter = sorted(&sort);
            let whole: Vec<_> = desk.store.posts(&filter).unwrap().into_iter().map(|record| record.key).collect();
            assert_eq!(whole.len(), 23, "{sort}");
            let (all, parts) = walked(&desk, &filter);
            assert_eq!(all, whole, "{sort}");
            assert_eq!(parts[0].before, None, "{sort}");
            for (earlier, later) in parts.iter().zip(&parts[1..]) {
                let mark = later.before.clone().unwrap_or_else(|| panic!("{sort}: nothing leads back"));
                let back = part(&desk, &filter, Start::Before(mark));
                assert_eq!((keys(&back), &back.after), (keys(earlier), &earlier.after), "{sort}");
                assert_eq!(back.total, Total::Exactly(23));
            }
            let skipped = part(&desk, &filter, Start::Skip(8));
            assert_eq!(keys(&skipped), whole[8..12], "{sort}");
        }
    }
}

#[test]
fn a_mark_may_be_written_down() {
    let desk = filled();
    let first = part(&desk, &sorted("published"), Start::First);
    let mark: Mark = first.after.unwrap().to_string().parse().unwrap();
    assert_eq!(keys(&part(&desk, &sorted("published"), Start::After(mark))).len(), 4);
    let nonsense = Mark { id: i64::MAX, value: Some("\u{0}'; DROP TABLE posts; --".to_owned()) };
    for start in [Start::After(nonsense.clone()), Start::Before(nonsense)] {
        for sort in ["captured", "author", "-state"] {
            part(&desk, &sorted(sort), start.clone());
        }
    }
    assert_eq!(desk.number("SELECT count(*) FROM posts"), 23);
}

#[test]
fn what_is_captured_meanwhile_moves_nothing() {
    let mut desk = filled();
    let filter = Filter::default();
    let first = part(&desk, &filter, Start::First);
    let second = keys(&part(&desk, &filter, Start::After(first.after.clone().unwrap())));
    for n in 100..110 {
        desk.capture(&post_ref(&n.to_string()), found("2026-02-01T10:00:00Z", post(&n.to_string(), "News")));
    }
    let again = part(&desk, &filter, Start::After(first.after.unwrap()));
    assert_eq!(keys(&again), second);
    assert_eq!(again.total, Total::Exactly(33));
}

#[test]
fn totals_are_those_of_the_filter() {
    let desk = filled();
    let now = "2026-03-01T12:00:00Z".parse::<jiff::Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let narrowed = |pairs: &[(&str, &str)]| {
        let mut filter = Filter::default();
        pairs.iter().for_each(|(name, words)| filter.narrow(name, words, &now).unwrap());
        let whole = desk.store.posts(&filter).unwrap().len();
        let (all, parts) = walked(&desk, &filter);
        assert_eq!(all.len(), whole, "{pairs:?}");
        assert!(parts.iter().all(|part| part.total == Total::of(whole)), "{pairs:?}: {:?}", parts[0].total);
        whole
    };
    assert_eq!(narrowed(&[("platform", "twitter")]), 23);
    assert_eq!(narrowed(&[("platform", "bluesky")]), 0);
    assert_eq!(narrowed(&[("state", "deleted")]), 3);
    assert_eq!(narrowed(&[("site", "harbour.example")]), 14);
    assert_eq!(narrowed(&[("article", "1"), ("author", "@BERT")]), 3);
    assert_eq!(narrowed(&[("since", "2026-01-02"), ("until", "2026-01-03T10:00:00Z")]), 8);
    assert_eq!(narrowed(&[("label", "none")]), 0);
    assert_eq!(narrowed(&[("article", "no such")]), 0);
}

#[test]
fn articles_are_listed_in_parts_with_what_vanished_of_them() {
    let desk = filled();
    for sort in ["captured", "-captured", "title", "published", "site", "embeds", "-embeds"] {
        let filter = sorted(sort);
        let whole = desk.store.article_ids(&filter).unwrap();
        let first = desk.store.articles_part(&filter, &Part { size: 1, start: Start::First }).unwrap();
        let after = Part { size: 1, start: Start::After(first.after.unwrap()) };
        let second = desk.store.articles_part(&filter, &after).unwrap();
        assert_eq!([first.records[0].article.id, second.records[0].article.id], whole[..], "{sort}");
        assert_eq!((second.after, second.total), (None, Total::Exactly(2)), "{sort}");
    }
    let listed = desk.store.articles_part(&sorted("embeds"), &Part { size: 9, start: Start::First }).unwrap();
    assert_eq!(listed.records.iter().map(|brief| brief.gone).collect::<Vec<_>>(), [2, 2]);
    assert!(listed.records[0].lead.starts_with("It left at noon"));
}

#[test]
fn what_vanished_last_comes_first_with_its_dates() {
    let mut desk = filled();
    desk.capture(&post_ref("5"), rung("2026-01-20T10:00:00Z", Via::Api, Outcome::Gone(Gone::Suspended)));
    let vanished = desk.store.vanished(10, 0).unwrap();
    let keys: Vec<_> = vanished.iter().map(|record| record.post.post_id.as_str()).collect();
    assert_eq!(keys, ["5", "18", "12", "6"]);
    assert_eq!(vanished[0].state_since, Some(at("2026-01-20T10:00:00Z")));
    assert_eq!(vanished[0].last_seen_at, Some(at("2026-01-02T10:00:00Z")));
    assert_eq!(desk.store.vanished(2, 1).unwrap()[0].post.post_id, "18");
    assert_eq!(desk.store.held().unwrap(), (2, 23, 4));
}

#[test]
fn failures_are_counted_by_reason_and_listed_in_parts() {
    let mut desk = filled();
    let drift = Failure::Drift { at: "api".to_owned(), detail: "no text".to_owned() };
    let capture = Capture {
        post: post_ref("99"),
        rungs: vec![Rung { ..rung("2026-01-03T10:00:00Z", Via::Api, Outcome::Failed(drift)) }],
        retry: Some(Retry::at(at("2026-01-04T10:00:00Z"), "drift")),
        related: Vec::new(),
    };
    desk.store.save_capture(desk.run, &capture).unwrap();
    let all = Filter::default();
    let reasons = desk.store.failure_reasons(&all).unwrap();
    assert_eq!(reasons, [("http".to_owned(), 3), ("drift".to_owned(), 1)]);
    let of = |reason: &str, start| desk.store.failures_of_reason(&all, reason, &Part { size: 2, start }).unwrap().len();
    assert_eq!((of("http", Start::First), of("http", Start::Skip(2)), of("drift", Start::First)), (2, 1, 1));
    assert_eq!(of("'; --", Start::First), 0);
    let site = Filter { site: Some("news.example".to_owned()), ..all };
    assert_eq!(desk.store.failure_reasons(&site).unwrap(), [("http".to_owned(), 1)]);
}

#[test]
fn a_run_tells_what_it_brought() {
    let mut desk = filled();
    let later = desk.store.begin_run("run", at("2026-02-01T00:00:00Z")).unwrap();
    let first = Part { size: 5, start: Start::First };
    assert_eq!(desk.store.runs_part(&first).unwrap().total, Total::Exactly(2));
    let posts = desk.store.posts_of_run(desk.run, &first).unwrap();
    assert_eq!((posts.records.len(), posts.total), (5, Total::Exactly(20)));
    assert_eq!(desk.store.articles_of_run(desk.run, &first).unwrap().records.len(), 2);
    assert_eq!(desk.store.posts_of_run(later, &first).unwrap(), Listed::empty());
    assert_eq!(desk.store.run(later).unwrap().unwrap().command, "run");
    assert_eq!(desk.store.run(99).unwrap(), None);
}

#[test]
fn more_matches_than_are_ranked_follow_newest_first_and_are_all_there() {
    let mut desk = Desk::new();
    desk.store.begin_group().unwrap();
    for n in 1..=2_050 {
        desk.capture(&post_ref(&n.to_string()), found("2026-01-01T10:00:00Z", post(&n.to_string(), "noon at sea")));
    }
    desk.store.commit_group().unwrap();
    let search = |skip| {
        let start = if skip == 0 { Start::First } else { Start::Skip(skip) };
        desk.store.search_part("noon", &Filter::default(), &Part { size: 500, start }).unwrap()
    };
    let parts: Vec<_> = [0, 500, 1_000, 1_500, 2_000].map(search).into();
    assert_eq!((parts[0].ranked, parts[0].total), (Some(2_000), Total::Exactly(2_050)));
    let mut all: Vec<_> = parts.iter().flat_map(|part| &part.hits).map(|hit| hit.target.clone()).collect();
    assert_eq!(parts[4].hits[0].target, "twitter:50", "behind the ranked ones the newest comes first");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 2_050);
    assert_eq!(parts[0].facets.platforms, [("twitter".to_owned(), 2_000)]);
    assert_eq!(search(5_000).hits, []);
}

#[test]
fn scripts_without_spaces_are_found_wherever_they_stand() {
    let mut desk = Desk::new();
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", post("1", "港の船は正午に出る")));
    desk.capture(&post_ref("2"), found("2026-01-01T10:00:00Z", post("2", "العبّارة تغادر ظهرا")));
    let targets = |query: &str| -> Vec<String> {
        desk.store.search(query, &Filter::default()).unwrap().into_iter().map(|hit| hit.target).collect()
    };
    assert_eq!(targets("港の船"), ["twitter:1"]);
    assert_eq!(targets("正午"), ["twitter:1"]);
    assert_eq!(targets("تغادر"), ["twitter:2"]);
    assert_eq!(targets("港 AND nothing"), [""; 0]);
}

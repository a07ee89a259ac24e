//! Lists, their filters and sorts, and the sums.

use crate::desk::*;
use embalm::{
    model::{ArticleCounts, Gone, Outcome, PostCounts, State, Summary, Via},
    store::{Filter, StoreError},
};

/// Two articles of two sites; a live post, a deleted one, one that failed.
fn filled() -> Desk {
    let mut desk = Desk::new();
    desk.article("https://news.example/ferry", "<p>one</p>", &[post_ref("1"), post_ref("2")]);
    desk.article("https://blog.harbour.example/pier", "<p>two</p>", &[post_ref("2"), post_ref("3")]);
    let mut danish = post("1", "Vi sejler til middag");
    danish.lang = Some("da-DK".to_owned());
    danish.published = "2025-12-30T10:00:00Z".parse().ok();
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", danish));
    let mut other = post("2", "The pier is closed");
    other.author.handle = "pier_master".to_owned();
    other.published = "2025-12-31".parse().ok();
    desk.capture(&post_ref("2"), rung("2026-01-02T10:00:00Z", Via::Api, Outcome::Found(Box::new(other))));
    desk.capture(&post_ref("2"), rung("2026-01-03T10:00:00Z", Via::Api, Outcome::Gone(Gone::Deleted)));
    desk.capture(&post_ref("3"), failed("2026-01-03T10:00:00Z"));
    desk
}

fn ids(desk: &Desk, filter: &Filter) -> Vec<String> {
    desk.store.posts(filter).unwrap().into_iter().map(|record| record.post_id).collect()
}

#[test]
fn posts_are_filtered_and_sorted() {
    let desk = filled();
    let all = Filter::default();
    assert_eq!(ids(&desk, &all), ["2", "1", "3"], "the newest capture first, what was never captured last");
    assert_eq!(ids(&desk, &Filter { limit: Some(1), ..all.clone() }), ["2"]);
    let text = |field: fn(&mut Filter) -> &mut Option<String>, value: &str| {
        let mut filter = Filter::default();
        *field(&mut filter) = Some(value.to_owned());
        ids(&desk, &filter)
    };
    assert_eq!(text(|f| &mut f.platform, "twitter").len(), 3);
    assert_eq!(text(|f| &mut f.platform, "bluesky").len(), 0);
    assert_eq!(text(|f| &mut f.author, "@FERRY_clerk"), ["1"]);
    assert_eq!(text(|f| &mut f.lang, "da"), ["1"]);
    assert_eq!(text(|f| &mut f.lang, "d"), [""; 0]);
    assert_eq!(text(|f| &mut f.site, "harbour.example"), ["2", "3"], "a site holds its subdomains");
    assert_eq!(text(|f| &mut f.site, "www.news.example"), ["2", "1"]);
    assert_eq!(text(|f| &mut f.site, "ews.example"), [""; 0]);
    assert_eq!(text(|f| &mut f.article, "https://news.example/ferry"), ["2", "1"]);
    assert_eq!(text(|f| &mut f.article, "https://news.example/nothing"), [""; 0]);
    assert_eq!(ids(&desk, &Filter { state: Some(State::Deleted), ..all.clone() }), ["2"]);
    assert_eq!(ids(&desk, &Filter { state: Some(State::Unknown), ..all.clone() }), ["3"]);
    assert_eq!(ids(&desk, &Filter { via: Some(Via::Syndication), ..all.clone() }), ["1"]);
    assert_eq!(ids(&desk, &Filter { since: Some(at("2026-01-02T00:00:00Z")), ..all.clone() }), ["2"]);
    assert_eq!(ids(&desk, &Filter { until: Some(at("2026-01-01T10:00:00Z")), ..all }), ["1"]);
    assert_eq!(text(|f| &mut f.sort, "-captured"), ["3", "1", "2"]);
    assert_eq!(text(|f| &mut f.sort, "published")[..2], ["2", "1"]);
    let error = desk.store.posts(&Filter { sort: Some("colour".to_owned()), ..Filter::default() }).unwrap_err();
    assert!(matches!(error, StoreError::Sort { .. }));
    assert!(error.to_string().contains("captured, published"), "{error}");
}

#[test]
fn articles_are_filtered_by_themselves_and_by_their_posts() {
    let desk = filled();
    let names = |filter: &Filter| -> Vec<String> {
        let records = desk.store.articles(filter).unwrap();
        assert_eq!(desk.store.article_ids(filter).unwrap(), records.iter().map(|r| r.id).collect::<Vec<_>>());
        records.into_iter().map(|record| record.name).collect()
    };
    let all = Filter::default();
    assert_eq!(names(&all).len(), 2);
    assert_eq!(names(&Filter { site: Some("news.example".to_owned()), ..all.clone() }), ["https://news.example/ferry"]);
    assert_eq!(names(&Filter { state: Some(State::Deleted), ..all.clone() }).len(), 2);
    let author = Filter { author: Some("ferry_clerk".to_owned()), ..all.clone() };
    assert_eq!(names(&author), ["https://news.example/ferry"]);
    assert_eq!(names(&Filter { lang: Some("en".to_owned()), ..all }).len(), 2);
}

#[test]
fn failures_are_those_that_nothing_has_made_good() {
    let mut desk = filled();
    let failures = desk.store.failures(&Filter::default()).unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].subject.as_str(), failures[0].reason.as_str()), ("twitter:3", "http"));
    assert_eq!(failures[0].detail.as_deref(), Some("status 503"));
    assert_eq!(desk.store.failures(&Filter { platform: Some("bluesky".to_owned()), ..Filter::default() }).unwrap(), []);
    let site = Filter { site: Some("harbour.example".to_owned()), ..Filter::default() };
    assert_eq!(desk.store.failures(&site).unwrap(), failures);
    assert_eq!(
        desk.store.failures(&Filter { since: Some(at("2026-01-04T00:00:00Z")), ..Filter::default() }).unwrap(),
        []
    );
    desk.capture(&post_ref("3"), found("2026-01-04T10:00:00Z", post("3", "Here it is")));
    assert_eq!(desk.store.failures(&Filter::default()).unwrap(), []);
}

#[test]
fn a_run_reads_back_what_it_did() {
    let mut desk = Desk::new();
    let summary = Summary {
        run: desk.run,
        articles: ArticleCounts { new: 2, unchanged: 9, ..Default::default() },
        posts: PostCounts { captured: 12, gone: 1, ..Default::default() },
        embeds: 14,
        requests: 36,
        downloaded_bytes: 1_048_576,
        elapsed_ms: 2310,
        stopped: Some("time budget".to_owned()),
        ..Default::default()
    };
    desk.store.finish_run(&summary, at("2026-01-01T00:01:00Z")).unwrap();
    let killed = desk.store.begin_run("add", at("2026-01-02T00:00:00Z")).unwrap();
    let runs = desk.store.runs(&Filter::default()).unwrap();
    assert_eq!((runs[0].summary.run, runs[0].finished_at), (killed, None));
    assert_eq!(runs[1].summary.digest.as_ref().map(String::len), Some(64));
    let summary = Summary { digest: runs[1].summary.digest.clone(), ..summary };
    assert_eq!(runs[1].summary, summary);
    assert_eq!((runs[1].command.as_str(), runs[1].finished_at), ("run", Some(at("2026-01-01T00:01:00Z"))));
    assert_eq!(desk.store.runs(&Filter { limit: Some(1), ..Filter::default() }).unwrap().len(), 1);
    let status = desk.store.status(at("2026-01-03T00:00:00Z")).unwrap();
    assert_eq!(status.running.unwrap().summary.run, killed, "as far as the archive knows");
    assert_eq!(status.last_run.unwrap().summary, summary);
}

#[test]
fn the_status_counts_what_is_there() {
    let desk = filled();
    let status = desk.store.status(at("2026-01-03T00:00:00Z")).unwrap();
    assert_eq!((status.articles, status.versions, status.embeds, status.posts), (2, 2, 4, 3));
    assert_eq!((status.gone, status.snapshots), (1, 3));
    assert_eq!(
        status.states.iter().map(|(state, n)| (state.as_str(), *n)).collect::<Vec<_>>(),
        [("deleted", 1), ("live", 1), ("unknown", 1)]
    );
    let twitter = &status.platforms[0];
    assert_eq!((twitter.posts, twitter.captured, twitter.gone, twitter.unknown), (3, 2, 1, 1));
    assert!((twitter.success - 2.0 / 3.0).abs() < 1e-9);
    assert!(status.archive_bytes > 0);
}

#[test]
fn a_record_has_the_fields_that_scripts_rely_on() {
    let desk = filled();
    let record = serde_json::to_value(&desk.store.posts(&Filter::default()).unwrap()[0]).unwrap();
    assert_eq!(
        record,
        serde_json::json!({
            "key": "twitter:2", "platform": "twitter", "post_id": "2", "url": "https://social.example/i/status/2",
            "state": "deleted", "via": "api", "captured_at": "2026-01-02T10:00:00Z", "author_name": "Zoë Færry",
            "author_handle": "pier_master", "published": "2025-12-31", "text": "The pier is closed", "lang": null,
            "media": [], "quoted": null, "reply_to": null, "counts": {}, "snapshots": 2,
            "articles": ["https://news.example/ferry", "https://blog.harbour.example/pier"]
        })
    );
}

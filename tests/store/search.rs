//! Full text over posts and articles.

use crate::desk::*;
use embalm::{
    model::SearchHit,
    store::{Filter, StoreError},
};

fn filled() -> Desk {
    let mut desk = Desk::new();
    desk.article("https://news.example/ferry", "<p>one</p>", &[post_ref("1")]);
    let mut first = post("1", "Crème brûlée on the ferry to Ærø, at noon");
    first.media.push(picture("https://media.example/1.png"));
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", first));
    desk.capture(&post_ref("2"), found("2026-01-02T10:00:00Z", post("2", "The train to the harbour")));
    desk
}

fn search(desk: &Desk, query: &str) -> Vec<SearchHit> {
    desk.store.search(query, &Filter::default()).unwrap()
}

fn targets(desk: &Desk, query: &str) -> Vec<String> {
    let mut targets: Vec<_> = search(desk, query).into_iter().map(|hit| hit.target).collect();
    targets.sort();
    targets
}

#[test]
fn words_are_found_with_accents_folded() {
    let desk = filled();
    for query in ["creme brulee", "CRÈME", "brûl*", "\"creme brulee on\"", "zoe noon"] {
        assert_eq!(targets(&desk, query), ["twitter:1"], "{query}");
    }
    assert_eq!(targets(&desk, "cafe"), ["1"], "the article says café");
    assert_eq!(targets(&desk, "pier"), ["twitter:1"], "a picture's description is searched");
    assert_eq!(targets(&desk, "noon"), ["1", "twitter:1"]);
}

#[test]
fn operators_work_and_a_query_that_is_none_is_taken_as_words() {
    let desk = filled();
    assert_eq!(targets(&desk, "train OR brulee"), ["twitter:1", "twitter:2"]);
    assert_eq!(targets(&desk, "harbour NOT train"), [""; 0]);
    assert_eq!(targets(&desk, "author_handle:ferry_clerk train"), ["twitter:2"]);
    for query in ["train (to", "\"train to", "train, to!", "train AND", "train-to", "*train"] {
        assert!(targets(&desk, query).len() <= 1, "{query}");
    }
    assert_eq!(targets(&desk, "the train, to"), ["twitter:2"]);
    assert_eq!(targets(&desk, "'; DROP TABLE posts; --"), [""; 0]);
    for query in ["", "  ", "\"", "***", "\0"] {
        let error = desk.store.search(query, &Filter::default()).unwrap_err();
        assert!(matches!(error, StoreError::Query { .. }), "{query:?}: {error}");
    }
    assert_eq!(search(&desk, &"train ".repeat(10_000)).len(), 1);
    assert_eq!(search(&desk, &"(zebra ".repeat(5_000)).len(), 0);
}

#[test]
fn a_hit_shows_its_match_and_the_best_comes_first() {
    let mut desk = filled();
    desk.capture(&post_ref("3"), found("2026-01-03T10:00:00Z", post("3", "Train, train, train")));
    let hits = search(&desk, "train");
    assert_eq!(hits[0].target, "twitter:3");
    assert!(hits[0].score > hits[1].score);
    assert_eq!(hits[1].snippet, "The ⟦train⟧ to the harbour");
    let newest = Filter { sort: Some("-captured".to_owned()), limit: Some(1), ..Filter::default() };
    assert_eq!(desk.store.search("train", &newest).unwrap()[0].target, "twitter:2");
}

#[test]
fn filters_narrow_a_search() {
    let desk = filled();
    let filter = Filter { platform: Some("twitter".to_owned()), ..Filter::default() };
    assert_eq!(desk.store.search("noon", &filter).unwrap().len(), 1, "an article has no platform");
    let filter = Filter { since: Some(at("2026-01-02T00:00:00Z")), ..Filter::default() };
    assert_eq!(desk.store.search("harbour OR noon", &filter).unwrap().len(), 1);
    let filter = Filter { article: Some("https://news.example/ferry".to_owned()), ..Filter::default() };
    assert_eq!(desk.store.search("noon OR train", &filter).unwrap().len(), 2);
}

#[test]
fn the_index_follows_the_snapshot_shown() {
    let mut desk = filled();
    desk.capture(&post_ref("2"), found("2026-01-03T10:00:00Z", post("2", "The bus to the harbour")));
    assert_eq!(targets(&desk, "train"), [""; 0]);
    assert_eq!(targets(&desk, "bus"), ["twitter:2"]);
    desk.store.adopt(&post_ref("2"), &post_ref("22")).unwrap();
    assert_eq!(targets(&desk, "bus"), ["twitter:22"]);
}

//! Captures: nothing that was captured is lost, whatever comes after it.

use crate::desk::*;
use embalm::{
    model::{Failure, Gone, Outcome, Related, State, Via, Withheld},
    store::{Capture, RungResult},
};

#[test]
fn a_failed_refetch_never_replaces_a_good_snapshot() {
    let mut desk = Desk::new();
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", post("1", "We sail at noon")));
    let saved = desk
        .store
        .save_capture(
            desk.run,
            &Capture {
                post: post_ref("1"),
                rungs: vec![failed("2026-01-02T10:00:00Z")],
                retry: Some(retry("2026-01-03T10:00:00Z")),
                related: Vec::new(),
            },
        )
        .unwrap();
    assert!(matches!(saved.results[..], [RungResult::Unchanged(_)]));
    let view = desk.store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!(view.state, State::Live);
    assert_eq!(view.captured_at, Some(at("2026-01-01T10:00:00Z")));
    assert_eq!(view.content.unwrap().text, "We sail at noon");
    assert_eq!(view.last_failure, Some(Failure::Http { status: 503 }));
    assert_eq!(view.last_seen_at, Some(at("2026-01-01T10:00:00Z")));
    assert_eq!(view.last_looked_at, Some(at("2026-01-02T10:00:00Z")));
    assert_eq!(view.history.len(), 1);
    assert_eq!(desk.number("SELECT count(*) FROM looks WHERE result = 'failed' AND reason = 'http'"), 1);
    let status = desk.store.post_status(&post_ref("1")).unwrap().unwrap();
    assert_eq!((status.attempts, status.due_at), (1, Some(at("2026-01-03T10:00:00Z"))));
    assert_eq!(status.last_looked_at, Some(at("2026-01-02T10:00:00Z")));
}

#[test]
fn a_deleted_post_keeps_its_last_snapshot_and_both_dates() {
    let mut desk = Desk::new();
    let one = post_ref("1");
    desk.capture(&one, found("2026-01-01T10:00:00Z", post("1", "We sail at noon")));
    desk.capture(&one, found("2026-01-02T10:00:00Z", post("1", "We sail at noon")));
    desk.capture(&one, rung("2026-01-03T10:00:00Z", Via::Syndication, Outcome::Gone(Gone::Deleted)));
    desk.capture(&one, rung("2026-01-04T10:00:00Z", Via::Syndication, Outcome::Gone(Gone::Deleted)));
    desk.capture(&one, failed("2026-01-05T10:00:00Z"));
    let view = desk.store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!(view.state, State::Deleted);
    assert_eq!(view.state_since, Some(at("2026-01-03T10:00:00Z")));
    assert_eq!(view.content.unwrap().text, "We sail at noon");
    assert_eq!(view.via, Some(Via::Syndication));
    let outcomes: Vec<_> = view.history.iter().map(|snapshot| State::proven_by(&snapshot.outcome)).collect();
    assert_eq!(outcomes, [Some(State::Live), Some(State::Deleted)]);
    let dates: (String, String) = desk
        .sql()
        .query_row("SELECT last_seen_at, gone_since FROM vanished_posts", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(dates, ("2026-01-02T10:00:00.000Z".to_owned(), "2026-01-03T10:00:00.000Z".to_owned()));
}

#[test]
fn equal_content_is_one_snapshot_and_a_look() {
    let mut desk = Desk::new();
    let mut counted = post("1", "We sail at noon");
    let first = desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", counted.clone()));
    counted.counts.insert("likes".to_owned(), 12);
    let second = desk.capture(&post_ref("1"), found("2026-01-02T10:00:00Z", counted));
    assert!(matches!(first.results[..], [RungResult::Stored(_)]));
    assert!(matches!(second.results[..], [RungResult::Unchanged(_)]));
    desk.capture(&post_ref("1"), found("2026-01-03T10:00:00Z", post("1", "We sail at one")));
    desk.capture(&post_ref("1"), found("2026-01-04T10:00:00Z", post("1", "We sail at noon")));
    let results: Vec<String> = desk
        .sql()
        .prepare("SELECT result FROM looks ORDER BY looked_at")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(results, ["new", "unchanged", "new", "new"], "an edit taken back is a change too");
}

#[test]
fn the_article_quote_and_a_web_archive_prove_no_state() {
    let mut desk = Desk::new();
    let one = post_ref("1");
    let quoted = Outcome::Found(Box::new(post("1", "We sail at noon, it says here")));
    desk.store
        .save_capture(
            desk.run,
            &Capture {
                post: one.clone(),
                rungs: vec![
                    rung("2026-01-01T10:00:00Z", Via::Syndication, Outcome::Failed(Failure::Blocked)),
                    rung("2026-01-01T10:00:01Z", Via::Quoted, quoted.clone()),
                ],
                retry: None,
                related: Vec::new(),
            },
        )
        .unwrap();
    let status = desk.store.post_status(&one).unwrap().unwrap();
    assert_eq!((status.state, status.best_via), (State::Unknown, Some(Via::Quoted)));
    desk.capture(&one, rung("2026-01-02T10:00:00Z", Via::Syndication, Outcome::Withheld(Withheld::Private)));
    desk.capture(&one, rung("2026-01-03T10:00:00Z", Via::Quoted, quoted));
    let status = desk.store.post_status(&one).unwrap().unwrap();
    assert_eq!((status.state, status.best_via), (State::Private, Some(Via::Quoted)));
    assert_eq!(desk.number("SELECT count(*) FROM snapshots WHERE via = 'quoted'"), 1);
}

#[test]
fn a_poorer_rung_does_not_displace_a_richer_one() {
    let mut desk = Desk::new();
    let one = post_ref("1");
    let mut rich = post("1", "We sail at noon");
    rich.media.push(picture("https://media.example/ferry.png"));
    desk.capture(&one, found("2026-01-01T10:00:00Z", rich));
    desk.capture(
        &one,
        rung("2026-01-02T10:00:00Z", Via::Oembed, Outcome::Found(Box::new(post("1", "We sail at noon")))),
    );
    desk.capture(&one, rung("2026-01-03T10:00:00Z", Via::Quoted, Outcome::Found(Box::new(post("1", "We sail")))));
    let view = desk.store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!((view.via, view.history.len()), (Some(Via::Syndication), 3));
    desk.capture(&one, found("2026-01-04T10:00:00Z", post("1", "We sail at one, without a picture")));
    let view = desk.store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!(view.content.unwrap().text, "We sail at one, without a picture");
}

#[test]
fn a_more_exact_id_takes_over_and_the_asked_one_stays_a_name() {
    let mut desk = Desk::new();
    let asked = post_ref("ferry.example/3k");
    desk.article("https://news.example/ferry", "<p>one</p>", std::slice::from_ref(&asked));
    desk.capture(&asked, failed("2026-01-01T09:00:00Z"));
    desk.capture(&asked, found("2026-01-01T10:00:00Z", post("did:plc:abc/3k", "We sail at noon")));
    desk.capture(&asked, found("2026-01-02T10:00:00Z", post("did:plc:abc/3k", "We sail at noon")));
    let by_alias = desk.store.post_view("twitter:ferry.example/3k", false).unwrap().unwrap();
    let by_id = desk.store.post_view("twitter:did:plc:abc/3k", false).unwrap().unwrap();
    assert_eq!(by_alias, by_id);
    assert_eq!(by_id.post.id, "did:plc:abc/3k");
    assert_eq!(desk.number("SELECT count(*) FROM posts"), 1);
    assert_eq!(desk.number("SELECT count(*) FROM looks"), 3);
    let article = desk.store.article_view("https://news.example/ferry", false).unwrap().unwrap();
    assert_eq!(article.embeds[0].embed, embed(0, &asked), "the embed stays as it was detected");
    assert_eq!(article.embeds[0].post.as_ref().unwrap().content.as_ref().unwrap().text, "We sail at noon");
}

#[test]
fn an_adopted_short_link_brings_its_embeds_and_snapshots_along() {
    let mut desk = Desk::new();
    let (short, real) = (post_ref("pic.social.example/abc"), post_ref("77"));
    desk.article("https://news.example/ferry", "<p>one</p>", std::slice::from_ref(&short));
    let quoted = Outcome::Found(Box::new(post("pic.social.example/abc", "We sail, it says here")));
    desk.capture(&short, rung("2026-01-01T10:00:00Z", Via::Quoted, quoted));
    desk.store.adopt(&short, &real).unwrap();
    desk.store.adopt(&short, &real).unwrap();
    desk.capture(&real, found("2026-01-02T10:00:00Z", post("77", "We sail at noon")));
    let view = desk.store.post_view("twitter:pic.social.example/abc", false).unwrap().unwrap();
    assert_eq!((view.post.id.as_str(), view.history.len()), ("77", 2));
    assert_eq!(view.content.unwrap().text, "We sail at noon");
    assert_eq!(desk.store.posts(&Default::default()).unwrap()[0].articles, ["https://news.example/ferry"]);
    assert_eq!(desk.number("SELECT count(*) FROM posts"), 1);
    assert_eq!(desk.store.due(at("2027-01-01T00:00:00Z"), 9).unwrap(), [], "it was captured");
}

#[test]
fn a_post_inside_an_answer_becomes_a_post_of_its_own() {
    let mut desk = Desk::new();
    let mut outer = post("1", "Look at this");
    let mut inner = post("2", "We sail at noon");
    inner.media.push(picture("https://media.example/ferry.png"));
    outer.quoted = Some(Related { post: post_ref("2"), content: Some(Box::new(inner.clone())) });
    outer.reply_to = Some(Related { post: post_ref("3"), content: None });
    let mut rung = found("2026-01-01T10:00:00Z", outer.clone());
    rung.exchanges = vec![exchange("https://api.example/1", 200, "{}")];
    rung.media = vec![brought("https://media.example/ferry.png", PNG)];
    desk.capture(&post_ref("1"), rung);
    let view = desk.store.post_view("twitter:1", true).unwrap().unwrap();
    assert_eq!(view.content.as_ref().unwrap(), &outer, "what was read is what was written");
    assert_eq!(view.media, []);
    let quoted = view.quoted.unwrap();
    assert_eq!((quoted.state, quoted.captured_at), (State::Live, view.captured_at));
    assert_eq!(quoted.content.unwrap(), inner);
    assert_eq!(quoted.media[0].bytes.as_deref(), Some(PNG));
    assert_eq!(view.reply_to.unwrap().state, State::Unknown);
    let record = &desk.store.posts(&Default::default()).unwrap();
    let outer = record.iter().find(|record| record.post_id == "1").unwrap();
    assert_eq!((outer.quoted.as_deref(), outer.reply_to.as_deref()), (Some("twitter:2"), Some("twitter:3")));
    assert_eq!(desk.store.raw_exchanges("twitter:2").unwrap().len(), 1, "the same answer holds both");
}

#[test]
fn a_quotation_that_comes_later_is_kept_and_leaves_state_and_queue_alone() {
    let mut desk = Desk::new();
    let one = post_ref("1");
    let rungs = vec![failed("2026-01-01T10:00:00Z")];
    let due = retry("2026-01-03T10:00:00Z");
    desk.store
        .save_capture(desk.run, &Capture { post: one.clone(), rungs, retry: Some(due), related: Vec::new() })
        .unwrap();
    let quoted = post("1", "We sail at noon, it says here");
    for read_at in ["2026-01-02T10:00:00Z", "2026-01-02T11:00:00Z"] {
        desk.store.save_quotation(desk.run, &one, &quoted, at(read_at)).unwrap();
    }
    let status = desk.store.post_status(&one).unwrap().unwrap();
    assert_eq!((status.state, status.best_via), (State::Unknown, Some(Via::Quoted)));
    assert_eq!((status.attempts, status.due_at), (1, Some(at("2026-01-03T10:00:00Z"))));
    assert_eq!(desk.number("SELECT count(*) FROM snapshots"), 1);
    let view = desk.store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!(view.captured_at, Some(at("2026-01-02T10:00:00Z")));
}

#[test]
fn a_quoted_post_that_nobody_has_looked_at_is_queued_with_the_capture_that_names_it() {
    let mut desk = Desk::new();
    let mut content = post("1", "As she said");
    content.quoted = Some(embalm::model::Related { post: post_ref("2"), content: None });
    let rungs = vec![found("2026-01-01T10:00:00Z", content)];
    let capture = Capture { post: post_ref("1"), rungs, retry: None, related: vec![post_ref("2")] };
    desk.store.save_capture(desk.run, &capture).unwrap();
    let due = desk.store.due(at("2026-01-01T10:00:00Z"), 10).unwrap();
    assert_eq!(
        due.iter().map(|item| (item.post.key(), item.related)).collect::<Vec<_>>(),
        [("twitter:2".to_owned(), true)]
    );
    desk.capture(&post_ref("2"), found("2026-01-01T10:00:01Z", post("2", "I said so")));
    assert_eq!(desk.store.due(at("2026-01-02T10:00:00Z"), 10).unwrap(), []);
}

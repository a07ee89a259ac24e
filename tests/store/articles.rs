//! Articles, their versions, and the queue that makes a killed run lose none of their posts.

use crate::desk::*;
use embalm::{
    model::{Failure, Outcome, Target, Via},
    store::{ArticleRetry, Capture, Change, Filter, NewArticle, OverTime, Retry},
};

const NAME: &str = "https://www.news.example/2026/ferry?from=feed";

#[test]
fn the_same_bytes_are_one_version_and_other_bytes_another() {
    let mut desk = Desk::new();
    assert_eq!(desk.store.latest_article_digest(NAME).unwrap(), None);
    let first = desk.article(NAME, "<p>one</p>", &[post_ref("1")]);
    let same = desk.article(NAME, "<p>one</p>", &[post_ref("1")]);
    let other = desk.article(NAME, "<p>two</p>", &[post_ref("1"), post_ref("2")]);
    let back = desk.article(NAME, "<p>one</p>", &[post_ref("1")]);
    let changes = [first, same, other, back].map(|saved| saved.change);
    assert_eq!(changes, [Change::New, Change::Unchanged, Change::Changed, Change::Changed]);
    assert_eq!((same.article_id, same.version_id), (first.article_id, first.version_id));
    let digest = desk.store.latest_article_digest(NAME).unwrap().unwrap();
    let view = desk.store.article_view(NAME, false).unwrap().unwrap();
    assert_eq!(view.digest, digest);
    assert_eq!(view.embeds.len(), 1);
    assert_eq!(desk.number("SELECT count(*) FROM article_versions"), 3);
    assert_eq!(desk.store.article_original(NAME).unwrap().unwrap(), b"<p>one</p>");
    let record = &desk.store.articles(&Filter::default()).unwrap()[0];
    assert_eq!((record.versions, record.embeds, record.posts.as_slice()), (3, 1, &["twitter:1".to_owned()][..]));
}

#[test]
fn an_article_is_read_as_it_was_written_under_any_of_its_names() {
    let mut desk = Desk::new();
    let mut article = article("https://news.example/2026/ferry/");
    article.body_html = "<p>It left <em>at noon</em>.</p>".repeat(50);
    let (short, real) = (post_ref("short"), post_ref("7"));
    let mut embeds =
        vec![(embed(0, &real), real.clone()), (embed(1, &short), short.clone()), (embed(2, &short), short)];
    embeds[1].0.target =
        Target::ShortLink { platform: "twitter".to_owned(), url: "https://s.example/abc".parse().unwrap() };
    embeds[2].0.target = Target::Unresolved { platform: "twitter".to_owned() };
    embeds[2].0.quoted = Default::default();
    let page = exchange(NAME, 200, "<p>one</p>");
    let new = NewArticle {
        name: NAME,
        source: "harbour",
        kind: "html",
        original: b"<p>one</p>",
        content_type: None,
        article: &article,
        embeds: &embeds,
        exchange: Some(&page),
        captured_at: at("2026-01-01T00:00:01Z"),
        over_time: OverTime::default(),
    };
    let saved = desk.store.save_article(desk.run, &new).unwrap();
    let view = desk.store.article_view(NAME, false).unwrap().unwrap();
    assert_eq!(view.article, article);
    let read: Vec<_> = view.embeds.iter().map(|embed| embed.embed.clone()).collect();
    let written: Vec<_> = embeds.into_iter().map(|(embed, _)| embed).collect();
    assert_eq!(read, written);
    let id = saved.article_id.to_string();
    for name in [
        id.as_str(),
        "https://news.example/2026/ferry/",
        "https://news.example/2026/ferry",
        "http://www.news.example/2026/ferry#comments",
        "ferry?from=feed",
    ] {
        assert_eq!(desk.store.article_view(name, false).unwrap().as_ref(), Some(&view), "{name}");
    }
    for name in ["", "99", "https://news.example/", "rry", "%"] {
        assert_eq!(desk.store.article_view(name, false).unwrap(), None, "{name:?}");
    }
}

#[test]
fn a_post_that_no_run_has_reached_waits_in_the_queue() {
    let mut desk = Desk::new();
    desk.article(NAME, "<p>one</p>", &[post_ref("1"), post_ref("2")]);
    let due = desk.store.due(at("2026-01-02T00:00:00Z"), 10).unwrap();
    assert_eq!(
        due.iter().map(|item| (item.post.key(), item.attempts)).collect::<Vec<_>>(),
        [("twitter:1".to_owned(), 0), ("twitter:2".to_owned(), 0)]
    );
    assert_eq!(due[0].quoted, embed(0, &post_ref("1")).quoted);
    assert_eq!(due[0].quoted_at, Some(at("2026-01-01T00:00:01Z")), "a quotation is as old as its article");
    assert_eq!(desk.store.due(at("2026-01-02T00:00:00Z"), 1).unwrap().len(), 1);
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", post("1", "We sail at noon")));
    let passing = |at_text: &str, due_at: &str| Capture {
        post: post_ref("2"),
        rungs: vec![failed(at_text)],
        retry: Some(retry(due_at)),
        related: Vec::new(),
    };
    desk.store.save_capture(desk.run, &passing("2026-01-01T10:00:00Z", "2026-01-03T00:00:00Z")).unwrap();
    desk.store.save_capture(desk.run, &passing("2026-01-03T10:00:00Z", "2026-01-05T00:00:00Z")).unwrap();
    assert_eq!(desk.store.due(at("2026-01-04T00:00:00Z"), 10).unwrap(), []);
    let due = desk.store.due(at("2026-01-05T00:00:00Z"), 10).unwrap();
    assert_eq!((due.len(), due[0].attempts, due[0].reason.as_str()), (1, 2, "status 503"));
    let deferred = Capture {
        post: post_ref("2"),
        rungs: Vec::new(),
        retry: Some(retry("2026-01-06T00:00:00Z")),
        related: Vec::new(),
    };
    desk.store.save_capture(desk.run, &deferred).unwrap();
    let status = desk.store.post_status(&post_ref("2")).unwrap().unwrap();
    assert_eq!((status.attempts, status.due_at), (2, Some(at("2026-01-06T00:00:00Z"))), "putting off is no attempt");
    desk.capture(&post_ref("2"), rung("2026-01-07T00:00:00Z", Via::Quoted, Outcome::Failed(Failure::NoRoute)));
    assert_eq!(desk.store.status(at("2026-01-03T00:00:00Z")).unwrap().queued, 0);
}

#[test]
fn a_changed_article_queues_only_posts_that_were_never_looked_at() {
    let mut desk = Desk::new();
    desk.article(NAME, "<p>one</p>", &[post_ref("1")]);
    desk.capture(&post_ref("1"), failed("2026-01-01T10:00:00Z"));
    desk.article(NAME, "<p>two</p>", &[post_ref("1"), post_ref("2")]);
    let due = desk.store.due(at("2027-01-01T00:00:00Z"), 10).unwrap();
    assert_eq!(due.iter().map(|item| item.post.key()).collect::<Vec<_>>(), ["twitter:2"]);
}

#[test]
fn an_article_that_failed_is_tried_again_until_it_is_archived() {
    let mut desk = Desk::new();
    let retry = ArticleRetry {
        name: NAME.to_owned(),
        source: "harbour".to_owned(),
        failed_at: at("2026-01-01T00:00:00Z"),
        retry: Retry::at(at("2026-01-02T00:00:00Z"), "no complete answer within 30 s"),
    };
    desk.store.queue_article(&retry).unwrap();
    desk.store.queue_article(&retry).unwrap();
    assert_eq!(desk.store.due_articles(at("2026-01-01T12:00:00Z"), 10).unwrap(), []);
    let due = desk.store.due_articles(at("2026-01-02T00:00:00Z"), 10).unwrap();
    assert_eq!((due.len(), due[0].attempts, due[0].source.as_str()), (1, 2, "harbour"));
    let failures = desk.store.failures(&Filter::default()).unwrap();
    assert_eq!((failures[0].what.as_str(), failures[0].subject.as_str()), ("article", NAME));
    desk.article(NAME, "<p>one</p>", &[]);
    assert_eq!(desk.store.due_articles(at("2027-01-01T00:00:00Z"), 10).unwrap(), []);
    desk.store.queue_article(&retry).unwrap();
    desk.store.unqueue_article(NAME).unwrap();
    assert_eq!(desk.store.status(at("2026-01-03T00:00:00Z")).unwrap().queued, 0);
}

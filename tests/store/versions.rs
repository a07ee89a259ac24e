//! Versions of an article: each can be read again, with its embeds, its words, and its bytes as they came.

use crate::desk::*;
use embalm::{
    model::{Outcome, PostRef, Via},
    store::{ArticleLook, Leads, LookFound, NewArticle, OverTime, Rung, SavedArticle},
};

const NAME: &str = "https://news.example/2026/ferry";

/// Keeps what the article says at this moment.
fn says(desk: &mut Desk, text: &str, posts: &[PostRef], captured_at: &str) -> SavedArticle {
    let mut article = article(NAME);
    article.title = format!("The ferry at {captured_at}");
    article.text = text.to_owned();
    article.body_html = format!("<p>{text}</p>");
    let embeds: Vec<_> = posts.iter().enumerate().map(|(at, post)| (embed(at, post), post.clone())).collect();
    let addresses = [("https://short.example/f".parse().unwrap(), Leads::Redirect)];
    let new = NewArticle {
        name: NAME,
        source: "add",
        kind: "html",
        original: article.body_html.as_bytes(),
        content_type: Some("text/html; charset=utf-8"),
        article: &article,
        embeds: &embeds,
        exchange: None,
        captured_at: at(captured_at),
        over_time: OverTime { addresses: &addresses, due_at: Some(at("2026-02-01T00:00:00Z")), ..OverTime::default() },
    };
    desk.store.save_article(desk.run, &new).unwrap()
}

#[test]
fn each_version_is_read_as_it_was() {
    let mut desk = Desk::new();
    let id = says(&mut desk, "one", &[post_ref("1")], "2026-01-01T08:00:00Z").article_id;
    says(&mut desk, "one two", &[post_ref("1"), post_ref("2")], "2026-01-02T08:00:00Z");
    says(&mut desk, "two", &[], "2026-01-03T08:00:00Z");
    let read = |number| desk.store.article_version(id, number, false).unwrap();
    for (number, text, embeds) in [(1, "one", 1), (2, "one two", 2), (3, "two", 0)] {
        let view = read(Some(number)).unwrap();
        assert_eq!((view.number, view.article.text.as_str(), view.embeds.len()), (number, text, embeds));
        assert_eq!(view.article.body_html, format!("<p>{text}</p>"));
        let original = desk.store.original(id, Some(number)).unwrap().unwrap();
        assert_eq!((original.number, original.versions, original.digest), (number, 3, view.digest));
        assert_eq!(original.bytes, format!("<p>{text}</p>").as_bytes());
        assert_eq!(original.url.as_ref().map(url::Url::as_str), Some(NAME));
        let words = desk.store.version_text(id, number).unwrap().unwrap();
        assert_eq!((words.text.as_str(), words.title, words.posts.len()), (text, view.article.title, embeds));
    }
    assert_eq!(read(None), read(Some(3)));
    assert_eq!(desk.store.version_count(id).unwrap(), 3);
    for none in [Some(0), Some(4), Some(usize::MAX)] {
        assert_eq!(read(none), None);
        assert_eq!(desk.store.original(id, none).unwrap(), None);
    }
    assert_eq!(desk.store.article_version(99, None, false).unwrap(), None);
    assert_eq!((desk.store.original(99, None).unwrap(), desk.store.version_count(99).unwrap()), (None, 0));
}

#[test]
fn a_view_tells_how_the_article_stands_by_now() {
    let mut desk = Desk::new();
    let id = says(&mut desk, "one", &[post_ref("1")], "2026-01-01T08:00:00Z").article_id;
    says(&mut desk, "óne two", &[], "2026-01-02T08:00:00Z");
    let gone = ArticleLook {
        article_id: id,
        looked_at: at("2026-01-05T08:00:00Z"),
        due_at: Some(at("2026-03-01T00:00:00Z")),
        found: LookFound::Gone,
    };
    let before = desk.store.article_version(id, Some(1), false).unwrap().unwrap().standing.unwrap();
    assert_eq!((before.gone_since, before.looks, before.due_at), (None, 2, Some(at("2026-02-01T00:00:00Z"))));
    desk.store.note_article_looks(&[gone]).unwrap();
    let standing = desk.store.article_view(NAME, false).unwrap().unwrap().standing.unwrap();
    assert_eq!(standing.gone_since, Some(at("2026-01-05T08:00:00Z")));
    assert_eq!((standing.looks, standing.due_at), (3, Some(at("2026-03-01T00:00:00Z"))));
    let versions: Vec<_> = standing.versions.iter().map(|version| (version.text_bytes, version.embeds)).collect();
    assert_eq!(versions, [(3, 1), (8, 0)]);
    let addresses: Vec<_> = standing.addresses.iter().map(|one| (one.url.as_str(), one.how.as_str())).collect();
    assert_eq!(addresses, [(NAME, "named"), ("https://short.example/f", "redirect")]);
}

#[test]
fn an_article_shows_its_posts_without_their_history() {
    let mut desk = Desk::new();
    let id = desk.article(NAME, "<p>one</p>", &[post_ref("1")]).article_id;
    let kept = |text: &str, day: &str| {
        let media = vec![brought("https://img.example/a.png", PNG)];
        let mut post = post("1", text);
        post.media = vec![picture("https://img.example/a.png")];
        Rung { media, ..rung(day, Via::Syndication, Outcome::Found(Box::new(post))) }
    };
    desk.capture(&post_ref("1"), kept("We sail", "2026-01-02T08:00:00Z"));
    desk.capture(&post_ref("1"), kept("We sail at noon", "2026-01-03T08:00:00Z"));
    let view = desk.store.article_version(id, None, false).unwrap().unwrap();
    let shown = view.embeds[0].post.as_ref().unwrap();
    assert_eq!((shown.content.as_ref().unwrap().text.as_str(), shown.history.len()), ("We sail at noon", 0));
    assert!(shown.media[0].bytes.is_none() && shown.media[0].digest.is_some());
    assert_eq!(desk.store.post_view("twitter:1", false).unwrap().unwrap().history.len(), 2);
    let picture = desk.store.stored_picture("https://img.example/a.png").unwrap().unwrap();
    assert_eq!((&picture.digest, picture.mime.as_deref()), (&shown.media[0].digest, Some("image/png")));
    assert_eq!(desk.store.stored_picture("https://img.example/b.png").unwrap(), None);
}

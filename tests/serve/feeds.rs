//! Feeds: valid for our own reader, cheap for one that has them, and as harmless as the words in them are not.

use crate::{
    desk::{Desk, found, post, post_ref, rung},
    viewer::{STORY, Viewer, room},
};
use embalm::{
    model::{Author, Gone, Outcome, Via},
    source::{Feed, Payload, read_feed},
};

/// Words that break out of whatever does not hold them.
const HOSTILE: &str = "]]></content><script>alert(1)</script>&amp;&#0;\u{1}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff} \"'><img src=x onerror=alert(1)> \
    https://evil.example/?a=1&b=2 javascript:alert(1)";

fn vanished() -> Desk {
    let mut desk = room();
    let mut hostile = post("7", HOSTILE);
    hostile.author = Author { handle: "clerk</name>".to_owned(), name: Some(HOSTILE.to_owned()), ..Author::default() };
    desk.capture(&post_ref("7"), found("2026-01-02T00:00:02Z", hostile));
    desk.capture(&post_ref("7"), rung("2026-01-03T10:00:00.400Z", Via::Api, Outcome::Gone(Gone::Deleted)));
    desk
}

fn read(viewer: &Viewer, path: &str) -> (String, Feed) {
    let answer = viewer.get(path);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/atom+xml; charset=utf-8")),
        "{path}"
    );
    let text = String::from_utf8(answer.body).unwrap();
    let forbidden =
        |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden), "{path}: XML 1.0 does not allow it");
    let feed = read_feed(Payload::of(text.as_bytes())).unwrap();
    assert_eq!(feed.note, None, "{path}");
    (text, feed)
}

#[test]
fn a_vanished_post_is_told_with_its_words_and_its_dates() {
    let desk = vanished();
    let viewer = Viewer::start(&desk.path, &[]);
    let (text, feed) = read(&viewer, "/feed/vanished.atom");
    let [entry] = &feed.entries[..] else { panic!("one post is gone: {text}") };
    assert_eq!(entry.id, "tag:embalm.invalid,2026:vanished/twitter:7/2026-01-03T10:00:00Z");
    let here = format!("http://{}/post/twitter:7", viewer.address);
    assert_eq!(entry.url.as_ref().unwrap().as_str(), here);
    assert_eq!(entry.updated.unwrap().to_string(), "2026-01-03T10:00:00Z");
    let html = entry.content_html.as_ref().unwrap();
    for said in
        ["Deleted: seen gone 3 January 2026, 10:00 UTC.", "Last seen there 2 January 2026", "Captured 2 January 2026"]
    {
        assert!(html.contains(said), "{html}");
    }
    assert_eq!(viewer.get("/post/twitter:7").status, 200);
}

#[test]
fn hostile_words_stay_words() {
    let desk = vanished();
    let viewer = Viewer::start(&desk.path, &[]);
    for path in ["/feed/vanished.atom", "/feed/captures.atom"] {
        let (text, feed) = read(&viewer, path);
        let entry = feed.entries.iter().find(|entry| entry.id.contains("twitter:7")).unwrap();
        let page = scraper::Html::parse_fragment(entry.content_html.as_ref().unwrap());
        let elements: std::collections::BTreeSet<_> = page
            .root_element()
            .descendants()
            .filter_map(|node| Some(node.value().as_element()?.name().to_owned()))
            .collect();
        let ours = ["a", "blockquote", "br", "html", "li", "p", "ul"];
        assert!(elements.iter().all(|name| ours.contains(&name.as_str())), "{path}: {elements:?}");
        let words: String = page.root_element().text().collect();
        assert!(words.contains("<script>alert(1)</script>") && words.contains("]]>"), "{path}: {words}");
        let links = scraper::Selector::parse("a").unwrap();
        for link in page.select(&links) {
            assert!(link.attr("href").unwrap().starts_with("http"), "{path}");
        }
        assert_eq!(text.matches("<entry>").count(), feed.entries.len(), "{path}");
    }
}

#[test]
fn new_captures_are_posts_and_articles_and_can_be_narrowed() {
    let desk = vanished();
    let viewer = Viewer::start(&desk.path, &[]);
    let (text, all) = read(&viewer, "/feed/captures.atom");
    let ids: Vec<_> = all.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids[..2], ["tag:embalm.invalid,2026:post/twitter:7", "tag:embalm.invalid,2026:post/twitter:1822768"]);
    assert!(ids[2].starts_with("tag:embalm.invalid,2026:article/https://news.example/2026/"), "{ids:?}");
    assert!(text.contains(&format!(
        "rel=\"self\" type=\"application/atom+xml\" href=\"http://{}/feed/captures.atom\"",
        viewer.address
    )));
    assert!(text.contains(&format!("rel=\"via\" href=\"{STORY}\"")), "{text}");
    let entries = |path: &str| read(&viewer, path).1.entries.len();
    assert_eq!(entries("/feed/captures.atom?site=news.example"), 2, "the article and its post");
    assert_eq!(entries("/feed/captures.atom?author=ferry_clerk"), 2, "a post, and the article that embeds it");
    assert_eq!(entries("/feed/vanished.atom?author=ferry_clerk"), 0);
    assert_eq!(entries("/feed/vanished.atom?platform=twitter"), 1);
    assert_eq!(entries("/feed/vanished.atom?state=suspended"), 0);
    let front = viewer.get("/").text();
    for feed in ["/feed/captures.atom", "/feed/vanished.atom"] {
        assert!(front.contains("type=\"application/atom+xml\"") && front.contains(feed), "announced");
    }
}

#[test]
fn identifiers_do_not_depend_on_the_name_by_which_the_viewer_is_asked() {
    let desk = vanished();
    let viewer = Viewer::start(&desk.path, &["--allow-host", "archive.example"]);
    let ids = |host: &str| -> Vec<String> {
        let request = format!(
            "GET /feed/captures.atom?platform=twitter HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n",
            viewer.address.port()
        );
        let answer = viewer.ask(request.as_bytes());
        assert!(answer.text().contains(&format!("http://{host}:")), "links lead where it was asked");
        let feed = read_feed(Payload::of(&answer.body)).unwrap();
        feed.entries.into_iter().map(|entry| entry.id).chain(feed.id).collect()
    };
    assert_eq!(ids("127.0.0.1"), ids("archive.example"));
}

#[test]
fn a_reader_that_has_the_feed_as_it_is_gets_none_of_it() {
    let mut desk = vanished();
    let viewer = Viewer::start(&desk.path, &[]);
    for path in ["/feed/vanished.atom", "/feed/captures.atom"] {
        let first = viewer.get(path);
        let tag = first.header("etag").unwrap().to_owned();
        let modified = first.header("last-modified").unwrap().to_owned();
        for line in [
            format!("If-None-Match: {tag}"),
            format!("If-None-Match: \"other\", W/{tag}"),
            "If-None-Match: *".to_owned(),
            format!("If-Modified-Since: {modified}"),
        ] {
            let answer = viewer.get_with(path, &[&line]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {line}");
            assert_eq!(answer.header("etag"), Some(tag.as_str()));
        }
        for line in [
            "If-None-Match: \"other\"".to_owned(),
            "If-Modified-Since: Thu, 01 Jan 1998 00:00:00 GMT".to_owned(),
            "If-Modified-Since: some day".to_owned(),
        ] {
            assert_eq!(viewer.get_with(path, &[&line]).status, 200, "{path} {line}");
        }
        // The tag says more than the time.
        let both = ["If-None-Match: \"other\"".to_owned(), format!("If-Modified-Since: {modified}")];
        assert_eq!(viewer.get_with(path, &[&both[0], &both[1]]).status, 200);
    }
    let tag = viewer.get("/feed/vanished.atom").header("etag").unwrap().to_owned();
    desk.capture(&post_ref("1822768"), rung("2026-01-04T10:00:00Z", Via::Api, Outcome::Gone(Gone::Suspended)));
    let answer = viewer.get_with("/feed/vanished.atom", &[&format!("If-None-Match: {tag}")]);
    assert_eq!(answer.status, 200, "what is new is told at once");
    assert!(answer.text().contains("Account suspended"));
}

//! Feeds of each kind, and with the mistakes that feeds have.

use super::*;

fn read(text: &str) -> Result<Feed, NotRead> {
    read_feed(Payload::of(text.as_bytes()).at(Some(&Url::parse("https://tide.example/feed.xml").unwrap())))
}

#[test]
fn rss_atom_and_json_feed_give_the_same_entries() {
    let rss = "<rss version='0.92'><channel><title>Tide</title><link>https://tide.example/</link><item><title>High &amp;amp; low</title>
        <link>/a</link><guid>1</guid><pubDate>Thu, 04 Mar 2021 05:06:07 GMT</pubDate><description>x</description></item></channel></rss>";
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Tide</title><link href='https://tide.example/'/><entry><title>High &amp; low</title>
        <link rel='enclosure' href='/a.mp3'/><link href='/a'/><id>1</id><published>2021-03-04T05:06:07Z</published></entry></feed>";
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Tide","home_page_url":"https://tide.example/",
        "items":[{"id":"1","url":"https://tide.example/a","title":"High & low","date_published":"2021-03-04T05:06:07Z","content_text":"x"}]}"#;
    for text in [rss, atom, json] {
        let feed = read(text).unwrap();
        assert_eq!(feed.title.as_deref(), Some("Tide"), "{text}");
        assert_eq!(feed.link.as_ref().map(Url::as_str), Some("https://tide.example/"), "{text}");
        let entry = &feed.entries[0];
        assert_eq!(entry.url.as_ref().map(Url::as_str), Some("https://tide.example/a"), "{text}");
        assert_eq!((entry.id.as_str(), entry.title.as_deref()), ("1", Some("High & low")), "{text}");
        assert_eq!(entry.published.unwrap().to_string(), "2021-03-04T05:06:07Z", "{text}");
    }
}

#[test]
fn an_empty_feed_is_no_error() {
    let feed = read("<rss version='2.0'><channel><title>Tide</title></channel></rss>").unwrap();
    assert_eq!((feed.entries.len(), feed.title.as_deref()), (0, Some("Tide")));
}

#[test]
fn what_is_no_feed_is_named_and_a_pages_feeds_are_told() {
    let error = |text: &str| read(text).unwrap_err().to_string();
    let page = "<!doctype html><head><title>Gone</title><link rel=alternate type='application/rss+xml' href='/rss.xml'></head><p>x";
    assert!(
        error(page).contains("HTML page titled \"Gone\"; it names https://tide.example/rss.xml"),
        "{}",
        error(page)
    );
    assert!(error("<html><p>x").contains("names no feed"));
    assert!(error("<?xml version='1.0'?><urlset></urlset>").contains("a sitemap"));
    assert!(error("{\"a\":1}").contains("JSON"));
    assert!(error(" ").contains("empty"));
    assert!(error("hello").contains("plain text"));
}

#[test]
fn a_feed_with_mistakes_or_cut_off_is_read_as_far_as_it_goes() {
    let broken = "Warning: x\n<rss version='2.0'><channel><title>A < B & C</title><item><title>One<link>https://tide.example/1</link>
        <item><title>Two &nbsp;&eacute;</title><link>https://tide.example/2</link></item></chanel><item><title>Three</title><link>https://tide.example/3</link>";
    let feed = read(broken).unwrap();
    assert_eq!(feed.title.as_deref(), Some("A < B & C"));
    let urls: Vec<_> = feed.entries.iter().filter_map(|entry| entry.url.as_ref()).map(Url::as_str).collect();
    assert_eq!(urls, ["https://tide.example/1", "https://tide.example/2", "https://tide.example/3"]);
    assert_eq!(feed.entries[0].title.as_deref(), Some("One"));
    assert!(feed.note.is_some());
    let cut = r#"{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"url":"https://tide.example/1"},{"id":2,"url":"https://ti"#;
    let feed = read(cut).unwrap();
    assert_eq!((feed.entries.len(), feed.entries[0].id.as_str()), (1, "1"));
    assert!(feed.note.unwrap().contains("broken"));
}

#[test]
fn what_a_server_printed_before_a_feed_is_stepped_over() {
    let feed = read(
        "<br />\n<b>Warning</b>: x in <b>y.php</b><br /><?xml version='1.0'?><rss><channel><title>T</title></channel></rss>",
    );
    assert_eq!(feed.unwrap().title.as_deref(), Some("T"));
}

#[test]
fn a_record_without_end_and_with_too_much_in_it_costs_little_and_hides_nothing_behind_it() {
    let deep = format!(
        "<rss><channel><item><title>A</title>{}</item><item><title>B</title></item></channel></rss>",
        "<i>".repeat(100_000)
    );
    let titles = |feed: &Feed| feed.entries.iter().filter_map(|entry| entry.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&read(&deep).unwrap()), ["A", "B"]);
    let many = format!(
        "<rss><channel><item><title>A</title>{}</item><item><title>B</title></item></channel></rss>",
        "<i/>".repeat(300_000)
    );
    assert_eq!(titles(&read(&many).unwrap()), ["A", "B"]);
    let open = format!("<rss><channel><item><title>A</title></item>{}", "<a \"".repeat(100_000));
    assert_eq!(titles(&read(&open).unwrap()), ["A"]);
}

#[test]
fn entities_are_never_expanded_into_each_other_and_nothing_outside_is_read() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>
        <rss><channel><title>&a; &b; &f; &eacute;</title></channel></rss>";
    assert_eq!(read(bomb).unwrap().title.as_deref(), Some("aaaa &b; &f; \u{e9}"));
}

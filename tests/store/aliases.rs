//! One article is one row under all of its addresses, in new archives and in those of older versions.

use crate::desk::*;
use embalm::store::{ArticleLook, Change, Leads, LookFound, NewArticle, OverTime, Store, Verifying};
use url::Url;

const PLAIN: &str = "https://news.example/2026/ferry";

impl Desk {
    fn look(&mut self, name: &str, says: &str, addresses: &[(&str, Leads)]) -> Change {
        let article = article(PLAIN);
        let original = format!("{says} at {name}");
        let addresses: Vec<(Url, Leads)> = addresses.iter().map(|(url, how)| (url.parse().unwrap(), *how)).collect();
        let new = NewArticle {
            name,
            source: "harbour",
            kind: "html",
            original: original.as_bytes(),
            content_type: None,
            article: &article,
            embeds: &[],
            exchange: None,
            captured_at: at("2026-01-01T00:00:01Z"),
            over_time: OverTime { content_digest: Some(says), addresses: &addresses, ..OverTime::default() },
        };
        self.store.save_article(self.run, &new).unwrap().change
    }
}

#[test]
fn an_article_is_one_row_whatever_its_address_tracks() {
    let mut desk = Desk::new();
    assert_eq!(desk.look(&format!("{PLAIN}?utm_source=a"), "one", &[]), Change::New);
    assert_eq!(desk.look(&format!("{PLAIN}?fbclid=b#top"), "one", &[]), Change::Unchanged);
    assert_eq!(desk.look(PLAIN, "two", &[]), Change::Changed);
    assert_eq!(
        desk.look(&format!("{PLAIN}?page_of=7"), "one", &[]),
        Change::New,
        "another parameter may be another page"
    );
    for form in
        [PLAIN, "http://www.news.example/2026/ferry/?gclid=1", "https://news.example/2026/ferry?utm_source=other"]
    {
        let view = desk.store.article_view(form, false).unwrap().unwrap();
        assert_eq!(view.name, format!("{PLAIN}?utm_source=a"), "{form}");
    }
    assert!(desk.store.known_article(&format!("{PLAIN}?utm_medium=z")).unwrap().is_some());
    assert!(desk.store.known_article("http://news.example/2026/ferry").unwrap().is_none(), "only the page says so");
}

#[test]
fn articles_that_turn_out_to_be_one_become_one_and_keep_all_versions() {
    let mut desk = Desk::new();
    desk.look("https://s.example/x1", "one", &[]);
    desk.look("http://news.example/ferry", "two", &[("https://news.example/old/ferry", Leads::Redirect)]);
    let change = desk.look(
        PLAIN,
        "two",
        &[("https://s.example/x1", Leads::Redirect), ("http://news.example/ferry", Leads::Canonical)],
    );
    assert_eq!(change, Change::Changed);
    assert_eq!(
        (desk.number("SELECT count(*) FROM articles"), desk.number("SELECT count(*) FROM article_versions")),
        (1, 3)
    );
    assert_eq!(desk.number("SELECT count(*) FROM article_aliases"), 4);
    let first = desk.store.known_article("https://s.example/x1").unwrap();
    for name in ["http://news.example/ferry", "https://news.example/old/ferry", PLAIN] {
        assert_eq!(desk.store.known_article(name).unwrap(), first, "{name}");
    }
    assert_eq!(desk.number("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'ferry'"), 1);
}

#[test]
fn a_look_without_news_is_one_light_touch_and_a_gone_article_keeps_everything() {
    let mut desk = Desk::new();
    desk.look(PLAIN, "one", &[]);
    let known = |desk: &Desk| desk.store.known_article(PLAIN).unwrap().unwrap();
    let article_id = known(&desk).article_id;
    let look = |looked_at: &str, due_at: Option<&str>, found| ArticleLook {
        article_id,
        looked_at: at(looked_at),
        due_at: due_at.map(at),
        found,
    };
    let url: Url = PLAIN.parse().unwrap();
    let looks = [
        look("2026-01-02T00:00:00Z", Some("2026-01-03T00:00:00Z"), LookFound::Unchanged(Some((url.clone(), None)))),
        look("2026-01-03T00:00:00Z", Some("2026-01-04T00:00:00Z"), LookFound::Gone),
        look("2026-01-04T00:00:00Z", Some("2026-01-05T00:00:00Z"), LookFound::Gone),
    ];
    desk.store.note_article_looks(&looks).unwrap();
    let gone = known(&desk);
    assert!(gone.gone && gone.looks == 4 && gone.looked_url.as_ref() == Some(&url));
    let since = "SELECT count(*) FROM articles WHERE state_since = '2026-01-03T00:00:00.000Z'";
    assert_eq!(desk.number(since), 1, "first seen gone");
    assert_eq!(desk.store.due_revisits(at("2026-01-04T23:00:00Z"), 9).unwrap(), []);
    assert_eq!(desk.store.due_revisits(at("2026-01-05T00:00:00Z"), 9).unwrap(), [gone]);
    desk.store.note_article_looks(&[look("2026-01-05T00:00:00Z", None, LookFound::Failed)]).unwrap();
    assert!(known(&desk).gone, "what could not be had says nothing");
    assert_eq!(desk.look(PLAIN, "one", &[]), Change::Unchanged);
    assert!(!known(&desk).gone, "it is back");
    assert_eq!(desk.number("SELECT count(*) FROM article_versions"), 1);
}

#[test]
fn an_older_archive_gets_aliases_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let sql = rusqlite::Connection::open(&path).unwrap();
    for step in ["0001_first", "0002_rechecks", "0003_mementos", "0004_media", "0005_threads"] {
        sql.execute_batch(&std::fs::read_to_string(format!("src/store/migrations/{step}.sql")).unwrap()).unwrap();
    }
    sql.execute_batch("INSERT INTO runs (id, command, started_at) VALUES (1, 'run', '2026-01-01T00:00:00.000Z')")
        .unwrap();
    sql.execute_batch("INSERT INTO blobs VALUES (1, 'aa', 3, 'text/plain', 'none', x'616263')").unwrap();
    let names = [
        ("https://news.example/a-long-night-afloat?utm_source=rss", "https://news.example/a-long-night-afloat"),
        ("https://news.example/a-long-night-afloat?utm_source=mail", "https://news.example/a-long-night-afloat"),
        ("http://www.news.example/a-long-night-afloat", "https://news.example/a-long-night-afloat"),
        ("https://news.example/the-next-morning", "https://news.example/"),
        ("pages/saved.html", "https://news.example/a-long-night-afloat"),
    ];
    for (n, (name, url)) in (1..).zip(names) {
        let day = format!("2026-01-0{n}T00:00:00.000Z");
        sql.execute(
            "INSERT INTO articles (id, name, source, kind, url, version, first_captured_at, captured_at, last_looked_at) \
             VALUES (?1, ?2, 'rss', 'html', ?3, NULL, ?4, ?4, ?4)",
            (n, name, url, &day),
        )
        .unwrap();
        sql.execute(
            "INSERT INTO article_versions (id, article, run, captured_at, sha256, original, title, text, body) \
             VALUES (?1, ?1, 1, ?2, 'aa', 1, 'Afloat', 'words', 1)",
            (n, &day),
        )
        .unwrap();
    }
    sql.execute_batch(
        "UPDATE articles SET version = id; \
         INSERT INTO articles_fts (rowid, title, byline, text) SELECT id, title, byline, text FROM article_texts; \
         PRAGMA application_id = 1162691137; PRAGMA user_version = 5",
    )
    .unwrap();
    drop(sql);
    let store = Store::create_or_open(&path).unwrap();
    let known = |name: &str| store.known_article(name).unwrap().map(|known| (known.article_id, known.version_id));
    for (name, _) in &names[..3] {
        assert_eq!(known(name), Some((1, 3)), "{name}");
    }
    assert_eq!(known("https://news.example/a-long-night-afloat"), Some((1, 3)));
    assert_eq!(known("https://news.example/the-next-morning"), Some((4, 4)));
    assert_eq!(known("https://news.example/"), None, "the front page is no article's address");
    assert_eq!(known("pages/saved.html"), Some((5, 5)), "a saved file is an article of its own");
    drop(store);
    let sql = rusqlite::Connection::open(&path).unwrap();
    let number = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(number("SELECT count(*) FROM article_versions"), 5);
    assert_eq!(number("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'afloat'"), 3);
    let mut faults = Vec::new();
    let read = |told| match told {
        Verifying::Fault(fault) if fault.check == "search" => faults.push(fault),
        _ => {}
    };
    Store::open_read_only_aside(&path).unwrap().verify(read).unwrap();
    assert_eq!(faults, []);
}

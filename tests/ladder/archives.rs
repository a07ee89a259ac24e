//! When the web archive is asked, what is kept of it, and what it never does.

use crate::{
    binary::ends,
    web_archive::{Copy, Interface, WebArchive},
    world::{ARCHIVE, World, none},
};
use serde_json::{Value, json};
use std::fs;

/// An id of March 2016.
const ID: &str = "706044400000000007";

fn config(world: &World, base: &str) {
    world.config(&format!("[capture]\nmemento = \"{base}\"\n"));
}

fn post_url() -> String {
    format!("https://x.com/annex/status/{ID}")
}

/// The page as servers once rendered it.
fn page(text: &str) -> String {
    format!(
        "<!DOCTYPE html><html><body><div class=\"tweet permalink-tweet\" data-tweet-id=\"{ID}\" data-screen-name=\"annex\" \
         data-name=\"Ann Example\"><p class=\"tweet-text\" lang=\"en\">{text}</p>\
         <div class=\"AdaptiveMedia-photoContainer\" data-image-url=\"https://pbs.twimg.com/media/Lock1.jpg\"></div></div></body></html>"
    )
}

/// What the platform's data for embeds says of a post that is there.
fn live(text: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let answer = json!({
        "__typename": "Tweet", "id_str": ID, "text": text, "lang": "en", "created_at": "2016-03-05T09:10:11.000Z",
        "user": {"id_str": "4242", "name": "Ann Example", "screen_name": "annex"},
    });
    (200, vec![("content-type".to_owned(), "application/json".to_owned())], answer.to_string().into_bytes())
}

fn archive(copies: Vec<Copy>) -> WebArchive {
    WebArchive { interface: Interface::Wayback, copies }
}

fn kept(text: &str) -> Copy {
    Copy::page("20160401000000", &format!("https://twitter.com/annex/status/{ID}"), &page(text))
}

fn record(world: &World) -> Value {
    world.records(&["list", "posts", "--json"]).remove(0)
}

fn summary(text: &str) -> Value {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// A picture of one pixel.
const PNG: [u8; 67] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0,
    1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn a_deleted_post_is_shown_by_its_archived_page_and_stays_deleted() {
    let world = World::new();
    for interface in [Interface::Wayback, Interface::Collection, Interface::Available] {
        let picture = Copy {
            at: "20160402000000".to_owned(),
            of: "https://pbs.twimg.com/media/Lock1.jpg?name=large".to_owned(),
            status: 200,
            mime: "image/png".to_owned(),
            body: PNG.to_vec(),
        };
        let web = WebArchive { interface, copies: vec![kept("The lock opens"), picture.clone()] };
        config(&world, &web.base(ARCHIVE));
        // Files are asked for at the page's time; the archive leads to the time at which it has them.
        world.archive_says(move |url, _| match url.as_str().split_once("20160401000000id_/https://pbs.twimg.com/") {
            Some((before, file)) => {
                let target = format!("{before}20160402000000id_/https://pbs.twimg.com/{file}");
                (302, vec![("location".to_owned(), target)], Vec::new())
            }
            None => web.answer(url),
        });
        let _ = fs::remove_file(world.path().join("test.db"));
        world.run(&["add", "-q", &post_url()]);
        let record = record(&world);
        assert_eq!(record["state"], "deleted", "an archive says nothing of what is now: {record}");
        assert_eq!((&record["via"], &record["text"]), (&json!("memento"), &json!("The lock opens")), "{interface:?}");
        assert_eq!(record["media"][0]["mime"], "image/png", "{record}");
        let shown = world.records(&["show", "--json", &format!("twitter:{ID}")]).remove(0);
        assert_eq!(shown["memento"]["archived_at"], "2016-04-01T00:00:00Z", "{shown}");
        let told = world.read(&["show", &format!("twitter:{ID}")]);
        assert!(
            told.contains("of 1 April 2016, 00:00 UTC") && told.contains("20160401000000id_/https://twitter.com/"),
            "{told}"
        );
        let captured_at: jiff::Timestamp = record["captured_at"].as_str().unwrap().parse().unwrap();
        assert!(captured_at > "2026-01-01T00:00:00Z".parse().unwrap(), "the time is that of the capture");
        let queued: i64 = world.sql().query_row("SELECT count(*) FROM queue", [], |row| row.get(0)).unwrap();
        assert_eq!(queued, 0);
    }
}

#[test]
fn the_platforms_own_word_is_shown_again_when_it_comes_back_and_nothing_is_lost() {
    let world = World::new();
    config(&world, ARCHIVE);
    world.archive_holds(archive(vec![kept("As it was archived")]));
    world.platforms_say(|_, _| (503, Vec::new(), Vec::new()));
    let (out, _) = world.run(&["add", "--json", &post_url()]);
    assert_eq!(summary(&out)["posts"]["deferred"], 1, "it is tried again all the same: {out}");
    let first = record(&world);
    assert_eq!((&first["state"], &first["via"]), (&json!("unknown"), &json!("memento")), "{first}");
    let asked = world.asked_of_archive().len();
    // A second failure does not ask the archive again: it has given what it had.
    world.run(&["add", "-q", &post_url()]);
    assert_eq!(world.asked_of_archive().len(), asked);
    world.platforms_say(|url, _| if url.path() == "/tweet-result" { live("As it is now") } else { none() });
    world.run(&["add", "-q", &post_url()]);
    let better = record(&world);
    assert_eq!((&better["state"], &better["via"]), (&json!("live"), &json!("syndication")), "{better}");
    assert_eq!((&better["text"], &better["snapshots"]), (&json!("As it is now"), &json!(2)));
    // And when it is deleted, its own last word stays, and the archive is not asked.
    world.platforms_say(|_, _| none());
    world.run(&["add", "-q", &post_url()]);
    let gone = record(&world);
    assert_eq!((&gone["state"], &gone["via"]), (&json!("deleted"), &json!("syndication")), "{gone}");
    assert_eq!(world.asked_of_archive().len(), asked);
}

#[test]
fn what_the_article_quotes_stays_below_what_the_archive_kept() {
    let world = World::new();
    config(&world, ARCHIVE);
    let article = format!(
        "<title>A lock</title><p>It opened.</p><blockquote class=\"twitter-tweet\"><p lang=\"en\">Words as quoted</p>&mdash; Ann \
         (@annex) <a href=\"https://twitter.com/annex/status/{ID}\">March 5, 2016</a></blockquote>"
    );
    fs::write(world.path().join("a.html"), article).unwrap();
    let path = world.path().join("a.html").display().to_string();
    world.run(&["add", "-q", &path]);
    let quoted = record(&world);
    assert_eq!((&quoted["via"], &quoted["text"]), (&json!("quoted"), &json!("Words as quoted")));
    world.archive_holds(archive(vec![kept("Words as archived")]));
    world.run(&["add", "-q", &post_url()]);
    let better = record(&world);
    assert_eq!(
        (&better["via"], &better["text"], &better["snapshots"]),
        (&json!("memento"), &json!("Words as archived"), &json!(3))
    );
}

#[test]
fn a_limit_of_the_archive_is_kept_and_loses_nothing() {
    let world = World::new();
    config(&world, ARCHIVE);
    world.archive_says(|_, _| (429, vec![("retry-after".to_owned(), "600".to_owned())], Vec::new()));
    let other = "https://x.com/annex/status/706044400000000009";
    let (out, _) = world.run(&["add", "--json", &post_url(), other]);
    assert_eq!(summary(&out)["posts"]["gone"], 2, "{out}");
    assert_eq!(record(&world)["state"], "deleted");
    assert!(world.asked_of_archive().len() <= 2, "after a limit it is left alone: {}", world.asked_of_archive().len());
    let waits: Vec<Value> = world.records(&["list", "failures", "--json"]);
    let queued: i64 = world.sql().query_row("SELECT count(*) FROM queue", [], |row| row.get(0)).unwrap();
    assert_eq!(queued, 2, "{waits:?}");
    world.archive_holds(archive(vec![kept("Kept after all")]));
    world.let_time_pass();
    fs::write(world.path().join("list.txt"), "").unwrap();
    world.config(&format!(
        "[capture]\nmemento = \"{ARCHIVE}\"\n[[source]]\nname = \"none\"\nkind = \"list\"\npath = \"list.txt\"\n"
    ));
    world.run(&["run", "-q"]);
    let records = world.records(&["list", "posts", "--json"]);
    let found = records.iter().find(|record| record["post_id"] == ID).unwrap();
    assert_eq!((&found["state"], &found["via"]), (&json!("deleted"), &json!("memento")), "{found}");
}

#[test]
fn errors_redirects_and_pages_of_the_archive_are_no_content() {
    let world = World::new();
    config(&world, ARCHIVE);
    let address = format!("https://twitter.com/annex/status/{ID}");
    let login = format!("<html><title>Log in</title><form><input type=password></form><!-- {ID} --></html>");
    let other = page("Somebody else's words").replace(ID, "706044400000000001");
    for copies in [
        vec![Copy::page("20160401000000", &address, &login), Copy::page("20160402000000", &address, "")],
        vec![Copy::page("20160401000000", &address, &other)],
        vec![Copy::page("20160401000000", &address, &page("Half of it").split_off(60))],
    ] {
        world.archive_holds(archive(copies));
        let _ = fs::remove_file(world.path().join("test.db"));
        world.run(&["add", "-q", &post_url()]);
        let record = record(&world);
        assert_eq!((&record["state"], &record["via"]), (&json!("deleted"), &Value::Null), "{record}");
    }
    // A copy that leads away from the archive is not followed.
    let web = archive(vec![kept("Never shown")]);
    world.archive_says(move |url, _| match url.path().starts_with("/web/") {
        true => (302, vec![("location".to_owned(), "https://elsewhere.example/x".to_owned())], Vec::new()),
        false => web.answer(url),
    });
    let _ = fs::remove_file(world.path().join("test.db"));
    world.run(&["add", "-q", &post_url()]);
    assert_eq!(record(&world)["via"], Value::Null);
    assert!(
        world.asked_of_platforms().iter().all(|asked| !asked.url.contains("elsewhere")),
        "only the archive is asked"
    );
}

#[test]
fn without_the_setting_nobody_else_is_asked() {
    let world = World::new();
    world.config("");
    world.archive_holds(archive(vec![kept("Not asked for")]));
    world.run(&["add", "-q", &post_url()]);
    assert_eq!(world.asked_of_archive().len(), 0);
    assert_eq!(record(&world)["via"], Value::Null);
    for (value, told) in
        [("web.archive.org", "off"), ("ftp://a.example", "http"), ("https://a:b@c.example", "password")]
    {
        config(&world, value);
        let (_, err) = ends(&mut world.command(&["add", &post_url()]), 2);
        assert!(err.contains("[capture] memento") && err.contains(told), "{err}");
    }
}

#[test]
fn what_was_recorded_of_the_archive_replays() {
    let world = World::new();
    config(&world, ARCHIVE);
    world.archive_holds(archive(vec![kept("The lock opens")]));
    let recording = world.path().join("all.warc.gz").display().to_string();
    world.run(&["add", "-q", &post_url(), "--record", &recording]);
    let first = record(&world);
    let asked = world.asked_of_archive().len();
    fs::remove_file(world.path().join("test.db")).unwrap();
    world.run(&["add", "-q", &post_url(), "--replay", &recording]);
    assert_eq!(world.asked_of_archive().len(), asked, "a replay opens no socket");
    let again = record(&world);
    for key in ["state", "via", "text", "published", "author_handle"] {
        assert_eq!(first[key], again[key], "{key}");
    }
    let queued: i64 = world.sql().query_row("SELECT count(*) FROM queue", [], |row| row.get(0)).unwrap();
    assert_eq!(queued, 0, "what a recording lacks does not come by waiting");
}

#[test]
fn a_newer_reader_reads_the_stored_copies_again() {
    let world = World::new();
    config(&world, ARCHIVE);
    world.archive_holds(archive(vec![kept("The lock opens")]));
    world.run(&["add", "-q", &post_url()]);
    world.read(&["reparse"]);
    assert_eq!(record(&world)["snapshots"], 2, "what reads the same is left alone");
    // An older reader had found other words in it.
    let poorer = "UPDATE snapshots SET text = 'The lo', digest = 'older' WHERE via = 'memento'";
    assert_eq!(world.sql().execute(poorer, []).unwrap(), 1);
    let asked = world.asked_of_archive().len();
    world.read(&["reparse"]);
    let better = world.records(&["show", "--json", &format!("twitter:{ID}")]).remove(0);
    assert_eq!((&better["text"], &better["via"]), (&json!("The lock opens"), &json!("memento")), "{better}");
    assert_eq!((&better["state"], &better["snapshots"]), (&json!("deleted"), &json!(3)), "{better}");
    assert_eq!(better["memento"]["archived_at"], "2016-04-01T00:00:00Z", "{better}");
    assert_eq!(world.asked_of_archive().len(), asked);
}

//! The front page, the lists, the search: every question has its answer, and hostile words stay words.

use crate::{
    desk::{Desk, at, brought, failed, found, picture, post, post_ref, rung},
    viewer::Viewer,
};
use embalm::{
    model::{Gone, Outcome, Summary, Via},
    store::Rung,
};
use scraper::{ElementRef, Html, Selector};
use serde::Deserialize;

/// A question, and what its answer must be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    ask: String,
    status: u16,
    expect: Vec<Expectation>,
}

/// Of the elements that `select` names: how many, or the words of one of them, all or a part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    select: String,
    count: Option<usize>,
    text: Option<String>,
    has: Option<String>,
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sixty posts that are there, one that vanished, one that was never had, in two articles; and one run.
fn filled() -> Desk {
    let mut desk = Desk::new();
    for n in 2..=60 {
        let day = if n % 2 == 0 { 2 } else { 1 };
        desk.capture(
            &post_ref(&n.to_string()),
            found(&format!("2026-01-0{day}T10:00:00Z"), post(&n.to_string(), "A boat leaves")),
        );
    }
    desk.capture(&post_ref("1"), found("2026-01-02T11:00:00Z", post("1", "We sail at noon")));
    desk.capture(&post_ref("62"), found("2026-01-02T10:00:00Z", post("62", "The last boat of all")));
    desk.capture(&post_ref("62"), rung("2026-01-09T10:00:00Z", Via::Api, Outcome::Gone(Gone::Deleted)));
    desk.capture(&post_ref("61"), failed("2026-01-03T10:00:00Z"));
    desk.article("https://news.example/ferry", "<p>one</p>", &[post_ref("1"), post_ref("62")]);
    desk.article("https://blog.harbour.example/pier", "<p>two</p>", &[post_ref("61")]);
    desk.store.finish_run(&Summary { run: desk.run, ..Summary::default() }, at("2026-01-09T11:00:00Z")).unwrap();
    desk
}

#[test]
fn every_question_has_its_answer() {
    let desk = filled();
    let viewer = Viewer::start(&desk.path, &[]);
    let cases: Vec<Case> = serde_json::from_str(include_str!("questions.json")).unwrap();
    assert!(cases.len() > 50);
    let mut wrong = Vec::new();
    for case in cases {
        let answer = viewer.get(&case.ask);
        if answer.status != case.status {
            wrong.push(format!("{}: status {}, not {}", case.ask, answer.status, case.status));
        }
        let page = Html::parse_document(&answer.text());
        for Expectation { select, count, text, has } in &case.expect {
            let selector = Selector::parse(select).unwrap();
            let found: Vec<String> = page.select(&selector).map(words).collect();
            let right = count.is_none_or(|count| found.len() == count)
                && text.as_ref().is_none_or(|text| found.contains(text))
                && has.as_ref().is_none_or(|part| found.iter().any(|words| words.contains(part)));
            if !right {
                wrong.push(format!("{}: {select} {count:?} {text:?} {has:?}: {found:?}", case.ask));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_of_pages_lead_through_the_whole_list_and_back() {
    let desk = filled();
    let viewer = Viewer::start(&desk.path, &[]);
    let link = |page: &Html, rel: &str| {
        let selector = Selector::parse(&format!("nav.paging a[rel={rel}]")).unwrap();
        page.select(&selector).next().map(|link| link.attr("href").unwrap().to_owned())
    };
    for start in ["/posts", "/posts?sort=published", "/posts?sort=-author", "/search?q=boat", "/runs/1"] {
        let mut address = start.to_owned();
        let mut seen = Vec::new();
        let back = loop {
            let page = Html::parse_document(&viewer.get(&address).text());
            let entries = Selector::parse(".entry h3 a[href^='/post/']").unwrap();
            seen.extend(page.select(&entries).map(|link| link.attr("href").unwrap().to_owned()));
            match link(&page, "next") {
                Some(next) => address = next,
                None => break link(&page, "prev"),
            }
        };
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert!(all > 50 && seen.len() == all, "{start}: {all} entries, {} posts", seen.len());
        assert!(back.is_some_and(|back| viewer.get(&back).status == 200), "{start}");
    }
}

#[test]
fn an_empty_archive_says_what_to_do() {
    let desk = Desk::new();
    let viewer = Viewer::start(&desk.path, &[]);
    let page = viewer.get("/").text();
    assert!(page.contains("Nothing is kept here yet") && page.contains("embalm run"), "{page}");
    for address in ["/articles", "/posts", "/search?q=noon", "/failures", "/runs/1"] {
        let answer = viewer.get(address);
        assert_eq!(answer.status, 200, "{address}");
        assert!(answer.text().contains("class=\"empty\""), "{address}");
    }
}

/// Words that a page must never read as markup.
const HOSTILE: &str = "\"'><script src=//evil.example></script><img src=x onerror=alert(1)>{{7*7}}⟦<b>⟧\u{202e}";

/// An archive with these words in every place that a list shows.
fn poisoned() -> Desk {
    let mut desk = Desk::new();
    let mut words = post("1", &format!("noon {HOSTILE}"));
    words.author.name = Some(HOSTILE.to_owned());
    words.author.handle = HOSTILE.to_owned();
    words.lang = Some(HOSTILE.to_owned());
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", words));
    desk.capture(&post_ref("2"), failed("2026-01-03T10:00:00Z"));
    desk.article("https://news.example/ferry", "<p>one</p>", &[post_ref("1")]);
    let sql = desk.sql();
    let all: [(&str, usize); 9] = [
        ("UPDATE articles SET site = ?1, name = ?1, url = ?1, source = ?1", 1),
        (
            "UPDATE article_versions SET title = ?1 || ' noon', byline = ?1, site_name = ?1, lang = ?1, text = 'noon ' || ?1",
            1,
        ),
        ("UPDATE posts SET author_handle = ?1, url = ?1 WHERE post_id = '2'", 1),
        ("UPDATE looks SET reason = 'network', detail = ?1 WHERE result = 'failed'", 1),
        ("UPDATE runs SET command = ?1, host = ?1, version = ?1, stopped = ?1, finished_at = started_at", 1),
        (
            "UPDATE runs SET problems = json_array(json_object('kind', 'disk_low', 'subject', ?1, 'detail', ?1, 'command', ?1, 'since', NULL))",
            1,
        ),
        (
            "INSERT INTO sources (name, kind, place, labels, parent, last_error, moved_to, failures_in_a_row, last_polled_at) \
             VALUES (?1, ?1, ?1, json_array(?1), ?1, ?1, ?1, 3, '2026-01-01T00:00:00.000Z')",
            1,
        ),
        (
            "INSERT INTO queue (article_name, source, site, attempts, reason, queued_at, tried_at, rests) \
             VALUES (?1 || 'x', ?1, ?1, 3, ?1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'failed')",
            1,
        ),
        ("INSERT INTO articles_fts (articles_fts) SELECT 'rebuild' WHERE ?1 IS NOT NULL", 0),
    ];
    for (statement, least) in all {
        let changed = sql.execute(statement, [HOSTILE]).unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert!(changed >= least, "{statement}");
    }
    desk
}

/// What a browser might run or load in a page, beyond the shell's own scripts and sheet.
fn dangers(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut found = Vec::new();
    for element in page.tree.nodes().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        if matches!(name, "img" | "iframe" | "object" | "embed" | "svg" | "style" | "base" | "b") {
            found.push(format!("element {name}"));
        }
        for (attribute, value) in element.value().attrs() {
            let elsewhere = ["src", "href", "action"].contains(&attribute)
                && !value.starts_with('/')
                && !value.starts_with('#')
                && !value.starts_with("http");
            let loads = name == "script" && !value.starts_with("/assets/") && attribute == "src";
            if elsewhere || loads || attribute.starts_with("on") || attribute == "style" {
                found.push(format!("{name} {attribute}={value}"));
            }
        }
    }
    found
}

#[test]
fn hostile_words_stay_words_in_every_list_and_every_field() {
    let desk = poisoned();
    let viewer = Viewer::start(&desk.path, &[]);
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.append_pair("x", HOSTILE);
    let hostile = encoded.finish().split_off(2);
    let mut addresses: Vec<String> =
        ["/", "/articles", "/posts", "/search?q=noon", "/sources", "/runs", "/runs/1", "/failures"]
            .map(str::to_owned)
            .into();
    for path in ["/articles", "/posts", "/search", "/failures", "/sources", "/runs", "/runs/1"] {
        for name in [
            "q", "platform", "author", "site", "state", "via", "since", "until", "article", "lang", "label", "sort",
            "source", "reason", "page", "after", "before",
        ] {
            addresses.push(format!("{path}?{name}={hostile}"));
        }
    }
    let mut shown = 0;
    for address in &addresses {
        let answer = viewer.get(address);
        assert!(matches!(answer.status, 200 | 400), "{address}: {}", answer.status);
        let html = answer.text();
        let found = dangers(&html);
        assert!(found.is_empty(), "{address}: {found:?}");
        assert!(!html.contains("49"), "{address}: a template was filled in by words from outside");
        shown += usize::from(html.contains("&lt;script src=//evil.example&gt;"));
    }
    assert!(shown > addresses.len() / 2, "the words are shown, as words: {shown} of {}", addresses.len());
}

#[test]
fn the_front_page_shows_pictures_and_leaves_those_with_a_warning_to_their_own_page() {
    let mut desk = Desk::new();
    let url = "https://files.example/ferry.png";
    for (id, warning, sensitive) in [("1", None, false), ("2", Some("Deep water"), false), ("3", None, true)] {
        let mut content = post(id, &format!("Words of {id}"));
        content.media = vec![picture(url)];
        content.warning = warning.map(str::to_owned);
        content.sensitive = sensitive;
        let media = vec![brought(url, b"\x89PNG\r\n\x1a\n and so on")];
        desk.capture(&post_ref(id), Rung { media, ..found("2026-01-02T11:00:00Z", content) });
    }
    for id in 4..=10 {
        let (id, gone) = (id.to_string(), if id == 4 { Gone::Suspended } else { Gone::Deleted });
        desk.capture(&post_ref(&id), found("2026-01-02T10:00:00Z", post(&id, "A boat leaves")));
        desk.capture(&post_ref(&id), rung("2026-01-09T10:00:00Z", Via::Api, Outcome::Gone(gone)));
    }
    let viewer = Viewer::start(&desk.path, &[]);
    let page = Html::parse_document(&viewer.get("/").text());
    let count = |select: &str| page.select(&Selector::parse(select).unwrap()).count();
    assert_eq!(count(".small-picture[src^='/media/'][alt='A ferry at the pier']"), 1, "the one without a warning");
    let text = words(page.root_element());
    assert!(text.contains("Content warning: Deep water") && !text.contains("Words of 2"), "{text}");
    let gone = page.select(&Selector::parse(".vanished .more").unwrap()).map(words).collect::<String>();
    assert_eq!(gone, "All of them: 6 deleted, 1 gone with a suspended account");
    assert!(text.contains("Words of 1") && text.contains("Words of 3"), "{text}");
}

#[test]
fn a_warning_stands_before_the_words_in_every_list() {
    let mut desk = Desk::new();
    let mut content = post("2", "Words of a shipwreck");
    content.warning = Some("Deep water".to_owned());
    desk.capture(&post_ref("2"), found("2026-01-02T11:00:00Z", content));
    let viewer = Viewer::start(&desk.path, &[]);
    let listed = words(Html::parse_document(&viewer.get("/posts").text()).root_element());
    assert!(listed.contains("Content warning: Deep water") && !listed.contains("shipwreck"), "{listed}");
    for address in ["/search?q=shipwreck", "/feed/captures.atom"] {
        let text = viewer.get(address).text();
        let warning = text.find("Deep water").unwrap_or_else(|| panic!("{address}: {text}"));
        let body = text.find("class=\"entries").or_else(|| text.find("<entry>")).unwrap();
        let said = text[body..].find("shipwreck").map(|at| body + at);
        assert!(said.is_none_or(|said| warning < said), "{address}: {text}");
    }
    let record: serde_json::Value = serde_json::from_str(&viewer.get("/api/posts").text()).unwrap();
    assert_eq!(record["records"][0]["warning"], "Deep water");
}

#[test]
fn a_damaged_row_is_left_out_of_its_list_and_named_there() {
    let mut desk = Desk::new();
    for id in ["1", "2", "3"] {
        desk.capture(&post_ref(id), found("2026-01-02T11:00:00Z", post(id, &format!("Words of {id}"))));
    }
    let sql = desk.sql();
    sql.execute("UPDATE posts SET state = 'eaten' WHERE post_id = '2'", []).unwrap();
    sql.execute("UPDATE posts SET url = '' WHERE post_id = '3'", []).unwrap();
    let number: i64 = sql.query_row("SELECT id FROM posts WHERE post_id = '2'", [], |row| row.get(0)).unwrap();
    drop(sql);
    let viewer = Viewer::start(&desk.path, &[]);
    for address in ["/posts", "/"] {
        let answer = viewer.get(address);
        let text = words(Html::parse_document(&answer.text()).root_element());
        assert_eq!(answer.status, 200, "{address}: {text}");
        assert!(
            text.contains("Words of 1") && text.contains("Words of 3") && !text.contains("Words of 2"),
            "{address}: {text}"
        );
    }
    let text = viewer.get("/posts").text();
    assert!(text.contains(&format!("(number {number})")) && text.contains("embalm verify"), "{text}");
    let record: serde_json::Value = serde_json::from_str(&viewer.get("/api/posts").text()).unwrap();
    assert_eq!(record["damaged"], serde_json::json!([number]));
    let lines = viewer.get("/api/posts?format=jsonl").text();
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert_eq!(lines.lines().last().unwrap(), format!("{{\"damaged\":[{number}]}}"));
}

#[test]
fn a_damaged_row_is_left_out_of_a_feed_which_says_so() {
    let mut desk = Desk::new();
    for id in ["1", "2", "3"] {
        desk.capture(&post_ref(id), found("2026-01-02T11:00:00Z", post(id, &format!("Words of {id}"))));
        desk.capture(&post_ref(id), rung("2026-01-03T10:00:00Z", Via::Api, Outcome::Gone(Gone::Deleted)));
    }
    let viewer = Viewer::start(&desk.path, &[]);
    for address in ["/feed/captures.atom", "/feed/vanished.atom"] {
        let text = viewer.get(address).text();
        assert!(text.matches("<entry>").count() == 3 && !text.contains("<subtitle>"), "{address}: {text}");
    }
    let sql = desk.sql();
    sql.execute("UPDATE posts SET via = 'hearsay' WHERE id = 2", []).unwrap();
    sql.execute("UPDATE posts SET state_since = 'soon' WHERE id = 3", []).unwrap();
    drop(sql);
    for (address, damaged) in [("/feed/captures.atom", 1), ("/feed/vanished.atom", 2)] {
        let answer = viewer.get(address);
        let text = answer.text();
        assert_eq!((answer.status, text.matches("<entry>").count()), (200, 3 - damaged), "{address}: {text}");
        let subtitle = text.split("<subtitle>").nth(1).unwrap().split("</subtitle>").next().unwrap();
        assert!(subtitle.contains("number") && subtitle.contains("embalm verify"), "{subtitle}");
    }
}

//! The viewer shows the archive as it is now: while a run writes, when another archive stands in its place, when none does.

use crate::{
    binary::embalm,
    desk::{article, at, found, post, post_ref},
    viewer::{Viewer, room},
};
use embalm::store::{NewArticle, OverTime, Store};
use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

#[test]
fn what_a_run_writes_is_there_at_once_and_no_reader_meets_its_locks() {
    let mut desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut pages = 0;
                    while !ends.load(Ordering::SeqCst) || pages < 10 {
                        for path in ["/", "/article/1", "/post/twitter:1822768"] {
                            assert_eq!(viewer.get(path).status, 200, "{path}");
                            pages += 1;
                        }
                    }
                    pages
                })
            })
            .collect();
        for n in 2..30 {
            let name = format!("https://news.example/story-{n}");
            desk.article(&name, "<p>Another one.</p>", &[post_ref("1822768")]);
            assert_eq!(viewer.get(&format!("/article/{n}")).status, 200, "{name} is there as soon as it is kept");
            assert_eq!(viewer.get(&format!("/at/{name}")).status, 303, "{name}");
        }
        // A transaction that is under way shows nothing yet, and holds up nobody.
        desk.store.begin_group().unwrap();
        desk.article("https://news.example/half", "<p>Half.</p>", &[]);
        assert_eq!(viewer.get("/at/https://news.example/half").status, 404);
        desk.store.commit_group().unwrap();
        assert_eq!(viewer.get("/at/https://news.example/half").status, 303);
        ends.store(true, Ordering::SeqCst);
        assert!(readers.into_iter().map(|reader| reader.join().unwrap()).sum::<usize>() >= 40);
    });
}

#[cfg(unix)]
#[test]
fn an_archive_in_the_place_of_another_is_shown_and_one_that_cannot_be_read_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("archive.db");
    let make = |name: &str, story: &str| {
        let path = folder.path().join(name);
        let mut store = Store::create_or_open(&path).unwrap();
        let run = store.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap();
        let article = article(story);
        let new = NewArticle {
            name: story,
            source: "add",
            kind: "html",
            original: b"<p>It left at noon.</p>",
            content_type: None,
            article: &article,
            embeds: &[],
            exchange: None,
            captured_at: at("2026-01-01T00:00:01Z"),
            over_time: OverTime::default(),
        };
        store.save_article(run, &new).unwrap();
        drop(store);
        path
    };
    fs::rename(make("a.db", "https://news.example/first"), &place).unwrap();
    let viewer = Viewer::start(&place, &[]);
    assert_eq!(viewer.get("/at/https://news.example/first").status, 303);
    fs::rename(make("b.db", "https://news.example/second"), &place).unwrap();
    assert_eq!(viewer.get("/at/https://news.example/second").status, 303);
    assert_eq!(viewer.get("/at/https://news.example/first").status, 404);
    let newer = make("c.db", "https://news.example/third");
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 9_999).unwrap();
    fs::rename(newer, &place).unwrap();
    let answer = viewer.get("/");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert!(!answer.text().contains(folder.path().to_str().unwrap()), "{}", answer.text());
    fs::remove_file(&place).unwrap();
    assert_eq!(viewer.get("/").status, 503);
    fs::write(&place, "no archive at all").unwrap();
    assert_eq!(viewer.get("/").status, 503);
    fs::remove_file(&place).unwrap();
    fs::rename(make("d.db", "https://news.example/fourth"), &place).unwrap();
    assert_eq!(viewer.get("/at/https://news.example/fourth").status, 303, "it comes back by itself");
}

#[test]
fn what_is_damaged_breaks_one_page_and_not_the_viewer() {
    let mut desk = room();
    desk.capture(&post_ref("2"), found("2026-01-01T00:00:02Z", post("2", "In no article")));
    desk.sql().execute("UPDATE articles SET captured_at = 'yesterday'", []).unwrap();
    desk.sql().execute("UPDATE article_versions SET captured_at = 'yesterday'", []).unwrap();
    let viewer = Viewer::start(&desk.path, &[]);
    let answer = viewer.get("/article/1");
    assert_eq!(answer.status, 500);
    let text = answer.text();
    assert!(!text.contains("yesterday") && !text.contains(".db"), "{text}");
    assert_eq!(viewer.get("/post/twitter:2").status, 200);
}

#[test]
fn what_embalm_never_writes_is_said_to_be_damage_and_nothing_more() {
    for lie in [
        "UPDATE posts SET url = 'nowhere'",
        "UPDATE snapshots SET text = CAST(x'fffe' AS TEXT)",
        "UPDATE posts SET snapshot = 77",
        "UPDATE snapshot_media SET width_px = -1",
    ] {
        let desk = room();
        let path = desk.path.with_file_name("of-a-stranger.db");
        desk.sql().execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
        sql.execute(lie, []).unwrap();
        drop(sql);
        let viewer = Viewer::start(&path, &[]);
        for path in ["/article/1", "/post/twitter:1822768"] {
            let answer = viewer.get(path);
            let text = answer.text();
            assert_eq!(answer.status, 500, "{lie}: {path}");
            assert!(text.contains("Damaged in this archive") && text.contains("embalm verify"), "{lie}: {text}");
            assert!(!text.contains("of-a-stranger"), "{lie}: {text}");
        }
        assert_eq!(viewer.get("/articles").status, 200, "{lie}");
    }
}

#[test]
fn a_post_is_reached_by_its_key_whatever_characters_are_in_it() {
    let mut desk = room();
    for (id, address) in [
        ("trail ", "trail%20"),
        (" lead", "%20lead"),
        ("two\nlines", "two%0Alines"),
        ("100%41", "100%2541"),
        ("../up", "../up"),
        ("a//b", "a//b"),
        ("q?x=1#y", "q%3Fx=1%23y"),
    ] {
        desk.capture(&post_ref(id), found("2026-01-01T00:00:02Z", post(id, "We sail at noon")));
        let viewer = Viewer::start(&desk.path, &[]);
        for page in [format!("/post/twitter:{address}"), format!("/api/post/twitter:{address}")] {
            let answer = viewer.get(&page);
            assert_eq!(answer.status, 200, "{page}: {}", answer.text());
        }
    }
    let viewer = Viewer::start(&desk.path, &[]);
    assert_eq!(viewer.get("/post/twitter:1822768%20").status, 200, "what is pasted may have a space behind it");
}

#[test]
fn whoever_reads_while_the_archive_is_cared_for_is_always_answered() {
    let mut desk = room();
    desk.capture(&post_ref("2"), found("2026-01-01T00:00:02Z", post("2", "In no article")));
    let folder = tempfile::TempDir::new().unwrap();
    let (archive, other) = (folder.path().join("test.db"), folder.path().join("other.db"));
    for copy in [&archive, &other] {
        desk.sql().execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    }
    let viewer = Viewer::start(&archive, &[]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for path in ["/", "/api/posts", "/feed/captures.atom", "/search?q=noon"] {
            let (viewer, is_over) = (&viewer, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let answer = viewer.get(path);
                    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
                }
            });
        }
        let cared: Vec<_> = [
            &["redact", "-q", "twitter:2", "--reason", "asked"][..],
            &["redact", "-q", "twitter:2", "--reason", "asked", "--remove"],
            &["merge", "-q", other.to_str().unwrap()],
            &["prune", "-q", "--yes", "--snapshots", "--keep-last", "1", "--orphans", "--vacuum"],
            &["verify", "-q"],
        ]
        .map(|words| embalm(folder.path()).args(words).output().unwrap())
        .into();
        is_over.store(true, Ordering::SeqCst);
        for ended in cared {
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
    });
    let text = viewer.get("/post/twitter:2").text();
    assert!(text.contains("redacted on") && !text.contains("In no article"), "{text}");
}

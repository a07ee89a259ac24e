//! The static site.

use crate::{
    faults::faults,
    stage::{PNG, Stage, article, files, post, post_ref},
};
use embalm::{
    export::{self, ExportError, Selection, SiteOptions},
    model::{Author, Gone, Media, MediaKind, Outcome, Post},
};
use std::fs;

/// Keys, handles and platforms that are no file names.
const HOSTILE_NAMES: [&str; 16] = [
    "../../../etc/passwd",
    "..",
    ".",
    "con",
    "NUL",
    "aux.html",
    "a/b\\c:d",
    "name.",
    "name ",
    "\u{202e}txt.exe",
    "%2e%2e%2f",
    "index",
    "Straße",
    "STRASSE",
    "<b>",
    "x\"onerror=\"y",
];

fn full() -> Stage {
    let mut stage = Stage::new();
    let mut posts = Vec::new();
    for name in HOSTILE_NAMES.iter().chain([&"x".repeat(3_000).as_str()]) {
        let author = Author { handle: (*name).to_owned(), name: Some((*name).to_owned()), ..Author::default() };
        posts.push(stage.post(Post::new(post_ref("mastodon", name), author.clone(), *name), &[]));
        posts.push(stage.post(Post::new(post_ref(name, "1"), author, *name), &[]));
    }
    let mut shown = post("1", "With a picture");
    shown.media =
        vec![Media::new(MediaKind::Image, "https://m.example/a"), Media::new(MediaKind::Image, "https://m.example/b")];
    posts.push(stage.post(
        shown,
        &[
            ("https://m.example/a", PNG),
            ("https://m.example/b", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        ],
    ));
    posts.push(stage.post(post("2", "It will be gone"), &[]));
    let gone = posts.last().unwrap().clone();
    stage.outcome(&gone, Outcome::Gone(Gone::Deleted), &[]);
    for name in HOSTILE_NAMES {
        stage.article(name, &article(name), &posts);
    }
    stage.article("https://news.example/plain", &article("A plain story"), &posts);
    stage
}

#[test]
fn every_link_leads_somewhere_and_no_name_is_harmful() {
    let stage = full();
    let exported = stage.export_to("site");
    let files = files(&stage.out("site"));
    let wrong = faults(&files);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for page in ["index.html", "posts.html", "platforms.html", "vanished.html", "about.html", "search.html"] {
        assert!(files.contains_key(page), "{page}");
    }
    assert_eq!((exported.articles, exported.posts), (17, 36));
    assert!(!stage.out("etc").exists());
}

#[test]
fn a_drawing_is_left_out_and_said() {
    let stage = full();
    let exported = stage.export_to("site");
    assert_eq!(exported.files, 1);
    assert_eq!(exported.left_out.iter().map(|(_, files)| files).sum::<usize>(), 1, "{:?}", exported.left_out);
    let files = files(&stage.out("site"));
    assert!(files.iter().all(|(path, bytes)| path.ends_with(".html") || !bytes.starts_with(b"<svg")));
    let media: Vec<_> = files.keys().filter(|path| path.starts_with("media/")).collect();
    assert_eq!(media.len(), 1, "{media:?}");
    assert!(String::from_utf8_lossy(&files["about.html"]).contains("is kept in the archive; its type"));
}

#[test]
fn the_same_archive_gives_the_same_bytes_and_a_second_export_writes_nothing() {
    let stage = full();
    stage.export_to("one");
    stage.export_to("two");
    assert!(files(&stage.out("one")) == files(&stage.out("two")));
    let again = stage.export_to("one");
    assert_eq!((again.changed, again.left_over), (0, Vec::new()));
}

#[test]
fn an_export_of_more_keeps_every_page_and_changes_few() {
    let mut stage = Stage::new();
    stage.many(0, 250);
    stage.export_to("site");
    let before = files(&stage.out("site"));
    stage.many(250, 251);
    let exported = stage.export_to("site");
    let after = files(&stage.out("site"));
    assert!(faults(&after).is_empty(), "{:?}", faults(&after));
    let changed: Vec<_> =
        before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).map(|one| one.0).collect();
    assert!(before.keys().all(|path| after.contains_key(path)));
    assert!(changed.len() <= 13 && !changed.iter().any(|path| path.starts_with("article/")), "{changed:?}");
    assert!(exported.changed < 25, "{exported:?}");
    assert!(after["articles/1.html"] == before["articles/1.html"]);
}

#[test]
fn pages_of_an_earlier_export_stay_unless_they_are_to_go() {
    let mut stage = Stage::new();
    stage.many(0, 3);
    stage.export_to("site");
    let all = stage.selection();
    let less = Selection { articles: all.articles[..1].to_vec(), posts: Vec::new(), words: "one".to_owned() };
    let left = stage.export(&less, "site", false).left_over;
    let others = [
        "article/1.html",
        "article/1.original.html",
        "article/2.html",
        "article/2.original.html",
        "post/twitter/0.html",
        "post/twitter/1.html",
    ];
    assert_eq!(left, others);
    assert!(stage.out("site").join("article/1.html").exists());
    fs::write(stage.out("site").join("notes.txt"), "mine").unwrap();
    stage.export(&less, "site", true);
    assert!(!stage.out("site").join("article/1.html").exists());
    assert!(stage.out("site").join("article/3.html").exists());
    assert!(stage.out("site").join("notes.txt").exists(), "what is not the export's stays");
}

#[test]
fn a_folder_that_holds_something_else_is_not_touched() {
    let mut stage = Stage::new();
    stage.many(0, 1);
    let folder = stage.out("site");
    fs::create_dir(&folder).unwrap();
    fs::create_dir(folder.join(".git")).unwrap();
    fs::write(folder.join("index.html"), "mine").unwrap();
    let options = SiteOptions { force: false, delete: false, now: crate::stage::at("2026-02-03T04:05:06Z") };
    let refused = export::site(&stage.store, &stage.selection(), &folder, options, &mut |_| Ok(()));
    assert!(matches!(refused, Err(ExportError::Foreign { .. })));
    assert_eq!(files(&folder).len(), 1);
    let forced = SiteOptions { force: true, ..options };
    export::site(&stage.store, &stage.selection(), &folder, forced, &mut |_| Ok(())).unwrap();
    assert_ne!(fs::read_to_string(folder.join("index.html")).unwrap(), "mine");
}

#[test]
fn a_file_that_was_cut_off_or_changed_is_written_again() {
    let stage = full();
    stage.export_to("site");
    let whole = files(&stage.out("site"));
    for path in whole.keys().filter(|path| path.starts_with("media/") || path.starts_with("article/")) {
        fs::write(stage.out("site").join(path), "cut").unwrap();
    }
    fs::write(stage.out("site").join("article/99.html.part"), "half").unwrap();
    let again = stage.export_to("site");
    assert_eq!(again.left_over, ["article/99.html.part"]);
    fs::remove_file(stage.out("site").join("article/99.html.part")).unwrap();
    let (mended, about) = (files(&stage.out("site")), "about.html");
    assert!(mended.iter().all(|(path, bytes)| path == about || whole.get(path) == Some(bytes)));
}

#[test]
fn what_cannot_be_written_is_named() {
    let mut stage = Stage::new();
    stage.many(0, 1);
    fs::write(stage.out("file"), "x").unwrap();
    let options = SiteOptions { force: false, delete: false, now: crate::stage::at("2026-02-03T04:05:06Z") };
    let failed = export::site(&stage.store, &stage.selection(), &stage.out("file/site"), options, &mut |_| Ok(()));
    assert!(matches!(failed, Err(ExportError::Folder { .. })), "{failed:?}");
    stage.export_to("site");
    fs::remove_file(stage.out("site/article/1.html")).unwrap();
    fs::create_dir(stage.out("site/article/1.html")).unwrap();
    let failed = export::site(&stage.store, &stage.selection(), &stage.out("site"), options, &mut |_| Ok(()));
    assert!(failed.unwrap_err().to_string().contains("1.html"));
}

#[cfg(unix)]
#[test]
fn nothing_is_removed_behind_a_link() {
    let mut stage = Stage::new();
    stage.many(0, 1);
    stage.export_to("site");
    fs::create_dir(stage.out("elsewhere")).unwrap();
    fs::write(stage.out("elsewhere").join("notes.txt"), "mine").unwrap();
    std::os::unix::fs::symlink(stage.out("elsewhere"), stage.out("site").join("vanished")).unwrap();
    let left = stage.export(&stage.selection(), "site", true).left_over;
    assert!(left.is_empty() && stage.out("elsewhere").join("notes.txt").exists(), "{left:?}");
}

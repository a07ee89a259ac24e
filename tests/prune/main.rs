//! Pruning over the years of an archive: what each rule lets go and what never goes, that the dry run tells the same, that the
//! archive is whole after it, and that a merge brings back what another archive has still.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../content/mod.rs"]
mod content;
#[allow(dead_code, reason = "a part of what the merge's tests make archives with")]
#[path = "../merge/made_up.rs"]
mod made_up;

use binary::{embalm, ends};
use embalm::{
    model::{Author, Failure, Gone, Media, MediaKind, Outcome, Post, PostRef, Summary, Via},
    store::{Capture, CapturedMedia, Filter, Keep, MediaFile, Prunable, Pruned, Pruning, Rung, Store},
};
use jiff::{Timestamp, ToSpan};
use made_up::{Act, acts, write};
use proptest::{prelude::*, test_runner::RngSeed};
use rusqlite::Connection;
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const START: &str = "2026-01-01T00:00:00Z";

fn now() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

fn post_ref(id: u32) -> PostRef {
    let url = format!("https://social.example/i/status/{id}").parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id: id.to_string(), author: None, url }
}

/// One look at a post: what came of it.
enum Look {
    /// It says this.
    Says(&'static str),
    Deleted,
    /// It failed, with the same answer each time.
    Refused,
}

/// An archive in which a post was looked at once a day, with these outcomes.
fn looked_at(path: &Path, looks: &[Look]) {
    let mut store = Store::create_or_open(path).unwrap();
    let start: Timestamp = START.parse().unwrap();
    for (day, look) in (0_i64..).zip(looks) {
        let at = start + (24 * day).hours();
        let run = store.begin_run("run", at).unwrap();
        let (outcome, media, answer) = match look {
            Look::Says(text) => {
                let author = Author { handle: "clerk".to_owned(), ..Author::default() };
                let mut post = Post::new(post_ref(1), author, *text);
                post.media = vec![Media::new(MediaKind::Image, format!("https://img.example/{text}.png"))];
                let file = MediaFile::new(post.media[0].url.clone(), format!("\u{89}PNG {text}").into_bytes());
                let media = vec![CapturedMedia { media: post.media[0].clone(), file: Ok(file) }];
                (Outcome::Found(Box::new(post)), media, format!("answer {text}"))
            }
            Look::Deleted => (Outcome::Gone(Gone::Deleted), Vec::new(), "gone".to_owned()),
            Look::Refused => (Outcome::Failed(Failure::Http { status: 503 }), Vec::new(), "busy".to_owned()),
        };
        let url = "https://api.example/1".parse().unwrap();
        let exchanges = vec![made_up::exchange_at(at, url, &answer)];
        let rung = Rung { captured_at: at, outcome, via: Via::Syndication, exchanges, media };
        let capture = Capture { post: post_ref(1), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
        store.finish_run(&Summary { run, ..Summary::default() }, at + 1.minute()).unwrap();
        store.conclude_run(run, 0, &[]).unwrap();
    }
}

fn says(path: &Path) -> Vec<String> {
    texts(path, "SELECT coalesce(text, outcome) FROM snapshots ORDER BY captured_at, id")
}

fn texts(path: &Path, question: &str) -> Vec<String> {
    let sqlite = Connection::open(path).unwrap();
    let mut statement = sqlite.prepare(question).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn count(path: &Path, question: &str) -> i64 {
    Connection::open(path).unwrap().query_row(question, [], |row| row.get(0)).unwrap()
}

fn faults(path: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let store = Store::open_read_only_aside(path).unwrap();
    store
        .verify(|step| {
            if let embalm::store::Verifying::Fault(fault) = step {
                faults.push(format!("{}: {} {:?}: {}", fault.check, fault.table, fault.row, fault.detail));
            }
        })
        .unwrap();
    faults
}

fn is_whole(path: &Path) {
    assert_eq!(faults(path), [] as [String; 0], "{}", path.display());
}

/// Prunes, and asserts that the dry run told the same, that the archive is whole after it, and that nothing is left to prune.
fn prune(path: &Path, pruning: &Pruning) -> Pruned {
    prune_at(path, pruning, now())
}

fn prune_at(path: &Path, pruning: &Pruning, now: Timestamp) -> Pruned {
    let told = |store: &Store| {
        let mut all: Vec<Prunable> = Vec::new();
        let pruned = store.prunable(pruning, now, |one| all.push(one.clone())).unwrap();
        (all, pruned)
    };
    let before = told(&Store::open_read_only_aside(path).unwrap());
    let mut gone: Vec<Prunable> = Vec::new();
    let pruned = Store::open(path).unwrap().prune(pruning, "a test", now, |one| gone.push(one.clone())).unwrap();
    assert_eq!(before, (gone, pruned.clone()), "the dry run and the doing");
    is_whole(path);
    let again = told(&Store::open_read_only_aside(path).unwrap());
    assert!(again.1.is_nothing(), "a second time: {:#?}", again.0);
    pruned
}

fn snapshots(keep: Keep) -> Pruning {
    Pruning { snapshots: true, keep, ..Pruning::default() }
}

fn last(n: u32) -> Keep {
    Keep { last: Some(n), ..Keep::default() }
}

fn merge(into: &Path, other: &Path) {
    Store::open(into).unwrap().merge(other, |_| ControlFlow::Continue(())).unwrap().unwrap();
}

fn shelf() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    (folder, path)
}

#[test]
fn snapshots_go_by_the_rules_but_never_those_that_say_how_a_post_began_changed_its_state_or_ended() {
    use Look::{Deleted, Says};
    let (_folder, path) = shelf();
    let looks = ["one", "two", "three", "four", "five"].map(Says);
    let looks: Vec<Look> =
        looks.into_iter().chain([Deleted, Says("six"), Says("seven"), Says("eight"), Says("nine")]).collect();
    looked_at(&path, &looks);
    let shown = texts(&path, "SELECT s.text FROM posts p JOIN snapshots s ON s.id = p.snapshot");
    let state = texts(&path, "SELECT state || state_since || last_looked_at || asked_at FROM posts");
    let pruned = prune(&path, &snapshots(last(2)));
    assert_eq!(says(&path), ["one", "five", "deleted", "six", "eight", "nine"]);
    assert_eq!(texts(&path, "SELECT s.text FROM posts p JOIN snapshots s ON s.id = p.snapshot"), shown);
    assert_eq!(texts(&path, "SELECT state || state_since || last_looked_at || asked_at FROM posts"), state);
    let of = |what: &str| pruned.kinds.iter().find(|kind| kind.what == what).map_or(0, |kind| kind.count);
    assert_eq!((of("snapshot"), of("look"), of("exchange"), of("blob")), (4, 4, 4, 8));
    assert_eq!(count(&path, "SELECT count(*) FROM tombstones WHERE kind IN ('snapshot', 'look', 'exchange')"), 12);
}

#[test]
fn looks_that_failed_with_the_same_answer_over_and_over_go_but_the_first_and_the_last_of_them() {
    use Look::{Refused, Says};
    let (_folder, path) = shelf();
    looked_at(&path, &[Says("one"), Refused, Refused, Refused, Refused, Says("two"), Refused]);
    let pruned = prune(&path, &Pruning { repeats: true, ..Pruning::default() });
    assert_eq!(
        pruned.kinds.iter().map(|kind| (kind.what, kind.count)).collect::<Vec<_>>(),
        [("look", 2), ("exchange", 2)]
    );
    assert_eq!(count(&path, "SELECT count(*) FROM looks"), 5);
    assert_eq!(says(&path), ["one", "two"]);
}

#[test]
fn a_post_that_goes_leaves_its_name_where_an_article_has_it_and_nothing_where_none_does() {
    let (_folder, path) = shelf();
    write(&path, 1, &made_up::some(1));
    let named = count(&path, "SELECT count(*) FROM posts p WHERE EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id)");
    let pruned = prune(
        &path,
        &Pruning {
            posts: true,
            filter: Filter { platform: Some("twitter".to_owned()), ..Filter::default() },
            ..Pruning::default()
        },
    );
    assert!(pruned.kinds.iter().any(|kind| kind.what == "post" && kind.again > 0));
    assert_eq!(count(&path, "SELECT count(*) FROM snapshots") + count(&path, "SELECT count(*) FROM looks"), 0);
    assert_eq!(count(&path, "SELECT count(*) FROM posts"), named);
    assert_eq!(count(&path, "SELECT count(*) FROM queue WHERE rests = 'dead' AND reason LIKE 'pruned: %'"), named);
}

#[test]
fn articles_go_with_their_versions_and_what_a_source_names_is_said_to_come_again() {
    let (_folder, path) = shelf();
    let acts = [
        Act::Article { name: 0, says: 0, posts: vec![0], address: Some(0) },
        Act::Wait,
        Act::Article { name: 0, says: 1, posts: vec![1], address: None },
        Act::Wait,
        Act::Article { name: 0, says: 2, posts: vec![1], address: None },
        Act::Wait,
        Act::Article { name: 0, says: 0, posts: vec![1], address: None },
        Act::Wait,
        Act::Article { name: 0, says: 1, posts: vec![1], address: None },
        Act::Poll { source: 0, name: 0 },
        Act::Article { name: 1, says: 1, posts: vec![2], address: None },
    ];
    write(&path, 1, &acts);
    let pruned = prune(&path, &Pruning { versions: true, keep: last(1), ..Pruning::default() });
    assert_eq!(pruned.kinds.first().map(|kind| (kind.what, kind.count)), Some(("version", 3)), "{pruned:?}");
    assert_eq!(count(&path, "SELECT count(*) FROM article_versions WHERE article = 1"), 2);
    let pruned = prune(
        &path,
        &Pruning {
            articles: true,
            filter: Filter { site: Some("news.example".to_owned()), ..Filter::default() },
            ..Pruning::default()
        },
    );
    assert_eq!(pruned.kinds.first().map(|kind| (kind.count, kind.again)), Some((2, 1)));
    assert_eq!(
        count(&path, "SELECT count(*) FROM articles") + count(&path, "SELECT count(*) FROM article_versions"),
        0
    );
    let tallied = texts(
        &path,
        "SELECT what || ' ' || n FROM tallies WHERE what IN ('articles', 'versions', 'embeds') ORDER BY 1",
    );
    assert_eq!(tallied, ["articles 0", "embeds 0", "versions 0"]);
}

#[test]
fn bytes_to_which_nothing_refers_go_and_no_others() {
    let (_folder, path) = shelf();
    write(&path, 1, &made_up::some(1));
    let orphans = Pruning { orphans: true, ..Pruning::default() };
    assert!(prune(&path, &orphans).is_nothing());
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let sqlite = Connection::open(&path).unwrap();
    let insert = "INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, 5, 'text/plain', 'none', x'68656c6c6f')";
    sqlite.execute(insert, [sha256]).unwrap();
    drop(sqlite);
    let pruned = prune(&path, &orphans);
    assert_eq!(
        pruned.kinds.iter().map(|kind| (kind.what, kind.count, kind.bytes)).collect::<Vec<_>>(),
        [("blob", 1, 5)]
    );
}

#[test]
fn a_row_that_was_deleted_by_hand_is_named_after_a_prune_as_before() {
    use Look::Says;
    let (_folder, path) = shelf();
    looked_at(&path, &["one", "two", "three", "four"].map(Says));
    prune(&path, &snapshots(last(1)));
    let sqlite = Connection::open(&path).unwrap();
    sqlite
        .execute_batch(
            "PRAGMA foreign_keys = OFF; DELETE FROM looks WHERE id = (SELECT min(id) FROM looks); \
             UPDATE snapshots SET text = 'zero' WHERE id = (SELECT min(id) FROM snapshots)",
        )
        .unwrap();
    drop(sqlite);
    let faults = faults(&path);
    assert!(faults.iter().any(|fault| fault.contains("a look: its row is missing")), "{faults:#?}");
    assert!(
        faults.iter().any(|fault| fault.contains("a snapshot of twitter:1 is not as it was entered")),
        "{faults:#?}"
    );
}

#[test]
fn a_prune_that_is_broken_off_leaves_the_archive_as_it_was() {
    use Look::Says;
    let (folder, path) = shelf();
    looked_at(&path, &["one", "two", "three", "four", "five"].map(Says));
    let before = folder.path().join("before.db");
    fs::copy(&path, &before).unwrap();
    // Something refers to a snapshot in a way that no version of embalm knows: the check at the end of the prune finds it.
    let sqlite = Connection::open(&path).unwrap();
    let three = "(SELECT id FROM snapshots WHERE text = 'three')";
    sqlite
        .execute_batch(&format!(
            "CREATE TABLE stranger (snapshot REFERENCES snapshots (id)); INSERT INTO stranger VALUES ({three})"
        ))
        .unwrap();
    drop(sqlite);
    assert!(Store::open(&path).unwrap().prune(&snapshots(last(1)), "a test", now(), |_| ()).is_err());
    Connection::open(&path).unwrap().execute_batch("DROP TABLE stranger").unwrap();
    content::assert_same(&before, &path, &[]);
    is_whole(&path);
    prune(&path, &snapshots(last(1)));
}

#[test]
fn free_pages_are_given_back_at_once_the_first_time_and_in_steps_from_then_on() {
    let (_folder, path) = shelf();
    write(&path, 1, &made_up::some(1));
    let fill = |path: &Path| {
        let sqlite = Connection::open(path).unwrap();
        sqlite
            .execute_batch(
                "CREATE TABLE ballast (data BLOB); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) \
                 INSERT INTO ballast SELECT randomblob(8000) FROM n; DROP TABLE ballast",
            )
            .unwrap();
    };
    for mode in [0, 2] {
        assert_eq!(count(&path, "PRAGMA auto_vacuum"), mode);
        fill(&path);
        let mut store = Store::open(&path).unwrap();
        assert!(store.free_inside_bytes().unwrap() > 2_000_000);
        assert!(store.shrink(|_, _| ControlFlow::Continue(())).unwrap() > 2_000_000);
        assert_eq!(store.free_inside_bytes().unwrap(), 0);
        assert_eq!(store.shrink(|_, _| ControlFlow::Continue(())).unwrap(), 0);
        is_whole(&path);
    }
}

fn cases() -> ProptestConfig {
    let asked = std::env::var("EMBALM_MERGE_CASES").ok().and_then(|cases| cases.parse().ok());
    // The same archives each time, so that a failure is of the change at hand; as many others as one asks for.
    let rng_seed = if asked.is_none() { RngSeed::Fixed(1) } else { RngSeed::Random };
    let cases = asked.unwrap_or(6);
    ProptestConfig { cases, rng_seed, failure_persistence: None, max_shrink_iters: 100, ..ProptestConfig::default() }
}

/// What was pruned comes back by a merge, whichever archive is merged into which, and how often.
fn comes_back(acts: &[Act], rule: u8) {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (whole, pruned) = (path("whole.db"), path("pruned.db"));
    write(&whole, 1, acts);
    fs::copy(&whole, &pruned).unwrap();
    prune(&pruned, &made_up::pruning(rule));
    let (one, other) = (path("one.db"), path("other.db"));
    fs::copy(&pruned, &one).unwrap();
    fs::copy(&whole, &other).unwrap();
    merge(&one, &whole);
    merge(&other, &pruned);
    for merged in [&one, &other] {
        is_whole(merged);
        content::assert_same(&whole, merged, &["runs"]);
    }
    // Merging again changes nothing, and adds no run but those by which the other one brought it back.
    let runs = count(&one, "SELECT count(*) FROM runs");
    let brought = count(&other, "SELECT count(*) FROM runs WHERE command = 'merge'");
    for again in [&pruned, &whole, &other] {
        merge(&one, again);
        is_whole(&one);
        content::assert_same(&whole, &one, &["runs"]);
    }
    let now_runs = count(&one, "SELECT count(*) FROM runs");
    assert!(now_runs <= runs + brought, "{now_runs} runs, {runs} before, {brought} by the other one");
    // And what came back can be pruned again.
    prune_at(&one, &made_up::pruning(rule), now() + 24.hours());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_was_pruned_a_merge_with_an_archive_that_has_it_brings_it_back(acts in acts(24), rule in 0..4_u8) {
        comes_back(&acts, rule);
    }
}

#[test]
fn a_post_that_quotes_the_post_that_a_link_leads_to_comes_back_when_it_is_redacted() {
    let found = Act::Found { post: 0, says: 0, via: 0, picture: 0, quotes: Some(2) };
    let acts = [
        found,
        Act::Redact { what: 2, remove: false },
        Act::NextRun,
        Act::Failed { post: 7, again: false },
        Act::Adopted { link: 7, post: 2 },
    ];
    (0..4).for_each(|rule| comes_back(&acts, rule));
}

#[test]
fn of_looks_of_one_instant_that_say_the_same_all_stay() {
    let failed = Act::Failed { post: 6, again: false };
    (0..4).for_each(|rule| comes_back(&[failed.clone(), failed.clone(), failed.clone()], rule));
}

#[test]
fn a_hidden_post_that_quotes_one_that_goes_can_be_shown_again_and_merged() {
    let found = Act::Found { post: 5, says: 0, via: 0, picture: 0, quotes: Some(1) };
    for remove in [false, true] {
        (0..4).for_each(|rule| comes_back(&[found.clone(), Act::Redact { what: 5, remove }], rule));
    }
}

#[test]
fn the_command_tells_by_kind_what_would_go_and_does_that_alone() {
    use Look::Says;
    let (folder, path) = shelf();
    looked_at(&path, &["one", "two", "three", "four"].map(Says));
    for wrong in [
        &["prune"][..],
        &["prune", "--snapshots"],
        &["prune", "--keep-last", "2"],
        &["prune", "--posts"],
        &["prune", "--platform", "twitter"],
        &["prune", "--shown", "--orphans"],
        &["prune", "--orphans", "--limit", "3"],
        &["prune", "--snapshots", "--posts", "--keep-last", "1", "--platform", "twitter"],
    ] {
        ends(embalm(folder.path()).args(wrong), 2);
    }
    let args = ["prune", "--snapshots", "--keep-last", "1", "--json"];
    let (told, _) = ends(embalm(folder.path()).args(args), 0);
    assert_eq!(says(&path).len(), 4, "nothing is touched without --yes");
    let (done, _) = ends(embalm(folder.path()).args(args).arg("--yes"), 0);
    let things = |out: &str| {
        out.lines()
            .filter(|line| line.contains("\"what\"") && !line.contains("\"kinds\""))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(things(&told), things(&done));
    assert!(!things(&told).is_empty());
    assert_eq!(says(&path), ["one", "four"]);
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    let (shown, _) = ends(embalm(folder.path()).args(["show", "twitter:1"]), 0);
    assert!(shown.contains("four"), "{shown}");
    let (history, _) = ends(embalm(folder.path()).args(["history", "twitter:1"]), 0);
    assert!(history.contains("one") && history.contains("four") && !history.contains("two"), "{history}");
    let (_, words) = ends(embalm(folder.path()).args(["prune", "--snapshots", "--keep-last", "1", "--yes"]), 0);
    assert!(words.contains("nothing goes"), "{words}");
    ends(embalm(folder.path()).args(["prune", "--vacuum"]), 0);
}

#[test]
fn bytes_of_files_go_and_what_is_known_of_them_stays() {
    use Look::Says;
    let (folder, path) = shelf();
    looked_at(&path, &["one", "two", "three"].map(Says));
    let whole = || {
        count(&path, "SELECT count(*) FROM blobs WHERE length(data) > 0 AND id IN (SELECT blob FROM snapshot_media)")
    };
    assert_eq!(whole(), 3);
    let (told, _) = ends(embalm(folder.path()).args(["prune", "--larger", "1B", "--json"]), 0);
    assert!(told.contains("\"post\":\"twitter:1\""), "{told}");
    assert_eq!(whole(), 3, "nothing is touched without --yes");
    ends(embalm(folder.path()).args(["prune", "--larger", "1B", "--platform", "mastodon", "--yes", "-q"]), 0);
    assert_eq!(whole(), 3, "of another platform");
    ends(embalm(folder.path()).args(["prune", "--media", "video", "--older", "1h", "--shown", "--yes", "-q"]), 0);
    assert_eq!(whole(), 3, "of another kind");
    ends(embalm(folder.path()).args(["prune", "--larger", "1B", "--yes", "-q"]), 0);
    assert_eq!(whole(), 1, "the one with which the post is shown stays");
    ends(embalm(folder.path()).args(["prune", "--larger", "1B", "--shown", "--yes", "-q"]), 0);
    assert_eq!(whole(), 0);
    assert_eq!(count(&path, "SELECT count(*) FROM snapshot_media WHERE blob IS NOT NULL"), 3);
    assert_eq!(count(&path, "SELECT count(*) FROM tombstones WHERE kind = 'blob'"), 3);
    is_whole(&path);
    ends(embalm(folder.path()).args(["export", "html", "-q", "--out"]).arg(folder.path().join("site")), 0);
}

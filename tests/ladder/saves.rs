//! Asking a web archive to save posts: only where the user wants it, once for each, and never in the way of a run.

use crate::world::{ARCHIVE, World, none};
use serde_json::json;

type Row = (String, Option<String>, Option<String>);

fn config(world: &World, save_now: bool) {
    world.config(&format!("[capture]\nmemento = \"{ARCHIVE}\"\nsave_now = {save_now}\n"));
}

fn live(id: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let answer = json!({
        "__typename": "Tweet", "id_str": id, "text": "Here", "lang": "en", "created_at": "2016-03-05T09:10:11.000Z",
        "user": {"id_str": "4242", "name": "Ann Example", "screen_name": "annex"},
    });
    (200, vec![("content-type".to_owned(), "application/json".to_owned())], answer.to_string().into_bytes())
}

fn all_are_live(world: &World) {
    world.platforms_say(|url, _| match url.query_pairs().find(|(name, _)| name == "id") {
        Some((_, id)) => live(&id),
        None => none(),
    });
}

fn rows(world: &World) -> Vec<Row> {
    let sql = world.sql();
    let mut rows = sql.prepare("SELECT url, memento_url, failure FROM saves ORDER BY id").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn asked_to_save(world: &World) -> usize {
    world.asked_of_archive().iter().filter(|asked| asked.url.contains("/save/")).count()
}

#[test]
fn a_post_that_was_captured_is_saved_once_and_only_if_that_is_wanted() {
    let world = World::new();
    let post = "https://x.com/annex/status/706044400000000007";
    all_are_live(&world);
    world.archive_says(|url, _| match url.path().strip_prefix("/save/") {
        Some(page) => (302, vec![("location".to_owned(), format!("/web/20261122190000/{page}"))], Vec::new()),
        None => none(),
    });
    config(&world, false);
    world.run(&["add", "-q", post]);
    assert_eq!(asked_to_save(&world), 0);
    config(&world, true);
    world.run(&["add", "-q", post]);
    let copy = format!("{ARCHIVE}/web/20261122190000/{post}");
    assert_eq!(rows(&world), [(post.to_owned(), Some(copy), None)]);
    world.run(&["add", "-q", post]);
    assert_eq!(asked_to_save(&world), 1);
}

#[test]
fn an_archive_that_refuses_or_is_busy_fails_no_run() {
    let world = World::new();
    config(&world, true);
    all_are_live(&world);
    world.archive_says(|_, _| (429, vec![("retry-after".to_owned(), "60".to_owned())], Vec::new()));
    let posts = ["https://x.com/annex/status/706044400000000007", "https://x.com/annex/status/706044400000000009"];
    world.run(&["add", "-q", "--strict", posts[0], posts[1]]);
    assert_eq!((asked_to_save(&world), rows(&world)), (1, Vec::new()), "it is asked again in a later run");
    assert_eq!(world.records(&["list", "posts", "--json"]).len(), 2);
    let world = World::new();
    config(&world, true);
    all_are_live(&world);
    world.archive_says(|_, _| (403, Vec::new(), b"not this one".to_vec()));
    world.run(&["add", "-q", "--strict", posts[0]]);
    assert!(matches!(rows(&world).as_slice(), [(_, None, Some(_))]), "{:?}", rows(&world));
}

#[test]
fn nothing_is_saved_without_an_archive_to_ask() {
    let world = World::new();
    world.config("[capture]\nsave_now = true\n");
    let (_, err) = crate::binary::ends(&mut world.command(&["add", "https://x.com/annex/status/20"]), 2);
    assert!(err.contains("save_now") && err.contains("memento"), "{err}");
}

//! Quoted and answered posts: followed as far as the user says, each once, and never round in a circle.

use crate::world::{World, none};
use serde_json::{Value, json};

/// A chain of posts, each answering the next, the last one answering the first again.
fn chain(world: &World) {
    world.platforms_say(|url, _| {
        let Some(id) = url.query_pairs().find(|(name, _)| name == "id").map(|(_, id)| id.into_owned()) else { return none() };
        let number: u64 = id.parse().unwrap();
        let next = if number == 70_000_000_004 { 70_000_000_000 } else { number + 1 };
        let answer = json!({
            "__typename": "Tweet", "id_str": id, "text": format!("Post {id}"), "lang": "en",
            "created_at": "2016-03-05T09:10:11.000Z", "in_reply_to_status_id_str": next.to_string(),
            "in_reply_to_screen_name": "annex", "user": {"id_str": "4242", "name": "Ann Example", "screen_name": "annex"},
        });
        (200, vec![("content-type".to_owned(), "application/json".to_owned())], answer.to_string().into_bytes())
    });
}

fn captured(depth: u8) -> Vec<String> {
    let world = World::new();
    chain(&world);
    world.config(&format!("[capture]\nquoted_depth = {depth}\n"));
    world.run(&["add", "-q", "https://x.com/annex/status/70000000000"]);
    assert_eq!(world.asked_of_platforms().len(), usize::from(depth.min(4)) + 1, "each post is asked for once");
    let posts = world.records(&["list", "posts", "--json", "--state", "live"]);
    let mut ids: Vec<String> = posts.iter().map(|post| post["post_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    let first =
        world.records(&["list", "posts", "--json"]).into_iter().find(|post| post["post_id"] == "70000000000").unwrap();
    assert_eq!(first["reply_to"], Value::from("twitter:70000000001"), "what is not followed is named all the same");
    let queued: i64 = world.sql().query_row("SELECT count(*) FROM queue", [], |row| row.get(0)).unwrap();
    assert_eq!(queued, 0, "what is too far away is not waited for");
    ids
}

#[test]
fn answered_posts_are_followed_to_the_depth_that_the_user_names() {
    assert_eq!(captured(0), ["70000000000"]);
    assert_eq!(captured(1), ["70000000000", "70000000001"]);
    assert_eq!(captured(3), ["70000000000", "70000000001", "70000000002", "70000000003"]);
}

#[test]
fn a_circle_of_answers_ends() {
    assert_eq!(captured(9).len(), 5);
}

//! What a limit keeps out is said to be skipped, and is fetched when the limit allows.

use crate::stage::{Stage, post_url};
use serde_json::Value;

#[test]
fn a_film_over_the_limit_is_skipped_and_the_next_run_with_a_higher_limit_fetches_it() {
    let mut stage = Stage::new();
    stage.capture = "max_media_bytes = 9000".to_owned();
    stage.add("fragments/master.m3u8");
    let film = stage.film();
    assert_eq!(film["failure"], "skipped: over the limit of 9000 bytes for one file");
    assert_eq!(film["skipped"], "file");
    let failures = stage.records(&["list", "failures"]);
    assert_eq!((failures.len(), &failures[0]["reason"]), (1, &Value::from("skipped")));
    assert_eq!(failures[0]["attempts"], Value::Null, "trying again with the same limit is no use");
    let asked = stage.server.asked().len();
    stage.embalm(&["run", "-q"], 0);
    assert_eq!(stage.server.asked().len(), asked, "the same limit asks nobody");
    stage.capture = "max_media_bytes = 10000".to_owned();
    stage.embalm(&["run", "-q"], 0);
    assert_eq!(stage.film()["failure"], "skipped: over the limit of 10000 bytes for one file", "still too low");
    let asked = stage.server.asked().len();
    stage.embalm(&["run", "-q"], 0);
    assert_eq!(stage.server.asked().len(), asked);
    stage.capture = String::new();
    stage.embalm(&["run", "-q"], 0);
    let film = stage.film();
    assert_eq!((film["failure"].clone(), film["skipped"].clone()), (Value::Null, Value::Null), "{film}");
    assert!(film["size_bytes"].as_u64().unwrap() > 20_000);
    assert_eq!(stage.records(&["list", "posts"])[0]["snapshots"], 1);
}

#[test]
fn a_post_s_limit_counts_its_files_and_adding_it_again_asks_at_once() {
    let mut stage = Stage::new();
    stage.capture = "max_post_media_bytes = 9000".to_owned();
    stage.add("fragments/master.m3u8");
    let media = stage.records(&["list", "media"]);
    let pictures: Vec<_> = media.iter().filter(|file| file["kind"] != "video").collect();
    assert!(pictures.len() >= 2 && pictures.iter().all(|file| file["sha256"].is_string()), "{pictures:?}");
    assert_eq!(stage.film()["skipped"], "post");
    stage.capture = String::new();
    stage.add("fragments/master.m3u8");
    assert!(stage.film()["sha256"].is_string());
}

#[test]
fn what_a_run_s_limit_leaves_waits_for_the_next_run() {
    let mut stage = Stage::new();
    stage.capture = "max_run_media_bytes = 40000".to_owned();
    let urls = [post_url("fragments/master.m3u8"), post_url("segments/master.m3u8")];
    stage.embalm(&["add", "-q", &urls[0], &urls[1]], 0);
    let films = |stage: &Stage| {
        let media = stage.records(&["list", "media", "--sort", "post"]);
        let films = media.into_iter().filter(|file| file["kind"] == "video");
        films.map(|file| file["skipped"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut skipped = films(&stage);
    skipped.sort();
    assert_eq!(skipped, [None, Some("run".to_owned())]);
    stage.embalm(&["run", "-q"], 0);
    assert_eq!(films(&stage), [None, None]);
}

#[test]
fn limits_that_cannot_be_meant_are_refused() {
    for (line, words) in [
        ("max_media_bytes = 0", "at least 1"),
        ("max_video_height = -1", "integer `-1`"),
        ("max_vidio_height = 1080", "did you mean `max_video_height`"),
        ("ytdlp = \"/nowhere/yt-dlp\"", "no program at"),
        ("ffmpeg = 7", "expected true, false or the path"),
    ] {
        let mut stage = Stage::new();
        stage.capture = line.to_owned();
        let (_, err) = stage.embalm(&["add", "https://bsky.app/profile/a.example/post/3k"], 2);
        assert!(err.contains(words), "{line}: {err}");
    }
}

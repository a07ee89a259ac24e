//! Other programs: `yt-dlp` as a script that writes down how it was called, `ffmpeg` where it is installed.

use crate::stage::Stage;
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

const FILM: &str = "https://www.youtube.com/watch?v=abcdefghijk";

/// A program that writes down its arguments, its folder and its environment, then does this.
fn script(stage: &mut Stage, does: &str) {
    let folder = stage.folder.path();
    let program = folder.join("yt-dlp");
    let log = folder.join("called.txt");
    let film = folder.join("film.mp4");
    fs::write(&film, b"\0\0\0\x14ftypisom\0\0\x02\0isom\0\0\0\x08mdat").unwrap();
    let (log, film) = (log.display(), film.display());
    let text = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {log}\npwd >> {log}\nenv >> {log}\nFILM={film}\n{does}\n");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    stage.capture = format!("{}\nytdlp = \"{}\"", stage.capture, program.display());
}

fn called(stage: &Stage) -> Option<String> {
    fs::read_to_string(stage.folder.path().join("called.txt")).ok()
}

#[test]
fn a_film_without_an_open_route_comes_by_yt_dlp() {
    let mut stage = Stage::new();
    script(&mut stage, "cp $FILM film.mp4; echo beside > film.info.json");
    stage.embalm(&["add", "-q", FILM], 0);
    let film = stage.film();
    assert_eq!((film["obtained"].as_str(), film["mime"].as_str()), (Some("yt-dlp"), Some("video/mp4")), "{film}");
    assert_eq!(film["url"], FILM);
    let called_with = called(&stage).unwrap();
    let lines: Vec<&str> = called_with.lines().collect();
    let end = lines.iter().position(|line| *line == "--").unwrap();
    assert_eq!(lines[end + 1], FILM, "the URL stands behind the end of options");
    assert!(lines[..end].contains(&"--ignore-config") && lines[..end].contains(&"--max-filesize"));
    let folder = lines[end + 2];
    assert!(folder.contains("embalm-") && !Path::new(folder).exists(), "its folder is gone: {folder}");
    assert!(called_with.contains(&format!("HOME={folder}")), "{called_with}");
    assert!(!called_with.contains("EMBALM_"), "{called_with}");

    // Once it is there it is not asked for again, and the post is the same with it and without it.
    fs::remove_file(stage.folder.path().join("called.txt")).unwrap();
    stage.embalm(&["add", "-q", FILM], 0);
    assert_eq!(called(&stage), None);
    let post = &stage.records(&["list", "posts"])[0];
    assert_eq!(post["snapshots"], 1);
    assert_eq!(post["media"].as_array().unwrap().iter().filter(|file| file["kind"] == "video").count(), 1);

    // The platform's stored answers don't name it; reading them again takes nothing away.
    stage.embalm(&["reparse", "-q"], 0);
    let post = &stage.records(&["list", "posts"])[0];
    assert_eq!(post["snapshots"], 1);
    assert!(post["media"].as_array().unwrap().iter().any(|file| file["kind"] == "video"), "{post}");
}

#[test]
fn what_was_captured_without_it_is_filled_in() {
    let mut stage = Stage::new();
    stage.embalm(&["add", "-q", FILM], 0);
    let files = stage.records(&["list", "media"]);
    assert!(files.iter().all(|file| file["kind"] != "video"), "{files:?}");
    script(&mut stage, "echo 'ERROR: no film today' >&2; exit 1");
    stage.embalm(&["add", "-q", FILM], 0);
    assert_eq!(stage.film()["failure"], "yt-dlp: it failed: ERROR: no film today");
    stage.capture.clear();
    script(&mut stage, "cp $FILM film.mp4");
    stage.embalm(&["add", "-q", FILM], 0);
    let film = stage.film();
    assert_eq!((film["failure"].clone(), film["obtained"].as_str()), (Value::Null, Some("yt-dlp")), "{film}");
    assert_eq!(stage.records(&["list", "posts"])[0]["snapshots"], 1);
}

#[test]
fn what_it_writes_is_judged_and_bounded() {
    for (does, words) in [
        ("printf '<!doctype html><title>Sign in</title>' > film.mp4", "wrote no film"),
        ("true", "skipped"),
        ("ln -s /etc/passwd film.mp4", "wrote no film"),
        ("cat $FILM > film.mp4; head -c 3000000 /dev/zero >> film.mp4; exec sleep 60", "skipped"),
    ] {
        let mut stage = Stage::new();
        stage.capture = "max_media_bytes = 500000".to_owned();
        script(&mut stage, does);
        stage.embalm(&["add", "-q", FILM], 0);
        let film = stage.film();
        assert!(film["failure"].as_str().is_some_and(|failure| failure.contains(words)), "{does}: {film}");
    }
}

#[test]
fn it_never_runs_in_a_replay_nor_unless_it_is_switched_on() {
    let mut stage = Stage::new();
    let recording = stage.folder.path().join("recording.warc.gz").display().to_string();
    stage.embalm(&["add", "-q", FILM, "--record", &recording], 0);
    script(&mut stage, "cp $FILM film.mp4");
    stage.embalm(&["add", "-q", FILM, "--replay", &recording], 0);
    assert_eq!(called(&stage), None);
    assert_eq!(stage.records(&["list", "posts"])[0]["state"], "live");
}

#[test]
fn what_cannot_be_joined_is_kept_as_it_came_and_said_to_be_so() {
    let mut stage = Stage::new();
    stage.capture = "ffmpeg = false".to_owned();
    stage.add("ranges/hevc.m3u8");
    let film = stage.film();
    assert_eq!(film["mime"], "video/mp2t");
    let note = film["note"].as_str().unwrap();
    assert!(note.contains("may not play") && note.contains("HEVC"), "{note}");
}

#[test]
fn ffmpeg_joins_what_is_not_known_here() {
    if !Path::new("/usr/bin/ffmpeg").exists() {
        #[allow(clippy::print_stdout, reason = "a test that did not run says so")]
        {
            println!("skipped: no ffmpeg");
        }
        return;
    }
    let stage = Stage::new();
    stage.add("ranges/hevc.m3u8");
    let film = stage.film();
    assert_eq!((film["obtained"].as_str(), film["mime"].as_str()), (Some("hls+ffmpeg"), Some("video/mp4")), "{film}");
}

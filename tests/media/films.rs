//! Streams of every form end as one film; what is not whole is no film.

use crate::stage::{Stage, post_url};
use std::{collections::HashMap, fs};

/// What an MP4 says of itself, read without the code that wrote it.
#[derive(Debug, Default)]
struct Told {
    top: Vec<String>,
    duration_ms: u64,
    /// By their kind: samples, and the size of all of them.
    tracks: HashMap<String, (usize, u64)>,
    width_px: u32,
}

fn boxes(bytes: &[u8]) -> Vec<(String, &[u8])> {
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        let size = number(&bytes[at..]);
        found.push((String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned(), &bytes[at + 8..at + size]));
        at += size;
    }
    found
}

fn number(bytes: &[u8]) -> usize {
    u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize
}

fn inside<'a>(bytes: &'a [u8], path: &[&str]) -> &'a [u8] {
    path.iter().fold(bytes, |bytes, name| boxes(bytes).into_iter().find(|(found, _)| found == name).expect(name).1)
}

fn told(film: &[u8]) -> Told {
    let mut told = Told { top: boxes(film).into_iter().map(|(name, _)| name).collect(), ..Told::default() };
    let moov = inside(film, &["moov"]);
    let mvhd = inside(moov, &["mvhd"]);
    told.duration_ms = (number(&mvhd[16..]) * 1000 / number(&mvhd[12..])) as u64;
    for (_, trak) in boxes(moov).into_iter().filter(|(name, _)| name == "trak") {
        let kind = String::from_utf8_lossy(&inside(trak, &["mdia", "hdlr"])[8..12]).into_owned();
        let stbl = inside(trak, &["mdia", "minf", "stbl"]);
        let sizes = inside(stbl, &["stsz"]);
        let count = number(&sizes[8..]);
        let bytes = (0..count).map(|n| number(&sizes[12 + 4 * n..]) as u64).sum();
        if kind == "vide" {
            told.width_px = (number(&inside(trak, &["tkhd"])[76..]) >> 16) as u32;
        }
        // Every sample that has a time has a size, and the other way round.
        let times = inside(stbl, &["stts"]);
        let timed: usize = (0..number(&times[4..])).map(|n| number(&times[8 + 8 * n..])).sum();
        assert_eq!(timed, count);
        told.tracks.insert(kind, (count, bytes));
    }
    told
}

/// Four seconds of sixty pictures and a tone, in one file with one index.
fn assert_whole(film: &[u8], seconds: u64) -> Told {
    let told = told(film);
    assert_eq!(told.top, ["ftyp", "moov", "mdat"]);
    // A lead-in of the sound stands before each beginning.
    assert!(told.duration_ms.abs_diff(seconds * 1000) < 250, "{told:?}");
    assert_eq!(told.tracks["vide"].0 as u64, 15 * seconds, "{told:?}");
    assert!(told.tracks["soun"].0 as u64 >= 43 * seconds, "{told:?}");
    let samples: u64 = told.tracks.values().map(|(_, bytes)| bytes).sum();
    assert_eq!(samples as usize, boxes(film)[2].1.len(), "nothing but samples, and all of them");
    told
}

#[test]
fn fragments_with_their_sound_apart_end_as_one_film() {
    let stage = Stage::new();
    stage.add("fragments/master.m3u8");
    let film = stage.film();
    assert_eq!((film["mime"].as_str(), film["obtained"].as_str()), (Some("video/mp4"), Some("hls")), "{film}");
    let told = assert_whole(&stage.bytes(&film["sha256"]), 4);
    assert_eq!(told.width_px, 160);
    for path in ["high-init.mp4", "high-0.m4s", "high-3.m4s", "sound-init.mp4", "sound-4.m4s"] {
        assert_eq!(stage.asked(path), 1, "{path}");
    }
    assert_eq!(stage.asked("low.m3u8") + stage.asked("low-0.m4s"), 0, "one variant is enough");
}

#[test]
fn transport_streams_end_as_one_film() {
    let stage = Stage::new();
    stage.add("segments/master.m3u8");
    let film = stage.film();
    assert_eq!((film["mime"].as_str(), film["obtained"].as_str()), (Some("video/mp4"), Some("hls")), "{film}");
    assert_eq!(assert_whole(&stage.bytes(&film["sha256"]), 4).width_px, 160);
}

#[test]
fn ranges_of_one_file_and_bare_sound_are_asked_for_once() {
    let stage = Stage::new();
    stage.add("ranges/master.m3u8");
    assert_whole(&stage.bytes(&stage.film()["sha256"]), 4);
    assert_eq!((stage.asked("video.ts"), stage.asked("sound.aac")), (1, 1));
    assert!(stage.server.asked().iter().all(|asked| !asked.head.to_ascii_lowercase().contains("\nrange:")));
}

#[test]
fn a_film_goes_on_where_its_clock_begins_anew() {
    let stage = Stage::new();
    stage.add("segments/twice.m3u8");
    assert_whole(&stage.bytes(&stage.film()["sha256"]), 8);
    assert_eq!(stage.asked("high-2.ts"), 1, "the same file twice is fetched once");
}

#[test]
fn the_best_variant_within_the_height_is_taken() {
    let mut stage = Stage::new();
    stage.capture = "max_video_height = 60".to_owned();
    stage.add("segments/master.m3u8");
    assert_eq!(assert_whole(&stage.bytes(&stage.film()["sha256"]), 4).width_px, 96);
    assert_eq!(stage.asked("high-0.ts"), 0);
}

#[test]
fn a_variant_over_the_limit_gives_way_to_the_next_smaller_one() {
    let mut stage = Stage::new();
    stage.capture = "max_media_bytes = 26000".to_owned();
    stage.add("fragments/master.m3u8");
    let film = stage.film();
    assert_eq!(assert_whole(&stage.bytes(&film["sha256"]), 4).width_px, 96);
    assert!(film["note"].as_str().unwrap().contains("smaller"), "{film}");
}

#[test]
fn a_film_with_a_segment_missing_is_none_and_is_tried_again() {
    let stage = Stage::new();
    stage.change("/segments/high-2.ts", 404, b"");
    stage.add("segments/master.m3u8");
    let film = stage.film();
    assert_eq!(film["sha256"], serde_json::Value::Null);
    assert_eq!(film["failure"], "segment 3 of 4: status 404");
    assert_eq!(stage.records(&["list", "failures"])[0]["attempts"], 1, "it is queued");
    // Half a segment that says that it is whole.
    let whole = std::fs::read("fixtures/hls/segments/high-2.ts").unwrap();
    stage.change("/segments/high-2.ts", 200, &whole[..whole.len() / 2]);
    stage.add("segments/master.m3u8");
    assert!(stage.film()["failure"].as_str().unwrap().contains("cut off"), "{}", stage.film());
    // Whole packets, and most of the film gone.
    for n in 1..4 {
        stage.change(&format!("/segments/high-{n}.ts"), 200, &whole[..188 * 3]);
    }
    stage.add("segments/master.m3u8");
    assert!(stage.film()["failure"].is_string(), "{}", stage.film());
    for n in 1..4 {
        stage.restore(&format!("/segments/high-{n}.ts"));
    }
    stage.add("segments/master.m3u8");
    let film = stage.film();
    assert_eq!(film["failure"], serde_json::Value::Null);
    assert_whole(&stage.bytes(&film["sha256"]), 4);
    assert_eq!(stage.records(&["list", "failures"]), [] as [serde_json::Value; 0]);
}

#[test]
fn half_a_fragment_is_no_fragment() {
    let stage = Stage::new();
    let whole = std::fs::read("fixtures/hls/fragments/high-1.m4s").unwrap();
    stage.change("/fragments/high-1.m4s", 200, &whole[..whole.len() - 700]);
    stage.add("fragments/master.m3u8");
    assert!(stage.film()["failure"].as_str().unwrap().contains("beyond the end"), "{}", stage.film());
}

#[test]
fn what_has_no_end_or_needs_a_key_is_refused_with_its_reason() {
    let stage = Stage::new();
    let list = std::fs::read_to_string("fixtures/hls/segments/high.m3u8").unwrap();
    let live = list.replace("#EXT-X-ENDLIST", "").replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "");
    for (changed, reason) in [
        (live, "live"),
        (list.replace("#EXTINF", "#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n#EXTINF"), "encrypted"),
        (list.replace("high-1.ts", "ftp://video.bsky.app/high-1.ts"), "ftp URL"),
        (list.replace("high-1.ts", "https://127.0.0.1/high-1.ts"), "refused"),
    ] {
        stage.change("/segments/high.m3u8", 200, changed.as_bytes());
        stage.add("segments/high.m3u8");
        let film = stage.film();
        assert!(film["failure"].as_str().is_some_and(|failure| failure.contains(reason)), "{reason}: {film}");
    }
}

#[test]
fn an_exported_page_holds_its_films_with_their_stills() {
    let stage = Stage::new();
    let films = ["fragments/master.m3u8", "segments/master.m3u8", "ranges/master.m3u8", "segments/twice.m3u8"];
    let embeds: String = films
        .iter()
        .map(|film| {
            format!(
                "<p>A film.</p><blockquote class=\"bluesky-embed\"><a href=\"{0}\">{0}</a></blockquote>",
                post_url(film)
            )
        })
        .collect();
    let page = stage.folder.path().join("page.html");
    fs::write(&page, format!("<title>Films of a lamp</title><article><h1>Films of a lamp</h1>{embeds}</article>"))
        .unwrap();
    stage.embalm(&["add", "-q", &page.display().to_string()], 0);
    let out = stage.folder.path().join("site");
    stage.embalm(&["export", "html", "-q", "--self-contained", "--out", &out.display().to_string()], 0);
    let exported = fs::read_to_string(out.join("films-of-a-lamp.html")).unwrap();
    assert_eq!(exported.matches("<source src=\"data:video/mp4;base64,").count(), films.len());
    assert_eq!(exported.matches(" poster=\"data:image/png;base64,").count(), films.len());
    // A real browser plays them afterwards: .ci/run.
    if let Some(pages) = std::env::var_os("EMBALM_TEST_PAGES").map(std::path::PathBuf::from) {
        fs::create_dir_all(&pages).unwrap();
        fs::copy(out.join("films-of-a-lamp.html"), pages.join("films-of-a-lamp.html")).unwrap();
    }
}

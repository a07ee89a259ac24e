//! Files: what they are, and parts of them.

use crate::{
    desk::{Desk, PNG, brought, found, post, post_ref},
    viewer::{DRAWING, PAGE, PAPER, Viewer, digest, room},
};
use std::{
    io::{Read, Write},
    thread,
};

/// Bytes of the film: several parts, and no whole number of them.
const FILM_BYTES: usize = 3_000_001;

/// A film by its first bytes, whose every part differs from every other.
fn film(size_bytes: usize) -> Vec<u8> {
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    film.extend(
        (0_u64..).flat_map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes()).take(size_bytes - film.len()),
    );
    film
}

fn with_film(size_bytes: usize) -> (Desk, Vec<u8>, String) {
    let mut desk = Desk::new();
    let film = film(size_bytes);
    let mut captured = found("2026-01-01T00:00:02Z", post("1", "A film"));
    captured.media = vec![brought("https://files.example/film.mp4", &film)];
    desk.capture(&post_ref("1"), captured);
    let path = format!("/media/{}", digest(&film));
    (desk, film, path)
}

#[test]
fn a_file_is_of_the_type_that_its_bytes_have_and_a_document_is_never_shown() {
    let desk = room();
    // What the archive says of a file is not asked.
    let sql = desk.sql();
    sql.execute_batch("CREATE TEMP TABLE was AS SELECT id, mime FROM blobs; UPDATE blobs SET mime = 'text/html'")
        .unwrap();
    let viewer = Viewer::start(&desk.path, &[]);
    let picture = viewer.get(&format!("/media/{}", digest(PNG)));
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.header("content-disposition"), Some("inline"));
    assert_eq!(picture.body, PNG);
    for bytes in [DRAWING, PAGE, PAPER, b"<p>The ferry left at noon.</p>"] {
        let file = viewer.get(&format!("/media/{}", digest(bytes)));
        let told = String::from_utf8_lossy(bytes);
        assert_eq!(file.status, 200, "{told}");
        assert_eq!(file.header("content-type"), Some("application/octet-stream"), "{told}");
        assert!(file.header("content-disposition").unwrap().starts_with("attachment; filename="), "{told}");
        assert_eq!(file.body, bytes, "{told}");
    }
    sql.execute("UPDATE blobs SET mime = (SELECT mime FROM was WHERE was.id = blobs.id)", []).unwrap();
}

#[test]
fn a_file_comes_whole_in_part_or_not_at_all() {
    let (desk, film, path) = with_film(FILM_BYTES);
    let viewer = Viewer::start(&desk.path, &[]);
    let etag = format!("\"{}\"", digest(&film));
    let whole = viewer.get(&path);
    assert_eq!((whole.status, whole.header("etag")), (200, Some(etag.as_str())));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-type"), Some("video/mp4"));
    assert_eq!(whole.header("cache-control"), Some("private, max-age=31536000, immutable"));
    assert!(whole.body == film);
    let size = FILM_BYTES;
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-1", 0, 2),
        ("bytes=0-", 0, size),
        ("bytes=65535-65536", 65_535, 65_537),
        ("bytes=1000000-2000000", 1_000_000, 2_000_001),
        ("bytes=2999999-", 2_999_999, size),
        ("bytes=-500", size - 500, size),
        ("bytes=-99999999", 0, size),
        ("bytes=3000000-99999999", 3_000_000, size),
    ] {
        let part = viewer.get_with(&path, &[&format!("Range: {range}")]);
        assert_eq!(part.status, 206, "{range}");
        let told = format!("bytes {start}-{}/{size}", end - 1);
        assert_eq!(part.header("content-range"), Some(told.as_str()), "{range}");
        assert!(part.body == film[start..end], "{range}");
    }
    for range in ["bytes=3000001-", "bytes=-0", "bytes=99999999999999999999-"] {
        let none = viewer.get_with(&path, &[&format!("Range: {range}")]);
        assert_eq!(none.status, 416, "{range}");
        assert_eq!(none.header("content-range"), Some(format!("bytes */{size}").as_str()), "{range}");
        assert_eq!(none.header("cache-control"), Some("no-store"));
    }
    for fields in [
        vec!["Range: bytes=0-1,5-9"],
        vec!["Range: bytes=9-1"],
        vec!["Range: pages=1-2"],
        vec!["Range: bytes=0-1", "If-Range: \"other\""],
        vec!["Range: bytes=0-1", "If-Range: Mon, 23 Nov 2026 01:00:00 GMT"],
    ] {
        let whole = viewer.get_with(&path, &fields);
        assert!(whole.status == 200 && whole.body == film, "{fields:?}");
    }
    let if_range = format!("If-Range: {etag}");
    assert_eq!(viewer.get_with(&path, &["Range: bytes=0-1", &if_range]).status, 206);
    let known = viewer.get_with(&path, &[&format!("If-None-Match: W/{etag}, \"x\"")]);
    assert!(known.status == 304 && known.body.is_empty() && known.header("etag") == Some(etag.as_str()));
    assert_eq!(viewer.get_with(&path, &["If-Match: \"other\""]).status, 412);
    let head = viewer.ask(viewer.request("HEAD", &path, &["Range: bytes=0-1"]).as_bytes());
    assert_eq!((head.status, head.header("content-length")), (200, Some(size.to_string().as_str())));
}

#[test]
fn a_digest_that_is_none_leads_nowhere() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let known = digest(PNG);
    for name in
        [&known[..63], &known.to_uppercase(), &format!("{known}0"), &format!("{known}.png"), &"0".repeat(64), "%00"]
    {
        assert_eq!(viewer.get(&format!("/media/{name}")).status, 404, "{name}");
    }
}

#[test]
fn readers_who_take_nothing_hold_up_nobody_and_a_film_takes_little_memory() {
    const READERS: usize = 40;
    let (desk, film, path) = with_film(24 << 20);
    let viewer = Viewer::start(&desk.path, &[]);
    let mut stalled: Vec<_> = (0..READERS)
        .map(|_| {
            let mut stream = viewer.connect();
            stream.write_all(viewer.request("GET", &path, &[]).as_bytes()).unwrap();
            let mut first = [0; 16];
            stream.read_exact(&mut first).unwrap();
            stream
        })
        .collect();
    // More than there are turns: pages are answered all the same, and so is a film, to one who reads it.
    assert_eq!(viewer.get("/").status, 200);
    assert_eq!(viewer.get("/post/twitter:1").status, 200);
    assert!(viewer.get(&path).body == film, "a film comes whole beside {READERS} who take nothing");
    // One who was away goes on where it was.
    let mut rest = Vec::new();
    stalled[0].read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&film[film.len() - 1_000_000..]) && rest.len() > film.len());
    if let Some(resident) = viewer.resident_bytes() {
        assert!(resident < 100 << 20, "{READERS} readers of a film of {} bytes took {resident} bytes", film.len());
    }
    drop(stalled);
    // Those who went away have left nothing behind that would be in the way.
    thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(|| viewer.get(&path).body == film)).collect();
        assert!(readers.into_iter().all(|reader| reader.join().unwrap()));
    });
}

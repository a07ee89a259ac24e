//! `embalm import`: exports of every kind, as folders and packed, twice, broken, and made to do harm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod binary;

use binary::{embalm, ends};
use ipld_core::{cid::Cid, ipld, ipld::Ipld};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from("fixtures/imports").join(name)
}

/// What `import --json` prints: the events, and the summary.
fn import(folder: &TempDir, export: &Path, args: &[&str]) -> (Vec<Value>, Value) {
    import_ending(folder, export, args, 0)
}

fn import_ending(folder: &TempDir, export: &Path, args: &[&str], code: i32) -> (Vec<Value>, Value) {
    let (out, _) = ends(embalm(folder.path()).arg("import").arg(export).args(args).arg("--json"), code);
    let mut lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap();
    (lines, summary)
}

fn shown(folder: &TempDir, key: &str) -> Value {
    serde_json::from_str(&ends(embalm(folder.path()).args(["show", key, "--json"]), 0).0).unwrap()
}

#[test]
fn an_export_of_x_becomes_posts_with_their_files() {
    let folder = TempDir::new().unwrap();
    let (events, summary) = import(&folder, &fixture("x"), &[]);
    assert_eq!(summary["kind"], "x");
    assert_eq!(
        (&summary["new"], &summary["named"], &summary["broken"]),
        (&3.into(), &1.into(), &1.into()),
        "{summary}"
    );
    assert_eq!(summary["media_stored"], 2, "{summary}");
    assert_eq!(summary["dated"], "2026-03-01T09:30:00Z");
    assert_eq!(events[0]["entry"], 5, "{events:?}");
    let post = shown(&folder, "twitter:1626922779105759235");
    assert_eq!(post["text"], "Morning over the quay & us");
    assert_eq!((&post["via"], &post["state"]), (&"import".into(), &"unknown".into()));
    assert_eq!(post["captured_at"], "2026-03-01T09:30:00Z");
    assert_eq!(post["author_handle"], "mika_tide");
    assert_eq!(post["counts"]["likes"], 3);
    assert!(post["media"][0]["sha256"].is_string(), "{post}");
    let film = shown(&folder, "twitter:1700000000000000001");
    assert_eq!(film["media"][0]["kind"], "video");
    assert!(film["media"][0]["sha256"].is_string(), "{film}");
    let long = shown(&folder, "twitter:1700000000000000009");
    assert!(long["text"].as_str().unwrap().ends_with("Nine minutes."), "{long}");
}

#[test]
fn an_import_twice_is_once_and_proves_nothing() {
    let folder = TempDir::new().unwrap();
    for name in ["x", "mastodon", "gallery-dl", "auto-archiver"] {
        let (_, first) = import(&folder, &fixture(name), &[]);
        let before = ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0;
        let (_, second) = import(&folder, &fixture(name), &[]);
        assert_eq!(second["new"], 0, "{second}");
        assert_eq!(second["media_stored"], 0, "{second}");
        assert!(first["new"].as_u64() > Some(0), "{first}");
        assert_eq!(ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0, before);
    }
    let (out, _) = ends(embalm(folder.path()).args(["list", "posts", "--state", "live", "--json"]), 0);
    assert_eq!(out, "", "an export is not the platform's word");
    let (out, _) = ends(embalm(folder.path()).args(["history", "twitter:1626922779105759235", "--json"]), 0);
    assert!(out.contains("\"event\":\"imported\""), "{out}");
    ends(embalm(folder.path()).arg("verify"), 0);
    assert!(ends(embalm(folder.path()).args(["list", "runs", "--json"]), 0).0.contains("\"command\":\"import\""));
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).args(["init"]).arg(folder.path()), 0);
    let (_, would) = import(&folder, &fixture("x"), &["--dry-run"]);
    assert_eq!(ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0, "");
    let (_, does) = import(&folder, &fixture("x"), &[]);
    for field in ["new", "known", "named", "broken", "left", "dated"] {
        assert_eq!(would[field], does[field], "{field}");
    }
    assert_eq!(would["run"], Value::Null);
}

#[test]
fn a_mastodon_export_keeps_what_is_not_for_everybody_out() {
    let folder = TempDir::new().unwrap();
    let (events, summary) = import(&folder, &fixture("mastodon"), &[]);
    assert_eq!(
        (&summary["new"], &summary["named"], &summary["media_stored"]),
        (&1.into(), &1.into(), &1.into()),
        "{summary}"
    );
    assert_eq!(events.len(), 1, "{events:?}");
    let post = shown(&folder, "mastodon:tide.example/112940000000000001");
    assert_eq!((&post["author_name"], &post["author_handle"]), (&"Mika Tide".into(), &"mika".into()));
    assert_eq!(post["media"][0]["alt"], "A grey quay at dawn");
    assert!(post["media"][0]["sha256"].is_string(), "{post}");
    let (_, private) = import(&folder, &fixture("mastodon"), &["--private"]);
    assert_eq!((&private["new"], &private["known"]), (&1.into(), &1.into()), "{private}");
}

#[test]
fn posts_are_queued_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let (_, summary) = import(&folder, &fixture("mastodon"), &["--capture"]);
    assert_eq!(summary["queued"], 2, "{summary}");
    let status = ends(embalm(folder.path()).args(["status", "--json"]), 0).0;
    assert!(status.contains("112940000000000077") || status.contains("\"posts\":2"), "{status}");
}

#[test]
fn gallery_dl_and_auto_archiver_are_read_record_by_record() {
    let folder = TempDir::new().unwrap();
    let (_, summary) = import(&folder, &fixture("gallery-dl"), &[]);
    assert_eq!((&summary["new"], &summary["media_stored"]), (&3.into(), &1.into()), "{summary}");
    let post = shown(&folder, "bluesky:did:plc:tide2222tide2222tide2222/3kxyzabcdefgh");
    assert_eq!((&post["text"], &post["author_handle"]), (&"Low water at nine".into(), &"mika.tide.example".into()));
    assert_eq!(shown(&folder, "instagram:C8jYDeDkAAf")["text"], "Paper boats");
    let picture = &shown(&folder, "twitter:1626922779105759235")["media"][0];
    assert_eq!(picture["alt"], "A blue quay");
    assert!(picture["sha256"].is_string());

    let folder = TempDir::new().unwrap();
    let (_, summary) = import(&folder, &fixture("auto-archiver"), &[]);
    assert_eq!(
        (&summary["new"], &summary["named"], &summary["media_stored"]),
        (&3.into(), &2.into(), &1.into()),
        "{summary}"
    );
    let post = shown(&folder, "twitter:1626922779105759299");
    assert_eq!(
        (&post["text"], &post["published"]),
        (&"The tide's out\n\nagain".into(), &"2023-02-18T12:33:11Z".into())
    );
    assert_eq!(post["captured_at"], "2026-03-01T09:30:00Z");
    let post = shown(&folder, "twitter:1626922779105759235");
    assert_eq!((&post["text"], &post["published"]), (&"Morning over the quay".into(), &"2023-02-18T12:33:11Z".into()));
    assert_eq!(shown(&folder, "telegram:tidequay/33")["captured_at"], "2026-02-01T10:00:00Z");
}

/// A folder as a ZIP, below another folder, with a name in it that leads out.
fn zipped(from: &Path, to: &Path) {
    let mut zip = zip::ZipWriter::new(File::create(to).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for entry in walkdir::WalkDir::new(from).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(from).unwrap().display().to_string();
            zip.start_file(format!("twitter-2026/{name}"), options).unwrap();
            zip.write_all(&fs::read(entry.path()).unwrap()).unwrap();
        }
    }
    zip.start_file("../../escaped.png", options).unwrap();
    zip.write_all(b"out").unwrap();
    zip.finish().unwrap();
}

#[test]
fn packed_exports_are_read_and_nothing_of_them_is_written_to_a_place_of_their_choice() {
    let folder = TempDir::new().unwrap();
    let zip = folder.path().join("deep/in/x.zip");
    fs::create_dir_all(zip.parent().unwrap()).unwrap();
    zipped(&fixture("x"), &zip);
    let (_, summary) = import(&folder, &zip, &[]);
    assert_eq!((&summary["new"], &summary["media_stored"]), (&3.into(), &2.into()), "{summary}");

    let tar = folder.path().join("deep/in/archive.tar.gz");
    let packed = flate2::write::GzEncoder::new(File::create(&tar).unwrap(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    builder.append_dir_all(".", fixture("mastodon")).unwrap();
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..13].copy_from_slice(b"../escape.txt");
    header.set_size(3);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    builder.append(&header, &b"out"[..]).unwrap();
    let mut link = tar::Header::new_ustar();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "media_attachments/link", "/etc/passwd").unwrap();
    builder.into_inner().unwrap().finish().unwrap();
    let (_, summary) = import(&folder, &tar, &[]);
    assert_eq!((&summary["new"], &summary["media_stored"]), (&1.into(), &1.into()), "{summary}");

    let found: Vec<String> = walkdir::WalkDir::new(folder.path())
        .into_iter()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("escape"))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_tar_that_is_broken_off_is_read_up_to_there_and_half_a_picture_is_none() {
    let folder = TempDir::new().unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    for name in ["actor.json", "outbox.json", "media_attachments"] {
        let path = fixture("mastodon").join(name);
        if path.is_dir() { builder.append_dir_all(name, path) } else { builder.append_path_with_name(path, name) }
            .unwrap();
    }
    let whole = builder.into_inner().unwrap();
    let picture = memchr::memmem::find(&whole, b"\x89PNG").unwrap();
    let outbox = memchr::memmem::find(&whole, b"orderedItems").unwrap();
    for (name, cut, new) in
        [("picture", picture + 20, 1), ("outbox", outbox + 30, 0), ("header", picture - 512 + 100, 1)]
    {
        let export = folder.path().join(format!("{name}.tar"));
        fs::write(&export, &whole[..cut]).unwrap();
        let code = i32::from(new == 0);
        let (events, summary) = import_ending(&TempDir::new().unwrap(), &export, &[], code);
        assert_eq!((&summary["new"], &summary["media_stored"]), (&new.into(), &0.into()), "{name}: {summary}");
        assert!(events[0].to_string().contains("broken off"), "{name}: {events:?}");
    }
}

/// Blocks of a repository, each under its digest.
#[derive(Default)]
struct Blocks(Vec<(Cid, Vec<u8>)>);

impl Blocks {
    fn put(&mut self, value: &Ipld) -> Cid {
        let bytes = serde_ipld_dagcbor::to_vec(value).unwrap();
        let cid = cid_of(0x71, &bytes);
        self.0.push((cid, bytes));
        cid
    }
}

fn cid_of(codec: u64, bytes: &[u8]) -> Cid {
    let digest = Sha256::digest(bytes);
    Cid::new_v1(codec, ipld_core::cid::multihash::Multihash::wrap(0x12, &digest).unwrap())
}

fn varint(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap());
}

/// A repository of two posts, a like and a profile, and the bytes of a picture beside it.
fn repository(folder: &Path) -> PathBuf {
    let picture = fs::read(fixture("auto-archiver/store/quay.png")).unwrap();
    let blob = cid_of(0x55, &picture);
    let mut blocks = Blocks::default();
    let profile = blocks.put(&ipld!({"$type": "app.bsky.actor.profile", "displayName": "Mika Tide"}));
    let like = blocks.put(&ipld!({"$type": "app.bsky.feed.like", "createdAt": "2024-08-11T20:15:00Z",
        "subject": {"uri": "at://did:plc:lock2222lock2222lock2222/app.bsky.feed.post/3kaaaaaaaaaaa", "cid": "bafy"}}));
    let first = blocks.put(
        &ipld!({"$type": "app.bsky.feed.post", "text": "Low water at nine", "createdAt": "2024-08-11T20:15:00Z",
        "langs": ["en"], "embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "The quay, dry",
        "image": {"$type": "blob", "ref": blob, "mimeType": "image/png", "size": 100}}]}}),
    );
    let second = blocks.put(
        &ipld!({"$type": "app.bsky.feed.post", "text": "High water at three", "createdAt": "2024-08-12T20:15:00Z"}),
    );
    let broken = blocks.put(&ipld!({"$type": "app.bsky.feed.post"}));
    let entry = |kept: usize, key: &str, value: Cid| -> Ipld {
        ipld!({"p": kept as i128, "k": Ipld::Bytes(key.as_bytes().to_vec()), "v": value, "t": null})
    };
    // The keys of one node share their beginnings; the left one has a node of its own.
    let left = vec![entry(0, "app.bsky.actor.profile/self", profile), entry(9, "feed.like/3kaaaaaaaaaab", like)];
    let left = blocks.put(&ipld!({"l": null, "e": Ipld::List(left)}));
    let posts = vec![
        entry(0, "app.bsky.feed.post/3kxyzabcdefgh", first),
        entry(19, "3kyyyabcdefgh", second),
        entry(19, "3kzzzabcdefgh", broken),
        // Names that each go on from the one before them end somewhere.
        entry(19, &"x".repeat(1_100), second),
        entry(1_119, "y", second),
    ];
    let root = blocks.put(&ipld!({"l": left, "e": Ipld::List(posts)}));
    let commit = blocks
        .put(&ipld!({"did": "did:plc:tide2222tide2222tide2222", "version": 3, "data": root, "rev": "3jzfcijpj2z2a",
        "prev": null, "sig": Ipld::Bytes(vec![0; 64])}));
    let mut car = Vec::new();
    let header = serde_ipld_dagcbor::to_vec(&ipld!({"version": 1, "roots": [commit]})).unwrap();
    varint(header.len(), &mut car);
    car.extend(header);
    for (cid, bytes) in &blocks.0 {
        let name = cid.to_bytes();
        varint(name.len() + bytes.len(), &mut car);
        car.extend(name);
        car.extend(bytes);
    }
    fs::create_dir_all(folder.join("bsky/blobs")).unwrap();
    fs::write(folder.join("bsky/repo.car"), car).unwrap();
    fs::write(folder.join(format!("bsky/blobs/{blob}.png")), picture).unwrap();
    folder.join("bsky")
}

#[test]
fn a_bluesky_repository_is_walked_from_its_commit() {
    let folder = TempDir::new().unwrap();
    let export = repository(folder.path());
    let (events, summary) = import(&folder, &export, &[]);
    assert_eq!(
        (&summary["kind"], &summary["new"], &summary["named"]),
        (&"bluesky".into(), &2.into(), &1.into()),
        "{summary}"
    );
    let why: Vec<&str> = events.iter().filter_map(|event| event["why"].as_str()).collect();
    let told = why.len() == 2 && why[0].contains("more than 1024 bytes") && why[1].contains("3kzzzabcdefgh");
    assert!(told, "{events:?}");
    let post = shown(&folder, "bluesky:did:plc:tide2222tide2222tide2222/3kxyzabcdefgh");
    assert_eq!((&post["text"], &post["author_name"]), (&"Low water at nine".into(), &"Mika Tide".into()));
    assert_eq!(post["media"][0]["alt"], "The quay, dry");
    assert!(post["media"][0]["sha256"].is_string(), "{post}");
    assert!(post["captured_at"].as_str().unwrap().starts_with("2023-06"), "the revision's own time: {post}");
    ends(embalm(folder.path()).arg("verify"), 0);
    // Cut short, it is read as far as it goes, and says so.
    let car = fs::read(export.join("repo.car")).unwrap();
    fs::write(export.join("repo.car"), &car[..car.len() - 20]).unwrap();
    let other = TempDir::new().unwrap();
    let (_, cut) = import_ending(&other, &export, &[], 1);
    assert!(cut["broken"].as_u64() > Some(0) && cut["new"] == 0, "{cut}");
}

#[test]
fn what_is_broken_is_told_with_its_place_and_what_is_no_export_is_refused() {
    let folder = TempDir::new().unwrap();
    let export = folder.path().join("records.json");
    let record = fs::read_to_string(fixture("gallery-dl/instagram/mika.tide/3111.jpg.json")).unwrap();
    fs::write(&export, format!("{record}\n{record}\n{{\"category\": \"twit")).unwrap();
    let (events, summary) = import(&folder, &export, &[]);
    assert_eq!(
        (&summary["new"], &summary["known"], &summary["broken"]),
        (&1.into(), &1.into(), &1.into()),
        "{summary}"
    );
    assert!(events[0]["why"].as_str().unwrap().contains("line"), "{events:?}");
    let strict = ends(embalm(folder.path()).arg("import").arg(&export).arg("--strict"), 3).1;
    assert!(strict.contains("passed over"), "{strict}");
    let nothing = folder.path().join("notes.txt");
    fs::write(&nothing, "no export").unwrap();
    let (_, said) = ends(embalm(folder.path()).arg("import").arg(&nothing), 2);
    assert!(said.contains("no export that is known"), "{said}");
    ends(embalm(folder.path()).args(["import", "/nowhere/at/all"]), 2);
}

#[test]
fn hostile_records_are_passed_over_without_harm() {
    let folder = TempDir::new().unwrap();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = format!("[{{\"category\": \"twitter\", \"content\": \"{}\"}}]", "x".repeat(9 << 20));
    let wrong = r#"[null, 1, "x", {"category": 7}, {"category": "twitter", "tweet_id": -1, "author": []}, {"metadata": {"url": []}}]"#;
    for (name, text, code) in
        [("deep.json", deep.as_str(), 1), ("huge.json", huge.as_str(), 1), ("wrong.json", wrong, 0)]
    {
        let export = folder.path().join(name);
        fs::write(&export, text).unwrap();
        let (_, summary) = import_ending(&folder, &export, &[], code);
        assert_eq!(summary["new"], 0, "{name}: {summary}");
    }
    let mut junk = vec![0x3a, 0xa2];
    junk.extend((0..4_096_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()));
    let export = folder.path().join("junk.car");
    fs::write(&export, junk).unwrap();
    let (_, summary) = import_ending(&folder, &export, &[], 1);
    assert_eq!((&summary["new"], &summary["broken"]), (&0.into(), &1.into()), "{summary}");
    let (alone, _) = import_ending(&folder, &fixture("x/data/tweets.js"), &[], 1);
    assert!(alone[0]["why"].as_str().unwrap().contains("import the whole folder"), "{alone:?}");
}

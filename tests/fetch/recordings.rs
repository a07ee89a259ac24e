//! Recordings of strangers, as a user has them read: answers that stand in them alone, folders that grow and vanish, and files
//! that were made to take all memory.

use crate::{
    binary::{embalm, ends},
    days, suite,
};
use embalm::warc::{Reader, Wacz};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const AT: &str = "2026-11-22T07:00:00Z";

fn states(folder: &Path) -> Vec<(String, String, String)> {
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["list", "posts", "--json"]), 0);
    let word = |post: &serde_json::Value, name: &str| post[name].as_str().unwrap_or_default().to_owned();
    let posts = days::records(&out);
    let mut posts: Vec<_> =
        posts.iter().map(|post| (word(post, "key"), word(post, "state"), word(post, "captured_at"))).collect();
    posts.sort();
    posts
}

#[test]
fn an_answer_that_stands_in_a_recording_alone_is_its_post_dated_as_recorded() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let answers = days::case("twitter/a_gif_alone_has_no_words");
    let recording = days::day(folder, AT, &answers);
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["detect", "--json"]).arg(&recording), 0);
    assert!(out.is_empty(), "it embeds nothing: {out}");
    ends(embalm(folder).current_dir(folder).args(["add", "--offline"]).arg(&recording), 0);
    let [(key, state, captured_at)] = <[_; 1]>::try_from(states(folder)).unwrap();
    assert_eq!((key.as_str(), state.as_str()), ("twitter:1764948290001002003", "live"));
    assert!(captured_at.starts_with("2026-11-22T07:00:00"), "{captured_at}");
    let rows = days::number(folder, "SELECT count(*) FROM looks");
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["add", "--offline", "--json"]).arg(&recording), 0);
    assert!(out.contains("\"failed\":0"), "{out}");
    assert_eq!(days::number(folder, "SELECT count(*) FROM looks"), rows, "a second time adds nothing");
}

/// A page of so many words.
fn page(url: &str) -> String {
    let html = format!("<html><title>{url}</title><article><p>{}</p></article>", "Words. ".repeat(60));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n{html}");
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: {AT}\r\nWARC-Target-URI: {url}\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n",
        answer.len()
    )
}

fn packed(url: &str) -> Vec<u8> {
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    member.write_all(page(url).as_bytes()).unwrap();
    member.finish().unwrap()
}

#[test]
fn a_folder_that_grows_is_read_as_far_as_it_goes_and_nothing_in_it_twice() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let crawl = folder.join("crawl");
    fs::create_dir(&crawl).unwrap();
    fs::write(
        folder.join("config.toml"),
        "[[source]]\nname = \"crawl\"\nkind = \"warc\"\npath = \"crawl\"\n[[source]]\nname = \"one\"\nkind = \"warc\"\npath = \"one.warc\"\n",
    )
    .unwrap();
    let run = |code: i32| ends(embalm(folder).current_dir(folder).args(["run", "--offline", "--json"]), code);
    let count = |what: &str| days::number(folder, &format!("SELECT count(*) FROM {what}"));
    let [first, second, third] = ["a", "b", "c"].map(|name| packed(&format!("https://tide.example/{name}")));
    fs::write(crawl.join("1.warc.gz"), [&first[..], &second[..second.len() / 2]].concat()).unwrap();
    fs::write(folder.join("one.warc"), page("https://one.example/")).unwrap();
    let (out, _) = run(0);
    assert!(out.contains("\"new\":2") && out.contains("\"failed\":1"), "the end that is not there yet is told: {out}");

    fs::write(crawl.join("1.warc.gz"), [first, second].concat()).unwrap();
    fs::write(crawl.join("2.warc.gz"), third).unwrap();
    fs::remove_file(folder.join("one.warc")).unwrap();
    let (out, err) = run(0);
    assert!(out.contains("\"new\":2") && out.contains("\"failed\":0"), "{out}");
    assert!(err.contains("one.warc") && err.contains("is not there"), "{err}");
    assert_eq!((count("articles"), count("article_versions")), (4, 4));
    let (out, _) = run(0);
    assert!(out.contains("\"new\":0") && out.contains("\"changed\":0"), "{out}");
    assert_eq!((count("articles"), count("article_versions")), (4, 4));
}

fn recordings_of_the_suite() -> Option<Vec<PathBuf>> {
    let folder = suite("warc")?;
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = files.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
    Some(files.filter(|path| path.extension().is_some_and(|ending| ending != "json")).collect())
}

/// Numbers that look random, the same ones at every run.
fn numbers() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(0x9e37_79b9_7f4a_7c15_u64), |number| {
        let mut next = *number;
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        Some(next)
    })
    .map(|number| usize::try_from(number >> 33).unwrap())
}

/// The largest file that is altered: a bomb is one with every byte.
const MAX_ALTERED_BYTES: u64 = 20_000;

#[test]
fn no_altered_byte_and_no_early_end_makes_a_reader_panic_or_read_for_ever() {
    let Some(files) = recordings_of_the_suite() else { return };
    let files: Vec<_> =
        files.into_iter().filter(|path| (1..MAX_ALTERED_BYTES).contains(&path.metadata().unwrap().len())).collect();
    let folder = TempDir::new().unwrap();
    let mut numbers = numbers();
    let mut next = || numbers.next().unwrap();
    for turn in 0..400 {
        let path = &files[turn % files.len()];
        let mut bytes = fs::read(path).unwrap();
        for _ in 0..=next() % 4 {
            let at = next() % bytes.len();
            match next() % 4 {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = u8::try_from(next() % 256).unwrap(),
                2 => bytes[at] ^= 1 << (next() % 8),
                _ => drop(bytes.drain(at..(at + next() % 40).min(bytes.len() - 1).max(at))),
            }
        }
        let altered = folder.path().join(path.file_name().unwrap());
        fs::write(&altered, &bytes).unwrap();
        let most = bytes.len();
        let parts = if altered.extension().is_some_and(|ending| ending == "wacz") {
            Wacz::open_sealed(&altered).map(|wacz| wacz.parts).unwrap_or_default()
        } else {
            vec![embalm::warc::Part::of_file(&altered)]
        };
        for part in parts {
            let mut items = 0;
            for item in Reader::new(part.open().unwrap()).with_all_kinds() {
                items += 1;
                // A record that was read is read again by its place.
                if let Ok(record) = item {
                    assert!(part.record(record.place, 1 << 20).is_ok(), "{path:?} in turn {turn}");
                }
            }
            assert!(items <= most, "{path:?} in turn {turn}: {items} items of {most} bytes");
        }
    }
}

/// What the process may take at most, in KiB: its code, the archive's cache, and what it holds of recordings.
#[cfg(target_os = "linux")]
const MAX_ADDED_KIB: u64 = 150 * 1024;

#[cfg(target_os = "linux")]
#[test]
fn files_that_were_made_to_take_all_memory_are_added_within_a_bound() {
    let Some(files) = recordings_of_the_suite() else { return };
    let folder = TempDir::new().unwrap();
    let script = format!("ulimit -d {MAX_ADDED_KIB}; exec \"$0\" \"$@\"");
    for file in files {
        let mut command = assert_cmd::Command::new("/bin/sh");
        command.env_clear().env("HOME", folder.path()).env("EMBALM_ARCHIVE", folder.path().join("test.db"));
        command.env("TOKIO_WORKER_THREADS", "2").args([
            "-c",
            &script,
            env!("CARGO_BIN_EXE_embalm"),
            "add",
            "--offline",
            "-q",
        ]);
        let output = command.current_dir(folder.path()).arg(&file).output().unwrap();
        // 1 where nothing of it could be read, which is told.
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)) && !told.contains("panicked"), "{file:?}: {told}");
    }
}

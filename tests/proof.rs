//! A proof proves what it says, to embalm and to the script in the documentation, and nothing that was turned in one bit does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
use embalm::model::Proof;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// Bits that are turned.
const FLIPS: u64 = 120;

/// Those of them that Python is shown: each is a process.
const SHOWN: u64 = 24;

/// Numbers that look random and are the same every time (Steele's SplitMix64).
fn number(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The demonstration, archived by one run, and two runs after it.
fn archive(folder: &Path) {
    for _ in 0..3 {
        ends(embalm(folder).args(["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]), 0);
    }
}

fn proof_of(folder: &Path, target: &str) -> PathBuf {
    let path = folder.join(format!("{}.json", number(target.len() as u64)));
    ends(embalm(folder).args(["export", "proof", target, "--out"]).arg(&path), 0);
    path
}

/// The script of the documentation.
fn script(folder: &Path) -> PathBuf {
    let page = fs::read_to_string("docs/trust.md").unwrap();
    let script = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let path = folder.join("check.py");
    fs::write(&path, script).unwrap();
    path
}

/// What Python says of a proof; none where there is no Python.
fn python(script: &Path, proof: &Path) -> Option<(bool, String)> {
    let output = Command::new("python3").arg(script).arg(proof).output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn keys(folder: &Path) -> (String, String) {
    let (posts, _) = ends(embalm(folder).args(["list", "posts", "--json"]), 0);
    let posts: Vec<serde_json::Value> = posts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let post = posts.iter().find(|post| post["via"] != "quoted" && post["media"][0]["sha256"].is_string()).unwrap();
    let (articles, _) = ends(embalm(folder).args(["list", "articles", "--json"]), 0);
    let article: serde_json::Value = serde_json::from_str(articles.lines().next().unwrap()).unwrap();
    (post["key"].as_str().unwrap().to_owned(), article["id"].to_string())
}

#[test]
fn a_proof_holds_without_the_archive_and_for_the_script_of_the_documentation() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let (post, article) = keys(folder.path());
    let script = script(folder.path());
    for (target, kinds) in [
        (post.as_str(), ["snapshot", "file", "look", "exchange"].as_slice()),
        (&article, &["version"]),
        ("exchange:3", &["exchange"]),
        ("snapshot:2", &["snapshot"]),
    ] {
        let path = proof_of(folder.path(), target);
        let (out, _) =
            ends(embalm(folder.path()).env_remove("EMBALM_ARCHIVE").args(["verify", "--proof"]).arg(&path), 0);
        assert!(kinds.iter().all(|kind| out.contains(&format!("proven: {kind} "))), "{target}: {out}");
        ends(embalm(folder.path()).args(["verify", "--proof"]).arg(&path), 0);
        let proof: Proof = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(proof.runs.len(), 3, "from the run that archived it to the newest");
        let head = proof.digests().pop().unwrap();
        for (root, code) in [(head.as_str(), 0), (&head[..16], 0), (&"0".repeat(64), 3), ("abc", 2)] {
            ends(embalm(folder.path()).args(["verify", "--root", root, "--proof"]).arg(&path), code);
            ends(embalm(folder.path()).args(["verify", "-q", "--root", root]), code);
        }
        match python(&script, &path) {
            Some((holds, out)) => assert!(holds && out.contains("known by the run: ") && out.contains(&head), "{out}"),
            None => println!("skipped: there is no python3"),
        }
    }
    ends(embalm(folder.path()).args(["export", "proof", "twitter:1", "--out", "none.json"]), 1);
}

#[test]
fn a_proof_with_a_bit_turned_proves_nothing() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let (post, _) = keys(folder.path());
    let (path, script) = (proof_of(folder.path(), &post), script(folder.path()));
    let sound = fs::read(&path).unwrap();
    let meant = |bytes: &[u8]| {
        let mut proof: Proof = serde_json::from_slice(bytes).ok()?;
        proof.target.clear();
        // Large digits in hex mean what small ones mean.
        for entry in &mut proof.entries {
            entry.salt.make_ascii_lowercase();
            entry.path.iter_mut().for_each(|hash| hash.make_ascii_lowercase());
        }
        Some(proof)
    };
    let head = meant(&sound).unwrap().digests().pop().unwrap();
    let (mut turned, mut shown) = (0, 0);
    for seed in 0..FLIPS {
        let at = usize::try_from(number(seed) % sound.len() as u64).unwrap();
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (number(seed) >> 60 & 7);
        if meant(&bytes) == meant(&sound) {
            continue;
        }
        turned += 1;
        let checked = meant(&bytes).filter(|proof| proof.digests().last() == Some(&head)).map(|proof| proof.check());
        assert!(!matches!(checked, Some(Ok(_))), "the byte at {at}: {checked:?}");
        fs::write(&path, &bytes).unwrap();
        if shown < SHOWN {
            shown += 1;
            let code = if std::str::from_utf8(&bytes).is_ok() { 3 } else { 2 };
            ends(embalm(folder.path()).args(["verify", "-q", "--root", &head, "--proof"]).arg(&path), code);
            let said = python(&script, &path).map(|(holds, out)| holds && out.contains(&head));
            assert_ne!(said, Some(true), "the byte at {at}");
        }
    }
    assert!(turned > FLIPS / 2, "{turned}");
}

#[test]
fn a_proof_of_one_archive_is_none_of_another_one() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    archive(one.path());
    archive(other.path());
    let path = proof_of(one.path(), "exchange:1");
    ends(embalm(other.path()).args(["verify", "--proof"]).arg(&path), 3);
}

#[test]
fn a_proof_of_one_exchange_tells_nothing_of_others() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = proof_of(folder.path(), "exchange:3");
    let text = fs::read_to_string(&path).unwrap();
    let sql = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    let own: String = sql.query_row("SELECT url FROM exchanges WHERE id = 3", [], |row| row.get(0)).unwrap();
    let mut all = sql
        .prepare("SELECT DISTINCT url FROM exchanges UNION SELECT key FROM posts UNION SELECT name FROM articles")
        .unwrap();
    let all: Vec<String> = all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let told: Vec<_> = all.iter().filter(|other| !own.contains(*other) && text.contains(*other)).collect();
    assert!(told.is_empty(), "{told:?}");
    // Not even the digest of a neighbour, by which somebody who guesses its content would know that it is there.
    let mut digests = sql.prepare("SELECT lower(hex(sha256)) FROM entries").unwrap();
    let digests: Vec<String> = digests.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(digests.len() > 20 && digests.iter().all(|digest| !text.contains(digest)));
    let salts: Vec<String> = sql
        .prepare("SELECT salt FROM runs")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(salts.iter().all(|salt| salt.len() == 64 && !text.contains(salt)));
}

/// A file with words that many archives have, and its SHA-256.
fn media(folder: &Path) -> String {
    let (out, _) = ends(embalm(folder).args(["list", "media", "--json", "--limit", "1"]), 0);
    let record: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    record["sha256"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_is_proven_by_its_digest_and_a_run_by_all_that_came_after_it() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let script = script(folder.path());
    let sha256 = media(folder.path());
    let path = proof_of(folder.path(), &format!("media:{sha256}"));
    let (out, _) = ends(embalm(folder.path()).args(["verify", "--proof"]).arg(&path), 0);
    assert!(out.contains("proven: file ") && out.contains("proven: snapshot "), "{out}");
    assert!(fs::read_to_string(&path).unwrap().contains(&sha256));
    // The archive of the first run is the beginning of the archive of the third.
    let digests = |folder: &Path| -> Vec<String> {
        let sql = rusqlite::Connection::open(folder.join("test.db")).unwrap();
        let mut digests = sql.prepare("SELECT digest FROM runs ORDER BY id").unwrap();
        digests.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let known = digests(folder.path());
    for target in ["run:1".to_owned(), format!("run:{}", known[0]), format!("run:{}", &known[0][..16])] {
        let path = proof_of(folder.path(), &target);
        let (out, _) = ends(embalm(folder.path()).args(["verify", "--root", &known[0], "--proof"]).arg(&path), 0);
        assert!(
            out.contains(&format!("all that was known by the run {}", known[0])) && out.contains(&known[2]),
            "{out}"
        );
        if let Some((holds, out)) = python(&script, &path) {
            assert!(holds && known.iter().all(|digest| out.contains(digest)), "{out}");
        }
        // Without the run between, nothing leads from the one to the other.
        let mut proof: Proof = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        proof.runs.remove(1);
        assert!(proof.check().unwrap_err().contains("no later run of it came after"), "{proof:?}");
        proof.runs.clear();
        assert_eq!(proof.check().unwrap_err(), "it proves nothing");
    }
    for none in ["run:4", "run:0000000000000000", "media:00", "exchange:99999", "snapshot:99999"] {
        ends(embalm(folder.path()).args(["export", "proof", none, "--out", "none.json"]), 1);
    }
}

#[test]
fn what_came_with_a_merge_is_proven_and_so_is_what_a_redaction_left() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    archive(one.path());
    let page = other.path().join("more.html");
    fs::write(&page, "<title>More</title><p>The tide came in twice, and nobody was surprised by it.</p>").unwrap();
    ends(embalm(other.path()).args(["add", "-q"]).arg(&page), 0);
    ends(embalm(other.path()).args(["merge", "-q"]).arg(one.path().join("test.db")), 0);
    let (post, _) = keys(other.path());
    let script = script(other.path());
    let whole = |folder: &Path, target: &str| -> (String, String) {
        let path = proof_of(folder, target);
        let (out, _) = ends(embalm(folder).args(["verify", "--proof"]).arg(&path), 0);
        assert!(python(&script, &path).is_none_or(|(holds, _)| holds), "{target}");
        (fs::read_to_string(&path).unwrap(), out)
    };
    whole(other.path(), &post);
    // As it was entered there, it holds for the archive that it came from as well.
    let path = proof_of(one.path(), &post);
    ends(embalm(other.path()).args(["verify", "--proof"]).arg(&path), 0);
    ends(
        embalm(other.path()).args(["verify", "--archive"]).arg(other.path().join("test.db")).arg("--proof").arg(&path),
        0,
    );
    let sql = rusqlite::Connection::open(one.path().join("test.db")).unwrap();
    let words: String = sql
        .query_row(
            "SELECT s.text FROM posts p JOIN snapshots s ON s.id = p.snapshot WHERE p.key = ?1",
            [&post],
            |row| row.get(0),
        )
        .unwrap();
    drop(sql);
    let (text, _) = whole(one.path(), &post);
    let as_json = serde_json::to_string(&serde_json::to_string(&words).unwrap()).unwrap();
    let told = |text: &str| text.contains(as_json.trim_matches('"').trim_matches(['\\', '"']));
    assert!(told(&text), "{words}");
    for how in [&["--reason", "by order"][..], &["--reason", "by order", "--remove"]] {
        ends(embalm(one.path()).args(["redact", "-q", &post]).args(how), 0);
        let proof = one.path().join("redacted.json");
        let output = embalm(one.path()).args(["export", "proof", &post, "--out"]).arg(&proof).output().unwrap();
        if output.status.success() {
            ends(embalm(one.path()).args(["verify", "--proof"]).arg(&proof), 0);
            assert!(!told(&fs::read_to_string(&proof).unwrap()), "what is redacted is in the proof");
        } else {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(why.contains("cannot prove") || why.contains("is not in the archive"), "{why}");
        }
    }
}

#[test]
fn each_kind_of_bad_proof_is_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let good: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(proof_of(folder.path(), "exchange:3")).unwrap()).unwrap();
    let other = "0".repeat(64);
    let path = folder.path().join("bad.json");
    let refused = |proof: &str, expected: &str| {
        fs::write(&path, proof).unwrap();
        let (out, _) = ends(embalm(folder.path()).args(["verify", "--json", "--proof"]).arg(&path), 3);
        let record: serde_json::Value = serde_json::from_str(&out).unwrap();
        let fault = record["fault"].as_str().unwrap_or_default();
        assert!(record["whole"] == false && fault.contains(expected), "{fault}, not {expected}");
    };
    type Change = Box<dyn Fn(&mut serde_json::Value)>;
    let set = |at: &'static str, value: serde_json::Value| -> Change {
        Box::new(move |proof| *proof.pointer_mut(at).unwrap() = value.clone())
    };
    let entries = serde_json::from_str::<serde_json::Value>(good["runs"][0].as_str().unwrap()).unwrap()["entries"]
        .as_u64()
        .unwrap();
    let changes: Vec<(Change, &str)> = vec![
        (set("/embalm_proof", 2.into()), "it is of form 2"),
        (set("/entries/0/content", "{}".into()), "is not in the tree of the run"),
        (set("/entries/0/position", (entries - 1).into()), "the root of the run"),
        (set("/entries/0/position", entries.into()), "entries, and none at"),
        (set("/entries/0/position", (u64::MAX).into()), "entries, and none at"),
        (set("/entries/0/salt", other.clone().into()), "is not in the tree of the run"),
        (set("/entries/0/salt", "00".into()), "a salt is none"),
        (set("/entries/0/path/0", other.clone().into()), "is not in the tree of the run"),
        (set("/entries/0/path/0", "zz".into()), "a hash of a way is none"),
        (set("/entries/0/path", serde_json::json!([])), "has 0 hashes, not"),
        (set("/entries/0/run", other.clone().into()), "the record of the run"),
        (set("/runs/0", "{}".into()), "no record of a run"),
        (set("/runs/0", "{".into()), "no record of a run"),
        (set("/runs", serde_json::json!([])), "the record of the run"),
        (
            Box::new(|proof| {
                let record = proof["runs"][0].as_str().unwrap().replace("\"command\":\"add\"", "\"command\":\"run\"");
                proof["runs"][0] = record.into();
            }),
            "no later run of it came after the run",
        ),
        (
            Box::new(|proof| drop(proof["runs"].as_array_mut().unwrap().remove(1))),
            "no later run of it came after the run",
        ),
        (Box::new(|proof| proof["runs"].as_array_mut().unwrap().reverse()), "no later run of it came after the run"),
        (
            set(
                "/stamps",
                serde_json::json!([{"run": other, "stamped_at": "2026-01-01T00:00:00Z", "authority": "x", "token": "!"}]),
            ),
            "a stamp is no base64",
        ),
        (
            set(
                "/stamps",
                serde_json::json!([{"run": other, "stamped_at": "2026-01-01T00:00:00Z", "authority": "x", "token": "MAA="}]),
            ),
            "it is no token of a time stamp",
        ),
        (Box::new(|proof| proof["more"] = 1.into()), "unknown field `more`"),
        (Box::new(|proof| drop(proof.as_object_mut().unwrap().remove("runs"))), "missing field `runs`"),
    ];
    for (change, expected) in changes {
        let mut proof = good.clone();
        change(&mut proof);
        refused(&proof.to_string(), expected);
    }
    refused("", "it is no proof");
    refused("[1]", "it is no proof");
    refused(&"[".repeat(100_000), "it is no proof");
    // Whole, and of another archive, or not up to what is known.
    fs::write(&path, good.to_string()).unwrap();
    let (out, _) = ends(embalm(folder.path()).args(["verify", "--root", &other, "--proof"]).arg(&path), 3);
    assert!(out.contains("it does not lead to"), "{out}");
}

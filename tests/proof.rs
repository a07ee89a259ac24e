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

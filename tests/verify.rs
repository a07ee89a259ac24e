//! `embalm verify` finds what is damaged, and what it does not find is no damage to anything that is kept.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
use embalm::store::{Store, Verifying};
use rusqlite::types::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

/// Bits that are turned, each in a copy of its own.
const FLIPS: u64 = 150;

/// The demonstration in an archive that is one file.
fn archive(folder: &Path) {
    ends(embalm(folder).args(["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]), 0);
}

/// Numbers that look random and are the same every time (Steele's SplitMix64).
fn number(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The faults of the archive at `path`; the error where it can't even be opened.
fn faults(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    match Store::open_read_only_aside(path) {
        Err(error) => found.push(error.to_string()),
        Ok(store) => {
            let verified = store.verify(|step| {
                if let Verifying::Fault(fault) = step {
                    found.push(format!("{fault:?}"));
                }
            });
            assert_eq!(verified.is_ok_and(|verified| verified.faults == 0), found.is_empty(), "{found:?}");
        }
    }
    found
}

/// What digests, references, indexes and shapes cover: every blob and its row, every number, key and instant of every table,
/// and the words that are searched. The other texts of a row are read as text alone.
fn covered(path: &Path) -> Vec<Vec<Value>> {
    let sql = rusqlite::Connection::open(path).unwrap();
    let mut tables = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let tables = tables.into_iter().filter(|table| !table.contains("_fts"));
    let mut all = Vec::new();
    for table in tables.chain(["post_texts".to_owned(), "article_texts".to_owned()]) {
        let mut rows = sql.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let whole = table == "blobs" || table.ends_with("_texts");
        let names: Vec<_> = rows.column_names().map(str::to_owned).collect();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = names.iter().enumerate().map(|(n, name)| (name, row.get::<_, Value>(n).unwrap()));
            let values = values.filter(|(name, value)| {
                whole || name.ends_with("_at") || name.ends_with("sha256") || matches!(value, Value::Integer(_))
            });
            all.push(values.map(|(_, value)| value).collect());
        }
    }
    all
}

#[test]
fn a_sound_archive_is_whole_and_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = folder.path().join("test.db");
    let before = fs::read(&path).unwrap();
    let (out, _) = ends(embalm(folder.path()).args(["verify", "--json"]), 0);
    let record: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&record["whole"], &record["faults"]), (&true.into(), &0.into()));
    assert!(record["blobs"].as_u64() > Some(20), "{record}");
    assert!(fs::read(&path).unwrap() == before);
    let (out, _) = ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    assert_eq!(out, "");
    ends(embalm(folder.path()).args(["verify", "--archive", "none.db"]), 2);
}

#[test]
fn a_bit_that_turned_is_found_or_leaves_all_that_is_covered_as_it_was() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let sound = fs::read(folder.path().join("test.db")).unwrap();
    let expected = covered(&folder.path().join("test.db"));
    let path = folder.path().join("damaged.db");
    let (mut harmless, mut missed) = (0, Vec::new());
    for seed in 0..FLIPS {
        // Most of a small file is room that nothing is in.
        let from = usize::try_from(number(seed) % sound.len() as u64).unwrap();
        let at = from + sound[from..].iter().position(|byte| *byte != 0).unwrap_or(0);
        let mut damaged = sound.clone();
        damaged[at] ^= 1 << (number(seed) >> 60 & 7);
        fs::write(&path, &damaged).unwrap();
        if faults(&path).is_empty() {
            if covered(&path) == expected {
                harmless += 1;
            } else {
                missed.push(at);
            }
        }
    }
    assert!(missed.is_empty(), "{} missed, at {missed:?}; {harmless} harmless", missed.len());
    println!("{} found, {harmless} harmless", FLIPS - harmless);
}

#[test]
fn each_kind_of_damage_is_named_with_its_place() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let sound = fs::read(folder.path().join("test.db")).unwrap();
    let path = folder.path().join("damaged.db");
    for (damage, expected) in [
        ("UPDATE blobs SET data = x'00' WHERE id = 2", ["blobs", "blobs", "2"]),
        ("UPDATE blobs SET size_bytes = size_bytes + 1 WHERE id = 3", ["blobs", "blobs", "3"]),
        ("DELETE FROM blobs WHERE id = 1", ["references", "", "refers to a row of blobs"]),
        (
            "UPDATE article_versions SET sha256 = replace(sha256, 'a', 'b') WHERE id = 1",
            ["blobs", "article_versions", "1"],
        ),
        (
            "UPDATE snapshots SET text = 'other words' WHERE id = (SELECT snapshot FROM posts LIMIT 1)",
            ["search", "posts_fts", "other"],
        ),
        ("DELETE FROM articles_fts_data WHERE id > 10", ["search", "", ""]),
        ("DROP VIEW failures", ["schema", "failures", "is not there"]),
        ("DROP INDEX looks_post", ["schema", "looks_post", "is not there"]),
        ("DELETE FROM looks WHERE post = (SELECT min(post) FROM looks)", ["rows", "posts", "its last look"]),
        ("UPDATE posts SET state = 'suspended'", ["rows", "posts", "its state"]),
        ("UPDATE runs SET started_at = 'soon'", ["rows", "runs", "started_at is not an instant"]),
        ("UPDATE exchanges SET response_headers = '[[' WHERE id = 1", ["rows", "exchanges", "is not JSON"]),
        ("UPDATE exchanges SET url = CAST(x'ff' AS TEXT) WHERE id = 1", ["rows", "exchanges", "url is not text"]),
    ] {
        fs::write(&path, &sound).unwrap();
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        sql.execute_batch(damage).unwrap();
        drop(sql);
        let (out, _) = ends(embalm(folder.path()).args(["verify", "--json", "--archive"]).arg(&path), 3);
        let named = out.lines().any(|line| expected.iter().all(|part| line.contains(part)));
        assert!(named, "{damage}: {expected:?} in\n{out}");
    }
}

/// Every text, number and byte string of these tables is turned in one bit, one column of one row at a time.
const TURNED: [(&str, &str); 14] = [
    ("blobs", "blobs"),
    ("exchanges", "exchanges"),
    ("exchange_hops", "exchanges"),
    ("runs", "runs"),
    ("entries", ""),
    ("snapshots", "snapshots"),
    ("relations", "snapshots"),
    ("snapshot_media", "snapshot_media"),
    ("article_versions", "article_versions"),
    ("article_pages", "article_versions"),
    ("embeds", "article_versions"),
    ("looks", "looks"),
    ("look_exchanges", "looks"),
    ("tombstones", "tombstones"),
];

/// What is worked out from the rest, or changes by itself: it proves nothing, and nothing of it is entered.
const DERIVED: [&str; 6] = [
    "embeds.id",
    "embeds.post",
    "snapshot_media.failure",
    "snapshot_media.skipped",
    "snapshot_media.skipped_limit_bytes",
    "relations.related_snapshot",
];

/// The value with one bit turned, as SQL.
fn turned(value: &Value, seed: u64) -> Option<String> {
    let turn = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = usize::try_from(number(seed) % (bytes.len() as u64).max(1)).unwrap();
        *bytes.get_mut(at)? ^= 1 << (number(seed) >> 59 & 7);
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    match value {
        Value::Integer(number_now) => Some((number_now ^ (1 << (number(seed) >> 61 & 7))).to_string()),
        Value::Text(text) => turn(text.as_bytes()).map(|hex| format!("CAST(x'{hex}' AS TEXT)")),
        Value::Blob(bytes) => turn(bytes).map(|hex| format!("x'{hex}'")),
        _ => None,
    }
}

#[test]
fn a_bit_turned_in_any_column_of_what_was_entered_is_found_and_its_row_is_named() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    ends(embalm(folder.path()).args(["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]), 0);
    let path = folder.path().join("test.db");
    let sound = fs::read(&path).unwrap();
    let sql = rusqlite::Connection::open(&path).unwrap();
    let damaged = folder.path().join("damaged.db");
    let (mut turned_bits, mut missed) = (0, Vec::new());
    for (table, names) in TURNED {
        let mut columns = sql.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0").unwrap();
        let columns: Vec<String> = columns.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for (place, column) in columns.iter().enumerate() {
            if DERIVED.contains(&format!("{table}.{column}").as_str()) {
                continue;
            }
            let seed = number(turned_bits + 1) ^ place as u64;
            let owner = match (table, names) {
                ("exchange_hops", _) => "exchange",
                ("relations", _) => "snapshot",
                ("article_pages" | "embeds", _) => "version",
                ("look_exchanges", _) => "look",
                ("entries", _) => "row",
                _ => "id",
            };
            let rows = format!(
                "SELECT {owner}, \"{column}\", {} FROM {table} WHERE \"{column}\" IS NOT NULL AND length(\"{column}\") > 0 \
                 ORDER BY {owner} * {} % 1009, 1 LIMIT 1",
                if table == "entries" { "run || ' ' || position" } else { "''" },
                number(seed) % 1000 + 1
            );
            let row: Option<(i64, Value, String)> =
                sql.query_row(&rows, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).ok();
            let Some((id, value, entry)) = row else { continue };
            let Some(other) = turned(&value, seed) else { continue };
            let entry: Vec<&str> = entry.split(' ').collect();
            let condition = match entry.as_slice() {
                [run, position] => format!("run = {run} AND position = {position}"),
                _ => format!("{owner} = {id} AND \"{column}\" IS ?1"),
            };
            fs::write(&damaged, &sound).unwrap();
            let other_sql = rusqlite::Connection::open(&damaged).unwrap();
            other_sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            let update = format!("UPDATE {table} SET \"{column}\" = {other} WHERE {condition}");
            let by_place = entry.len() == 2;
            let changed = if by_place { other_sql.execute(&update, []) } else { other_sql.execute(&update, [&value]) };
            drop(other_sql);
            // What its constraints refuse is no damage that could be there.
            if !changed.is_ok_and(|rows| rows > 0) {
                continue;
            }
            turned_bits += 1;
            let found = faults(&damaged);
            // A row under another number is missing under its own: what refers to it is named.
            let is_named = found.iter().any(|fault| {
                let names_it = fault.contains(&format!("table: \"{names}\", row: Some({id})"));
                let names_entry = by_place && (fault.contains("entry ") || fault.contains("entries"));
                names_it || names_entry || column == owner || fault.starts_with("cannot")
            });
            if !is_named {
                missed.push(format!("{table}.{column} of {id} ({value:?} to {other}): {found:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} of {turned_bits} missed:\n{}", missed.len(), missed.join("\n"));
    assert!(turned_bits > 100, "{turned_bits}");
}

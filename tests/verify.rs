//! `embalm verify` finds what is damaged, and what it does not find is no damage to anything that is kept.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
use embalm::store::{Store, Verifying};
use rusqlite::types::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

/// Bits that are turned anywhere, each in a copy of its own; `EMBALM_FLIPS=5000 cargo test --test verify bit_that -- --nocapture` for
/// another number, and to be told what became of them.
const FLIPS: u64 = 80;

/// Bits that are turned in the bytes of rows of each table, each in a copy of its own.
const FLIPS_IN_ROWS: u64 = 20;

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

/// Every table with what its rows say, so that it can be told what a bit changed.
fn said(path: &Path) -> Option<Vec<(String, embalm::merkle::Hash)>> {
    let sql = rusqlite::Connection::open(path).ok()?;
    let mut tables = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").ok()?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).ok()?.collect::<Result<_, _>>().ok()?;
    let tables = tables.into_iter().filter(|table| !table.contains("_fts_"));
    tables
        .map(|table| {
            let mut rows = sql.prepare(&format!("SELECT * FROM {table}")).ok()?;
            let columns = rows.column_count();
            let (mut rows, mut all) = (rows.query([]).ok()?, String::new());
            while let Some(row) = rows.next().ok()? {
                (0..columns).for_each(|column| all.push_str(&format!("{:?}", row.get_ref(column))));
            }
            Some((table, embalm::merkle::sha256(all.as_bytes())))
        })
        .collect()
}

/// Instants of posts and articles that are worked out from rows which are covered: they are read as instants alone.
const WORKED_OUT: [&str; 4] = ["first_captured_at", "state_since", "asked_at", "due_at"];

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
                let is_covered = name.ends_with("_at") && !WORKED_OUT.contains(&name.as_str());
                whole || is_covered || name.ends_with("sha256") || matches!(value, Value::Integer(_))
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
    let (mut harmless, mut missed) = (std::collections::BTreeMap::<String, u64>::new(), Vec::new());
    let asked = std::env::var("EMBALM_FLIPS").ok().and_then(|flips| flips.parse().ok());
    let sound_words = said(&folder.path().join("test.db")).unwrap();
    for seed in 0..asked.unwrap_or(FLIPS) {
        let from = usize::try_from(number(seed) % sound.len() as u64).unwrap();
        // Most of a small file is room that nothing is in; who asks for many gets every page of it.
        let next = sound[from..].iter().position(|byte| *byte != 0).filter(|_| asked.is_none());
        let at = from + next.unwrap_or(0);
        let mut damaged = sound.clone();
        damaged[at] ^= 1 << (number(seed) >> 60 & 7);
        fs::write(&path, &damaged).unwrap();
        if faults(&path).is_empty() {
            if covered(&path) == expected {
                let words = said(&path).unwrap();
                let changed = words.iter().zip(&sound_words).find(|(now, then)| now != then);
                *harmless.entry(changed.map_or("no row".to_owned(), |((table, _), _)| table.clone())).or_default() += 1;
            } else {
                missed.push(at);
            }
        }
    }
    assert!(missed.is_empty(), "{} missed, at {missed:?}; harmless: {harmless:?}", missed.len());
    let all = asked.unwrap_or(FLIPS);
    println!("{} of {all} found; harmless, by what they changed: {harmless:?}", all - harmless.values().sum::<u64>());
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
        (
            "UPDATE posts SET first_captured_at = '2001-01-01T00:00:00.000Z' WHERE id = 3",
            ["rows", "posts", "its first capture is not the one"],
        ),
        (
            "UPDATE articles SET first_captured_at = '2099-01-01T00:00:00.000Z' WHERE id = 1",
            ["rows", "articles", "its first capture is later than its first version"],
        ),
        (
            "UPDATE articles SET captured_at = '2001-01-01T00:00:00.000Z' WHERE id = 1",
            ["rows", "articles", "its newest version is of another time"],
        ),
        ("DROP VIEW failures", ["schema", "failures", "is not there"]),
        (
            "DROP VIEW latest_posts; CREATE VIEW latest_posts AS SELECT 1 AS id",
            ["schema", "latest_posts", "is not the one"],
        ),
        ("DROP TRIGGER looks_tally_in", ["schema", "looks_tally_in", "is not there"]),
        (
            "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = 'CREATE INDEX looks_post ON looks (run)' WHERE name = 'looks_post'",
            ["schema", "looks_post", "is not the one"],
        ),
        (
            "CREATE TRIGGER planted AFTER INSERT ON runs BEGIN DELETE FROM posts; END",
            ["schema", "planted", "acts whenever embalm writes"],
        ),
        ("INSERT INTO posts_fts (posts_fts, rank) VALUES ('rank', 'bm25(0.0, 9.0)')", ["schema", "posts_fts", "rank"]),
        ("INSERT INTO posts_fts (posts_fts) VALUES ('delete-all')", ["search", "posts_fts", "lacks"]),
        (
            "INSERT INTO posts_fts (rowid, text) SELECT id, 'planted' FROM posts LIMIT 1",
            ["search", "posts_fts", "planted"],
        ),
        // The snapshots of one post given to another, under a name that says so.
        (
            "INSERT INTO post_aliases SELECT platform, post_id, url, (SELECT max(id) FROM posts) FROM posts WHERE id = 3; \
             UPDATE snapshots SET post = (SELECT max(id) FROM posts) WHERE post = 3",
            ["rows", "posts", "its name leads to another post as well"],
        ),
        ("UPDATE snapshots SET post = 2 WHERE post = 3", ["entries", "snapshots", "is not as it was entered"]),
        (
            "UPDATE embeds SET post = (SELECT max(id) FROM posts) WHERE id = 3",
            ["rows", "embeds", "than the one that its markup names"],
        ),
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

/// Every value of these tables that is longer than a few bytes, with its row: as bytes of the file.
fn values(sql: &rusqlite::Connection, table: &str) -> Vec<(i64, Vec<u8>)> {
    let mut rows = sql.prepare(&format!("SELECT id, * FROM {table}")).unwrap();
    let columns = rows.column_count();
    let mut rows = rows.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 1..columns {
            let (Ok(bytes) | Err(bytes)) = row.get_ref(column).unwrap().as_bytes().map_err(|_| &[][..]);
            if bytes.len() > 3 {
                all.push((row.get(0).unwrap(), bytes.to_vec()));
            }
        }
    }
    all
}

#[test]
fn a_bit_turned_in_the_file_where_a_blob_an_exchange_or_a_run_stands_is_found_and_named() {
    /// What is looked for in the file at once, in bytes; a value may go on on another page.
    const SEEN: usize = 40;
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = folder.path().join("test.db");
    let sound = fs::read(&path).unwrap();
    let sql = rusqlite::Connection::open(&path).unwrap();
    let damaged = folder.path().join("damaged.db");
    let (mut turned_bits, mut missed) = ([0; 3], Vec::new());
    for (nth, table) in ["blobs", "exchanges", "runs"].into_iter().enumerate() {
        let values = values(&sql, table);
        // Enough of them: not every value is found in the file.
        for seed in 0..FLIPS_IN_ROWS * 50 {
            if turned_bits[nth] == FLIPS_IN_ROWS {
                break;
            }
            let random = number(seed * 7 + nth as u64 + 1_000);
            let (id, value) = &values[usize::try_from(random % values.len() as u64).unwrap()];
            let at = usize::try_from((random >> 20) % value.len() as u64).unwrap();
            let from = at.saturating_sub(SEEN / 2).min(value.len().saturating_sub(SEEN));
            let seen = &value[from..value.len().min(from + SEEN)];
            let places: Vec<usize> = memchr::memmem::find_iter(&sound, seen).collect();
            // Words that many rows have, and values that lie over the end of a page, are told by no place.
            let [place] = places.as_slice() else { continue };
            let mut bytes = sound.clone();
            bytes[place + at - from] ^= 1 << (random >> 60 & 7);
            fs::write(&damaged, &bytes).unwrap();
            turned_bits[nth] += 1;
            let found = faults(&damaged);
            let named = format!("table: \"{table}\", row: Some({id})");
            if !found.iter().any(|fault| fault.contains(&named)) {
                missed.push(format!("{table} {id}, byte {at} of {}: {found:?}", value.len()));
            }
        }
    }
    assert!(missed.is_empty(), "{} of {turned_bits:?} missed:\n{}", missed.len(), missed.join("\n"));
    assert_eq!(turned_bits, [FLIPS_IN_ROWS; 3]);
}

/// Changes of somebody who knows how entries are made, and what tells of each.
#[test]
fn whoever_changes_a_row_its_entry_and_its_run_is_told_by_the_next_thing_that_knows_it() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = folder.path().join("test.db");
    let page = folder.path().join("more.html");
    fs::write(&page, "<title>More</title><p>The tide came in twice, and nobody was surprised by it.</p>").unwrap();
    ends(embalm(folder.path()).args(["add", "-q"]).arg(&page), 0);
    let digest = |run: i64| -> String {
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.query_row("SELECT digest FROM runs WHERE id = ?1", [run], |row| row.get(0)).unwrap()
    };
    let (first, newest) = (digest(1), digest(2));
    let forge = |sql: &str| {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    let told = |expected: &[&str]| {
        let found = faults(&path);
        let all = expected.iter().all(|part| found.iter().any(|fault| fault.contains(part)));
        assert!(all && (!expected.is_empty() || found.is_empty()), "{expected:?} in {found:?}");
    };
    let sound = fs::read(&path).unwrap();
    // The row alone, taken away, given twice, put in another's place, or with another run's name.
    for (forged, expected) in [
        ("UPDATE looks SET detail = 'nothing' WHERE id = 1", "is not as it was entered"),
        ("DELETE FROM look_exchanges WHERE look = 1", "is not as it was entered"),
        ("DELETE FROM saves; DELETE FROM exchanges WHERE id = 3", "its row is missing"),
        (
            "UPDATE exchanges SET id = -1 WHERE id = 1; UPDATE exchanges SET id = 1 WHERE id = 2; UPDATE exchanges SET id = 2 WHERE id = -1",
            "is not as it was entered",
        ),
        (
            "INSERT INTO exchanges SELECT (SELECT max(id) + 1 FROM exchanges), run, started_at, elapsed_ms, method, url, \
             request_headers, request_body, follow, max_bytes, answered_url, status, response_headers, body, error, login \
             FROM exchanges WHERE id = 1",
            "no run has entered it",
        ),
        ("UPDATE exchanges SET run = 2 WHERE id = 1", "is not as it was entered"),
        ("DELETE FROM entries WHERE run = 1 AND position = (SELECT max(position) FROM entries WHERE run = 1)", "and"),
        ("DELETE FROM runs WHERE id = 1", "is not there"),
        (
            "INSERT INTO tombstones (buried_at, kind, sha256, reason) SELECT '2026-01-01T00:00:00.000Z', 'look', sha256, 'so' \
          FROM entries WHERE kind = 'look' LIMIT 1; DELETE FROM looks WHERE id = 1",
            "no run has entered it as a tombstone",
        ),
    ] {
        forge(forged);
        told(&[expected]);
        fs::write(&path, &sound).unwrap();
    }

    // The row with its entry; with the root as well; with the run's digest as well; and with every run after it.
    let run_one = Forger { path: &path, run: 1 };
    run_one.entry();
    told(&["their root is another one"]);
    run_one.root();
    told(&["its record is not the one that was sealed"]);
    run_one.digest();
    told(&[&format!("the run {first} that it came after is not there")]);
    forge("UPDATE runs SET parents = json_array((SELECT digest FROM runs WHERE id = 1)) WHERE id = 2");
    told(&["its record is not the one that was sealed"]);
    Forger { path: &path, run: 2 }.digest();
    told(&[]);
    for known in [&first, &newest] {
        let (out, _) = ends(embalm(folder.path()).args(["verify", "--json", "--root", known]), 3);
        assert!(out.contains("another archive, or an older copy"), "{out}");
    }
    // The newest run is known by nothing but what stands elsewhere.
    fs::write(&path, &sound).unwrap();
    ends(embalm(folder.path()).args(["verify", "-q", "--root", &newest]), 0);
    let run_two = Forger { path: &path, run: 2 };
    run_two.entry();
    run_two.root();
    run_two.digest();
    told(&[]);
    ends(embalm(folder.path()).args(["verify", "-q", "--root", &first]), 0);
    ends(embalm(folder.path()).args(["verify", "-q", "--root", &newest]), 3);
    forge("DELETE FROM entries WHERE run = 2; UPDATE runs SET entries = 0, root = NULL WHERE id = 2");
    told(&["no run has entered it"]);
}

/// Somebody who has read `docs/trust.md`.
struct Forger<'a> {
    path: &'a Path,
    run: i64,
}

impl Forger<'_> {
    fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path).unwrap()
    }

    /// Changes what an article is said to say, and its entry with it.
    fn entry(&self) {
        let sql = self.sql();
        let version: i64 =
            sql.query_row("SELECT max(id) FROM article_versions WHERE run = ?1", [self.run], |row| row.get(0)).unwrap();
        let entered: String = sql
            .query_row("SELECT lower(hex(sha256)) FROM entries WHERE kind = 'version' AND row = ?1", [version], |row| {
                row.get(0)
            })
            .unwrap();
        let content =
            format!("{{\"content_digest\":\"forged\",\"embalm\":1,\"kind\":\"reading\",\"version\":\"{entered}\"}}");
        sql.execute("UPDATE article_versions SET content_digest = 'forged' WHERE id = ?1", [version]).unwrap();
        let changed = sql
            .execute(
                "UPDATE entries SET sha256 = ?1 WHERE kind = 'reading' AND row = ?2",
                (embalm::merkle::sha256(content.as_bytes()), version),
            )
            .unwrap();
        assert_eq!(changed, 1);
    }

    /// Works the root out again.
    fn root(&self) {
        let sql = self.sql();
        let salt: String = sql.query_row("SELECT salt FROM runs WHERE id = ?1", [self.run], |row| row.get(0)).unwrap();
        let mut entries = sql.prepare("SELECT sha256 FROM entries WHERE run = ?1 ORDER BY position").unwrap();
        let entries: Vec<Vec<u8>> =
            entries.query_map([self.run], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut tree = embalm::merkle::Tree::default();
        for (position, entry) in entries.iter().enumerate() {
            let salted = embalm::merkle::sha256(&[salt.as_bytes(), &(position as u64).to_be_bytes()].concat());
            tree.push(&[&salted[..], entry].concat());
        }
        let root = embalm::merkle::hex(&tree.finish().0);
        sql.execute("UPDATE runs SET root = ?2 WHERE id = ?1", (self.run, root)).unwrap();
    }

    /// Works the run's digest out again.
    fn digest(&self) {
        let sql = self.sql();
        let mut run = sql.prepare("SELECT * FROM runs WHERE id = ?1").unwrap();
        let names: Vec<_> = run.column_names().map(str::to_owned).collect();
        let mut record = std::collections::BTreeMap::new();
        run.query_row([self.run], |row| {
            for (place, name) in names.iter().enumerate() {
                match row.get(place)? {
                    Value::Integer(number) => record.insert(name.clone(), serde_json::json!(number)),
                    Value::Text(text) => record.insert(name.clone(), serde_json::json!(text)),
                    _ => None,
                };
            }
            Ok(())
        })
        .unwrap();
        let text = |value: Option<serde_json::Value>| value.unwrap().as_str().unwrap().to_owned();
        let salt = text(record.remove("salt"));
        record.insert("salt_sha256".to_owned(), embalm::merkle::hex(&embalm::merkle::sha256(salt.as_bytes())).into());
        let parents = text(record.remove("parents"));
        record.insert("parents".to_owned(), serde_json::from_str(&parents).unwrap());
        record.extend([("embalm".to_owned(), 1.into()), ("kind".to_owned(), "run".into())]);
        record.retain(|name, _| name != "id" && name != "digest");
        let digest = embalm::merkle::sha256(serde_json::to_string(&record).unwrap().as_bytes());
        sql.execute("UPDATE runs SET digest = ?2 WHERE id = ?1", (self.run, embalm::merkle::hex(&digest))).unwrap();
    }
}

#[test]
fn a_trigger_or_view_of_a_strangers_file_does_nothing_when_it_is_read() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = folder.path().join("test.db");
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch(
        "CREATE TABLE traces (at TEXT);
         CREATE TRIGGER planted_in INSTEAD OF INSERT ON latest_posts BEGIN INSERT INTO traces VALUES ('view'); END;
         CREATE TRIGGER planted_runs AFTER UPDATE ON runs BEGIN INSERT INTO traces VALUES ('run'); END;
         CREATE TRIGGER planted_posts AFTER UPDATE ON posts BEGIN INSERT INTO traces VALUES ('post'); END;
         CREATE VIEW planted AS SELECT load_extension('/nowhere') AS a, writefile('/nowhere/b', x'00') AS b;",
    )
    .unwrap();
    drop(sql);
    let before = fs::read(&path).unwrap();
    for words in [
        &["list", "posts"][..],
        &["search", "ferry"],
        &["status"],
        &["list", "articles", "--json"],
        &["export", "jsonl", "-q", "--out", folder.path().join("tables").to_str().unwrap()],
    ] {
        ends(embalm(folder.path()).args(words), 0);
    }
    let (out, _) = ends(embalm(folder.path()).args(["verify", "--json"]), 3);
    for planted in ["planted_in", "planted_runs", "planted_posts"] {
        assert!(out.contains(planted), "{out}");
    }
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn what_came_after_a_known_run_can_be_checked_alone() {
    let folder = TempDir::new().unwrap();
    archive(folder.path());
    let path = folder.path().join("test.db");
    let (status, _) = ends(embalm(folder.path()).args(["status", "--json"]), 0);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let known = status["last_run"]["digest"].as_str().unwrap().to_owned();
    let (said, _) = ends(embalm(folder.path()).arg("status"), 0);
    assert!(known.len() == 64 && said.contains(&known), "{said}");
    let page = folder.path().join("more.html");
    fs::write(&page, "<title>More</title><p>The tide came in twice, and nobody was surprised by it.</p>").unwrap();
    let (summary, _) = ends(embalm(folder.path()).args(["add", "--json"]).arg(&page), 0);
    let newest: serde_json::Value = serde_json::from_str(summary.lines().last().unwrap()).unwrap();
    let newest = newest["digest"].as_str().unwrap();
    let verify = |words: &[&str], code: i32| {
        let (out, err) = ends(embalm(folder.path()).arg("verify").args(words), code);
        out + &err
    };
    let sound = fs::read(&path).unwrap();
    assert!(verify(&["--since", &known], 0).contains("was not read again"));
    verify(&["--since", newest, "--root", &known], 0);
    assert!(verify(&["--since", &"0".repeat(64)], 3).contains("another archive, or an older copy"));
    verify(&["--since", "0123"], 2);
    // What came later is checked as ever; what came before is, without the flag; and what breaks the chain is always.
    for (damage, later, fault) in [
        ("UPDATE article_versions SET title = 'x' WHERE run = 2", true, "is not as it was entered"),
        (
            "UPDATE blobs SET data = x'00' WHERE id = (SELECT original FROM article_versions WHERE run = 2)",
            true,
            "blobs",
        ),
        ("DELETE FROM entries WHERE run = 2 AND position = 0", true, "was sealed with"),
        ("UPDATE article_versions SET title = 'x' WHERE run = 1", false, "is not as it was entered"),
        ("UPDATE blobs SET data = x'00' WHERE id = 1", false, "its bytes"),
        ("UPDATE runs SET elapsed_ms = elapsed_ms + 1 WHERE id = 1", true, "its record is not the one"),
        (
            "INSERT INTO looks (post, run, looked_at, via, result, state, snapshot) SELECT post, run, looked_at, via, result, state, snapshot \
          FROM looks WHERE result = 'new' LIMIT 1",
            true,
            "no run has entered it",
        ),
    ] {
        fs::write(&path, &sound).unwrap();
        let sql = rusqlite::Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        sql.execute_batch(damage).unwrap();
        drop(sql);
        assert!(verify(&[], 3).contains(fault), "{damage}");
        let found = verify(&["--since", &known], if later { 3 } else { 0 });
        assert_eq!(found.contains(fault), later, "{damage}: {found}");
    }
}

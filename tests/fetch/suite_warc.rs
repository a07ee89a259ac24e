//! The WARC reader against files of other tools, whole and broken.

use crate::suite;
use embalm::warc::{Body, Damage, Kind, Reader, Record, Wacz};
use std::fs::File;
use std::io::Read;
use std::path::Path;

fn read(path: &Path) -> (Vec<Record>, Vec<Damage>) {
    let (mut records, mut damage) = (Vec::new(), Vec::new());
    for item in Reader::new(File::open(path).unwrap()).with_all_kinds() {
        match item {
            Ok(record) => records.push(record),
            Err(spot) => damage.push(spot),
        }
    }
    (records, damage)
}

/// Parts of the names of files that were broken on purpose.
const BROKEN: [&str; 7] =
    ["trunc-", "content-length-", "garbage-", "only-magic", "version-", "wrong-chunks", "wrong-payload-digest"];

fn name_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Response { .. } => "response",
        Kind::Request { .. } => "request",
        Kind::Revisit { .. } => "revisit",
        Kind::Resource => "resource",
        Kind::Metadata => "metadata",
    }
}

#[test]
fn files_of_other_tools_are_read_as_far_as_they_are_whole_and_damage_is_reported() {
    let Some(folder) = suite("warc") else { return };
    let text = std::fs::read_to_string(folder.join("warcio_observed.json")).unwrap();
    let observed: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for row in &observed {
        let name = row["file"].as_str().unwrap();
        if name.ends_with(".wacz") {
            continue;
        }
        let (records, damage) = read(&folder.join(name));
        if damage.is_empty() == BROKEN.iter().any(|part| name.contains(part)) {
            wrong.push(format!("{name}: damage {damage:?}"));
        }
        for kind in ["response", "request", "revisit", "resource", "metadata"] {
            let read = records.iter().filter(|record| name_of(&record.kind) == kind).count();
            let theirs = row["index_types"][kind].as_u64().unwrap_or(0);
            let comparable = damage.is_empty() && row["index_rc"] == 0 && !name.contains("target-uris");
            if comparable && read as u64 != theirs {
                wrong.push(format!("{name}: {read} records of {kind}, {theirs} by warcio"));
            }
        }
        let cut = records.iter().filter(|record| matches!(record.body, Body::Cut { .. })).count();
        let offsets: Vec<_> = damage.iter().map(|spot| spot.offset).collect();
        println!("{name}: {} records, {cut} cut, at {offsets:?}: {damage:?}", records.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whole records of every kind that is read, and the offsets of the damage.
const READ: &[(&str, usize, &[u64])] = &[
    ("generated/content-length-huge.warc", 4, &[0]),
    ("generated/content-length-negative.warc", 4, &[0, 487]),
    ("generated/content-length-too-big.warc", 2, &[0, 1197]),
    ("generated/content-length-too-small.warc", 3, &[0, 488, 1197]),
    ("generated/garbage-between-records.warc", 4, &[488, 1212, 2596, 3415, 4376]),
    ("generated/empty.warc.gz", 0, &[]),
    ("generated/one-member-gzip.warc.gz", 4, &[]),
    ("generated/only-magic.warc", 0, &[0]),
    ("generated/trunc-gz-50.warc.gz", 0, &[784]),
    ("generated/trunc-gz-95.warc.gz", 3, &[3207]),
    ("generated/trunc-plain-50.warc", 0, &[1197]),
    ("generated/version-9.9.warc", 0, &[0]),
    ("generated/wrong-payload-digest.warc", 1, &[0]),
    ("generated/zstd-frames.warc.zst", 4, &[]),
    ("warcio/example.warc", 4, &[]),
    ("warcio/example.arc.gz", 1, &[]),
    ("warcio/example-wrong-chunks.warc.gz", 1, &[0, 516]),
];

#[test]
fn what_stands_before_the_damage_is_read_and_the_damage_is_told_with_its_place() {
    let Some(folder) = suite("warc") else { return };
    for (name, whole, offsets) in READ {
        let (records, damage) = read(&folder.join(name));
        let found: Vec<_> = damage.iter().map(|spot| spot.offset).collect();
        assert_eq!((records.len(), found.as_slice()), (*whole, *offsets), "{name}: {damage:?}");
    }
}

#[test]
fn packed_collections_of_other_tools_give_their_recordings_and_pages() {
    let Some(folder) = suite("warc") else { return };
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|ending| ending != "wacz") {
            continue;
        }
        let wacz = Wacz::open(entry.path()).unwrap();
        assert!(wacz.flaws.is_empty(), "{:?}", wacz.flaws);
        let records = wacz.parts.iter().flat_map(|part| Reader::new(part.open().unwrap()));
        let records: Vec<_> = records.map(Result::unwrap).collect();
        for page in &wacz.pages {
            assert!(records.iter().any(|record| record.url.as_str() == page), "{page} is not in {:?}", entry.path());
        }
        seen += wacz.pages.len();
    }
    assert!(seen > 0);
}

#[test]
fn what_packages_of_other_tools_say_of_themselves_is_checked_and_an_altered_byte_is_named() {
    let Some(folder) = suite("warc") else { return };
    let seal = |path: &Path| Wacz::open_sealed(path).unwrap().seals.remove(0).1;
    for (name, held, flaw) in [
        ("valid_example_1", "files are what its list says; nobody has signed it", None),
        ("valid_example_2", "files are what its list says; nobody has signed it", None),
        ("valid_signed_example_1", "; signed by btrix-sign-test.webrecorder.net, stamped 2022-01-18T19:00:12Z", None),
        ("invalid_signed_example_1", "files are what its list says", Some("(STAGING)")),
    ] {
        let found = seal(&folder.join("py-wacz").join(name).with_extension("wacz"));
        assert!(found.held.ends_with(held), "{name}: {found:?}");
        match flaw {
            Some(words) => assert!(found.flaws.len() == 1 && found.flaws[0].contains(words), "{name}: {found:?}"),
            None => assert_eq!(found.flaws, Vec::<String>::new(), "{name}"),
        }
    }
    let whole = std::fs::read(folder.join("py-wacz/valid_signed_example_1.wacz")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("altered.wacz");
    std::fs::write(&path, &whole).unwrap();
    let sound = read_of(&path).unwrap();
    let (mut told, mut refused, mut all) = (0, 0, 0);
    for at in (40..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x04;
        std::fs::write(&path, &bytes).unwrap();
        all += 1;
        match read_of(&path) {
            None => refused += 1,
            // What holds no content is left: dates, sizes and digests in the headers of the ZIP, which its directory repeats.
            Some(found) if found == sound => {}
            Some((flaws, ..)) => {
                assert!(!flaws.is_empty(), "byte {at} changes what is read, and nothing says so");
                told += 1;
            }
        }
    }
    println!("{told} told, {refused} refused, of {all}; of the others all is read as it was");
    assert!((told + refused) * 10 >= all * 9, "{told} told, {refused} refused");
}

/// What is read of a package: what is wrong with it, what holds, its pages, its recordings byte for byte.
type Package = (Vec<String>, String, Vec<String>, Vec<Vec<u8>>);

fn read_of(path: &Path) -> Option<Package> {
    let wacz = Wacz::open_sealed(path).ok()?;
    let (_, seal) = wacz.seals[0].clone();
    let parts = wacz.parts.iter().map(|part| {
        let mut bytes = Vec::new();
        part.open().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    });
    Some(([wacz.flaws.clone(), seal.flaws].concat(), seal.held, wacz.pages.iter().cloned().collect(), parts.collect()))
}

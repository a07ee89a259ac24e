//! What stands in an export, and what does not.

use super::{ANSWER, Archive, PAGE, everything, filter, options, records};
use crate::stage::at;
use embalm::{
    export::{self, ExportError, WarcOptions},
    store::Wanted,
    warc::{Body, Kind, Reader},
};
use std::{collections::HashSet, fs};

#[test]
fn every_answer_comes_back_as_it_was_stored() {
    let file = Archive::new().all();
    let read: Vec<_> = Reader::new(file.as_slice()).map(|record| record.unwrap()).collect();
    let answers: Vec<_> = read
        .iter()
        .filter_map(|record| match (&record.kind, &record.body) {
            (Kind::Response { status }, Body::Whole(body)) => {
                Some((record.url.as_str(), *status, String::from_utf8(body.clone()).unwrap()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        answers,
        [
            ("https://api.example/1?token=a", 200, ANSWER.to_owned()),
            ("https://news.example/story", 301, String::new()),
            ("https://news.example/story/", 200, PAGE.to_owned()),
        ]
    );
    assert!(read.iter().all(|record| record.date == Some(at("2026-01-01T00:00:02.125Z"))));
    let repeated = read.iter().find(|record| record.url.as_str() == "https://api.example/2?token=b").unwrap();
    let original = "https://api.example/1?token=a".parse().unwrap();
    let original_date = Some(at("2026-01-01T00:00:02.125Z"));
    assert_eq!(repeated.kind, Kind::Revisit { status: Some(200), original, original_date });
    let requests = read.iter().filter(|record| matches!(record.kind, Kind::Request { .. })).count();
    assert_eq!(requests, 4, "each answer has its request");
}

#[test]
fn records_of_one_exchange_name_one_another() {
    let records = Archive::new().records();
    let ids: HashSet<_> = records.iter().map(|record| record.get("WARC-Record-ID")).collect();
    assert_eq!(ids.len(), records.len());
    for record in &records {
        if record.kind() == "warcinfo" {
            let text = String::from_utf8(record.block.clone()).unwrap();
            assert!(text.contains("software: embalm/") && text.contains("operator: archive@news.example"), "{text}");
            continue;
        }
        assert_eq!(record.get("WARC-Warcinfo-ID"), records[0].get("WARC-Record-ID"));
        if record.kind() == "request" {
            assert!(ids.contains(record.get("WARC-Concurrent-To")));
        }
        if record.kind() == "revisit" {
            assert!(ids.contains(record.get("WARC-Refers-To")));
        }
    }
    let exchanges: Vec<_> =
        records.iter().filter(|record| record.target().starts_with("urn:embalm:exchange:")).collect();
    assert_eq!(exchanges.len(), 4);
    let story = exchanges.iter().map(|record| record.json()).find(|json| json["url"] == "https://news.example/story");
    let answers = story.unwrap()["answers"].clone();
    for (answer, url) in
        answers.as_array().unwrap().iter().zip(["https://news.example/story", "https://news.example/story/"])
    {
        assert_eq!(answer["url"], url);
        assert!(ids.contains(answer["record"].as_str().unwrap()));
    }
    let failed = exchanges.iter().map(|record| record.json()).find(|json| !json["error"].is_null()).unwrap();
    assert_eq!(failed["error"]["error"], "timeout", "{failed}");
    assert_eq!(failed["answers"], serde_json::json!([]));
}

#[test]
fn bytes_without_an_exchange_are_resources_and_metadata_names_them() {
    let records = Archive::new().records();
    let resources: Vec<_> = records.iter().filter(|record| record.kind() == "resource").collect();
    let names: Vec<_> = resources.iter().map(|record| record.target()).collect();
    assert_eq!(
        names,
        ["urn:embalm:file:saved%2Fstory%2Ehtml", "https://media.example/1.png", "https://media.example/2.png"]
    );
    assert_eq!(resources[1].get("Content-Type"), "image/png");
    let of_kind = |kind: &str| -> Vec<_> {
        let metadata = records.iter().filter(|record| record.kind() == "metadata").map(|record| record.json());
        metadata.filter(|json| json["kind"] == kind).collect()
    };
    let versions = of_kind("version");
    assert_eq!(versions.len(), 2);
    let exchange = versions.iter().find_map(|version| version["exchange"].as_str()).unwrap();
    assert!(
        records.iter().any(|record| record.get("WARC-Record-ID") == exchange && record.json()["kind"] == "exchange")
    );
    let from_file = versions.iter().find(|version| version["exchange"].is_null()).unwrap();
    assert_eq!(format!("sha256:{}", from_file["sha256"].as_str().unwrap()), resources[0].get("WARC-Payload-Digest"));
    let posts = of_kind("post");
    assert_eq!(posts.iter().map(|post| post["post_id"].as_str().unwrap()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let media = posts[0]["snapshots"][0]["media"][0]["sha256"].as_str().unwrap();
    assert_eq!(format!("sha256:{media}"), resources[1].get("WARC-Payload-Digest"));
    assert_eq!(posts[2]["looks"][0]["state"], "deleted");
    assert_eq!(posts[0]["looks"][0]["snapshot"], 0);
    assert_eq!(of_kind("run").len(), 1);
}

#[test]
fn an_article_brings_its_posts_with_their_exchanges_and_nothing_else() {
    let archive = Archive::new();
    let targets = |wanted: &Wanted| -> Vec<String> {
        let records = records(&archive.of(wanted).0);
        records.iter().filter(|r| r.kind() == "response").map(|record| record.target().to_owned()).collect()
    };
    let article = ["https://api.example/1?token=a", "https://news.example/story", "https://news.example/story/"];
    assert_eq!(targets(&Wanted::Named { articles: vec![1], posts: vec![] }), article);
    assert_eq!(targets(&filter(|filter| filter.site = Some("news.example".to_owned()))), article);
    assert_eq!(
        targets(&Wanted::Named { articles: vec![], posts: vec!["twitter:2".to_owned()] }),
        ["https://api.example/2?token=b"],
        "a payload is whole in every file, whatever other files hold it"
    );
    let mut out = Vec::new();
    let nothing = filter(|filter| filter.site = Some("elsewhere.example".to_owned()));
    let ended = export::warc_to(&archive.store(), &nothing, &mut out, &options(), &mut |_| {});
    assert!(matches!(ended, Err(ExportError::Nothing)), "{ended:?}");
}

#[test]
fn what_is_redacted_leaves_a_tombstone_and_no_word_of_its_own() {
    let archive = Archive::new();
    let whole = String::from_utf8_lossy(&archive.records().iter().flat_map(|r| r.block.clone()).collect::<Vec<_>>())
        .into_owned();
    assert!(whole.contains("The ferry came back") && whole.contains("Story 1"), "it stands there before");
    archive.sql(
        "INSERT INTO redactions (redacted_at, what, target, mode, reason) VALUES \
         ('2026-01-02T00:00:00.000Z', 'post', 'twitter:2', 'hidden', 'asked for by its author'), \
         ('2026-01-02T00:00:00.000Z', 'article', 'https://news.example/story', 'hidden', 'a court')",
    );
    let (file, exported) = archive.of(&everything());
    assert_eq!((exported.articles, exported.posts, exported.redacted), (1, 2, 2));
    let records = records(&file);
    let text = String::from_utf8_lossy(&records.iter().flat_map(|r| r.block.clone()).collect::<Vec<_>>()).into_owned();
    for gone in ["The ferry came back", "Story 1", PAGE, "token=b"] {
        assert!(!text.contains(gone), "{gone:?} is exported");
    }
    assert!(!records.iter().any(|record| record.target() == "https://media.example/2.png"));
    let tombstones: Vec<_> =
        records.iter().filter(|r| r.target().starts_with("urn:embalm:redaction:")).map(|r| r.json()).collect();
    assert_eq!(tombstones.len(), 2);
    assert_eq!(tombstones[1]["target"], "twitter:2");
    assert_eq!(tombstones[1]["reason"], "asked for by its author");
    let (_, other) = archive.of(&Wanted::Named { articles: vec![], posts: vec!["twitter:1".to_owned()] });
    assert_eq!(other.redacted, 0, "what would not have been part of it leaves nothing");
}

#[test]
fn equal_archives_give_equal_files_and_parts_are_whole_files() {
    let archive = Archive::new();
    assert_eq!(archive.all(), archive.all());
    let split = WarcOptions { split_bytes: Some(1500), ..options() };
    let path = archive.path("out.warc.gz");
    let exported = export::warc(&archive.store(), &everything(), &path, &split, &mut |_| {}).unwrap();
    assert!(exported.files.len() > 2, "{exported:?}");
    assert_eq!(exported.files[1].file_name().unwrap(), "out-00001.warc.gz");
    let mut ids = HashSet::new();
    let mut kinds = Vec::new();
    for file in &exported.files {
        let parts = records(&fs::read(file).unwrap());
        assert_eq!(parts[0].kind(), "warcinfo");
        assert_eq!(parts[0].get("WARC-Filename"), file.file_name().unwrap().to_str().unwrap());
        for record in parts {
            assert!(ids.insert(record.get("WARC-Record-ID").to_owned()), "an id of its own");
            kinds.push(record.kind().to_owned());
        }
    }
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    assert_eq!((count("response"), count("revisit"), count("resource")), (3, 1, 3));
    let bytes: u64 = exported.files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert_eq!(exported.bytes, bytes);
    assert!(!fs::read_dir(archive.path("")).unwrap().any(|e| e.unwrap().path().to_string_lossy().ends_with(".part")));
}

#[test]
fn a_shorter_export_leaves_no_further_files_of_an_earlier_one_and_no_file_of_others_is_taken_away() {
    let archive = Archive::new();
    let path = archive.path("out.warc.gz");
    let write = |split_bytes| {
        let options = WarcOptions { split_bytes, ..options() };
        export::warc(&archive.store(), &everything(), &path, &options, &mut |_| {}).unwrap().files
    };
    let many = write(Some(1500));
    assert!(many.len() > 2);
    let others = ["out-00099.warc.gz", "out-1.warc.gz", "out-00001.warc.gz.bak", "outer-00001.warc.gz"];
    for name in others {
        fs::write(archive.path(name), "of somebody else").unwrap();
    }
    // Another export of embalm's by a name that is none of this one's.
    fs::copy(&many[1], archive.path("out-00098.warc.gz")).unwrap();
    let few = write(Some(6000));
    assert!(few.len() < many.len(), "{few:?}");
    for file in &many {
        assert_eq!(file.exists(), few.contains(file), "{}", file.display());
    }
    assert_eq!(write(None).len(), 1);
    assert!(many.iter().skip(1).all(|file| !file.exists()), "also where it is not split any more");
    assert!(others.iter().chain(&["out-00098.warc.gz"]).all(|name| archive.path(name).exists()));
}

#[test]
fn an_export_that_fails_leaves_the_earlier_file_as_it_was() {
    let archive = Archive::new();
    let path = archive.path("out.warc.gz");
    fs::write(&path, "an earlier export").unwrap();
    archive.sql("UPDATE blobs SET size_bytes = size_bytes + 1 WHERE mime = 'image/png'");
    let ended = export::warc(&archive.store(), &everything(), &path, &options(), &mut |_| {});
    assert!(matches!(ended, Err(ExportError::Store(_))), "{ended:?}");
    assert_eq!(fs::read(&path).unwrap(), b"an earlier export");
    assert!(!archive.path("out.warc.gz.part").exists());
}

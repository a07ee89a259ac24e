//! A WACZ file: its parts, its index, its digests, its signature; and the command that writes it.

use super::{Archive, digest_of, everything, options};
use crate::command::binary::{embalm, ends};
use base64::{Engine, engine::general_purpose::STANDARD};
use embalm::{
    export::{self, Signer},
    warc::Wacz,
};
use flate2::read::MultiGzDecoder;
use p384::{
    ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier},
    pkcs8::DecodePublicKey,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    path::Path,
};
use zip::ZipArchive;

fn parts(path: &Path) -> HashMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|nth| {
            let mut file = zip.by_index(nth).unwrap();
            let name = file.name().unwrap().into_owned();
            let stored = file.compression() == zip::CompressionMethod::Stored;
            assert_eq!(stored, name.ends_with(".gz"), "{name}: what is compressed stands as it is");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn write(archive: &Archive, name: &str, signer: Option<&Signer>) -> HashMap<String, Vec<u8>> {
    let path = archive.path(name);
    export::wacz(&archive.store(), &everything(), &path, &options(), signer, &mut |_| {}).unwrap();
    parts(&path)
}

#[test]
fn the_manifest_names_every_part_with_its_digest() {
    let archive = Archive::new();
    let parts = write(&archive, "all.wacz", None);
    let manifest = json(&parts["datapackage.json"]);
    assert_eq!((&manifest["profile"], &manifest["wacz_version"]), (&"data-package".into(), &"1.1.1".into()));
    assert_eq!(manifest["created"], "2026-02-03T04:05:06Z");
    let resources = manifest["resources"].as_array().unwrap();
    assert_eq!(resources.len() + 2, parts.len());
    for resource in resources {
        let bytes = &parts[resource["path"].as_str().unwrap()];
        assert_eq!(resource["hash"], digest_of(bytes));
        assert_eq!(resource["bytes"], bytes.len());
    }
    let digest = json(&parts["datapackage-digest.json"]);
    assert_eq!(digest["hash"], digest_of(&parts["datapackage.json"]));
    assert!(digest["signedData"].is_null());
    let wacz = Wacz::open(&archive.path("all.wacz")).unwrap();
    assert!(wacz.flaws.is_empty(), "{:?}", wacz.flaws);
    assert!(wacz.pages.contains("https://news.example/story/"), "{:?}", wacz.pages);
    assert!(wacz.pages.contains("https://api.example/1?token=a"), "{:?}", wacz.pages);
}

#[test]
fn the_index_leads_to_each_record() {
    let parts = write(&Archive::new(), "all.wacz", None);
    let mut index = String::new();
    MultiGzDecoder::new(parts["indexes/index.cdx.gz"].as_slice()).read_to_string(&mut index).unwrap();
    let lines: Vec<&str> = index.lines().collect();
    assert!(lines.is_sorted());
    assert_eq!(lines.len(), 7, "redirect, article, two answers, a file and two pictures: {index}");
    for line in &lines {
        let fields = json(&line.as_bytes()[line.find('{').unwrap()..]);
        let number = |name: &str| fields[name].as_str().unwrap().parse::<usize>().unwrap();
        let file = &parts[&format!("archive/{}", fields["filename"].as_str().unwrap())];
        let member = &file[number("offset")..number("offset") + number("length")];
        assert_eq!(fields["recordDigest"], digest_of(member));
        let [record] = super::records(member).try_into().unwrap();
        assert_eq!(fields["url"], record.target());
        assert_eq!(fields["digest"], record.get("WARC-Payload-Digest"));
    }
    assert!(lines.iter().any(|line| line.starts_with("example,news)/story 20260101000002 {")), "{index}");
    let list = String::from_utf8(parts["indexes/index.idx"].clone()).unwrap();
    assert!(list.starts_with("!meta 0 {") && list.lines().count() == 2, "{list}");
}

#[test]
fn a_signature_is_of_the_key_and_of_nothing_else() {
    let archive = Archive::new();
    let key = archive.path("keys/wacz.pem");
    let signer = Signer::of_file(&key).unwrap();
    let parts = write(&archive, "all.wacz", Some(&signer));
    let digest = json(&parts["datapackage-digest.json"]);
    let signed = &digest["signedData"];
    assert_eq!(signed["hash"], digest["hash"]);
    assert_eq!(signed["created"], json(&parts["datapackage.json"])["created"]);
    let public = |signed: &Value| {
        VerifyingKey::from_public_key_der(&STANDARD.decode(signed["publicKey"].as_str().unwrap()).unwrap()).unwrap()
    };
    let signature = Signature::from_slice(&STANDARD.decode(signed["signature"].as_str().unwrap()).unwrap()).unwrap();
    let hash = Sha256::digest(digest["hash"].as_str().unwrap());
    public(signed).verify_prehash(&hash, &signature).unwrap();
    assert!(public(signed).verify_prehash(&Sha256::digest("sha256:another"), &signature).is_err());
    let other = Signer::of_file(&archive.path("other.pem")).unwrap();
    let others = json(&write(&archive, "other.wacz", Some(&other))["datapackage-digest.json"]);
    assert!(public(&others["signedData"]).verify_prehash(&hash, &signature).is_err());
    let again = Signer::of_file(&key).unwrap();
    write(&archive, "again.wacz", Some(&again));
    assert_eq!(fs::read(archive.path("all.wacz")).unwrap(), fs::read(archive.path("again.wacz")).unwrap());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&key).unwrap().permissions()) & 0o777, 0o600);
}

#[test]
fn the_command_says_what_it_wrote_and_what_it_will_not() {
    let archive = Archive::new();
    let folder = archive.path("");
    let run = |arguments: &[&str], code| {
        ends(embalm(&folder).current_dir(&folder).args(["--archive", "a.db", "export"]).args(arguments), code)
    };
    let (said, told) = run(&["wacz", "--out", "all.wacz"], 0);
    assert_eq!(said.trim(), "all.wacz");
    assert!(told.contains("2 articles, 3 posts, 4 exchanges, 3 other files"), "{told}");
    let (record, _) = run(&["warc", "--out", "one.warc.gz", "twitter:1", "--json"], 0);
    let record = json(record.as_bytes());
    assert_eq!((&record["posts"], &record["articles"]), (&1.into(), &0.into()), "{record}");
    for (arguments, code, why) in [
        (&["warc", "--out", "a.zip"][..], 2, ".warc.gz"),
        (&["wacz", "--out", "-"], 2, ".wacz"),
        (&["warc", "--out", "-", "--split-size", "1MB"], 2, "one stream"),
        (&["wacz", "--out", "b.wacz", "twitter:9"], 1, "not in the archive"),
        (&["wacz", "--out", "b.wacz", "--site", "elsewhere.example"], 1, "nothing in the archive is asked for"),
        (&["wacz", "--out", "b.wacz", "--signing-key", "a.db"], 2, "no signing key"),
        (&["wacz", "--out", "b.wacz", "--site", "news.example", "1"], 2, "TARGETs"),
    ] {
        let (_, told) = run(arguments, code);
        assert!(told.contains(why), "{arguments:?}: {told}");
        assert!(!archive.path("b.wacz").exists() && !archive.path("b.wacz.part").exists());
    }
}

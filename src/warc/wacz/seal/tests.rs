//! Packages as they are packed, and altered in every way that matters.

use super::*;
use crate::warc::Wacz;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn hash(bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digest}")
}

fn list(files: &[(&str, &[u8])]) -> Vec<u8> {
    let resources =
        files.iter().map(|(path, bytes)| serde_json::json!({"path": path, "hash": hash(bytes), "bytes": bytes.len()}));
    let list = serde_json::json!({"resources": resources.collect::<Vec<_>>(), "created": "2026-03-01T08:00:00Z"});
    serde_json::to_vec(&list).unwrap()
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let method = if name.ends_with(".jsonl") { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        out.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn checked(files: &[(&str, &[u8])]) -> Seal {
    let mut file = tempfile::NamedTempFile::with_suffix(".wacz").unwrap();
    file.write_all(&packed(files)).unwrap();
    let (_, seal) = Wacz::open_sealed(file.path()).unwrap().seals.remove(0);
    seal
}

const DATA: (&str, &[u8]) = ("archive/data.warc", b"WARC/1.1\r\n");
const PAGES: (&str, &[u8]) = ("pages/pages.jsonl", b"{}\n");

#[test]
fn files_that_are_what_the_list_says_hold_and_every_other_is_named() {
    let list = list(&[DATA, PAGES]);
    let package = (PACKAGE, list.as_slice());
    let digest = format!("{{\"path\": \"datapackage.json\", \"hash\": \"{}\"}}", hash(&list));
    let digest = (DIGEST, digest.as_bytes());
    let whole = checked(&[DATA, PAGES, package, digest]);
    assert_eq!(
        whole,
        Seal { flaws: vec![], held: "its 2 files are what its list says; nobody has signed it".to_owned() }
    );
    type Files<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(Files<'_>, &str); 5] = [
        (&[(DATA.0, b"WARC/1.0\r\n"), PAGES, package, digest], "archive/data.warc is not what its digest says"),
        (&[DATA, (PAGES.0, b"{ }\n"), package, digest], "pages/pages.jsonl is not what its digest says"),
        (&[PAGES, package, digest], "archive/data.warc is in its list of files, but not in it"),
        (
            &[DATA, ("archive/more.warc", b"WARC/1.1\r\n"), PAGES, package],
            "archive/more.warc is in it, but not in its list",
        ),
        (
            &[DATA, PAGES, package, (DIGEST, br#"{"hash": "sha256:00"}"#)],
            "datapackage.json is not what datapackage-digest.json says",
        ),
    ];
    for (files, expected) in cases {
        let seal = checked(files);
        assert!(seal.flaws.len() == 1 && seal.flaws[0].starts_with(expected), "{seal:?}, not {expected:?}");
    }
    assert!(checked(&[DATA]).held.starts_with("nothing in it says"));
    assert!(checked(&[DATA, (PACKAGE, b"[")]).flaws[0].contains("not understood"));
}

/// A list with its signature by this key, in the form that browsers give it.
fn signed(key: &p384::ecdsa::SigningKey, list: &[u8], created: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use p384::{ecdsa::signature::hazmat::PrehashSigner, pkcs8::EncodePublicKey};
    let hash = hash(list);
    let signature: p384::ecdsa::Signature = key.sign_prehash(&Sha256::digest(&hash)).unwrap();
    let public = key.verifying_key().to_public_key_der().unwrap();
    let signed = serde_json::json!({"hash": hash, "signedData": {"hash": hash, "created": created,
        "signature": STANDARD.encode(signature.to_bytes()), "publicKey": STANDARD.encode(public.as_bytes())}});
    serde_json::to_vec(&signed).unwrap()
}

#[test]
fn a_signature_holds_for_its_list_alone() {
    use p384::elliptic_curve::Generate;
    let key = p384::ecdsa::SigningKey::try_generate().unwrap();
    let list = list(&[DATA]);
    let good = signed(&key, &list, "2026-03-01T08:00:00Z");
    let seal = checked(&[DATA, (PACKAGE, &list), (DIGEST, &good)]);
    assert!(seal.flaws.is_empty() && seal.held.contains("; signed by a key that nobody vouches for"), "{seal:?}");
    let text = String::from_utf8(good).unwrap();
    let other = String::from_utf8(signed(&key, b"another", "2026-03-01T08:00:00Z")).unwrap();
    let part = |text: &str, name: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value["signedData"][name].as_str().unwrap().to_owned()
    };
    let wrong = [
        (text.replace(&part(&text, "signature"), &part(&other, "signature")), "its signature does not hold"),
        (text.replace(&part(&text, "signature"), "AAAA"), "its signature does not hold"),
        (text.replace(&part(&text, "publicKey"), "AAAA"), "its signature does not hold: its key is none"),
        (text.replace("2026-03", "2025-03"), "its signature is of another time"),
        (text.replacen(&hash(&list), &hash(b"another"), 1), "datapackage.json is not what"),
    ];
    for (digest, expected) in wrong {
        let seal = checked(&[DATA, (PACKAGE, &list), (DIGEST, digest.as_bytes())]);
        let is_told = seal.flaws.iter().any(|flaw| flaw.starts_with(expected));
        assert!(is_told && !seal.held.contains("signed"), "{seal:?}, not {expected:?}");
    }
}

/// Bits that are turned; `EMBALM_FLIPS=9999 cargo test --lib turned -- --nocapture` turns one of every byte.
const FLIPS: usize = 120;

/// What is wrong with a package, what holds, its pages, its recordings byte for byte.
type Package = (Vec<String>, String, Vec<String>, Vec<Vec<u8>>);

/// What is read of a package.
fn read_of(bytes: &[u8]) -> Option<Package> {
    let mut file = tempfile::NamedTempFile::with_suffix(".wacz").unwrap();
    file.write_all(bytes).unwrap();
    let wacz = Wacz::open_sealed(file.path()).ok()?;
    let parts = wacz.parts.iter().map(|part| {
        let mut bytes = Vec::new();
        part.open().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    });
    let (parts, (_, seal)) = (parts.collect(), wacz.seals[0].clone());
    Some(([wacz.flaws, seal.flaws].concat(), seal.held, wacz.pages.into_iter().collect(), parts))
}

#[test]
fn a_bit_turned_anywhere_in_a_signed_package_is_told_or_changes_nothing_that_is_read() {
    use p384::elliptic_curve::Generate;
    let key = p384::ecdsa::SigningKey::try_generate().unwrap();
    let pages = ("pages/pages.jsonl", &b"{\"url\": \"https://news.example/story\"}\n"[..]);
    let index = ("indexes/index.cdx", &b"example,news)/story 20260301080000 {}\n"[..]);
    let list = list(&[DATA, pages, index]);
    let digest = signed(&key, &list, "2026-03-01T08:00:00Z");
    let sound = packed(&[DATA, pages, index, (PACKAGE, &list), (DIGEST, &digest)]);
    let expected = read_of(&sound).unwrap();
    assert!(expected.0.is_empty() && expected.1.contains("; signed by"), "{expected:?}");
    let flips = std::env::var("EMBALM_FLIPS").ok().and_then(|flips| flips.parse().ok()).unwrap_or(FLIPS);
    // A step that has no divisor with the length in common goes through every place.
    let (step, turned) = ((sound.len() / flips).max(1) | 1, flips.min(sound.len()));
    let mut harmless = Vec::new();
    for place in (0..turned).map(|n| n * step % sound.len()) {
        let mut bytes = sound.clone();
        bytes[place] ^= 1 << (place % 8);
        let Some(found) = read_of(&bytes) else { continue };
        if found.0.is_empty() && found.1 == expected.1 {
            assert!((found.2, found.3) == (expected.2.clone(), expected.3.clone()), "byte {place}");
            harmless.push(place);
        }
    }
    println!("{} of {turned} told; of no word that is read: {harmless:?}", turned - harmless.len());
}

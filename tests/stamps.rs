//! Runs are stamped by an authority of RFC 3161, a local one made with openssl; one that fails never fails a run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
use embalm::stamp::{self, Authorities};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

/// How the authority answers, one way after the other; the last for ever.
#[derive(Clone, Copy)]
enum Answers {
    Rightly,
    WithAnError,
    WithNonsense,
    /// With what it answered to another request.
    Again,
}

/// Runs openssl in a folder; false where there is none, or where it refuses.
fn openssl(folder: &Path, words: &[&str]) -> bool {
    Command::new("openssl").current_dir(folder).args(words).output().is_ok_and(|output| output.status.success())
}

/// What an authority and its stamps are like.
#[derive(Clone, Copy)]
struct Kind<'a> {
    /// As `openssl req` has it.
    key: &'a [&'a str],
    /// Of the signature, and of what names the certificate.
    digest: &'a str,
    id_digest: &'a str,
    /// What its certificate says that it is for.
    uses: &'a str,
    /// From when to when it is one.
    valid: (&'a str, &'a str),
    /// Digits of a fraction of a second.
    precision: u8,
}

const RSA: [&str; 2] = ["-newkey", "rsa:2048"];
const GOOD: Kind<'_> = Kind {
    key: &RSA,
    digest: "sha256",
    id_digest: "sha256",
    uses: "critical,timeStamping",
    valid: ("20200101000000Z", "20991231000000Z"),
    precision: 0,
};

/// A root's key and certificate, and those of an authority that it vouches for; none where there is no openssl.
fn authority(folder: &Path, kind: Kind<'_>) -> Option<()> {
    let Kind { key, digest, id_digest, uses, valid, precision } = kind;
    let settings = format!(
        "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\ncrypto_device = builtin\nsigner_digest = {digest}\n\
         default_policy = 1.2.3.4.1\ndigests = sha256\ness_cert_id_alg = {id_digest}\nclock_precision_digits = {precision}\n\
         [ca]\ndefault_ca = root\n[root]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial\ndefault_md = sha256\n\
         policy = any\nx509_extensions = signer\n[any]\ncommonName = supplied\n[signer]\nextendedKeyUsage = {uses}\n\
         [req]\ndistinguished_name = name\n[name]\n"
    );
    for (name, text) in [("tsa.cnf", settings.as_str()), ("serial", "01\n"), ("index.txt", "")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let root = ["-days", "3650", "-subj", "/CN=A root", "-addext", "basicConstraints=critical,CA:true"];
    let root =
        [&["req", "-x509", "-config", "tsa.cnf", "-nodes", "-keyout", "root.key", "-out", "root.pem"][..], &RSA, &root];
    let asked =
        ["req", "-new", "-config", "tsa.cnf", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps"];
    let vouched = [
        "ca", "-batch", "-notext", "-config", "tsa.cnf", "-cert", "root.pem", "-keyfile", "root.key", "-in", "tsa.csr",
    ];
    // A root that is there already is older than what it is to vouch for.
    let made = (folder.join("root.pem").exists() || openssl(folder, &root.concat()))
        && openssl(folder, &[&asked, key].concat())
        && openssl(folder, &[&vouched[..], &["-out", "tsa.pem", "-startdate", valid.0, "-enddate", valid.1]].concat());
    made.then_some(())
}

/// Answers a query in the folder with a reply.
fn reply(folder: &Path) -> bool {
    let words =
        ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key"];
    openssl(folder, &[&words[..], &["-out", "reply.tsr"]].concat())
}

/// Serves the authority on loopback. Its address, and how often it was asked.
fn serve(folder: PathBuf, answers: Vec<Answers>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://127.0.0.1:{}/tsa", listener.local_addr().unwrap().port());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line, mut is_query) = (0, String::new(), false);
            while reader.read_line(&mut line).unwrap() > 2 {
                let lower = line.to_ascii_lowercase();
                is_query |= lower.trim() == "content-type: application/timestamp-query";
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            assert!(is_query);
            let nth = count.fetch_add(1, Ordering::SeqCst);
            let how = answers[nth.min(answers.len() - 1)];
            let (status, body) = match how {
                Answers::WithAnError => ("500 Sorry", Vec::new()),
                Answers::WithNonsense => ("200 OK", b"<html>".to_vec()),
                Answers::Again => ("200 OK", fs::read(folder.join("reply.tsr")).unwrap()),
                Answers::Rightly => {
                    fs::write(folder.join("query.tsq"), &body).unwrap();
                    assert!(reply(&folder));
                    ("200 OK", fs::read(folder.join("reply.tsr")).unwrap())
                }
            };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    (address, asked)
}

/// A folder with an authority and a configuration that names it; none where there is no openssl.
fn place(answers: &[Answers]) -> Option<(TempDir, Arc<AtomicUsize>)> {
    let folder = TempDir::new().unwrap();
    if authority(folder.path(), GOOD).is_none() {
        println!("skipped: there is no openssl");
        return None;
    }
    let (address, asked) = serve(folder.path().to_owned(), answers.to_vec());
    let settings = format!("[network]\nallow_hosts = [\"127.0.0.1\"]\n[trust]\ntimestamp_url = \"{address}\"\n");
    fs::write(folder.path().join("config.toml"), settings).unwrap();
    Some((folder, asked))
}

/// Archives a page of these words; what was said on stderr.
fn add(folder: &Path, words: &str) -> String {
    let page = folder.join("page.html");
    let text = format!("<!doctype html><title>A page</title><article><h1>A page</h1><p>{words}</p></article>");
    fs::write(&page, text).unwrap();
    let mut command = embalm(folder);
    let config = folder.join("config.toml");
    ends(command.current_dir(folder).args(["add", "page.html", "--config"]).arg(config), 0).1
}

fn stamps(folder: &Path) -> Vec<(i64, Vec<u8>, String)> {
    let sql = rusqlite::Connection::open(folder.join("test.db")).unwrap();
    let mut stamps =
        sql.prepare("SELECT s.run, s.token, r.digest FROM stamps s JOIN runs r ON r.id = s.run ORDER BY s.id").unwrap();
    stamps.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn each_run_that_adds_something_is_stamped_and_openssl_agrees() {
    let Some((folder, asked)) = place(&[Answers::Rightly]) else { return };
    let folder = folder.path();
    add(folder, "The ferry is late.");
    add(folder, "The ferry is late.");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "a run that adds nothing needs none");
    add(folder, "The ferry came after all, with the mail and two dozen sheep on the open deck.");
    let kept = stamps(folder);
    assert_eq!(kept.iter().map(|(run, ..)| *run).collect::<Vec<_>>(), [1, 3]);
    for (_, token, digest) in &kept {
        fs::write(folder.join("stamp.der"), token).unwrap();
        let verified = |digest: &str| {
            openssl(
                folder,
                &["ts", "-verify", "-digest", digest, "-in", "stamp.der", "-token_in", "-CAfile", "root.pem"],
            )
        };
        assert!(verified(digest) && !verified(&"0".repeat(64)));
    }
    ends(embalm(folder).args(["verify", "-q"]), 0);
    // A proof leads to the first stamp after it, and has it.
    let proof = folder.join("proof.json");
    ends(embalm(folder).args(["export", "proof", "1", "--out"]).arg(&proof), 0);
    let (out, _) = ends(embalm(folder).args(["verify", "--proof"]).arg(&proof), 0);
    assert!(out.contains("stamped"), "{out}");
    let text = fs::read_to_string(&proof).unwrap();
    fs::write(&proof, text.replace("\"token\": \"MII", "\"token\": \"MIJ")).unwrap();
    ends(embalm(folder).args(["verify", "--proof"]).arg(&proof), 3);
    // A stamp of another run is none.
    let sql = rusqlite::Connection::open(folder.join("test.db")).unwrap();
    sql.execute("UPDATE stamps SET run = 1 WHERE run = 3", []).unwrap();
    drop(sql);
    let (out, _) = ends(embalm(folder).args(["verify", "--json"]), 3);
    assert!(out.contains("it does not stamp the run 1"), "{out}");
}

#[test]
fn an_authority_that_fails_fails_no_run_and_is_asked_again_by_the_next() {
    let answers = [Answers::WithAnError, Answers::WithNonsense, Answers::Rightly, Answers::Again];
    let Some((folder, asked)) = place(&answers) else { return };
    let folder = folder.path();
    for nth in 1..=2 {
        let err = add(folder, "The ferry is late.");
        assert!(err.contains("no time stamp"), "{err}");
        assert_eq!((asked.load(Ordering::SeqCst), stamps(folder).len()), (nth, 0));
    }
    add(folder, "The ferry is late.");
    assert_eq!(stamps(folder).len(), 1, "the newest run speaks for all before it");
    let err = add(folder, "The ferry came after all, with the mail and two dozen sheep on the open deck.");
    assert!(err.contains("no time stamp"), "an old answer is none: {err}");
    assert_eq!(stamps(folder).len(), 1);
    ends(embalm(folder).args(["verify", "-q"]), 0);
}

/// What is stamped.
const IMPRINT: &str = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";

/// A token of an authority of this kind, made by `openssl ts`; none where there is no openssl.
fn token_of(folder: &Path, kind: Kind<'_>) -> Option<Vec<u8>> {
    authority(folder, kind)?;
    let query = ["ts", "-query", "-digest", IMPRINT, "-sha256", "-cert", "-out", "query.tsq"];
    assert!(openssl(folder, &query) && reply(folder));
    assert!(openssl(folder, &["ts", "-reply", "-in", "reply.tsr", "-token_out", "-out", "token.der"]));
    Some(fs::read(folder.join("token.der")).unwrap())
}

/// What a good token says, signed by an authority of another kind, which `openssl ts` would not sign by.
fn signed_by(folder: &Path, kind: Kind<'_>, also: &[&str]) -> Vec<u8> {
    assert!(openssl(
        folder,
        &["cms", "-verify", "-noverify", "-inform", "DER", "-in", "token.der", "-out", "info.der"]
    ));
    let other = folder.join("other");
    authority(&other, kind).unwrap();
    let sign = [
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-econtent_type",
        "1.2.840.113549.1.9.16.1.4",
        "-in",
        "../info.der",
        "-signer",
        "tsa.pem",
        "-inkey",
        "tsa.key",
        "-outform",
        "DER",
        "-out",
        "token.der",
        "-md",
        kind.digest,
    ];
    assert!(openssl(&other, &[&sign[..], also].concat()));
    fs::read(other.join("token.der")).unwrap()
}

fn believed(path: &Path) -> Authorities {
    Authorities::from_pem(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_signatures_of_authorities_hold_with_every_kind_of_key_and_digest() {
    let elliptic = |curve| ["-newkey", "ec", "-pkeyopt", curve];
    let p256 = elliptic("ec_paramgen_curve:P-256");
    let p384 = elliptic("ec_paramgen_curve:P-384");
    let p521 = elliptic("ec_paramgen_curve:P-521");
    for (name, kind) in [
        ("RSA, SHA-256", GOOD),
        ("RSA, SHA-384", Kind { digest: "sha384", id_digest: "sha384", ..GOOD }),
        ("RSA, SHA-512, a certificate named by its SHA-1", Kind { digest: "sha512", id_digest: "sha1", ..GOOD }),
        ("P-256", Kind { key: &p256, ..GOOD }),
        ("P-384", Kind { key: &p384, digest: "sha384", ..GOOD }),
        ("P-521", Kind { key: &p521, digest: "sha512", id_digest: "sha512", ..GOOD }),
        ("a fraction of a second", Kind { precision: 6, ..GOOD }),
    ] {
        let folder = TempDir::new().unwrap();
        let Some(token) = token_of(folder.path(), kind) else { return println!("skipped: there is no openssl") };
        let read = stamp::token(&token).unwrap();
        assert_eq!(embalm::merkle::hex(&read.imprint), IMPRINT);
        assert!(kind.precision > 0 || read.at.subsec_nanosecond() == 0, "{name}");
        // The signer's own certificate says as much as the root's.
        for trusted in ["root.pem", "tsa.pem"] {
            assert_eq!(stamp::verify(&token, &believed(&folder.path().join(trusted))), Ok(()), "{name}");
        }
    }
}

#[test]
fn a_stamp_that_no_trusted_authority_signed_for_stamps_and_at_that_time_is_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("other")).unwrap();
    let made = authority(&folder.path().join("other"), GOOD).and_then(|()| token_of(folder.path(), GOOD));
    let Some(good) = made else { return println!("skipped: there is no openssl") };
    let other = folder.path().join("other/root.pem");
    let for_stamps_alone = "is not for time stamps alone";
    for (kind, also, expected) in [
        (GOOD, ["-cades"].as_slice(), ""),
        (GOOD, &["-cades", "-keyid"], ""),
        (Kind { uses: "timeStamping", ..GOOD }, &["-cades"], for_stamps_alone),
        (Kind { uses: "critical,timeStamping,codeSigning", ..GOOD }, &["-cades"], for_stamps_alone),
        (Kind { uses: "critical,codeSigning", ..GOOD }, &["-cades"], for_stamps_alone),
        (
            Kind { uses: "critical,timeStamping\nkeyUsage = critical,keyAgreement", ..GOOD },
            &["-cades"],
            "is not for signing",
        ),
        (Kind { valid: ("20200101000000Z", "20210101000000Z"), ..GOOD }, &["-cades"], "was not valid then"),
        (Kind { valid: ("20980101000000Z", "20990101000000Z"), ..GOOD }, &["-cades"], "was not valid then"),
        (Kind { digest: "sha1", ..GOOD }, &["-cades"], "no SHA-256"),
        (GOOD, &["-cades", "-nocerts"], "neither in it nor among those"),
        (GOOD, &["-noattr"], "no signed attributes"),
        (GOOD, &[], "1.2.840.113549.1.9.16.2.12 is not there"),
    ] {
        let kind = if also.contains(&"-keyid") {
            Kind { uses: "critical,timeStamping\nsubjectKeyIdentifier = hash", ..kind }
        } else {
            kind
        };
        let token = signed_by(folder.path(), kind, also);
        match stamp::verify(&token, &believed(&other)) {
            Ok(()) => assert_eq!(expected, ""),
            Err(why) => assert!(!expected.is_empty() && why.contains(expected), "{why}, not {expected:?}"),
        }
        if also.contains(&"-nocerts") {
            // Where the token has no certificate, the user's file may have it.
            let both = ["root.pem", "tsa.pem"].map(|name| fs::read(folder.path().join("other").join(name)).unwrap());
            assert_eq!(stamp::verify(&token, &Authorities::from_pem(&both.concat()).unwrap()), Ok(()));
        }
    }
    let refused = stamp::verify(&good, &believed(&other)).unwrap_err();
    assert!(refused.contains("none of the authorities that you trust"), "{refused}");
    for wrong in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        Authorities::from_pem(wrong).unwrap_err();
    }
}

#[test]
fn no_bit_of_a_token_can_be_turned() {
    let folder = TempDir::new().unwrap();
    let Some(good) = token_of(folder.path(), GOOD) else { return println!("skipped: there is no openssl") };
    let authorities = believed(&folder.path().join("root.pem"));
    let held: Vec<(usize, u8)> = (0..good.len())
        .flat_map(|at| (0..8).map(move |bit| (at, bit)))
        // Every byte, one bit of it: another one of each.
        .filter(|(at, bit)| usize::from(*bit) == at % 8)
        .filter(|(at, bit)| {
            let mut turned = good.clone();
            turned[*at] ^= 1 << bit;
            stamp::verify(&turned, &authorities).is_ok()
        })
        .collect();
    assert!(good.len() > 1000 && held.is_empty(), "{held:?} of {} bytes", good.len());
}

#[test]
fn verify_says_whose_stamps_they_are_or_that_it_did_not_look() {
    let Some((folder, _)) = place(&[Answers::Rightly]) else { return };
    let folder = folder.path();
    let other = folder.join("other");
    fs::create_dir_all(&other).unwrap();
    authority(&other, GOOD).unwrap();
    add(folder, "The ferry is late.");
    let proof = folder.join("proof.json");
    ends(embalm(folder).args(["export", "proof", "1", "--out"]).arg(&proof), 0);
    let said = |words: &[&str], code: u8| {
        let (out, err) = ends(embalm(folder).current_dir(folder).args(["verify"]).args(words), code.into());
        out + &err
    };
    let unchecked = said(&[], 0);
    assert!(unchecked.contains("signature is on 1 time stamp was not checked"), "{unchecked}");
    assert!(said(&["--proof", "proof.json"], 0).contains("not checked"));
    let checked = said(&["--timestamp-ca-file", "root.pem"], 0);
    assert!(checked.contains("with 1 signed time stamp") && !checked.contains("not checked"), "{checked}");
    assert!(said(&["--proof", "proof.json", "--timestamp-ca-file", "root.pem"], 0).contains("signed by an authority"));
    for words in [
        &["--timestamp-ca-file", "other/root.pem"][..],
        &["--proof", "proof.json", "--timestamp-ca-file", "other/root.pem"],
    ] {
        assert!(said(words, 3).contains("none of the authorities that you trust"));
    }
    said(&["--timestamp-ca-file", "none.pem"], 2);
    // The time that a proof says is the one that was stamped.
    let text = fs::read_to_string(&proof).unwrap();
    let at = text.split("\"stamped_at\": \"").nth(1).unwrap().get(..4).unwrap();
    fs::write(&proof, text.replace(&format!("\"stamped_at\": \"{at}"), "\"stamped_at\": \"2001")).unwrap();
    assert!(said(&["--proof", "proof.json"], 3).contains("another time than it says"));
}

#[test]
fn a_run_keeps_no_stamp_of_an_authority_that_is_not_believed() {
    let Some((folder, asked)) = place(&[Answers::Rightly]) else { return };
    let folder = folder.path();
    let other = folder.join("other");
    fs::create_dir_all(&other).unwrap();
    authority(&other, GOOD).unwrap();
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    fs::write(folder.join("config.toml"), format!("{config}timestamp_ca_file = \"other/root.pem\"\n")).unwrap();
    let err = add(folder, "The ferry is late.");
    assert!(err.contains("none of the authorities that you trust"), "{err}");
    assert_eq!((asked.load(Ordering::SeqCst), stamps(folder).len()), (1, 0));
    fs::write(folder.join("config.toml"), format!("{config}timestamp_ca_file = \"root.pem\"\n")).unwrap();
    add(folder, "The ferry is late.");
    assert_eq!(stamps(folder).len(), 1);
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["verify", "--config", "config.toml"]), 0);
    assert!(out.contains("1 signed time stamp"), "{out}");
}

//! Runs are stamped by an authority of RFC 3161, a local one made with openssl; one that fails never fails a run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
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

/// An authority's key, certificate and settings; none where there is no openssl.
fn authority(folder: &Path) -> Option<()> {
    let settings = "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\ncrypto_device = builtin\nsigner_digest = sha256\n\
        default_policy = 1.2.3.4.1\ndigests = sha256\ness_cert_id_alg = sha256\n";
    fs::write(folder.join("tsa.cnf"), settings).unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    fs::write(folder.join("req.cnf"), "[req]\ndistinguished_name = name\n[name]\n").unwrap();
    let made = openssl(
        folder,
        &[
            "req",
            "-x509",
            "-config",
            "req.cnf",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.pem",
            "-days",
            "3650",
            "-subj",
            "/CN=A time-stamp authority",
            "-addext",
            "basicConstraints=critical,CA:true",
            "-addext",
            "extendedKeyUsage=critical,timeStamping",
        ],
    );
    made.then_some(())
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
                    let words = [
                        "ts",
                        "-reply",
                        "-config",
                        "tsa.cnf",
                        "-queryfile",
                        "query.tsq",
                        "-signer",
                        "tsa.pem",
                        "-inkey",
                        "tsa.key",
                        "-out",
                        "reply.tsr",
                    ];
                    assert!(openssl(&folder, &words));
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
    if authority(folder.path()).is_none() {
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
                &["ts", "-verify", "-digest", digest, "-in", "stamp.der", "-token_in", "-CAfile", "tsa.pem"],
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

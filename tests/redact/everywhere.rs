//! One walk through everything that reads: not a word of a redacted post is found.

use super::{demo, ends, files_with, plain, sql, stdout};
use crate::binary::embalm;
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// What must not be read any more.
struct Secret {
    key: String,
    /// Its text, its author's name and handle, its alt texts.
    words: Vec<String>,
    /// A file of its own.
    file: Vec<u8>,
    sha256: String,
    article: String,
}

/// A post with an author and a file of its own whose words no article and no other post has, embedded in an article.
fn secret(folder: &Path) -> Secret {
    let sql = sql(folder);
    let mut posts = sql
        .prepare(
            "SELECT p.key, s.text, s.author_name, s.author_handle, a.name, b.sha256 FROM posts p JOIN snapshots s ON s.id = p.snapshot \
             JOIN embeds e ON e.post = p.id JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article \
             JOIN snapshot_media m ON m.snapshot = s.id JOIN blobs b ON b.id = m.blob \
             WHERE length(s.text) > 20 AND s.author_name <> '' AND s.author_handle <> '' AND instr(p.url, s.author_handle) > 0 \
             AND NOT EXISTS (SELECT 1 FROM snapshot_media n JOIN snapshots t ON t.id = n.snapshot WHERE n.blob = b.id AND t.post <> p.id) \
             AND NOT EXISTS (SELECT 1 FROM article_versions w WHERE instr(lower(w.text), lower(s.author_handle)) > 0 \
               OR instr(w.text, s.author_name) > 0 OR instr(w.text, s.text) > 0) \
             AND NOT EXISTS (SELECT 1 FROM snapshots t WHERE t.post <> p.id AND (instr(lower(t.text), lower(s.author_handle)) > 0 \
               OR instr(t.text, s.author_name) > 0 OR t.author_handle = s.author_handle OR t.author_name = s.author_name)) \
             ORDER BY p.key",
        )
        .unwrap();
    let mut rows = posts.query([]).unwrap();
    let row = rows.next().unwrap().expect("the demonstration has such a post");
    let text = |place: usize| row.get::<_, String>(place).unwrap();
    let (key, sha256) = (text(0), text(5));
    let mut alts = sql
        .prepare("SELECT DISTINCT m.alt FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post \
                  WHERE p.key = ?1 AND m.alt <> ''")
        .unwrap();
    let alts = alts.query_map([&key], |row| row.get::<_, String>(0)).unwrap().map(|alt| plain(&alt.unwrap()));
    let mut words = vec![plain(&text(1)), plain(&text(2)), text(3)];
    words.extend(alts);
    let store = embalm::store::Store::open_read_only_aside(&folder.join("test.db")).unwrap();
    let (file, _) = store.media_bytes(&sha256).unwrap().unwrap();
    Secret { key, words, file, sha256, article: text(4) }
}

impl Secret {
    fn is_not_in(&self, bytes: &[u8], of: &str) {
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        for word in &self.words {
            assert!(!has(word.as_bytes()), "{of} says {word:?}");
        }
        assert!(!has(&self.file), "{of} has the file");
    }

    fn is_not_under(&self, folder: &Path) {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let bytes = fs::read(&path).unwrap();
                self.is_not_in(&bytes, &path.display().to_string());
                if path.extension().is_some_and(|end| end == "gz") {
                    let mut plain = Vec::new();
                    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
                    self.is_not_in(&plain, &path.display().to_string());
                }
            }
        }
    }
}

/// Every command that reads, with everything that it prints.
fn commands(folder: &Path, secret: &Secret) {
    let Secret { key, article, sha256, .. } = secret;
    let mut reading: Vec<Vec<&str>> = vec![
        vec!["show", key],
        vec!["show", key, "--raw"],
        vec!["show", article],
        vec!["show", article, "--raw"],
        vec!["show", article, "--version", "1"],
        vec!["history", key],
        vec!["history", article],
        vec!["status"],
        vec!["redact", "--list"],
        vec!["redact", "--list", "--all"],
        vec!["retry", "--all", "--dry-run"],
        vec!["prune", "--orphans"],
        vec!["show", sha256],
        vec!["verify"],
        vec!["recognize", "https://x.com/i/status/1"],
    ];
    let kinds = ["articles", "posts", "media", "runs", "failures", "sources", "platforms"];
    reading.extend(kinds.map(|kind| vec!["list", kind]));
    let words: Vec<&str> = secret.words.iter().flat_map(|words| words.split(' ')).collect();
    reading.extend(words.iter().filter(|word| word.len() > 3).map(|word| vec!["search", word]));
    for words in &reading {
        for more in [&[][..], &["--json"]] {
            let output = embalm(folder).args(words).args(more).output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            // What was sought is told as it was given.
            if words[0] != "search" {
                secret.is_not_in(&told, &format!("{words:?} {more:?}"));
            } else {
                assert!(!String::from_utf8_lossy(&told).contains(key.as_str()), "{words:?} {more:?}");
            }
        }
    }
}

/// Every export.
fn exports(folder: &Path, secret: &Secret) {
    let out = TempDir::new().unwrap();
    let at = |name: &str| out.path().join(name);
    for (words, name) in [
        (&["html"][..], "site"),
        (&["jsonl"], "jsonl"),
        (&["csv"], "csv"),
        (&["datasette"], "datasette"),
        (&["html", "--embed", "--media-url", "/media/"], "snippets"),
        (&["warc"], "all.warc.gz"),
    ] {
        ends(embalm(folder).args(["export", "-q"]).args(words).arg("--out").arg(at(name)), 0);
    }
    #[cfg(feature = "parquet")]
    columns(folder, secret);
    ends(embalm(folder).args(["export", "wacz", "-q", "--out"]).arg(at("all.wacz")), 0);
    // A package keeps its data as it is; the rest of it may be packed.
    let mut package = zip::ZipArchive::new(fs::File::open(at("all.wacz")).unwrap()).unwrap();
    for place in 0..package.len() {
        let mut entry = package.by_index(place).unwrap();
        let (name, mut bytes) = (entry.name().unwrap().into_owned(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        if name.ends_with(".gz") {
            let mut plain = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
            bytes = plain;
        }
        secret.is_not_in(&bytes, &name);
    }
    let proof = embalm(folder).args(["export", "proof", &secret.key, "--out"]).arg(at("proof.json")).output().unwrap();
    secret.is_not_in(&[proof.stdout, proof.stderr].concat(), "export proof");
    let page = format!(
        "<blockquote class=\"twitter-tweet\"><a href=\"https://x.com/i/status/{}\">on X</a></blockquote>",
        secret.key.rsplit(':').next().unwrap()
    );
    fs::write(at("page.html"), page).unwrap();
    let rewritten = embalm(folder).arg("rewrite").arg(at("page.html")).output().unwrap();
    secret.is_not_in(&rewritten.stdout, "rewrite");
    secret.is_not_under(out.path());
}

/// Every row of every table in columns, which are packed.
#[cfg(feature = "parquet")]
fn columns(folder: &Path, secret: &Secret) {
    let out = TempDir::new().unwrap();
    ends(embalm(folder).args(["export", "parquet", "-q", "--out"]).arg(out.path().join("tables")), 0);
    let mut seen = 0;
    for file in
        walkdir::WalkDir::new(out.path()).into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file())
    {
        if file.path().extension().is_none_or(|end| end != "parquet") {
            continue;
        }
        let opened = fs::File::open(file.path()).unwrap();
        let rows =
            parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(opened).unwrap().build().unwrap();
        for rows in rows {
            secret.is_not_in(format!("{:?}", rows.unwrap()).as_bytes(), &file.path().display().to_string());
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen}");
}

/// A viewer's process, ended with the value.
struct Viewer(Child, String);

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Viewer {
    fn get(&self, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.1).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.1).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    }
}

/// Every page that links lead to, with feeds and what programs ask.
fn pages(folder: &Path, secret: &Secret) {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_embalm"))
        .env_clear()
        .env("HOME", folder)
        .env("EMBALM_ARCHIVE", folder.join("test.db"))
        .args(["serve", "--port", "0", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url: url::Url = ready["url"].as_str().unwrap().parse().unwrap();
    let viewer = Viewer(child, format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()));
    let (mut seen, mut open) = (BTreeSet::from(["/".to_owned()]), vec!["/".to_owned()]);
    let word = secret.words[0].split(' ').max_by_key(|word| word.len()).unwrap();
    open.extend([format!("/search?q={word}"), format!("/api/search?q={word}"), format!("/media/{}", secret.sha256)]);
    while let Some(path) = open.pop() {
        let answer = viewer.get(&path);
        if !path.contains(word) {
            secret.is_not_in(&answer, &path);
        }
        let text = String::from_utf8_lossy(&answer);
        for part in text.split(['"', '\'', '>', '<', ' ']).filter(|part| part.starts_with('/') && part.len() > 1) {
            let path = part.replace("&amp;", "&");
            if seen.len() < 400 && !path.starts_with("//") && seen.insert(path.clone()) {
                open.push(path);
            }
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
}

/// Everything that might bring it back.
fn guards(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (articles, recording) = (root.join("fixtures/articles"), root.join("fixtures/demo.warc.gz"));
    ends(embalm(folder).args(["add", "-q"]).arg(articles).arg("--replay").arg(&recording), 0);
    ends(embalm(folder).args(["add", "-q", "--offline"]).arg(&recording), 0);
    ends(embalm(folder).args(["reparse", "-q"]), 0);
    for words in [&["recheck", "-q"][..], &["run", "-q"]] {
        let _ = embalm(folder).args(words).arg("--replay").arg(&recording).output().unwrap();
    }
}

#[test]
fn not_a_word_of_what_is_redacted_is_read_anywhere_and_nothing_brings_it_back() {
    for remove in [false, true] {
        let folder = demo();
        let secret = secret(folder.path());
        let before = folder.path().join("before.db");
        fs::copy(folder.path().join("test.db"), &before).unwrap();
        let packed = TempDir::new().unwrap();
        let package = packed.path().join("before.wacz");
        ends(embalm(folder.path()).args(["export", "wacz", "-q", "--out"]).arg(&package), 0);
        let (told, _) = ends(embalm(folder.path()).args(["show", &secret.key, "--json"]), 0);
        assert!(secret.words.iter().all(|word| told.contains(word.as_str())), "{:?} in {told}", secret.words);
        let more = if remove { &["--remove"][..] } else { &[] };
        let asked = ["redact", &secret.key, "--reason", "asked", "--json"];
        let bytes = fs::read(folder.path().join("test.db")).unwrap();
        let (would, _) = ends(embalm(folder.path()).args(asked).args(more).arg("--dry-run"), 0);
        assert!(fs::read(folder.path().join("test.db")).unwrap() == bytes, "a dry run touches nothing");
        let (done, _) = ends(embalm(folder.path()).args(asked).args(more), 0);
        let told = |line: &str| {
            let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
            record.as_object_mut().unwrap().remove("redacted_at").unwrap();
            record
        };
        assert_eq!(would.lines().map(told).collect::<Vec<_>>(), done.lines().map(told).collect::<Vec<_>>());
        let named: i64 = sql(folder.path())
            .query_row(
                "SELECT (SELECT count(*) FROM exchanges WHERE instr(lower(url || coalesce(answered_url, '') || coalesce(response_headers, '')), lower(?1)) > 0) \
                 + (SELECT count(*) FROM exchange_hops WHERE instr(lower(url || headers), lower(?1)) > 0) \
                 + (SELECT count(*) FROM looks WHERE instr(lower(coalesce(detail, '')), lower(?1)) > 0)",
                [&secret.words[2]],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(named, 0, "an address names {}", secret.words[2]);
        for round in 0..2 {
            commands(folder.path(), &secret);
            exports(folder.path(), &secret);
            pages(folder.path(), &secret);
            ends(embalm(folder.path()).args(["verify", "-q"]), 0);
            if remove {
                for name in ["test.db", "test.db-wal"] {
                    let bytes = fs::read(folder.path().join(name)).unwrap_or_default();
                    secret.is_not_in(&bytes, &format!("round {round}: {name}"));
                }
                let backup = packed.path().join(format!("backup{round}.db"));
                ends(embalm(folder.path()).args(["backup", "-q"]).arg(&backup), 0);
                assert_eq!(files_with(packed.path(), &secret.words[0]), [] as [String; 0]);
            }
            if round == 0 {
                guards(folder.path());
                ends(embalm(folder.path()).args(["add", "-q"]).arg(&package), 0);
                ends(embalm(folder.path()).args(["merge", "-q"]).arg(&before), 0);
            }
        }
        let shown = stdout(&embalm(folder.path()).args(["show", &secret.key]).output().unwrap());
        assert!(shown.contains("redacted on 20"), "{shown}");
    }
}

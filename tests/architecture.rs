//! The floors of the house: a module uses only modules of the paragraphs above its own in `src/lib.rs`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// Where a word may stand in the source: the places that own it.
const OWNED: [(&str, &[&str]); 22] = [
    ("reqwest", &["src/fetch/live"]),
    ("hyper::", &["src/serve/listen.rs"]),
    ("hyper_util", &["src/serve/listen.rs"]),
    ("h2::", &[]),
    ("socket2", &[]),
    ("TcpSocket", &[]),
    ("UnixDatagram", &[]),
    ("rustix::net", &[]),
    ("TcpStream", &["src/fetch/live"]),
    ("TcpListener", &["src/serve/listen.rs"]),
    ("axum", &["src/serve/"]),
    ("UdpSocket", &["src/fetch/live"]),
    ("UnixStream", &[]),
    ("ToSocketAddrs", &["src/fetch/live"]),
    ("lookup_host", &["src/fetch/live"]),
    ("process::Command", &["src/pipeline/media/tool.rs", "src/report/pager.rs"]),
    ("rusqlite", &["src/store/"]),
    ("print!(", &["src/report", "src/main.rs"]),
    ("println!(", &["src/report", "src/main.rs"]),
    ("io::stdout", &["src/report"]),
    ("io::stderr", &["src/report"]),
    ("clap", &["src/commands/", "src/main.rs"]),
];

/// What the pure floor may not name.
const IMPURE: [&str; 15] = [
    "tokio",
    "reqwest",
    "rusqlite",
    "std::fs",
    "std::env",
    "std::net::TcpStream",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "SystemTime::now",
    "Instant::now",
    "TimeZone::system",
];

/// The reading side: nothing in it may reach for a transport.
const READING: [&str; 18] = [
    "src/article/",
    "src/detect/",
    "src/export/",
    "src/render/",
    "src/report/",
    "src/serve/",
    "src/store/",
    "src/commands/detect.rs",
    "src/commands/export/",
    "src/commands/history.rs",
    "src/commands/list/",
    "src/commands/recognize.rs",
    "src/commands/reparse.rs",
    "src/commands/search.rs",
    "src/commands/serve.rs",
    "src/commands/rewrite.rs",
    "src/commands/show/",
    "src/commands/status.rs",
];

fn floors() -> HashMap<String, usize> {
    let map = fs::read_to_string("src/lib.rs").expect("src/lib.rs is the map");
    let mut floor = 0;
    let mut floors = HashMap::new();
    let mut inside = false;
    for line in map.lines().skip_while(|line| !line.starts_with("pub mod")) {
        if let Some(name) = line.strip_prefix("pub mod ") {
            floors.insert(name.trim_end_matches(';').to_owned(), floor);
            inside = true;
        } else if line.is_empty() && inside {
            floor += 1;
            inside = false;
        }
    }
    floors
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file without its comments and without the tests at its end. A file of tests alone has none.
fn code(path: &Path) -> String {
    if path.file_name().is_some_and(|name| name == "tests.rs") {
        return String::new();
    }
    let text = fs::read_to_string(path).expect("a source file");
    let text = match text.split_once("#[cfg(test)]\nmod tests {\n") {
        Some((code, tests)) => {
            let end = tests.find("\n}\n").map_or("", |end| &tests[end + 3..]);
            assert!(end.is_empty(), "{}: code stands behind the tests", path.display());
            code.to_owned()
        }
        None => text,
    };
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The module path of a file: `src/store/query/mod.rs` is `store`, `query`.
fn module(path: &Path) -> Vec<String> {
    let relative = path.strip_prefix("src").expect("under src").with_extension("");
    let mut names: Vec<String> = relative.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.pop_if(|name| name == "mod" || name == "lib" || name == "main");
    names
}

/// Every path that the code names, groups taken apart: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut prefixes: Vec<String> = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        if length == 0 {
            rest = &rest[c.len_utf8()..];
            match c {
                // A block, inside which paths are whole again.
                '{' => prefixes.push(String::new()),
                '}' => drop(prefixes.pop()),
                _ => {}
            }
            continue;
        }
        let word = &rest[..length];
        let outer = prefixes.last().cloned().unwrap_or_default();
        rest = &rest[length..];
        let whole = format!("{outer}{word}");
        if word.ends_with("::") && rest.starts_with('{') {
            rest = &rest[1..];
            prefixes.push(whole);
        } else {
            found.push(whole);
        }
    }
    found
}

/// The top-level module that a path names, seen from a module of this crate: by `crate`, or by enough `super`s.
fn top_level(path: &str, from: &[String]) -> Option<String> {
    let mut parts = path.split("::").peekable();
    let mut at = from.to_vec();
    match parts.peek().copied()? {
        "crate" => {
            parts.next();
            at.clear();
        }
        "super" => {
            while parts.next_if_eq(&"super").is_some() {
                at.pop()?;
            }
        }
        _ => return None,
    }
    at.extend(parts.map(str::to_owned));
    at.into_iter().next().filter(|name| !name.is_empty())
}

/// The top-level modules that a file names.
fn uses(path: &Path) -> Vec<String> {
    let from = module(path);
    paths(&code(path)).iter().filter_map(|path| top_level(path, &from)).collect()
}

#[test]
fn a_module_uses_only_lower_floors() {
    let floors = floors();
    assert!(floors.len() > 8, "the map in src/lib.rs was not understood: {floors:?}");
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let shown = path.display();
        assert!(!code(&path).contains("#[path"), "{shown}: a module stands where its file does");
        let Some(module) = module(&path).into_iter().next() else { continue };
        let Some(own) = floors.get(&module) else {
            wrong.push(format!("{shown} is on no floor: src/lib.rs has no `pub mod {module};`"));
            continue;
        };
        for used in uses(&path) {
            let Some(other) = floors.get(&used) else { continue };
            if used != module && other >= own {
                wrong.push(format!("{shown} uses {used}, which is not on a lower floor"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sockets_sql_printing_and_flags_each_have_one_owner() {
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let name = path.to_string_lossy().replace('\\', "/");
        let code = code(&path);
        for (word, owners) in OWNED {
            if code.contains(word) && !owners.iter().any(|owner| name.starts_with(owner)) {
                wrong.push(format!("{name} names {word}"));
            }
        }
        let pure = ["src/html", "src/http", "src/model", "src/platforms", "src/article", "src/source", "src/robots"];
        if pure.iter().any(|module| name.starts_with(module)) {
            for named in paths(&code) {
                let hit = IMPURE.iter().find(|word| {
                    named.match_indices(**word).any(|(at, word)| {
                        (at == 0 || named[..at].ends_with("::"))
                            && matches!(named[at + word.len()..].chars().next(), None | Some(':'))
                    })
                });
                wrong.extend(hit.map(|word| format!("{name} names {word}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reading_side_names_no_transport() {
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let name = path.to_string_lossy().replace('\\', "/");
        if !READING.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        let from = module(&path);
        wrong.extend(paths(&code(&path)).into_iter().filter_map(|named| {
            let reaches = top_level(&named, &from).is_some_and(|top| top == "fetch") || sends(&named);
            reaches.then(|| format!("{name} names {named}"))
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a path of the crate's own names something that sends requests.
fn sends(named: &str) -> bool {
    const SENDING: [&str; 4] = ["network", "Driver", "Transport", "poll"];
    let ours = ["crate::", "super::", "pipeline::"].iter().any(|start| named.starts_with(start));
    ours && named.split("::").any(|part| SENDING.contains(&part))
}

#[test]
fn the_checks_see_through_groups_and_supers() {
    let from = ["article".to_owned(), "markdown".to_owned()];
    let named = |code: &str| -> Vec<_> { paths(code).iter().filter_map(|path| top_level(path, &from)).collect() };
    assert_eq!(
        named("use crate::{\n    store::{self, Store},\n    fetch as f,\n};"),
        ["store", "store", "fetch", "as", "f"]
    );
    assert_eq!(named("fn f() { super::super::report::line() }"), ["report"]);
    assert_eq!(named("use super::{super::{fetch::live}, title};"), ["fetch", "article"]);
    assert_eq!(paths("use std::{env, fs::{self, File}};"), ["use", "std::env", "std::fs::self", "std::fs::File"]);
    assert_eq!(module(Path::new("src/store/query/mod.rs")), ["store", "query"]);
}

#[test]
fn every_file_opens_with_why_it_exists() {
    let silent: Vec<_> = sources(Path::new("src"))
        .into_iter()
        .filter(|path| !fs::read_to_string(path).expect("a source file").starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no //! opening: {silent:?}");
}

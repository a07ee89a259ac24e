//! The floors of the house: a module uses only modules of the paragraphs above its own in `src/lib.rs`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// Where a word may stand in the source: the one place that owns it.
const OWNED: [(&str, &[&str]); 7] = [
    ("reqwest::", &["src/fetch/live"]),
    ("TcpStream", &["src/fetch/live"]),
    ("UdpSocket", &["src/fetch/live"]),
    ("lookup_host", &["src/fetch/live"]),
    ("rusqlite::", &["src/store/"]),
    ("println!(", &["src/report", "src/main.rs"]),
    ("clap::", &["src/commands/", "src/main.rs"]),
];

/// What the pure floor may not name.
const IMPURE: [&str; 7] =
    ["tokio::", "reqwest::", "rusqlite::", "std::fs", "std::env", "Timestamp::now", "SystemTime::now"];

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

/// The code of a file without its comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top-level modules that a file names as `crate::x`, also inside `use crate::{a, b::c}`.
fn uses(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for after in code.split("crate::").skip(1) {
        if let Some(group) = after.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    name.push(c);
                }
            }
            found.extend(name.split(',').filter_map(|part| part.trim().split("::").next().map(str::to_owned)));
        } else {
            found.push(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn a_module_uses_only_lower_floors() {
    let floors = floors();
    assert!(floors.len() > 8, "the map in src/lib.rs was not understood: {floors:?}");
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let relative = path.strip_prefix("src").expect("under src").to_string_lossy().replace('\\', "/");
        let module = relative.split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some(own) = floors.get(&module) else { continue };
        for used in uses(&code(&path)) {
            let Some(other) = floors.get(&used) else { continue };
            if used != module && other >= own {
                wrong.push(format!("{relative} uses {used}, which is not on a lower floor"));
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
        let pure = ["src/html", "src/http", "src/model", "src/platforms", "src/article", "src/source"];
        if pure.iter().any(|module| name.starts_with(module)) {
            wrong.extend(IMPURE.iter().filter(|word| code.contains(**word)).map(|word| format!("{name} names {word}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_why_it_exists() {
    let silent: Vec<_> = sources(Path::new("src"))
        .into_iter()
        .filter(|path| !fs::read_to_string(path).expect("a source file").starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no //! opening: {silent:?}");
}

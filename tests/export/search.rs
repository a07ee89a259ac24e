//! The search of a site: what its index says, and what its script finds in it.

use crate::stage::{Stage, article, files, post};
use embalm::model::Article;
use std::{fs, path::Path, process::Command};

fn stage() -> Stage {
    let mut stage = Stage::new();
    let texts = [
        "The café closed at noon. Čapek was there.",
        "東京タワーの猫",
        "Ο ΔΡΌΜΟΣ είναι μακρύς",
        "constructor __proto__ hasOwnProperty",
        "A ferry, a café",
    ];
    for (nth, text) in texts.iter().enumerate() {
        stage.post(post(&nth.to_string(), text), &[]);
    }
    stage.article(
        "https://n.example/1",
        &Article { text: "Nothing of ships".to_owned(), ..article("The last ferry") },
        &[],
    );
    for nth in 0..700 {
        let text = format!("filler{nth} common {}", "longword".repeat(nth % 4));
        stage.post(post(&format!("{}", 1_000 + nth), &text), &[]);
    }
    stage
}

#[test]
fn the_index_is_sorted_bounded_in_files_and_nothing_but_data() {
    let stage = stage();
    stage.export_to("site");
    let files = files(&stage.out("site"));
    let index: Vec<_> = files.iter().filter(|(path, _)| path.starts_with("assets/search/")).collect();
    assert!(index.len() > 3);
    let mut words = Vec::new();
    for (path, bytes) in index {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.len() < 400_000, "{path}");
        if let Some(rest) = text.strip_prefix("embalmSearch.words(") {
            let json = rest.split_once(", ").unwrap().1.strip_suffix(");\n").unwrap();
            let lines: String = serde_json::from_str(json).unwrap();
            words.extend(lines.lines().map(|line| line.split_once(' ').unwrap().0.to_owned()));
        }
    }
    assert!(words.is_sorted() && words.contains(&"cafe".to_owned()) && words.contains(&"東京".to_owned()));
}

/// Runs the site's own script, where there is a Node to run it, and gives the pages that it finds.
fn found(site: &Path, query: &str) -> Option<Vec<String>> {
    let out = Command::new("node").arg("tests/export/search_in_node.js").arg(site).arg(query).output().ok()?;
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

#[test]
fn the_script_finds_what_the_index_holds() {
    let stage = stage();
    stage.export_to("site");
    let site = stage.out("site");
    let page = |nth: usize| format!("post/twitter/{nth}.html");
    if found(&site, "x").is_none() {
        println!("no node here: the search script was not run");
        return;
    }
    let all = |query: &str| found(&site, query).unwrap();
    for (query, pages) in [
        ("CAFE closed", vec![page(0)]),
        ("čapek", vec![page(0)]),
        ("capek noo", vec![page(0)]),
        ("東京", vec![page(1)]),
        ("猫", vec![page(1)]),
        ("タワー", vec![page(1)]),
        ("δρομος", vec![page(2)]),
        ("__proto__", vec![page(3)]),
        ("constructor", vec![page(3)]),
        ("filler69 common nothing", vec![]),
        ("nothing-like-this-anywhere", vec![]),
        ("<img src=x>", vec![]),
    ] {
        assert_eq!(all(query), pages, "{query}");
    }
    // A title counts more than words of a text.
    assert_eq!(all("ferry")[0], "article/1.html");
    assert_eq!(all("filler12").len(), 11, "a word and those that begin with it");
    assert_eq!(all("common").len(), 20, "as many as are shown at first");
    assert!(fs::read_to_string(site.join("assets/search.js")).unwrap().find("innerHTML").is_none());
}

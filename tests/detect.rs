//! Detection over pages: our own cases, and, where the shared folder is there, real labelled pages.

mod corpus;

use embalm::{
    article::{Kind, Page},
    detect,
    model::EmbedRecord,
};
use std::{env, fs, path::Path};

/// The records of a document, as `embalm detect --json` would print them.
fn records(kind: Kind, name: &str, bytes: &[u8]) -> Vec<EmbedRecord> {
    let page = Page::new(kind, name, None, bytes, None);
    detect::embeds(&page).iter().map(|embed| EmbedRecord::new(name, embed)).collect()
}

fn kind(name: &str) -> Option<Kind> {
    match Path::new(name).extension()?.to_str()? {
        "html" => Some(Kind::Html),
        "md" => Some(Kind::Markdown),
        "txt" => Some(Kind::Text),
        _ => None,
    }
}

/// `EMBALM_BLESS` writes what is found as what is expected, to be read before it is kept.
#[test]
fn every_case_gives_its_records() {
    let folder = Path::new("fixtures/cases/detect");
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for name in names {
        let Some(kind) = kind(&name) else { continue };
        cases += 1;
        let path = folder.join(&name);
        let found = records(kind, &name, &fs::read(&path).expect("a case"));
        if env::var_os("EMBALM_BLESS").is_some() {
            let lines = found.iter().map(|one| serde_json::to_string(one).expect("a record") + "\n");
            fs::write(path.with_extension("jsonl"), lines.collect::<String>()).expect("a folder to write to");
        }
        let expected = fs::read_to_string(path.with_extension("jsonl")).expect("a case's records");
        let expected: Vec<EmbedRecord> =
            expected.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
        let lines = |records: &[EmbedRecord]| {
            records
                .iter()
                .map(|record| EmbedRecord { article: String::new(), url: None, ..record.clone() })
                .map(|record| serde_json::to_string(&record).expect("a record"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        if lines(&found) != lines(&expected) {
            let printed: Vec<_> = found.iter().map(|one| serde_json::to_string(one).expect("a record")).collect();
            wrong.push(format!("{name}: expected\n{}\nfound\n{}", lines(&expected), printed.join("\n")));
        }
    }
    assert!(cases > 0, "no cases");
    assert!(wrong.is_empty(), "{} of {cases} cases differ\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn labelled_pages_are_read_as_people_read_them() {
    let Some(score) = corpus::score(records) else {
        println!("no shared corpus beside the repository: skipped");
        return;
    };
    println!("{score}");
    assert!(score.recall() >= 0.97, "recall {:.3}", score.recall());
    assert!(score.precision() >= 0.97, "precision {:.3}", score.precision());
    assert!(score.flattened() >= 0.93, "flattened {:.3}", score.flattened());
}

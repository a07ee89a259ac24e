//! `embalm export jsonl|csv` as a user runs it.

use crate::archive::{embalm, ends, folder, sql};
use embalm::store::TABLES;
use serde_json::Value;
use std::{collections::BTreeMap, fs, io::Read as _, path::Path};
use tempfile::TempDir;

fn export(arguments: &[&str], code: i32) -> (String, String) {
    ends(embalm(folder()).arg("export").args(arguments), code)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn table(name: &str, more: &[&str]) -> Vec<Value> {
    lines(&export(&[&["jsonl", "--table", name, "--out", "-"], more].concat(), 0).0)
}

fn count(table: &str) -> usize {
    let count: i64 = sql().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

#[test]
fn every_table_is_a_file_with_all_rows_in_the_order_of_their_time() {
    let out = TempDir::new().unwrap();
    let (told, _) = export(&["jsonl", "--json", "--out", out.path().to_str().unwrap()], 0);
    let told = lines(&told);
    assert_eq!(told.len(), TABLES.len());
    for (file, table) in told.iter().zip(TABLES) {
        let path = out.path().join(format!("{}.jsonl", table.name));
        assert_eq!(file["path"], path.to_str().unwrap());
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            (file["rows"].as_u64().unwrap() as usize, file["bytes"].as_u64().unwrap() as usize),
            (count(table.name), text.len())
        );
        let rows = lines(&text);
        let mut times: Vec<_> = rows.iter().map(|row| row[table.time].as_str().unwrap_or_default()).collect();
        assert!(times.is_sorted() && times.pop().is_some(), "{}", table.name);
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), TABLES.len(), "nothing else is left there");
}

#[test]
fn two_exports_of_one_archive_are_equal_to_the_byte() {
    let out = TempDir::new().unwrap();
    for form in ["jsonl", "csv"] {
        let place = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
        export(&[form, "--out", &place("one")], 0);
        export(&[form, "--out", &place("two")], 0);
        for table in TABLES {
            let read = |name: &str| fs::read(out.path().join(name).join(format!("{}.{form}", table.name))).unwrap();
            assert!(read("one") == read("two"), "{}", table.name);
        }
    }
}

#[test]
fn what_the_lists_say_too_is_said_in_the_same_words() {
    for (what, name, key) in
        [("posts", "posts", "key"), ("articles", "articles", "id"), ("media", "media_files", "url")]
    {
        let listed = lines(&ends(embalm(folder()).args(["list", what, "--json"]), 0).0);
        let rows: BTreeMap<_, _> = table(name, &[]).into_iter().map(|row| (row[key].to_string(), row)).collect();
        assert!(!listed.is_empty());
        for record in listed {
            let row = &rows[&record[key].to_string()];
            for (field, value) in record.as_object().unwrap() {
                assert_eq!(row.get(field), Some(value), "{what} {field}");
            }
        }
    }
}

#[test]
fn the_filters_of_lists_choose_posts_and_articles_and_all_else_follows() {
    for filter in [
        &["--platform", "mastodon"][..],
        &["--state", "deleted"],
        &["--since", "2026-12-01"],
        &["--site", "riverside-courier.example", "--lang", "en"],
        &["--author", "ferry"],
        &["--via", "quoted"],
    ] {
        let listed = |what: &str| {
            let mut keys: Vec<_> = lines(&ends(embalm(folder()).args(["list", what, "--json"]).args(filter), 0).0)
                .iter()
                .map(|record| record["key"].as_str().map_or_else(|| record["id"].to_string(), str::to_owned))
                .collect();
            keys.sort();
            keys
        };
        let mut posts: Vec<_> =
            table("posts", filter).iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
        posts.sort();
        assert_eq!(posts, listed("posts"), "{filter:?}");
        let mut articles: Vec<_> = table("articles", filter).iter().map(|row| row["id"].to_string()).collect();
        articles.sort();
        assert_eq!(articles, listed("articles"), "{filter:?}");
        for name in ["embeds", "snapshots", "media_files", "looks"] {
            for row in table(name, filter) {
                assert!(posts.contains(&row["post"].as_str().unwrap().to_owned()), "{name} {filter:?}");
            }
        }
        for row in table("article_versions", filter).iter().chain(&table("embeds", filter)) {
            assert!(articles.contains(&row["article"].to_string()), "{filter:?}");
        }
    }
    assert_eq!((table("posts", &["--limit", "3"]).len(), table("articles", &["--limit", "3"]).len()), (3, 3));
}

#[test]
fn a_target_brings_what_belongs_to_it() {
    let post = "twitter:1804615623005327362";
    let rows = |name: &str| table(name, &[post]);
    assert_eq!((rows("posts").len(), rows("snapshots").len(), rows("looks").len()), (1, 3, 3));
    assert_eq!(rows("embeds").len(), rows("articles").len());
    let name = "https://riverside-courier.example/2026/12/ferry/";
    let of_article = |table_name: &str| table(table_name, &[name]).len();
    assert_eq!(
        (of_article("articles"), of_article("article_versions"), of_article("embeds"), of_article("posts")),
        (1, 2, 4, 2)
    );
    let (_, said) = export(&["jsonl", "nowhere", "--table", "posts", "--out", "-"], 1);
    assert!(said.contains("nowhere is not in the archive"), "{said}");
}

fn csv_rows(bytes: &[u8]) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(bytes).records().map(Result::unwrap).collect()
}

#[test]
fn csv_reads_back_as_json_lines_do() {
    let (text, _) = export(&["csv", "--table", "posts", "--out", "-"], 0);
    assert!(text.starts_with("key,platform,") && text.lines().count() > 10 && text.contains("\r\n"));
    let header = csv::Reader::from_reader(text.as_bytes()).headers().unwrap().clone();
    let rows = table("posts", &[]);
    let read = csv_rows(text.as_bytes());
    assert_eq!(read.len(), rows.len());
    for (cells, row) in read.iter().zip(rows) {
        for (name, cell) in header.iter().zip(cells) {
            let expected = match &row[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let same = cell == expected || serde_json::from_str::<Value>(cell).is_ok_and(|value| value == row[name]);
            assert!(same, "{name}: {cell}");
        }
    }
}

#[test]
fn a_spreadsheet_runs_nothing_of_it() {
    let (plain, _) = export(&["csv", "--table", "posts", "--author", "ferry", "--out", "-"], 0);
    assert!(plain.contains("\"=HYPERLINK(\"\"https://example.com\"\")"), "{plain}");
    let out = TempDir::new().unwrap();
    let path = out.path().join("posts.csv");
    export(&["csv", "--spreadsheet", "--table", "posts", "--out", path.to_str().unwrap()], 0);
    let mut bytes = Vec::new();
    fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").expect("it is marked as UTF-8");
    let cells: Vec<_> = csv_rows(text).iter().flatten().map(str::to_owned).collect();
    assert!(cells.iter().any(|cell| cell.starts_with("'=HYPERLINK")));
    assert!(cells.iter().any(|cell| cell == "'1804615623005327362"), "an id is not rounded");
    assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
}

#[test]
fn wrong_usage_writes_nothing_and_says_what_is_right() {
    let out = TempDir::new().unwrap();
    let file = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(out.path().join("taken.jsonl")).unwrap();
    for (arguments, word) in [
        (vec!["jsonl", "--out", "-"], "one table"),
        (vec!["csv", "--out", &file("all.csv")], "name one with --table"),
        (vec!["jsonl", "--sort", "published", "--out", &file("x")], "order of their time"),
        (vec!["jsonl", "1", "--platform", "mastodon", "--out", &file("x")], "not both"),
        (vec!["jsonl", "--table", "tweets", "--out", "-"], "article_versions"),
        (vec!["jsonl", "--table", "posts", "--out", &file("taken.jsonl")], "is not empty"),
    ] {
        let (said, told) = export(&arguments, 2);
        assert!(said.is_empty() && told.contains(word), "{arguments:?}: {told}");
    }
    assert!(!Path::new(&file("x")).exists());
    if !cfg!(feature = "parquet") {
        let (_, told) = export(&["parquet", "--out", &file("x")], 2);
        assert!(told.contains("--features parquet"), "{told}");
    }
}

#[test]
fn an_export_replaces_an_earlier_one_and_leaves_other_files_alone() {
    let out = TempDir::new().unwrap();
    fs::write(out.path().join("mine.txt"), "mine").unwrap();
    fs::write(out.path().join("posts.jsonl"), "old").unwrap();
    export(&["jsonl", "--table", "posts", "--out", out.path().join("posts.jsonl").to_str().unwrap()], 0);
    export(&["jsonl", "--table", "runs", "--out", out.path().to_str().unwrap()], 0);
    assert_eq!(fs::read_to_string(out.path().join("posts.jsonl")).unwrap().lines().count(), count("posts"));
    assert_eq!(fs::read_to_string(out.path().join("mine.txt")).unwrap(), "mine");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 3);
}

/// Whoever reads goes away at once, or has no room.
struct Ends(std::io::ErrorKind);

impl std::io::Write for Ends {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_pipe_that_closes_early_and_a_full_disk_are_told_apart() {
    use embalm::{
        export::{self, ExportError, TableForm},
        store::{Store, TableChoice},
    };
    use std::io::ErrorKind;
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    ends(embalm(self::folder()).args(["backup", copy.to_str().unwrap()]), 0);
    let store = Store::open_read_only_aside(&copy).unwrap();
    for form in [TableForm::Jsonl, TableForm::Csv { spreadsheet: false }] {
        for table in TABLES {
            let ended = |kind| export::table_stream(&store, &TableChoice::default(), table, form, &mut Ends(kind));
            let closed = ended(ErrorKind::BrokenPipe);
            let is_closed = |source: &std::io::Error| source.kind() == ErrorKind::BrokenPipe;
            assert!(matches!(&closed, Err(ExportError::Write { source, .. }) if is_closed(source)), "{closed:?}");
            let full = ended(ErrorKind::StorageFull);
            assert!(matches!(full, Err(ExportError::Full { .. })), "{}: {full:?}", table.name);
        }
    }
}

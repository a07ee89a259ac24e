//! The documentation says what there is: every column of every table, and queries that answer.

use crate::archive::sql;
use embalm::store::TABLES;
use std::fs;

#[test]
fn the_page_of_tables_names_every_column_in_its_order_with_its_type() {
    let page = fs::read_to_string("docs/tables.md").unwrap();
    let mut documented = Vec::new();
    for table in page.split("\n### ").skip(1) {
        for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| column ")) {
            let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
            assert!(cells.len() == 3 && !cells[2].is_empty(), "{row}");
            documented.push(format!("{}.{} {}", table.lines().next().unwrap(), cells[0], cells[1]));
        }
    }
    let mut real = Vec::new();
    for table in TABLES {
        for column in table.columns {
            let or_none = if column.optional { ", or none" } else { "" };
            real.push(format!("{}.{} {}{or_none}", table.name, column.name, column.kind.as_str()));
        }
    }
    assert_eq!(documented, real);
}

/// The queries of a page, by their headings.
fn queries(page: &str) -> Vec<(String, String)> {
    let page = fs::read_to_string(page).unwrap();
    let asked = page.split("\n### ").skip(1).filter_map(|section| {
        let sql = section.split("```sql\n").nth(1)?.split("```").next()?;
        Some((section.lines().next()?.to_owned(), sql.to_owned()))
    });
    asked.collect()
}

fn rows(query: &str) -> usize {
    let sql = sql();
    let mut statement = sql.prepare(query.trim().trim_end_matches(';')).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        assert!(row.get_ref(0).is_ok());
        count += 1;
    }
    count
}

#[test]
fn every_query_of_the_page_answers() {
    let queries = queries("docs/queries.md");
    assert!(queries.len() >= 25, "{}", queries.len());
    let silent: Vec<_> = queries.iter().filter(|(_, sql)| rows(sql) == 0).map(|(title, _)| title).collect();
    assert!(silent.is_empty(), "without an answer: {silent:#?}");
}

#[test]
fn every_view_has_rows_in_an_archive_in_which_most_things_have_happened() {
    let sql = sql();
    let mut views = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").unwrap();
    let views: Vec<String> = views.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    // The demonstration's source has no labels, and nothing in it is redacted.
    let silent: Vec<_> = views.iter().filter(|view| rows(&format!("SELECT * FROM {view}")) == 0).collect();
    assert_eq!(silent, ["article_labels", "redacted"]);
}

#[test]
fn what_is_asked_of_one_post_is_found_by_its_key_at_any_size() {
    let sql = sql();
    for view in ["latest_posts", "embedded_posts", "post_timeline", "post_edits", "post_articles", "media_files"] {
        let plan = format!("EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE key = 'twitter:1'");
        let mut steps = sql.prepare(&plan).unwrap();
        let steps: Vec<String> = steps.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let scans: Vec<_> = steps
            .iter()
            .filter(|step| (step.starts_with("SCAN") && !step.ends_with(view)) || step.contains("AUTOMATIC"))
            .collect();
        assert!(scans.is_empty(), "{view}: {scans:?}");
    }
}

//! `docs/schema.md` is the schema: every table, view and column, in its order, and nothing else.

use crate::desk::Desk;
use std::fmt::Write as _;

/// Tables and views with their columns, as the page has them: `name(column TYPE, ...)`, of views without types.
fn documented() -> Vec<String> {
    let page = std::fs::read_to_string("docs/schema.md").unwrap();
    let mut found: Vec<String> = Vec::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            found.push(name.to_owned());
        } else if let Some(row) = line.strip_prefix("| ") {
            let cells: Vec<_> = row.trim_end_matches('|').split(" | ").map(str::trim).collect();
            let Some(entry) = found.last_mut().filter(|_| cells[0] != "column") else { continue };
            assert!(!cells.last().unwrap().is_empty(), "{entry}.{} means nothing", cells[0]);
            write!(entry, " {}:{}", cells[0], if cells.len() == 3 { cells[1] } else { "" }).unwrap();
        }
    }
    found.sort();
    found
}

fn real(desk: &Desk) -> Vec<String> {
    let sql = desk.sql();
    let mut tables = sql
        .prepare(
            "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )
        .unwrap();
    let tables: Vec<(String, String)> =
        tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut found = Vec::new();
    for (name, kind) in tables {
        let mut entry = name.clone();
        let mut columns =
            sql.prepare("SELECT name, type FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid").unwrap();
        let mut columns = columns.query([&name]).unwrap();
        while let Some(column) = columns.next().unwrap() {
            let (column, kind_of): (String, String) = (column.get(0).unwrap(), column.get(1).unwrap());
            let kind_of = kind_of.split_whitespace().next().unwrap_or_default();
            write!(entry, " {column}:{}", if kind == "view" { "" } else { kind_of }).unwrap();
        }
        found.push(entry);
    }
    found.sort();
    found
}

#[test]
fn the_schema_page_names_every_table_view_and_column() {
    let desk = Desk::new();
    assert_eq!(documented(), real(&desk));
}

#[test]
fn the_queries_of_the_schema_page_run() {
    let desk = Desk::new();
    let page = std::fs::read_to_string("docs/schema.md").unwrap();
    let blocks: Vec<_> =
        page.split("```sql\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect();
    let mut ran = 0;
    for query in blocks.iter().flat_map(|block| block.split(';')).filter(|query| query.contains("SELECT")) {
        desk.sql().prepare(query).unwrap().query([]).unwrap().next().unwrap();
        ran += 1;
    }
    assert!(ran >= 4 + blocks.len() - 1);
}

#[test]
fn every_view_has_an_example_that_asks_it() {
    let page = std::fs::read_to_string("docs/schema.md").unwrap();
    let views: Vec<_> = page.split("\n## Views\n").nth(1).unwrap().split("\n### ").skip(1).collect();
    assert!(views.len() > 20);
    for view in views {
        let name = view.lines().next().unwrap();
        let examples: Vec<_> = view.split("```sql\n").skip(1).collect();
        assert_eq!(examples.len(), 1, "{name}");
        assert!(examples[0].contains(&format!("FROM {name}")), "the example of {name} asks something else");
    }
}

#[test]
fn every_view_can_be_read_without_trusting_the_schema() {
    let desk = Desk::new();
    let sql = desk.sql();
    sql.execute_batch("PRAGMA trusted_schema = OFF").unwrap();
    let mut views = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").unwrap();
    let views: Vec<String> = views.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(views.len() > 8);
    for view in views {
        sql.prepare(&format!("SELECT * FROM {view}")).unwrap().query([]).unwrap().next().unwrap();
    }
}

//! What Datasette shows beside an archive (<https://docs.datasette.io/en/stable/metadata.html>): what every table, view and
//! column means, where to search, what to group by, and ready-made queries. All of it is the documentation's own text.

use serde_json::{Map, Value, json};

const SCHEMA: &str = include_str!("../../docs/schema.md");
const QUERIES: &str = include_str!("../../docs/queries.md");

/// Where a search in a list looks: the list, its full-text index, the column that has the index's row numbers.
const SEARCHED: [(&str, &str, &str); 4] = [
    ("latest_posts", "posts_fts", "id"),
    ("posts", "posts_fts", "id"),
    ("vanished_posts", "posts_fts", "id"),
    ("embedded_posts", "articles_fts", "article"),
];

/// What lists are grouped by when they are opened.
const GROUPED: [(&str, &[&str]); 6] = [
    ("latest_posts", &["platform", "state", "via", "lang"]),
    ("vanished_posts", &["platform", "state"]),
    ("embedded_posts", &["site", "platform", "stands"]),
    ("media_files", &["kind", "mime"]),
    ("failures", &["what", "reason", "platform"]),
    ("authors", &["platform"]),
];

/// The metadata of an archive that Datasette knows by the name `database`: its file's, without the ending.
#[must_use]
pub fn datasette_metadata(database: &str) -> Value {
    let mut tables = Map::new();
    for (name, what, columns) in sections(SCHEMA).map(described) {
        let mut table = Map::from_iter([("description".to_owned(), json!(what))]);
        if !columns.is_empty() {
            table.insert("columns".to_owned(), Value::Object(columns));
        }
        if let Some((_, index, id)) = SEARCHED.iter().find(|(list, _, _)| *list == name) {
            table.insert("fts_table".to_owned(), json!(index));
            table.insert("fts_pk".to_owned(), json!(id));
        }
        if let Some((_, facets)) = GROUPED.iter().find(|(list, _)| *list == name) {
            table.insert("facets".to_owned(), json!(facets));
        }
        tables.insert(name.to_owned(), Value::Object(table));
    }
    let queries: Map<_, _> = sections(QUERIES).filter_map(query).collect();
    let about = json!({"description": "Social posts that articles embed, as embalm captured them.", "tables": tables, "queries": queries});
    json!({"title": "embalm", "databases": {database: about}})
}

/// The parts of a page under headings of the third rank.
fn sections(page: &'static str) -> impl Iterator<Item = &'static str> {
    page.split("\n### ").skip(1)
}

/// A table's name, what it is, and what its columns mean.
fn described(section: &str) -> (&str, String, Map<String, Value>) {
    let mut lines = section.lines();
    let name = lines.next().unwrap_or_default();
    let mut what = Vec::new();
    let mut columns = Map::new();
    for line in lines.take_while(|line| !line.starts_with("```") && !line.starts_with("## ")) {
        match line.strip_prefix("| ") {
            Some(row) => {
                let mut cells = row.trim_end_matches(['|', ' ']).split(" | ");
                if let (Some(column), Some(meaning)) = (cells.next().filter(|name| *name != "column"), cells.last()) {
                    columns.insert(column.to_owned(), json!(plain(meaning)));
                }
            }
            None if columns.is_empty() && !line.starts_with('|') => what.push(line),
            None => {}
        }
    }
    (name, plain(what.join(" ").trim()), columns)
}

/// A query by a name that can stand in an address, with its heading as its title.
fn query(section: &str) -> Option<(String, Value)> {
    let title = section.lines().next()?;
    let sql = section.split("```sql\n").nth(1)?.split("```").next()?;
    let name: String = title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    Some((name, json!({"title": title, "sql": sql.trim().trim_end_matches(';')})))
}

/// Datasette shows plain text.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_described_and_every_query_has_a_name_of_its_own() {
        let metadata = datasette_metadata("embalm");
        let about = &metadata["databases"]["embalm"];
        let (tables, queries) = (about["tables"].as_object().unwrap(), about["queries"].as_object().unwrap());
        assert!(tables.len() > 40 && tables.values().all(|table| !table["description"].as_str().unwrap().is_empty()));
        assert_eq!(tables["posts"]["columns"]["platform"], "such as twitter");
        assert_eq!(tables["posts_fts"]["columns"]["alt"], "the descriptions of its files");
        assert!(GROUPED.iter().all(|(list, _)| tables.contains_key(*list)));
        assert!(SEARCHED.iter().all(|(list, index, _)| tables.contains_key(*list) && tables.contains_key(*index)));
        assert_eq!(queries.len(), sections(QUERIES).filter(|section| section.contains("```sql")).count());
        assert!(queries.contains_key("how-much-of-each-site-is-gone"), "{:?}", queries.keys());
    }
}

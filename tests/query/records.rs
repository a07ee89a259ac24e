//! The fields of records: what scripts rely on stands in `records/`, a case a file.

use super::{demonstration, prints};
use serde_json::Value;
use std::{collections::BTreeSet, fs};

fn names(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn json_lines_and_csv_have_the_fields_that_scripts_rely_on() {
    let folder = demonstration();
    let mut cases = 0;
    for entry in fs::read_dir("tests/query/records").unwrap() {
        let path = entry.unwrap().path();
        let shown = path.display();
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let command = names(&case["command"]);
        let with = |form: &str| {
            let mut args: Vec<&str> = command.iter().map(String::as_str).collect();
            args.push(form);
            prints(folder.path(), &args)
        };
        if let Some(csv) = case.get("csv") {
            let text = with("--csv");
            assert_eq!(text.lines().next().unwrap(), names(csv).join(","), "{shown}");
            assert!(text.contains("\r\n"), "{shown}: RFC 4180 ends lines so");
        }
        if let Some(fields) = case.get("json") {
            let fields: BTreeSet<String> = names(fields).into_iter().collect();
            let optional: BTreeSet<String> = names(&case["optional"]).into_iter().collect();
            let text = with("--json");
            assert!(!text.is_empty() || case["empty"] == true, "{shown}: nothing to hold the fields against");
            for line in text.lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let found: BTreeSet<String> = record.as_object().unwrap().keys().cloned().collect();
                let missing: Vec<_> = fields.difference(&found).collect();
                let unknown: Vec<_> =
                    found.iter().filter(|name| !fields.contains(*name) && !optional.contains(*name)).collect();
                assert!(missing.is_empty() && unknown.is_empty(), "{shown}: missing {missing:?}, unknown {unknown:?}");
            }
        }
        cases += 1;
    }
    assert!(cases >= 9, "{cases}");
}

#[test]
fn a_list_is_the_same_whichever_way_it_is_printed() {
    let folder = demonstration();
    for what in ["articles", "posts", "media"] {
        let json = prints(folder.path(), &["list", what, "--json"]).lines().count();
        let table = prints(folder.path(), &["list", what]).lines().count();
        assert_eq!(json + 1, table, "{what}: a line a record, and one of names");
    }
}

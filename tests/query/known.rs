//! Do I have this already?

use super::{binary::embalm, demonstration, ends};
use serde_json::Value;

const KNOWN: &str = "https://twitter.com/RiverGamesCQ/status/1822728575613931527?s=20";
const UNKNOWN: &str = "https://x.com/nobody/status/20";

#[test]
fn the_exit_code_answers_quietly() {
    let folder = demonstration();
    for (targets, code) in [(&[KNOWN][..], 0), (&["1"], 0), (&[UNKNOWN], 1), (&[KNOWN, UNKNOWN], 1), (&["99"], 1)] {
        let said = ends(embalm(folder.path()).args(["show", "--known", "-q"]).args(targets), code);
        assert_eq!(said, (String::new(), String::new()), "{targets:?}");
    }
}

#[test]
fn urls_on_stdin_are_answered_one_by_one_in_their_order() {
    let folder = demonstration();
    let asked = format!("{KNOWN}\n\n{UNKNOWN}\n1\nhttps://news.example/never-seen\n");
    let (out, _) = ends(embalm(folder.path()).args(["show", "--known", "-", "--json"]).write_stdin(asked), 1);
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known: Vec<_> = answers.iter().map(|answer| answer["known"].as_bool().unwrap()).collect();
    assert_eq!(known, [true, false, true, false]);
    assert_eq!((&answers[0]["target"], &answers[0]["what"]), (&KNOWN.into(), &"post".into()));
    assert_eq!((&answers[0]["key"], &answers[0]["kept"]), (&"twitter:1822728575613931527".into(), &true.into()));
    assert_eq!((&answers[2]["what"], &answers[2]["id"]), (&"article".into(), &1.into()));
    assert_eq!(answers[1]["state"], Value::Null);
}

#[test]
fn a_reader_that_has_enough_closes_the_pipe_and_that_is_success() {
    let folder = demonstration();
    for args in ["list posts --json", "list posts", "list posts --csv", "show 1", "status", "man"] {
        let command = format!("set -o pipefail; {} {args} | true", env!("CARGO_BIN_EXE_embalm"));
        let mut bash = assert_cmd::Command::new("bash");
        bash.env_clear().env("EMBALM_ARCHIVE", folder.path().join("test.db")).env("HOME", folder.path());
        let (_, err) = ends(bash.args(["-c", &command]), 0);
        assert!(err.is_empty(), "{args}: {err}");
    }
}

//! On a terminal: tables that fit, times as seen from now, a pager for what is long.

use super::{binary::embalm, demonstration, ends};
use std::{fs, path::Path};

/// What a command shows on a terminal of so many columns, as `script` records it; none where there is no `script`.
fn on_a_terminal(folder: &Path, columns: usize, variables: &[(&str, &str)], command: &str) -> Option<String> {
    let recording = folder.join("typescript");
    let command = format!("stty cols {columns} rows 24; {} {command}", env!("CARGO_BIN_EXE_embalm"));
    let mut script = assert_cmd::Command::new("script");
    script
        .env_clear()
        .envs(variables.iter().copied())
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .env("TERM", "xterm");
    script
        .env("EMBALM_ARCHIVE", folder.join("test.db"))
        .args(["-q", "-e", "-E", "never", "-c", &command])
        .arg(&recording);
    let output = script.write_stdin("").output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&recording).expect("what was recorded");
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && !line.starts_with("Script "));
    Some(lines.map(|line| line.to_owned() + "\n").collect())
}

/// The text without colours.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut pieces = text.split("\u{1b}[");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push_str(piece.split_once('m').map_or("", |(_, rest)| rest));
    }
    out
}

#[test]
fn tables_fit_any_terminal() {
    let folder = demonstration();
    for columns in [40, 57, 80, 120, 250] {
        for command in ["list posts", "list articles", "list media", "list runs", "list platforms", "status", "show 1"]
        {
            let Some(shown) = on_a_terminal(folder.path(), columns, &[("EMBALM_PAGER", "")], command) else {
                println!("`script` is not there: nothing was shown on a terminal");
                return;
            };
            let shown = plain(&shown);
            // Addresses are left whole, for they are copied; `status` is prose.
            let fits = |line: &&str| command != "status" && !line.contains("://");
            for line in shown.lines().filter(fits) {
                let width = embalm::report::width(line);
                assert!(width <= columns, "{command} in {columns} columns, {width}: {line:?}");
            }
            assert!(shown.lines().count() >= 2, "{command}: {shown}");
        }
    }
}

#[test]
fn long_output_goes_through_the_pager_and_only_on_a_terminal() {
    let folder = demonstration();
    let pager = [("EMBALM_PAGER", "sed s/^/PAGED:/"), ("PAGER", "false")];
    let Some(shown) = on_a_terminal(folder.path(), 80, &pager, "list posts") else {
        println!("`script` is not there: nothing was shown on a terminal");
        return;
    };
    assert!(shown.lines().all(|line| line.starts_with("PAGED:")), "{shown}");
    for (variables, command) in [
        (&pager[..], "--no-pager list posts"),
        (&[("EMBALM_PAGER", "cat"), ("PAGER", "false")], "list posts"),
        (&[("PAGER", "no-such-pager")], "list posts"),
        (&[("PAGER", "head -1 | sed s/^/x/ >&2; cat > /dev/null; true")], "--no-pager show 1"),
    ] {
        let shown = on_a_terminal(folder.path(), 80, variables, command).unwrap();
        assert!(!shown.contains("PAGED:") && shown.lines().count() > 5, "{command}: {shown}");
    }
    // A pager that its reader leaves at once is a success.
    assert!(on_a_terminal(folder.path(), 80, &[("PAGER", "true")], "list posts").is_some());
    let mut piped = embalm(folder.path());
    piped.env("EMBALM_PAGER", "sed s/^/PAGED:/").args(["list", "posts"]);
    assert!(!ends(&mut piped, 0).0.contains("PAGED:"));
}

#[test]
fn times_are_seen_from_now_on_a_terminal_and_exact_elsewhere() {
    let folder = demonstration();
    let piped = ends(embalm(folder.path()).args(["list", "runs"]), 0).0;
    assert!(piped.contains("Z ") && !piped.contains("just now"), "{piped}");
    if let Some(shown) = on_a_terminal(folder.path(), 120, &[("EMBALM_PAGER", "")], "list runs") {
        assert!(plain(&shown).contains("just now"), "{shown}");
    }
}

#[test]
fn colours_are_asked_for_or_not() {
    let folder = demonstration();
    let Some(shown) = on_a_terminal(folder.path(), 80, &[("EMBALM_PAGER", "")], "list runs") else { return };
    assert!(shown.contains("\u{1b}[32mdone"), "{shown}");
    let shown = on_a_terminal(folder.path(), 80, &[("EMBALM_PAGER", ""), ("NO_COLOR", "1")], "list runs").unwrap();
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

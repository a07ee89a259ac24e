//! Completions as shells ask for them: the real Bash always, zsh and fish where they are.

use super::{binary::embalm, demonstration, ends};
use std::{path::Path, process::Command};
use tempfile::TempDir;

/// What Bash completes a line to, asked as it asks: by the function that the script registers.
fn bash(folder: &Path, line: &str) -> Vec<String> {
    let script = r#"
source <(embalm completions bash)
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
# Words as Readline breaks them: at white space, and around = and :.
words=$(printf '%s' "$1" | sed -E 's/([=:])/ \1 /g')
read -ra COMP_WORDS <<< "$words"
[[ $1 == *[[:space:]] ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_embalm embalm "${COMP_WORDS[COMP_CWORD]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;
    let bin = Path::new(env!("CARGO_BIN_EXE_embalm")).parent().expect("a program stands in a folder").to_owned();
    let mut bash = assert_cmd::Command::new("bash");
    bash.env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("HOME", folder)
        .env("EMBALM_ARCHIVE", folder.join("test.db"))
        .current_dir(folder)
        .args(["--norc", "-c", script, "bash", line]);
    let (out, err) = ends(&mut bash, 0);
    assert!(err.is_empty(), "{line}: {err}");
    out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_what_is_in_the_archive() {
    let folder = demonstration();
    let completed = |line: &str| bash(folder.path(), line);
    assert_eq!(completed("embalm sho"), ["show"]);
    assert!(completed("embalm list ").contains(&"failures".to_owned()));
    assert_eq!(completed("embalm list posts --platform tw"), ["twitter", "twitch"]);
    assert_eq!(completed("embalm list posts --platform=twitt"), ["twitter"]);
    assert_eq!(completed("embalm list posts --state dele"), ["deleted"]);
    assert_eq!(completed("embalm list posts --via synd"), ["syndication"]);
    assert_eq!(completed("embalm list posts --author @Riv"), ["@RiverGamesCQ"]);
    assert_eq!(completed("embalm list posts --author riv"), ["RiverGamesCQ"]);
    assert_eq!(completed("embalm show twitter:18227"), ["1822728575613931527"], "the colon stands already");
    assert!(completed("embalm show ").iter().any(|word| word.starts_with("twitter:")));
    assert_eq!(completed("embalm completions fi"), ["fish"]);
}

#[test]
fn what_cannot_be_completed_is_silence() {
    let folder = TempDir::new().unwrap();
    assert!(bash(folder.path(), "embalm show twitter:1").is_empty(), "there is no archive");
    std::fs::write(folder.path().join("test.db"), "no archive at all ".repeat(500)).unwrap();
    assert!(bash(folder.path(), "embalm list posts --author a").is_empty());
    assert!(bash(folder.path(), "embalm list posts --site ").is_empty());
}

#[test]
fn each_shell_has_a_script() {
    let folder = TempDir::new().unwrap();
    for (shell, part) in [
        ("bash", "complete -o"),
        ("zsh", "#compdef embalm"),
        ("fish", "complete --keep-order"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let (script, _) = ends(embalm(folder.path()).args(["completions", shell]), 0);
        assert!(script.contains(part) && script.contains("EMBALM_COMPLETE"), "{shell}: {script}");
        let file = folder.path().join("script");
        std::fs::write(&file, &script).unwrap();
        if ["bash", "zsh", "fish"].contains(&shell) {
            match Command::new(shell).arg("-n").arg(&file).output() {
                Ok(said) => assert!(said.status.success(), "{shell}: {}", String::from_utf8_lossy(&said.stderr)),
                Err(_) => println!("{shell} is not there: its script was not read"),
            }
        }
    }
    ends(embalm(folder.path()).args(["completions", "tcsh"]), 2);
}

#[test]
fn fish_completes_what_is_in_the_archive() {
    let folder = demonstration();
    let bin = Path::new(env!("CARGO_BIN_EXE_embalm")).parent().unwrap().to_owned();
    let complete = |line: &str| {
        let script = format!("embalm completions fish | source; complete -C '{line}'");
        let mut fish = Command::new("fish");
        fish.env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("HOME", folder.path())
            .env("EMBALM_ARCHIVE", folder.path().join("test.db"))
            .args(["--no-config", "-c", &script]);
        Some(String::from_utf8_lossy(&fish.output().ok()?.stdout).into_owned())
    };
    let Some(targets) = complete("embalm show twitter:18227") else {
        println!("fish is not there: nothing was completed in it");
        return;
    };
    assert!(targets.starts_with("twitter:1822728575613931527\t@RiverGamesCQ: Two hundred"), "{targets}");
    assert!(complete("embalm list posts --author @Riv").unwrap().starts_with("@RiverGamesCQ\tRiver Games"));
    assert_eq!(complete("embalm list posts --state del").unwrap().trim(), "deleted");
}

#[test]
fn zsh_is_answered_with_colons_escaped() {
    let folder = demonstration();
    let mut asked = embalm(folder.path());
    asked.env("EMBALM_COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", "2").env("_CLAP_IFS", "\n");
    let (out, _) = ends(asked.args(["--", "embalm", "show", "twitter:18227"]), 0);
    assert!(out.starts_with("twitter\\:1822728575613931527:@RiverGamesCQ"), "{out}");
}

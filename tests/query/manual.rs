//! Manual pages: one for each command, and groff has nothing to say of them.

use super::{binary::embalm, ends};
use std::{fs, process::Command};
use tempfile::TempDir;

#[test]
fn there_is_a_page_for_each_command_that_groff_can_set() {
    let folder = TempDir::new().unwrap();
    let man = folder.path().join("share/man/man1");
    ends(embalm(folder.path()).arg("man").arg(&man), 0);
    let pages: Vec<_> = fs::read_dir(&man).unwrap().map(|entry| entry.unwrap().path()).collect();
    let named = |name: &str| pages.iter().any(|page| page.file_name().is_some_and(|file| file == name));
    for name in ["embalm.1", "embalm-list.1", "embalm-show.1", "embalm-export.1", "embalm-export-html.1"] {
        assert!(named(name), "{name} in {pages:?}");
    }
    let page = fs::read_to_string(man.join("embalm-list.1")).unwrap();
    assert!(page.contains(".SH SYNOPSIS") && page.contains("last monday") && page.contains("platform"), "{page}");
    let (alone, _) = ends(embalm(folder.path()).arg("man"), 0);
    assert!(alone.starts_with(".ie") || alone.contains(".TH embalm 1"), "{alone}");
    let mut groff = Command::new("groff");
    let said = groff.args(["-man", "-Tutf8", "-z"]).args(&pages).output();
    match said {
        Ok(said) => {
            let err = String::from_utf8_lossy(&said.stderr);
            // A long word in a justified paragraph is no fault of the page.
            let faults: Vec<_> =
                err.lines().filter(|line| !line.is_empty() && !line.contains("cannot adjust")).collect();
            assert!(said.status.success() && faults.is_empty(), "{faults:?}");
        }
        Err(_) => println!("groff is not there: the pages were not set"),
    }
}

#[test]
fn mandoc_finds_no_error_in_the_pages() {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).arg("man").arg(folder.path()), 0);
    let pages = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "1"));
    match Command::new("mandoc").args(["-Tlint", "-W", "error"]).args(pages).output() {
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout)),
        Err(_) => println!("mandoc is not there: the pages were not read by it"),
    }
}

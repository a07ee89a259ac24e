//! No address leads to the disk: the table `traversal.txt`, an address a line.

use crate::viewer::{Viewer, room};
use std::fs;

const TABLE: &str = include_str!("traversal.txt");

/// Words that stand in files beside the archive, and nowhere in it.
const CANARY: &str = "the-word-that-no-page-may-hold";

#[test]
fn no_address_leads_to_a_file_of_the_disk() {
    let desk = room();
    let folder = desk.path.parent().unwrap().to_owned();
    for name in ["canary.txt", "config.toml", "media", "assets"] {
        let place = folder.join(name);
        if name.contains('.') {
            fs::write(place, CANARY).unwrap();
        } else {
            fs::create_dir(&place).unwrap();
            fs::write(place.join("canary.txt"), CANARY).unwrap();
        }
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.join("media").join("0".repeat(64))).unwrap();
    let viewer = Viewer::start(&desk.path, &[]);
    let mut addresses: Vec<String> =
        TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    assert!(addresses.len() >= 100, "{}", addresses.len());
    addresses.push(format!("/media/{}", "../".repeat(3_000)));
    addresses.push(format!("/{}etc/passwd", "%2e%2e/".repeat(1_500)));
    addresses.push(format!("/assets/{}", "a".repeat(10_000)));
    addresses.push(format!("/post/{}", "a/".repeat(5_000)));
    addresses.push(format!("/article/{}", "9".repeat(10_000)));
    addresses.push(format!("/media/{}", "0".repeat(64)));
    for address in addresses {
        let answer = viewer.get(&address);
        let shown: String = address.chars().take(80).collect();
        assert!((400..500).contains(&answer.status), "{shown}: {}", answer.status);
        let text = answer.text();
        for secret in [CANARY, "root:", "SQLite format", "[package]", folder.to_str().unwrap()] {
            assert!(!text.contains(secret), "{shown} tells {secret}");
        }
    }
    assert_eq!(viewer.get("/").status, 200, "it answers on");
}

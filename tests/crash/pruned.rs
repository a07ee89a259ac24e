//! A prune that is killed at any moment, or for which the disk has no room, has let go of nothing or of all that was chosen; the
//! next one does the rest, and gives the room back.

use super::merged::is_whole;
use crate::content;
use embalm::{
    model::{Author, Failure, Outcome, Post, PostRef, Summary, Via},
    store::{Capture, Rung, Store},
};
use jiff::{Timestamp, ToSpan};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Prunes that are killed.
const KILLS: u32 = 12;

const POSTS: u32 = 24;

/// How often each post was looked at with other words each time.
const TIMES: u32 = 8;

fn post(n: u32) -> PostRef {
    let url = format!("https://social.example/i/status/{n}").parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id: n.to_string(), author: None, url }
}

/// Posts that said something else at each look, and could not be had in between.
fn archive(path: &Path) {
    let mut store = Store::create_or_open(path).unwrap();
    let start: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    for time in 0..TIMES {
        let began = start + i64::from(24 * time).hours();
        let run = store.begin_run("run", began).unwrap();
        store.begin_group().unwrap();
        for n in 0..POSTS {
            let author = Author { handle: format!("clerk_{n}"), ..Author::default() };
            let words = format!("Sailing {time} of the ferry {n}. ").repeat(40);
            let outcomes = [
                Outcome::Found(Box::new(Post::new(post(n), author, words))),
                Outcome::Failed(Failure::Http { status: 503 }),
            ];
            for (outcome, after) in outcomes.into_iter().zip([0, 1]) {
                let captured_at = began + i64::from(n + after * POSTS).seconds();
                let rung =
                    Rung { captured_at, outcome, via: Via::Syndication, exchanges: Vec::new(), media: Vec::new() };
                let capture = Capture { post: post(n), rungs: vec![rung], retry: None, related: Vec::new() };
                store.save_capture(run, &capture).unwrap();
            }
        }
        store.commit_group().unwrap();
        store.finish_run(&Summary { run, ..Summary::default() }, began + 1.hour()).unwrap();
        store.conclude_run(run, 0, &[]).unwrap();
    }
}

/// An archive, whole and pruned.
struct Shelf {
    folder: TempDir,
    whole: PathBuf,
}

impl Shelf {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let whole = folder.path().join("whole.db");
        archive(&whole);
        Self { folder, whole }
    }

    fn copy(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::copy(&self.whole, &path).unwrap();
        path
    }

    fn prune(&self, mut command: Command, path: &Path) -> Command {
        command.env_clear().env("HOME", self.folder.path()).env("EMBALM_CONFIG", "/dev/null");
        command.current_dir(self.folder.path());
        command.args(["prune", "--snapshots", "--keep-last", "1", "--yes", "--archive"]).arg(path);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn command(&self, path: &Path) -> Command {
        self.prune(Command::new(env!("CARGO_BIN_EXE_embalm")), path)
    }

    fn pruned(&self, path: &Path) {
        let output = self.command(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn clear(&self, name: &str) {
        for end in ["", "-wal", "-shm", ".lock"] {
            let _ = fs::remove_file(self.folder.path().join(format!("{name}{end}")));
        }
    }
}

/// What an archive holds, less the runs: each prune is one of its own time.
fn holds(path: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let mut content = content::of(path);
    content.remove("runs");
    content
}

#[test]
fn a_prune_killed_at_any_moment_has_let_go_of_nothing_or_of_all_and_the_next_one_does_the_rest() {
    let shelf = Shelf::new();
    let path = shelf.copy("all.db");
    let began = Instant::now();
    shelf.pruned(&path);
    let took = began.elapsed();
    let states = [holds(&shelf.whole), holds(&path)];
    assert_ne!(states[0], states[1]);
    let (mut killed, mut done) = (0, 0);
    for n in 0..KILLS {
        let path = shelf.copy("killed.db");
        let mut child = shelf.command(&path).spawn().unwrap();
        crate::site::spin(Instant::now() + took * n / KILLS + Duration::from_micros(u64::from(n) * 37 % 1000));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        is_whole(&path, &format!("kill {n}"));
        let now = holds(&path);
        assert!(states.contains(&now), "kill {n}: half of it is gone");
        done += u32::from(now == states[1]);
        shelf.pruned(&path);
        is_whole(&path, &format!("after kill {n}"));
        assert!(holds(&path) == states[1], "kill {n}");
        shelf.clear("killed.db");
    }
    assert!(killed > KILLS / 4, "only {killed} were killed");
    println!("{killed} killed, {done} of them with all of it done");
}

#[test]
#[cfg(unix)]
fn a_prune_for_which_there_is_no_room_says_so_and_has_let_go_of_nothing_or_of_all() {
    let shelf = Shelf::new();
    let path = shelf.copy("all.db");
    shelf.pruned(&path);
    let states = [holds(&shelf.whole), holds(&path)];
    let (mut refused, mut kept) = (0, 0);
    for blocks in [40, 200, 400, 800, 1200, 1600, 2400] {
        let path = shelf.copy("full.db");
        let mut shell = Command::new("sh");
        // What a file may grow to, in blocks of 512 bytes or of 1024, by the shell; a write beyond it fails.
        shell.args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &blocks.to_string()]);
        shell.arg(env!("CARGO_BIN_EXE_embalm"));
        let output = shelf.prune(shell, &path).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked"), "{told}");
        is_whole(&path, &format!("{blocks} blocks"));
        let now = holds(&path);
        assert!(states.contains(&now), "{blocks} blocks: half of it is gone");
        if !output.status.success() {
            refused += 1;
            kept += u32::from(now == states[0]);
            assert!(told.contains("full.db"), "{told}");
        }
        shelf.pruned(&path);
        is_whole(&path, &format!("after {blocks} blocks"));
        assert!(holds(&path) == states[1], "{blocks} blocks");
        shelf.clear("full.db");
    }
    assert!(refused > 1 && kept > 0, "{refused} had no room, {kept} have let go of nothing");
}

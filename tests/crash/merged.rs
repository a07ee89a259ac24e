//! A merge that is killed at any moment, or for which the disk has no room, leaves the archive as it was, or with all of it;
//! the next one does the rest, and then nothing tells it from one that nobody disturbed. Two at once don't come to grief.

use crate::content;
use embalm::{
    model::{Author, Embed, Outcome, Post, PostRef, Summary, Via},
    store::{Capture, NewArticle, OverTime, Rung, Store, Verifying},
};
use jiff::{Timestamp, ToSpan};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Merges that are killed.
const KILLS: u32 = 12;

/// Posts of one machine.
const POSTS: u32 = 24;

fn post(n: u32) -> PostRef {
    let url = format!("https://social.example/i/status/{n}").parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id: n.to_string(), author: None, url }
}

/// What a machine archives: posts of which the next one has some as well, and an article that both have read.
fn shard(path: &Path, machine: u32) {
    let mut store = Store::create_or_open(path).unwrap();
    let began: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    let began = began + i64::from(machine).milliseconds();
    let run = store.begin_run("run", began).unwrap();
    store.begin_group().unwrap();
    for n in machine * POSTS / 2..machine * POSTS / 2 + POSTS {
        let author = Author { handle: format!("clerk_{n}"), ..Author::default() };
        let content = Post::new(post(n), author, format!("The ferry {n} sails at noon. ").repeat(40));
        let (outcome, via) = (Outcome::Found(Box::new(content)), Via::Syndication);
        let captured_at = began + i64::from(n).seconds();
        let rung = Rung { captured_at, outcome, via, exchanges: Vec::new(), media: Vec::new() };
        let capture = Capture { post: post(n), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
    }
    let article = embalm::model::Article {
        url: "https://news.example/ferries".parse().ok(),
        title: "Ferries".to_owned(),
        byline: None,
        site_name: None,
        published: None,
        lang: None,
        text: format!("Machine {machine} was there."),
        body_html: format!("<p>Machine {machine} was there.</p>"),
    };
    let embeds: [(Embed, PostRef); 0] = [];
    let original = format!("<p>{machine}</p>").repeat(2000);
    let new = NewArticle {
        name: "https://news.example/ferries",
        source: "harbour",
        kind: "html",
        original: original.as_bytes(),
        content_type: None,
        article: &article,
        embeds: &embeds,
        exchange: None,
        captured_at: began,
        over_time: OverTime::default(),
    };
    store.save_article(run, &new).unwrap();
    store.commit_group().unwrap();
    store.finish_run(&Summary { run, ..Summary::default() }, began + 1.hour()).unwrap();
    store.conclude_run(run, 0, &[]).unwrap();
}

pub(crate) fn is_whole(path: &Path, when: &str) {
    let mut faults = Vec::new();
    let store = Store::open_read_only_aside(path).unwrap();
    store.verify(|step| faults.extend(if let Verifying::Fault(fault) = step { Some(fault) } else { None })).unwrap();
    assert!(faults.is_empty(), "{when}: {faults:#?}");
}

/// Archives of three machines.
struct Shards {
    folder: TempDir,
    shards: [PathBuf; 3],
}

impl Shards {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let shards = [0, 1, 2].map(|n| folder.path().join(format!("{n}.db")));
        shards.iter().zip(0..).for_each(|(path, n)| shard(path, n));
        Self { folder, shards }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first of them, once more.
    fn first(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::copy(&self.shards[0], &path).unwrap();
        path
    }

    fn merge(&self, into: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.args(["merge", "--archive"]).arg(into).args(&self.shards[1..]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn merged(&self, into: &Path) {
        let output = self.merge(into).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_merge_killed_at_any_moment_leaves_a_whole_archive_and_the_next_one_does_the_rest() {
    let shards = Shards::new();
    let all = shards.first("all.db");
    let began = Instant::now();
    shards.merged(&all);
    let took = began.elapsed();
    let states = [content::of(&shards.shards[0]), content::of(&all)];
    let (mut killed, mut halfway) = (0, 0);
    for n in 0..KILLS {
        let path = shards.first("killed.db");
        let mut child = shards.merge(&path).spawn().unwrap();
        crate::site::spin(Instant::now() + took * n / KILLS + Duration::from_micros(u64::from(n) * 37 % 1000));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        is_whole(&path, &format!("kill {n}"));
        halfway += u32::from(!states.contains(&content::of(&path)));
        shards.merged(&path);
        assert_eq!(content::of(&path), states[1], "kill {n}");
        for left in ["killed.db", "killed.db-wal", "killed.db-shm", "killed.db.lock"] {
            let _ = fs::remove_file(shards.path(left));
        }
    }
    assert!(killed > KILLS / 4, "only {killed} were killed");
    println!("{killed} killed, {halfway} between two archives");
}

#[test]
#[cfg(unix)]
fn a_merge_for_which_there_is_no_room_says_so_and_leaves_the_archive_as_it_was() {
    let shards = Shards::new();
    let all = shards.first("all.db");
    shards.merged(&all);
    let (before, after) = (content::of(&shards.shards[0]), content::of(&all));
    let mut refused = 0;
    for blocks in [40, 200, 500, 800, 1200] {
        let path = shards.first("full.db");
        let mut command = Command::new("sh");
        // What a file may grow to, in blocks of 512 bytes or of 1024, by the shell; a write beyond it fails.
        command.args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &blocks.to_string()]);
        command.arg(env!("CARGO_BIN_EXE_embalm")).args(["merge", "--archive"]).arg(&path).args(&shards.shards[1..]);
        command.env("HOME", shards.folder.path()).env("EMBALM_CONFIG", "/dev/null").current_dir(shards.folder.path());
        let output = command.output().unwrap();
        if !output.status.success() {
            refused += 1;
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!told.contains("panicked"), "{told}");
            is_whole(&path, &format!("{blocks} blocks"));
        }
        let now = content::of(&path);
        assert!(output.status.success() || now != after || now == before, "{blocks} blocks");
        shards.merged(&path);
        assert_eq!(content::of(&path), after, "{blocks} blocks");
        for left in ["full.db", "full.db-wal", "full.db-shm", "full.db.lock"] {
            let _ = fs::remove_file(shards.path(left));
        }
    }
    assert!(refused > 1, "some had no room: {refused}");
}

#[test]
fn of_two_merges_at_once_one_is_told_who_holds_the_archive_and_each_can_wait() {
    let shards = Shards::new();
    let all = shards.first("all.db");
    shards.merged(&all);
    let path = shards.first("together.db");
    let lock = embalm::pipeline::Lock::take(&path, "merge").unwrap();
    let output = shards.merge(&path).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{told}");
    assert!(told.contains("together.db") && told.contains("merge"), "{told}");
    let waiting: Vec<_> = (0..4).map(|_| shards.merge(&path).args(["--wait", "5m"]).spawn().unwrap()).collect();
    drop(lock);
    for child in waiting {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(content::of(&path), content::of(&all));
    is_whole(&path, "together");
}

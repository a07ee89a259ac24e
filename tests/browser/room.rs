//! The reading rooms of the suite: archives that the binary filled, viewers that the binary serves, files that it wrote.

use crate::recording::{self, Answer, avatar, file_url, key, post_url, status, told};
use assert_cmd::Command;
use serde_json::json;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};
use tempfile::TempDir;
use url::Url;

/// Ids of the posts that stand beside the demonstration's.
pub(crate) const EDITED: u64 = 116_300_000_000_000_001;
const ARABIC: u64 = 116_300_000_000_000_002;
const VEILED: u64 = 116_300_000_000_000_003;

/// An archive, its viewer, and a folder for what is exported.
pub(crate) struct Room {
    folder: TempDir,
    viewer: Viewer,
}

impl Room {
    /// The demonstration, and beside it a post that was edited and then deleted, one from right to left, one behind a
    /// warning, and the article that has them.
    pub(crate) fn demo() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let at = folder.path();
        embalm(at, &["run", "--quiet", "--config", "config.toml"]);
        let page = at.join("quay.html");
        fs::write(&page, article()).expect("an article");
        let page = page.to_string_lossy().into_owned();
        let days = [
            ("2026-03-30T08:00:00Z", "<p>The night ferry leaves at ten tonight. Bring a coat, and a lamp.</p>"),
            (
                "2026-03-31T08:00:00Z",
                "<p>The night ferry leaves at eleven tonight. Bring a coat, a lamp and patience.</p>",
            ),
        ];
        for (day, words) in days {
            let mut answers = vec![told(&edited(words)), avatar(), told(&arabic()), told(&veiled())];
            answers.push(Answer::file(&file_url("pier.jpg"), "image/jpeg", "harbour-dusk.jpg"));
            let recording = recording::write(at, day, &answers).to_string_lossy().into_owned();
            let command = if day == days[0].0 { "add" } else { "recheck" };
            let target = if command == "add" { page.clone() } else { post_url(EDITED) };
            embalm(at, &[command, "--quiet", &target, "--replay", &recording]);
        }
        let gone = Answer {
            status: 410,
            ..Answer::json(
                &format!("https://{}/api/v1/statuses/{EDITED}", recording::SERVER),
                &json!({"error": "Gone"}),
            )
        };
        let recording = recording::write(at, "2026-04-02T08:00:00Z", &[gone]).to_string_lossy().into_owned();
        embalm(at, &["recheck", "--quiet", &post_url(EDITED), "--replay", &recording]);
        let viewer = Viewer::start(at);
        Self { folder, viewer }
    }

    /// An address of the viewer.
    pub(crate) fn url(&self, path: &str) -> String {
        self.viewer.url(path)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.viewer.origin
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The page of the post that was edited, and is gone.
    pub(crate) fn edited(&self) -> String {
        self.url(&format!("/post/{}", key(EDITED)))
    }
}

/// `embalm serve`, until it is dropped.
pub(crate) struct Viewer {
    process: Child,
    pub(crate) origin: String,
}

impl Viewer {
    /// On a free port, over the folder's archive.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_embalm"));
        command.env_clear().env("HOME", folder).env("EMBALM_ARCHIVE", archive(folder)).current_dir(folder);
        let mut process =
            command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().expect("the viewer starts");
        let stdout = process.stdout.take().expect("its output is a pipe");
        let mut line = String::new();
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line).expect("the viewer says where it is");
        // Read to its end: a viewer whose output nobody reads would end, too.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let address =
            line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address in its first line");
        let origin = Url::parse(address).expect("an address").origin().ascii_serialization();
        Self { process, origin }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        // It may have ended by itself; its archive is only read.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn archive(folder: &Path) -> PathBuf {
    folder.join("room.db")
}

/// One command over the folder's archive, which must succeed; what it printed.
pub(crate) fn embalm(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.env_clear().env("HOME", folder).env("EMBALM_ARCHIVE", archive(folder));
    let output = command.args(arguments).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "embalm {arguments:?}: {}\n{said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn edited(words: &str) -> serde_json::Value {
    let mut post = status(EDITED, words);
    post["media_attachments"] = json!([{
        "id": "1", "type": "image", "url": file_url("pier.jpg"), "preview_url": file_url("pier.jpg"), "remote_url": null,
        "meta": {"original": {"width": 1200, "height": 800}}, "description": "The pier at dusk, its lamps lit", "blurhash": "U"
    }]);
    post
}

fn arabic() -> serde_json::Value {
    let mut post = status(ARABIC, "<p>العبّارة الليلية تغادر في العاشرة. أحضروا معطفًا ومصباحًا.</p>");
    post["language"] = "ar".into();
    post["account"]["display_name"] = "مصباح الرصيف".into();
    post["poll"] = json!({
        "id": "1", "expires_at": "2026-03-30T06:15:30.000Z", "expired": true, "multiple": false, "votes_count": 9, "voters_count": 9,
        "options": [{"title": "نعم", "votes_count": 6}, {"title": "لا", "votes_count": 3}]
    });
    post
}

fn veiled() -> serde_json::Value {
    let mut post = status(VEILED, "<p>Nobody was hurt; the lamp was.</p>");
    post["spoiler_text"] = "A lamp breaks".into();
    post["card"] = json!({
        "url": "https://tides.example/tables/quay", "title": "Tide tables for the quay", "description": "High and low water, day by day",
        "type": "link", "provider_name": "Tides", "image": file_url("pier.jpg"), "author_name": ""
    });
    post
}

fn article() -> String {
    let embed = |id: u64| {
        let post = post_url(id);
        format!("<iframe src=\"{post}/embed\" class=\"mastodon-embed\" width=\"400\"></iframe>")
    };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The night ferry returns</title>\
         <link rel=\"canonical\" href=\"https://quay-courier.example/2026/03/night-ferry/\">\
         <meta property=\"og:site_name\" content=\"Quay Courier\"><meta name=\"author\" content=\"Runa Holt\">\
         <meta property=\"article:published_time\" content=\"2026-03-29T18:00:00Z\"></head><body><article>\
         <h1>The night ferry returns</h1><p class=\"byline\">By Runa Holt</p>\
         <p>For the first time in nine years a ferry will cross the bay by night, and the quay has taken its lamps out of \
         the cellar to see it off. The harbour office announced the hour on Sunday, and then another.</p>{}\
         <p>Families from across the water will read the timetable in their own letters, said the office, which put the \
         question of a second sailing to a vote at once.</p>{}\
         <p>One lamp did not see the evening. It fell from the crane while it was being hung, and was mourned briefly by \
         those who had carried it. The ferry sails whatever the weather.</p>{}\
         <p>Tickets are sold at the kiosk by the crane, as they always were; the kiosk has kept the old sign.</p>\
         </article></body></html>",
        embed(EDITED),
        embed(ARABIC),
        embed(VEILED)
    )
}

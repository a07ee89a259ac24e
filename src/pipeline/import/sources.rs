//! Which files of an export are read, in which order, and how its entries find their files.

use super::{ExportKind, Job, MAX_JSON_BYTES, items, notes::Notes, repository, tree::Tree};
use crate::platforms::{
    self, ExportedAccount,
    imported::{Imported, ImportedPost, auto_archiver, auto_archiver_row, gallery_dl},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::HashMap, ops::ControlFlow};

/// Rows of a sheet have fewer columns.
const MAX_COLUMNS: usize = 1_000;

/// What an export is, by the names of its files.
pub(super) fn kind(tree: &Tree) -> Option<ExportKind> {
    let any = |fits: &dyn Fn(&str) -> bool| tree.names().iter().any(|name| fits(name));
    if any(&|name| is_tweets(last(name))) {
        Some(ExportKind::X)
    } else if any(&|name| matches!(last(name), "outbox.json" | "likes.json" | "bookmarks.json")) {
        Some(ExportKind::Mastodon)
    } else if any(&|name| name.ends_with(".car")) {
        Some(ExportKind::Bluesky)
    } else {
        any(&is_records).then_some(ExportKind::Records)
    }
}

/// Reads an export.
pub(super) async fn read(job: &mut Job<'_>) {
    match job.summary.kind {
        ExportKind::X => x(job),
        ExportKind::Mastodon => mastodon(job),
        ExportKind::Bluesky => bluesky(job).await,
        ExportKind::Records => records(job),
    }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// `tweets.js`, `tweet.js` of older exports, their further parts, and those of deleted posts and communities.
fn is_tweets(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".js") else { return false };
    let whole = stem.split("-part").next().unwrap_or(stem);
    matches!(whole, "tweets" | "tweet" | "deleted-tweets" | "deleted-tweet" | "community-tweet") || whole == "like"
}

fn is_records(name: &str) -> bool {
    [".json", ".jsonl", ".ndjson", ".csv"].iter().any(|ending| name.ends_with(ending))
}

/// Hands each entry of a JSON file to `read`; `None` from it is a record that could not be read.
fn each(
    job: &mut Job<'_>,
    file: usize,
    of: &'static str,
    dated: Option<Timestamp>,
    place: &dyn Fn(&Tree, &str) -> Option<usize>,
    read: &mut dyn FnMut(&Value) -> Option<Imported>,
) {
    let name = job.tree.names().get(file).cloned().unwrap_or_default();
    let opened = match job.tree.file(file, MAX_JSON_BYTES) {
        Ok(opened) => opened,
        Err(error) => return job.broken(&name, None, error.to_string()),
    };
    let mut hear = |entry: usize, value: Value| {
        match read(&value) {
            Some(imported) => job.take(imported, dated, place),
            None => job.broken(&name, Some(entry), "a record of a shape that is not known"),
        }
        if job.goes_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let ended = items::read(opened, of, &mut hear);
    if let Err(why) = ended {
        job.broken(&name, None, why);
    }
}

fn small(job: &mut Job<'_>, fits: impl Fn(&str) -> bool) -> Option<Value> {
    let file = job.tree.names().iter().position(|name| fits(last(name)))?;
    items::whole(job.tree.file(file, MAX_JSON_BYTES).ok()?)
}

fn files(job: &Job<'_>, fits: impl Fn(&str) -> bool) -> Vec<usize> {
    job.tree.names().iter().enumerate().filter(|(_, name)| fits(name)).map(|(index, _)| index).collect()
}

/// Files of posts by their names without ending, in folders that fit.
fn by_stem(tree: &Tree, fits: impl Fn(&str) -> bool) -> HashMap<String, usize> {
    let named = tree.names().iter().enumerate().filter(|(_, name)| fits(name));
    named.map(|(index, name)| (stem(last(name)).to_owned(), index)).collect()
}

fn x(job: &mut Job<'_>) {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let whole = small(job, |name| name == "account.js").unwrap_or_default();
    let profile = small(job, |name| name == "profile.js").unwrap_or_default();
    let account = &whole[0]["account"];
    let account = ExportedAccount {
        handle: text(&account["username"]).unwrap_or_default(),
        name: text(&account["accountDisplayName"]),
        id: text(&account["accountId"]),
        avatar: text(&profile[0]["profile"]["avatarMediaUrl"]),
    };
    if account.handle.is_empty() {
        job.broken("account.js", None, "there is none that says whose export this is, and the posts name no author: import the whole folder or ZIP");
        return;
    }
    let manifest = small(job, |name| name == "manifest.js").unwrap_or_default();
    let dated = manifest["archiveInfo"]["generationDate"].as_str().and_then(|at| at.parse().ok());
    let notes = notes(job);
    let note = |id: &str, words: &str| notes.of(id, words);
    let media = by_stem(&job.tree, |name| name.contains("_media/"));
    let place = |_: &Tree, name: &str| media.get(stem(name)).copied();
    for file in files(job, |name| is_tweets(last(name))) {
        let at = dated.or_else(|| job.tree.modified(file));
        each(job, file, "", at, &place, &mut |entry| platforms::of_x_export(entry, &account, note));
        if !job.goes_on() {
            return;
        }
    }
}

/// The long posts of an export.
fn notes(job: &mut Job<'_>) -> Notes {
    let mut notes = Notes::default();
    for file in files(job, |name| last(name).starts_with("note-tweet") && name.ends_with(".js")) {
        let Ok(opened) = job.tree.file(file, MAX_JSON_BYTES) else { continue };
        let ended = items::read(opened, "", &mut |_, entry| {
            if notes.take(&entry["noteTweet"]) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        if let Err(why) = ended {
            job.broken("note-tweet.js", None, why);
        }
    }
    notes
}

fn mastodon(job: &mut Job<'_>) {
    let actor = small(job, |name| name == "actor.json").unwrap_or_default();
    let private = job.options.private;
    // Exports stand in a folder of their own, or don't; what an entry names begins with this one.
    let stored: HashMap<String, usize> = job
        .tree
        .names()
        .iter()
        .enumerate()
        .filter_map(|(index, name)| Some((name.get(name.find("media_attachments/")?..)?.to_owned(), index)))
        .collect();
    let place = |tree: &Tree, name: &str| tree.find(name).or_else(|| stored.get(name).copied());
    for wanted in ["outbox.json", "likes.json", "bookmarks.json"] {
        for file in files(job, |name| last(name) == wanted) {
            let at = job.tree.modified(file);
            each(job, file, "orderedItems", at, &place, &mut |entry| {
                platforms::of_activity_export(entry, &actor, private)
            });
            if !job.goes_on() {
                return;
            }
        }
    }
}

async fn bluesky(job: &mut Job<'_>) {
    let blobs = by_stem(&job.tree, |name| !name.ends_with(".car"));
    let place = |_: &Tree, name: &str| blobs.get(name).copied();
    for file in files(job, |name| name.ends_with(".car")) {
        let name = job.tree.names().get(file).cloned().unwrap_or_default();
        let opened = match job.tree.file(file, repository::MAX_CAR_BYTES) {
            Ok(opened) => opened,
            Err(error) => {
                job.broken(&name, None, error.to_string());
                continue;
            }
        };
        let repository = match repository::Repository::read(opened).await {
            Ok(repository) => repository,
            Err(why) => {
                job.broken(&name, None, why);
                continue;
            }
        };
        for flaw in &repository.flaws {
            job.broken(&name, None, flaw.clone());
        }
        let profile = repository.records("app.bsky.actor.profile").find_map(|(_, record)| record).unwrap_or_default();
        let author = profile["displayName"].as_str().map(str::trim).filter(|name| !name.is_empty());
        let dated = repository.revised;
        for (number, (rkey, record)) in repository.records("app.bsky.feed.post").enumerate() {
            let post = record.and_then(|record| platforms::of_bluesky_record(&repository.did, rkey, &record, author));
            let Some(post) = post else {
                job.broken(&name, Some(number + 1), format!("the record {rkey} can't be read"));
                continue;
            };
            let mut imported = ImportedPost::new(post);
            let urls = imported.post.media.iter().map(|media| media.url.clone());
            let named =
                urls.filter_map(|url| platforms::bluesky_blob(&url).map(|blob| (url.clone(), vec![blob.to_owned()])));
            imported.files = named.collect();
            job.take(Imported::Post(Box::new(imported)), dated, &place);
            if !job.goes_on() {
                return;
            }
        }
        for (_, record) in repository.records("app.bsky.feed.like") {
            let uri = record.and_then(|record| Some(record["subject"]["uri"].as_str()?.to_owned()));
            if let Some(post) = uri.and_then(|uri| platforms::bluesky_post_at(&uri)) {
                job.take(Imported::Named(post), None, &place);
            }
            if !job.goes_on() {
                return;
            }
        }
    }
}

/// Records of gallery-dl and auto-archiver, a file after the other.
fn records(job: &mut Job<'_>) {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, name) in job.tree.names().iter().enumerate().filter(|(_, name)| !is_records(name)) {
        by_name.entry(last(name).to_owned()).or_default().push(index);
    }
    for file in files(job, is_records) {
        let name = job.tree.names().get(file).cloned().unwrap_or_default();
        let at = job.tree.modified(file);
        // `NAME.jpg.json` stands beside `NAME.jpg`.
        let beside = stem(&name).to_owned();
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let place = |tree: &Tree, wanted: &str| {
            let near = if folder.is_empty() { wanted.to_owned() } else { format!("{folder}/{wanted}") };
            let only = || by_name.get(last(wanted)).filter(|known| known.len() == 1)?.first().copied();
            tree.find(wanted).or_else(|| tree.find(&near)).or_else(only)
        };
        if name.ends_with(".csv") {
            sheet(job, file, &name, at);
        } else {
            each(job, file, "", at, &place, &mut |record| Some(read_record(record, &beside)));
        }
        if !job.goes_on() {
            return;
        }
    }
}

fn read_record(record: &Value, beside: &str) -> Imported {
    if record["category"].is_string() {
        gallery_dl(record, Some(beside))
    } else if record["metadata"].is_object() {
        auto_archiver(record)
    } else {
        Imported::Left("a record of neither gallery-dl nor auto-archiver")
    }
}

fn sheet(job: &mut Job<'_>, file: usize, name: &str, at: Option<Timestamp>) {
    let opened = match job.tree.file(file, MAX_JSON_BYTES) {
        Ok(opened) => opened,
        Err(error) => return job.broken(name, None, error.to_string()),
    };
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(opened);
    let columns: Vec<String> = match rows.headers() {
        Ok(header) => header.iter().take(MAX_COLUMNS).map(|column| column.trim().to_lowercase()).collect(),
        Err(error) => return job.broken(name, None, error.to_string()),
    };
    for (number, row) in rows.records().enumerate() {
        match row {
            Ok(row) => {
                let cell = |wanted: &str| {
                    let place = columns.iter().position(|column| column == wanted)?;
                    row.get(place).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
                };
                job.take(auto_archiver_row(cell), at, &|_, _| None);
            }
            Err(error) => job.broken(name, Some(number + 1), error.to_string()),
        }
        if !job.goes_on() {
            return;
        }
    }
}

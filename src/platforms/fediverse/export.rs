//! Posts of an ActivityPub export, as Mastodon and its kin give to their people: `outbox.json` is a collection of
//! activities, `actor.json` the person, `likes.json` and `bookmarks.json` are addresses.

use super::{activity, rest, urls};
use crate::{
    model::{Post, PostRef},
    platforms::imported::{Imported, ImportedPost},
};
use serde_json::Value;
use url::Url;

/// Who is meant by "everybody" (ActivityPub, 5.6), in its three spellings.
const EVERYBODY: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// Reads one activity of an outbox. Posts that are not for everybody are left unless `private`.
#[must_use]
pub fn of_export(entry: &Value, actor: &Value, private: bool) -> Option<Imported> {
    if let Some(address) = entry.as_str() {
        return urls::object(address).map(Imported::Named);
    }
    match entry["type"].as_str() {
        Some("Announce") => return Some(Imported::Left("a repost, whose words are another's")),
        Some("Create" | "Update") => {}
        _ => return Some(Imported::Left("an activity that makes no post")),
    }
    let object = &entry["object"];
    if !matches!(activity::kind(object), activity::Object::Post(_)) {
        return Some(Imported::Left("an activity that makes no post"));
    }
    if !private && !is_public(object) && !is_public(entry) {
        return Some(Imported::Left("not for everybody; --private imports it"));
    }
    let name = urls::object(object["id"].as_str()?)?;
    let mut object = object.clone();
    let files = placed(&mut object, &name.url);
    let mut post = activity::read(&name, &object)?;
    post.author = activity::read_actor(&name, actor).unwrap_or(post.author);
    // In an export it is a file's name.
    post.author.avatar = post.author.avatar.filter(|avatar| avatar.starts_with("http"));
    let known: Vec<&str> = post.media.iter().map(|media| media.url.as_str()).collect();
    let files = files.into_iter().filter(|(url, _)| known.contains(&url.as_str())).collect();
    Some(Imported::Post(Box::new(ImportedPost { post, files, dated: None })))
}

/// The post of a status of the client API that stands alone, as other tools keep it.
pub(in crate::platforms) fn of_status(status: &Value) -> Option<Post> {
    let addresses = [&status["uri"], &status["url"]];
    let name: PostRef = addresses.into_iter().find_map(|address| urls::object(address.as_str()?))?;
    rest::read(&name, status)
}

fn is_public(object: &Value) -> bool {
    [&object["to"], &object["cc"]].into_iter().any(|to| match to {
        Value::Array(list) => list.iter().any(|one| one.as_str().is_some_and(|one| EVERYBODY.contains(&one))),
        one => one.as_str().is_some_and(|one| EVERYBODY.contains(&one)),
    })
}

/// Attachments name their files by paths in the export: the addresses that these had on the server, as far as it is
/// known, are put there. Both are given back.
fn placed(object: &mut Value, server: &Url) -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    for attachment in object["attachment"].as_array_mut().into_iter().flatten() {
        let Some(path) = attachment["url"].as_str().map(str::to_owned) else { continue };
        let Ok(url) = server.join(&path) else { continue };
        let stored = path.find("media_attachments/").and_then(|at| path.get(at..)).map(str::to_owned);
        let names = stored.into_iter().chain([path.trim_start_matches('/').to_owned()]).collect();
        attachment["url"] = Value::String(url.to_string());
        files.push((url.to_string(), names));
    }
    files
}

//! Posts of X's data export (`data/tweets.js`): the shape of the old API, with numbers written as text, and without the
//! account, which stands in `account.js` and `profile.js`.
//!
//! Exports of 2019 to 2025: `tweet.js` before 2022, `tweets.js` after, parts `tweets-part1.js` and on.

use super::{address, media, syndication};
use crate::platforms::imported::{Imported, ImportedPost, file_name};
use serde_json::{Value, json};

/// Whose export it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportedAccount {
    /// The handle.
    pub handle: String,
    /// The display name.
    pub name: Option<String>,
    /// The platform's id of the account.
    pub id: Option<String>,
    /// The picture.
    pub avatar: Option<String>,
}

/// Numbers that an export writes as text.
const NUMBERS: [&str; 6] = ["favorite_count", "retweet_count", "bitrate", "duration_millis", "width", "height"];

/// Lists of numbers that an export writes as text.
const PLACES: [&str; 2] = ["indices", "display_text_range"];

/// Reads one entry; `note` gives the whole words of a long post by its id and by the words that stand here.
#[must_use]
pub fn of_export(
    entry: &Value,
    account: &ExportedAccount,
    note: impl Fn(&str, &str) -> Option<String>,
) -> Option<Imported> {
    if entry["like"].is_object() {
        let post = address::post(entry["like"]["tweetId"].as_str()?, None)?;
        return Some(Imported::Named(post));
    }
    let tweet = if entry["tweet"].is_object() { &entry["tweet"] } else { entry };
    let words = tweet["full_text"].as_str().or_else(|| tweet["text"].as_str())?;
    if words.starts_with("RT @") {
        return Some(Imported::Left("a repost, whose words are another's"));
    }
    let id = tweet["id_str"].as_str().or_else(|| tweet["id"].as_str())?;
    let name = address::post(id, Some(&account.handle))?;
    let mut shaped = numbered(tweet.clone());
    shaped["id_str"] = json!(id);
    shaped["user"] = json!({
        "screen_name": account.handle, "name": account.name.clone().unwrap_or_else(|| account.handle.clone()),
        "id_str": account.id, "profile_image_url_https": account.avatar,
    });
    // A truncated post says so here, and its whole words stand elsewhere.
    let edits = &tweet["edit_info"]["edit"]["initialTweetId"];
    if let Some(first) = edits.as_str() {
        shaped["edit_control"] = json!({"edit_tweet_ids": [first, id]});
    }
    let mut post = syndication::read_value(&name, &shaped)?;
    if let Some(whole) = note(id, words) {
        post.text = whole;
        post.text_html = None;
    }
    let mut imported = ImportedPost::new(post);
    for file in media::read(&shaped) {
        let addresses =
            std::iter::once(&file.url).chain(&file.fallbacks).chain(file.variants.iter().map(|one| &one.url));
        let mut names: Vec<String> = addresses.map(|url| format!("{id}-{}", file_name(url))).collect();
        names.dedup();
        imported.files.push((file.url.clone(), names));
    }
    Some(Imported::Post(Box::new(imported)))
}

/// The same with numbers as numbers. JSON that was parsed is at most 128 levels deep.
fn numbered(value: Value) -> Value {
    let number = |value: Value| match value.as_str().and_then(|text| text.parse::<u64>().ok()) {
        Some(number) => json!(number),
        None => value,
    };
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(name, value)| {
                    let value = match value {
                        Value::String(_) if NUMBERS.contains(&name.as_str()) => number(value),
                        Value::Array(list) if PLACES.contains(&name.as_str()) => list.into_iter().map(number).collect(),
                        value => numbered(value),
                    };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(list) => list.into_iter().map(numbered).collect(),
        value => value,
    }
}

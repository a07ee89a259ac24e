//! Posts of X's data export (`data/tweets.js`): the shape of the old API, with numbers written as text, and without the
//! account, which stands in `account.js` and `profile.js`.
//!
//! Exports of 2019 to 2025: `tweet.js` before 2022, `tweets.js` after, parts `tweets-part1.js` and on.

use super::{address, media, syndication, text};
use crate::model::{Post, PostRef};
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
    if is_repost(words) {
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
    let own = format!("\u{2026} https://twitter.com/i/web/status/{id}");
    if let Some(whole) = note(id, &text::unescape(words)) {
        post.text = whole;
        post.text_html = None;
    } else if let Some(beginning) = post.text.strip_suffix(&own) {
        post.text = format!("{beginning}\u{2026}");
        post.text_html = None;
        post.truncated = true;
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

/// The post in an answer of the API that another tool kept.
#[must_use]
pub(in crate::platforms) fn of_answer(name: &PostRef, answer: &Value) -> Option<Post> {
    syndication::read_value(name, &numbered(answer.clone()))
}

/// `RT @handle: `, which the platform itself put before the words of another.
fn is_repost(words: &str) -> bool {
    words
        .strip_prefix("RT @")
        .and_then(|rest| rest.split_once(": "))
        .is_some_and(|(handle, _)| address::is_handle(handle))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str, note: Option<&str>) -> Imported {
        let entry = json!({"tweet": {"id_str": "1700000000000000009", "full_text": words, "created_at": "Fri Sep 08 05:15:59 +0000 2023",
            "entities": {"urls": [{"url": "https://t.co/own", "expanded_url": "https://twitter.com/i/web/status/1700000000000000009"}]}}});
        let account = ExportedAccount { handle: "mika_tide".to_owned(), ..ExportedAccount::default() };
        of_export(&entry, &account, |_, _| note.map(str::to_owned)).unwrap()
    }

    #[test]
    fn a_long_post_without_its_whole_words_says_so() {
        let Imported::Post(post) = read("The tide tables &amp; more\u{2026} https://t.co/own", None) else {
            panic!("a post")
        };
        assert_eq!((post.post.text.as_str(), post.post.truncated), ("The tide tables & more\u{2026}", true));
        let Imported::Post(post) = read("The tide\u{2026} https://t.co/own", Some("The tide, whole")) else {
            panic!("a post")
        };
        assert_eq!((post.post.text.as_str(), post.post.truncated), ("The tide, whole", false));
    }

    #[test]
    fn only_what_the_platform_marked_is_a_repost() {
        assert!(matches!(read("RT @lockkeeper: The gates are stuck", None), Imported::Left(_)));
        assert!(matches!(read("RT @lockkeeper said it first, and better", None), Imported::Post(_)));
    }
}

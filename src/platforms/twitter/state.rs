//! Posts that a page keeps as JSON in an attribute: newsletters, React components, saved API answers.

use super::{address, text};
use crate::model::{PostRef, Quoted, When};
use crate::platforms::recognize_text;
use serde_json::Value;

/// An attribute longer than this holds something else.
const MAX_ATTRIBUTE: usize = 256 * 1024;

/// The post that an attribute's JSON describes, with what it says of it.
pub(super) fn read(attribute: &str) -> Option<(PostRef, Quoted)> {
    let attribute = attribute.trim();
    if attribute.len() > MAX_ATTRIBUTE || !attribute.starts_with('{') {
        return None;
    }
    let state: Value = serde_json::from_str(attribute).ok()?;
    newsletter(&state).or_else(|| api(&state)).or_else(|| component(&state))
}

/// Substack's `data-attrs`: the whole text, already shown with `<a>`s in it, and a date in one of two forms.
fn newsletter(state: &Value) -> Option<(PostRef, Quoted)> {
    let words = state["full_text"].as_str()?;
    let post = match recognize_text(state["url"].as_str()?)? {
        crate::model::Target::Post(post) if post.platform == super::ID => post,
        _ => return None,
    };
    let photos = state["photos"].as_array().map(Vec::as_slice).unwrap_or_default();
    let links = photos.iter().filter_map(|photo| photo["link_url"].as_str()).map(str::to_owned).collect();
    Some((post, quoted(words, &state["name"], &state["username"], state["date"].as_str(), links)))
}

/// An answer of X's second API, as newsletters of other makers keep it.
fn api(state: &Value) -> Option<(PostRef, Quoted)> {
    let data = &state["data"];
    let words = data["text"].as_str()?;
    let users = state["includes"]["users"].as_array().map(Vec::as_slice).unwrap_or_default();
    let author = users.iter().find(|user| user["id"] == data["author_id"]).unwrap_or(&Value::Null);
    let post = address::post(data["id"].as_str()?, author["username"].as_str())?;
    Some((post, quoted(words, &author["name"], &author["username"], data["created_at"].as_str(), Vec::new())))
}

/// A component's properties with nothing but the id.
fn component(state: &Value) -> Option<(PostRef, Quoted)> {
    let keys = ["tweetId", "tweetID", "tweet_id", "tweetid", "tweetUrl", "tweet_url", "twitterUrl"];
    let value = keys.iter().find_map(|key| state[*key].as_str())?;
    Some((address::post_in_attribute(value)?, Quoted::default()))
}

fn quoted(words: &str, name: &Value, handle: &Value, date: Option<&str>, links: Vec<String>) -> Quoted {
    let words = if words.contains("</") {
        crate::html::fragment_text(&words.replace('\n', "<br>"))
    } else {
        text::unescape(words).trim().to_owned()
    };
    let owned = |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    Quoted {
        text: Some(words).filter(|words| !words.is_empty()),
        author_name: owned(name),
        author_handle: owned(handle).map(|handle| handle.trim_start_matches('@').to_owned()),
        published: date.and_then(when),
        links,
    }
}

/// ISO 8601, or X's old form: `Tue May 25 13:25:57 +0000 2021`.
fn when(date: &str) -> Option<When> {
    When::parse(date).or_else(|| jiff::Timestamp::strptime("%a %b %d %H:%M:%S %z %Y", date).ok().map(When::Instant))
}

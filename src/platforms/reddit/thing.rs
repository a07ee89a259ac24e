//! Reads the JSON of a post or a comment: `[listing of the post, listing of its comments]` (recordings of 2014 to 2025).
//!
//! Words are the author's Markdown, which keeps where links lead; the rendered form is the post's HTML.

use super::super::page_parts::{text_of, web, whole};
use super::super::routes::{Means, Said};
use super::{media, post as post_named};
use crate::html;
use crate::model::{Author, Poll, PollOption, Post, PostRef, Related, When};
use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Crossposts of crossposts are not followed.
const MAX_DEPTH: usize = 1;
/// Answers of a poll; Reddit allows six.
const MAX_OPTIONS: usize = 32;

static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"&(?:#[xX]?[0-9a-fA-F]{1,8}|[a-zA-Z]{2,8});").expect("the pattern is a constant"));

/// Who wrote what is gone.
const NOBODY: &str = "[deleted]";
/// The title in place of that of a post whose account went with it.
const WIPED_TITLE: &str = "[deleted by user]";

/// What the two listings say of the post.
pub(super) fn read(post: &PostRef, json: &Value) -> Said {
    const EXPECTED: &str = "a listing of the post and one of its comments";
    let under = &json[0]["data"]["children"][0]["data"];
    let (id, comment) = post.id.split_once('/').map_or((post.id.as_str(), None), |(id, of)| (id, Some(of)));
    if under["id"] != id {
        return Said::Unknown(EXPECTED);
    }
    let Some(comment) = comment else { return submission(post, under) };
    let Some(comments) = json[1]["data"]["children"].as_array() else { return Said::Unknown(EXPECTED) };
    match comments.iter().map(|child| &child["data"]).find(|data| data["id"] == comment) {
        Some(data) => of_comment(post, under, data),
        // Asked for by its name and not there: recorded of a comment that was deleted, 2016.
        None if comments.is_empty() => Said::Ends(Means::Deleted),
        None => Said::Unknown("the comment among the comments"),
    }
}

/// Whether words are those that stand in place of what was deleted, removed, or removed by the site itself (since 2022,
/// with or without its reason).
pub(super) fn is_wiped(words: &str) -> bool {
    matches!(words, "[deleted]" | "[removed]")
        || (words.starts_with("[ Removed by Reddit") && words.ends_with(']') && !words.contains('\n'))
}

fn submission(post: &PostRef, data: &Value) -> Said {
    let removed = text_of(&data["removed_by_category"]);
    let body = data["selftext"].as_str().unwrap_or_default().trim();
    // Without its author a post may still be there; without its words it is not. Who may still read what moderators
    // removed is shown it with the mark of that.
    let title = data["title"].as_str().unwrap_or_default().trim();
    let wiped = is_wiped(body) || (data["author"] == NOBODY && (is_wiped(title) || title == WIPED_TITLE));
    if wiped || (removed.is_some() && (body.is_empty() || data["author"] == NOBODY)) {
        return Said::Ends(Means::Deleted);
    }
    Said::whole(full(post, data, 0), "a title")
}

fn full(post: &PostRef, data: &Value, depth: usize) -> Option<Post> {
    let title = text_of(&data["title"])?;
    let body = decoded(data["selftext"].as_str().unwrap_or_default());
    let text = if body.is_empty() { title } else { format!("{title}\n\n{body}") };
    let mut found = Post::new(post.clone(), author(data), text);
    shared(&mut found, data, "selftext_html");
    count(&mut found, "replies", &data["num_comments"]);
    count(&mut found, "reposts", &data["num_crossposts"]);
    count(&mut found, "views", &data["view_count"]);
    found.sensitive = data["over_18"] == true || data["spoiler"] == true;
    found.warning = (data["spoiler"] == true).then(|| "Spoiler".to_owned());
    found.media = media::files(data);
    found.card = media::card(data).filter(|_| found.media.is_empty());
    found.poll = poll(&data["poll_data"]);
    let parent = &data["crosspost_parent_list"][0];
    if let Some(of) = submission_name(parent).or_else(|| {
        let name = data["crosspost_parent"].as_str()?.strip_prefix("t3_")?;
        post_named(name, None, None)
    }) {
        let content = (depth < MAX_DEPTH).then(|| full(&of, parent, depth + 1)).flatten();
        found.quoted = Some(Related { post: of, content: content.map(Box::new) });
        found.card = None;
    }
    Some(found)
}

fn of_comment(post: &PostRef, under: &Value, data: &Value) -> Said {
    let body = data["body"].as_str().unwrap_or_default().trim();
    if is_wiped(body) {
        return Said::Ends(Means::Deleted);
    }
    if body.is_empty() {
        return Said::Unknown("a comment's body");
    }
    let mut found = Post::new(post.clone(), author(data), decoded(body));
    shared(&mut found, data, "body_html");
    found.media = media::inline(data);
    let parent = data["parent_id"].as_str().unwrap_or_default();
    let above = parent.strip_prefix("t1_").and_then(|comment| {
        post_named(
            under["id"].as_str()?,
            place(under).as_ref().map(|(kind, name)| (*kind, name.as_str())),
            Some(comment),
        )
    });
    found.reply_to = match above {
        Some(comment) => Some(Related { post: comment, content: None }),
        None => {
            submission_name(under).map(|of| Related { content: full(&of, under, MAX_DEPTH).map(Box::new), post: of })
        }
    };
    Said::Whole(Box::new(found))
}

/// What posts and comments have in common.
fn shared(found: &mut Post, data: &Value, markup: &str) {
    found.text_html = text_of(&data[markup]).map(|markup| rendered(&markup));
    let at = |value: &Value| value.as_f64().filter(|at| *at > 0.0 && *at < 1e11).map(|at| at as i64);
    found.published = at(&data["created_utc"]).and_then(|at| Timestamp::from_second(at).ok()).map(When::Instant);
    found.edited = at(&data["edited"]).and_then(|at| Timestamp::from_second(at).ok());
    if data["hide_score"] != true && data["score_hidden"] != true {
        count(found, "likes", &data["score"]);
    }
}

fn author(data: &Value) -> Author {
    let handle = text_of(&data["author"]).filter(|name| name != NOBODY);
    Author {
        id: text_of(&data["author_fullname"]),
        url: handle.as_ref().map(|handle| format!("https://www.reddit.com/user/{handle}/")),
        handle: handle.unwrap_or_default(),
        name: None,
        avatar: None,
    }
}

/// The post that an object is, at its own address.
fn submission_name(data: &Value) -> Option<PostRef> {
    let place = place(data);
    post_named(data["id"].as_str()?, place.as_ref().map(|(kind, name)| (*kind, name.as_str())), None)
}

/// `r` and the community, or `user` and the account on whose page it stands.
fn place(data: &Value) -> Option<(&'static str, String)> {
    let name = text_of(&data["subreddit"])?;
    Some(name.strip_prefix("u_").map_or(("r", name.clone()), |user| ("user", user.to_owned())))
}

fn poll(data: &Value) -> Option<Poll> {
    let options = data["options"].as_array()?.iter().take(MAX_OPTIONS);
    let options: Vec<_> = options
        .filter_map(|option| Some(PollOption { label: text_of(&option["text"])?, votes: whole(&option["vote_count"]) }))
        .collect();
    let ends = data["voting_end_timestamp"].as_f64().and_then(|ms| Timestamp::from_millisecond(ms as i64).ok());
    (!options.is_empty()).then_some(Poll { options, ends, multiple: false })
}

fn count(found: &mut Post, name: &str, value: &Value) {
    found.counts.extend(whole(value).map(|n| (name.to_owned(), n)));
}

/// Markdown's entities as the characters that they stand for; without the invisible space of the site's editor.
fn decoded(markdown: &str) -> String {
    let plain = ENTITY.replace_all(markdown, |found: &regex::Captures<'_>| match &found[0] {
        "&nbsp;" => " ".to_owned(),
        entity => html::fragment_text(entity),
    });
    plain.replace('\u{200b}', "").trim().to_owned()
}

/// The rendered words, with links that lead somewhere from everywhere.
fn rendered(markup: &str) -> String {
    let markup = if markup.starts_with("&lt;") { html::fragment_text(markup) } else { markup.to_owned() };
    let markup = markup.replace("<!-- SC_OFF -->", "").replace("<!-- SC_ON -->", "");
    markup.replace("href=\"/", "href=\"https://www.reddit.com/").trim().to_owned()
}

/// An address in a listing, without the escapes of an answer that was not asked for raw.
pub(super) fn address(value: &Value) -> Option<String> {
    web(&value.as_str()?.replace("&amp;", "&"))
}

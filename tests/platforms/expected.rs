//! Compares what came of a capture with what its case expects.
//!
//! | key | value |
//! |---|---|
//! | `state` | as `list posts` prints it; `unknown` for a failure |
//! | `via` | the rung |
//! | `failure` | `drift`, `rate_limited`, `http`, `network`, `blocked`, `too_large`, `no_route` |
//! | `retry_at` | of a rate limit, or null |
//! | `requests` | URLs that were asked, in order |
//! | `key` | `platform:id` of the post as captured |
//! | `author_handle`, `author_name`, `author_id`, `author_url`, `avatar` | text or null |
//! | `published`, `edited` | a day or an instant |
//! | `text`, `lang`, `warning`, `sensitive`, `truncated` | as in the post |
//! | `text_html` | a part that the HTML must contain |
//! | `media`, `posters` | URLs, in order; media are all but posters and avatars |
//! | `alts` | the descriptions of `media`, null where there is none |
//! | `durations_ms` | of `media` |
//! | `fallbacks` | of the first file |
//! | `quoted`, `reply_to`, `thread` | key or null; of a thread its first post |
//! | `thread_position` | from 1, or null |
//! | `quoted_text` | words of the quoted post, null where its content is not there |
//! | `counts` | those named; null for one that must be missing |
//! | `poll` | {label: votes} |
//! | `card` | {`url`, `title`, `description`, `image`}, or null |

use crate::drive::Capture;
use embalm::model::{Failure, Media, MediaKind, Outcome, Post, Related, State, When};
use serde_json::{Map, Value, json};

/// The differences, one line each.
pub(crate) fn differences(expected: &Map<String, Value>, capture: &Capture) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, want) in expected {
        let have = match key.as_str() {
            "requests" => Some(json!(capture.asked.iter().map(url::Url::as_str).collect::<Vec<_>>())),
            "state" => Some(json!(state(capture).as_str())),
            "via" => capture.end.as_ref().ok().map(|(_, via)| json!(via.as_str())),
            "failure" => failure(capture).map(|failure| json!(failure)["reason"].clone()),
            "retry_at" => failure(capture).map(|failure| json!(failure)["retry_at"].clone()),
            _ => post(capture).map(|post| of_post(post, key, want)),
        };
        let have = have.unwrap_or(Value::Null);
        if !agree(key, want, &have) {
            wrong.push(format!("{key}: want {want}, have {have} (ended as {})", ending(capture)));
        }
    }
    wrong
}

fn agree(key: &str, want: &Value, have: &Value) -> bool {
    match key {
        "published" | "edited" => match (want.as_str(), have.as_str()) {
            (Some(want), Some(have)) => When::parse(want).is_some() && When::parse(want) == When::parse(have),
            (want, have) => want == have,
        },
        "text_html" => have.as_str().zip(want.as_str()).is_some_and(|(have, want)| have.contains(want)),
        _ => want == have,
    }
}

pub(crate) fn state(capture: &Capture) -> State {
    capture.end.as_ref().ok().and_then(|(outcome, _)| State::proven_by(outcome)).unwrap_or(State::Unknown)
}

pub(crate) fn post(capture: &Capture) -> Option<&Post> {
    match &capture.end {
        Ok((Outcome::Found(post), _)) => Some(post),
        _ => None,
    }
}

fn failure(capture: &Capture) -> Option<Failure> {
    match &capture.end {
        Ok((Outcome::Failed(failure), _)) => Some(failure.clone()),
        Ok(_) => None,
        Err(drift) => Some(Failure::Drift { at: drift.at.clone(), detail: drift.detail.clone() }),
    }
}

pub(crate) fn ending(capture: &Capture) -> String {
    match &capture.end {
        Ok((Outcome::Found(_), via)) => format!("found via {}", via.as_str()),
        Ok((outcome, via)) => format!("{outcome:?} via {}", via.as_str()),
        Err(drift) => format!("drift, {drift}"),
    }
}

fn of_post(post: &Post, key: &str, want: &Value) -> Value {
    let author = &post.author;
    match key {
        "key" => json!(post.post.key()),
        "author_handle" => json!(author.handle),
        "author_name" => json!(author.name),
        "author_id" => json!(author.id),
        "author_url" => json!(author.url),
        "avatar" => json!(author.avatar),
        "published" => json!(post.published),
        "edited" => json!(post.edited),
        "text" => json!(post.text),
        "text_html" => json!(post.text_html),
        "truncated" => json!(post.truncated),
        "lang" => json!(post.lang),
        "sensitive" => json!(post.sensitive),
        "warning" => json!(post.warning),
        "media" => json!(media(post).map(|media| &media.url).collect::<Vec<_>>()),
        "alts" => json!(media(post).map(|media| &media.alt).collect::<Vec<_>>()),
        "durations_ms" => json!(media(post).map(|media| media.duration_ms).collect::<Vec<_>>()),
        "posters" => {
            json!(post.media.iter().filter(|m| m.kind == MediaKind::Poster).map(|m| &m.url).collect::<Vec<_>>())
        }
        "fallbacks" => json!(post.media.first().map(|media| &media.fallbacks)),
        "quoted" => json!(post.quoted.as_ref().map(|related| related.post.key())),
        "quoted_text" => json!(post.quoted.as_ref().and_then(words)),
        "reply_to" => json!(post.reply_to.as_ref().map(|related| related.post.key())),
        "thread" => json!(post.thread.as_ref().map(|thread| thread.first.key())),
        "thread_position" => json!(post.thread.as_ref().and_then(|thread| thread.position)),
        "counts" => {
            let names = want.as_object().into_iter().flatten().map(|(name, _)| name);
            names.map(|name| (name.clone(), json!(post.counts.get(name)))).collect::<Map<_, _>>().into()
        }
        "poll" => post.poll.as_ref().map_or(Value::Null, |poll| {
            poll.options.iter().map(|option| (option.label.clone(), json!(option.votes))).collect::<Map<_, _>>().into()
        }),
        "card" => {
            let have = json!(post.card);
            let names = want.as_object().into_iter().flatten().map(|(name, _)| name);
            match have {
                Value::Object(have) => {
                    names.map(|name| (name.clone(), have.get(name).cloned().unwrap_or_default())).collect()
                }
                other => other,
            }
        }
        _ => json!(format!("{key:?} is not a key of this file's table")),
    }
}

fn media(post: &Post) -> impl Iterator<Item = &Media> {
    post.media.iter().filter(|media| !matches!(media.kind, MediaKind::Poster | MediaKind::Avatar))
}

fn words(related: &Related) -> Option<&str> {
    related.content.as_ref().map(|post| post.text.as_str())
}

//! The recordings in `../shared`: real answers of platforms, with what must be read from them.
//!
//! They stay outside the repository. Values are compared as `score_capture.py` there compares them: several recordings
//! of one post are one row, and a field is right when it equals what any of them gives.

use crate::shared::shared;
use crate::{
    drive::{self, Capture},
    expected,
    urls::family,
};
use embalm::{
    fetch::replay::Replay,
    model::{MediaKind, State, Via, When},
    platforms,
};
use regex::Regex;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// Values of the recordings' index that this house reads another way: (file, field, why).
const DOUBTED: &[(&str, &str, &str)] = &[
    (
        "instagram/page-post-with-photo.html",
        "text",
        "the index took the window's title, so its text ends with the platform's name; the caption stands in og:title",
    ),
    (
        "reddit:7pfpeq",
        "text",
        "of pages the index took the title alone; the words under it are the post's as well, as in the index's JSON answers",
    ),
    (
        "activitypub/wordpress-article.json",
        "recognised",
        "the address of an article on a site of its own has no shape that says post",
    ),
];

#[test]
fn recordings_of_twitter_are_read_right() {
    read_right("twitter");
}

#[test]
fn recordings_of_bluesky_are_read_right() {
    read_right("bluesky");
}

#[test]
fn recordings_of_the_fediverse_are_read_right() {
    read_right("mastodon");
}

#[test]
fn recordings_of_youtube_are_read_right() {
    read_right("youtube");
}

#[test]
fn recordings_of_telegram_are_read_right() {
    read_right("telegram");
}

#[test]
fn recordings_of_reddit_are_read_right() {
    read_right("reddit");
}

#[test]
fn recordings_of_tiktok_are_read_right() {
    read_right("tiktok");
}

#[test]
fn recordings_of_facebook_are_read_right() {
    read_right("facebook");
}

#[test]
fn recordings_of_tumblr_are_read_right() {
    read_right("tumblr");
}

#[test]
fn recordings_of_twitch_are_read_right() {
    read_right("twitch");
}

#[test]
fn recordings_of_instagram_are_read_right() {
    read_right("instagram");
}

/// One line of the expectations.
struct Row {
    post_url: String,
    post_id: String,
    file: String,
    status: u64,
    expected: Value,
}

fn read_right(platform: &str) {
    let Some(shared) = shared("") else { return };
    if platforms::by_id(platform).is_none_or(|platform| platform.samples().posts.is_empty()) {
        println!("skipped: {platform} is not built yet");
        return;
    }
    let replay = Replay::open(&[shared.join("replay/dev.warc.gz")]).expect("the recording");
    let lines = fs::read_to_string(shared.join("replay/dev.expected.jsonl")).expect("the expectations");
    let mut posts: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).expect("a line of JSON");
        let text = |name: &str| value[name].as_str().map_or_else(|| value[name].to_string(), str::to_owned);
        if family(&text("platform")) == platform {
            posts.entry((text("platform"), text("post_id"))).or_default().push(Row {
                post_url: text("post_url"),
                post_id: text("post_id"),
                file: text("file"),
                status: value["status"].as_u64().unwrap_or_default(),
                expected: value["expected"].clone(),
            });
        }
    }
    let mut score = Score::default();
    for rows in posts.values() {
        one_post(platform, rows, &replay, &mut score);
    }
    println!("{platform}: {} posts, {} of {} fields right", posts.len(), score.right, score.right + score.wrong.len());
    assert!(score.wrong.is_empty(), "{}", score.wrong.join("\n"));
}

fn one_post(platform: &str, rows: &[Row], replay: &Replay, score: &mut Score) {
    // Each URL form of the post is driven; the first is what the score is about.
    let mut ends = BTreeMap::new();
    for row in rows {
        let key = format!("{}:{} ({})", platform, row.post_id, row.file);
        let target = platforms::recognize_text(&row.post_url);
        let Some(post) =
            target.as_ref().and_then(|target| target.post()).filter(|post| family(&post.platform) == platform)
        else {
            score.check("recognised", &key, false, &row.post_url, &target);
            continue;
        };
        match drive::capture(post, |request| replay.exchange(request)) {
            Ok(capture) => score.compare(&key, rows, &capture),
            Err(why) => score.wrong.push(format!("{key}: {why}")),
        }
        ends.insert(post.key(), ());
    }
    if ends.len() > 1 {
        score.wrong.push(format!("one post under several keys: {:?}", ends.keys().collect::<Vec<_>>()));
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    wrong: Vec<String>,
}

impl Score {
    fn check(&mut self, field: &str, key: &str, right: bool, want: &dyn std::fmt::Debug, have: &dyn std::fmt::Debug) {
        if right {
            self.right += 1;
        } else if let Some((.., why)) =
            DOUBTED.iter().find(|(file, doubted, _)| key.contains(file) && *doubted == field)
        {
            println!("not counted: {key}: {field}: {why}");
        } else {
            self.wrong.push(format!("{key}: {field}: want {want:?}, have {have:?}"));
        }
    }

    fn compare(&mut self, key: &str, rows: &[Row], capture: &Capture) {
        let values = |name: &str| -> Vec<&str> {
            rows.iter().filter_map(|row| row.expected[name].as_str()).filter(|text| !text.is_empty()).collect()
        };
        let state = expected::state(capture);
        let states = values("state");
        if !states.is_empty() {
            let right = states.contains(&state.as_str()) || (state == State::Live && rows.len() > 1);
            return self.check("state", key, right, &states, &expected::ending(capture));
        }
        if rows
            .iter()
            .all(|row| matches!(row.status, 404 | 410) && row.expected["text"].as_str().unwrap_or("").is_empty())
        {
            let right = matches!(state, State::Deleted | State::Unavailable | State::Unknown | State::Private);
            return self.check("state", key, right, &"gone", &expected::ending(capture));
        }
        let Some(post) = expected::post(capture) else {
            return self.check("found", key, false, &"a post", &expected::ending(capture));
        };
        let via = capture.end.as_ref().map_or(Via::Quoted, |(_, via)| *via);
        let bare = |text: &str| plain(text).trim_start_matches('@').to_lowercase();
        let user = |text: &str| text.split('@').next().unwrap_or_default().to_owned();

        let want: BTreeSet<_> = values("author_handle").into_iter().map(bare).collect();
        let have = bare(&post.author.handle);
        let right = want.contains(&have) || want.iter().any(|want| user(want) == user(&have));
        self.check("author_handle", key, want.is_empty() || right, &want, &have);

        let want: BTreeSet<_> = values("author_name").into_iter().map(bare).collect();
        let have = post.author.name.as_deref().map(bare).unwrap_or_default();
        self.check("author_name", key, want.is_empty() || want.contains(&have), &want, &have);

        let want = values("created_at");
        let slack = if matches!(via, Via::Oembed | Via::Quoted) { 86_402 } else { 2 };
        let have = post.published.map(seconds);
        let near = |want: &&str| {
            let want = When::parse(want).map(seconds);
            have.zip(want).is_some_and(|(have, want)| (have - want).abs() <= slack)
        };
        self.check("published", key, want.is_empty() || want.iter().any(near), &want, &post.published);

        let want: BTreeSet<_> = values("text").into_iter().map(soft).collect();
        self.check("text", key, want.is_empty() || want.contains(&soft(&post.text)), &want, &soft(&post.text));

        let most = rows.iter().filter_map(|row| row.expected["media"].as_array()).max_by_key(|media| media.len());
        let have = post.media.iter().filter(|media| !matches!(media.kind, MediaKind::Avatar | MediaKind::Poster));
        let have: Vec<_> = have.map(|media| &media.url).collect();
        let want = most.map_or(0, Vec::len);
        self.check("media", key, have.len() >= want, &most, &have);

        let want = rows.iter().find_map(|row| match &row.expected["quoted"]["post_id"] {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        });
        let have = post.quoted.as_ref().map(|related| related.post.key());
        let right = want.as_ref().is_none_or(|want| have.as_ref().is_some_and(|have| have.contains(want.as_str())));
        self.check("quoted", key, right, &want, &have);
    }
}

/// White space folded, invisible joiners dropped.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '\u{200b}' | '\u{2060}')).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same without short links, which some recordings keep and others don't.
fn soft(text: &str) -> String {
    let short = Regex::new(r"(pic\.(twitter|x)\.com/\w+|https?://t\.co/\w+)").expect("a fixed pattern");
    plain(&short.replace_all(&plain(text), ""))
}

fn seconds(when: When) -> i64 {
    match when {
        When::Instant(at) => at.as_second(),
        When::Day(day) => day.to_zoned(jiff::tz::TimeZone::UTC).expect("midnight in UTC").timestamp().as_second(),
    }
}

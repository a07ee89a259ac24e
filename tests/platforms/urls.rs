//! The table of URL forms in `../shared`: every form of a platform that is built must name its post, and no other URL one.

use crate::shared::shared;
use embalm::{model::Target, platforms};
use std::fs;

/// Names of software that speaks Mastodon's language, which is one family here.
pub(crate) const FEDIVERSE: [&str; 13] = [
    "mastodon",
    "pleroma",
    "misskey",
    "pixelfed",
    "peertube",
    "truthsocial",
    "gab",
    "lemmy",
    "friendica",
    "gnusocial",
    "gotosocial",
    "activitypub",
    "fediverse",
];

/// Our platform for a name in the shared data.
pub(crate) fn family(platform: &str) -> &str {
    if FEDIVERSE.contains(&platform) { "mastodon" } else { platform }
}

/// Rows of the table that this house reads another way: (URL, why).
const DOUBTED: &[(&str, &str)] = &[];

#[test]
fn every_url_of_the_shared_table_names_its_post() {
    let Some(shared) = shared("") else { return };
    let table = fs::read_to_string(shared.join("urls.dev.tsv")).expect("the table of URLs");
    let (mut right, mut canonical, mut wrong) = (0, 0, Vec::new());
    for line in table.lines().skip(1) {
        let [url, platform, id, at] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}")
        };
        if DOUBTED.iter().any(|(doubted, _)| *doubted == url) {
            continue;
        }
        let target = platforms::recognize_text(url);
        if platform == "-" {
            match &target {
                Some(Target::Post(post)) => wrong.push(format!("{url} is no post, but was recognised as {post}")),
                _ => right += 1,
            }
            continue;
        }
        let Some(ours) = platforms::by_id(family(platform)).filter(|ours| !ours.samples().posts.is_empty()) else {
            continue;
        };
        let post = target.as_ref().and_then(Target::post);
        let same_id = |have: &str| {
            let have = have.to_lowercase();
            have == id.to_lowercase() || (ours.id() == "mastodon" && have.ends_with(&format!("/{}", id.to_lowercase())))
        };
        match post {
            Some(post) if family(&post.platform) == ours.id() && same_id(&post.id) => {
                right += 1;
                if post.url.as_str() == at {
                    canonical += 1;
                } else {
                    println!("canonical URL of {url}: {at} in the table, {} here", post.url);
                }
            }
            // Which post a short link leads to, only the network knows.
            None if matches!(&target, Some(Target::ShortLink { platform, .. }) if family(platform) == ours.id()) => {
                right += 1;
            }
            _ => wrong.push(format!("{url}: want {platform}:{id}, have {target:?}")),
        }
    }
    println!("URLs: {right} right, {canonical} with the table's canonical URL, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_article_s_own_address_is_no_post() {
    let Some(shared) = shared("") else { return };
    let labels = fs::read_to_string(shared.join("corpus/dev/labels.jsonl")).expect("the labels");
    let mut wrong = Vec::new();
    for line in labels.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let Some(url) = row["url"].as_str().and_then(|url| url::Url::parse(url).ok()) else { continue };
        wrong.extend(platforms::given(&url).map(|post| format!("{url} is {post}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

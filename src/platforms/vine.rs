//! Vine: six-second videos of 2013 to 2017.
//!
//! The site is closed. Its archive, `archive.vine.co/posts/CODE.json`, answered without a key when it was last seen
//! (youtube-dl, to 2021): 403 and 404 where a video was withdrawn or never was. Its fields are read as youtube-dl does.

use super::address::{is_anothers, is_code, parts, target, under};
use super::answers::{address, number, object, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, failure};
use crate::html::attr;
use crate::http::{Exchange, Request};
use crate::model::{Author, Form, Media, MediaKind, Outcome, Post, PostRef, Quoted, Target, Via, When, Withheld};
use scraper::ElementRef;
use serde_json::Value;
use url::Url;

const PLATFORM: &str = "vine";

/// Vine.
pub(super) struct Vine;

impl Platform for Vine {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://vine.co/v/aB1cD2eF3gH", "aB1cD2eF3gH"),
                ("http://www.vine.co/v/aB1cD2eF3gH/card?mute=1", "aB1cD2eF3gH"),
                ("//vine.co/v/aB1cD2eF3gH/embed/simple", "aB1cD2eF3gH"),
            ],
            others: &[
                "https://vine.co/",
                "https://vine.co/u/100200300",
                "https://vine.co/annex",
                "https://platform.vine.co/static/scripts/embed.js",
                "https://vine.co.evil.example/v/aB1cD2eF3gH",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("vine", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &["vineid"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        match (under(url, "vine.co")?, parts(url).as_slice()) {
            ("", ["v", id, ..]) => video(id),
            _ => None,
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if element.value().name() != "amp-vine" {
            return None;
        }
        Some(Markup { form: Form::Amp, target: video(attr(element, "data-vineid")?)?, quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let Some(first) = exchanges.first() else {
            let url = Url::parse(&format!("https://archive.vine.co/posts/{}.json", post.id));
            return url
                .map(|url| Step::Fetch(Request::get(url)))
                .map_err(|error| Drift::new("plan", error.to_string()));
        };
        let outcome = match first.response() {
            Some(answer) if matches!(answer.status, 403 | 404) => Outcome::Withheld(Withheld::Unavailable),
            Some(answer) if answer.is_success() => {
                let found = object(first).and_then(|vine| read(post, &vine));
                Outcome::Found(Box::new(found.ok_or_else(|| Drift::new("archive", "no video in the answer"))?))
            }
            _ => Outcome::Failed(failure(first)),
        };
        Ok(Step::Done(outcome, Via::Api))
    }
}

fn read(post: &PostRef, vine: &Value) -> Option<Post> {
    let files = ["videoUrl", "videoURL", "videoDashUrl", "videoLowUrl", "videoLowURL"];
    let mut files =
        files.iter().filter_map(|name| address(&vine[*name])).map(|url| url.replacen("http://", "https://", 1));
    let film = files.next()?;
    if is_anothers(post, vine["permalinkUrl"].as_str()) {
        return None;
    }
    let author = Author {
        id: words(&vine["userIdStr"]).or_else(|| number(&vine["userId"]).map(|id| id.to_string())),
        name: words(&vine["username"]),
        avatar: address(&vine["avatarUrl"]),
        ..Author::default()
    };
    let mut found = Post::new(post.clone(), author, words(&vine["description"]).unwrap_or_default());
    found.published = words(&vine["created"]).as_deref().and_then(When::parse);
    found.media.push(Media { fallbacks: files.collect(), ..Media::new(MediaKind::Video, film) });
    found.media.extend(address(&vine["thumbnailUrl"]).map(|url| Media::new(MediaKind::Poster, url)));
    let counts = [("views", "loops"), ("likes", "likes"), ("replies", "comments"), ("reposts", "reposts")];
    let count = |name: &str| number(&vine[name]).or_else(|| number(&vine[name]["count"]));
    found.counts = counts.iter().filter_map(|(own, name)| Some(((*own).to_owned(), count(name)?))).collect();
    Some(found)
}

fn video(id: &str) -> Option<Target> {
    is_code(id, 9..=13).then(|| target(PLATFORM, id, None, &format!("https://vine.co/v/{id}")))?
}

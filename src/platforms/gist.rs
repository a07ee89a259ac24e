//! Gists of GitHub: embedded by a script of the gist's address, or linked.
//!
//! A gist has no oEmbed. `api.github.com/gists/ID` gives its files without a key, sixty answers an hour to an address, and
//! says when the hour ends; where they are used up, the page's tags say whose it is. Facts from docs.github.com, 2026.

use super::address::{is_code, parts, target, under};
use super::answers::{address, number, object, words};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, failure};
use crate::html::attr;
use crate::http::{Exchange, Request};
use crate::model::{Author, Form, Outcome, Post, PostRef, Quoted, Target, Via, When, Withheld};
use scraper::ElementRef;
use serde_json::Value;
use url::Url;

const PLATFORM: &str = "gist";
/// The API gives up to 300 files of a gist.
const MAX_FILES: usize = 300;
/// Of all files together; the API cuts each at one megabyte.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// GitHub's gists.
pub(super) struct Gist;

impl Platform for Gist {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://gist.github.com/annex/0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
                ("https://gist.github.com/0123456789abcdef0123", "0123456789abcdef0123"),
                ("http://gist.github.com/1002003", "1002003"),
                ("https://gist.github.com/annex/1002003.js?file=tides.rs", "1002003"),
                ("https://gist.github.com/1002003.js", "1002003"),
                ("https://gist.github.com/annex/1002003#file-tides-rs", "1002003"),
                ("https://gist.github.com/annex/0123456789abcdef0123/revisions", "0123456789abcdef0123"),
            ],
            others: &[
                "https://gist.github.com/",
                "https://gist.github.com/annex",
                "https://gist.github.com/discover",
                "https://gist.github.com/annex/starred",
                "https://gist.github.com/auth/github?return_to=x",
                "https://github.com/annex/0123456789abcdef0123",
                "https://gist.github.com.evil.example/annex/1002003",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("gist.")];
        Needles { hosts: HOSTS, words: &[], marks: &["gistid", "gist-id"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !under(url, "gist.github.com")?.is_empty() {
            return None;
        }
        match parts(url).as_slice() {
            [user, id, ..] if named(id).is_some() && !matches!(*user, "raw" | "starred" | "search") => {
                of(Some(user), id)
            }
            [id, ..] => of(None, id),
            [] => None,
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let (form, target) = match element.value().name() {
            "script" => (Form::Script, super::recognize_text(attr(element, "src")?)?),
            "amp-gist" => (Form::Amp, of(None, attr(element, "data-gistid")?)?),
            // The placeholder of a widely used loader.
            "code" | "div" | "pre" => (Form::DataAttr, of(None, attr(element, "data-gist-id")?.rsplit('/').next()?)?),
            _ => return None,
        };
        (target.platform() == PLATFORM).then(|| Markup { form, target, quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let Some(first) = exchanges.first() else {
            let id = post.id.rsplit('/').next().unwrap_or_default();
            let url = Url::parse(&format!("https://api.github.com/gists/{id}"));
            let url = url.map_err(|error| Drift::new("plan", error.to_string()))?;
            return Ok(Step::Fetch(Request::get(url).with_header("accept", "application/vnd.github+json")));
        };
        let outcome = match first.response() {
            // Deleted, secret and wrong ids look alike.
            Some(answer) if answer.status == 404 && answer.json().is_some() => Outcome::Withheld(Withheld::Unavailable),
            Some(answer) if answer.is_success() => {
                let gist = object(first).and_then(|gist| read(post, &gist));
                let drift = || Drift::new("api", "no files in the answer");
                Outcome::Found(Box::new(gist.ok_or_else(drift)?))
            }
            _ => Outcome::Failed(failure(first)),
        };
        Ok(Step::Done(outcome, Via::Api))
    }
}

/// The description, then each file under its name.
fn read(post: &PostRef, gist: &Value) -> Option<Post> {
    if gist["id"].as_str().is_some_and(|id| !post.id.ends_with(id)) {
        return None;
    }
    let owner = &gist["owner"];
    let author = Author {
        id: number(&owner["id"]).map(|id| id.to_string()),
        handle: words(&owner["login"]).or_else(|| post.author.clone()).unwrap_or_default(),
        name: words(&owner["name"]),
        url: address(&owner["html_url"]),
        avatar: address(&owner["avatar_url"]),
    };
    let mut text = words(&gist["description"]).unwrap_or_default();
    let mut truncated = gist["truncated"].as_bool().unwrap_or(false);
    for (name, file) in gist["files"].as_object()?.iter().take(MAX_FILES) {
        let content = file["content"].as_str().unwrap_or_default();
        truncated |= file["truncated"].as_bool().unwrap_or(false) || text.len() + content.len() > MAX_TEXT_BYTES;
        let left = MAX_TEXT_BYTES.saturating_sub(text.len());
        let end = (0..=left.min(content.len())).rev().find(|at| content.is_char_boundary(*at)).unwrap_or_default();
        let before = if text.is_empty() { "" } else { "\n\n" };
        text.push_str(&format!("{before}{name}\n{}", content[..end].trim_end()));
    }
    if text.is_empty() {
        return None;
    }
    let mut found = Post::new(post.clone(), author, text);
    found.truncated = truncated;
    found.published = words(&gist["created_at"]).as_deref().and_then(When::parse);
    let edited = words(&gist["updated_at"]).and_then(|at| at.parse().ok());
    found.edited = edited.filter(|at| found.published != Some(When::Instant(*at)));
    found.counts.extend(number(&gist["comments"]).map(|count| ("replies".to_owned(), count)));
    Some(found)
}

/// An id as it stands in an address: a number until 2013, then twenty or thirty-two hexadecimal digits.
fn named(part: &str) -> Option<&str> {
    let id = part.strip_suffix(".js").or_else(|| part.strip_suffix(".json")).unwrap_or(part);
    let is_hash = matches!(id.len(), 20 | 32) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash || (is_code(id, 1..=10) && id.bytes().all(|byte| byte.is_ascii_digit()))).then_some(id)
}

fn of(user: Option<&str>, part: &str) -> Option<Target> {
    let id = named(part)?;
    let owner = user.map(|user| format!("{user}/")).unwrap_or_default();
    target(PLATFORM, id, user, &format!("https://gist.github.com/{owner}{id}"))
}

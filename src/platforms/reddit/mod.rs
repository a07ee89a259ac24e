//! Reddit: posts and comments, named by base-36 numbers.
//!
//! | what | where |
//! |---|---|
//! | URLs, markup | this file |
//! | what is asked, and what refusals mean | `plan` |
//! | the JSON of a post or comment | `thing` |
//! | its files and links | `media` |
//! | the post's page | `page` |
//!
//! Since May 2026 strangers' requests for JSON are refused; the page and `https://www.reddit.com/oembed` are not always.
//! The embed code quotes the title.

mod media;
mod page;
mod plan;
mod thing;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, recognize_text};
use crate::html::{attr, has_class, text};
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "reddit";
/// Front ends of one site; languages have two letters.
const FRONTS: [&str; 9] = ["www", "old", "new", "np", "m", "i", "amp", "embed", "sh"];
/// How hosts of other front ends for the same posts are called, under any domain.
const MIRRORS: [&str; 3] = ["redlib.", "libreddit.", "teddit."];
/// The site's names, and previewers that keep the path.
const HOSTS: [&str; 4] = ["reddit.com", "redditmedia.com", "vxreddit.com", "rxddit.com"];

static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// Reddit.
pub(super) struct Reddit;

impl Platform for Reddit {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.reddit.com/r/harbour/comments/1ab2cd/low_tide/?utm_source=share", "1ab2cd"),
                ("https://old.reddit.com/r/harbour/comments/1ab2cd", "1ab2cd"),
                ("https://www.reddit.com/r/harbour/comments/1ab2cd.json?raw_json=1", "1ab2cd"),
                ("https://www.reddit.com/r/harbour/comments/1ab2cd/low_tide/k3x9yz/?context=3", "1ab2cd/k3x9yz"),
                ("https://www.reddit.com/r/harbour/comments/1ab2cd/comment/k3x9yz/", "1ab2cd/k3x9yz"),
                ("https://embed.reddit.com/r/harbour/comments/1ab2cd/low_tide/?embed=true", "1ab2cd"),
                ("https://www.redditmedia.com/r/harbour/comments/1ab2cd/low_tide/?ref_source=embed", "1ab2cd"),
                ("https://www.reddit.com/comments/1ab2cd", "1ab2cd"),
                ("https://www.reddit.com/u/AnnExample/comments/1ab2cd/x/", "1ab2cd"),
                ("https://www.reddit.com/gallery/1ab2cd", "1ab2cd"),
                ("https://redd.it/1ab2cd", "1ab2cd"),
                ("https://vxreddit.com/r/harbour/comments/1ab2cd/", "1ab2cd"),
                ("https://www.rxddit.com/r/harbour/comments/1ab2cd/", "1ab2cd"),
            ],
            others: &[
                "https://www.reddit.com/",
                "https://www.reddit.com/r/harbour/",
                "https://www.reddit.com/user/AnnExample/",
                "https://www.reddit.com/submit?url=https%3A%2F%2Fnews.example",
                "https://www.reddit.com/search/?q=1ab2cd",
                "https://www.reddit.com/r/harbour/wiki/comments",
                "https://i.redd.it/1ab2cd.jpg",
                "https://v.redd.it/1ab2cd",
                "https://reddit.com.evil.example/r/harbour/comments/1ab2cd/",
                "https://notreddit.com/r/harbour/comments/1ab2cd/",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("reddit", &["submit"]),
            Host::parts("redditmedia", &["submit"]),
            Host::parts("redlib.", &[]),
            Host::parts("libreddit.", &[]),
            Host::parts("teddit.", &[]),
            Host::parts("vxreddit", &["submit"]),
            Host::parts("rxddit", &["submit"]),
            Host::part("redd"),
        ];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(7).collect();
        if matches!(host, "redd.it" | "www.redd.it") {
            return post(parts.first()?, None, None).map(Target::Post);
        }
        let is_front = HOSTS.iter().filter_map(|name| host.strip_suffix(name)).any(|front| {
            front.is_empty() || front.strip_suffix('.').is_some_and(|front| front.len() == 2 || FRONTS.contains(&front))
        });
        if !is_front && !MIRRORS.iter().any(|mirror| host.starts_with(mirror)) {
            return None;
        }
        let found = match parts[..] {
            [kind @ ("r" | "u" | "user"), name, "s", code, ..] => return share_link(kind, name, code),
            ["r", name, "comments", id, ref rest @ ..] => post(id, Some(("r", name)), comment(rest)),
            ["u" | "user", name, "comments", id, ref rest @ ..] => post(id, Some(("user", name)), comment(rest)),
            ["comments", id, ref rest @ ..] => post(id, None, comment(rest)),
            ["gallery" | "tb", id, ..] => post(id, None, None),
            _ => None,
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let (form, post) = match element.value().name() {
            "blockquote" if has_class(element, "reddit-embed-bq") || has_class(element, "reddit-card") => {
                (Form::Blockquote, element.select(&LINKS).filter_map(|link| attr(link, "href")).find_map(named)?)
            }
            "amp-reddit" => (Form::Amp, attr(element, "data-src").and_then(named)?),
            _ => return None,
        };
        let quoted = quoted(element);
        Some(Markup { form, target: Target::Post(post), quoted })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// The comment behind a post's id: `/slug/COMMENT` or `/comment/COMMENT`.
fn comment<'a>(rest: &[&'a str]) -> Option<&'a str> {
    rest.get(1).copied().filter(|id| is_id(id))
}

fn post(id: &str, place: Option<(&str, &str)>, comment: Option<&str>) -> Option<PostRef> {
    let id = id.strip_suffix(".json").unwrap_or(id);
    if !is_id(id) {
        return None;
    }
    let place = place.map(|(kind, name)| format!("{kind}/{name}/")).unwrap_or_default();
    let tail = comment.map(|comment| format!("comment/{comment}/")).unwrap_or_default();
    let url = Url::parse(&format!("https://www.reddit.com/{place}comments/{id}/{tail}")).ok()?;
    let id = comment.map_or_else(|| id.to_owned(), |comment| format!("{id}/{comment}"));
    Some(PostRef { platform: PLATFORM.to_owned(), id, author: None, url })
}

fn is_id(text: &str) -> bool {
    (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// `/r/NAME/s/CODE`: a code of its own that only the network resolves.
fn share_link(kind: &str, name: &str, code: &str) -> Option<Target> {
    let is_code = (6..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let url = Url::parse(&format!("https://www.reddit.com/{kind}/{name}/s/{code}")).ok().filter(|_| is_code)?;
    Some(Target::ShortLink { platform: PLATFORM.to_owned(), url })
}

fn named(url: &str) -> Option<PostRef> {
    recognize_text(url)?.post().filter(|post| post.platform == PLATFORM).cloned()
}

/// The title, and the author's handle where the embed code names it (since 2023).
fn quoted(element: ElementRef<'_>) -> Quoted {
    let title = element.select(&LINKS).find(|link| attr(*link, "href").and_then(named).is_some());
    let handle = element.select(&LINKS).map(text).find_map(|words| words.trim().strip_prefix("u/").map(str::to_owned));
    Quoted {
        // A comment's link says only that it is one.
        text: title.map(|link| text(link).trim().to_owned()).filter(|words| !words.is_empty() && words != "Comment"),
        author_handle: handle,
        ..Quoted::default()
    }
}

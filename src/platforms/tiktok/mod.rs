//! TikTok: films and picture posts, named by a number whose upper half is the time of posting.
//!
//! Its blockquote quotes the whole caption. Addresses of files expire within hours.
//!
//! | what | where |
//! |---|---|
//! | URLs, markup | this file |
//! | what is asked, and what refusals mean | `plan` |
//! | the post as the pages' scripts state it | `item` |

mod item;
mod plan;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, placeholder, recognize_text};
use crate::html::{attr, has_class, text};
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target, When};
use jiff::Timestamp;
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "tiktok";
/// Ids of the first years are shorter than the nineteen digits of today.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 8..=20;
/// Numbers below this many digits carry no time.
const TIMED_DIGITS: usize = 19;
/// TikTok's own hosts without `www.` and `m.`, and previewers that keep the path (seen in links, 2023 to 2026).
const HOSTS: [&str; 7] =
    ["tiktok.com", "tiktokv.com", "tiktokv.us", "vxtiktok.com", "tnktok.com", "tfxktok.com", "tiktxk.com"];

static PARAGRAPHS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("p").expect("the selector is a constant"));
static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// TikTok.
pub(super) struct TikTok;

impl Platform for TikTok {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.tiktok.com/@ann.ex/video/7200000000000000001", "7200000000000000001"),
                ("https://www.tiktok.com/@ann.ex/photo/7200000000000000001?lang=en", "7200000000000000001"),
                ("https://tiktok.com/%40ann.ex/video/7200000000000000001/", "7200000000000000001"),
                ("https://www.tiktok.com/@/video/7200000000000000001", "7200000000000000001"),
                ("https://m.tiktok.com/v/7200000000000000001.html?u_code=1", "7200000000000000001"),
                ("https://www.tiktok.com/embed/7200000000000000001", "7200000000000000001"),
                ("https://www.tiktok.com/embed/v2/7200000000000000001?lang=en-US", "7200000000000000001"),
                ("https://www.tiktok.com/player/v1/7200000000000000001?music_info=1", "7200000000000000001"),
                ("https://www.tiktokv.com/share/video/7200000000000000001/", "7200000000000000001"),
                ("https://www.vxtiktok.com/@ann.ex/video/7200000000000000001", "7200000000000000001"),
            ],
            others: &[
                "https://www.tiktok.com/",
                "https://www.tiktok.com/@ann.ex",
                "https://www.tiktok.com/@ann.ex/live",
                "https://www.tiktok.com/@ann.ex/video/",
                "https://www.tiktok.com/@ann.ex/video/abc",
                "https://www.tiktok.com/@ann.ex/playlist/rain-7200000000000000001",
                "https://www.tiktok.com/music/some-song-7200000000000000001",
                "https://www.tiktok.com/tag/rain",
                "https://www.tiktok.com/embed.js",
                "https://www.tiktok.com/embed/@ann.ex",
                "https://www.tiktok.com/search?q=7200000000000000001",
                "https://www.tiktok.com.evil.example/@ann.ex/video/7200000000000000001",
                "https://nottiktok.com/@ann.ex/video/7200000000000000001",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("tiktok", &["tag", "music"]),
            Host::parts("tiktokv", &["tag", "music"]),
            Host::parts("vxtiktok", &["tag", "music"]),
            Host::parts("tnktok", &["tag", "music"]),
            Host::parts("tfxktok", &["tag", "music"]),
            Host::parts("tiktxk", &["tag", "music"]),
        ];
        Needles { hosts: HOSTS, words: &["tiktok"], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(4).collect();
        if matches!(host, "vm.tiktok.com" | "vt.tiktok.com") {
            return short_link("https://vm.tiktok.com/", parts.first()?);
        }
        let bare = ["www.", "m.", "t."].iter().find_map(|start| host.strip_prefix(start)).unwrap_or(host);
        if !HOSTS.contains(&bare) {
            return None;
        }
        if let ["t", code, ..] = parts[..] {
            return short_link("https://www.tiktok.com/t/", code);
        }
        match parts[..] {
            [user, kind @ ("video" | "photo"), id, ..] if user.starts_with('@') || user.starts_with("%40") => {
                let user = user.trim_start_matches('@').trim_start_matches("%40");
                post(id, kind, Some(user).filter(|user| !user.is_empty()))
            }
            ["v", id, ..] => post(id.trim_end_matches(".html"), "video", None),
            ["embed" | "player", version, id, ..] if version.starts_with('v') => post(id, "video", None),
            ["embed", id, ..] | ["share", "video" | "item", id, ..] => post(id, "video", None),
            _ => None,
        }
        .map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let name = element.value().name();
        if let Some((form, id)) = placeholder::id(element, PLATFORM)
            && !matches!(name, "amp-tiktok" | "blockquote")
            && let Some(post) = post(id, "video", None)
        {
            return Some(Markup { form, target: Target::Post(post), quoted: Quoted::default() });
        }
        let form = match name {
            "blockquote" if has_class(element, "tiktok-embed") || attr(element, "cite").is_some() => Form::Blockquote,
            "amp-tiktok" => Form::Amp,
            _ => {
                let post = super::placeholder::said(element, PLATFORM).and_then(|id| post(id, "video", None))?;
                return Some(super::address::bare(Form::DataAttr, post));
            }
        };
        let cited = ["cite", "data-src"].iter().filter_map(|name| attr(element, name)).find_map(named);
        let numbered = || {
            if form == Form::Blockquote && !has_class(element, "tiktok-embed") {
                return None;
            }
            ["data-video-id", "data-src"]
                .iter()
                .filter_map(|name| attr(element, name))
                .find_map(|id| post(id, "video", None))
        };
        let post = cited.or_else(numbered)?;
        let quoted = if form == Form::Blockquote { quoted(element, &post) } else { Quoted::default() };
        Some(Markup { form, target: Target::Post(post), quoted })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// The post of an id that has digits alone.
fn post(id: &str, kind: &str, user: Option<&str>) -> Option<PostRef> {
    if !ID_DIGITS.contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let url = Url::parse(&format!("https://www.tiktok.com/@{}/{kind}/{id}", user.unwrap_or_default())).ok()?;
    Some(PostRef { platform: PLATFORM.to_owned(), id: id.to_owned(), author: user.map(str::to_owned), url })
}

fn short_link(start: &str, code: &str) -> Option<Target> {
    if !(4..=20).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let url = Url::parse(&format!("{start}{code}/")).ok()?;
    Some(Target::ShortLink { platform: PLATFORM.to_owned(), url })
}

/// A post by its address, also where a site's template has left braces around it.
fn named(url: &str) -> Option<PostRef> {
    let url = url.trim_matches(['{', '}']);
    recognize_text(url)?.post().filter(|post| post.platform == PLATFORM).cloned()
}

/// The upper half of an id is the second of posting.
fn posted_at(id: &str) -> Option<When> {
    let second = i64::try_from(id.parse::<u64>().ok()? >> 32).ok()?;
    (id.len() >= TIMED_DIGITS).then(|| Timestamp::from_second(second).ok().map(When::Instant)).flatten()
}

/// The caption, which is complete, and whose it is; the music line is the platform's.
fn quoted(element: ElementRef<'_>, post: &PostRef) -> Quoted {
    let captions = element.select(&PARAGRAPHS).map(|p| text(p).trim().to_owned());
    let caption: Vec<String> = captions.filter(|words| !words.is_empty() && !words.starts_with('♬')).collect();
    let handle = element.select(&LINKS).map(text).find_map(|words| words.trim().strip_prefix('@').map(str::to_owned));
    Quoted {
        text: Some(caption.join("\n")).filter(|words| !words.is_empty()),
        author_handle: handle.or_else(|| post.author.clone()),
        published: posted_at(&post.id),
        ..Quoted::default()
    }
}

//! Threads: posts named by a shortcode like Instagram's. Its embed code holds the address alone, no words.
//!
//! The site moved from threads.net to threads.com in 2025. Meta's oEmbed is not used for content. What is asked stands in
//! `plan`, how the pages state a post in `item`.

mod item;
mod plan;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, recognize_text};
use crate::html::{attr, has_class};
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "threads";
/// The site's two names, and previewers that keep the path.
const HOSTS: [&str; 5] = ["threads.com", "threads.net", "fixthreads.net", "vxthreads.net", "fixthreads.seria.moe"];

static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// Threads.
pub(super) struct Threads;

impl Platform for Threads {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.threads.com/@ann.ex/post/Da1_bC2-dE3", "Da1_bC2-dE3"),
                ("https://www.threads.net/@ann.ex/post/Da1_bC2-dE3/embed", "Da1_bC2-dE3"),
                ("https://threads.net/%40ann.ex/post/Da1_bC2-dE3?xmt=1", "Da1_bC2-dE3"),
                ("https://www.threads.com/@ann.ex/post/Da1_bC2-dE3/media", "Da1_bC2-dE3"),
                ("https://www.threads.net/t/Da1_bC2-dE3/", "Da1_bC2-dE3"),
            ],
            others: &[
                "https://www.threads.com/",
                "https://www.threads.com/@ann.ex",
                "https://www.threads.com/@ann.ex/replies",
                "https://www.threads.com/@ann.ex/post/",
                "https://www.threads.com/intent/post?text=x",
                "https://www.threads.com/search?q=x",
                "https://www.threads.com/embed.js",
                "https://www.threads.net.evil.example/@ann.ex/post/Da1_bC2-dE3",
                "https://notthreads.net/@ann.ex/post/Da1_bC2-dE3",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("threads", &["intent"]),
            Host::parts("fixthreads", &["intent"]),
            Host::parts("vxthreads", &["intent"]),
            Host::parts("seria", &["intent"]),
        ];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        if !HOSTS.contains(&host.strip_prefix("www.").unwrap_or(host)) {
            return None;
        }
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(4).collect();
        match parts[..] {
            ["t", code, ..] => post(code, None),
            [user, "post", code, ..] => post(code, Some(user.strip_prefix('@').or_else(|| user.strip_prefix("%40"))?)),
            _ => None,
        }
        .map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let permalink = attr(element, "data-text-post-permalink").and_then(named);
        let is_blockquote = element.value().name() == "blockquote";
        let linked = || {
            let own = is_blockquote && has_class(element, "text-post-media");
            own.then(|| element.select(&LINKS).filter_map(|link| attr(link, "href")).find_map(named)).flatten()
        };
        let post = permalink.or_else(linked)?;
        let form = if is_blockquote { Form::Blockquote } else { Form::DataAttr };
        let quoted = Quoted { author_handle: post.author.clone(), ..Quoted::default() };
        Some(Markup { form, target: Target::Post(post), quoted })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

fn post(code: &str, user: Option<&str>) -> Option<PostRef> {
    let is_code = (5..=64).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let path = user.map_or_else(|| format!("t/{code}"), |user| format!("@{user}/post/{code}"));
    let url = Url::parse(&format!("https://www.threads.com/{path}")).ok().filter(|_| is_code)?;
    Some(PostRef { platform: PLATFORM.to_owned(), id: code.to_owned(), author: user.map(str::to_owned), url })
}

fn named(url: &str) -> Option<PostRef> {
    recognize_text(url)?.post().filter(|post| post.platform == PLATFORM).cloned()
}

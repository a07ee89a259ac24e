//! Snapchat: films of Spotlight, and stories and lenses that were made public.
//!
//! What pages show to strangers stands in `plan`.

mod plan;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{bare, host, is_site, named, parts, post},
};
use crate::{
    html::{attr, has_class},
    http::Exchange,
    model::{Form, PostRef, Target},
};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "snapchat";

static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// Snapchat.
pub(super) struct Snapchat;

impl Platform for Snapchat {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.snapchat.com/spotlight/W7_AbCdEf-0123456789xyzXYZ", "W7_AbCdEf-0123456789xyzXYZ"),
                ("https://snapchat.com/spotlight/W7_AbCdEf-0123456789xyzXYZ/embed", "W7_AbCdEf-0123456789xyzXYZ"),
                (
                    "https://www.snapchat.com/@annex/spotlight/W7_AbCdEf-0123456789xyzXYZ?s=x",
                    "W7_AbCdEf-0123456789xyzXYZ",
                ),
                ("https://story.snapchat.com/o/W7_AbCdEf-0123456789xyzXYZ", "W7_AbCdEf-0123456789xyzXYZ"),
                (
                    "https://www.snapchat.com/lens/0123456789abcdef0123456789abcdef",
                    "lens/0123456789abcdef0123456789abcdef",
                ),
            ],
            others: &[
                "https://www.snapchat.com/",
                "https://www.snapchat.com/add/annex",
                "https://www.snapchat.com/@annex",
                "https://www.snapchat.com/spotlight",
                "https://www.snapchat.com/discover/annex/1234567890",
                "https://www.snapchat.com/scan?attachmentUrl=https%3A%2F%2Fexample.com",
                "https://www.snapchat.com.evil.example/spotlight/W7_AbCdEf-0123456789xyzXYZ",
                "https://notsnapchat.com/spotlight/W7_AbCdEf-0123456789xyzXYZ",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("snapchat", &["add"])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        let parts = parts(url);
        let found = match parts[..] {
            [code] if host == "t.snapchat.com" && is_code(code, 6) => {
                let url = Url::parse(&format!("https://t.snapchat.com/{code}")).ok()?;
                return Some(Target::ShortLink { platform: PLATFORM.to_owned(), url });
            }
            ["t", code] if is_site(host, "snapchat.com") && is_code(code, 6) => {
                return Some(Target::ShortLink { platform: PLATFORM.to_owned(), url: url.clone() });
            }
            ["o", id, ..] if host == "story.snapchat.com" => spotlight(None, id),
            _ if !is_site(host, "snapchat.com") => None,
            ["spotlight", id, ..] => spotlight(None, id),
            ["lens", id, ..] if is_code(id, 32) => {
                post(PLATFORM, format!("lens/{id}"), None, &format!("https://www.snapchat.com/lens/{id}"))
            }
            [author, "spotlight", id, ..] => spotlight(Some(author.strip_prefix('@')?), id),
            _ => None,
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if !has_class(element, "snapchat-embed") {
            return None;
        }
        let address = attr(element, "data-snapchat-embed-url").and_then(|address| named(PLATFORM, address));
        let linked = || element.select(&LINKS).filter_map(|link| attr(link, "href")).find_map(|a| named(PLATFORM, a));
        let post = address.or_else(linked)?;
        let form = if element.value().name() == "blockquote" { Form::Blockquote } else { Form::DataAttr };
        Some(bare(form, post))
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

fn spotlight(author: Option<&str>, id: &str) -> Option<PostRef> {
    is_code(id, 16)
        .then(|| post(PLATFORM, id.to_owned(), author, &format!("https://www.snapchat.com/spotlight/{id}")))?
}

fn is_code(text: &str, least: usize) -> bool {
    (least..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

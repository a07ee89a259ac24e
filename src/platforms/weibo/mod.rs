//! Weibo: posts by author and base-62 code on the desktop site, by either number on the mobile one.
//!
//! Many strangers are sent to a gate for visitors. What the others get stands in `plan` and `status`.

mod plan;
mod status;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_number, is_site, parts, post},
};
use crate::{
    http::Exchange,
    model::{PostRef, Target},
};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "weibo";

/// Weibo.
pub(super) struct Weibo;

impl Platform for Weibo {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://weibo.com/1234567890/Nab1Cd2eF", "1234567890/Nab1Cd2eF"),
                ("http://www.weibo.com/1234567890/Nab1Cd2eF?type=comment#_rnd1", "1234567890/Nab1Cd2eF"),
                ("https://weibo.com/1234567890/4339748000000001", "4339748000000001"),
                ("https://weibo.com/detail/4339748000000001", "4339748000000001"),
                ("https://m.weibo.cn/status/4339748000000001?jumpfrom=x", "4339748000000001"),
                ("https://m.weibo.cn/detail/4339748000000001", "4339748000000001"),
                ("https://m.weibo.cn/1234567890/4339748000000001", "4339748000000001"),
                ("https://m.weibo.cn/status/Nab1Cd2eF", "Nab1Cd2eF"),
            ],
            others: &[
                "https://weibo.com/",
                "https://weibo.com/annex",
                "https://weibo.com/u/1234567890",
                "https://weibo.com/1234567890",
                "https://weibo.com/1234567890/profile",
                "https://weibo.com/1234567890/followers",
                "https://m.weibo.cn/u/1234567890",
                "https://service.weibo.com/share/share.php?url=https%3A%2F%2Fexample.com",
                "https://weibo.com.evil.example/1234567890/Nab1Cd2eF",
                "https://notweibo.com/1234567890/Nab1Cd2eF",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("weibo", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        if !is_site(host, "weibo.com") && !is_site(host, "weibo.cn") {
            return None;
        }
        let found = match parts(url)[..] {
            ["status" | "detail" | "statuses", id, ..] => alone(id),
            [author, id, ..] if is_number(author, 5..=12) && is_number(id, 13..=19) => alone(id),
            [author, code, ..] if is_number(author, 5..=12) && is_code(code) => {
                let id = format!("{author}/{code}");
                post(PLATFORM, id.clone(), Some(author), &format!("https://weibo.com/{id}"))
            }
            _ => None,
        };
        found.map(Target::Post)
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        // Its widgets are buttons and streams of a whole account.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// A post whose author is not told.
fn alone(id: &str) -> Option<PostRef> {
    (is_number(id, 13..=19) || is_code(id))
        .then(|| post(PLATFORM, id.to_owned(), None, &format!("https://m.weibo.cn/status/{id}")))?
}

/// Seven-digit groups of the number, four base-62 characters each. Pages of an account have words of small letters.
fn is_code(text: &str) -> bool {
    (8..=11).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !text.bytes().all(|byte| byte.is_ascii_lowercase())
        && !text.bytes().all(|byte| byte.is_ascii_digit())
}

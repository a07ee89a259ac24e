//! Gists of GitHub: embedded by a script of the gist's address, or linked.
//!
//! A gist has no oEmbed, and GitHub's API gives strangers sixty answers an hour, so none is asked for. Facts from
//! docs.github.com and pages, to November 2026.

use super::address::{is_code, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Failure, Form, Outcome, PostRef, Quoted, Target, Via};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "gist";

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

    fn next(&self, _: &PostRef, _: &[Exchange]) -> Result<Step, Drift> {
        Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api))
    }
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

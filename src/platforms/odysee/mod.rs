//! Odysee, and LBRY's site before it: films and texts by name and claim, mostly under their channel's.
//!
//! What is asked, and how answers are read, stands in `plan`; no key is needed.

mod plan;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_site, parts, post},
};
use crate::{
    http::Exchange,
    model::{PostRef, Target},
};
use percent_encoding::percent_decode_str;
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "odysee";
const SITES: [&str; 4] = ["odysee.com", "lbry.tv", "open.lbry.com", "beta.lbry.tv"];

/// Odysee.
pub(super) struct Odysee;

impl Platform for Odysee {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://odysee.com/@Annex:1/a-boat-in-fog:2", "@Annex:1/a-boat-in-fog:2"),
                ("https://odysee.com/%40Annex%3A1/a-boat-in-fog%3A2?r=abc", "@Annex:1/a-boat-in-fog:2"),
                ("https://odysee.com/$/embed/@Annex:1/a-boat-in-fog:2?r=abc", "@Annex:1/a-boat-in-fog:2"),
                ("https://odysee.com/%24/embed/%40Annex%3A1/a-boat-in-fog%3A2", "@Annex:1/a-boat-in-fog:2"),
                ("https://lbry.tv/@Annex:1/a-boat-in-fog:2", "@Annex:1/a-boat-in-fog:2"),
                ("https://open.lbry.com/@Annex:1/a-boat-in-fog:2", "@Annex:1/a-boat-in-fog:2"),
                ("https://odysee.com/a-boat-in-fog:2f", "a-boat-in-fog:2f"),
                (
                    "https://odysee.com/$/embed/a-boat-in-fog/0123456789abcdef0123456789abcdef01234567",
                    "a-boat-in-fog:0123456789abcdef0123456789abcdef01234567",
                ),
            ],
            others: &[
                "https://odysee.com/",
                "https://odysee.com/$/discover",
                "https://odysee.com/$/search?q=boat",
                "https://odysee.com/@Annex:1",
                "https://odysee.com/@Annex",
                "https://odysee.com/$/embed/@Annex:1",
                "https://odysee.com.evil.example/@Annex:1/a-boat-in-fog:2",
                "https://notodysee.com/@Annex:1/a-boat-in-fog:2",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("odysee"), Host::part("lbry")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        if !SITES.iter().any(|site| is_site(host, site)) {
            return None;
        }
        let decoded: Option<Vec<_>> =
            parts(url).into_iter().map(|part| percent_decode_str(part).decode_utf8().ok()).collect();
        let decoded = decoded?;
        let parts: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
        let found = match parts[..] {
            ["$", "embed" | "download", ref rest @ ..] => claim(rest),
            ["$", ..] => None,
            ref rest => claim(rest),
        };
        found.map(Target::Post)
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        // Its embed code is an iframe.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// `@channel:1/name:2`, `name:2`, or `name/2` with the whole claim.
fn claim(parts: &[&str]) -> Option<PostRef> {
    // Reserved characters stand in no name; encoded ones would end the path.
    if parts.iter().any(|part| part.contains(['/', '?', '#'])) {
        return None;
    }
    let (channel, id) = match *parts {
        [channel, name] if channel.starts_with('@') => {
            (is_claimed(name) && !name.starts_with('@')).then(|| (Some(channel), format!("{channel}/{name}")))?
        }
        [name, claim] if claim.len() == 40 && is_claim(claim) && !name.contains(':') => {
            (None, format!("{name}:{claim}"))
        }
        [name] if is_claimed(name) && !name.starts_with('@') => (None, name.to_owned()),
        _ => return None,
    };
    let author = channel.map(|channel| channel.trim_start_matches('@').split(':').next().unwrap_or_default());
    let mut url = Url::parse("https://odysee.com/").ok()?;
    url.set_path(&id);
    post(PLATFORM, id, author, url.as_str())
}

fn is_claimed(name: &str) -> bool {
    name.rsplit_once(':').is_some_and(|(name, claim)| !name.is_empty() && is_claim(claim))
}

fn is_claim(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

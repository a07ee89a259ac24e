//! TED: talks by the name in their address.
//!
//! oEmbed answers without a key. Facts from recorded answers and pages, to November 2026.

use super::address::{is_slug, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "ted";
const ENDPOINT: &str = "https://www.ted.com/services/v1/oembed.json";

/// TED.
pub(super) struct Ted;

impl Platform for Ted {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.ted.com/talks/ann_ex_why_tides_turn?language=de", "ann_ex_why_tides_turn"),
                ("http://www.ted.com/talks/ann_ex_why_tides_turn.html", "ann_ex_why_tides_turn"),
                ("http://www.ted.com/talks/lang/de/ann_ex_why_tides_turn.html", "ann_ex_why_tides_turn"),
                ("https://www.ted.com/talks/ann_ex_why_tides_turn/transcript", "ann_ex_why_tides_turn"),
                ("https://www.ted.com/dubbing/ann_ex_why_tides_turn?audio=de", "ann_ex_why_tides_turn"),
                ("https://embed.ted.com/talks/ann_ex_why_tides_turn", "ann_ex_why_tides_turn"),
                ("https://embed-ssl.ted.com/talks/lang/de/ann_ex_why_tides_turn.html", "ann_ex_why_tides_turn"),
            ],
            others: &[
                "https://www.ted.com/",
                "https://www.ted.com/talks",
                "https://www.ted.com/talks/browse",
                "https://www.ted.com/speakers/ann_ex",
                "https://www.ted.com/playlists/171/the_most_popular_talks",
                "https://blog.ted.com/talks/ann_ex_why_tides_turn",
                "https://wanted.com/talks/ann_ex_why_tides_turn",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("ted", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let before = under(url, "ted.com")?;
        if !matches!(before, "" | "embed" | "embed-ssl") {
            return None;
        }
        match parts(url).as_slice() {
            ["talks", "lang" | "subtitles", _, name, ..] | ["talks" | "dubbing", name, ..] => talk(name),
            _ => None,
        }
    }

    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::with_page(ENDPOINT, post, exchanges)
    }
}

/// A talk by its name, which begins with the speaker's and so has more than one word.
fn talk(name: &str) -> Option<Target> {
    let name = name.strip_suffix(".html").unwrap_or(name);
    (is_slug(name) && name.contains('_'))
        .then(|| target(PLATFORM, name, None, &format!("https://www.ted.com/talks/{name}")))?
}

//! Giphy: animated pictures by the code at the end of their address, also where only the file is shown.
//!
//! oEmbed answers without a key. Facts from developers.giphy.com and pages, to November 2026.

use super::address::{is_code, parts, short_link, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "giphy";
const ENDPOINT: &str = "https://giphy.com/services/oembed";

/// Giphy.
pub(super) struct Giphy;

impl Platform for Giphy {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://giphy.com/gifs/aB1cD2eF3gH4", "aB1cD2eF3gH4"),
                ("https://giphy.com/gifs/low-tide-aB1cD2eF3gH4", "aB1cD2eF3gH4"),
                ("https://giphy.com/gifs/low-tide-aB1cD2eF3gH4/html5", "aB1cD2eF3gH4"),
                ("https://giphy.com/clips/annex-low-tide-aB1cD2eF3gH4", "aB1cD2eF3gH4"),
                ("https://giphy.com/stickers/tide-aB1cD2eF3gH4", "aB1cD2eF3gH4"),
                ("//giphy.com/embed/aB1cD2eF3gH4?hideSocial=true", "aB1cD2eF3gH4"),
                ("https://giphy.com/embed/aB1cD2eF3gH4/video", "aB1cD2eF3gH4"),
                ("https://media2.giphy.com/media/aB1cD2eF3gH4/giphy.gif", "aB1cD2eF3gH4"),
                ("https://media.giphy.com/media/v1.Y2lkPTc5/aB1cD2eF3gH4/giphy.gif", "aB1cD2eF3gH4"),
                ("https://i.giphy.com/aB1cD2eF3gH4.gif", "aB1cD2eF3gH4"),
            ],
            others: &[
                "https://giphy.com/",
                "https://giphy.com/annex",
                "https://giphy.com/search/tides",
                "https://giphy.com/explore/tides",
                "https://giphy.com/channel/annex",
                "https://giphy.com/upload",
                "https://giphy.com.evil.example/gifs/aB1cD2eF3gH4",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("giphy")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if under(url, "gph.is") == Some("") {
            return short_link(PLATFORM, url);
        }
        let before = under(url, "giphy.com")?;
        let is_files = before == "i" || before.starts_with("media");
        match parts(url).as_slice() {
            ["gifs" | "clips" | "stickers" | "videos", name, ..] if before.is_empty() => {
                picture(name.rsplit('-').next()?)
            }
            ["embed", id, ..] if before.is_empty() => picture(id),
            ["media", version, id, _] if is_files && version.starts_with("v1.") => picture(id),
            ["media", id, _] if is_files || before.is_empty() => picture(id),
            [file] if before == "i" => picture(file.split('.').next()?),
            _ => None,
        }
    }

    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::next(ENDPOINT, post, exchanges)
    }
}

fn picture(id: &str) -> Option<Target> {
    is_code(id, 8..=40).then(|| target(PLATFORM, id, None, &format!("https://giphy.com/gifs/{id}")))?
}

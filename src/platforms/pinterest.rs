//! Pinterest: pins, under any of its national domains; `pin.it` is its shortener.
//!
//! oEmbed (`/oembed.json`) answers without a key: title, author and a small still (recorded 2024). A pin's page states it
//! as a `SocialMediaPosting`, with its day and words.

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{bare, host, is_number, named, parameter, parts, post},
    oembed,
};
use crate::{
    html::{attr, classes},
    http::Exchange,
    model::{Form, Media, Outcome, PostRef, Target},
};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "pinterest";
const ENDPOINT: &str = "https://www.pinterest.com/oembed.json";

/// Where Pinterest has a domain of its own, as in its list of languages (November 2026).
const ENDINGS: [&str; 46] = [
    "com", "at", "be", "ca", "ch", "cl", "co", "co.at", "co.in", "co.kr", "co.nz", "co.uk", "com.au", "com.bo",
    "com.ec", "com.mx", "com.pe", "com.py", "com.uy", "com.vn", "cz", "de", "dk", "ec", "es", "fi", "fr", "hu", "id",
    "ie", "in", "info", "it", "jp", "kr", "mx", "nl", "no", "nz", "pe", "ph", "pt", "ru", "se", "th", "uk",
];

/// Pinterest.
pub(super) struct Pinterest;

impl Platform for Pinterest {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.pinterest.com/pin/123456789012345678/", "123456789012345678"),
                ("http://pinterest.com/pin/123456789012345678", "123456789012345678"),
                ("https://jp.pinterest.com/pin/123456789012345678/", "123456789012345678"),
                ("https://www.pinterest.co.uk/pin/a-boat-in-fog--123456789012345678/", "123456789012345678"),
                ("https://www.pinterest.com.au/pin/123456789012345678/sent/?invite_code=x", "123456789012345678"),
                ("https://assets.pinterest.com/ext/embed.html?id=123456789012345678", "123456789012345678"),
            ],
            others: &[
                "https://www.pinterest.com/",
                "https://www.pinterest.com/annex/",
                "https://www.pinterest.com/annex/boats/",
                "https://www.pinterest.com/pin/create/button/?url=https%3A%2F%2Fexample.com%2F",
                "https://www.pinterest.com/pin/create/link/?url=https%3A%2F%2Fexample.com%2F123456789012345678",
                "https://www.pinterest.com/search/pins/?q=boats",
                "https://assets.pinterest.com/js/pinit.js",
                "https://pinterest.com.evil.example/pin/123456789012345678/",
                "https://notpinterest.com/pin/123456789012345678/",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("pinterest", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &["data-pin-id"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        let parts = parts(url);
        if host == "pin.it" {
            let [code] = parts[..] else { return None };
            let is_code = (5..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let url = is_code.then(|| Url::parse(&format!("https://pin.it/{code}")).ok())??;
            return Some(Target::ShortLink { platform: PLATFORM.to_owned(), url });
        }
        let (start, ending) = host.split_once("pinterest.")?;
        let is_ours = ENDINGS.contains(&ending) && (start.is_empty() || start.find('.') == Some(start.len() - 1));
        let id = match parts[..] {
            ["pin", pin, ..] => pin.rsplit("--").next().map(str::to_owned),
            ["ext", "embed.html"] => parameter(url, "id"),
            _ => None,
        };
        id.filter(|_| is_ours).and_then(|id| pin(&id)).map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let is_amp = element.value().name() == "amp-pinterest";
        let does = attr(element, "data-pin-do").or_else(|| attr(element, "data-do").filter(|_| is_amp));
        let is_embed = does == Some("embedPin");
        // What the script leaves in the place of its link.
        let is_rendered = classes(element).any(|class| class.contains("_embed_pin"));
        if !is_embed && !is_rendered {
            return None;
        }
        let address = ["href", "data-url", "data-pin-url", "data-pin-href"].iter().find_map(|name| attr(element, name));
        let found = attr(element, "data-pin-id").and_then(pin);
        let found = found.or_else(|| named(PLATFORM, address?))?;
        Some(bare(if is_amp { Form::Amp } else { Form::DataAttr }, found))
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let mut step = oembed::with_page(ENDPOINT, post, exchanges)?;
        if let Step::Done(Outcome::Found(found), _) = &mut step {
            found.media.iter_mut().for_each(put_original);
        }
        Ok(step)
    }
}

/// A picture's address begins with its size: `/236x/b5/34/…`. The original is there under `originals`, though its file may
/// have another ending; `736x` always has this one (gallery-dl, 2026).
fn put_original(picture: &mut Media) {
    let Some((host, path)) = picture.url.split_once(".pinimg.com/") else { return };
    let Some((size, rest)) = path.split_once('/').filter(|(size, _)| size.contains('x')) else { return };
    let of_size = |size: &str| format!("{host}.pinimg.com/{size}/{rest}");
    let (original, large) = (of_size("originals"), of_size("736x"));
    let is_large = size == "736x";
    let given = std::mem::replace(&mut picture.url, original);
    (picture.width_px, picture.height_px) = (None, None);
    picture.fallbacks.insert(0, given);
    if !is_large {
        picture.fallbacks.insert(0, large);
    }
}

fn pin(id: &str) -> Option<PostRef> {
    is_number(id, 3..=20)
        .then(|| post(PLATFORM, id.to_owned(), None, &format!("https://www.pinterest.com/pin/{id}/")))?
}

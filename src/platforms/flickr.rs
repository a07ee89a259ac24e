//! Flickr: photos by number, or by the code of their short address.
//!
//! oEmbed answers without a key, with the picture's address. A `flic.kr` code is the number in base 58; the short address
//! is asked for as it is. Facts from flickr.com's API pages and recorded answers, to November 2026.

use super::address::{is_code, number, parameter, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, oembed};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "flickr";
const ENDPOINT: &str = "https://www.flickr.com/services/oembed/";

/// Flickr.
pub(super) struct Flickr;

impl Platform for Flickr {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.flickr.com/photos/annex/10020030040/", "10020030040"),
                ("http://flickr.com/photos/10020030@N04/10020030040/in/photostream/", "10020030040"),
                ("https://www.flickr.com/photos/annex/10020030040/in/album-7215/lightbox/", "10020030040"),
                ("https://www.flickr.com/photos/annex/10020030040/player/0a1b2c3d4e", "10020030040"),
                ("https://m.flickr.com/photos/annex/10020030040", "10020030040"),
                ("https://m.flickr.com/#/photos/annex/10020030040/", "10020030040"),
                ("https://embedr.flickr.com/photos/10020030040?width=640", "10020030040"),
                ("https://www.flickr.com/photo.gne?id=10020030040", "10020030040"),
                ("https://flic.kr/p/aBcD12", "flic.kr/p/aBcD12"),
            ],
            others: &[
                "https://www.flickr.com/photos/annex/",
                "https://www.flickr.com/people/annex/",
                "https://www.flickr.com/photos/annex/sets/7215001002/",
                "https://www.flickr.com/photos/annex/albums/7215001002",
                "https://www.flickr.com/photos/tags/2015/",
                "https://www.flickr.com/groups/tides/pool/",
                "https://flic.kr/s/aBcD12",
                "https://live.staticflickr.com/65535/10020030040_0a1b2c3d4e_b.jpg",
                "https://flickr.com.evil.example/photos/annex/10020030040",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::more("flickr", &["people", "groups"]), Host::parts("flic", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let parts = parts(url);
        if under(url, "flic.kr") == Some("") {
            let ["p", code] = parts.as_slice() else { return None };
            return is_code(code, 4..=12)
                .then(|| target(PLATFORM, &format!("flic.kr/p/{code}"), None, &format!("https://flic.kr/p/{code}")))?;
        }
        match (under(url, "flickr.com")?, parts.as_slice()) {
            ("" | "m" | "secure", ["photos", user, id, ..]) => photo(user, id),
            ("m", []) => {
                let mut inside = url.fragment()?.split('/').filter(|part| !part.is_empty());
                (inside.next()? == "photos").then_some(())?;
                photo(inside.next()?, inside.next()?)
            }
            ("embedr", ["photos", id]) => unowned(id),
            ("" | "m", ["photo.gne"]) => unowned(&parameter(url, "id")?),
            _ => None,
        }
    }

    /// The embed code of Flickr's share dialog: a link with the picture in it, which a script turns into a frame.
    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        attr(element, "data-flickr-embed")?;
        let target = self.recognize(&Url::parse(attr(element, "href")?).ok()?)?;
        let title = attr(element, "title").map(|title| title.trim_end_matches(", on Flickr"));
        let (text, author_name) = match title.and_then(|title| title.rsplit_once(" by ")) {
            Some((text, name)) if title != attr(element, "title") => (Some(text), Some(name.to_owned())),
            _ => (title, None),
        };
        let author_handle = target.post().and_then(|post| post.author.clone());
        let quoted = Quoted { text: text.map(str::to_owned), author_name, author_handle, ..Quoted::default() };
        Some(Markup { form: Form::DataAttr, target, quoted })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        oembed::with_page(ENDPOINT, post, exchanges)
    }
}

fn photo(user: &str, id: &str) -> Option<Target> {
    let id = number(id)?;
    let is_user = !matches!(user, "tags" | "search" | "upload" | "friends");
    is_user.then(|| target(PLATFORM, id, Some(user), &format!("https://www.flickr.com/photos/{user}/{id}/")))?
}

/// A photo whose owner the address does not name; this one leads to it.
fn unowned(id: &str) -> Option<Target> {
    let id = number(id)?;
    target(PLATFORM, id, None, &format!("https://www.flickr.com/photo.gne?id={id}"))
}

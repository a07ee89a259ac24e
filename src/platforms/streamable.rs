//! Streamable: short films by their code.
//!
//! oEmbed answers without a key with title and still; `api.streamable.com/videos/CODE`, open as well, has the files
//! (yt-dlp and Streamable's own documentation, 2026).

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_site, parts, post},
    answers::{address, number, object, seconds, words},
    oembed,
};
use crate::{
    http::{Exchange, Request},
    model::{Author, Media, MediaKind, Outcome, Post, PostRef, Target, Via},
};
use scraper::ElementRef;
use serde_json::Value;
use url::Url;

const PLATFORM: &str = "streamable";
const ENDPOINT: &str = "https://api.streamable.com/oembed.json";

/// Pages whose names could be codes.
const PAGES: [&str; 20] = [
    "about",
    "account",
    "apps",
    "blog",
    "business",
    "careers",
    "contact",
    "dmca",
    "documentation",
    "faq",
    "features",
    "help",
    "login",
    "press",
    "pricing",
    "privacy",
    "recover",
    "settings",
    "signup",
    "terms",
];

/// Streamable.
pub(super) struct Streamable;

impl Platform for Streamable {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://streamable.com/ab1cd2", "ab1cd2"),
                ("http://www.streamable.com/ab1c", "ab1c"),
                ("https://streamable.com/e/ab1cd2?autoplay=1", "ab1cd2"),
                ("https://streamable.com/o/ab1cd2", "ab1cd2"),
                ("https://streamable.com/s/ab1cd2/efghij", "ab1cd2"),
                ("https://streamable.com/t/ab1cd2", "ab1cd2"),
            ],
            others: &[
                "https://streamable.com/",
                "https://streamable.com/login",
                "https://streamable.com/pricing",
                "https://streamable.com/l/ab1cd2/mp4.mp4",
                "https://cdn-cf-east.streamable.com/image/ab1cd2.jpg",
                "https://streamable.com.evil.example/ab1cd2",
                "https://notstreamable.com/ab1cd2",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("streamable")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !is_site(host(url)?, "streamable.com") {
            return None;
        }
        let (["e" | "o" | "s" | "t" | "g", id, ..] | [id]) = parts(url)[..] else { return None };
        let is_code = (4..=8).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && !PAGES.contains(&id);
        is_code.then(|| post(PLATFORM, id.to_owned(), None, &format!("https://streamable.com/{id}")))?.map(Target::Post)
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        // Its embed code is an iframe.
        None
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let first = exchanges.get(..1).unwrap_or_default();
        let step = oembed::next(ENDPOINT, post, first);
        if oembed::is_settled(&step) {
            return step;
        }
        let Some(second) = exchanges.get(1) else {
            let url = Url::parse(&format!("https://api.streamable.com/videos/{}", post.id));
            return url.map_or(step, |url| Ok(Step::Fetch(Request::get(url))));
        };
        let Some(film) = object(second).and_then(|video| film(&video)) else { return step };
        let mut found = match step {
            Ok(Step::Done(Outcome::Found(found), _)) => found,
            _ => Box::new(Post::new(post.clone(), Author::default(), "")),
        };
        found.media.iter_mut().for_each(|still| still.kind = MediaKind::Poster);
        found.media.insert(0, film.file);
        if !found.media.iter().any(|media| media.kind == MediaKind::Poster) {
            found.media.extend(film.still.map(|url| Media::new(MediaKind::Poster, url)));
        }
        if found.text.is_empty() {
            found.text = film.title.unwrap_or_default();
        }
        Ok(Step::Done(Outcome::Found(found), Via::Api))
    }
}

struct Film {
    title: Option<String>,
    still: Option<String>,
    file: Media,
}

/// The largest file; a film that is still being processed has none (`status` is 2 where it is ready).
fn film(video: &Value) -> Option<Film> {
    let files = ["original", "mp4-high", "mp4", "mp4-mobile"].iter().map(|name| &video["files"][*name]);
    let mut files: Vec<_> = files.filter_map(|file| Some((address(&file["url"])?, file))).collect();
    files.sort_by_key(|(_, file)| std::cmp::Reverse(number(&file["width"])));
    let (url, largest) = files.first()?;
    let side = |name: &str| number(&largest[name]).and_then(|n| u32::try_from(n).ok());
    let file = Media {
        width_px: side("width"),
        height_px: side("height"),
        duration_ms: seconds(&largest["duration"]),
        fallbacks: files.iter().skip(1).map(|(url, _)| url.clone()).collect(),
        ..Media::new(MediaKind::Video, url)
    };
    Some(Film { title: words(&video["title"]), still: address(&video["thumbnail_url"]), file })
}

//! Imgur: pictures, albums (`a/ID`) and gallery posts (`gallery/ID`), also by the address of the file alone.
//!
//! oEmbed (`api.imgur.com/oembed`) answers without a key, with a snippet whose link is the title (recorded 2021). A file's name may end with a letter for its size.

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{host, is_site, named, parts, post},
    oembed::{self, OEmbed},
};
use crate::{
    html::{attr, fragment_text, has_class, text},
    http::{Exchange, Request, Response},
    model::{Form, Gone, Media, MediaKind, Outcome, PostRef, Quoted, Target, Via, Withheld},
};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "imgur";
const ENDPOINT: &str = "https://api.imgur.com/oembed";

/// Pages whose names have the length of an id.
const PAGES: [&str; 11] =
    ["about", "rules", "store", "gallery", "privacy", "contact", "upgrade", "careers", "emerald", "account", "memegen"];
/// Letters after an id that name a size: small, big square, small to huge thumbnail.
const SIZES: [char; 6] = ['s', 'b', 't', 'm', 'l', 'h'];
/// Extensions of the files served.
const FILES: [&str; 9] = ["jpg", "jpeg", "png", "gif", "gifv", "mp4", "webm", "webp", "mpeg"];

/// Imgur.
pub(super) struct Imgur;

impl Platform for Imgur {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://imgur.com/aB3dE6g", "aB3dE6g"),
                ("http://www.imgur.com/aB3dE", "aB3dE"),
                ("https://m.imgur.com/aB3dE6g", "aB3dE6g"),
                ("https://imgur.io/aB3dE6g", "aB3dE6g"),
                ("https://imgur.com/a-boat-in-fog-aB3dE6g", "aB3dE6g"),
                ("https://imgur.com/aB3dE6g/embed?pub=true&ref=https%3A%2F%2Fexample.com", "aB3dE6g"),
                ("https://i.imgur.com/aB3dE6g.png", "aB3dE6g"),
                ("https://i.imgur.com/aB3dE6gh.jpg", "aB3dE6g"),
                ("https://i.imgur.com/aB3dE6g_d.webp?maxwidth=640", "aB3dE6g"),
                ("https://i.imgur.com/aB3dE6g.gifv", "aB3dE6g"),
                ("https://imgur.com/a/aB3dE", "a/aB3dE"),
                ("https://imgur.com/a/a-boat-in-fog-aB3dE6g#3", "a/aB3dE6g"),
                ("https://imgur.com/a/aB3dE6g/embed", "a/aB3dE6g"),
                ("https://imgur.com/gallery/aB3dE6g", "gallery/aB3dE6g"),
                ("https://imgur.com/gallery/a-boat-in-fog-aB3dE6g", "gallery/aB3dE6g"),
                ("https://imgur.com/t/boats/aB3dE6g", "gallery/aB3dE6g"),
                ("https://imgur.com/r/boats/aB3dE6g", "aB3dE6g"),
            ],
            others: &[
                "https://imgur.com/",
                "https://imgur.com/about",
                "https://imgur.com/gallery",
                "https://imgur.com/gallery/hot",
                "https://imgur.com/user/annex",
                "https://imgur.com/search?q=boats",
                "https://imgur.com/t/boats",
                "https://s.imgur.com/min/embed.js",
                "https://i.imgur.com/removed_picture.png",
                "https://imgur.com.evil.example/aB3dE6g",
                "https://notimgur.com/aB3dE6g",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("imgur")];
        Needles { hosts: HOSTS, words: &["imgur"], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        let parts = parts(url);
        let is_file_host = matches!(host, "i.imgur.com" | "i.imgur.io");
        if !is_file_host && !is_site(host, "imgur.com") && !is_site(host, "imgur.io") {
            return None;
        }
        let found = match parts[..] {
            ["a", album, ..] => of("a/", last(album)?),
            ["gallery", name, ..] | ["t" | "topic", _, name, ..] => of("gallery/", last(name)?),
            ["r", _, name, ..] => of("", last(name)?),
            [name] => match name.rsplit_once('.') {
                Some((name, ending)) => {
                    FILES.contains(&ending.to_ascii_lowercase().as_str()).then(|| of("", of_file(name)?))?
                }
                None => of("", last(name)?),
            },
            [name, "embed"] => of("", last(name)?),
            _ => None,
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let is_amp = element.value().name() == "amp-imgur";
        if !is_amp && !has_class(element, "imgur-embed-pub") {
            return None;
        }
        let id = if is_amp { attr(element, "data-imgur-id") } else { attr(element, "data-id") }?;
        let post = named(PLATFORM, &format!("https://imgur.com/{}", id.trim_start_matches('/')))?;
        let form = match element.value().name() {
            "blockquote" => Form::Blockquote,
            _ if is_amp => Form::Amp,
            _ => Form::DataAttr,
        };
        Some(Markup {
            form,
            target: Target::Post(post),
            quoted: Quoted { text: title(&text(element)), ..Quoted::default() },
        })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let is_file = !post.id.contains('/');
        let first = exchanges.get(..1).unwrap_or_default();
        let step = oembed::next(ENDPOINT, post, first)?;
        let (mut found, via) = match step {
            Step::Done(Outcome::Found(found), via) => (found, via),
            // The endpoint does not say why; the file's address does.
            Step::Done(Outcome::Withheld(Withheld::Unavailable), _) if is_file => {
                return Ok(match exchanges.get(1) {
                    None => file_request(&post.id).map_or(step, Step::Fetch),
                    Some(exchange) if leads_to_removed(exchange) => {
                        Step::Done(Outcome::Gone(Gone::Deleted), Via::Oembed)
                    }
                    Some(_) => step,
                });
            }
            _ => return Ok(step),
        };
        if is_file && found.media.is_empty() {
            // Any ending gives the file as it is.
            found.media.push(Media::new(MediaKind::Image, format!("https://i.imgur.com/{}.jpg", post.id)));
        }
        // The answer has no title of its own: it is the link's words in the snippet.
        if let Some(answer) = exchanges.first().and_then(Exchange::response).filter(|_| found.text.is_empty()) {
            let snippet = OEmbed::read(answer, "oembed")?.html.unwrap_or_default();
            found.text = title(&fragment_text(&snippet)).unwrap_or_default();
        }
        Ok(Step::Done(Outcome::Found(found), via))
    }
}

fn file_request(id: &str) -> Option<Request> {
    let url = Url::parse(&format!("https://i.imgur.com/{id}.jpg")).ok()?;
    Some(Request::get(url).without_redirects())
}

/// A picture that is no more leads to one that says so (302 to `removed.png`, 503 bytes; 2024).
fn leads_to_removed(exchange: &Exchange) -> bool {
    let target = exchange.response().and_then(Response::redirect_target);
    target.is_some_and(|url| {
        host(&url).is_some_and(|host| is_site(host, "i.imgur.com") || host == "i.imgur.com")
            && url.path() == "/removed.png"
    })
}

/// The title in a snippet: the words of its link, where they do not only say where it leads.
fn title(words: &str) -> Option<String> {
    let words = words.trim();
    (!words.is_empty() && !words.to_ascii_lowercase().contains("imgur.com")).then(|| words.to_owned())
}

/// The id at the end of a name that may begin with the title.
fn last(name: &str) -> Option<&str> {
    let id = name.rsplit('-').next()?;
    (is_id(id) && !PAGES.contains(&name)).then_some(id)
}

/// The id of a file's name, without the letter of its size.
fn of_file(name: &str) -> Option<&str> {
    let name = name.strip_suffix("_d").unwrap_or(name);
    let id = if is_id(name) { name } else { name.strip_suffix(SIZES)? };
    is_id(id).then_some(id)
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 5 | 7) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn of(start: &str, id: &str) -> Option<PostRef> {
    post(PLATFORM, format!("{start}{id}"), None, &format!("https://imgur.com/{start}{id}"))
}

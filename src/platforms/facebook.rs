//! Facebook: posts, photos and films. Strangers are asked for a login nearly everywhere, so what the article's own
//! markup quotes is mostly all there is; Meta's oEmbed is not used for content.
//!
//! An id is the number, or the `pfbid…` word that stands for it and cannot be turned into it. Numbers of photos and
//! films are complete; `permalink.php` needs the page's number beside the post's.

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, printed_date, recognize_text};
use crate::html::{attr, has_class, raw_attr, text};
use crate::http::Exchange;
use crate::model::{Failure, Form, Outcome, PostRef, Quoted, Target, Via, When};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "facebook";
/// Front ends of one site; languages (`de-de`) stand in the same place.
const FRONTS: [&str; 12] = ["www", "m", "mbasic", "web", "touch", "business", "free", "mobile", "x", "d", "p", "0"];
const ONION: &str = "facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd.onion";
/// First parts of a path that are no page's name.
const RESERVED: [&str; 14] = [
    "plugins",
    "dialog",
    "sharer",
    "sharer.php",
    "login",
    "login.php",
    "share",
    "hashtag",
    "events",
    "stories",
    "ads",
    "help",
    "legal",
    "policies",
];
/// Ancestors of a blockquote that are asked whether they are the embed.
const MAX_ANCESTORS: usize = 4;

/// Links of a snippet outside its words: title, name, day. One that was never closed has those of the whole page.
const MAX_LINKS: usize = 16;
/// Words between the author's name and the printed date, in the languages of the snippet (`on Tuesday,`).
const MAX_WORDS_BEFORE_DATE: usize = 6;

static BLOCKQUOTE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("blockquote").expect("the selector is a constant"));
static PARAGRAPHS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("p").expect("the selector is a constant"));
static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// Facebook.
pub(super) struct Facebook;

impl Platform for Facebook {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.facebook.com/some.page/posts/10150000000000001", "10150000000000001"),
                ("https://m.facebook.com/some.page/posts/10150000000000001?ref=bookmarks", "10150000000000001"),
                ("https://de-de.facebook.com/some.page/posts/10150000000000001:0", "10150000000000001"),
                ("https://www.facebook.com/some.page/posts/a-day-in-the-rain/10150000000000001", "10150000000000001"),
                (
                    "https://www.facebook.com/some.page/posts/pfbid02abcDEF123ghiJKL456mno",
                    "pfbid02abcDEF123ghiJKL456mno",
                ),
                (
                    "https://www.facebook.com/permalink.php?id=100060000000001&story_fbid=pfbid02abcDEF123ghiJKL456mno",
                    "pfbid02abcDEF123ghiJKL456mno",
                ),
                ("https://m.facebook.com/story.php?story_fbid=1030000000000001&id=116000000000001", "1030000000000001"),
                ("https://www.facebook.com/photo.php?fbid=10200000000000001&set=a.1&type=3", "10200000000000001"),
                ("https://www.facebook.com/photo/?fbid=10200000000000001", "10200000000000001"),
                (
                    "https://www.facebook.com/some.page/photos/a.100.200.300/10200000000000001/?type=3",
                    "10200000000000001",
                ),
                ("https://www.facebook.com/some.page/photos/pcb.1030000000000001/1040000000000001", "1040000000000001"),
                ("https://www.facebook.com/some.page/videos/10150000000000001/", "10150000000000001"),
                ("https://www.facebook.com/some.page/videos/vb.1160000/10150000000000001/", "10150000000000001"),
                ("https://www.facebook.com/video.php?v=640000000000001", "640000000000001"),
                ("https://www.facebook.com/watch/live/?v=640000000000001&ref=watch", "640000000000001"),
                ("https://www.facebook.com/reel/800000000000001", "800000000000001"),
                ("https://www.facebook.com/groups/some.group/permalink/1390000000000001/", "1390000000000001"),
                ("https://www.facebook.com/notes/ann-example/on-rain/10150000000000001", "10150000000000001"),
                (
                    "https://www.facebook.com/plugins/post.php?width=500&href=https%3A%2F%2Fwww.facebook.com%2Fphoto.php%3Ffbid%3D10200000000000001%26type%3D3",
                    "10200000000000001",
                ),
                (
                    "https://www.facebook.com/v2.3/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fvideos%2F10150000000000001%2F",
                    "10150000000000001",
                ),
                ("https://www.facebook.com/video/embed?video_id=640000000000001", "640000000000001"),
            ],
            others: &[
                "https://www.facebook.com/",
                "https://www.facebook.com/some.page",
                "https://www.facebook.com/some.page/videos/",
                "https://www.facebook.com/some.page/photos/",
                "https://www.facebook.com/profile.php?id=100060000000001",
                "https://www.facebook.com/hashtag/rain",
                "https://www.facebook.com/events/640000000000001/",
                "https://www.facebook.com/groups/some.group/",
                "https://www.facebook.com/permalink.php?id=100060000000001",
                "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://www.facebook.com/dialog/share?app_id=1&href=https%3A%2F%2Fnews.example",
                "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fnews.example%2F1",
                "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://developers.facebook.com/some.page/posts/10150000000000001",
                "https://www.facebook.com.evil.example/some.page/posts/10150000000000001",
                "https://notfacebook.com/some.page/posts/10150000000000001",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const NEVER: &[&str] = &[
            "sharer",
            "sharer.php",
            "share.php",
            "dialog",
            "tr",
            "login",
            "login.php",
            "policies",
            "policy",
            "help",
            "privacy",
            "hashtag",
        ];
        const HOSTS: &[Host] = &[
            Host::more("facebook", NEVER),
            Host::part("fb"),
            Host::more("facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd", NEVER),
        ];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(8).collect();
        if matches!(host, "fb.watch" | "www.fb.watch") {
            return short_link(&format!("https://fb.watch/{}/", code(parts.first()?)?));
        }
        if !is_facebook(host) {
            return None;
        }
        if let ["share", rest @ ..] = &parts[..] {
            return match rest {
                [kind @ ("p" | "v" | "r"), of, ..] => {
                    short_link(&format!("https://www.facebook.com/share/{kind}/{}/", code(of)?))
                }
                [of] => short_link(&format!("https://www.facebook.com/share/{}/", code(of)?)),
                _ => None,
            };
        }
        plugin(url, &parts).or_else(|| by_parameter(url, &parts)).or_else(|| by_path(&parts)).map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let name = element.value().name();
        let (form, address) = match name {
            "amp-facebook" => (Form::Amp, attr(element, "data-href")?),
            "fb:post" | "fb:video" => (Form::DataAttr, attr(element, "href").or_else(|| attr(element, "data-href"))?),
            // A share button's blockquote cites the article, and that inside of an embed is the embed's.
            "blockquote" if !is_inside_embed(element) => (Form::Blockquote, attr(element, "cite")?),
            _ if is_embed(element) => (Form::DataAttr, attr(element, "data-href")?),
            _ => return None,
        };
        let post = named(address)?;
        let blockquote = if name == "blockquote" { Some(element) } else { element.select(&BLOCKQUOTE).next() };
        let quoted = blockquote.map(quoted).unwrap_or_default();
        Some(Markup { form, target: Target::Post(post), quoted })
    }

    fn next(&self, _: &PostRef, _: &[Exchange]) -> Result<Step, Drift> {
        Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api))
    }
}

fn is_facebook(host: &str) -> bool {
    let Some(front) = ["facebook.com", "fb.com", ONION].iter().find_map(|name| host.strip_suffix(name)) else {
        return false;
    };
    let Some(front) = front.strip_suffix('.') else { return front.is_empty() };
    let is_language = front.split_once('-').is_some_and(|(language, country)| {
        [language, country].iter().all(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()))
    });
    is_language || FRONTS.contains(&front)
}

/// `plugins/post.php?href=…`, under any version of the interface.
fn plugin(url: &Url, parts: &[&str]) -> Option<PostRef> {
    let rest = if parts.get(1) == Some(&"plugins") { parts.get(1..)? } else { parts };
    match rest {
        ["plugins", "post.php" | "video.php" | "post" | "video", ..] => {
            let inner = Url::parse(&parameter(url, "href")?).ok()?;
            let inner_parts: Vec<&str> = inner.path_segments()?.filter(|part| !part.is_empty()).take(8).collect();
            // A plugin of a plugin is nobody's embed.
            is_facebook(inner.host_str()?)
                .then(|| by_parameter(&inner, &inner_parts).or_else(|| by_path(&inner_parts)))
                .flatten()
        }
        ["video", "embed", ..] => film(&parameter(url, "video_id")?),
        _ => None,
    }
}

fn by_parameter(url: &Url, parts: &[&str]) -> Option<PostRef> {
    match parts {
        ["permalink.php" | "story.php"] => {
            let (post, page) = (parameter(url, "story_fbid")?, parameter(url, "id")?);
            let (post, page) = (id(&post)?, id(&page)?);
            post_at(post, None, &format!("permalink.php?story_fbid={post}&id={page}"))
        }
        ["photo.php" | "photo" | "photos"] => {
            parameter(url, "fbid").and_then(|of| photo(&of)).or_else(|| film(&parameter(url, "v")?))
        }
        ["watch" | "video.php" | "video"] | ["watch", "live"] | ["video", "video.php"] => film(&parameter(url, "v")?),
        ["groups", group] => {
            let post = parameter(url, "multi_permalinks")?;
            post_at(id(&post)?, None, &format!("groups/{group}/posts/{}", id(&post)?))
        }
        _ => None,
    }
}

fn by_path(parts: &[&str]) -> Option<PostRef> {
    match parts {
        // The Flash player.
        ["v", of] => film(of),
        ["reel" | "reels", of, ..] => post_at(id(of)?, None, &format!("reel/{}", id(of)?)),
        ["groups", group, "posts" | "permalink", rest @ ..] => {
            let post = rest.iter().find_map(|part| id(part))?;
            post_at(post, None, &format!("groups/{group}/posts/{post}"))
        }
        ["notes", user, title, of, ..] => post_at(id(of)?, None, &format!("notes/{user}/{title}/{}", id(of)?)),
        [page, ..] if RESERVED.contains(page) => None,
        [page, "posts", rest @ ..] => {
            let post = rest.iter().find_map(|part| id(part))?;
            post_at(post, Some(page), &format!("{page}/posts/{post}"))
        }
        [_, "videos", rest @ ..] => film(rest.iter().find_map(|part| id(part))?),
        // The album stands before the photo, as `a.1.2.3` or as words.
        [_, "photos", rest @ ..] => photo(rest.iter().find_map(|part| id(part))?),
        _ => None,
    }
}

fn film(text: &str) -> Option<PostRef> {
    post_at(id(text)?, None, &format!("watch/?v={}", id(text)?))
}

fn photo(text: &str) -> Option<PostRef> {
    post_at(id(text)?, None, &format!("photo/?fbid={}", id(text)?))
}

fn post_at(id: &str, page: Option<&str>, path: &str) -> Option<PostRef> {
    let url = Url::parse(&format!("https://www.facebook.com/{path}")).ok()?;
    // A page's name is a handle unless it is a number.
    let author = page.filter(|page| !page.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned);
    Some(PostRef { platform: PLATFORM.to_owned(), id: id.to_owned(), author, url })
}

/// The id at the start of a part: a number (`123:0` is a part of post 123), or `pfbid…`.
fn id(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (id, rest) = text.split_at(end);
    let is_number = (5..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = id.starts_with("pfbid") && (20..=120).contains(&id.len());
    ((is_number || is_word) && !rest.starts_with(['-', '.', '_'])).then_some(id)
}

fn code(text: &str) -> Option<&str> {
    let is_code = (4..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_code.then_some(text)
}

fn short_link(url: &str) -> Option<Target> {
    Some(Target::ShortLink { platform: PLATFORM.to_owned(), url: Url::parse(url).ok()? })
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn named(url: &str) -> Option<PostRef> {
    recognize_text(url)?.post().filter(|post| post.platform == PLATFORM).cloned()
}

fn is_embed(element: ElementRef<'_>) -> bool {
    has_class(element, "fb-post") || has_class(element, "fb-video")
}

fn is_inside_embed(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap).take(MAX_ANCESTORS);
    around.into_iter().any(|around| is_embed(around) || raw_attr(around.value(), "data-href").is_some())
}

/// Words, author and day of the snippet: paragraphs, then `Posted by <a>Name</a> on <a>day</a>` in any language. A
/// film's title stands before all of it, as a link to the film.
fn quoted(blockquote: ElementRef<'_>) -> Quoted {
    let paragraphs: Vec<String> = blockquote.select(&PARAGRAPHS).map(|p| text(p).trim().to_owned()).collect();
    let words = paragraphs.join("\n\n").trim().to_owned();
    let in_words = |link: ElementRef<'_>| {
        link.ancestors().filter_map(ElementRef::wrap).take(MAX_ANCESTORS).any(|around| around.value().name() == "p")
    };
    let outside: Vec<ElementRef<'_>> =
        blockquote.select(&LINKS).filter(|link| !in_words(*link)).take(MAX_LINKS).collect();
    let is_post = |link: &ElementRef<'_>| attr(*link, "href").and_then(named).is_some();
    let name = outside.iter().find(|link| !is_post(link)).map(|link| text(*link).trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    let dated = outside.iter().rev().find_map(|link| day_in(&text(*link)));
    let tail = || {
        let whole = text(blockquote);
        let at = whole.rfind(name.as_deref()?)? + name.as_deref()?.len();
        day_in(&whole[at..])
    };
    let links = blockquote.select(&LINKS).filter(|link| in_words(*link));
    Quoted {
        text: Some(words).filter(|words| !words.is_empty()),
        published: dated.or_else(tail).map(When::Day),
        author_name: name,
        links: links.filter_map(|link| attr(link, "href")).map(str::to_owned).collect(),
        ..Quoted::default()
    }
}

/// The day that words end with: `on Tuesday, 3 March 2015`.
fn day_in(words: &str) -> Option<jiff::civil::Date> {
    let mut rest = words.trim().trim_end_matches('.');
    for _ in 0..=MAX_WORDS_BEFORE_DATE {
        if let Some(day) = printed_date::of(rest) {
            return Some(day);
        }
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    None
}

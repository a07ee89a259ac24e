//! Facebook's URL grammar: posts, photos, films, reels, groups, plugins, and the short forms that only the network resolves.

use super::PLATFORM;
use crate::model::{PostRef, Target};
use url::Url;

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

pub(super) fn recognize(url: &Url) -> Option<Target> {
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
        [page, "videos", rest @ ..] => film(rest.iter().find_map(|part| id(part))?).map(|post| by(page, post)),
        // The album stands before the photo, as `a.1.2.3` or as words.
        [page, "photos", rest @ ..] => photo(rest.iter().find_map(|part| id(part))?).map(|post| by(page, post)),
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
    let post = PostRef { platform: PLATFORM.to_owned(), id: id.to_owned(), author: None, url };
    Some(match page {
        Some(page) => by(page, post),
        None => post,
    })
}

/// The post of a page: its name is a handle unless it is a number.
fn by(page: &str, post: PostRef) -> PostRef {
    let author = Some(page).filter(|page| !page.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned);
    PostRef { author, ..post }
}

/// Whether a post is a film, by the form of its address.
pub(super) fn is_film(post: &PostRef) -> bool {
    ["/watch", "/reel"].iter().any(|start| post.url.path().starts_with(start))
}

/// Whether an address is that of this post. A `pfbid…` word and a number may be names of one post.
pub(super) fn names(address: &str, post: &PostRef) -> bool {
    let own = Url::parse(address).ok().and_then(|url| recognize(&url));
    own.as_ref().and_then(Target::post).is_some_and(|own| {
        let words = [&own.id, &post.id].into_iter().filter(|id| id.starts_with("pfbid")).count();
        own.id == post.id || words == 1
    })
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

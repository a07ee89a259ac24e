//! The forms in which YouTube's addresses name a video or a community post.

use crate::model::PostRef;
use url::Url;

pub(super) const PLATFORM: &str = "youtube";
/// What a community post's id starts with here; a video's id is its eleven characters alone.
pub(super) const COMMUNITY: &str = "post/";

const ID_CHARS: usize = 11;
/// Words of eleven characters that stand where an id may stand.
const NO_IDS: [&str; 2] = ["videoseries", "live_stream"];
/// Front ends for the same videos under the same ids; instances named `invidious.…` and `piped.…` are known by name.
const MIRRORS: [&str; 10] = [
    "yewtu.be",
    "invidio.us",
    "inv.nadeko.net",
    "invidious.io",
    "redirect.invidious.io",
    "vid.puffyan.us",
    "hooktube.com",
    "piped.video",
    "piped.kavin.rocks",
    "cal1.iv.ggtyler.dev",
];

/// The post that an address names.
pub(super) fn recognize(url: &Url) -> Option<PostRef> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    match Site::of(url.host_str()?)? {
        Site::Short => first(url).and_then(video),
        Site::Main => full(url),
        Site::Mirror => {
            full(url).or_else(|| (segments(url).count() == 1).then(|| first(url).and_then(video)).flatten())
        }
    }
}

/// A video by its id, whatever follows it; none where it has not exactly eleven characters of the right kind.
pub(super) fn video(text: &str) -> Option<PostRef> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(text.len());
    let id = &text[..end];
    if end != ID_CHARS || NO_IDS.contains(&id) {
        return None;
    }
    Some(PostRef {
        platform: PLATFORM.to_owned(),
        id: id.to_owned(),
        author: None,
        url: Url::parse(&format!("https://www.youtube.com/watch?v={id}")).ok()?,
    })
}

enum Site {
    Main,
    Short,
    Mirror,
}

impl Site {
    fn of(host: &str) -> Option<Self> {
        let host = host.trim_end_matches('.');
        let bare = host.strip_prefix("www.").unwrap_or(host);
        if matches!(bare, "youtu.be" | "y2u.be") {
            return Some(Self::Short);
        }
        let is_or_under = |name: &str| bare == name || bare.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
        if ["youtube.com", "youtube-nocookie.com", "youtubekids.com", "youtube.googleapis.com"]
            .into_iter()
            .any(is_or_under)
        {
            return (!bare.starts_with("accounts.")).then_some(Self::Main);
        }
        let named = ["invidious.", "piped.", "inv."].iter().any(|start| bare.starts_with(start));
        (named || MIRRORS.contains(&bare)).then_some(Self::Mirror)
    }
}

fn full(url: &Url) -> Option<PostRef> {
    let mut parts = segments(url);
    let Some(start) = parts.next() else {
        return parameter(url, "v").and_then(|id| video(&id)).or_else(|| in_fragment(url));
    };
    match start.to_ascii_lowercase().as_str() {
        "watch" | "watch_popup" | "ytscreeningroom" => parameter(url, "v")
            .and_then(|id| video(&id))
            .or_else(|| in_fragment(url))
            .or_else(|| parts.next().and_then(video)),
        "embed" | "v" | "vi" | "e" | "shorts" | "live" => match parts.next() {
            Some("watch") | None => parameter(url, "v").and_then(|id| video(&id)),
            Some(id) => video(id),
        },
        "attribution_link" => {
            let inner = parameter(url, "u")?;
            let inner = url.join(&inner).ok()?;
            // Only one step: an attribution of an attribution is nobody's link.
            (inner.host_str() == url.host_str()).then_some(())?;
            segments(&inner).next().is_some_and(|part| part != "attribution_link").then(|| full(&inner)).flatten()
        }
        "post" => community(parts.next()?),
        "channel" | "c" | "user" => parameter(url, "lb").and_then(|id| community(&id)),
        name if name.starts_with('@') => parameter(url, "lb").and_then(|id| community(&id)),
        // `/watch?v=` whose question mark was lost on the way.
        name => name
            .strip_prefix("watch&v=")
            .or_else(|| name.strip_prefix("watch%3fv="))
            .and(start.get(start.find("v=")? + 2..).and_then(video)),
    }
}

fn community(text: &str) -> Option<PostRef> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(text.len());
    let id = &text[..end];
    if !id.starts_with("Ugk") || !(20..=64).contains(&id.len()) {
        return None;
    }
    Some(PostRef {
        platform: PLATFORM.to_owned(),
        id: format!("{COMMUNITY}{id}"),
        author: None,
        url: Url::parse(&format!("https://www.youtube.com/post/{id}")).ok()?,
    })
}

/// `/watch#!v=ID` and `/#watch?v=ID` of the years of hash-bang addresses.
fn in_fragment(url: &Url) -> Option<PostRef> {
    let fragment = url.fragment()?;
    let (_, id) =
        fragment.split_once("v=").filter(|(before, _)| before.is_empty() || before.ends_with(['!', '?', '&', '/']))?;
    video(id)
}

fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty())
}

fn first(url: &Url) -> Option<&str> {
    segments(url).next()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

//! The forms in which Instagram's addresses name a post.

use crate::model::{PostRef, Target};
use url::Url;

pub(super) const PLATFORM: &str = "instagram";

/// A private post's code has 28 characters more than the usual 11.
const MAX_CODE_CHARS: usize = 64;
/// Front ends and previewers that keep the path (seen in links, 2023 to 2026).
const MIRRORS: [&str; 8] = [
    "ddinstagram.com",
    "kkinstagram.com",
    "vxinstagram.com",
    "eeinstagram.com",
    "uuinstagram.com",
    "rxinstagram.com",
    "instagramez.com",
    "toinstagram.com",
];
/// Words that stand where a code or a handle may stand.
const RESERVED: [&str; 12] = [
    "audio",
    "explore",
    "stories",
    "accounts",
    "direct",
    "about",
    "developer",
    "legal",
    "share",
    "embed",
    "create",
    "topics",
];

/// The post, or the share link, that an address names.
pub(super) fn recognize(url: &Url) -> Option<Target> {
    if !matches!(url.scheme(), "http" | "https") || !is_instagram(url.host_str()?) {
        return None;
    }
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(4).collect();
    match parts[..] {
        ["share", ..] => share_link(&parts),
        [kind, code, ..] if is_kind(kind) => post(code, None).map(Target::Post),
        [user, kind, code, ..] if is_kind(kind) && is_handle(user) => post(code, Some(user)).map(Target::Post),
        _ => None,
    }
}

/// A post by its code, whatever follows it.
pub(super) fn post(code: &str, user: Option<&str>) -> Option<PostRef> {
    let end = code.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(code.len());
    let code = &code[..end];
    if code.is_empty() || code.len() > MAX_CODE_CHARS || RESERVED.contains(&code) {
        return None;
    }
    Some(PostRef {
        platform: PLATFORM.to_owned(),
        id: code.to_owned(),
        author: user.map(str::to_owned),
        url: Url::parse(&format!("https://www.instagram.com/p/{code}/")).ok()?,
    })
}

/// Whether a word has the form of a handle: letters, digits, dots and underscores, at most thirty.
pub(super) fn is_handle(text: &str) -> bool {
    (1..=30).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
        && !RESERVED.contains(&text)
}

fn is_kind(part: &str) -> bool {
    matches!(part, "p" | "reel" | "reels" | "tv")
}

fn is_instagram(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let own = |name: &str| host == name || host == format!("www.{name}") || host == format!("m.{name}");
    let mirror = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    own("instagram.com") || own("instagr.am") || MIRRORS.iter().any(|name| mirror(name))
}

/// `/share/p/CODE`, `/share/reel/CODE`, `/share/CODE`: a code of its own that only the network resolves.
fn share_link(parts: &[&str]) -> Option<Target> {
    let rest = match parts {
        ["share", kind, code, ..] if is_kind(kind) => format!("{kind}/{code}"),
        ["share", code] if !is_kind(code) => (*code).to_owned(),
        _ => return None,
    };
    let url = Url::parse(&format!("https://www.instagram.com/share/{rest}/")).ok()?;
    Some(Target::ShortLink { platform: PLATFORM.to_owned(), url })
}

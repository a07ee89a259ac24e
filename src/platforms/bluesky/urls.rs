//! Bluesky's addresses: bsky.app and its mirrors, the embed host, and `at://` names.

use crate::model::PostRef;
use percent_encoding::percent_decode_str;
use url::Url;

/// The collection in which posts are records.
pub(super) const COLLECTION: &str = "app.bsky.feed.post";

/// Hosts that serve `/profile/{actor}/post/{rkey}`: Bluesky's own, clients at the same paths, and preview mirrors
/// (gallery-dl's extractor, 2026-08).
const HOSTS: [&str; 14] = [
    "bsky.app",
    "main.bsky.dev",
    "staging.bsky.app",
    "staging.bsky.dev",
    "fxbsky.app",
    "vxbsky.app",
    "xbsky.app",
    "bskyx.app",
    "bskye.app",
    "cbsky.app",
    "bsyy.app",
    "deer.social",
    "blacksky.community",
    "embed.bsky.app",
];

/// A record key has up to 512 characters (atproto record-key specification); those of posts have 13.
const MAX_RKEY_BYTES: usize = 512;

/// A did or handle longer than this is not one (253 for a handle, atproto handle specification).
const MAX_ACTOR_BYTES: usize = 253;

/// The post that a URL of Bluesky names.
pub(super) fn recognize(url: &Url) -> Option<PostRef> {
    if url.scheme() == "at" {
        return from_at_uri(url.as_str());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    if matches!(host, "public.api.bsky.app" | "api.bsky.app") {
        let named = url.query_pairs().find(|(name, _)| name == "uri" || name == "uris")?.1;
        return from_at_uri(&named);
    }
    if !HOSTS.contains(&host) {
        return None;
    }
    let segments: Vec<String> = url
        .path_segments()?
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    match segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["profile", actor, "post", rkey, ..] => post_ref(actor, rkey),
        ["embed", actor, COLLECTION, rkey] => post_ref(actor, rkey),
        ["oembed"] if host == "embed.bsky.app" => {
            let named = url.query_pairs().find(|(name, _)| name == "url")?.1;
            // The parameter names a post directly; an oEmbed address inside another is nobody's.
            from_at_uri(&named)
                .or_else(|| recognize(&Url::parse(&named).ok().filter(|inner| inner.path() != "/oembed")?))
        }
        _ => None,
    }
}

/// The post that an `at://` or https address names, as it stands in markup.
pub(super) fn from_text(text: &str) -> Option<PostRef> {
    let text = text.trim();
    from_at_uri(text).or_else(|| recognize(&Url::parse(text).ok()?))
}

/// The post that `at://{actor}/app.bsky.feed.post/{rkey}` names. A did after `at://` is no host, so this is not the
/// URL parser's work.
fn from_at_uri(text: &str) -> Option<PostRef> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let mut parts = text.strip_prefix("at://")?.split(['?', '#']).next()?.trim_end_matches('/').split('/');
    let (actor, collection, rkey) = (parts.next()?, parts.next()?, parts.next()?);
    (collection == COLLECTION && parts.next().is_none()).then(|| post_ref(actor, rkey))?
}

/// The reference of a post by its author (a did or a handle) and record key, if both are well formed.
pub(super) fn post_ref(actor: &str, rkey: &str) -> Option<PostRef> {
    let actor = actor.trim_start_matches('@');
    if actor.len() > MAX_ACTOR_BYTES || rkey.len() > MAX_RKEY_BYTES || !is_rkey(rkey) {
        return None;
    }
    let (actor, author) = if is_did(actor) {
        (actor.to_owned(), None)
    } else {
        let handle = actor.to_ascii_lowercase();
        is_handle(&handle).then(|| (handle.clone(), Some(handle)))?
    };
    let url = Url::parse(&format!("https://bsky.app/profile/{actor}/post/{rkey}")).ok()?;
    Some(PostRef { platform: "bluesky".to_owned(), id: format!("{actor}/{rkey}"), author, url })
}

/// Whether this is a did of one of the two methods that atproto blesses.
pub(super) fn is_did(actor: &str) -> bool {
    let plc = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let web =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'%'));
    actor.strip_prefix("did:plc:").is_some_and(plc) || actor.strip_prefix("did:web:").is_some_and(web)
}

fn is_handle(actor: &str) -> bool {
    let label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    actor.contains('.') && actor.split('.').all(label)
}

fn is_rkey(rkey: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b':');
    !matches!(rkey, "" | "." | "..") && rkey.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_after_at_is_read_although_it_is_no_host() {
        let post = from_text("at://did:plc:aaaabbbb/app.bsky.feed.post/3abc").unwrap();
        assert_eq!(post.id, "did:plc:aaaabbbb/3abc");
        assert_eq!(post.url.as_str(), "https://bsky.app/profile/did:plc:aaaabbbb/post/3abc");
        assert!(from_text("at://did:plc:aaaabbbb/app.bsky.feed.like/3abc").is_none());
        assert!(from_text("at://did:plc:aaaabbbb/app.bsky.feed.post/..").is_none());
    }

    #[test]
    fn an_oembed_address_names_the_post_in_it() {
        let url = "https://embed.bsky.app/oembed?url=https%3A%2F%2Fbsky.app%2Fprofile%2Fpat.example%2Fpost%2F3abc";
        assert_eq!(from_text(url).unwrap().id, "pat.example/3abc");
    }
}

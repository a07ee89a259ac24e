//! What a page has in place of an embed: the snippet, and the markup that stood there, so that it can be put back byte
//! for byte. The markup stands in base64 in an attribute, where no parser, and no editor, takes it for anything.

use crate::{detect, html};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::ops::Range;

/// How each frame begins.
const BEGIN: &[u8] = b"<div class=\"embalm-embed\" ";
const POST: &str = "data-embalm-post=\"";
const ORIGINAL: &str = "data-embalm-original=\"";

/// Frames of one page that are looked for.
const MAX_FRAMES: usize = 10_000;

/// An embed that an earlier rewriting replaced.
pub(super) struct Frame {
    /// All of it, in the page's bytes.
    pub(super) range: Range<usize>,
    /// The post's key.
    pub(super) key: String,
    /// What stood there.
    pub(super) original: Vec<u8>,
}

/// The frame around a snippet.
pub(super) fn write(key: &str, original: &[u8], snippet: &str) -> String {
    let (key, original) = (html::escape(key), STANDARD.encode(original));
    format!("<div class=\"embalm-embed\" {POST}{key}\" {ORIGINAL}{original}\">\n{}\n</div>", snippet.trim_end())
}

/// The frames of a page, in order. What only looks like one is left alone.
pub(super) fn find(page: &[u8]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    if memchr::memmem::find(page, BEGIN).is_none() {
        return frames;
    }
    let mut at = 0;
    for start in detect::elements(page, BEGIN) {
        if frames.len() >= MAX_FRAMES {
            break;
        }
        if start < at {
            continue;
        }
        let tag_end = memchr::memchr(b'>', page.get(start..).unwrap_or_default()).map(|end| start + end + 1);
        let Some(tag_end) = tag_end else { break };
        let Some((key, original)) = page.get(start..tag_end).and_then(read) else { continue };
        // Without its end there is none further on either: looking for each would take for ever.
        let Some(end) = detect::element_end(page, start) else { break };
        frames.push(Frame { range: start..end, key, original });
        at = end;
    }
    frames
}

/// The page as it was before any rewriting.
pub(super) fn restored(page: &[u8], frames: &[Frame]) -> Vec<u8> {
    let mut out = Vec::with_capacity(page.len());
    let mut at = 0;
    for frame in frames {
        out.extend_from_slice(page.get(at..frame.range.start).unwrap_or_default());
        out.extend_from_slice(&frame.original);
        at = frame.range.end;
    }
    out.extend_from_slice(page.get(at..).unwrap_or_default());
    out
}

fn read(tag: &[u8]) -> Option<(String, Vec<u8>)> {
    let tag = std::str::from_utf8(tag).ok()?;
    let value = |name: &str| tag.split_once(name)?.1.split_once('"').map(|(value, _)| value);
    let key = html::fragment_text(value(POST)?);
    Some((key, STANDARD.decode(value(ORIGINAL)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_gives_back_what_stood_there() {
        let original = b"<blockquote>\xff \"--> </div></blockquote>";
        let frame = write("mastodon:host/1\"&", original, "<figure><div>One</div></figure>\n");
        let page = [b"before \xfe ", frame.as_bytes(), b" after</div>"].concat();
        let frames = find(&page);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].key, "mastodon:host/1\"&");
        assert_eq!(restored(&page, &frames), [&b"before \xfe "[..], original, b" after</div>"].concat());
    }

    #[test]
    fn the_text_of_a_frame_in_a_script_a_text_field_or_a_comment_is_none() {
        let frame = write("a:1", b"<blockquote>x</blockquote>", "<p>y</p>");
        for (open, close) in [
            ("<script>let a = `", "`</script>"),
            ("<textarea>", "</textarea>"),
            ("<!-- ", " -->"),
            ("<style>", "</style>"),
        ] {
            let page = format!("<p>1 < 2</p>{open}{frame}{close}<p>{frame}</p>");
            let frames = find(page.as_bytes());
            let starts: Vec<usize> = frames.iter().map(|frame| frame.range.start).collect();
            assert_eq!(starts, [page.rfind("<div class=\"embalm-embed\"").unwrap()], "{open}");
        }
    }

    #[test]
    fn what_only_looks_like_a_frame_is_left_alone() {
        let page =
            b"<div class=\"embalm-embed\" data-embalm-post=\"a:1\" data-embalm-original=\"***\">x</div>".repeat(3);
        assert!(find(&page).is_empty());
        let open = write("a:1", b"x", "y").replace("</div>", "").repeat(2_000);
        assert!(find(open.as_bytes()).is_empty());
    }
}

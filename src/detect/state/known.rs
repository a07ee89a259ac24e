//! Whether a script names no post that isn't known from the page already, told without reading its values: most state
//! repeats what the page shows.

use super::{Script, values::FLIGHT};
use crate::detect::{carrier::post_in_url, found::key_of, needle, skim};
use std::{collections::HashSet, ops::Range};

/// How far an address reaches to either side of where it was seen, in bytes.
const MAX_REACH_BYTES: usize = 2_000;

/// The scripts that may name a post that isn't `known` by its key. Those that bring pieces of one stream are read
/// together or not at all.
pub(in super::super) fn of_unknown(scripts: Vec<Script>, known: &HashSet<String>) -> Vec<Script> {
    let is_unknown = |script: &Script| !is_all_known(&script.text, known);
    let unknown: Vec<bool> = scripts.iter().map(is_unknown).collect();
    let is_piece = |script: &Script| memchr::memmem::find(script.text.as_bytes(), FLIGHT.as_bytes()).is_some();
    let stream = scripts.iter().zip(&unknown).any(|(script, unknown)| *unknown && is_piece(script));
    let kept = scripts.into_iter().zip(unknown).filter(|(script, unknown)| *unknown || (stream && is_piece(script)));
    kept.map(|(script, _)| script).collect()
}

/// Whether every post that a script may name is `known` by its key.
fn is_all_known(script: &str, known: &HashSet<String>) -> bool {
    let is_known = |at: usize| {
        let Some(target) = around(script, at).and_then(post_in_url) else { return true };
        key_of(&target).is_some_and(|key| known.contains(&key))
    };
    let bytes = script.as_bytes();
    // An answer of oEmbed names the item of any provider.
    let answered = || memchr::memmem::find(bytes, b"provider_name").is_some();
    let shown = |tag: &Range<usize>| shows_known(script, tag, &is_known);
    !skim::names_by_id(bytes, shown) && !answered() && needle::addresses(script).into_iter().all(is_known)
}

/// Whether a frame in a script has one address, and that is of a post that is known.
fn shows_known(script: &str, tag: &Range<usize>, is_known: &impl Fn(usize) -> bool) -> bool {
    let Some(tag_text) = script.get(tag.clone()) else { return false };
    let has_one = memchr::memmem::find_iter(tag_text.as_bytes(), "src").count() == 1 && !tag_text.contains("data-");
    let addresses = needle::addresses(tag_text);
    has_one
        && !addresses.is_empty()
        && addresses.iter().all(|at| is_known(tag.start + at) && is_post(script, tag.start + at))
}

fn is_post(script: &str, at: usize) -> bool {
    around(script, at).and_then(post_in_url).is_some()
}

/// The address in which a place stands, up to what ends one in a string of JSON or in markup held there.
fn around(script: &str, at: usize) -> Option<&str> {
    let ends = |byte: u8| matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`') || byte.is_ascii_whitespace();
    let bytes = script.as_bytes();
    let before = bytes.get(at.saturating_sub(MAX_REACH_BYTES)..at)?;
    let start = at - before.iter().rev().take_while(|byte| !ends(**byte)).count();
    let after = bytes.get(at..(at + MAX_REACH_BYTES).min(bytes.len()))?;
    let end = at + after.iter().take_while(|byte| !ends(**byte)).count();
    let whole = script.get(start..end)?;
    // Quotes and brackets may be escaped as well.
    let at = at - start;
    let marks =
        ["\\u0022", "&quot;", "\\u003c", "\\u003e", "\\u003C", "\\u003E", "&lt;", "&gt;", "\\n", "&#34;", "%22"];
    let start = marks.iter().filter_map(|mark| whole.get(..at)?.rfind(mark).map(|from| from + mark.len())).max();
    let end = marks.iter().filter_map(|mark| whole.get(at..)?.find(mark).map(|to| at + to)).min();
    whole.get(start.unwrap_or(0)..end.unwrap_or(whole.len())).map(|url| url.trim_end_matches('\\'))
}

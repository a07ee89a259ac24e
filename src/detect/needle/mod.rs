//! Where in a page's bytes a post may be named: the filter in front of every parse.
//!
//! A page without a hit has no embed, and is read no further. Of a page with hits only what stands around them is
//! parsed (see `skim`). So a hit too many costs a little time; a hit too few loses an embed, which a test would show
//! that finds the embeds of every page with and without this.
//!
//! The bytes are searched for the beginnings of addresses, in every escape that pages use, and each address is looked
//! at: a host that platforms have, or a path of the fediverse's shape. Markup can also name a post without an
//! address; the words of such markup are looked for where they can stand, in tags, scripts, and text held back.

mod address;
mod many;

use super::scope;
use crate::platforms::{self, Needles};
use address::Sites;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use many::Many;
use memchr::memmem;
use std::sync::LazyLock;

/// Beginnings of addresses in the escapes of JSON, percent-encoding and entities, and without scheme and slashes.
/// With [`ENCODED`] no more than 32, each of four bytes at least: the search is slower then.
const STARTS: [&str; 17] = [
    "\\/\\/", ":\\\\\\", "%2F%2F", "%2f%2f", "2F%25", "2f%25", "u002F\\", "u002f\\", "#x2F;", "#x2f;", "&#47;",
    "&sol;", "-3A__", "\"www.", "'www.", ">www.", " www.",
];

/// What stands before the two slashes of an address: its scheme's colon, plain or percent-encoded; of one without a
/// scheme a quote, a bracket, the equals sign of an attribute, the end of an entity.
const BEFORE_SLASHES: &[u8] = b":\"'=(;Aa";

/// `http` in base64, wherever it stands in what was encoded: redirectors' tokens.
const ENCODED: [&str; 3] = ["aHR0c", "h0dHB", "odHRw"];

/// How names of attributes and elements that may be words of platforms begin in tags that are written in capitals.
const SHOUTED: [&str; 4] = ["DATA-", "<AMP-", "<LITE-", "<FB:"];

/// More at once would slow the search down, or be too many for it.
const MAX_SPELLINGS: usize = 40;

/// Base64 shorter than this is an id.
const MIN_BASE64_BYTES: usize = 32;

struct Search {
    slashes: memmem::Finder<'static>,
    shouted: Many,
    starts: Many,
    /// Words and marks in any case, for short texts.
    words: AhoCorasick,
    /// The same in the spellings that scripts have, for long ones: a few searches, each with what it looks for.
    spelled: Vec<(Many, Vec<usize>)>,
    /// For each of the words, whether it names a post by itself.
    is_mark: Vec<bool>,
    /// Marks, and after them what [`scope`] reads.
    names: AhoCorasick,
    marks: usize,
    /// Words, marks, and the names of platforms.
    brands: AhoCorasick,
    sites: Sites,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let all: Vec<Needles> = platforms::ALL.iter().map(|platform| platform.needles()).collect();
    let mut words: Vec<(&str, bool)> = Vec::new();
    for needles in &all {
        let marks = needles.marks.iter().map(|text| (*text, true));
        for (text, is_mark) in needles.words.iter().map(|text| (*text, false)).chain(marks) {
            if !words.iter().any(|(known, _)| *known == text) {
                words.push((text, is_mark));
            }
        }
    }
    let spelled = words.iter().enumerate().flat_map(|(index, (text, is_mark))| {
        spellings(text, *is_mark).into_iter().map(move |spelling| (spelling, index))
    });
    let spelled: Vec<(String, usize)> = spelled.collect();
    let mut folded = AhoCorasick::builder();
    folded.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::DFA));
    let marks: Vec<&str> = words.iter().filter(|(_, is_mark)| *is_mark).map(|(text, _)| *text).collect();
    Search {
        slashes: memmem::Finder::new("//"),
        starts: Many::new(&STARTS.iter().chain(&ENCODED).copied().collect::<Vec<_>>()),
        shouted: Many::new(&SHOUTED),
        words: folded.build(words.iter().map(|(text, _)| text)).expect("a few short patterns"),
        spelled: spelled
            .chunks(MAX_SPELLINGS)
            .map(|some| {
                let texts: Vec<&str> = some.iter().map(|(text, _)| text.as_str()).collect();
                (Many::new(&texts), some.iter().map(|(_, word)| *word).collect())
            })
            .collect(),
        is_mark: words.iter().map(|(_, is_mark)| *is_mark).collect(),
        names: folded.build(marks.iter().copied().chain(scope::STEMS)).expect("a few short patterns"),
        marks: marks.len(),
        brands: AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.iter().map(|(text, _)| *text).chain(platforms::ALL.iter().map(|platform| platform.id())))
            .expect("a few short patterns"),
        sites: Sites::new(&all),
    }
});

/// A word as fields and strings of scripts have it: `tweet`, `Tweet`. Marks are attributes and classes, which are small.
fn spellings(word: &str, is_mark: bool) -> Vec<String> {
    let mut title = word.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let is_name = !is_mark && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_name { vec![word.to_owned(), title] } else { vec![word.to_owned()] }
}

/// The place of every address that may be a post's, in order.
pub(super) fn addresses(text: &str) -> Vec<usize> {
    let Search { slashes, starts, sites, .. } = &*SEARCH;
    let bytes = text.as_bytes();
    let is_plain = |at: &usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_some_and(|before| BEFORE_SLASHES.contains(before)) && sites.may_name(bytes, at - 1, at + 2)
    };
    let mut places: Vec<usize> = slashes.find_iter(bytes).filter(is_plain).collect();
    let may_name = |found: &aho_corasick::Match| {
        found.pattern().as_usize() >= STARTS.len() || sites.may_name(bytes, found.start(), found.end())
    };
    // The first byte of a needle may be what stands before the address.
    let plain = places.len();
    places.extend(starts.find_iter(bytes).filter(may_name).map(|found| found.start() + 1));
    if places.len() > plain {
        places.sort_unstable();
    }
    places
}

/// Whether an address as it stands in a page may be a post's, itself or one inside of it: asked before it is parsed.
pub(super) fn may_name(address: &str) -> bool {
    let address = address.trim_start();
    is_address(address.strip_prefix("//").unwrap_or(address).as_bytes()) || !addresses(address).is_empty()
}

/// Whether a value that has neither scheme nor slashes before it may be a post's address: `youtu.be/…`.
pub(super) fn is_address(value: &[u8]) -> bool {
    SEARCH.sites.may_be(value)
}

/// What the names in a class, role or id may say, told without taking them apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    /// A mark of a platform is among them.
    pub(super) mark: bool,
    /// They may say where the article's body is, or that readers wrote what follows.
    pub(super) part: bool,
}

/// Looks through a class, role or id once.
#[inline]
pub(super) fn names(value: &[u8]) -> Names {
    let Search { names, marks, .. } = &*SEARCH;
    let mut found = Names::default();
    for one in names.find_iter(value) {
        if one.pattern().as_usize() < *marks { found.mark = true } else { found.part = true }
    }
    found
}

/// Whether a name or value has a word or mark of a platform, or its name.
pub(super) fn is_branded(text: &str) -> bool {
    SEARCH.brands.is_match(text)
}

/// A word that says whose an id beside it is, or a mark that names a post by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Byte offset in what was searched.
    pub(super) at: usize,
    pub(super) is_mark: bool,
}

/// The words in a tag or a short text, in order.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = Word> {
    let Search { words, is_mark, .. } = &*SEARCH;
    words.find_iter(bytes).map(|found| Word {
        at: found.start(),
        is_mark: is_mark.get(found.pattern().as_usize()).copied().unwrap_or_default(),
    })
}

/// The words in a script or a whole page.
pub(super) fn words_in_long(bytes: &[u8]) -> impl Iterator<Item = Word> {
    let Search { spelled, is_mark, .. } = &*SEARCH;
    spelled.iter().flat_map(move |(searcher, words)| {
        searcher.find_iter(bytes).map(|found| {
            let word = words.get(found.pattern().as_usize());
            Word { at: found.start(), is_mark: word.and_then(|word| is_mark.get(*word)).copied().unwrap_or_default() }
        })
    })
}

/// Whether a value begins as markup in base64 does.
pub(super) fn is_encoded(value: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    value.first() == Some(&b'P') && value.get(..MIN_BASE64_BYTES).is_some_and(|run| run.iter().all(letter))
}

/// Whether a page has tags in capitals, and in any spelling a word for which the filter of lower case has no eye.
pub(super) fn is_shouted(text: &[u8]) -> bool {
    SEARCH.shouted.find_iter(text).next().is_some() && words(text).next().is_some()
}

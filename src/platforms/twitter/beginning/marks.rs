//! What a paragraph of a post looks like.

use super::length::LINKS;
use regex::Regex;
use std::sync::LazyLock;

static HASHTAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s(.])[#＃]\w*\p{L}\w*").expect("the pattern is a constant"));

static MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s.])@\w{2,20}").expect("the pattern is a constant"));

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(])\d{1,2}/(?:\d{1,2})?(?:[\s).]|$)|\u{1f9f5}").expect("the pattern is a constant")
});

pub(super) static BULLET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[-–—•·▪►▶→➡✔✅☑*>]|\d{1,2}[.)])\s*\S").expect("the pattern is a constant"));

pub(super) static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:https?://)?pic\.(?:twitter|x)\.com/\w+|https?://\S+|[#＃]\w+|@\w+")
        .expect("the pattern is a constant")
});

/// How much a paragraph looks like part of a post; two are enough.
pub(super) fn marks(words: &str) -> i32 {
    let mut score = 0;
    score += 3 * i32::from(
        LINKS.find(words).is_some_and(|link| link.as_str().contains("//t.co/") || link.as_str().contains("pic.")),
    );
    score += 2 * i32::from(words.chars().any(is_emoji));
    score += 2 * i32::from(HASHTAG.is_match(words));
    score += i32::from(MENTION.is_match(words));
    score += 2 * i32::from(NUMBERED.is_match(words));
    score += 2 * i32::from(BULLET.is_match(words));
    score += 2 * i32::from(words.starts_with(char::is_lowercase));
    let stopped =
        words.ends_with(['.', '!', '?', '"', '\u{201d}', '\u{2019}', ')', '…', '。', '！', '？', ':', '\u{bb}']);
    score += i32::from(!stopped && !is_heading(words));
    score -= i32::from(words.chars().count() > 180);
    score
}

/// Most words capitalised, as headlines are.
fn is_heading(words: &str) -> bool {
    let (all, capital) =
        words.split_whitespace().filter(|word| word.chars().count() > 3).fold((0, 0), |(all, capital), word| {
            (all + 1, capital + usize::from(word.starts_with(|c: char| c.is_uppercase() || c.is_numeric())))
        });
    all == 0 || capital * 2 > all
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x2190..=0x21ff | 0x231a..=0x23ff)
}

/// Whether two lines begin alike, as the lines of a list do.
pub(super) fn is_parallel(words: &str, below: &str) -> bool {
    let opening = |text: &str| text.split_whitespace().take(2).map(str::to_lowercase).collect::<Vec<_>>();
    let (one, two) = (opening(words), opening(below));
    one.len() == 2 && one == two && words.chars().count() <= 140
}

/// Whether something must stand before these words: they are only links, tags and a label, an item of a list, or close
/// what they did not open.
pub(super) fn is_dangling(words: &str) -> bool {
    let rest = TOKENS.replace_all(words, "");
    let rest = rest.trim();
    !rest.chars().any(char::is_alphanumeric) || is_label(rest) || BULLET.is_match(words) || closes_unopened(rest)
}

/// Whether a bracket or quotation mark closes that was not opened.
fn closes_unopened(words: &str) -> bool {
    let pairs = [
        ('(', ')'),
        ('\u{201c}', '\u{201d}'),
        ('「', '」'),
        ('『', '』'),
        ('【', '】'),
        ('\u{ab}', '\u{bb}'),
        ('[', ']'),
    ];
    pairs.iter().any(|(open, close)| {
        let first_close = words.find(*close);
        // A smiley closes nothing.
        let smiley = first_close.is_some_and(|at| words[..at].ends_with([':', ';', '-', '=', '8']));
        !smiley && first_close.is_some_and(|at| !words[..at].contains(*open))
    })
}

/// A speaker's name with a colon: a few capitalised words and nothing else.
pub(super) fn is_label(words: &str) -> bool {
    let Some(name) = words.trim().strip_suffix(':') else { return false };
    let count = name.split_whitespace().count();
    (1..=4).contains(&count)
        && name.chars().count() <= 40
        && count_all(name, |word| word.starts_with(|c: char| c.is_uppercase()))
        && count > 1
}

fn count_all(text: &str, holds: impl Fn(&str) -> bool) -> bool {
    text.split_whitespace().all(holds)
}

/// At most four words.
pub(super) fn is_short(words: &str) -> bool {
    words.split_whitespace().nth(4).is_none()
}

/// Wholly inside quotation marks.
pub(super) fn is_quotation(words: &str) -> bool {
    let words = words.trim();
    words.starts_with(['"', '\u{201c}', '\u{201e}', '\u{ab}', '\u{2018}'])
        && words.ends_with(['"', '\u{201d}', '\u{201c}', '\u{bb}', '\u{2019}'])
        && words.chars().count() > 2
}

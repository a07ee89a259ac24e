//! How long a post may be, and how long a text is as X counts it.

use jiff::civil::{Date, date};
use regex::Regex;
use std::sync::LazyLock;

/// A post's length counts a link as that many characters.
const LINK_WEIGHT: usize = 23;

/// From this day on 280 characters were allowed instead of 140.
const LONGER_SINCE: Date = date(2017, 11, 7);

/// From this day on subscribers could write more; blockquotes still cut it, but copies by hand don't.
pub(super) const LONG_SINCE: Date = date(2023, 2, 8);

pub(super) static LINKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"((?:https?://)?pic\.(?:twitter|x)\.com/\w+)|https?://\S+").expect("the pattern is a constant")
});

static MENTIONS_AT_START: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:\s*\.?@\w{1,20})+").expect("the pattern is a constant"));

pub(super) fn limit(day: Option<Date>) -> usize {
    let characters = if day.is_some_and(|day| day < LONGER_SINCE) { 140 } else { 280 };
    // Converters add spaces and leave entities, and emoji are counted in several ways; that much is forgiven.
    characters + characters / 8
}

/// The length of a text as X counts it: wide characters twice, links by a fixed length, picture links and the mentions
/// that a reply begins with not at all.
pub(super) fn weight(text: &str) -> usize {
    let text = MENTIONS_AT_START.replace(text, "");
    let mut sum = 0;
    let mut at = 0;
    for link in LINKS.captures_iter(&text) {
        let Some(all) = link.get(0) else { continue };
        sum += plain_weight(&text[at..all.start()]) + if link.get(1).is_some() { 0 } else { LINK_WEIGHT };
        at = all.end();
    }
    sum + plain_weight(&text[at..])
}

fn plain_weight(text: &str) -> usize {
    let mut last_space = false;
    let count = |c: char| {
        let space = c.is_whitespace();
        let folded = space && last_space;
        last_space = space;
        match u32::from(c) {
            _ if folded => 0,
            0x200d | 0xfe0f | 0x1f3fb..=0x1f3ff => 0,
            0..=0x10ff | 0x2000..=0x201f | 0x2032..=0x2037 => 1,
            _ => 2,
        }
    };
    text.chars().map(count).sum()
}

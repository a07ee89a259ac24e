//! Words of a text as the search of a static site knows them. `assets/search.js` folds what its reader types in the same
//! way; a test holds the two together.
//!
//! Compatibility forms and case are folded, accents of Latin, Greek and Cyrillic and the vowel points of Hebrew and Arabic
//! are dropped. Scripts that write no spaces between words are cut into pairs of characters, and the last character of
//! a run stands by itself too, so that a search for one character finds it wherever it stands.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use regex::Regex;
use std::sync::LazyLock;

/// Longer words are cut, in characters.
const MAX_WORD_CHARS: usize = 40;

/// Words, and runs of scripts that write no spaces.
static RUNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?P<dense>[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\x{3005}\x{30fc}]+)|(?P<word>[\p{Alphabetic}\p{M}\p{N}--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\x{3005}\x{30fc}]]+)",
    )
    .expect("the pattern is a constant that a test uses")
});

/// What is dropped of decomposed text.
static ACCENTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"[\x{300}-\x{36f}\x{591}-\x{5bd}\x{5bf}\x{5c1}\x{5c2}\x{5c4}\x{5c5}\x{5c7}\x{64b}-\x{65f}\x{670}\x{640}]+",
    )
    .expect("the pattern is a constant that a test uses")
});

/// Gives every word of the text to `each`, in order.
pub(super) fn words(text: &str, mut each: impl FnMut(String)) {
    let folded = fold(text);
    for found in RUNS.captures_iter(&folded) {
        if let Some(run) = found.name("dense") {
            pairs(run.as_str(), &mut each);
        } else if let Some(word) = found.name("word") {
            each(word.as_str().chars().take(MAX_WORD_CHARS).collect());
        }
    }
}

fn fold(text: &str) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text).into_owned();
    let bare = ACCENTS.replace_all(&apart, "").to_lowercase().replace('ς', "σ");
    ComposingNormalizerBorrowed::new_nfc().normalize(&bare).into_owned()
}

fn pairs(run: &str, each: &mut impl FnMut(String)) {
    let mut last = None;
    for c in run.chars() {
        if let Some(before) = last.replace(c) {
            each([before, c].iter().collect());
        }
    }
    each(last.into_iter().collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, |word| found.push(word));
        found
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(of("Čapek’s ŁÓDŹ, ΟΔΌΣ: ﬁn Ё"), ["capek", "s", "łodz", "οδοσ", "fin", "е"]);
        assert_eq!(of("بَيْت שָׁלוֹם"), ["بيت", "שלום"]);
        assert_eq!(of("don't @some_one #tag_2 3.14"), ["don", "t", "some", "one", "tag", "2", "3", "14"]);
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        assert_eq!(of("東京タワー"), ["東京", "京タ", "タワ", "ワー", "ー"]);
        assert_eq!(of("猫 X"), ["猫", "x"]);
        assert_eq!(of("がｶﾞ"), ["がガ", "ガ"]);
        assert_eq!(of("서울 타워"), ["서울", "타워"]);
    }

    #[test]
    fn a_long_word_is_cut() {
        assert_eq!(of(&"x".repeat(100)), ["x".repeat(40)]);
    }
}

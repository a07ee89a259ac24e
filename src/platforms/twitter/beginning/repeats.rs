//! Runs of words that stand in an article more than once: where it quotes a post, or says it in advance.

use super::Signed;
use regex::Regex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// How far around a post the article's quotations of it are looked for, in bytes.
const NEIGHBOURHOOD: usize = 3000;

/// That many words in a row, twice in an article, are a quotation.
const QUOTED_WORDS: usize = 5;

static QUOTATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("\"[^\"]{10,}\"|\u{201c}[^\u{201c}\u{201d}]{10,}(?:\u{201d}|$)|\u{201e}[^\u{201e}\u{201c}\u{201d}]{10,}[\u{201c}\u{201d}]|\u{ab}[^\u{ab}\u{bb}]{10,}\u{bb}")
        .expect("the pattern is a constant")
});

/// How often each run of words occurs around the post.
pub(super) fn repeated(signed: &Signed<'_>) -> HashMap<u64, u32> {
    let mut from = signed.end.saturating_sub(NEIGHBOURHOOD);
    let mut to = (signed.after + NEIGHBOURHOOD).min(signed.text.len());
    while !signed.text.is_char_boundary(from) {
        from += 1;
    }
    while !signed.text.is_char_boundary(to) {
        to -= 1;
    }
    let mut counts = HashMap::new();
    for gram in grams(&signed.text[from..to]) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

/// Whether a run of the paragraph's own words stands in the article once more.
pub(super) fn is_quoted(words: &str, counts: &HashMap<u64, u32>) -> bool {
    QUOTATION.split(words).any(|own| has_repeated(own, counts))
}

/// Whether a paragraph puts words into quotation marks that stand around it once more: it quotes a post.
pub(super) fn quotes(words: &str, counts: &HashMap<u64, u32>) -> bool {
    QUOTATION.find_iter(words).any(|quotation| has_repeated(quotation.as_str(), counts))
}

/// Whether a paragraph says what the post says: articles repeat posts, posts don't repeat themselves.
pub(super) fn shares_run(words: &str, post: &str) -> bool {
    let post = grams(post);
    grams(words).iter().any(|gram| post.contains(gram))
}

fn has_repeated(words: &str, counts: &HashMap<u64, u32>) -> bool {
    grams(words).iter().any(|gram| counts.get(gram).is_some_and(|count| *count > 1))
}

fn grams(text: &str) -> Vec<u64> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words
        .windows(QUOTED_WORDS)
        .map(|run| {
            let mut hasher = DefaultHasher::new();
            run.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

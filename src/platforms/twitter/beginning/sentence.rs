//! Where the words begin inside a paragraph that also holds the article's.

use super::Signed;
use super::length::weight;
use super::prose::{names_author, reports};
use super::repeats::shares_run;
use regex::Regex;
use std::sync::LazyLock;

static SENTENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?:[.!?…。！？]+["'”’»)\]]*|:)(\s+)|\n+"#).expect("the pattern is a constant"));

/// Where the words begin inside a stretch that also holds the article's: after the last sentence that reads as the
/// article's, and within the limit.
pub(super) fn cut(words: &str, limit: usize, signed: &Signed<'_>) -> usize {
    let mut starts = vec![0];
    starts.extend(
        SENTENCE
            .find_iter(words)
            .map(|found| (found.start(), found.end()))
            .filter_map(|(end, next)| is_sentence_end(&words[..end], &words[next..]).then_some(next)),
    );
    let over = weight(words) > limit;
    let mut start = *starts.last().unwrap_or(&0);
    for at in starts.iter().rev().skip(1) {
        let sentence = words[*at..start].trim();
        let told = reports(sentence, signed) || (over && names_author(sentence, signed));
        let announces = sentence.ends_with(':') && sentence.split_whitespace().nth(4).is_some();
        if weight(&words[*at..]) > limit || told || announces || shares_run(sentence, &words[start..]) {
            break;
        }
        start = *at;
    }
    start
}

/// Whether a full stop ends a sentence: not after an abbreviation, not before a small letter.
fn is_sentence_end(before: &str, after: &str) -> bool {
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let short = last.chars().count() <= 2 && last.starts_with(char::is_alphabetic);
    let abbreviated = short || last.trim_start_matches(['(', '"', '\u{201c}']).contains('.');
    !after.is_empty() && !after.starts_with(char::is_lowercase) && !abbreviated
}

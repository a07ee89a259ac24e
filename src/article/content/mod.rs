//! What an article says, as a digest: equal for two looks at it that differ only in what surrounds it, such as
//! advertisements, related stories, counters and the addresses of resized pictures.

mod blocks;
mod noise;

use crate::{
    html,
    model::{Article, Embed, Scope, Target},
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashSet};

/// Words of two articles that are compared, from the first on.
const MAX_COMPARED_WORDS: usize = 2000;

/// Shorter words are in every text of a language.
const MIN_COMPARED_CHARS: usize = 5;

/// Of the words of the shorter text, one in so many must be in the other, or the two are not one article.
const MIN_SHARED: usize = 4;

/// The number of today's way of reading an article: one higher whenever unchanged pages get another digest. An older
/// digest says nothing of a look of today.
const READING: u32 = 1;

/// Whether a digest was made by today's reading, so that it can be compared with one of today.
#[must_use]
pub fn is_comparable(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(reading, _)| reading == READING.to_string())
}

/// The number of the reading, and SHA-256 (hex) over headline, authors, first publication, words, embeds in the body with what is quoted of them, and
/// the article's own pictures.
#[must_use]
pub fn content_digest(article: &Article, embeds: &[Embed]) -> String {
    let mut hash = Sha256::new();
    let mut part = |name: &str, value: &str| {
        // A length before each value, so that no value can pass for two.
        hash.update(format!("{name} {}\n", value.len()));
        hash.update(value);
    };
    part("title", &fold(&article.title));
    part("byline", &fold(article.byline.as_deref().unwrap_or_default()));
    part("published", &article.published.map(|when| when.to_string()).unwrap_or_default());
    let body = blocks::read(article);
    for words in &body.words {
        part("words", &with_targets(words, embeds));
    }
    for picture in body.pictures.iter().collect::<BTreeSet<_>>() {
        part("picture", picture);
    }
    for embed in embeds.iter().filter(|embed| embed.scope == Scope::Article) {
        part("embed", &target(embed));
        part("quoted", &fold(embed.quoted.text.as_deref().unwrap_or_default()));
        part("author", embed.quoted.author_handle.as_deref().unwrap_or_default());
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{READING}:{hex}")
}

/// Whether two texts under one canonical address can be one article at two times: they share a fair part of their words,
/// or one of them hardly has any.
#[must_use]
pub fn is_akin(one: &Article, other: &Article) -> bool {
    let (one_words, other_words) = (words(&one.text), words(&other.text));
    let fewer = one_words.len().min(other_words.len());
    fold(&one.title) == fold(&other.title)
        || fewer < MIN_SHARED
        || one_words.intersection(&other_words).count() * MIN_SHARED >= fewer
}

/// Whether `now` is another page in the place of the article that read as `before`, by headline and words: a notice, an
/// error that calls itself a success.
#[must_use]
pub fn is_another(before: &Article, now: &Article) -> bool {
    let (words_before, words_now) = (words(&before.text), words(&now.text));
    let fewer = words_before.len().min(words_now.len()).max(1);
    fold(&before.title) != fold(&now.title)
        && words_before.len() >= MIN_SHARED
        && words_before.intersection(&words_now).count() * MIN_SHARED < fewer
}

fn words(text: &str) -> HashSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= MIN_COMPARED_CHARS);
    words.take(MAX_COMPARED_WORDS).map(str::to_lowercase).collect()
}

/// White space folded into single spaces.
fn fold(text: &str) -> String {
    super::scan::fold(text)
}

/// Words in which an embed's token says which post stands there: its number changes with what stands beside the article.
fn with_targets(words: &str, embeds: &[Embed]) -> String {
    let mut out = String::with_capacity(words.len());
    for (piece, position) in html::split_at_tokens(words) {
        out.push_str(piece);
        if let Some(embed) = position.and_then(|position| embeds.iter().find(|embed| embed.position == position)) {
            out.push_str(&target(embed));
        }
    }
    out
}

fn target(embed: &Embed) -> String {
    match &embed.target {
        Target::Post(post) => post.key(),
        Target::ShortLink { url, .. } => url.to_string(),
        Target::Unresolved { platform } => platform.clone(),
    }
}

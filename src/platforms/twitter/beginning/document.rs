//! What a whole text shows: how it keeps paragraphs apart, in which language and script it is written.

use super::marks::TOKENS;
use std::cell::OnceCell;
use whatlang::{Lang, Script};

/// That much of a text tells its language, in bytes.
const LANGUAGE_SAMPLE: usize = 6000;

/// A shorter text, in characters, does not tell its language.
const MIN_LANGUAGE: usize = 40;

/// What a whole text shows.
#[derive(Clone, Debug)]
pub(in super::super) struct Document<'t> {
    pub(super) layout: Layout,
    /// Its beginning.
    sample: &'t str,
    /// The language of the article, where it is plain; told when it is first asked for.
    lang: OnceCell<Option<Lang>>,
    /// The script of most of its letters.
    script: Option<Script>,
}

impl<'t> Document<'t> {
    /// Looks over a text once.
    pub(in super::super) fn of(text: &'t str) -> Self {
        let mut end = text.len().min(LANGUAGE_SAMPLE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let sample = &text[..end];
        Self { layout: Layout::of(text), sample, lang: OnceCell::new(), script: script(sample) }
    }

    fn lang(&self) -> Option<Lang> {
        *self.lang.get_or_init(|| language(self.sample))
    }
}

/// How a text keeps its paragraphs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// By blank lines; single breaks are breaks inside a paragraph.
    BlankLines,
    /// Every line is a paragraph.
    Lines,
}

impl Layout {
    /// The layout that most of a text's breaks show.
    fn of(text: &str) -> Self {
        let (mut blank, mut single, mut last_blank) = (0_usize, 0_usize, true);
        for line in text.lines() {
            if line.trim().is_empty() {
                blank += usize::from(!last_blank);
                last_blank = true;
            } else {
                single += usize::from(!last_blank);
                last_blank = false;
            }
        }
        if single > blank * 3 { Self::Lines } else { Self::BlankLines }
    }
}

/// Whether a paragraph is in the post's language, and that another one than the article's: then it is the post's. Where
/// the post is foreign and the paragraph is not, it is the article's. None where languages tell nothing.
pub(super) fn is_foreign(words: &str, below: &str, article: &Document<'_>) -> Option<bool> {
    let (own, post) = (script(words)?, script(below)?);
    if own != post {
        // A line in capitals or a name may be Latin anywhere.
        return (words.split_whitespace().count() > 2).then_some(false);
    }
    if article.script.is_some_and(|script| script != post) {
        return Some(true);
    }
    let (article, own, post) = (article.lang()?, language(words)?, language(below)?);
    (post != article && (own == post || own == article)).then_some(own == post)
}

/// The script of most of a text's letters.
fn script(text: &str) -> Option<Script> {
    let script = whatlang::detect_script(&TOKENS.replace_all(text, ""))?;
    Some(match script {
        Script::Hiragana | Script::Katakana => Script::Mandarin,
        script => script,
    })
}

/// The language of a text, where a detector is sure.
fn language(text: &str) -> Option<Lang> {
    let words = TOKENS.replace_all(text, "");
    let enough = words.chars().filter(|c| c.is_alphabetic()).count() >= MIN_LANGUAGE;
    let info = enough.then(|| whatlang::detect(&words)).flatten().filter(whatlang::Info::is_reliable)?;
    Some(info.lang())
}

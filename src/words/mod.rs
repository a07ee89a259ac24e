//! Words of a text as the search knows them: what is written differently and read alike becomes the same, and scripts that
//! set no spaces between words are cut into pairs.
//!
//! - Case, compatibility forms (full width, ligatures) and accents are folded, also those that Unicode has no marks for:
//!   `ß` is `ss`, `ø` is `o`, `æ` is `ae`, Turkish `ı` and `İ` are `i`, the final `ς` is `σ`; vowel signs of Arabic and Hebrew
//!   are dropped, and the tatweel, and letters of Arabic that are written for one another are one ([`fold`]).
//! - Han, kana, Hangul, Thai, Lao, Khmer and Burmese are cut into pairs of characters (a character with all its marks), and the
//!   last one of a run stands by itself: whatever stands in the middle of a run is found, one character too.
//! - An emoji is a word. What follows `#` or `@` is a word like any other; behind the text all of these stand once more with
//!   their sign before them, so that a search for `#storm` finds the tag alone.

mod beginning;
mod fold;
mod kind;

pub use beginning::{excerpt, shortened};
pub use fold::fold;
use kind::Kind;

/// Longer words are cut, in characters: nobody types them.
pub const MAX_WORD_CHARS: usize = 64;

/// A word in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As it is compared.
    pub text: String,
    /// The bytes of the text that it stands for.
    pub start: usize,
    /// The first byte behind them.
    pub end: usize,
    /// The first byte behind its first character, where it is a pair.
    pub first_end: usize,
    /// What it is.
    pub part: Part,
}

/// What a token is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A whole word, or an emoji.
    Word,
    /// Two characters of a run of a script without spaces.
    Pair,
    /// The last character of such a run.
    Last,
    /// `#` or `@`, before the words of a tag or a name that stand once more.
    Sign,
}

/// The words of a text in their order, then those of its tags and names, each with its sign before it.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = plain(text);
    for (start, end) in signed(text) {
        let sign = if text.get(start..).is_some_and(|rest| rest.starts_with(['#', '＃'])) { "#" } else { "@" };
        let (Some(sign_end), Some(name)) = (end_of_first(text, start), text.get(start..end)) else { continue };
        let sign = Token { text: sign.to_owned(), start, end: sign_end, first_end: sign_end, part: Part::Sign };
        let words = plain(name.get(sign_end - start..).unwrap_or_default());
        tokens.push(sign);
        tokens.extend(words.into_iter().map(|word| Token {
            start: word.start + sign_end,
            end: word.end + sign_end,
            first_end: word.first_end + sign_end,
            ..word
        }));
    }
    tokens
}

/// What the index holds of a text: its words with spaces between them.
#[must_use]
pub fn indexed(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + text.len() / 4);
    for token in tokens(text) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&token.text);
    }
    line
}

/// The words alone.
#[must_use]
pub fn plain(text: &str) -> Vec<Token> {
    let mut reading = Reading { text, tokens: Vec::new(), word: None, run: Vec::new() };
    for (at, c) in text.char_indices() {
        reading.take(at, c);
    }
    reading.end(text.len());
    reading.tokens
}

struct Reading<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// Where the word that is being read begins.
    word: Option<usize>,
    /// The characters of the run that is being read: where each begins.
    run: Vec<usize>,
}

impl Reading<'_> {
    fn take(&mut self, at: usize, c: char) {
        match kind::of(c) {
            Kind::Letter => {
                if self.word.is_none() {
                    self.end(at);
                    self.word = Some(at);
                }
            }
            Kind::Dense => {
                if self.word.is_some() {
                    self.end(at);
                }
                self.run.push(at);
            }
            Kind::Emoji => {
                self.end(at);
                let end = at + c.len_utf8();
                self.tokens.push(Token { text: c.to_string(), start: at, end, first_end: end, part: Part::Word });
            }
            // Stays with what it stands on.
            Kind::Mark => {
                let open = self.word.is_some() || !self.run.is_empty();
                if let Some(emoji) = self.tokens.last_mut().filter(|token| !open && token.end == at) {
                    (emoji.end, emoji.first_end) = (at + c.len_utf8(), at + c.len_utf8());
                }
            }
            Kind::ZeroWidthSpace if !self.run.is_empty() => {}
            Kind::ZeroWidthSpace | Kind::Other => self.end(at),
        }
    }

    fn end(&mut self, at: usize) {
        if let Some(start) = self.word.take() {
            let mut text = fold(self.text.get(start..at).unwrap_or_default());
            if let Some((cut, _)) = text.char_indices().nth(MAX_WORD_CHARS) {
                text.truncate(cut);
            }
            if !text.is_empty() {
                self.tokens.push(Token { text, start, end: at, first_end: at, part: Part::Word });
            }
        }
        let mut last: Option<(String, usize, usize)> = None;
        let run = std::mem::take(&mut self.run);
        for (n, start) in run.iter().enumerate() {
            let end = run.get(n + 1).copied().unwrap_or(at);
            let folded = fold(self.text.get(*start..end).unwrap_or_default());
            if folded.is_empty() {
                continue;
            }
            if let Some((before, first, first_end)) = last.replace((folded.clone(), *start, end)) {
                let text = format!("{before}{folded}");
                self.tokens.push(Token { text, start: first, end, first_end, part: Part::Pair });
            }
        }
        if let Some((text, start, end)) = last {
            self.tokens.push(Token { text, start, end, first_end: end, part: Part::Last });
        }
    }
}

/// Where tags and names stand, their signs included: `#storm`, `@clerk`, `@clerk@host.example`.
fn signed(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut open: Option<(usize, bool)> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_word = chars.peek().is_some_and(|(_, next)| kind::is_word(*next));
        match open {
            Some((start, name)) => {
                let inside = kind::is_word(c) || c == '_' || (name && next_is_word && matches!(c, '.' | '-' | '@'));
                if !inside {
                    found.push((start, at));
                    open = None;
                }
            }
            None if !kind::is_word(before) && next_is_word => match c {
                '#' | '＃' => open = Some((at, false)),
                '@' | '＠' => open = Some((at, true)),
                _ => {}
            },
            None => {}
        }
        before = c;
    }
    found.extend(open.map(|(start, _)| (start, text.len())));
    found
}

fn end_of_first(text: &str, at: usize) -> Option<usize> {
    text.get(at..)?.chars().next().map(|c| at + c.len_utf8())
}

#[cfg(test)]
mod tests;

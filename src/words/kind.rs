//! What a character is for the search: a letter of a word, a character of a script without spaces, an emoji, a mark on
//! what stands before it, or what parts words.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{ExtendedPictographic, GeneralCategory, GeneralCategoryGroup, Script},
};

/// A kind of character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or a digit.
    Letter,
    /// A letter of a script that sets no spaces between words, or, as Korean does, sets them between groups of words.
    Dense,
    /// A picture by itself.
    Emoji,
    /// Belongs to what stands before it.
    Mark,
    /// Parts words, but not those of scripts without spaces, where it says where a line may break.
    ZeroWidthSpace,
    /// Parts words.
    Other,
}

/// What a character is.
pub(super) fn of(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => return Kind::Letter,
        '\0'..='\x7f' => return Kind::Other,
        '\u{200b}' => return Kind::ZeroWidthSpace,
        // Soft hyphen, joiners; vowels and finals of Hangul written apart; the half-width voiced marks; skin colours.
        '\u{ad}'
        | '\u{200c}'
        | '\u{200d}'
        | '\u{2060}'
        | '\u{1160}'..='\u{11ff}'
        | '\u{ff9e}'
        | '\u{ff9f}'
        | '\u{1f3fb}'..='\u{1f3ff}' => return Kind::Mark,
        // The long vowel of katakana, which Unicode gives to no script alone.
        '\u{30fc}' | '\u{ff70}' => return Kind::Dense,
        // Letters of flags.
        '\u{1f1e6}'..='\u{1f1ff}' => return Kind::Emoji,
        _ => {}
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    if GeneralCategoryGroup::Mark.contains(category) {
        return Kind::Mark;
    }
    if GeneralCategoryGroup::Letter.contains(category) || GeneralCategoryGroup::Number.contains(category) {
        let script = CodePointMapData::<Script>::new().get(c);
        let digit = category == GeneralCategory::DecimalNumber;
        return if is_dense(script) && !digit { Kind::Dense } else { Kind::Letter };
    }
    if CodePointSetData::new::<ExtendedPictographic>().contains(c) { Kind::Emoji } else { Kind::Other }
}

/// Whether it is a part of a word.
pub(super) fn is_word(c: char) -> bool {
    matches!(of(c), Kind::Letter | Kind::Dense | Kind::Mark)
}

fn is_dense(script: Script) -> bool {
    [
        Script::Han,
        Script::Hiragana,
        Script::Katakana,
        Script::Bopomofo,
        Script::Hangul,
        Script::Thai,
        Script::Lao,
        Script::Khmer,
        Script::Myanmar,
    ]
    .contains(&script)
}

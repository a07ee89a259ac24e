//! A word without what its readers read past: case, accents, width.

use super::kind::{self, Kind};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The folded form of a word. It can be empty: of a mark that stands on nothing nothing is left.
#[must_use]
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut bare = String::with_capacity(word.len());
    for c in DecomposingNormalizerBorrowed::new_nfkd().normalize(word).chars() {
        if is_accent(c) {
            continue;
        }
        for c in c.to_lowercase().filter(|c| !is_accent(*c)) {
            match like(c) {
                Some(letters) => bare.push_str(letters),
                // What a compatibility form is written with, such as the stroke of a fraction, is no part of a word.
                None if !matches!(kind::of(c), Kind::Other | Kind::ZeroWidthSpace) => bare.push(c),
                None => {}
            }
        }
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(&bare).into_owned()
}

/// Accents of Latin, Greek and Cyrillic; vowel signs of Hebrew and Arabic, and what only stretches an Arabic word; hyphens
/// and joiners that are not seen, and what chooses between two forms of one picture.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}'
        | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Letters that are typed otherwise by many, in lower case, and digits of Arabic and Devanagari.
fn like(c: char) -> Option<&'static str> {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let digit = |zero: u32| DIGITS.get((c as u32).wrapping_sub(zero) as usize).copied();
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ς' => "σ",
        // Alif maqsura and the Persian yeh; ta marbuta; the Persian kaf.
        '\u{649}' | '\u{6cc}' => "\u{64a}",
        '\u{629}' => "\u{647}",
        '\u{6a9}' => "\u{643}",
        '\u{671}' => "\u{627}",
        '\u{660}'..='\u{669}' => return digit(0x660),
        '\u{6f0}'..='\u{6f9}' => return digit(0x6f0),
        '\u{966}'..='\u{96f}' => return digit(0x966),
        _ => return None,
    })
}

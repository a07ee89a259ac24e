//! The language of an article: tags as pages write them in one form, and a guess from the words where none is named.

use whatlang::Lang;

/// How much of the text the guess reads, in bytes.
const GUESS_BYTES: usize = 20_000;

/// A language tag in BCP 47's usual writing (`pt-BR`, `zh-Hant`) from what pages write (`pt_br`, `EN-us`,
/// `en-US,en`), or none where it is no tag.
pub(super) fn tag(text: &str) -> Option<String> {
    let first = text.split([',', ';', ' ', '.']).find(|part| !part.is_empty())?;
    let mut parts = first.split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    let is_language = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase());
    if !is_language || matches!(language.as_str(), "und" | "zxx" | "mul" | "xx") {
        return None;
    }
    let mut tag = language;
    for part in parts {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            4 if part.as_bytes()[0].is_ascii_alphabetic() => {
                tag.push_str(&part[..1].to_ascii_uppercase());
                tag.push_str(&part[1..].to_ascii_lowercase());
            }
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
    }
    Some(tag)
}

/// The language that a text is written in, where the text is long enough to tell.
pub(super) fn guess(text: &str) -> Option<String> {
    let mut end = text.len().min(GUESS_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let info = whatlang::detect(&text[..end])?;
    info.is_reliable().then(|| two_letters(info.lang()).to_owned())
}

/// ISO 639-1, which BCP 47 asks for where it has a code, for the language of a guess.
fn two_letters(lang: Lang) -> &'static str {
    let code = lang.code();
    CODES.iter().find(|(three, _)| *three == code).map_or(code, |(_, two)| two)
}

/// ISO 639-3 to 639-1, for the languages that whatlang knows.
const CODES: [(&str, &str); 70] = [
    ("epo", "eo"),
    ("eng", "en"),
    ("rus", "ru"),
    ("cmn", "zh"),
    ("spa", "es"),
    ("por", "pt"),
    ("ita", "it"),
    ("ben", "bn"),
    ("fra", "fr"),
    ("deu", "de"),
    ("ukr", "uk"),
    ("kat", "ka"),
    ("ara", "ar"),
    ("hin", "hi"),
    ("jpn", "ja"),
    ("heb", "he"),
    ("yid", "yi"),
    ("pol", "pl"),
    ("amh", "am"),
    ("jav", "jv"),
    ("kor", "ko"),
    ("nob", "nb"),
    ("dan", "da"),
    ("swe", "sv"),
    ("fin", "fi"),
    ("tur", "tr"),
    ("nld", "nl"),
    ("hun", "hu"),
    ("ces", "cs"),
    ("ell", "el"),
    ("bul", "bg"),
    ("bel", "be"),
    ("mar", "mr"),
    ("kan", "kn"),
    ("ron", "ro"),
    ("slv", "sl"),
    ("hrv", "hr"),
    ("srp", "sr"),
    ("mkd", "mk"),
    ("lit", "lt"),
    ("lav", "lv"),
    ("est", "et"),
    ("tam", "ta"),
    ("vie", "vi"),
    ("urd", "ur"),
    ("tha", "th"),
    ("guj", "gu"),
    ("uzb", "uz"),
    ("pan", "pa"),
    ("aze", "az"),
    ("ind", "id"),
    ("tel", "te"),
    ("pes", "fa"),
    ("mal", "ml"),
    ("ori", "or"),
    ("mya", "my"),
    ("nep", "ne"),
    ("sin", "si"),
    ("khm", "km"),
    ("tuk", "tk"),
    ("aka", "ak"),
    ("zul", "zu"),
    ("sna", "sn"),
    ("afr", "af"),
    ("lat", "la"),
    ("slk", "sk"),
    ("cat", "ca"),
    ("tgl", "tl"),
    ("hye", "hy"),
    ("cym", "cy"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_into_one_form() {
        for (text, expected) in
            [("en_US", "en-US"), ("PT-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("en-US, en", "en-US"), ("de", "de")]
        {
            assert_eq!(tag(text).as_deref(), Some(expected));
        }
        assert_eq!(tag("english"), None);
        assert_eq!(tag("{{ lang }}"), None);
        assert_eq!(tag(""), None);
    }

    #[test]
    fn words_tell_their_language() {
        let german = "Der Zug fährt morgen früh nach Süden, und wir wollen ihn auf keinen Fall verpassen.";
        assert_eq!(guess(german).as_deref(), Some("de"));
        assert_eq!(guess(""), None);
    }
}

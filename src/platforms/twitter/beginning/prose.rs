//! What a paragraph of an article reads like: it reports, names the author, speaks of the platform.

use super::Signed;
use super::marks::is_label;
use super::repeats::quotes;
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Verbs by which articles report, in the languages met most.
pub(super) static REPORTING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)\b(?:said|says|saying|told|tells|wrote|writes|writing|added|adding|announced|announces|replied|responded|
        stated|explained|claimed|noted|argued|insisted|admitted|confirmed|declared|joked|quipped|commented|captioned|
        according\s+to|reported|reports|suggested|warned|praised|slammed|criticized|criticised|accused|
        schrieb|schreibt|sagte|sagt|erklärte|teilte|kommentierte|twitterte|laut|
        a\s+(?:écrit|déclaré|tweeté|annoncé|indiqué|affirmé|ajouté)|selon|
        dijo|escribió|afirmó|publicó|señaló|aseguró|tuiteó|según|
        disse|escreveu|afirmou|publicou|segundo|ha\s+(?:scritto|detto|dichiarato)|scrive|secondo|
        schreef|zei|meldde|napisał|napisała|powiedział|napsal|написал|написала|заявил|сообщил|yazdı|söyledi)\b",
    )
    .expect("the pattern is a constant")
});

/// Words for posts and for the platform, which posts themselves seldom use.
static PLATFORM_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:tweet(?:s|ed|ing)?|re-?tweet(?:s|ed)?|twitter|twittert|tuit(?:s|eó)?|social media|instagram post|facebook post|(?:took|taken) to X|on X\b|posted\s+(?:on|to|an?\s+(?:photo|picture|video|image|message|statement|link|clip)))\b",
    )
    .expect("the pattern is a constant")
});

/// Captions, credits, pointers to other stories.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?i:related|read\s+(?:more|also|next)|see\s+also|watch|also\s+read|trending|advertisement|photo|photos|image|
        video|credit|source|file|more|caption|story\s+continues|continue\s+reading|screenshot|screengrab|update[ds]?)\b[^.]{0,60}[:|.]
        |\b(?:Getty|REUTERS|Reuters|AFP|Shutterstock|iStock|EPA)\b
        |\((?:AP|PA|EPA|AFP)\b
        |^\([^()]*\)\.?$
        |^\[[^\[\]]*\]\.?$",
    )
    .expect("the pattern is a constant")
});

/// Whether a paragraph reads as the article's own.
pub(super) fn is_article(words: &str, counts: &HashMap<u64, u32>) -> bool {
    let end = words.trim_end_matches(['"', '\u{201d}', '\u{2019}', ' ']);
    if end.ends_with([':', '：']) {
        return !is_label(words);
    }
    let speaks = words.contains(['"', '\u{201c}', '\u{201d}', '\u{ab}', '\u{201e}']);
    ASIDE.is_match(words) || quotes(words, counts) || (REPORTING.is_match(words) && (speaks || words.len() > 80))
}

/// Whether a paragraph speaks of the platform, as articles do before they show a post.
pub(super) fn is_about_platform(words: &str) -> bool {
    PLATFORM_WORDS.is_match(words)
}

/// Whether a sentence tells of the post or of its author.
pub(super) fn reports(sentence: &str, signed: &Signed<'_>) -> bool {
    let about = names_author(sentence, signed) || PLATFORM_WORDS.is_match(sentence);
    about && (sentence.ends_with(':') || REPORTING.is_match(sentence) || PLATFORM_WORDS.is_match(sentence))
}

/// Whether a paragraph opens with `So-and-so tweeted:`.
pub(super) fn has_lead_in(words: &str, signed: &Signed<'_>) -> bool {
    let Some((head, rest)) = words.split_once(": ") else { return false };
    head.len() < 200 && !rest.trim().is_empty() && reports(&format!("{head}:"), signed)
}

/// Whether the author is spoken of: by a word of the display name that is not within a hashtag or mention.
pub(super) fn names_author(words: &str, signed: &Signed<'_>) -> bool {
    let names: Vec<&str> = signed
        .name
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}')
        .filter(|word| word.chars().count() >= 4 && word.starts_with(char::is_uppercase))
        .collect();
    let mut before = ' ';
    let mut start = None;
    for (at, c) in words.char_indices().chain([(words.len(), ' ')]) {
        match (c.is_alphanumeric() || c == '_', start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = &words[from..at];
                let marked = matches!(before, '#' | '@');
                if (!marked && names.contains(&word)) || (marked && before == '@' && word == signed.handle) {
                    return true;
                }
                start = None;
            }
            _ => {}
        }
        if start.is_none() {
            before = c;
        }
    }
    false
}

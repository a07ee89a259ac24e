//! Where the words of a flattened post begin, which nothing in the text says outright.
//!
//! What is known: the end of the signature before is a hard bound. A post's blockquote holds at most 140 characters
//! (280 since November 2017), links counted as 23 and picture links not at all; longer posts are cut there. Text
//! converters keep paragraphs apart, by blank lines or by single ones, so a post mostly is the paragraph that its
//! signature ends or follows. What remains is whether paragraphs above belong to it too: they do where they bear marks
//! of posts (hashtags, emoji, links, numbering, no full stop, words that the article quotes), and don't where they read
//! as the article's own (they name the author, report, end with a colon, run over the limit).

use jiff::civil::{Date, date};
use regex::Regex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use whatlang::{Lang, Script};

/// How far before its signature a post may begin, in bytes.
const WINDOW: usize = 6000;

/// How far around a post the article's quotations of it are looked for, in bytes.
const NEIGHBOURHOOD: usize = 3000;

/// Paragraphs that are judged above the last one.
const MAX_UNITS: usize = 12;

/// That many words in a row, twice in an article, are a quotation.
const QUOTED_WORDS: usize = 5;

/// That much of a text tells its language, in bytes.
const LANGUAGE_SAMPLE: usize = 6000;

/// A shorter text, in characters, does not tell its language.
const MIN_LANGUAGE: usize = 40;

/// A post's length counts a link as that many characters.
const LINK_WEIGHT: usize = 23;

/// From this day on 280 characters were allowed, and from the second on subscribers could write more.
const LONGER_SINCE: Date = date(2017, 11, 7);
const LONG_SINCE: Date = date(2023, 2, 8);

/// What a whole text shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document {
    layout: Layout,
    /// The language of the article, where it is plain.
    lang: Option<Lang>,
    /// The script of most of its letters.
    script: Option<Script>,
}

impl Document {
    /// Looks over a text once.
    pub(super) fn of(text: &str) -> Self {
        let mut end = text.len().min(LANGUAGE_SAMPLE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self { layout: Layout::of(text), lang: language(&text[..end]), script: script(&text[..end]) }
    }
}

/// How a text keeps its paragraphs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
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

/// A signature in its text.
pub(super) struct Signed<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// Where the words can't begin before: the end of the signature before.
    pub(super) bound: usize,
    /// Where the words end.
    pub(super) end: usize,
    /// Where the signature ends.
    pub(super) after: usize,
    /// The display name; may be empty.
    pub(super) name: &'a str,
    /// Without `@`.
    pub(super) handle: &'a str,
    /// The day of the post.
    pub(super) day: Option<Date>,
    /// Whether the signature opens its line.
    pub(super) own_line: bool,
}

/// A paragraph or line: byte offsets into the text, without white space around it.
#[derive(Clone, Copy, Debug)]
struct Unit {
    start: usize,
    end: usize,
    /// Nothing stands before it on its line but the end of another signature.
    mid_line: bool,
}

/// Byte offset at which the words begin.
pub(super) fn find(signed: &Signed<'_>, document: Document) -> usize {
    let mut units = units(signed, document.layout);
    let Some(last) = units.pop() else { return signed.end };
    let limit = limit(signed.day);
    let words = &signed.text[last.start..last.end];
    let long_allowed = signed.own_line && signed.day.is_none_or(|day| day >= LONG_SINCE);
    let own = weight(words);
    if own > limit && !long_allowed {
        return last.start + cut(words, limit, signed);
    }
    if last.mid_line || has_lead_in(words, signed) {
        let at = last.start + cut(words, limit, signed);
        if at > last.start {
            return at;
        }
    }
    extend(signed, &units, last, limit, document)
}

/// Takes in paragraphs above while they belong to the post.
fn extend(signed: &Signed<'_>, above: &[Unit], last: Unit, limit: usize, document: Document) -> usize {
    let mut start = last.start;
    // Paragraphs that say neither are taken once one above or below them is the post's for certain.
    let mut certain = false;
    let mut first = last;
    let mut tentative = false;
    let mut counts: Option<HashMap<u64, u32>> = None;
    for unit in above.iter().rev().take(MAX_UNITS) {
        let words = &signed.text[unit.start..unit.end];
        let below = &signed.text[first.start..first.end];
        if weight(&signed.text[unit.start..signed.end]) > limit {
            break;
        }
        if is_label(below) && is_quotation(words) {
            // Somebody's words, and under them whose they are.
            return unit.start;
        }
        let dangling = !tentative && is_dangling(below);
        let counts = counts.get_or_insert_with(|| repeated(signed));
        let foreign = is_foreign(words, below, document);
        // A colon ends an article's sentence before a post, but also a post's own heading.
        let heads_list = BULLET.is_match(below) && !REPORTING.is_match(words) && !names_author(words, signed);
        let labels = words.ends_with(':') && ((certain && is_short(words)) || heads_list);
        let article = is_article(words, counts) || (!certain && names_author(words, signed));
        let restates = shares_run(words, &signed.text[first.start..signed.end]);
        if foreign == Some(false) || restates || (article && !labels) || (!dangling && is_about_platform(words)) {
            break;
        }
        let score = marks(words) + 2 * i32::from(foreign == Some(true)) + 3 * i32::from(is_quoted(words, counts));
        certain |= score + i32::from(is_parallel(words, below)) * 2 >= 2;
        if certain || dangling {
            start = unit.start;
            tentative = false;
        } else {
            tentative = true;
        }
        first = *unit;
    }
    start
}

/// Whether a paragraph is in the post's language, and that another one than the article's: then it is the post's. Where
/// the post is foreign and the paragraph is not, it is the article's. None where languages tell nothing.
fn is_foreign(words: &str, below: &str, article: Document) -> Option<bool> {
    let (own, post) = (script(words)?, script(below)?);
    if own != post {
        // A line in capitals or a name may be Latin anywhere.
        return (words.split_whitespace().count() > 2).then_some(false);
    }
    if article.script.is_some_and(|script| script != post) {
        return Some(true);
    }
    let (article, own, post) = (article.lang?, language(words)?, language(below)?);
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
    let info = whatlang::detect(&words).filter(|info| enough && info.is_reliable())?;
    Some(info.lang())
}

/// Whether a paragraph says what the post says: articles repeat posts, posts don't repeat themselves.
fn shares_run(words: &str, post: &str) -> bool {
    let post = grams(post);
    grams(words).iter().any(|gram| post.contains(gram))
}

/// Whether two lines begin alike, as the lines of a list do.
fn is_parallel(words: &str, below: &str) -> bool {
    let opening = |text: &str| text.split_whitespace().take(2).map(str::to_lowercase).collect::<Vec<_>>();
    let (one, two) = (opening(words), opening(below));
    one.len() == 2 && one == two && words.chars().count() <= 140
}

/// The paragraphs between bound and signature, in reading order, as many as a post can have.
fn units(signed: &Signed<'_>, layout: Layout) -> Vec<Unit> {
    let mut from = signed.end.saturating_sub(WINDOW).max(signed.bound);
    while !signed.text.is_char_boundary(from) {
        from += 1;
    }
    let mut units: Vec<Unit> = Vec::new();
    let mut at = from;
    let mut joined = false;
    for line in signed.text[from..signed.end].split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            joined = false;
        } else {
            let start = at + (line.len() - line.trim_start().len());
            let end = start + trimmed.len();
            let mid_line = at == from && from > 0 && !signed.text[..from].ends_with('\n');
            match units.last_mut() {
                Some(open) if joined && layout == Layout::BlankLines && !open.mid_line => open.end = end,
                _ => units.push(Unit { start, end, mid_line }),
            }
            joined = true;
        }
        at += line.len();
    }
    units
}

fn limit(day: Option<Date>) -> usize {
    let characters = if day.is_some_and(|day| day < LONGER_SINCE) { 140 } else { 280 };
    // Converters add spaces and leave entities, and emoji are counted in several ways; that much is forgiven.
    characters + characters / 8
}

static LINKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"((?:https?://)?pic\.(?:twitter|x)\.com/\w+)|https?://\S+").expect("the pattern is a constant")
});
static MENTIONS_AT_START: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:\s*\.?@\w{1,20})+").expect("the pattern is a constant"));

/// The length of a text as X counts it: wide characters twice, links by a fixed length, picture links and the mentions
/// that a reply begins with not at all.
fn weight(text: &str) -> usize {
    let text = MENTIONS_AT_START.replace(text, "");
    let mut sum = 0;
    let mut at = 0;
    for link in LINKS.captures_iter(&text) {
        let Some(all) = link.get(0) else { continue };
        sum += plain_weight(&text[at..all.start()]) + if link.get(1).is_some() { 0 } else { LINK_WEIGHT };
        at = all.end();
    }
    sum + plain_weight(&text[at..])
}

fn plain_weight(text: &str) -> usize {
    let mut last_space = false;
    let count = |c: char| {
        let space = c.is_whitespace();
        let folded = space && last_space;
        last_space = space;
        match u32::from(c) {
            _ if folded => 0,
            0x200d | 0xfe0f | 0x1f3fb..=0x1f3ff => 0,
            0..=0x10ff | 0x2000..=0x201f | 0x2032..=0x2037 => 1,
            _ => 2,
        }
    };
    text.chars().map(count).sum()
}

static SENTENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?:[.!?…。！？]+["'”’»)\]]*|:)(\s+)|\n+"#).expect("the pattern is a constant"));

/// Where the words begin inside a stretch that also holds the article's: after the last sentence that reads as the
/// article's, and within the limit.
fn cut(words: &str, limit: usize, signed: &Signed<'_>) -> usize {
    let mut starts = vec![0];
    starts.extend(SENTENCE.find_iter(words).map(|found| found.end()).filter(|end| *end < words.len()));
    let mut start = *starts.last().unwrap_or(&0);
    let mut until = start;
    for at in starts.iter().rev().skip(1) {
        let sentence = words[*at..until].trim();
        if weight(&words[*at..]) > limit || reports(sentence, signed) {
            break;
        }
        start = *at;
        until = *at;
    }
    start
}

/// Whether a sentence tells of the post or of its author.
fn reports(sentence: &str, signed: &Signed<'_>) -> bool {
    let about = names_author(sentence, signed) || PLATFORM_WORDS.is_match(sentence);
    about && (sentence.ends_with(':') || REPORTING.is_match(sentence) || PLATFORM_WORDS.is_match(sentence))
}

/// Whether a paragraph opens with `So-and-so tweeted:`.
fn has_lead_in(words: &str, signed: &Signed<'_>) -> bool {
    let Some((head, rest)) = words.split_once(": ") else { return false };
    head.len() < 200 && !rest.trim().is_empty() && reports(&format!("{head}:"), signed)
}

/// Verbs by which articles report, in the languages met most.
static REPORTING: LazyLock<Regex> = LazyLock::new(|| {
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

/// Whether a paragraph speaks of the platform, as articles do before they show a post.
fn is_about_platform(words: &str) -> bool {
    PLATFORM_WORDS.is_match(words)
}

/// Whether a paragraph reads as the article's own.
fn is_article(words: &str, counts: &HashMap<u64, u32>) -> bool {
    let end = words.trim_end_matches(['"', '\u{201d}', '\u{2019}', ' ']);
    if end.ends_with([':', '：']) {
        return !is_label(words);
    }
    let speaks = words.contains(['"', '\u{201c}', '\u{201d}', '\u{ab}', '\u{201e}']);
    ASIDE.is_match(words) || quotes(words, counts) || (REPORTING.is_match(words) && (speaks || words.len() > 80))
}

/// Whether the author is spoken of: by a word of the display name that is not within a hashtag or mention.
fn names_author(words: &str, signed: &Signed<'_>) -> bool {
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

/// A speaker's name with a colon: a few capitalised words and nothing else.
fn is_label(words: &str) -> bool {
    let Some(name) = words.trim().strip_suffix(':') else { return false };
    let count = name.split_whitespace().count();
    (1..=4).contains(&count)
        && name.chars().count() <= 40
        && count_all(name, |word| word.starts_with(|c: char| c.is_uppercase()))
        && count > 1
}

/// At most four words.
fn is_short(words: &str) -> bool {
    words.split_whitespace().nth(4).is_none()
}

fn count_all(text: &str, holds: impl Fn(&str) -> bool) -> bool {
    text.split_whitespace().all(holds)
}

/// Wholly inside quotation marks.
fn is_quotation(words: &str) -> bool {
    let words = words.trim();
    words.starts_with(['"', '\u{201c}', '\u{201e}', '\u{ab}', '\u{2018}'])
        && words.ends_with(['"', '\u{201d}', '\u{201c}', '\u{bb}', '\u{2019}'])
        && words.chars().count() > 2
}

static HASHTAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s(.])[#＃]\w*\p{L}\w*").expect("the pattern is a constant"));
static MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s.])@\w{2,20}").expect("the pattern is a constant"));
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(])\d{1,2}/(?:\d{1,2})?(?:[\s).]|$)|\u{1f9f5}").expect("the pattern is a constant")
});
static BULLET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:[-–—•·▪►▶→➡✔✅☑*>]|\d{1,2}[.)])\s*\S").expect("the pattern is a constant"));
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:https?://)?pic\.(?:twitter|x)\.com/\w+|https?://\S+|[#＃]\w+|@\w+")
        .expect("the pattern is a constant")
});

/// How much a paragraph looks like part of a post; two are enough.
fn marks(words: &str) -> i32 {
    let mut score = 0;
    score += 3 * i32::from(
        LINKS.find(words).is_some_and(|link| link.as_str().contains("//t.co/") || link.as_str().contains("pic.")),
    );
    score += 2 * i32::from(words.chars().any(is_emoji));
    score += 2 * i32::from(HASHTAG.is_match(words));
    score += i32::from(MENTION.is_match(words));
    score += 2 * i32::from(NUMBERED.is_match(words));
    score += 2 * i32::from(BULLET.is_match(words));
    score += 2 * i32::from(words.starts_with(char::is_lowercase));
    let stopped =
        words.ends_with(['.', '!', '?', '"', '\u{201d}', '\u{2019}', ')', '…', '。', '！', '？', ':', '\u{bb}']);
    score += i32::from(!stopped && !is_heading(words));
    score -= i32::from(words.chars().count() > 180);
    score
}

/// Most words capitalised, as headlines are.
fn is_heading(words: &str) -> bool {
    let (all, capital) =
        words.split_whitespace().filter(|word| word.chars().count() > 3).fold((0, 0), |(all, capital), word| {
            (all + 1, capital + usize::from(word.starts_with(|c: char| c.is_uppercase() || c.is_numeric())))
        });
    all == 0 || capital * 2 > all
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x2190..=0x21ff | 0x231a..=0x23ff)
}

/// Whether something must stand before these words: they are only links, tags and a label, an item of a list, or close
/// what they did not open.
fn is_dangling(words: &str) -> bool {
    let rest = TOKENS.replace_all(words, "");
    let rest = rest.trim();
    !rest.chars().any(char::is_alphanumeric) || is_label(rest) || BULLET.is_match(words) || closes_unopened(rest)
}

/// Whether a bracket or quotation mark closes that was not opened.
fn closes_unopened(words: &str) -> bool {
    let pairs = [
        ('(', ')'),
        ('\u{201c}', '\u{201d}'),
        ('「', '」'),
        ('『', '』'),
        ('【', '】'),
        ('\u{ab}', '\u{bb}'),
        ('[', ']'),
    ];
    pairs.iter().any(|(open, close)| {
        let first_close = words.find(*close);
        // A smiley closes nothing.
        let smiley = first_close.is_some_and(|at| words[..at].ends_with([':', ';', '-', '=', '8']));
        !smiley && first_close.is_some_and(|at| !words[..at].contains(*open))
    })
}

/// How often each run of words occurs around the post.
fn repeated(signed: &Signed<'_>) -> HashMap<u64, u32> {
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
fn is_quoted(words: &str, counts: &HashMap<u64, u32>) -> bool {
    QUOTATION.split(words).any(|own| has_repeated(own, counts))
}

/// Whether a paragraph puts words into quotation marks that stand around it once more: it quotes a post.
fn quotes(words: &str, counts: &HashMap<u64, u32>) -> bool {
    QUOTATION.find_iter(words).any(|quotation| has_repeated(quotation.as_str(), counts))
}

static QUOTATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("\"[^\"]{10,}\"|\u{201c}[^\u{201c}\u{201d}]{10,}(?:\u{201d}|$)|\u{201e}[^\u{201e}\u{201c}\u{201d}]{10,}[\u{201c}\u{201d}]|\u{ab}[^\u{ab}\u{bb}]{10,}\u{bb}")
        .expect("the pattern is a constant")
});

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

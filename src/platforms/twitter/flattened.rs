//! Posts flattened into plain text: `words pic.twitter.com/x — Name (@handle) May 1, 2019`.
//!
//! The signature is what tells a post from the article around it. It needs a dash and a date; without a dash it counts
//! only right after a picture's link, without a date likewise. An attribution of another platform ("A post shared by …")
//! is none.

use super::beginning::{self, Document, Signed};
use super::{ID, address, signature};
use crate::model::{PostRef, Quoted, Target, When};
use crate::platforms::{TextSpan, printed_date, recognize_text};
use regex::Regex;
use std::sync::LazyLock;
use url::Url;

/// More posts than any article has.
const MAX_POSTS: usize = 2000;

/// How far before a handle its name and dash may stand, in bytes.
const MAX_BEFORE: usize = 8 * 1024;

/// A picture's link, or another platform's attribution, stands no farther before a signature than that, in bytes.
const MAX_TAIL: usize = 400;

/// Links as flattened texts print them: short ones without a scheme, others with it.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:https?://)?pic\.(?:twitter|x)\.com/[A-Za-z0-9]+|https?://[^\s<>\u{201c}\u{201d}()]+")
        .expect("the pattern is a constant")
});

/// A picture's link at the end of the words.
static PICTURE_AT_END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"pic\.(?:twitter|x)\.com/[A-Za-z0-9]+\s*$").expect("the pattern is a constant"));

/// A picture's link with a name behind it.
static PICTURE_AND_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:.*\s)?((?:https?://)?pic\.(?:twitter|x)\.com/[A-Za-z0-9]+)\s+(\S.*)$")
        .expect("the pattern is a constant")
});

/// What may stand between handle and date.
static BEFORE_DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s{0,2}(?:[,:·|•–—-]\s{0,2})?(?:on\s+)?[\[<(]?").expect("the pattern is a constant")
});

/// The post's address after the date, as converters to text write links.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\])]?\s{0,2}[\[(<]?\s?(https?://[^\s<>\[\]()]{10,300})[\])>]?").expect("the pattern is a constant")
});

/// Signatures of embeds of other platforms, which name their author the same way.
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:post|photo|video|reel)\s+(?:shared|posted)\s+by\b[^\n]*$").expect("the pattern is a constant")
});

/// One signature.
struct Found {
    /// Where the words end.
    words_end: usize,
    /// Where the signature ends.
    end: usize,
    name: Option<String>,
    handle: String,
    day: Option<jiff::civil::Date>,
    post: Option<PostRef>,
    own_line: bool,
}

/// The posts of a text, in reading order.
pub(super) fn detect(text: &str) -> Vec<TextSpan> {
    let document = Document::of(text);
    let mut spans: Vec<TextSpan> = Vec::new();
    let mut bound = 0;
    for found in signature::HANDLE.captures_iter(text) {
        let (Some(all), Some(handle)) = (found.get(0), found.get(1)) else { continue };
        if all.start() < bound || spans.len() >= MAX_POSTS {
            continue;
        }
        let Some(found) = read(text, bound, all.start(), all.end(), handle.as_str()) else { continue };
        let signed = Signed {
            text,
            bound,
            end: found.words_end,
            after: found.end,
            name: found.name.as_deref().unwrap_or_default(),
            handle: &found.handle,
            day: found.day,
            own_line: found.own_line,
        };
        let start = beginning::find(&signed, &document);
        bound = found.end;
        spans.push(span(text, start, found));
    }
    spans
}

/// The signature whose `(@handle)` stands at `open..close`, if it is one.
fn read(text: &str, bound: usize, open: usize, close: usize, handle: &str) -> Option<Found> {
    let rest = text.get(close..)?;
    let gap = BEFORE_DATE.find(rest).map_or(0, |found| found.end());
    let dated = printed_date::at_start(rest.get(gap..)?);
    let mut from = open.saturating_sub(MAX_BEFORE).max(bound);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text.get(from..open)?;
    let name = signature::name_before(before)?;
    let pictured = PICTURE_AT_END.is_match(tail(before.get(..name.start)?));
    let (name_text, words_end) = if name.dash || pictured {
        (clean(name.name), from + name.start)
    } else {
        // No dash, but the name follows a picture's link on its line.
        let found = PICTURE_AND_NAME.captures(name.name)?;
        let link = found.get(1)?.as_str();
        (clean(found.get(2)?.as_str()), from + before.rfind(link)? + link.len())
    };
    if (dated.is_none() && !pictured) || FOREIGN.is_match(tail(before)) {
        return None;
    }
    let (day, mut end) = dated.map_or((None, close), |(day, length)| (Some(day), close + gap + length));
    let mut post = None;
    if let Some(found) = ADDRESS.captures(text.get(end..)?)
        && let Some(Target::Post(named)) = found.get(1).and_then(|url| recognize_text(url.as_str()))
        && named.platform == ID
        && named.author.as_deref().is_none_or(|author| author.eq_ignore_ascii_case(handle))
    {
        post = Some(named);
        end += found.get(0)?.end();
    }
    let own_line = opens_line(text, words_end);
    let name = Some(name_text).filter(|name| !name.is_empty());
    Some(Found { words_end, end, name, handle: handle.to_owned(), day, post, own_line })
}

/// The end of a text, as much as a signature's surroundings take.
fn tail(text: &str) -> &str {
    let mut from = text.len().saturating_sub(MAX_TAIL);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Whether what stands there opens its line.
fn opens_line(text: &str, words_end: usize) -> bool {
    text.get(..words_end).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'))
}

fn clean(name: &str) -> String {
    let decoded = if name.contains('&') { crate::html::fragment_text(name) } else { name.to_owned() };
    decoded.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}').to_owned()
}

fn span(text: &str, start: usize, found: Found) -> TextSpan {
    let words = text.get(start..found.words_end).unwrap_or_default().trim();
    let links = links(words);
    let target = target(words, &links, found.post);
    let quoted = Quoted {
        text: Some(fold(words)).filter(|words| !words.is_empty()),
        author_name: found.name,
        author_handle: Some(found.handle),
        published: found.day.map(When::Day),
        links,
    };
    TextSpan { start, end: found.end, target, quoted }
}

/// The links that stand in a post's words, each once.
pub(super) fn links(words: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for link in LINK.find_iter(words) {
        let link = link.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '"', '…']);
        if !links.iter().any(|known| known == link) {
            links.push(link.to_owned());
        }
    }
    links
}

/// The post itself where the text names it, else the last picture's link (it leads to the post), else a short link at
/// the very end of the words (it may lead to the post, to a quoted one, or away).
pub(super) fn target(words: &str, links: &[String], post: Option<PostRef>) -> Target {
    if let Some(post) = post {
        return Target::Post(post);
    }
    let picture = links.iter().rev().find(|link| link.contains("pic.twitter.com/") || link.contains("pic.x.com/"));
    let last = links.last().filter(|link| words.ends_with(link.as_str()) && link.contains("//t.co/"));
    let short = picture.or(last).and_then(|link| {
        let link = if link.starts_with("http") { link.clone() } else { format!("https://{link}") };
        address::recognize(&Url::parse(&link).ok()?)
    });
    short.unwrap_or(Target::Unresolved { platform: ID.to_owned() })
}

/// The words with at most one blank line between paragraphs, and entities decoded where a text still has them.
fn fold(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut blank = 0;
    for line in words.lines().map(str::trim) {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank > 0 { "\n\n" } else { "\n" });
        }
        blank = 0;
        out.push_str(line);
    }
    super::text::unescape(&out)
}

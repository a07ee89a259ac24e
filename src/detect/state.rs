//! Embeds that stand only in a page's JSON: JSON-LD videos, and the state from which scripts draw the page.
//!
//! State holds other articles' bodies too. A find there counts where its field says that it is an embed, and where
//! the prose that stands before it in the state can also be read in the page.

use super::{
    carrier::{html_in, post_in_url},
    found::Found,
    limits::{CutShort, Cuts, MAX_SCRIPT_BYTES, MAX_STATE_HTML_BYTES, MAX_STATE_VALUES},
    walk,
};
use crate::model::{Form, Target};
use regex::Regex;
use serde_json::Value;
use std::{collections::HashSet, sync::LazyLock};

/// A string literal of a script, with the name of its field where it has one.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)(?:["']?([A-Za-z_$@][A-Za-z0-9_$]{0,60})["']?\s*:\s*)?"((?:[^"\\]|\\.)*)""#)
        .expect("a pattern that is tested with the crate")
});

/// Places in one script where a value may begin.
const MAX_STARTS: usize = 64;
/// From here on a string is prose.
const MIN_PROSE_BYTES: usize = 60;
/// How much of it is looked for in the page, in letters.
const PROBE_LETTERS: usize = 32;

/// Scripts without any of these words hold no post.
const NEEDLES: [&str; 8] = ["status", "youtu", "instagr", "embed", "bsky", "/@", "video", "/post"];

/// Words in names of fields whose URL is an embed's.
const EMBED_FIELDS: [&str; 9] = [
    "contenturl",
    "embedurl",
    "iframesrc",
    "twitterurl",
    "youtubeurl",
    "instagramurl",
    "tweeturl",
    "videourl",
    "posturl",
];

/// Words in an object's kind that make its `url` an embed's.
const EMBED_KINDS: [&str; 13] = [
    "embed",
    "tweet",
    "twitter",
    "instagram",
    "youtube",
    "bluesky",
    "mastodon",
    "external",
    "iframe",
    "social",
    "video",
    "threads",
    "tiktok",
];

/// Fields that hold the rest of an embed whose kind stands around them.
const INNER_FIELDS: [&str; 7] = ["attribs", "attributes", "attrs", "props", "params", "model", "data"];

/// Words in names of fields that hold an id by itself; the platforms know what it names.
const ID_FIELDS: [&str; 4] = ["youtube", "tweet", "twitter", "instagram"];

/// Fields that name an object's kind.
const KIND_FIELDS: [&str; 8] = ["@type", "type", "__typename", "_type", "subtype", "provider", "is", "kind"];

/// Words in names of fields under which other articles stand.
const OTHERS: [&str; 17] = [
    "related",
    "recommend",
    "latest",
    "trending",
    "popular",
    "river",
    "sidebar",
    "navigation",
    "footer",
    "teaser",
    "promo",
    "comments",
    "sameas",
    "author",
    "byline",
    "share",
    "nextarticle",
];

/// Whether a script is worth reading: it has an object or an array, and a word that a post's address has.
pub(super) fn may_hold(script: &str, cuts: &mut Cuts) -> bool {
    let may = script.contains(['{', '[']) && NEEDLES.iter().any(|needle| script.contains(needle));
    if may && script.len() > MAX_SCRIPT_BYTES {
        cuts.note(CutShort::LongScript);
        return false;
    }
    may
}

/// The embeds of these scripts that are not `known` by their key; `visible` gives the page's own words.
pub(super) fn embeds(
    scripts: &[String],
    known: &HashSet<String>,
    visible: impl FnOnce() -> String,
    cuts: &mut Cuts,
) -> Vec<Found> {
    let mut search = Search { cuts, candidates: Vec::new(), seen: 0, html_bytes: 0 };
    for script in scripts {
        let values = values(script);
        if values.is_empty() {
            search.literals(script);
        }
        for value in values {
            search.run(&value);
        }
    }
    search.candidates.retain(|one| !known.contains(&one.found.key()));
    if search.candidates.is_empty() {
        return Vec::new();
    }
    let visible = letters(&visible());
    let readable = |one: &Candidate| one.probe.as_ref().is_none_or(|probe| visible.contains(probe.as_str()));
    search.candidates.into_iter().filter(readable).map(|one| one.found).collect()
}

/// The JSON values in a script: it is one, or assigns or passes them.
fn values(script: &str) -> Vec<Value> {
    if let Ok(value) = serde_json::from_str(script) {
        return vec![value];
    }
    let mut values = Vec::new();
    let mut from = 0;
    let starts = script.match_indices(['=', '(', ',']).map(|(at, sign)| (at + 1, sign));
    let mut tried = 0;
    for (start, sign) in starts {
        let Some(rest) = script.get(start..).filter(|_| start >= from) else { continue };
        let rest = rest.trim_start();
        // After a comma stands an argument; only an object there can be state.
        if !rest.starts_with(['{', '[', '"']) || (sign == "," && !rest.starts_with('{')) {
            continue;
        }
        tried += 1;
        if tried > MAX_STARTS {
            break;
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(Value::String(text))) if text.starts_with(['{', '[']) => {
                values.extend(serde_json::from_str::<Value>(&text).ok());
                from = start + stream.byte_offset();
            }
            Some(Ok(value @ (Value::Array(_) | Value::Object(_)))) => {
                values.push(value);
                from = start + stream.byte_offset();
            }
            _ => {}
        }
    }
    values
}

/// A post that the state names.
struct Candidate {
    found: Found,
    /// Letters of the prose before it; none where there is none.
    probe: Option<String>,
}

struct Search<'c> {
    cuts: &'c mut Cuts,
    candidates: Vec<Candidate>,
    seen: usize,
    html_bytes: usize,
}

/// A value that waits to be looked at.
struct Waiting<'v> {
    value: &'v Value,
    field: &'v str,
    /// The object that it stands in is an embed by its kind.
    embed: bool,
    /// It is JSON-LD, whose video objects are the page's own.
    linked_data: bool,
}

impl Search<'_> {
    fn run(&mut self, root: &Value) {
        let linked_data = has_context(root);
        let flat = is_flat(root);
        let mut open = vec![Waiting { value: root, field: "", embed: false, linked_data }];
        let mut prose: Option<String> = None;
        while let Some(Waiting { value, field, embed, linked_data }) = open.pop() {
            self.seen += 1;
            if self.seen > MAX_STATE_VALUES {
                self.cuts.note(CutShort::StateValues);
                return;
            }
            match value {
                Value::Array(items) => {
                    let waiting = |value| Waiting { value, field, embed, linked_data };
                    open.extend(items.iter().rev().map(waiting));
                }
                Value::Object(fields) => {
                    let embed = is_embed(fields) || (embed && INNER_FIELDS.contains(&field));
                    let own = fields.iter().rev().filter(|(name, _)| !is_of_others(name));
                    open.extend(own.map(|(field, value)| Waiting { value, field, embed, linked_data }));
                }
                Value::String(text) if !text.is_empty() => {
                    let probe = if linked_data { None } else { prose.clone() };
                    let field = if flat && field.is_empty() { "embedUrl" } else { field };
                    self.string(text, field, embed, probe);
                    if text.len() >= MIN_PROSE_BYTES && !text.starts_with("http") && !linked_data {
                        prose = probe_of(text).or(prose);
                    }
                }
                _ => {}
            }
        }
    }

    fn html(&mut self, html: &str, probe: Option<&String>) {
        if self.html_bytes + html.len() > MAX_STATE_HTML_BYTES {
            self.cuts.note(CutShort::StateHtml);
            return;
        }
        self.html_bytes += html.len();
        for found in walk::fragment(html) {
            if !matches!(found.form, Form::Link | Form::Text) {
                let found = Found { form: Form::Json, ..found };
                self.candidates.push(Candidate { found, probe: probe.cloned() });
            }
        }
    }

    /// A script that is code rather than JSON: its string literals in order.
    fn literals(&mut self, script: &str) {
        let mut prose: Option<String> = None;
        for literal in LITERAL.captures_iter(script) {
            self.seen += 1;
            if self.seen > MAX_STATE_VALUES {
                self.cuts.note(CutShort::StateValues);
                return;
            }
            let field = literal.get(1).map_or("", |field| field.as_str());
            let quoted = literal.get(2).map_or("", |text| text.as_str());
            let Ok(text) = serde_json::from_str::<String>(&format!("\"{quoted}\"")) else { continue };
            self.string(&text, field, false, prose.clone());
            if text.len() >= MIN_PROSE_BYTES && !text.starts_with("http") {
                prose = probe_of(&text).or(prose);
            }
        }
    }

    fn string(&mut self, text: &str, field: &str, embed: bool, probe: Option<String>) {
        if let Some(html) = html_in(text) {
            // Markup with words before its first embed is a body, and must be the body of this page.
            let probe = before_embed(&html).and_then(probe_of).or(probe);
            self.html(&html, probe.as_ref());
            return;
        }
        if let Some(html) = as_attribute(field, text) {
            self.html(&html, probe.as_ref());
            return;
        }
        let name: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let address = embed && (name.ends_with("url") || matches!(name.as_str(), "src" | "href" | "link"));
        if (address || EMBED_FIELDS.iter().any(|word| name.contains(word)))
            && let Some(target @ Target::Post(_)) = post_in_url(text)
        {
            self.candidates.push(Candidate { found: Found::state(target), probe });
        }
    }
}

/// The words before the first embed of some markup.
fn before_embed(html: &str) -> Option<&str> {
    let first =
        ["<blockquote", "<iframe", "<script", "<div class=", "<amp-"].iter().filter_map(|tag| html.find(tag)).min()?;
    html.get(..first).filter(|before| before.len() >= MIN_PROSE_BYTES)
}

/// An id in a field that says whose it is, as the attribute that platforms know: `youtubeId` as `data-youtube-id`.
fn as_attribute(field: &str, value: &str) -> Option<String> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if value.len() < 5 || value.len() > 40 || !value.bytes().all(is_id) {
        return None;
    }
    let mut name = String::new();
    for c in field.chars() {
        match c {
            c if c.is_ascii_uppercase() => name.extend(['-', c.to_ascii_lowercase()]),
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches('-').trim_start_matches("data-");
    let says = ID_FIELDS.iter().any(|word| name.contains(word)) && name.ends_with("id");
    says.then(|| format!("<div data-{name}=\"{value}\"></div>"))
}

/// Whether a value is one array in which values name each other by index, as some frameworks write their state.
fn is_flat(value: &Value) -> bool {
    let Value::Array(items) = value else { return false };
    let plain = |item: &&Value| item.is_string() || item.is_number();
    items.len() > 8
        && items.first().is_some_and(|first| !first.is_string())
        && items.iter().filter(plain).count() > items.len() / 3
}

/// Whether a value is JSON-LD.
fn has_context(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.get("@context").is_some()),
        value => value.get("@context").is_some(),
    }
}

/// Whether an object is an embed by its kind.
fn is_embed(fields: &serde_json::Map<String, Value>) -> bool {
    KIND_FIELDS.iter().filter_map(|field| fields.get(*field).and_then(Value::as_str)).any(|kind| {
        let kind = kind.to_ascii_lowercase();
        EMBED_KINDS.iter().any(|word| kind.contains(word))
    })
}

fn is_of_others(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    OTHERS.iter().any(|word| field.contains(word))
}

/// Letters by which a piece of prose can be found again; none where it is no prose.
fn probe_of(text: &str) -> Option<String> {
    if text.split_whitespace().count() < 8 {
        return None;
    }
    let words = if text.contains('<') {
        crate::html::fragment_text(text.get(..2_000).unwrap_or(text))
    } else {
        text.to_owned()
    };
    let probe: String = letters(&words).chars().take(PROBE_LETTERS).collect();
    (probe.chars().count() == PROBE_LETTERS).then_some(probe)
}

/// Only letters and digits, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

//! Embeds that stand only in a page's JSON: JSON-LD videos, and the state from which scripts draw the page.
//!
//! State holds other articles' bodies too. A find there counts where its field says that it is an embed, and where
//! the prose that stands before it in the state can also be read in the page.

mod fields;
mod flat;
mod known;
mod literals;
mod placing;
mod values;

use super::{
    self as detect,
    carrier::{html_in, post_in_url},
    found::Found,
    json::Json,
    limits::{CutShort, Cuts, MAX_SCRIPT_BYTES, MAX_STATE_HTML_BYTES, MAX_STATE_VALUES},
    walk,
    words::{first, last_of, letters},
};
use crate::model::{Form, Target};
use ego_tree::NodeId;
pub(super) use fields::{as_attribute, is_id_of, is_kind, kind_with_ids};
use fields::{embed_of_kind, id_of_kind, is_address, is_inner, is_of_others, oembed_answer};
pub(super) use known::of_unknown;
use literals::Literal;
use scraper::Html;
use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
    rc::Rc,
};

/// A longer script is a page's state rather than one embed's.
const MAX_EMBED_BYTES: usize = 16 * 1024;
/// How deep JSON may hold texts of JSON.
const MAX_HELD_DEPTH: usize = 3;
/// Texts that wait to be looked at for their letters; of more the first are forgotten.
const MAX_TEXTS: usize = 64;
/// From here on a string is prose.
const MIN_PROSE_BYTES: usize = 60;
/// How much of it is looked for in the page, in letters.
const PROBE_LETTERS: usize = 32;
/// How much of long prose is read for its first or last letters, in bytes.
const MAX_PROSE_BYTES: usize = 2_000;

/// Scripts without any of these words hold no post.
const NEEDLES: [&str; 11] =
    ["status", "youtu", "instagr", "embed", "bsky", "/@", "video", "/post", "tweet", "__next_f", "articleBody"];

/// Whether a script is worth reading: it has an object or an array, and a word that a post's address has.
pub(super) fn may_hold(script: &str, cuts: &mut Cuts) -> bool {
    let may = names_posts(script);
    if may && script.len() > MAX_SCRIPT_BYTES {
        cuts.note(CutShort::LongScript);
        return false;
    }
    may
}

fn names_posts(script: &str) -> bool {
    script.contains(['{', '[']) && NEEDLES.iter().any(|needle| script.contains(needle))
}

/// The posts that scripts name and nothing else of the page does, before it is known where they stand.
pub(super) struct Unknown {
    candidates: Vec<Candidate>,
    /// Letters of the article's body as JSON-LD gives it.
    body: String,
}

/// The embeds of these scripts that are not `known` by their key.
pub(super) fn search(scripts: &[Script], known: &HashSet<String>, cuts: &mut Cuts) -> Unknown {
    let mut search = Search {
        cuts,
        candidates: Vec::new(),
        prose: None,
        texts: VecDeque::new(),
        script: None,
        begun: 0,
        seen: 0,
        html_bytes: 0,
        body: String::new(),
    };
    for Script { text: script, node } in scripts.iter().filter(|script| values::flight(&script.text).is_none()) {
        let (values, bytes) = values::values(script);
        search.begin();
        search.script = Some(*node).filter(|_| script.len() <= MAX_EMBED_BYTES);
        if bytes * 2 < script.len() {
            search.literals(script);
        }
        for value in values {
            search.begin();
            search.run(&value, 0);
        }
    }
    search.begin();
    search.script = None;
    let stream: String = scripts.iter().filter_map(|script| values::flight(&script.text)).collect();
    for row in values::rows(&stream) {
        search.run(&row, 0);
    }
    search.candidates.retain(|one| !known.contains(&one.found.key()));
    Unknown { candidates: search.candidates, body: search.body }
}

impl Unknown {
    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Each stands after the words of the page that stand before it in the state; without such, after the script, where
    /// that is one embed's.
    pub(super) fn place(self, tree: &Html) -> Vec<Found> {
        placing::place(self.candidates, &self.body, tree)
    }
}

/// A script or attribute that may hold state.
pub(super) struct Script {
    pub(super) text: String,
    /// The element of the page where it stands.
    pub(super) node: NodeId,
}

/// A post that the state names.
struct Candidate {
    found: Found,
    /// Where its script stands, where that is one embed's.
    script: Option<NodeId>,
    /// The prose before it, where there is some.
    prose: Option<Rc<Prose>>,
    /// The prose after it, where there is some and none before.
    next: Option<Rc<Prose>>,
    /// The last letters before it in the same markup.
    close: Option<String>,
}

/// Letters by which a piece of prose can be found again.
#[derive(Clone, Debug)]
struct Prose {
    /// Its first.
    head: String,
    /// Its last.
    tail: String,
}

struct Search<'c> {
    cuts: &'c mut Cuts,
    candidates: Vec<Candidate>,
    /// The last prose whose letters were read.
    prose: Option<Rc<Prose>>,
    /// Texts after it that may be prose.
    texts: VecDeque<String>,
    /// How many candidates there were when the value began that is being read.
    begun: usize,
    /// Where the script stands that is being read, where it is one embed's.
    script: Option<NodeId>,
    seen: usize,
    html_bytes: usize,
    /// Letters of the article's body as JSON-LD gives it.
    body: String,
}

/// A value that waits to be looked at.
struct Waiting<'v> {
    value: &'v Json,
    field: &'v str,
    /// Whose embed the object is by its kind that it stands in; see [`fields::embed`].
    embed: Option<&'static str>,
    /// It is JSON-LD, whose video objects are the page's own.
    linked_data: bool,
}

impl Search<'_> {
    /// Another value begins, which has nothing to do with the one before.
    fn begin(&mut self) {
        self.prose = None;
        self.texts.clear();
        self.begun = self.candidates.len();
    }

    /// Reads a value; `depth` is how many texts of JSON it was held in.
    fn run(&mut self, root: &Json, depth: usize) {
        let linked_data = has_context(root);
        if let Json::Array(items) = root
            && flat::is_flat(root)
        {
            for one in flat::texts(items) {
                self.string(one.text, one.field, one.embed, false);
            }
            return;
        }
        let mut open = vec![Waiting { value: root, field: "", embed: None, linked_data }];
        while let Some(Waiting { value, field, embed, linked_data }) = open.pop() {
            self.seen += 1;
            if self.seen > MAX_STATE_VALUES {
                self.cuts.note(CutShort::StateValues);
                return;
            }
            match value {
                Json::Array(items) => {
                    if let Some((tag, properties)) = component(items) {
                        let embed = embed_of_kind(tag);
                        open.push(Waiting { value: properties, field: "props", embed, linked_data });
                        continue;
                    }
                    let waiting = |value| Waiting { value, field, embed, linked_data };
                    open.extend(items.iter().rev().map(waiting));
                }
                Json::Object(fields) => {
                    let embed = fields::embed(fields).or(embed.filter(|_| is_inner(field)));
                    let answered = oembed_answer(fields);
                    let said = answered.is_some();
                    if let Some(found) = answered {
                        let (script, prose) = (self.script, self.before(linked_data));
                        self.candidates.push(Candidate { found, script, prose, next: None, close: None });
                    }
                    let own = fields.iter().rev().filter(|(name, _)| {
                        // The markup in an answer shows the item that its address names.
                        !is_of_others(name) && (!said || *name != "html")
                    });
                    open.extend(own.map(|(field, value)| Waiting { value, field, embed, linked_data }));
                }
                Json::Text(text) if linked_data && field == "articleBody" => self.body.push_str(&letters(text)),
                Json::Text(text) if text.starts_with(['{', '[']) && depth < MAX_HELD_DEPTH && names_posts(text) => {
                    if let Ok(held) = serde_json::from_str::<Json>(text) {
                        self.run(&held, depth + 1);
                    }
                }
                Json::Text(text) if !text.is_empty() => self.string(text, field, embed, linked_data),
                _ => {}
            }
        }
    }

    /// One text: an embed's, or prose that stands before one. The prose of JSON-LD isn't the body's.
    fn string(&mut self, text: &str, field: &str, embed: Option<&str>, linked_data: bool) {
        if let Some(html) = html_in(text) {
            if detect::may_name(&html) {
                // Markup with words before its first embed is a body, and must be the body of this page.
                let own = before_embed(&html).and_then(prose_of).map(Rc::new);
                let prose = own.or_else(|| self.before(linked_data));
                self.html(&html, prose.as_ref());
            }
        } else if let Some(html) = as_attribute(field, text).or_else(|| id_of_kind(embed?, field, text)) {
            let prose = self.before(linked_data);
            self.html(&html, prose.as_ref());
        } else if let Some(target @ Target::Post(_)) = post_in_url(text)
            && is_address(field, embed.is_some())
        {
            let prose = self.before(linked_data);
            self.candidates.push(Candidate {
                found: Found::state(target),
                script: self.script,
                prose,
                next: None,
                close: None,
            });
        }
        if !linked_data && may_be_prose(text) {
            self.read(text);
        }
    }

    /// The prose before what is being read; that of JSON-LD isn't the body's. Few texts are followed by an embed, so
    /// only then the letters of the last are read.
    fn before(&mut self, linked_data: bool) -> Option<Rc<Prose>> {
        if linked_data {
            return None;
        }
        while let Some(text) = self.texts.pop_back() {
            if let Some(prose) = prose_of(&text) {
                self.texts.clear();
                self.prose = Some(Rc::new(prose));
            }
        }
        self.prose.clone()
    }

    /// Remembers a text that may be prose. Posts since the script's beginning have no words before them, but these after.
    fn read(&mut self, text: &str) {
        let waiting = self
            .candidates
            .get(self.begun..)
            .is_some_and(|begun| begun.iter().any(|one| one.prose.is_none() && one.next.is_none()));
        if waiting
            && self.before(false).is_none()
            && let Some(prose) = prose_of(text).map(Rc::new)
        {
            self.candidates.iter_mut().skip(self.begun).for_each(|one| one.next = Some(Rc::clone(&prose)));
            self.prose = Some(prose);
            return;
        }
        if self.texts.len() >= MAX_TEXTS {
            self.texts.pop_front();
        }
        self.texts.push_back(text.to_owned());
    }

    fn html(&mut self, html: &str, prose: Option<&Rc<Prose>>) {
        if self.html_bytes + html.len() > MAX_STATE_HTML_BYTES {
            self.cuts.note(CutShort::StateHtml);
            return;
        }
        self.html_bytes += html.len();
        for (found, close) in walk::fragment(html, PROBE_LETTERS) {
            if !matches!(found.form, Form::Link | Form::Text) {
                let found = Found { form: Form::Json, ..found };
                self.candidates.push(Candidate {
                    found,
                    script: self.script,
                    prose: prose.cloned(),
                    next: None,
                    close,
                });
            }
        }
    }

    /// A script that is code rather than JSON: its string literals in order. A kind holds until its object ends.
    fn literals(&mut self, script: &str) {
        let mut embed = None;
        let mut end = 0;
        for Literal { field, quoted, start, end: after } in literals::literals(script) {
            self.seen += 1;
            if self.seen > MAX_STATE_VALUES {
                self.cuts.note(CutShort::StateValues);
                return;
            }
            if script.get(end..start).is_some_and(|between| between.contains(['{', '}'])) {
                embed = None;
            }
            end = after;
            let Ok(text) = serde_json::from_str::<String>(&format!("\"{quoted}\"")) else { continue };
            embed = if is_kind(field) { embed_of_kind(&text).or(embed) } else { embed };
            self.string(&text, field, embed, false);
        }
    }
}

/// The words before the first embed of some markup.
fn before_embed(html: &str) -> Option<&str> {
    let first =
        ["<blockquote", "<iframe", "<script", "<div class=", "<amp-"].iter().filter_map(|tag| html.find(tag)).min()?;
    html.get(..first)
}

/// The tag and properties of an element as React writes it into its stream: `["$", "iframe", null, {...}]`.
fn component(items: &[Json]) -> Option<(&str, &Json)> {
    match items {
        [Json::Text(sign), Json::Text(tag), _, properties @ Json::Object(_), ..] if sign == "$" => {
            Some((tag, properties))
        }
        _ => None,
    }
}

/// Whether a value is JSON-LD.
fn has_context(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(|item| item.get("@context").is_some()),
        value => value.get("@context").is_some(),
    }
}

/// Whether a text is long and has words.
fn may_be_prose(text: &str) -> bool {
    text.len() >= MIN_PROSE_BYTES && !text.starts_with("http") && text.split_whitespace().take(8).count() == 8
}

/// The letters by which a text can be found again; none where it is no prose.
fn prose_of(text: &str) -> Option<Prose> {
    if !may_be_prose(text) {
        return None;
    }
    let begin = words_of(text.get(..MAX_PROSE_BYTES).unwrap_or(text));
    let head = first(&begin, PROBE_LETTERS)?;
    let end = match text.len().checked_sub(MAX_PROSE_BYTES) {
        None | Some(0) => begin,
        Some(from) => words_of(text.get(from..).unwrap_or(text)),
    };
    Some(Prose { head, tail: last_of(&end, PROBE_LETTERS)? })
}

fn words_of(text: &str) -> Cow<'_, str> {
    if text.contains('<') { Cow::Owned(crate::html::fragment_text(text)) } else { Cow::Borrowed(text) }
}

//! A page without what can't matter to its embeds, so that only what stands around them is parsed.
//!
//! The skim follows a page's tags without building a tree, keeps a stack of the open elements as the HTML standard
//! would, and cuts every element in which nothing was hit, with a note of the prose that it held (which decides what
//! stands beside an article). Elements around a hit keep their tags; blockquotes and flattened posts with a hit, and
//! scripts, stay whole. What the parser makes of the rest is what it would make of those parts of the whole page.
//! Where tags are misnested so that it can't tell, nothing around the place is cut.

mod cuts;
mod said;
mod stack;
mod tags;
pub(super) mod tokens;
mod words;

use super::{
    needle::{self, Word},
    prose::{AT_SIGNS, may_be_flattened},
};
use cuts::Cuts;
use said::{Memory, Said};
use stack::Stack;
use std::ops::Range;
use tags::{A, BLOCKQUOTE, EMBEDS, FORM, FRAME, LINK, RAW, SCRIPT, STRANGE, STYLE, TITLE, VOID};
use tokens::{Tag, Token};
use words::{has_shortcode, is_held};

pub(super) use cuts::note;
pub(super) use words::{may_be_named, names_by_id};

/// Deeper pages are parsed whole, behind the parser's own limits.
const MAX_DEPTH: usize = 1_500;
/// Longer scripts are set aside from what is parsed.
const MAX_INLINE_SCRIPT_BYTES: usize = 2 * 1024;
/// Longer ones are libraries or state, and call no widget.
const MAX_CALLING_BYTES: usize = 64 * 1024;

/// What a skim brings.
pub(super) enum Skimmed {
    /// The page with everything cut that holds no hit, and where in the page the texts of its long scripts are, for
    /// each of which its index stands in the script.
    Rest(String, Vec<Range<usize>>),
    /// Nothing in the page may name a post.
    Nothing,
    /// The skim can't follow the page.
    Lost,
}

/// Skims a page, of which these are the places of addresses that may be posts', in order.
pub(super) fn skim(source: &str, addresses: &[usize]) -> Skimmed {
    let signed = may_be_signed(source);
    let mut skim = Skim {
        source: source.as_bytes(),
        addresses,
        stack: Stack::default(),
        cuts: Cuts::default(),
        memory: Memory::new(),
        signed,
    };
    let mut at = 0;
    while let Some((token, end)) = tokens::next(skim.source, at) {
        at = match token {
            Token::Text => skim.text(at, end),
            Token::Comment => skim.comment(at, end),
            Token::Declaration => end,
            Token::Start(tag) => {
                if tag.flags & STRANGE != 0 || skim.stack.depth() > MAX_DEPTH {
                    return Skimmed::Lost;
                }
                skim.start_tag(at, end, &tag)
            }
            Token::End(name) => skim.end_tag(at, end, name),
        };
    }
    if skim.stack.lost {
        return Skimmed::Lost;
    }
    skim.stack.end(source.len(), &mut skim.cuts);
    if skim.stack.hits == 0 { Skimmed::Nothing } else { Skimmed::Rest(skim.cuts.apply(source), skim.cuts.scripts) }
}

struct Skim<'a> {
    source: &'a [u8],
    /// Those that were not passed yet.
    addresses: &'a [usize],
    stack: Stack,
    cuts: Cuts,
    /// What the names in its tags say.
    memory: Memory<'a>,
    /// Somewhere in the page a flattened post may be signed.
    signed: bool,
}

impl<'a> Skim<'a> {
    /// Passes the addresses before `end`; whether there are any.
    #[inline]
    fn pass(&mut self, end: usize) -> bool {
        let mut any = false;
        while let [first, rest @ ..] = self.addresses
            && *first < end
        {
            any = true;
            self.addresses = rest;
        }
        any
    }

    fn cut(&mut self, start: usize, end: usize) -> usize {
        if !self.stack.is_tangled() {
            self.cuts.cut(start, end, self.stack.held, self.stack.held);
        }
        end
    }

    fn bytes(&self, start: usize, end: usize) -> &'a [u8] {
        self.source.get(start..end).unwrap_or_default()
    }

    fn comment(&mut self, start: usize, end: usize) -> usize {
        self.pass(end);
        self.cut(start, end)
    }

    fn text(&mut self, start: usize, end: usize) -> usize {
        let text = self.bytes(start, end);
        let before = self.stack.held;
        if text.trim_ascii_start().is_empty() {
            return self.cut(start, end);
        }
        self.stack.read(text);
        let flattened = self.signed && is_signed(text);
        if flattened {
            self.stack.keep_paragraph(&mut self.cuts);
        }
        if self.pass(end) || flattened || has_shortcode(text) {
            self.stack.hits += 1;
        } else if !self.stack.is_tangled() {
            self.cuts.cut(start, end, before, self.stack.held);
        }
        end
    }

    /// After the start tag, and after the text in it where it holds nothing else.
    fn start_tag(&mut self, start: usize, end: usize, tag: &Tag<'a>) -> usize {
        // Of what is a link or a void of its own neither names nor words say anything.
        let said = if tag.flags & (LINK | VOID) == LINK | VOID { Said::default() } else { self.said(tag) };
        let word = self.word(start, end, tag, said);
        let own = self.pass(end) || tag.carries || tag.flags & EMBEDS != 0 || word.is_some();
        if tag.flags & FRAME != 0 {
            self.stack.hits += usize::from(own);
            return end;
        }
        let is_void = tag.flags & VOID != 0 || (tag.closed && self.stack.is_foreign());
        self.stack.make_room(start, tag, &mut self.cuts);
        if tag.name == FORM && self.stack.in_form() {
            return self.cut(start, end);
        }
        if is_void {
            if own {
                self.stack.hits += 1;
                return end;
            }
            return self.cut(start, end);
        }
        if tag.flags & RAW != 0 && !self.stack.is_foreign() {
            return self.raw(start, end, tag, own);
        }
        // What a mark stands for may be said by the words in it.
        let whole = tag.name == BLOCKQUOTE || word.is_some_and(|word| word.is_mark);
        self.stack.open(start, tag, said, own, whole);
        end
    }

    /// An element whose content is text: cut where nothing in it is hit.
    fn raw(&mut self, start: usize, content: usize, tag: &Tag<'a>, own: bool) -> usize {
        let (text_end, end) = tokens::raw_end(self.source, content, tag);
        let hit = self.pass(end) || own;
        if tag.name == STYLE || tag.name == TITLE {
            return self.cut(start, end);
        }
        let text = self.bytes(content, text_end);
        if hit || needle::is_encoded(text.trim_ascii_start()) || is_held(text, tag.name == SCRIPT) {
            self.stack.hits += 1;
            // A long script would cost the parser more than all the rest; one that calls a widget is read by platforms.
            let calls = || text.len() <= MAX_CALLING_BYTES && needle::words_in_long(text).any(|word| word.is_mark);
            if tag.name == SCRIPT && text.len() > MAX_INLINE_SCRIPT_BYTES && !calls() {
                self.cuts.set_aside(content, text_end, self.stack.held);
            }
            return end;
        }
        if tag.name == SCRIPT && self.stack.in_embed() {
            // A script with an address ends an embed that was never closed.
            self.cut(content, text_end);
            return end;
        }
        self.cut(start, end)
    }

    fn end_tag(&mut self, start: usize, end: usize, name: tags::Name) -> usize {
        self.pass(end);
        if tags::flags(name) & FRAME == 0 {
            self.stack.close(name, start, end, &mut self.cuts);
        }
        end
    }

    /// What the tag's names say.
    #[inline]
    fn said(&mut self, tag: &Tag<'a>) -> Said {
        let mut all = Said::default();
        for (at, value) in tag.says.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            let said = self.memory.of(value, at == 2);
            all.mark |= said.mark;
            all.says.readers |= said.says.readers;
            all.says.body |= said.says.body;
        }
        all
    }

    /// A word or mark in a tag that may name a post: on an element of its own, beside an attribute of the site's own,
    /// or a mark in a class or id, for scripts draw into such places.
    #[inline]
    fn word(&self, start: usize, end: usize, tag: &Tag<'_>, said: Said) -> Option<Word> {
        if tag.flags & LINK != 0 && tag.name != A {
            return None;
        }
        if tag.name != A && (tag.data || tag.custom || tag.name == BLOCKQUOTE) {
            let words = needle::words(self.bytes(start, end));
            return words.reduce(|one, other| if one.is_mark { one } else { other });
        }
        said.mark.then_some(Word { at: 0, is_mark: true })
    }
}

/// Whether a text has what signs a flattened post: a handle in brackets.
fn is_signed(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'@', b'&', text.get(from..).unwrap_or_default()).map(|at| from + at) {
        let before = text.get(at.wrapping_sub(1));
        let is = text.get(at) == Some(&b'@')
            || text.get(at..).is_some_and(|rest| AT_SIGNS.iter().any(|sign| rest.starts_with(sign.as_bytes())));
        if is && before == Some(&b'(') {
            return true;
        }
        from = at + 1;
    }
    false
}

/// Whether a page is signed anywhere; see [`is_signed`].
pub(super) fn may_be_signed(source: &str) -> bool {
    may_be_flattened(source)
}

//! The elements that are open at a place of a page, kept as the HTML standard's tree builder would keep them.

use super::{
    cuts::{Cuts, Held},
    said::Said,
    tags::{
        self, A, ADDRESS, ARTICLE, BLOCK, BLOCKQUOTE, BUTTON, CELL, CODE, DD, DESC, DIV, DT, FOOTER, FOREIGN_OBJECT,
        FORM, FORMATTING, Flags, H1, HEADING, LI, MAIN, MATH, MENU, NAV, Name, OL, OPTION, P, SCOPED, SECTION, SELECT,
        SPECIAL, SVG, TABLE, TD, TEMPLATE, TH, TITLE, TR, UL, VOID, WALL,
    },
    tokens::Tag,
};

/// How far down an open element is looked for.
const MAX_SEARCH: usize = 200;
/// A paragraph before a flattened post's signature is not longer, in bytes.
const MAX_PARAGRAPH_BYTES: usize = 16 * 1024;

/// An open element.
struct Open {
    name: Name,
    flags: Flags,
    start: usize,
    /// Of its name, in the source.
    name_bytes: usize,
    /// What the page held, and how many hits it had, before it.
    before: Held,
    hits: usize,
    /// Its own tag was hit.
    own: bool,
    /// It is not cut in parts.
    whole: bool,
    /// Tags in it are misnested so that it can't be cut.
    tangled: bool,
    /// Readers wrote what is in it.
    readers: bool,
    /// HTML's rules don't hold in it.
    foreign: bool,
    /// Where the last element directly in it began, and what the page held there.
    last: Option<(usize, Held)>,
}

/// The open elements, and what was read so far.
#[derive(Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// What the page held so far.
    pub(super) held: Held,
    /// Hits for which something stays.
    pub(super) hits: usize,
    paragraphs: usize,
    links: usize,
    readers: usize,
    forms: usize,
    embeds: usize,
    last: Option<(usize, Held)>,
    /// Something was left open that changes how the rest of the page is read.
    pub(super) lost: bool,
    /// Links and code that go on after what they stood in; nothing is cut while there are any.
    dangling: usize,
}

impl Stack {
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|top| top.foreign)
    }

    pub(super) fn in_form(&self) -> bool {
        self.forms > 0
    }

    /// Whether what stands here is read in another way than it seems.
    pub(super) fn is_tangled(&self) -> bool {
        self.dangling > 0
    }

    /// Whether an element is open that may be an embed's.
    pub(super) fn in_embed(&self) -> bool {
        self.embeds > 0
    }

    /// Counts the prose of a text.
    #[inline]
    pub(super) fn read(&mut self, text: &[u8]) {
        if self.paragraphs == 0 || self.links > 0 {
            return;
        }
        let len = letters(text.trim_ascii());
        self.held.prose += len;
        if self.readers > 0 {
            self.held.of_readers += len;
        }
    }

    pub(super) fn open(&mut self, start: usize, tag: &Tag<'_>, said: Said, own: bool, whole: bool) {
        let before = self.held;
        let hits = self.hits;
        self.hits += usize::from(own);
        let says = said.says;
        if tag.name == H1 || says.body || tag.property == b"articleBody" {
            self.held.bodies += 1;
        }
        let readers = says.readers && !matches!(tag.name, FOOTER | NAV | MENU | MAIN | ARTICLE);
        let around = self.is_foreign();
        let foreign = matches!(tag.name, SVG | MATH) || (around && !matches!(tag.name, FOREIGN_OBJECT | DESC | TITLE));
        let open = Open {
            name: tag.name,
            flags: if around { 0 } else { tag.flags },
            start,
            name_bytes: tag.name_bytes,
            before,
            hits,
            own: own || tag.name == BLOCKQUOTE,
            whole,
            tangled: self.dangling > 0,
            readers,
            foreign,
            last: None,
        };
        self.count(&open, true);
        self.open.push(open);
    }

    fn count(&mut self, open: &Open, begins: bool) {
        let step = |count: &mut usize, is: bool| {
            if is {
                *count = if begins { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        step(&mut self.paragraphs, open.name == P);
        step(&mut self.links, open.name == A);
        step(&mut self.readers, open.readers);
        step(&mut self.forms, open.name == FORM);
        step(&mut self.embeds, open.own);
    }

    /// Closes what a start tag at `at` closes without saying so.
    #[inline]
    pub(super) fn make_room(&mut self, at: usize, tag: &Tag<'_>, cuts: &mut Cuts) {
        if self.is_foreign() {
            if tag.name != A && tag.flags & (BLOCK | FORMATTING | VOID) != 0 {
                while self.is_foreign() {
                    self.finish(at, cuts);
                }
            } else {
                return;
            }
        }
        match tag.name {
            LI => self.close_item(&[LI], at, cuts),
            DD | DT => self.close_item(&[DD, DT], at, cuts),
            OPTION => self.close_if_top(OPTION, at, cuts),
            A => self.close_link(at, cuts),
            BUTTON => self.close_nearest(at, cuts, |open| open.name == BUTTON, |open| open.flags & WALL != 0),
            TD | TH => self.close_nearest(at, cuts, |open| matches!(open.name, TD | TH), is_table),
            TR => self.close_outermost(at, cuts, |open| matches!(open.name, TD | TH | TR)),
            _ if tag.flags & (CELL | WALL) == CELL => self.close_outermost(at, cuts, |open| open.flags & CELL != 0),
            _ => {}
        }
        if tag.flags & BLOCK != 0 || tag.name == TABLE {
            if self.paragraphs > 0 {
                let stops = |open: &Open| open.flags & WALL != 0 || open.name == BUTTON;
                self.close_nearest(at, cuts, |open| open.name == P, stops);
            }
            if tag.flags & HEADING != 0 && self.open.last().is_some_and(|top| top.flags & HEADING != 0) {
                self.close_to(self.open.len() - 1, at, cuts);
            }
        }
    }

    fn close_item(&mut self, names: &[Name], at: usize, cuts: &mut Cuts) {
        let is = |open: &Open| names.contains(&open.name);
        let stops = |open: &Open| open.flags & SPECIAL != 0 && !matches!(open.name, ADDRESS | DIV | P);
        self.close_nearest(at, cuts, is, stops);
    }

    fn close_if_top(&mut self, name: Name, at: usize, cuts: &mut Cuts) {
        if self.open.last().is_some_and(|top| top.name == name) {
            self.close_to(self.open.len() - 1, at, cuts);
        }
    }

    /// A link in a link ends the first, wherever that stands, and for good.
    fn close_link(&mut self, at: usize, cuts: &mut Cuts) {
        if self.links > 0 {
            let dangling = self.dangling;
            self.close_nearest(at, cuts, |open| open.name == A, |open| open.flags & WALL != 0);
            self.dangling = dangling;
        }
    }

    fn close_nearest(&mut self, at: usize, cuts: &mut Cuts, is: impl Fn(&Open) -> bool, stops: impl Fn(&Open) -> bool) {
        for index in (0..self.open.len()).rev().take(MAX_SEARCH) {
            let Some(open) = self.open.get(index) else { return };
            if is(open) {
                return self.close_to(index, at, cuts);
            }
            if stops(open) {
                return;
            }
        }
    }

    /// Closes the outermost such part of the table that is open.
    fn close_outermost(&mut self, at: usize, cuts: &mut Cuts, is: impl Fn(&Open) -> bool) {
        let mut outermost = None;
        for index in (0..self.open.len()).rev().take(MAX_SEARCH) {
            let Some(open) = self.open.get(index).filter(|open| !is_table(open)) else { break };
            if is(open) {
                outermost = Some(index);
            }
        }
        if let Some(index) = outermost {
            self.close_to(index, at, cuts);
        }
    }

    /// Closes an element and all in it because of a start tag at `at`; where it stays, its end is written.
    fn close_to(&mut self, index: usize, at: usize, cuts: &mut Cuts) {
        while self.open.len() > index + 1 {
            self.finish(at, cuts);
        }
        let Some(open) = self.open.last() else { return };
        let name = open.start + 1;
        let (name, stays) = ((name, name + open.name_bytes), open.tangled || self.hits > open.hits);
        self.finish(at, cuts);
        if stays {
            cuts.close(at, name, self.held);
        }
    }

    /// Closes the element that an end tag names, with all in it that needs no end tag of its own.
    #[inline]
    pub(super) fn close(&mut self, name: Name, start: usize, end: usize, cuts: &mut Cuts) {
        let flags = tags::flags(name);
        let Some(index) = self.find(name, flags) else {
            if matches!(name, A | CODE) {
                self.dangling = self.dangling.saturating_sub(1);
            }
            return;
        };
        let above = self.open.get(index + 1..).unwrap_or_default();
        if flags & FORMATTING != 0 && above.iter().any(|open| open.flags & SPECIAL != 0) {
            self.untangle(index);
            return;
        }
        while self.open.len() > index + 1 {
            self.finish(start, cuts);
        }
        self.finish_explicitly(end, cuts);
    }

    /// The open element that an end tag reaches.
    #[inline]
    fn find(&self, name: Name, flags: Flags) -> Option<usize> {
        let heading = flags & HEADING != 0;
        for index in (0..self.open.len()).rev().take(MAX_SEARCH) {
            let open = self.open.get(index)?;
            if open.name == name || (heading && open.flags & HEADING != 0) {
                return Some(index);
            }
            let stops = if flags & CELL != 0 {
                is_table(open)
            } else if flags & SCOPED != 0 {
                open.flags & WALL != 0
                    || (name == P && open.name == BUTTON)
                    || (name == LI && matches!(open.name, UL | OL))
            } else if flags & FORMATTING != 0 {
                open.flags & WALL != 0
            } else {
                open.flags & SPECIAL != 0
            };
            if stops {
                return None;
            }
        }
        None
    }

    /// A formatting element that ends while blocks in it are open: it goes on in them, so nothing here can be cut.
    fn untangle(&mut self, index: usize) {
        for open in self.open.iter_mut().skip(index.saturating_sub(1)) {
            open.tangled = true;
        }
        if index < self.open.len() {
            let open = self.open.remove(index);
            self.count(&open, false);
        }
    }

    /// Closes the last element where something else ends it, at `at`.
    fn finish(&mut self, at: usize, cuts: &mut Cuts) {
        // Links and code go on after what they stood in, and a choice after what it should hold: all that follows is
        // read in another way until they end.
        if let Some(top) = self.open.last_mut() {
            self.lost |= top.name == SELECT;
            if matches!(top.name, A | CODE) {
                top.tangled = true;
                self.dangling += 1;
            }
        }
        self.finish_explicitly(at, cuts);
    }

    /// Closes the last element at its end; cuts it where nothing in it was hit.
    fn finish_explicitly(&mut self, end: usize, cuts: &mut Cuts) {
        let Some(open) = self.open.pop() else { return };
        self.count(&open, false);
        let last = match self.open.last_mut() {
            Some(around) => {
                around.tangled |= open.tangled;
                &mut around.last
            }
            None => &mut self.last,
        };
        *last = Some((open.start, open.before));
        if self.hits > open.hits {
            if open.whole {
                cuts.restore(open.start);
            }
        } else if !open.tangled {
            cuts.restore(open.start);
            cuts.cut(open.start, end, open.before, self.held);
        }
    }

    /// Keeps the paragraph that is open, and the one before it, whole: a flattened post's signature stands here.
    pub(super) fn keep_paragraph(&mut self, cuts: &mut Cuts) {
        let is = |open: &Open| open.flags & (BLOCK | WALL) != 0 || open.name == SECTION;
        let Some(index) = self.open.iter().rposition(is) else { return };
        let around = index.checked_sub(1).and_then(|index| self.open.get(index));
        let before = around.map_or(self.last, |around| around.last);
        let Some(open) = self.open.get_mut(index) else { return };
        open.whole = true;
        cuts.restore(open.start);
        if let Some((start, held)) = before.filter(|(start, _)| open.start - start <= MAX_PARAGRAPH_BYTES) {
            cuts.restore_from(start, held);
        }
    }

    /// The end of the page ends everything.
    pub(super) fn end(&mut self, at: usize, cuts: &mut Cuts) {
        while !self.open.is_empty() {
            self.finish_explicitly(at, cuts);
        }
    }
}

fn is_table(open: &Open) -> bool {
    matches!(open.name, TABLE | TEMPLATE)
}

/// The length of a text in bytes, each character reference counted as one.
fn letters(text: &[u8]) -> u32 {
    let mut len = text.len();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'&', text.get(from..).unwrap_or_default()).map(|at| from + at) {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(end) = rest.iter().take(10).position(|byte| *byte == b';') {
            len -= end;
        }
        from = at + 1;
    }
    u32::try_from(len).unwrap_or(u32::MAX)
}

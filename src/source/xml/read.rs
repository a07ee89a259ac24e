//! Reads a document as containers and the records in them. Only one record is in memory at a time, so that a sitemap
//! of fifty megabytes costs no more than one of its addresses.
//!
//! What is read past: end tags that are missing, crossed or of no start; attributes without quotes or twice; `&` and
//! `<` that are only characters; markup behind the root; a document that ends in the middle.

use super::{
    Child, Element,
    entity::Entities,
    mend::mend,
    space::{Space, Spaces},
};
use quick_xml::{Reader, events::BytesStart, events::Event};
use std::{borrow::Cow, ops::ControlFlow};

/// Deeper elements are left out; their text is kept. A tree of this depth is walked and dropped by recursion.
const MAX_DEPTH: usize = 100;

/// Attributes kept of one element.
const MAX_ATTRIBUTES: usize = 64;

/// Places in a document that are read past by starting anew behind them.
const MAX_RESTARTS: usize = 16;

/// One record may hold so many elements and texts; what follows in it is left out.
const MAX_RECORD_NODES: usize = 200_000;

/// Records that never hold one of their own kind: the next one's start ends them, where their end tag is missing.
const NEVER_NESTED: [&str; 4] = ["item", "entry", "url", "sitemap"];

/// Fields that hold text alone: a further field's start ends them, where their end tag is missing.
const LEAVES: [&str; 13] = [
    "category",
    "changefreq",
    "comments",
    "guid",
    "id",
    "lastmod",
    "link",
    "loc",
    "priority",
    "pubdate",
    "published",
    "title",
    "updated",
];

/// Fields of records that hold more.
const FIELDS: [&str; 7] = ["author", "content", "description", "enclosure", "issued", "source", "summary"];

/// How the reading ended.
#[derive(Debug, Default)]
pub(in crate::source) struct Read {
    /// The containers in order of opening, without what is in them: the root first. Where the root is no container it
    /// stands here alone, and nothing else was read.
    pub(in crate::source) containers: Vec<Element>,
    /// Whether the document ended before its root did.
    pub(in crate::source) is_cut: bool,
}

/// More containers are not told.
const MAX_CONTAINERS: usize = 16;

/// Reads a document whose root is one of `containers` (local names in lower case). `visit` gets each child of a
/// container that is none itself, with the containers open around it, the innermost last.
pub(in crate::source) fn read(
    text: &str,
    containers: &[&str],
    mut visit: impl FnMut(&[Element], Element) -> ControlFlow<()>,
) -> Read {
    let text = mend(text);
    let mut state = State { containers, ..State::default() };
    let mut restarts = 0;
    let mut rest: &str = &text;
    'document: loop {
        let mut reader = Reader::from_str(rest);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let done = match reader.read_event() {
                Ok(Event::Start(tag)) => state.open(&tag, &mut visit),
                Ok(Event::Empty(tag)) => match state.open(&tag, &mut visit) {
                    ControlFlow::Continue(()) => state.close(tag.name().into_inner(), &mut visit),
                    stop => stop,
                },
                Ok(Event::End(tag)) => state.close(tag.name().into_inner(), &mut visit),
                Ok(Event::Text(text)) => state.text(&text),
                Ok(Event::CData(text)) => state.text(&text),
                Ok(Event::GeneralRef(reference)) => state.reference(&reference),
                Ok(Event::DocType(doctype)) => {
                    state.entities.declare(&doctype);
                    ControlFlow::Continue(())
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => ControlFlow::Continue(()),
                Ok(Event::Eof) => break 'document,
                Err(_) => {
                    let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    restarts += 1;
                    match rest.get(at.saturating_add(1)..).filter(|rest| restarts <= MAX_RESTARTS && rest.contains('>'))
                    {
                        Some(behind) => rest = behind,
                        None => break 'document,
                    }
                    continue 'document;
                }
            };
            if done.is_break() {
                return Read { containers: state.seen, is_cut: false };
            }
        }
    }
    state.end(&mut visit)
}

/// A whole document as a tree. None where there is no element.
pub(in crate::source) fn tree(text: &str) -> Option<Element> {
    let mut root = None;
    read(text, &[], |_, element| {
        root = Some(element);
        ControlFlow::Break(())
    });
    root
}

/// The root's local name in lower case.
pub(in crate::source) fn root_name(head: &str) -> Option<String> {
    let read = read(head, &["\0"], |_, _| ControlFlow::Break(()));
    read.containers.first().map(|root| root.name.clone())
}

#[derive(Default)]
struct State<'c> {
    containers: &'c [&'c str],
    seen: Vec<Element>,
    /// Containers that are open.
    around: Vec<Element>,
    /// The record that is open, and the elements open in it.
    open: Vec<Element>,
    /// Elements open that are too deep to be kept, by name.
    too_deep: usize,
    nodes: usize,
    spaces: Spaces,
    entities: Entities,
}

impl State<'_> {
    fn depth(&self) -> usize {
        self.around.len() + self.open.len()
    }

    fn open(
        &mut self,
        tag: &BytesStart<'_>,
        visit: &mut impl FnMut(&[Element], Element) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let name = tag.name().into_inner();
        let ends_record = self.open.first().is_some_and(|record| {
            NEVER_NESTED.contains(&record.name.as_str())
                && local(name).eq_ignore_ascii_case(&record.name)
                && matches!(self.spaces.of(prefix(name)), Space::Core | Space::Atom)
        });
        if ends_record {
            self.finish_record(visit)?;
        }
        if self.open.len() > 1 && self.ends_leaf(name) {
            self.fold();
        }
        self.nodes += 1;
        if self.open.len() >= MAX_DEPTH || (self.nodes > MAX_RECORD_NODES && !self.open.is_empty()) {
            self.too_deep += 1;
            return ControlFlow::Continue(());
        }
        let element = self.element(tag, name);
        if self.open.is_empty() {
            self.nodes = 0;
            let is_container = self.containers.contains(&element.name.as_str());
            let is_root = self.around.is_empty() && self.seen.is_empty();
            if (is_container || (is_root && !self.containers.is_empty())) && self.seen.len() < MAX_CONTAINERS {
                self.seen.push(element.clone());
            }
            if is_container && self.around.len() < MAX_DEPTH {
                self.around.push(element);
                return ControlFlow::Continue(());
            }
            if is_root && !self.containers.is_empty() {
                return ControlFlow::Break(());
            }
        }
        self.open.push(element);
        ControlFlow::Continue(())
    }

    /// Whether an element of this name can't be in the one that is open.
    fn ends_leaf(&self, name: &str) -> bool {
        let local = local(name).to_ascii_lowercase();
        let is_own = |space: Space| matches!(space, Space::Core | Space::Atom);
        let Some(open) = self.open.last() else { return false };
        // An outline that names a feed is no group: lists without end tags would nest without end.
        if open.name == "outline" && local == "outline" {
            return open.attribute("xmlurl").is_some();
        }
        let is_leaf = is_own(open.space) && LEAVES.contains(&open.name.as_str());
        is_leaf
            && (LEAVES.contains(&local.as_str()) || FIELDS.contains(&local.as_str()))
            && is_own(self.spaces.of(prefix(name)))
    }

    fn element(&mut self, tag: &BytesStart<'_>, name: &str) -> Element {
        let depth = self.depth();
        let mut attributes: Vec<(String, String)> = Vec::new();
        for attribute in tag.html_attributes().with_checks(false).flatten().take(MAX_ATTRIBUTES) {
            let key = attribute.key.into_inner().to_ascii_lowercase();
            let value = self.entities.unescape(&attribute.value).into_owned();
            match key.strip_prefix("xmlns") {
                Some("") => self.spaces.declare("", &value, depth),
                Some(prefix) if prefix.starts_with(':') => self.spaces.declare(&prefix[1..], &value, depth),
                _ => attributes.push((key, value)),
            }
        }
        Element {
            space: self.spaces.of(&prefix(name).to_ascii_lowercase()),
            name: local(name).to_ascii_lowercase(),
            attributes,
            children: Vec::new(),
            is_cut: false,
        }
    }

    fn close(&mut self, name: &str, visit: &mut impl FnMut(&[Element], Element) -> ControlFlow<()>) -> ControlFlow<()> {
        let name = local(name.trim_end());
        let is_it = |element: &Element| name.eq_ignore_ascii_case(&element.name);
        // Too deep, an end tag may be of an element without one; that of the record is none of them.
        let ends_record =
            self.open.first().is_some_and(|record| is_it(record) && NEVER_NESTED.contains(&record.name.as_str()));
        if self.too_deep > 0 && !ends_record {
            self.too_deep -= 1;
            return ControlFlow::Continue(());
        }
        if let Some(at) = self.open.iter().rposition(is_it) {
            if at == 0 {
                return self.finish_record(visit);
            }
            while self.open.len() > at {
                self.fold();
            }
        } else if let Some(at) = self.around.iter().rposition(is_it) {
            self.finish_record(visit)?;
            self.around.truncate(at);
        }
        self.spaces.leave(self.depth().saturating_sub(1));
        ControlFlow::Continue(())
    }

    /// Puts the innermost open element into the one around it.
    fn fold(&mut self) {
        if let Some(inner) = self.open.pop()
            && let Some(outer) = self.open.last_mut()
        {
            outer.children.push(Child::Element(inner));
        }
    }

    fn finish_record(&mut self, visit: &mut impl FnMut(&[Element], Element) -> ControlFlow<()>) -> ControlFlow<()> {
        self.too_deep = 0;
        while self.open.len() > 1 {
            self.fold();
        }
        let Some(record) = self.open.pop() else { return ControlFlow::Continue(()) };
        self.spaces.leave(self.depth().saturating_sub(1));
        visit(&self.around, record)
    }

    fn text(&mut self, text: &str) -> ControlFlow<()> {
        if let Some(element) = self.open.last_mut()
            && !text.is_empty()
        {
            match element.children.last_mut() {
                Some(Child::Text(before)) => before.push_str(text),
                _ => element.children.push(Child::Text(text.to_owned())),
            }
        }
        ControlFlow::Continue(())
    }

    fn reference(&mut self, name: &str) -> ControlFlow<()> {
        let text = match self.entities.resolve(name) {
            Some(text) => Cow::Owned(text.into_owned()),
            None => Cow::<str>::Owned(format!("&{name};")),
        };
        self.text(&text)
    }

    /// The document is over: what is open was cut off.
    fn end(mut self, visit: &mut impl FnMut(&[Element], Element) -> ControlFlow<()>) -> Read {
        let is_cut = !self.around.is_empty() || !self.open.is_empty();
        self.open.iter_mut().for_each(|element| element.is_cut = true);
        // The document is over anyway.
        let _ = self.finish_record(visit);
        Read { containers: self.seen, is_cut }
    }
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

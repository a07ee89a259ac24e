//! A feed as XML, with no character in it that XML does not allow.

use super::{Entry, Feed, IN_A_TAG, TAG};
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use std::io;

/// The feed as it is sent.
pub(super) fn written(feed: &Feed, entries: &[Entry]) -> String {
    let mut out = Xml(Writer::new(Vec::new()));
    // Writing into memory does not fail.
    let _ = out.feed(feed, entries);
    String::from_utf8(out.0.into_inner()).unwrap_or_default()
}

/// Elements with text, in which no character stands that XML 1.0 does not allow.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn feed(&mut self, feed: &Feed, entries: &[Entry]) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        self.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom")])?;
        self.text("id", &[], &format!("{TAG}feed/{}", utf8_percent_encode(&feed.name, &IN_A_TAG)))?;
        self.text("title", &[], &feed.title)?;
        if let Some(damaged) = &feed.damaged {
            self.text("subtitle", &[], damaged)?;
        }
        let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(Timestamp::UNIX_EPOCH);
        self.text("updated", &[], &at(updated))?;
        self.author("embalm")?;
        self.text("generator", &[], "embalm")?;
        self.link("self", Some("application/atom+xml"), &format!("{}{}", feed.base, feed.own))?;
        self.link("alternate", Some("text/html"), &format!("{}{}", feed.base, feed.page))?;
        for entry in entries {
            self.entry(&feed.base, entry)?;
        }
        self.close("feed")
    }

    fn entry(&mut self, base: &str, entry: &Entry) -> io::Result<()> {
        self.open("entry", &[])?;
        self.text("id", &[], &entry.id)?;
        self.text("title", &[], &entry.title)?;
        self.text("updated", &[], &at(entry.updated))?;
        if let Some(published) = entry.published {
            self.text("published", &[], &at(published))?;
        }
        self.author(&entry.author)?;
        if let Some(here) = &entry.here {
            self.link("alternate", Some("text/html"), &format!("{base}{here}"))?;
        }
        if let Some(original) = &entry.original {
            self.link("via", None, original)?;
        }
        for term in &entry.terms {
            self.empty("category", &[("term", term)])?;
        }
        self.text("content", &[("type", "html")], &entry.html)?;
        self.close("entry")
    }

    fn author(&mut self, name: &str) -> io::Result<()> {
        self.open("author", &[])?;
        self.text("name", &[], name)?;
        self.close("author")
    }

    fn link(&mut self, rel: &str, kind: Option<&str>, href: &str) -> io::Result<()> {
        let kind = kind.map(|kind| ("type", kind));
        let attributes: Vec<_> = [("rel", rel)].into_iter().chain(kind).chain([("href", href)]).collect();
        self.empty("link", &attributes)
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.0.write_event(Event::Text(BytesText::new(&allowed(text))))?;
        self.close(name)
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(name, attributes)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, allowed(value).as_str()));
    }
    start
}

/// Without what XML 1.0 does not allow (section 2.2): control characters, and the two that are no characters.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().filter(is_allowed).collect()
}

/// RFC 3339, to the second.
fn at(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

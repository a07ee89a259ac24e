//! RSS and Atom in all their dialects, as one: what an element means is told by its name, not by the version that the
//! feed says it has.

use super::{
    Feed, MAX_ENTRIES,
    fields::{any_page, atom_id, authors, html, language, links, page, tags, title},
};
use crate::{
    model::When,
    source::{
        Entry,
        date::read_date,
        xml::{self, Element, Space, resolve},
    },
};
use std::ops::ControlFlow;
use url::Url;

/// Elements whose children are the feed's fields and entries.
const CONTAINERS: [&str; 5] = ["rss", "rdf", "channel", "feed", "items"];

/// A summary with paragraphs and at least this many bytes is the article, as in feeds that know no content element.
const FULL_SUMMARY_BYTES: usize = 1500;

/// Fields of a feed that are looked at; a feed has a few dozen.
const MAX_FIELDS: usize = 1000;

/// How far a feed is looked for behind what a server printed before it.
const STRAY_BYTES: usize = 64 * 1024;

/// First publication, the surest first.
const PUBLISHED: [(Space, &str); 11] = [
    (Space::Core, "pubdate"),
    (Space::Atom, "published"),
    (Space::Core, "published"),
    (Space::Atom, "issued"),
    (Space::Core, "issued"),
    (Space::DcTerms, "issued"),
    (Space::DcTerms, "created"),
    (Space::Atom, "created"),
    (Space::Core, "created"),
    (Space::Dc, "date"),
    (Space::DcTerms, "date"),
];

/// The last change.
const UPDATED: [(Space, &str); 6] = [
    (Space::Atom, "updated"),
    (Space::Core, "updated"),
    (Space::Atom, "modified"),
    (Space::Core, "modified"),
    (Space::DcTerms, "modified"),
    (Space::Core, "lastbuilddate"),
];

const TITLE: [(Space, &str); 6] = [
    (Space::Core, "title"),
    (Space::Atom, "title"),
    (Space::Dc, "title"),
    (Space::DcTerms, "title"),
    (Space::Itunes, "title"),
    (Space::Media, "title"),
];

const CONTENT: [(Space, &str); 8] = [
    (Space::Content, "encoded"),
    (Space::Atom, "content"),
    (Space::Xhtml, "body"),
    (Space::Xhtml, "div"),
    (Space::Core, "fullitem"),
    (Space::Core, "content"),
    (Space::Core, "body"),
    (Space::Other, "encoded"),
];

const SUMMARY: [(Space, &str); 5] = [
    (Space::Core, "description"),
    (Space::Atom, "summary"),
    (Space::Core, "summary"),
    (Space::Core, "abstract"),
    (Space::Dc, "description"),
];

/// Reads a feed of which `text` is the whole; none where it is none. What a server printed before the feed, such as a
/// warning of its own with markup in it, is stepped over.
pub(super) fn read(text: &str, url: Option<&Url>) -> Option<Feed> {
    whole(text, url).or_else(|| {
        let head = String::from_utf8_lossy(&text.as_bytes()[..text.len().min(STRAY_BYTES)]).to_ascii_lowercase();
        let start = ["<rss", "<feed", "<rdf:rdf"].iter().filter_map(|tag| head.find(tag)).min()?;
        if start == 0 || head[..start].contains("<html") || head[..start].contains("<body") {
            return None;
        }
        whole(text.get(start..)?, url)
    })
}

fn whole(text: &str, url: Option<&Url>) -> Option<Feed> {
    let mut feed = Feed::default();
    let mut left_out = false;
    // The fields of the feed, as if they were children of one element.
    let mut about: Option<Element> = None;
    let mut base = url.cloned();
    let read = xml::read(text, &CONTAINERS, |around, record| {
        let is_entry =
            matches!(record.space, Space::Core | Space::Atom) && matches!(record.name.as_str(), "item" | "entry");
        if is_entry && feed.entries.len() >= MAX_ENTRIES {
            left_out = true;
            return ControlFlow::Break(());
        }
        let start = around.iter().fold(url.cloned(), |base, container| container.base(base.as_ref()));
        if is_entry {
            let lang = around.iter().rev().find_map(|container| container.attribute("xml:lang"));
            // Where the feed's own address is not known, the site's serves.
            let site = start.or_else(|| about.as_ref().and_then(|about| page(about, None)));
            let has_base = around.iter().any(|container| container.attribute("xml:base").is_some());
            feed.entries.push(entry(&record, site.as_ref(), has_base, lang));
        } else if around.last().is_none_or(|container| container.name != "items") {
            let about = about.get_or_insert_with(|| Element { children: Vec::new(), ..record.clone() });
            base = start.or(base.take());
            if about.children.len() < MAX_FIELDS {
                about.children.push(xml::Child::Element(record));
            }
        }
        ControlFlow::Continue(())
    });
    let root = read.containers.first()?;
    if !CONTAINERS[..4].contains(&root.name.as_str()) {
        return None;
    }
    let attribute = |name: &str| read.containers.iter().find_map(|container| container.attribute(name));
    if let Some(about) = about {
        describe(&mut feed, &about, base.as_ref());
    }
    feed.link = feed.link.or_else(|| resolve(attribute("href")?, base.as_ref()));
    feed.id = feed.id.or_else(|| attribute("rdf:about").map(str::to_owned));
    feed.lang = feed.lang.or_else(|| attribute("xml:lang").map(language));
    if left_out {
        feed.note = Some(format!("only the first {MAX_ENTRIES} entries were read"));
    } else if read.is_cut {
        feed.note = Some("the feed ends in the middle; what stands before that was read".to_owned());
    }
    Some(feed)
}

/// The feed's own fields.
fn describe(feed: &mut Feed, about: &Element, base: Option<&Url>) {
    feed.title = about.first(&TITLE).and_then(title);
    feed.link = page(about, base);
    feed.id = about.first(&[(Space::Atom, "id"), (Space::Core, "id")]).and_then(|id| atom_id(id, base));
    feed.published = date(about, &PUBLISHED);
    feed.updated = date(about, &UPDATED);
    feed.lang = about
        .first(&[(Space::Core, "language"), (Space::Dc, "language")])
        .and_then(Element::text)
        .map(|lang| language(&lang));
    let is_older = |rel: &str| matches!(rel, "next" | "prev-archive");
    feed.next = links(about).filter(|link| is_older(&link.rel)).find_map(|link| link.url(base));
}

/// `has_base`: whether what stands around the entry says where addresses start.
fn entry(item: &Element, base: Option<&Url>, has_base: bool, lang: Option<&str>) -> Entry {
    let base = item.base(base);
    let base = base.as_ref();
    let text = |names: &[(Space, &str)]| item.first(names).and_then(Element::text);
    let guid = item.first(&[(Space::Core, "guid"), (Space::Atom, "id"), (Space::Core, "id")]);
    let id = guid.and_then(|id| atom_id(id, base));
    let is_link =
        guid.is_some_and(|guid| !guid.attribute("ispermalink").is_some_and(|is| is.eq_ignore_ascii_case("false")));
    let about = item.attribute("rdf:about").or_else(|| item.attribute("about"));
    let url = text(&[(Space::Feedburner, "origlink")])
        .and_then(|link| resolve(&link, None))
        .or_else(|| page(item, base))
        .or_else(|| item.attribute("href").and_then(|href| resolve(href, base)))
        .or_else(|| id.as_deref().filter(|_| is_link).and_then(|id| resolve(id, None)))
        .or_else(|| about.and_then(|about| resolve(about, base)))
        .or_else(|| any_page(item, base));
    let content_element = item.first(&CONTENT).or_else(|| full_summary(item));
    let says_base = |element: &Element| element.attribute("xml:base").is_some();
    let content_base = content_element
        .filter(|content| has_base || says_base(item) || says_base(content))
        .and_then(|content| content.base(base));
    Entry {
        title: item.first(&TITLE).and_then(title).or_else(|| media_title(item)),
        published: date(item, &PUBLISHED),
        updated: date(item, &UPDATED).or_else(|| read_date(item.attribute("lastmod")?)),
        content_html: content_element.and_then(html),
        content_base,
        author: authors(item),
        lang: item.attribute("xml:lang").or(lang).map(language).or_else(|| text(&[(Space::Dc, "language")])),
        tags: tags(item),
        id: id.or_else(|| about.map(str::to_owned)).or_else(|| text(&[(Space::Dc, "identifier")])).unwrap_or_default(),
        url,
        ..Entry::default()
    }
}

/// The title of the entry's only medium.
fn media_title(item: &Element) -> Option<String> {
    let holders = item.elements().filter(|child| child.space == Space::Media);
    holders.filter_map(|holder| holder.first(&[(Space::Media, "title")])).find_map(title)
}

fn full_summary(item: &Element) -> Option<&Element> {
    let summary = item.first(&SUMMARY)?;
    let text = summary.inner();
    (text.len() >= FULL_SUMMARY_BYTES && (text.contains("<p") || text.contains("<P"))).then_some(summary)
}

/// The first of these elements whose text is a date; of several of one name the last.
fn date(element: &Element, names: &[(Space, &str)]) -> Option<When> {
    names.iter().find_map(|(space, name)| {
        let candidates = element.elements().filter(|child| child.is(*space, name) && !child.is_cut);
        candidates.collect::<Vec<_>>().into_iter().rev().find_map(|child| read_date(&child.text()?))
    })
}

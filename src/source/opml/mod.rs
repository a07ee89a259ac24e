//! OPML: lists of feeds, as readers export them, <http://opml.org/spec2.opml>; and the lists in RDF that some planets
//! of weblogs keep.

mod foaf;

use super::{
    NotRead, Payload, sniff,
    words::words,
    xml::{self, Element, resolve},
};
use std::collections::HashMap;
use url::Url;

/// What is looked for, in messages.
const WANTED: &str = "an OPML list of feeds";

/// A larger list is not read.
const MAX_LIST_BYTES: usize = 32 * 1024 * 1024;

/// More addresses of one list are not kept.
const MAX_FEEDS: usize = 50_000;

/// Groups kept of one feed.
const MAX_CATEGORIES: usize = 100;

/// A list of feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedList {
    /// Of the list.
    pub title: Option<String>,
    /// Feeds in the list's order, each address once.
    pub feeds: Vec<FeedRef>,
    /// Further lists that this one includes.
    pub lists: Vec<FeedRef>,
    /// Sites that are named without a feed; a feed may be discovered there.
    pub sites: Vec<FeedRef>,
}

/// A feed, list or site that a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRef {
    /// Absolute, http or https.
    pub url: Url,
    /// As the list names it.
    pub title: Option<String>,
    /// The groups it stands in, outermost first, and the categories that it names: each a path, each once.
    pub categories: Vec<Vec<String>>,
}

impl FeedRef {
    /// Groups and categories of one level: tags.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.categories.iter().filter(|path| path.len() == 1).filter_map(|path| path.first()).map(String::as_str)
    }
}

/// Reads OPML 1.0, 1.1 and 2.0, and lists in RDF (FOAF).
///
/// # Errors
/// [`NotRead`], by what the bytes are instead.
pub fn read_opml(payload: Payload<'_>) -> Result<FeedList, NotRead> {
    if payload.bytes.len() > MAX_LIST_BYTES {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_LIST_BYTES });
    }
    let text = xml::decode(payload);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let root = Some(text).filter(|text| text.starts_with('<')).and_then(xml::tree);
    let mut list = Listing { base: payload.url, ..Listing::default() };
    match root {
        Some(root) if matches!(root.name.as_str(), "opml" | "outline" | "body") => {
            let head = root.named("head").find_map(|head| head.named("title").find_map(Element::text));
            list.out.title = head.and_then(|title| words(&title));
            list.outlines(&root, &mut Vec::new());
        }
        Some(root)
            if root.name == "rdf"
                && !root.elements().any(|child| matches!(child.name.as_str(), "item" | "channel")) =>
        {
            foaf::read(&root, &mut list);
        }
        _ => return Err(sniff::refuse(WANTED, payload)),
    }
    Ok(list.out)
}

/// A list under way.
#[derive(Default)]
struct Listing<'a> {
    out: FeedList,
    base: Option<&'a Url>,
    /// Where an address already stands: its kind and its place there.
    known: HashMap<Url, (Kind, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Feed,
    List,
    Site,
}

impl Listing<'_> {
    /// Takes in an address once; named again, it gains the categories. False where it is no address.
    fn add(&mut self, kind: Kind, address: &str, title: Option<String>, categories: Vec<Vec<String>>) -> bool {
        let Some(url) = resolve(address, self.base) else { return false };
        let lists = match self.known.get(&url) {
            Some((known, _)) => *known,
            None => kind,
        };
        let list = match lists {
            Kind::Feed => &mut self.out.feeds,
            Kind::List => &mut self.out.lists,
            Kind::Site => &mut self.out.sites,
        };
        let at = match self.known.get(&url) {
            Some((_, at)) => *at,
            None if self.known.len() >= MAX_FEEDS => return true,
            None => {
                self.known.insert(url.clone(), (kind, list.len()));
                list.push(FeedRef { url, title, categories: Vec::new() });
                list.len() - 1
            }
        };
        if let Some(known) = list.get_mut(at) {
            for path in categories {
                if !path.is_empty() && known.categories.len() < MAX_CATEGORIES && !known.categories.contains(&path) {
                    known.categories.push(path);
                }
            }
        }
        true
    }

    /// Walks outlines; the depth is that of the tree, which the reader bounds.
    fn outlines(&mut self, element: &Element, groups: &mut Vec<String>) {
        for child in element.elements() {
            if child.name != "outline" {
                self.outlines(child, groups);
                continue;
            }
            let title = ["text", "title"].iter().find_map(|name| child.attribute(name)).and_then(words);
            let is_named = self.outline(child, title.clone(), groups);
            let group = title.filter(|_| !is_named || child.elements().next().is_some());
            let depth = groups.len();
            groups.extend(group);
            self.outlines(child, groups);
            groups.truncate(depth);
        }
    }

    /// Whether the outline names an address.
    fn outline(&mut self, outline: &Element, title: Option<String>, groups: &[String]) -> bool {
        let mut categories = vec![groups.to_vec()];
        categories.extend(outline.attribute("category").unwrap_or_default().split(',').map(path));
        let kind = outline.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if let Some(feed) = outline.attribute("xmlurl") {
            return self.add(Kind::Feed, feed, title, categories);
        }
        if let Some(url) = outline.attribute("url") {
            let kind = match kind.as_str() {
                "link" | "include" => Some(Kind::List),
                "rss" | "atom" => Some(Kind::Feed),
                _ => None,
            };
            if let Some(kind) = kind {
                return self.add(kind, url, title, categories);
            }
        }
        outline.attribute("htmlurl").is_some_and(|site| self.add(Kind::Site, site, title, categories))
    }
}

/// A category's path: `/news/local` has two levels.
fn path(category: &str) -> Vec<String> {
    category.split('/').filter_map(words).collect()
}

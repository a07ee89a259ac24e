//! Namespaces by what they mean here. Feeds write their addresses in every case, with and without a slash, or not at
//! all; so they are compared folded, and a prefix that nobody declared means what it means elsewhere.

/// What vocabulary a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) enum Space {
    /// RSS in all its namespaces, OPML, sitemaps; no namespace; or the namespace of the root element.
    Core,
    /// Atom 0.3 and 1.0.
    Atom,
    /// Dublin Core elements.
    Dc,
    /// Dublin Core terms.
    DcTerms,
    /// `content:encoded`.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts.
    Itunes,
    /// XHTML.
    Xhtml,
    /// RDF itself.
    Rdf,
    /// People and their weblogs.
    Foaf,
    /// Google's news sitemaps.
    News,
    /// Google's image and video sitemaps.
    ImageOrVideo,
    /// FeedBurner.
    Feedburner,
    /// Any other.
    Other,
}

/// Parts of folded addresses with what they mean; the first that fits counts.
const BY_ADDRESS: [(&str, Space); 28] = [
    ("purl.org/rss/1.0/modules/content", Space::Content),
    ("purl.org/rss/1.0/modules/", Space::Other),
    ("purl.org/rss/", Space::Core),
    ("purl.org/net/rss", Space::Core),
    ("purl.org/dc/elements", Space::Dc),
    ("purl.org/dc/terms", Space::DcTerms),
    ("purl.org/atom/", Space::Atom),
    ("w3.org/2005/atom", Space::Atom),
    ("w3.org/1999/xhtml", Space::Xhtml),
    ("w3.org/tr/rec-html40", Space::Xhtml),
    ("w3.org/1999/02/22-rdf-syntax-ns", Space::Rdf),
    ("my.netscape.com/", Space::Core),
    ("channel.netscape.com/", Space::Core),
    ("backend.userland.com/", Space::Core),
    ("blogs.law.harvard.edu/tech/rss", Space::Core),
    ("cyber.law.harvard.edu/rss", Space::Core),
    ("rssboard.org/", Space::Core),
    ("search.yahoo.com/mrss", Space::Media),
    ("itunes.com/dtds", Space::Itunes),
    ("itunes.apple.com/dtds", Space::Itunes),
    ("example.com/dtds/podcast", Space::Itunes),
    ("xmlns.com/foaf", Space::Foaf),
    ("schemas/sitemap-news", Space::News),
    ("schemas/sitemap-image", Space::ImageOrVideo),
    ("schemas/sitemap-video", Space::ImageOrVideo),
    ("schemas/sitemap/", Space::Core),
    ("opml.org/spec", Space::Core),
    ("rssnamespace.org/feedburner", Space::Feedburner),
];

/// What prefixes mean that nobody declared.
const BY_PREFIX: [(&str, Space); 15] = [
    ("rss", Space::Core),
    ("atom", Space::Atom),
    ("atom10", Space::Atom),
    ("atom03", Space::Atom),
    ("dc", Space::Dc),
    ("dcterms", Space::DcTerms),
    ("content", Space::Content),
    ("media", Space::Media),
    ("itunes", Space::Itunes),
    ("xhtml", Space::Xhtml),
    ("rdf", Space::Rdf),
    ("foaf", Space::Foaf),
    ("news", Space::News),
    ("image", Space::ImageOrVideo),
    ("feedburner", Space::Feedburner),
];

/// More declarations open at once are not kept.
const MAX_BINDINGS: usize = 64;

/// The namespaces declared so far, inner ones last.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    /// Prefix (empty for the default), meaning (none where the address is not known), and how deep it was declared.
    bindings: Vec<(String, Option<Space>, usize)>,
    /// The root's own default namespace, where it is not known: what stands in it is the feed's own vocabulary.
    root_address: Option<String>,
}

impl Spaces {
    /// Takes in `xmlns` (no prefix) or `xmlns:prefix` of an element at `depth`, the root's being 0.
    pub(super) fn declare(&mut self, prefix: &str, address: &str, depth: usize) {
        if self.bindings.len() >= MAX_BINDINGS {
            return;
        }
        let folded = address.trim().to_ascii_lowercase();
        let mut space = BY_ADDRESS.iter().find(|(part, _)| folded.contains(part)).map(|(_, space)| *space);
        if folded.is_empty() || (prefix.is_empty() && depth == 0 && space.is_none()) {
            space = Some(Space::Core);
            self.root_address = Some(folded);
        } else if self.root_address.as_ref() == Some(&folded) {
            space = Some(Space::Core);
        }
        self.bindings.push((prefix.to_owned(), space, depth));
    }

    /// Forgets what elements deeper than `depth` declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|(_, _, declared)| *declared > depth) {
            self.bindings.pop();
        }
    }

    /// What a name of this prefix (empty for none) is of.
    pub(super) fn of(&self, prefix: &str) -> Space {
        match self.bindings.iter().rev().find(|(known, _, _)| known == prefix) {
            Some((_, space, _)) => space.unwrap_or(Space::Other),
            None if prefix.is_empty() => Space::Core,
            None => BY_PREFIX
                .iter()
                .find(|(known, _)| prefix.eq_ignore_ascii_case(known))
                .map_or(Space::Other, |(_, space)| *space),
        }
    }
}

//! The list of providers: whose an address is, by a hash of its host. Read when first asked.

use crate::platforms::{self, address::parts};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use url::Url;

/// Name, endpoint, host of the provider, patterns: see `examples/condense_oembed_providers.rs`.
const LIST: &str = include_str!("providers.tsv");

/// Players of providers that stand on hosts which the list does not name, from the providers' own embed codes (2026).
const PLAYERS: [(&str, &str); 9] = [
    ("Acast", "embed.acast.com/*"),
    ("Acast", "shows.acast.com/*"),
    ("CodePen", "cdpn.io/*"),
    ("Flourish", "flo.uri.sh/*"),
    ("Infogram", "e.infogram.com/*"),
    ("Matterport", "my.matterport.com/show/*"),
    ("Poll Daddy", "poll.fm/*"),
    ("Prezi Video", "prezi.com/embed/*"),
    ("Wistia, Inc.", "fast.wistia.net/embed/*"),
];

/// A provider.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// Where its answers are asked for.
    pub(super) endpoint: &'static str,
}

/// How closely an address belongs to a provider, from the loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It stands on the provider's site.
    Site,
    /// The list takes every address of the provider's domains.
    Domain,
    /// The list takes every address of the host.
    Host,
    /// A pattern with a part of its own takes it.
    Item,
}

struct Rule {
    entry: usize,
    /// With its slash.
    path: &'static str,
    fit: Fit,
}

struct List {
    entries: Vec<Entry>,
    /// By host, without `www.`.
    hosts: HashMap<&'static str, Vec<Rule>>,
    /// By what follows the wildcard.
    domains: HashMap<&'static str, Vec<Rule>>,
    sites: HashMap<&'static str, usize>,
}

static PROVIDERS: LazyLock<List> = LazyLock::new(List::read);

/// Domains of the platforms that have their own file here, from the addresses that they give as samples: of what they
/// take for no post, the list's wider patterns make none.
static OWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let sampled = platforms::ALL.iter().flat_map(|platform| {
        let urls = platform.samples().posts.iter().filter_map(|(url, _)| Url::parse(url).ok());
        urls.filter(|url| platform.recognize(url).is_some())
    });
    sampled.filter_map(|url| url.host_str().map(|host| domain(host).to_owned())).collect()
});

/// The provider of an address, and how closely it belongs to it; none for the sites of platforms that have their own
/// file here.
pub(super) fn provider(url: &Url) -> Option<(&'static Entry, Fit)> {
    let host = url.host_str()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let list = &*PROVIDERS;
    let exact = list.hosts.get(host).into_iter().flatten();
    let wide = around(host).skip(1).filter_map(|domain| list.domains.get(domain)).flatten();
    let rule = exact.chain(wide).filter(|rule| rule.takes(url)).max_by_key(|rule| rule.fit);
    let found = rule
        .map(|rule| (rule.entry, rule.fit))
        .or_else(|| around(host).find_map(|site| list.sites.get(site)).map(|entry| (*entry, Fit::Site)));
    let (entry, fit) = found.filter(|_| !OWN.contains(domain(host)))?;
    Some((list.entries.get(entry)?, fit))
}

/// The host, then what is left of it after each of its dots, down to two labels.
fn around(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, rest)| rest))
        .take_while(|host| host.contains('.'))
}

/// The part of a host that its owner registered: two labels, or three under `co.uk` and its like.
fn domain(host: &str) -> &str {
    let labels: Vec<_> = host.rsplitn(4, '.').collect();
    let count = match labels[..] {
        [country, "co" | "com" | "net" | "org" | "ac" | "gov" | "edu" | "or" | "ne", ..] if country.len() == 2 => 3,
        _ => 2,
    };
    around(host).find(|part| part.split('.').count() <= count).unwrap_or(host)
}

impl List {
    fn read() -> Self {
        let mut list =
            Self { entries: Vec::new(), hosts: HashMap::new(), domains: HashMap::new(), sites: HashMap::new() };
        for line in LIST.lines() {
            let [name, endpoint, site, patterns] = line.splitn(4, '\t').collect::<Vec<_>>()[..] else { continue };
            let entry = list.entries.len();
            list.entries.push(Entry { name, endpoint });
            if !site.is_empty() {
                list.sites.entry(site).or_insert(entry);
            }
            patterns.split_ascii_whitespace().for_each(|pattern| list.add(entry, pattern));
        }
        for (name, pattern) in PLAYERS {
            if let Some(entry) = list.entries.iter().position(|entry| entry.name == name) {
                list.add(entry, pattern);
            }
        }
        // A host whose every subdomain is taken too is a whole site, not one that serves items only.
        for (host, rules) in &mut list.hosts {
            if list.domains.contains_key(host) {
                rules.iter_mut().filter(|rule| rule.fit == Fit::Host).for_each(|rule| rule.fit = Fit::Domain);
            }
        }
        list
    }

    fn add(&mut self, entry: usize, pattern: &'static str) {
        let Some(slash) = pattern.find('/') else { return };
        let (host, path) = pattern.split_at(slash);
        let is_part = path.contains(|c: char| !matches!(c, '/' | '*'));
        let (table, host, fit) = match host.strip_prefix("*.") {
            Some(domain) => (&mut self.domains, domain, Fit::Domain),
            None => (&mut self.hosts, host, Fit::Host),
        };
        table.entry(host).or_default().push(Rule { entry, path, fit: if is_part { Fit::Item } else { fit } });
        // A pattern that begins with any path speaks of some pages of a site that is not the provider's.
        if !is_part || !path.starts_with("/*") {
            self.sites.entry(host).or_insert(entry);
        }
    }
}

impl Rule {
    fn takes(&self, url: &Url) -> bool {
        let bare = |path: &'static str| path.strip_suffix('/').unwrap_or(path);
        let path = url.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        match (self.path.contains(['?', '#']), url.query(), url.fragment()) {
            (false, ..) => matches(bare(self.path), path),
            (true, Some(query), _) if self.path.contains('?') => matches(self.path, &format!("{}?{query}", url.path())),
            (true, _, Some(fragment)) => matches(self.path, &format!("{}#{fragment}", url.path())),
            (true, ..) => false,
        }
    }
}

/// Whether a pattern, in which `*` stands for any run of bytes, is the whole of a text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(before) = last.replace(piece) {
            // The leftmost place of each piece leaves most for the others.
            let Some(at) = rest.find(before) else { return false };
            rest = &rest[at + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

/// Whether the whole of a host, or of its path, says something: an address of a bare site names no item.
pub(super) fn says_something(url: &Url) -> bool {
    !parts(url).is_empty() || url.query().is_some_and(|query| query.len() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(url: &str) -> Option<(&'static str, Fit)> {
        provider(&Url::parse(url).unwrap()).map(|(entry, fit)| (entry.name, fit))
    }

    #[test]
    fn every_row_of_the_list_can_be_looked_up() {
        let list = &*PROVIDERS;
        assert!(list.entries.len() > 350, "{}", list.entries.len());
        for entry in &list.entries {
            let endpoint = Url::parse(entry.endpoint).unwrap();
            assert!(endpoint.host_str().is_some() && !entry.endpoint.contains(['{', '*']), "{entry:?}");
        }
        for host in list.hosts.keys().chain(list.domains.keys()).chain(list.sites.keys()) {
            assert!(host.contains('.') && !host.contains('*') && !host.starts_with("www."), "{host}");
        }
    }

    #[test]
    fn an_address_fits_as_closely_as_its_pattern() {
        for (url, expected) in [
            ("https://www.mixcloud.com/annex/low-tide/", Some(("MixCloud", Fit::Host))),
            ("https://player-widget.mixcloud.com/widget/", Some(("MixCloud", Fit::Site))),
            ("https://www.canva.com/design/aB3/dE6/view?embed", Some(("Canva", Fit::Item))),
            ("https://www.canva.com/learn/", Some(("Canva", Fit::Site))),
            ("https://annex.wordpress.com/2024/", Some(("WordPress.com", Fit::Domain))),
            ("https://www.nytimes.com/2024/", Some(("The New York Times", Fit::Domain))),
            ("https://app.gong.io/call?id=7", Some(("Gong", Fit::Item))),
            ("https://knowledgepad.co/#/knowledge/7", Some(("Knowledge Pad", Fit::Item))),
            (
                "https://upload.wikimedia.org/a/b_geograph.org.uk_7.jpg",
                Some(("Geograph Britain and Ireland", Fit::Item)),
            ),
            ("https://en.wikimedia.org/embed/7", None),
            ("https://shared-file-kappa.vercel.app/file/7", Some(("SharedFile", Fit::Item))),
            ("https://other.vercel.app/file/7", None),
            ("https://notmixcloud.com/annex/low-tide/", None),
            ("https://mixcloud.com.evil.example/annex/low-tide/", None),
        ] {
            assert_eq!(fit(url), expected, "{url}");
        }
    }

    #[test]
    fn what_platforms_take_for_no_post_is_no_item_either() {
        for url in [
            "https://www.youtube.com/playlist?list=PL1",
            "https://x.com/annex",
            "https://www.facebook.com/annex",
            "https://open.spotify.com/show/1",
            "https://annex.tumblr.com/embed",
            "https://fr.slideshare.net/annex",
            "https://www.instagram.com/annex/embed/",
            "https://vimeo.com/ondemand/annex/1",
        ] {
            assert_eq!(fit(url), None, "{url}");
        }
    }

    #[test]
    fn wildcards_take_any_run() {
        for (pattern, text, expected) in [
            ("/*", "/", true),
            ("/a/*/c", "/a/b/c", true),
            ("/a/*/c", "/a/c", false),
            ("/a/*/c", "/a/b/c/d", false),
            ("/a*a", "/a", false),
            ("/*b*b*", "/abbb", true),
            ("/x", "/x/y", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}

//! What every page has around it: navigation, search, what the output offers at all.

use crate::render::{
    RenderError,
    markup::{Markup, draw},
};
use serde::Serialize;

/// The parts of the reading room that its navigation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The front page.
    Front,
    /// Articles.
    Articles,
    /// Posts.
    Posts,
    /// Platforms.
    Platforms,
    /// Sources.
    Sources,
    /// Runs.
    Runs,
    /// What could not be had.
    Failures,
    /// How the archive stands.
    Status,
    /// What is gone by now.
    Vanished,
    /// What this output is.
    About,
    /// None of them.
    Elsewhere,
}

/// What the output around a page is like.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Stands before `assets/…`: `/` in the viewer, `../` for a page one folder down in a static site.
    pub root: String,
    /// The front page's name under the root: empty in the viewer, `index.html` in a static site.
    pub index: String,
    /// The parts that this output has, with their addresses, in order.
    pub nav: Vec<(Section, String)>,
    /// Where the search form leads; none where nothing can be searched.
    pub search: Option<String>,
    /// What was searched for.
    pub query: String,
    /// What this output announces as feeds: what they tell of, and their addresses.
    pub feeds: Vec<(&'static str, String)>,
    /// The content security policy, where no header of a server says it.
    pub policy: Option<&'static str>,
}

/// What a page of a static site may load: its own files alone, from a web server as from `file://`. `'self'` stands for
/// both in Chromium and Firefox (tried with 156 and 153); integrity digests would not, for they need a server's consent.
const SITE_POLICY: &str = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; \
     connect-src 'none'; form-action 'self'; base-uri 'none'";

/// What a preserved page in a static site may load: our style sheet and our copies of its pictures. A policy in a page can
/// forbid scripts; it cannot put the page into a sandbox.
const SITE_ORIGINAL_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'none'; \
     object-src 'none'; frame-src 'none'; connect-src 'none'; form-action 'none'; base-uri 'none'";

impl Frame {
    /// The viewer's own.
    #[must_use]
    pub fn viewer() -> Self {
        let nav = [
            (Section::Articles, "/articles"),
            (Section::Posts, "/posts"),
            (Section::Platforms, "/platforms"),
            (Section::Sources, "/sources"),
            (Section::Runs, "/runs"),
            (Section::Failures, "/failures"),
            (Section::Status, "/status"),
        ];
        Self {
            root: "/".to_owned(),
            index: String::new(),
            nav: nav.map(|(section, url)| (section, url.to_owned())).to_vec(),
            search: Some("/search".to_owned()),
            query: String::new(),
            feeds: vec![
                ("New captures", "/feed/captures.atom".to_owned()),
                ("Vanished posts", "/feed/vanished.atom".to_owned()),
            ],
            policy: None,
        }
    }

    /// A static site's, for a page `depth` folders below its root.
    #[must_use]
    pub fn site(depth: usize) -> Self {
        let root = "../".repeat(depth);
        let nav = [
            (Section::Articles, "index.html"),
            (Section::Posts, "posts.html"),
            (Section::Platforms, "platforms.html"),
            (Section::Vanished, "vanished.html"),
            (Section::About, "about.html"),
        ];
        Self {
            index: "index.html".to_owned(),
            nav: nav.map(|(section, page)| (section, format!("{root}{page}"))).to_vec(),
            search: Some(format!("{root}search.html")),
            query: String::new(),
            feeds: Vec::new(),
            policy: Some(SITE_POLICY),
            root,
        }
    }

    /// A static site's, for a preserved page.
    #[must_use]
    pub fn site_original(depth: usize) -> Self {
        Self { policy: Some(SITE_ORIGINAL_POLICY), ..Self::site(depth) }
    }
}

#[derive(Serialize)]
struct Shell<'a> {
    title: &'a str,
    root: &'a str,
    index: &'a str,
    nav: Vec<Link<'a>>,
    /// This is the front page.
    front: bool,
    search: Option<&'a str>,
    query: &'a str,
    policy: Option<&'a str>,
    feeds: Vec<Feed<'a>>,
}

#[derive(Serialize)]
struct Feed<'a> {
    url: &'a str,
    words: &'a str,
}

#[derive(Serialize)]
struct Link<'a> {
    url: &'a str,
    words: &'static str,
    current: bool,
}

#[derive(Serialize)]
struct Whole<'a, T> {
    shell: Shell<'a>,
    page: &'a T,
}

/// Draws a page in its shell.
pub(super) fn page<T: Serialize>(
    template: &'static str,
    frame: &Frame,
    section: Section,
    title: &str,
    page: &T,
) -> Result<String, RenderError> {
    let nav =
        frame.nav.iter().map(|(part, url)| Link { url, words: words(*part), current: *part == section }).collect();
    let shell = Shell {
        title,
        root: &frame.root,
        index: &frame.index,
        nav,
        front: section == Section::Front,
        search: frame.search.as_deref(),
        query: &frame.query,
        feeds: frame.feeds.iter().map(|(words, url)| Feed { url, words }).collect(),
        policy: frame.policy,
    };
    draw(template, &Whole { shell, page }).map(Markup::into_string)
}

fn words(section: Section) -> &'static str {
    match section {
        Section::Front => "Front page",
        Section::Articles => "Articles",
        Section::Posts => "Posts",
        Section::Platforms => "Platforms",
        Section::Sources => "Sources",
        Section::Runs => "Runs",
        Section::Failures => "Failures",
        Section::Status => "Status",
        Section::Vanished => "Vanished",
        Section::About => "About",
        Section::Elsewhere => "",
    }
}

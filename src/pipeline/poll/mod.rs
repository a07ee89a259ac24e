//! Asks configured sources what articles there are, and asks only for news: what a source said before is known by the
//! versions of its documents.
//!
//! `agenda` says which sources are due, [`poll`] asks one of them (no archive is touched, so that many can be asked at
//! once), `keep` writes what came of it. `ask` fetches the documents of one source, `remote` reads them by kind,
//! `sitemap` walks an index, `local` walks files, `survey` looks for sources that a site has, `schedule` says when the source is asked again.

mod agenda;
mod ask;
mod keep;
mod local;
mod remote;
mod schedule;
mod sitemap;
mod survey;

pub use agenda::{Agenda, Due, agenda, source_problems};
pub use keep::{Kept, keep, keep_failure};
pub use schedule::FAILURES_TO_TELL;
pub use survey::{Found, Survey, survey};

use super::input::{Input, Work, Works};
use crate::{fetch::Transport, store::SourceState};
use ask::Asker;
use jiff::Timestamp;
use regex::Regex;
use serde::Deserialize;
use std::time::Duration;

/// A configured source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in lists and messages.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Where it is.
    pub place: Input,
    /// Of these patterns one must match an article's URL or path; empty means all do.
    pub include: Vec<Regex>,
    /// Of these none may match.
    pub exclude: Vec<Regex>,
    /// Articles that nobody has seen before, a run.
    pub limit: Option<usize>,
    /// Not asked more often; none: at every run.
    pub every: Option<Duration>,
    /// How many documents deep: pages of a section or of a feed's history, levels of sitemaps or of lists of feeds.
    pub depth: Option<u8>,
    /// The language of its articles where they don't say, BCP 47.
    pub lang: Option<String>,
    /// Labels of its articles.
    pub labels: Vec<String>,
    /// Articles that the source dates before are left out.
    pub since: Option<Timestamp>,
    /// Whether articles are taken by the dates that the source gives, newest first, and not in its own order.
    pub newest_first: bool,
    /// The OPML list that names it.
    pub parent: Option<String>,
}

/// What a source is. Other words that people use for it are understood as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// RSS, Atom or JSON Feed.
    #[serde(alias = "rss", alias = "atom", alias = "jsonfeed")]
    Feed,
    /// A sitemap, an index of them, or a site that names its sitemaps in robots.txt.
    Sitemap,
    /// A page whose links lead to articles.
    #[serde(alias = "section")]
    Page,
    /// URLs, one a line; or an export of bookmarks, Pocket, Instapaper or wallabag.
    #[serde(
        alias = "urls",
        alias = "bookmarks",
        alias = "pocket",
        alias = "instapaper",
        alias = "wallabag",
        alias = "jsonl"
    )]
    List,
    /// A folder of files, or one file.
    #[serde(alias = "folder", alias = "file")]
    Files,
    /// A web archive (WARC, WACZ), or a folder of them.
    #[serde(alias = "wacz")]
    Warc,
    /// A list of feeds; each becomes a source.
    Opml,
}

impl SourceKind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 7] = [Self::Feed, Self::Sitemap, Self::Page, Self::List, Self::Files, Self::Warc, Self::Opml];

    /// Its word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Page => "page",
            Self::List => "list",
            Self::Files => "files",
            Self::Warc => "warc",
            Self::Opml => "opml",
        }
    }
}

impl Source {
    /// A source of which only the name, the kind and the place are set.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SourceKind, place: Input) -> Self {
        Self {
            name: name.into(),
            kind,
            place,
            include: Vec::new(),
            exclude: Vec::new(),
            limit: None,
            every: None,
            depth: None,
            lang: None,
            labels: Vec::new(),
            since: None,
            newest_first: false,
            parent: None,
        }
    }

    /// Its URL or path, as the archive has it.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.place {
            Input::Url(url) => url.to_string(),
            Input::Path(path) => path.to_string_lossy().into_owned(),
            Input::Line(line) => line.clone(),
            Input::Stdin => "-".to_owned(),
        }
    }

    /// Which articles it is asked for, in words that are compared alone: with other ones its documents are news again.
    fn settings(&self) -> String {
        let Self { include, exclude, depth, since, kind, .. } = self;
        let patterns = |patterns: &[Regex]| patterns.iter().map(|pattern| format!("{pattern:?}")).collect::<Vec<_>>();
        format!("{kind:?} {:?} {:?} {depth:?} {since:?}", patterns(include), patterns(exclude))
    }

    /// Whether its patterns let an article of this name through.
    fn takes(&self, name: &str) -> bool {
        (self.include.is_empty() || self.include.iter().any(|pattern| pattern.is_match(name)))
            && !self.exclude.iter().any(|pattern| pattern.is_match(name))
    }
}

/// What a source says.
pub struct Polled {
    /// What it names, in its order, its patterns applied; nothing where it says that nothing is new.
    pub works: Works,
    /// How many, where that is known without walking.
    pub known: Option<usize>,
    /// Something a person should know, such as an empty feed or an address that has moved for good.
    pub note: Option<String>,
    /// The sources that it names itself (an OPML list); none where it is no such list, or says that nothing is new.
    pub sources: Option<Vec<Source>>,
    /// All of it said "as before".
    pub unchanged: bool,
    /// What is known of it from now on.
    pub state: SourceState,
}

/// A source that could not be read.
#[derive(Clone, Debug)]
pub struct PollFailure {
    /// What was attempted and why it failed.
    pub reason: String,
    /// What is known of it from now on: when to ask again, how often it has failed in a row.
    pub state: SourceState,
}

/// Asks one source, `known` being what earlier polls left. No archive is touched: `keep` or `keep_failure` write what
/// came of it.
///
/// # Errors
/// [`PollFailure`], with a sentence that says what was attempted and why it failed.
pub async fn poll(transport: &dyn Transport, source: &Source, known: &SourceState) -> Result<Polled, PollFailure> {
    let afresh;
    let known = if known.settings == source.settings() {
        known
    } else {
        afresh = SourceState { documents: Default::default(), ..known.clone() };
        &afresh
    };
    let mut asker = Asker::new(transport, known);
    let named = match source.kind {
        SourceKind::Files | SourceKind::Warc => local::read(source),
        _ => remote::read(&mut asker, source).await,
    };
    let named = match named {
        Ok(named) => named,
        Err(refusal) => {
            let state = schedule::after_failure(source, known, asker.now, &refusal);
            return Err(PollFailure { reason: refusal.reason, state });
        }
    };
    let state = schedule::after_success(source, asker.known, asker.now, &mut asker.findings);
    let Named { works, known, sources } = named;
    let note = (!asker.findings.notes.is_empty()).then(|| asker.findings.notes.join("; "));
    let patterns = source.clone();
    let works = works.filter(move |work| work.as_ref().map_or(true, |work| patterns.takes(&work.name)));
    Ok(Polled { works: Box::new(works), known, note, sources, unchanged: asker.is_as_before(), state })
}

/// What a source names, before its patterns.
struct Named {
    works: Works,
    known: Option<usize>,
    sources: Option<Vec<Source>>,
}

impl Named {
    fn nothing() -> Self {
        Self::of(Vec::new())
    }

    fn of(works: Vec<Work>) -> Self {
        let known = Some(works.len());
        Self { works: Box::new(works.into_iter().map(Ok)), known, sources: None }
    }
}

//! What a list or a search is narrowed to: the filters that every reading command shares.

use super::{
    articles::find_article,
    walk::{Order, Sort},
};
use crate::{
    model::{State, Via},
    store::{Store, StoreError, columns::At},
};
use jiff::Timestamp;
use rusqlite::{Connection, Statement, ToSql};

/// Narrows a list; what is none narrows nothing. A filter that a record has no column for asks of the records beside it:
/// articles by the posts that they embed, posts by the articles that embed them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The platform's id.
    pub platform: Option<String>,
    /// The post's author's handle, any case, with or without `@`.
    pub author: Option<String>,
    /// The host of the article, its subdomains included.
    pub site: Option<String>,
    /// What is known of the post by now.
    pub state: Option<State>,
    /// The rung of the post's snapshot shown.
    pub via: Option<Via>,
    /// Captured then or later.
    pub since: Option<Timestamp>,
    /// Captured then or before.
    pub until: Option<Timestamp>,
    /// An article's URL, name or number.
    pub article: Option<String>,
    /// BCP 47; `en` includes `en-GB`.
    pub lang: Option<String>,
    /// A label of the article.
    pub label: Option<String>,
    /// The source that names the article; of articles alone.
    pub source: Option<String>,
    /// At most this many.
    pub limit: Option<usize>,
    /// The order, such as `captured` (newest first) or `-captured`.
    pub sort: Option<String>,
    /// Without so many at the beginning.
    pub offset: Option<u64>,
}

/// A filter as the parameters of a statement. Every one of them must occur in the statement.
pub(in crate::store) struct Parameters {
    platform: Option<String>,
    author: Option<String>,
    site: Option<String>,
    state: Option<&'static str>,
    via: Option<&'static str>,
    since: Option<At>,
    until: Option<At>,
    article: Option<i64>,
    lang: Option<String>,
    label: Option<String>,
    source: Option<String>,
    pub(in crate::store) limit: i64,
    offset: i64,
}

/// Conditions, one for each field of a filter: all of them in one text, for statements of every filter, and each by itself, for
/// those that have no more in them than is asked for.
macro_rules! conditions {
    ($(#[$about:meta])* $all:ident, $each:ident: $($field:ident $name:literal $fits:literal)+) => {
        $(#[$about])*
        pub(in crate::store) const $all: &str = concat!("1", $(" AND (", $name, " IS NULL OR ", $fits, ")"),+);
        const $each: &[Condition] = &[$((|filter| filter.$field.is_some(), $fits)),+];
    };
}

/// Whether a filter asks for it, and what it asks.
type Condition = (fn(&Filter) -> bool, &'static str);

conditions! {
    /// Whether a post `p` with its shown snapshot `s` fits. Handles and hosts are compared as people write them.
    POST_FITS, POST_CONDITIONS:
    platform ":platform" "p.platform = :platform"
    author ":author" "coalesce(nullif(s.author_handle, ''), p.author_handle) = :author COLLATE NOCASE"
    state ":state" "p.state = :state"
    via ":via" "p.via = :via"
    since ":since" "p.captured_at >= :since"
    until ":until" "p.captured_at <= :until"
    lang ":lang" "(s.lang = :lang COLLATE NOCASE OR substr(s.lang, 1, length(:lang) + 1) = :lang || '-' COLLATE NOCASE)"
    label ":label" "EXISTS (SELECT 1 FROM embeds e JOIN article_versions v ON v.id = e.version \
      WHERE e.post = p.id AND v.article IN (SELECT b.article FROM article_labels b WHERE b.label = :label))"
    article ":article" "EXISTS (SELECT 1 FROM embeds e JOIN article_versions v ON v.id = e.version \
      WHERE e.post = p.id AND v.article = :article)"
    site ":site" "EXISTS (SELECT 1 FROM embeds e JOIN article_versions v ON v.id = e.version \
      JOIN articles a ON a.id = v.article \
      WHERE e.post = p.id AND (a.site = :site OR substr(a.site, -length(:site) - 1) = '.' || :site))"
}

/// Whether an article `a` with its newest version `v` fits.
pub(in crate::store) const ARTICLE_FITS: &str = "\
    (:site IS NULL OR a.site = :site OR substr(a.site, -length(:site) - 1) = '.' || :site) \
    AND (:article IS NULL OR a.id = :article) \
    AND (:label IS NULL OR a.id IN (SELECT b.article FROM article_labels b WHERE b.label = :label)) \
    AND (:source IS NULL OR a.source = :source \
      OR a.name IN (SELECT n.name FROM source_articles n JOIN sources o ON o.id = n.source WHERE o.name = :source) \
      OR a.id IN (SELECT l.article FROM source_articles n JOIN sources o ON o.id = n.source \
        JOIN article_aliases l ON l.url = n.address WHERE o.name = :source)) \
    AND (:since IS NULL OR a.captured_at >= :since) \
    AND (:until IS NULL OR a.captured_at <= :until) \
    AND (:lang IS NULL OR v.lang = :lang COLLATE NOCASE OR substr(v.lang, 1, length(:lang) + 1) = :lang || '-' COLLATE NOCASE) \
    AND ((:platform IS NULL AND :author IS NULL AND :state IS NULL AND :via IS NULL) OR EXISTS (\
      SELECT 1 FROM embeds e JOIN posts p ON p.id = e.post LEFT JOIN snapshots s ON s.id = p.snapshot \
      WHERE e.version = v.id AND (:platform IS NULL OR p.platform = :platform) \
      AND (:author IS NULL OR coalesce(nullif(s.author_handle, ''), p.author_handle) = :author COLLATE NOCASE) \
      AND (:state IS NULL OR p.state = :state) AND (:via IS NULL OR p.via = :via)))";

impl Filter {
    /// Whether nothing but platform, state and rung narrows the posts: how many there are of these is always known.
    pub(super) fn is_tallied(&self) -> bool {
        let tallied =
            Self { platform: None, state: None, via: None, sort: None, limit: None, offset: None, ..self.clone() };
        tallied == Self::default()
    }

    /// Whether a post `p` fits, with its shown snapshot `s` where [`Filter::asks_snapshots`]: what is asked for, and no more.
    pub(super) fn posts_fit(&self) -> String {
        let asked = POST_CONDITIONS.iter().filter(|(asked, _)| asked(self)).map(|(_, fits)| *fits);
        std::iter::once("1").chain(asked).collect::<Vec<_>>().join(" AND ")
    }

    /// Whether it asks for what stands in the snapshot that is shown of a post.
    pub(super) fn asks_snapshots(&self) -> bool {
        self.author.is_some() || self.lang.is_some()
    }

    /// Whether it only sorts and cuts.
    pub(super) fn narrows_nothing(&self) -> bool {
        Self { sort: None, limit: None, offset: None, ..self.clone() } == Self::default()
    }

    /// The parameters, or none where the filter names an article that the archive does not have: then nothing fits.
    pub(in crate::store) fn parameters(&self, connection: &Connection) -> rusqlite::Result<Option<Parameters>> {
        let article = match &self.article {
            None => None,
            Some(target) => match find_article(connection, target)? {
                Some(id) => Some(id),
                None => return Ok(None),
            },
        };
        Ok(Some(Parameters {
            platform: self.platform.as_ref().map(|platform| platform.to_ascii_lowercase()),
            author: self.author.as_ref().map(|author| author.trim().trim_start_matches('@').to_owned()),
            site: self.site.as_ref().map(|site| {
                let site = site.trim().trim_end_matches('/').to_ascii_lowercase();
                site.strip_prefix("www.").map(str::to_owned).unwrap_or(site)
            }),
            state: self.state.map(State::as_str),
            via: self.via.map(Via::as_str),
            since: self.since.map(At),
            until: self.until.map(At),
            article,
            lang: self.lang.clone(),
            label: self.label.clone(),
            source: self.source.clone(),
            limit: self.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX)),
            offset: self.offset.map_or(0, |offset| i64::try_from(offset).unwrap_or(i64::MAX)),
        }))
    }
}

/// Values by their names: a statement takes those that it has.
pub(in crate::store) struct Named<'a>(Vec<(&'static str, &'a dyn ToSql)>);

impl<'a> Named<'a> {
    /// These.
    pub(super) fn new(named: &[(&'static str, &'a dyn ToSql)]) -> Self {
        Self(named.to_vec())
    }

    /// These and more.
    pub(super) fn with<'b>(&'b self, more: &[(&'static str, &'b dyn ToSql)]) -> Named<'b> {
        Named(self.0.iter().copied().chain(more.iter().copied()).collect())
    }

    /// Those that a statement names.
    pub(in crate::store) fn of(
        &self,
        statement: &Statement<'_>,
    ) -> rusqlite::Result<Vec<(&'static str, &'a dyn ToSql)>> {
        let mut named = Vec::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            if statement.parameter_index(name)?.is_some() {
                named.push((*name, *value));
            }
        }
        Ok(named)
    }
}

impl Parameters {
    /// For statements with some of the filter's names in them, `:limit` and `:offset`.
    pub(in crate::store) fn any(&self) -> Named<'_> {
        let more = [(":source", &self.source as &dyn ToSql), (":offset", &self.offset)];
        Named(self.named().into_iter().chain(more).collect())
    }

    /// For statements with all of the filter's names in them and `:limit`.
    pub(in crate::store) fn named(&self) -> [(&'static str, &dyn ToSql); 11] {
        [
            (":platform", &self.platform),
            (":author", &self.author),
            (":site", &self.site),
            (":state", &self.state),
            (":via", &self.via),
            (":since", &self.since),
            (":until", &self.until),
            (":article", &self.article),
            (":lang", &self.lang),
            (":label", &self.label),
            (":limit", &self.limit),
        ]
    }
}

/// A list's sort orders: name, the columns downwards, the same upwards.
pub(super) type Orders = &'static [(&'static str, &'static str, &'static str)];

impl Store {
    /// A sort order by its name, and its direction; the first of the list where none is asked for.
    pub(super) fn sort(&self, filter: &Filter, sorts: &'static [Sort]) -> Result<Order, StoreError> {
        let asked = filter.sort.as_deref().unwrap_or_default().trim();
        let (name, reverse) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        let found = sorts.iter().find(|sort| sort.name == name || name.is_empty());
        found.map(|sort| Order { sort, down: sort.down != reverse }).ok_or_else(|| StoreError::Sort {
            sort: asked.to_owned(),
            known: sorts.iter().map(|sort| sort.name).collect::<Vec<_>>().join(", "),
        })
    }

    /// The `ORDER BY` of a sort order by its name; the first of the list where none is asked for.
    pub(super) fn order(&self, filter: &Filter, orders: Orders) -> Result<&'static str, StoreError> {
        let asked = filter.sort.as_deref().unwrap_or_default().trim();
        let (name, reverse) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        let found = orders.iter().find(|(known, _, _)| *known == name || name.is_empty());
        found.map(|(_, usual, reversed)| if reverse { *reversed } else { *usual }).ok_or_else(|| StoreError::Sort {
            sort: asked.to_owned(),
            known: orders.iter().map(|(known, _, _)| *known).collect::<Vec<_>>().join(", "),
        })
    }
}

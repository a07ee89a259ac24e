//! What the finds of a search are of: how many of each platform, state and site.

use super::{ARTICLES, Asked, Match, POSTS, Search};
use crate::{
    model::Facets,
    store::{
        columns::{Json, counted},
        query::filter::Named,
    },
};

/// Values of a facet that are told.
const MAX_FACETS: usize = 12;

impl Asked<'_> {
    /// Those of the ranked.
    pub(super) fn facets(&self, ranked: &[Match]) -> rusqlite::Result<Facets> {
        let of = |search: &Search| -> Vec<i64> {
            let table = search.index.table;
            ranked.iter().filter(|found| found.search.index.table == table).map(|found| found.id).collect()
        };
        let (posts, articles) = (Json(of(&POSTS)), Json(of(&ARTICLES)));
        let read = |sql: &str| -> rusqlite::Result<Vec<(String, u64)>> {
            let mut statement =
                self.connection.prepare_cached(&format!("{sql} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_FACETS}"))?;
            let named = Named::new(&[(":posts", &posts), (":articles", &articles)]);
            let named = named.of(&statement)?;
            let counts = statement.query_map(named.as_slice(), |row| Ok((row.get(0)?, counted(row.get(1)?))))?;
            counts.collect()
        };
        Ok(Facets {
            platforms: read("SELECT p.platform, count(*) FROM json_each(:posts) n JOIN posts p ON p.id = n.value")?,
            states: read("SELECT p.state, count(*) FROM json_each(:posts) n JOIN posts p ON p.id = n.value")?,
            sites: read(
                "SELECT site, count(*) FROM (\
                 SELECT DISTINCT a.site, n.value FROM json_each(:posts) n CROSS JOIN embeds e ON e.post = n.value \
                 JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article WHERE a.site IS NOT NULL \
                 UNION ALL SELECT a.site, n.value FROM json_each(:articles) n JOIN articles a ON a.id = n.value \
                 WHERE a.site IS NOT NULL)",
            )?,
        })
    }
}

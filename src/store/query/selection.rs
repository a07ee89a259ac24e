//! Names of what a selection holds, without its content: so that whoever writes all of it knows what there will be
//! before the first page is drawn.

use super::{
    filter::{Filter, POST_FITS},
    view::find_post,
};
use crate::{
    model::State,
    store::{Store, StoreError, columns::Word},
};
use rusqlite::Row;

/// A post by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostName {
    pub(super) row: i64,
    /// `platform:id`.
    pub key: String,
    /// The platform's id.
    pub platform: String,
    /// The author's handle, as the snapshot shown has it, else as the post's address has it.
    pub handle: Option<String>,
    /// What is known of it by now.
    pub state: State,
}

impl Store {
    /// The posts that fit, newest first in the archive; of the filter's order and limit the limit counts.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_names(&self, filter: &Filter) -> Result<Vec<PostName>, StoreError> {
        self.read("list posts", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT p.id, p.key, p.platform, p.state, coalesce(nullif(s.author_handle, ''), p.author_handle) AS handle \
                 FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot WHERE {POST_FITS} ORDER BY p.id DESC LIMIT :limit"
            ))?;
            let names = statement.query_map(&parameters.named(), name)?;
            names.collect()
        })
    }

    /// One post by its key `platform:id`, under any of its names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_name(&self, key: &str) -> Result<Option<PostName>, StoreError> {
        self.read(&format!("read the post {key}"), |connection| {
            let Some(post) = find_post(connection, key)? else { return Ok(None) };
            let mut statement = connection.prepare_cached(
                "SELECT p.id, p.key, p.platform, p.state, coalesce(nullif(s.author_handle, ''), p.author_handle) AS handle \
                 FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot WHERE p.id = ?1",
            )?;
            statement.query_row([post], name).map(Some)
        })
    }

    /// The posts that the newest version of an article embeds, each once, in reading order.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_names_of_article(&self, id: i64) -> Result<Vec<PostName>, StoreError> {
        self.read(&format!("list the posts of article {id}"), |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT p.id, p.key, p.platform, p.state, coalesce(nullif(s.author_handle, ''), p.author_handle) AS handle \
                 FROM articles a JOIN embeds e ON e.version = a.version JOIN posts p ON p.id = e.post \
                 LEFT JOIN snapshots s ON s.id = p.snapshot WHERE a.id = ?1 GROUP BY p.id ORDER BY min(e.position), p.id",
            )?;
            let names = statement.query_map([id], name)?;
            names.collect()
        })
    }
}

fn name(row: &Row<'_>) -> rusqlite::Result<PostName> {
    Ok(PostName {
        row: row.get("id")?,
        key: row.get("key")?,
        platform: row.get("platform")?,
        handle: row.get("handle")?,
        state: row.get::<_, Word<_>>("state")?.0,
    })
}

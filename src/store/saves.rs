//! What a web archive was asked to save, once for each post.

use super::{
    Store, StoreError,
    columns::At,
    entries::{self, Kind},
    posts,
    query::read_post_ref,
};
use crate::model::PostRef;
use jiff::Timestamp;
use url::Url;

/// One such request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// The post.
    pub post: PostRef,
    /// When the archive was asked.
    pub asked_at: Timestamp,
    /// The copy that it says it made.
    pub memento: Option<Url>,
    /// Why there is none, in words for a person.
    pub failure: Option<String>,
}

impl Store {
    /// Posts that their platform shows to everybody and that no web archive was asked to save yet, the newest captures
    /// first, at most `limit`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn unsaved(&self, limit: usize) -> Result<Vec<PostRef>, StoreError> {
        self.read("look for posts to be saved", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT platform, post_id, author_handle, url FROM posts p WHERE state = 'live' \
                 AND via NOT IN ('memento', 'import', 'quoted') AND url LIKE 'http%' \
                 AND NOT EXISTS (SELECT 1 FROM saves s WHERE s.post = p.id) \
                 AND NOT EXISTS (SELECT 1 FROM looks l JOIN look_exchanges le ON le.look = l.id \
                   JOIN exchanges e ON e.id = le.exchange WHERE l.post = p.id AND e.login) \
                 ORDER BY captured_at DESC, id DESC LIMIT ?1",
            )?;
            let posts = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read_post_ref)?;
            posts.collect()
        })
    }

    /// Keeps what came of asking.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn keep_save(&mut self, run: i64, save: &Save) -> Result<(), StoreError> {
        self.write(&format!("keep what a web archive saved of {}", save.post), |transaction| {
            let post = posts::ensure(transaction, &save.post)?;
            transaction.execute(
                "INSERT INTO saves (post, run, asked_at, url, memento_url, failure) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    post,
                    run,
                    At(save.asked_at),
                    save.post.url.as_str(),
                    save.memento.as_ref().map(Url::as_str),
                    &save.failure,
                ),
            )?;
            entries::add(transaction, run, Kind::Save, transaction.last_insert_rowid())
        })
    }
}

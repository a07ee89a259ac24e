//! Posts that an export or another tool's record gives: a rung of their own, which proves nothing of what is of a post
//! now. The same words twice are kept once.

use super::{
    Store, StoreError,
    captures::Look,
    exchanges::Exchanges,
    files::CapturedMedia,
    media::{self, Files},
    posts, queue, redact,
};
use crate::model::{Post, Via};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

/// A post to import.
#[derive(Clone, Debug)]
pub struct Import {
    /// What the export says.
    pub content: Post,
    /// Its files.
    pub media: Vec<CapturedMedia>,
    /// When the export says so: its own date.
    pub dated: Timestamp,
    /// Queue it too, so that the next run asks its platform; as of when.
    pub asked: Option<Timestamp>,
}

/// What was kept of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SavedImport {
    /// Whether these words were new.
    pub new: bool,
    /// Files whose bytes were new.
    pub media_stored: u64,
    /// Files whose bytes were there already.
    pub media_deduplicated: u64,
}

impl Store {
    /// Keeps an imported post, all of it or nothing. Words that an import brought before are not kept again; files that
    /// were missing then are filled in.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_import(&mut self, run: i64, import: &Import) -> Result<SavedImport, StoreError> {
        let content = &import.content;
        self.write(&format!("keep the imported post {}", content.post), |transaction| {
            let post = posts::ensure(transaction, &content.post)?;
            if redact::is_redacted(transaction, post)? {
                return Ok(SavedImport::default());
            }
            if let Some(at) = import.asked {
                queue::expect_post(transaction, post, at)?;
            }
            let known: Option<i64> = transaction
                .prepare_cached(
                    "SELECT id FROM snapshots WHERE post = ?1 AND via = 'import' AND digest = ?2 ORDER BY id LIMIT 1",
                )?
                .query_row((post, content.digest()), |row| row.get(0))
                .optional()?;
            let files = Files::store(transaction, &import.media)?;
            if let Some(snapshot) = known {
                media::fill(transaction, run, snapshot, content, &files, true)?;
                return Ok(SavedImport { new: false, media_stored: files.stored, media_deduplicated: 0 });
            }
            let exchanges = Exchanges::new(transaction, run, &[]);
            let (at, via) = (import.dated, Via::Import);
            let look = Look { transaction, run, at, via, exchanges: &exchanges, read_from: &[], reparse: None };
            look.found(post, content, &files, 0)?;
            posts::refresh(transaction, post)?;
            Ok(SavedImport { new: true, media_stored: files.stored, media_deduplicated: files.deduplicated })
        })
    }

    /// Whether an import brought these words before.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn has_import(&self, content: &Post) -> Result<bool, StoreError> {
        self.read(&format!("look for the imported post {}", content.post), |connection| {
            let Some(post) = posts::find(connection, &content.post.platform, &content.post.id)? else {
                return Ok(false);
            };
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM snapshots WHERE post = ?1 AND via = 'import' AND digest = ?2)",
                )?
                .query_row((post, content.digest()), |row| row.get(0))
        })
    }
}

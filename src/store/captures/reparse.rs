//! What is different where the answers of an earlier look are read again: which rows are left out, which are replaced.

use super::look::Look;
use rusqlite::OptionalExtension;

/// The look whose answers a newer parser reads again.
#[derive(Clone, Copy)]
pub(in crate::store) struct Reparse {
    pub(in crate::store) look: i64,
    pub(in crate::store) post: i64,
    /// It brought a snapshot, so that any difference, not in the post's own words alone, is worth a better one.
    pub(in crate::store) brought_snapshot: bool,
}

impl Look<'_> {
    /// Whether a snapshot is written though its digest is known: a better parse of the very answer that brought it.
    pub(super) fn is_to_be_replaced(&self, post: i64) -> bool {
        self.reparse.is_some_and(|reparse| reparse.post == post && reparse.brought_snapshot)
    }

    /// Whether a look is left out: reading an answer again says nothing new of a post inside it that is as it was.
    pub(super) fn is_said_already(&self, post: i64) -> bool {
        self.reparse.is_some_and(|reparse| reparse.post != post)
    }

    /// The look in whose place this one stands: of a post inside the answer that one's own.
    pub(super) fn replaced(&self, post: i64) -> rusqlite::Result<Option<i64>> {
        let Some(Reparse { look, post: whole, .. }) = self.reparse else { return Ok(None) };
        if whole == post {
            return Ok(Some(look));
        }
        self.transaction
            .prepare_cached(
                "SELECT i.id FROM looks o JOIN looks i ON i.post = ?2 AND i.run = o.run AND i.looked_at = o.looked_at \
                 AND i.reparse_of IS NULL WHERE o.id = ?1 LIMIT 1",
            )?
            .query_row((look, post), |row| row.get(0))
            .optional()
    }
}

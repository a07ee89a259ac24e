//! Time stamps of runs. One of the newest run speaks for all before it, as they are behind it in the chain; so a run whose stamp
//! could not be had is stamped with the next one.

use super::{Store, StoreError, columns::At};
use crate::{
    merkle::{self, Hash},
    stamp::{Nonce, Token},
};
use rusqlite::OptionalExtension;

/// A run to be stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstamped {
    /// Its number.
    pub run: i64,
    /// What is stamped: its digest.
    pub digest: Hash,
    /// A number for the request that nobody has used before.
    pub nonce: Nonce,
}

impl Store {
    /// The newest sealed run, where anything was added since the last stamp.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn unstamped(&self) -> Result<Option<Unstamped>, StoreError> {
        self.read("look for a run to be stamped", |connection| {
            let found: Option<(i64, String, Nonce)> = connection
                .query_row(
                    "SELECT id, digest, randomblob(8) FROM runs WHERE digest IS NOT NULL \
                     AND EXISTS (SELECT 1 FROM runs a WHERE a.entries > 0 AND a.id > coalesce((SELECT max(run) FROM stamps), 0)) \
                     ORDER BY id DESC LIMIT 1",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            Ok(found.and_then(|(run, digest, nonce)| Some(Unstamped { run, digest: merkle::from_hex(&digest)?, nonce })))
        })
    }

    /// Keeps a stamp.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn keep_stamp(&mut self, run: i64, authority: &str, token: &Token) -> Result<(), StoreError> {
        self.write("keep a time stamp", |transaction| {
            transaction.execute(
                "INSERT INTO stamps (run, stamped_at, authority, token) VALUES (?1, ?2, ?3, ?4)",
                (run, At(token.at), authority, &token.der),
            )?;
            Ok(())
        })
    }
}

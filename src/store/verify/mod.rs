//! Verifying: whether the archive holds what it was given, every bit of it, and hangs together. Nothing is written, and a
//! run may go on beside it: each check sees the archive as it was at one moment.
//!
//! `pages` asks SQLite about the file and compares the schema, `bytes` reads every blob against its digest, `texts`
//! compares the full-text index with the words, `rows` looks for rows that no version of embalm leaves behind, `entries`
//! holds every row against what was entered of it, `chain` the runs against their roots and digests.

mod bytes;
mod chain;
mod entries;
pub(super) mod pages;
mod rows;
mod stamps;
mod texts;

pub(super) use bytes::is_media_type;

use super::{Store, StoreError};
use crate::{model::Fault, stamp::Authorities};
use rusqlite::Connection;

/// Faults of one check that are told one by one; a broken file has thousands.
pub const MAX_FAULTS: usize = 100;

/// The checks, in their order.
pub const CHECKS: [&str; 9] = ["schema", "pages", "references", "rows", "blobs", "entries", "runs", "stamps", "search"];

/// What there is to tell while the archive is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verifying {
    /// A check begins.
    Check(&'static str),
    /// So much of it is done, of so much.
    Done(u64, u64),
    /// Something is wrong.
    Fault(Fault),
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Blobs read against their digests.
    pub blobs: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Runs, with what they entered.
    pub runs: u64,
    /// Time stamps.
    pub stamps: u64,
    /// Those of them whose signature was checked by certificates that the user trusts.
    pub signatures: u64,
    /// The run whose entries, and those of the runs before it, were not looked at again.
    pub after: Option<i64>,
    /// Faults, those included that were too many to tell.
    pub faults: u64,
}

/// What is known from elsewhere: what no archive can tell of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Witness<'a> {
    /// The digest or root of a run, or the first digits of one: a run must have it.
    pub root: Option<&'a str>,
    /// Authorities whose time stamps are believed: every signature must be one of theirs.
    pub authorities: Option<&'a Authorities>,
    /// As `root`: what that run and those before it entered was found whole then, and is not read again.
    pub since: Option<&'a str>,
}

/// The checks that read all of the archive, whenever it was added.
const OF_ALL: [&str; 4] = ["pages", "references", "rows", "search"];

/// The newest run with this digest or root, or its first digits.
fn known_run(connection: &Connection, digits: &str) -> rusqlite::Result<Option<i64>> {
    connection.query_row(
        "SELECT max(id) FROM runs WHERE substr(digest, 1, length(?1)) = ?1 OR substr(root, 1, length(?1)) = ?1",
        [digits],
        |row| row.get(0),
    )
}

/// One check under way: where its faults go.
struct Check<'a> {
    name: &'static str,
    tell: &'a mut dyn FnMut(Verifying),
    faults: u64,
}

impl Check<'_> {
    fn fault(&mut self, table: &str, row: Option<i64>, detail: impl Into<String>) {
        self.faults += 1;
        if self.faults <= MAX_FAULTS as u64 {
            let fault = Fault { check: self.name.to_owned(), table: table.to_owned(), row, detail: detail.into() };
            (self.tell)(Verifying::Fault(fault));
        }
    }

    fn done(&mut self, part: u64, whole: u64) {
        (self.tell)(Verifying::Done(part, whole));
    }
}

impl Store {
    /// Verifies the archive. What is wrong is told as it is found; a check that cannot go on is a fault as well, and the
    /// next one begins.
    ///
    /// # Errors
    /// Where the archive is held by another process for too long.
    pub fn verify(&self, tell: impl FnMut(Verifying)) -> Result<Verified, StoreError> {
        self.verify_without(&[], &Witness::default(), tell)
    }

    /// The same, against what is known from elsewhere.
    ///
    /// # Errors
    /// As [`Store::verify`].
    pub fn verify_against(&self, witness: &Witness<'_>, tell: impl FnMut(Verifying)) -> Result<Verified, StoreError> {
        self.verify_without(&[], witness, tell)
    }

    /// The same without some of the checks.
    pub(super) fn verify_without(
        &self,
        left_out: &[&str],
        witness: &Witness<'_>,
        mut tell: impl FnMut(Verifying),
    ) -> Result<Verified, StoreError> {
        let mut verified = Verified::default();
        let after = match witness.since {
            None => Some(0),
            Some(digits) => self.read("find a run", |connection| known_run(connection, digits))?,
        };
        // One that is not there is told by the check of the runs, and all of them are looked at then.
        let (after, is_part) = (after.unwrap_or(0), after.is_some_and(|run| run > 0));
        verified.after = is_part.then_some(after);
        let left_out = |name: &&str| left_out.contains(name) || (is_part && OF_ALL.contains(name));
        for name in CHECKS.into_iter().filter(|name| !left_out(name)) {
            tell(Verifying::Check(name));
            let mut check = Check { name, tell: &mut tell, faults: 0 };
            let done =
                self.read(&format!("verify {name}"), |connection| run(connection, &mut check, &mut verified, witness));
            match done {
                Err(busy @ StoreError::Busy { .. }) => return Err(busy),
                // Damage that keeps a check from its end is what it was to find.
                Err(error) => check.fault("", None, error.to_string()),
                Ok(()) => {}
            }
            verified.faults += check.faults;
        }
        Ok(verified)
    }
}

fn run(
    connection: &Connection,
    check: &mut Check<'_>,
    verified: &mut Verified,
    witness: &Witness<'_>,
) -> rusqlite::Result<()> {
    match check.name {
        "schema" => pages::schema(connection, check),
        "pages" => pages::pages(connection, check),
        "references" => pages::references(connection, check),
        "rows" => rows::rows(connection, check),
        "blobs" => bytes::blobs(connection, check, verified),
        "entries" => entries::entries(connection, check, verified.after),
        "runs" => chain::chain(connection, check, verified, witness),
        "stamps" => stamps::stamps(connection, check, verified, witness.authorities),
        _ => texts::search(connection, check),
    }
}

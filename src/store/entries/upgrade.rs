//! The rows of an older archive, entered when it is upgraded: one run of its own stands for all of them. It says what was there
//! then; nobody witnessed it when it was captured, and the name of that run says so.

use super::{Kind, add_all, seal};
use crate::store::{Store, StoreError, columns::At, runs};
use jiff::Timestamp;
use rusqlite::Connection;

/// The command of the run that enters older rows.
const COMMAND: &str = "upgrade";

impl Store {
    /// Enters every row that is there in a run of its own, as an upgrade does: for whoever writes rows without embalm, as the
    /// archives of benchmarks are.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn enter_again(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.write("enter every row", |transaction| enter_all(transaction, now))
    }
}

/// Enters every row that is there, and the runs that wrote them, in a run that is sealed at once.
///
/// # Errors
/// Where the archive can't be written.
pub(in crate::store) fn enter_all(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    // Whoever upgrades holds the archive alone: a run without an end was killed.
    connection.execute("UPDATE runs SET stopped = ?1 WHERE finished_at IS NULL AND stopped IS NULL", [runs::KILLED])?;
    let run = runs::begin(connection, COMMAND, now, now)?;
    for kind in Kind::ALL {
        let (table, entered) = (kind.table(), kind.entered());
        let older = if kind == Kind::Run { format!("id <> {run}") } else { entered.to_owned() };
        add_all(connection, run, kind, &format!("SELECT id FROM {table} WHERE {older} ORDER BY id"), [])?;
    }
    let ended = Timestamp::now();
    let elapsed_ms = ended.as_millisecond().saturating_sub(now.as_millisecond()).max(0);
    connection.execute(
        "UPDATE runs SET finished_at = ?2, exit_code = 0, elapsed_ms = ?3 WHERE id = ?1",
        (run, At(ended), elapsed_ms),
    )?;
    seal::seal(connection, run)
}

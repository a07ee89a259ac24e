//! What was entered against what is there: each entry against its row, and each row against its entries.

use super::Check;
use crate::{
    merkle::Hash,
    store::{
        columns::counted,
        entries::{Kind, NO_ROW, content},
    },
};
use rusqlite::{Connection, OptionalExtension};

/// One entry.
struct Entry {
    run: i64,
    position: i64,
    kind: Kind,
    row: i64,
    digest: Hash,
}

pub(super) fn entries(connection: &Connection, check: &mut Check<'_>, after: Option<i64>) -> rusqlite::Result<()> {
    let first = after.unwrap_or(0);
    let whole: i64 = connection.query_row("SELECT count(*) FROM entries WHERE run > ?1", [first], |row| row.get(0))?;
    let mut statement = connection
        .prepare("SELECT run, position, kind, row, sha256 FROM entries WHERE run > ?1 ORDER BY run, position")?;
    let mut rows = statement.query([first])?;
    let mut done = 0_u64;
    while let Some(row) = rows.next()? {
        done += 1;
        if done.is_multiple_of(1024) {
            check.done(done, counted(whole));
        }
        let (run, position) = (row.get(0)?, row.get(1)?);
        let kind = row.get_ref(2)?.as_str().ok().and_then(Kind::of);
        let digest = row.get_ref(4)?.as_blob().ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let (Some(kind), Some(digest)) = (kind, digest) else {
            check.fault(
                "entries",
                None,
                format!("entry {position} of run {run} is of no known kind, or has no SHA-256"),
            );
            continue;
        };
        let entry = Entry { run, position, kind, row: row.get(3)?, digest };
        if let Some(fault) = entry.fault(connection)? {
            check.fault(kind.table(), Some(entry.row), fault);
        }
    }
    for kind in Kind::ALL {
        added(connection, check, kind)?;
    }
    Ok(())
}

impl Entry {
    /// What is wrong between an entry and its row.
    fn fault(&self, connection: &Connection) -> rusqlite::Result<Option<String>> {
        let Self { run, position, kind, row, digest } = self;
        if is_buried(connection, *kind, digest)? {
            return Ok(None);
        }
        let named = || format!("entry {position} of run {run}, a {}", kind.as_str());
        if *row == NO_ROW {
            return Ok(Some(format!("{}, says that its row was taken away, and there is no tombstone", named())));
        }
        let Some(plain) = content::read(connection, *kind, *row)? else {
            return Ok(Some(format!("{}: its row is missing", named())));
        };
        let content = plain.clone().entered_by(connection, *kind, *row, *run)?;
        if content.is(connection, *kind, *row, digest)?.is_some() {
            return Ok(None);
        }
        // The same row can come from two archives; each of them entered it, and one of its runs is the row's own.
        let is_the_same = plain.is(connection, *kind, *row, digest)?.is_some() && self.has_own(connection)?;
        if is_the_same || (*kind == Kind::Reading && self.is_read_again(connection, &content.digest())?) {
            return Ok(None);
        }
        let what = subject(connection, *kind, *row)?.unwrap_or_default();
        Ok(Some(format!("{what} is not as it was entered ({})", named())))
    }

    /// Whether the run that wrote the row has entered it.
    fn has_own(&self, connection: &Connection) -> rusqlite::Result<bool> {
        connection
            .prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM {} t JOIN entries n ON n.kind = ?1 AND n.row = t.id AND n.run = t.run WHERE t.id = ?2)",
                self.kind.table()
            ))?
            .query_row((self.kind.as_str(), self.row), |row| row.get(0))
    }

    /// Whether another entry is of the same row as it is now.
    fn is_read_again(&self, connection: &Connection, now: &Hash) -> rusqlite::Result<bool> {
        connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM entries WHERE kind = ?1 AND row = ?2 AND sha256 = ?3)")?
            .query_row((self.kind.as_str(), self.row, now), |row| row.get(0))
    }
}

/// Whether a tombstone speaks of this.
fn is_buried(connection: &Connection, kind: Kind, digest: &Hash) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstones WHERE kind = ?1 AND sha256 = ?2)")?
        .query_row((kind.as_str(), digest), |row| row.get(0))
}

/// What a row is about, for a person.
fn subject(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<Option<String>> {
    let query = match kind {
        Kind::Exchange => "SELECT 'the exchange with ' || url FROM exchanges WHERE id = ?1",
        Kind::Version | Kind::Reading => {
            "SELECT 'a version of ' || a.name FROM article_versions v JOIN articles a ON a.id = v.article WHERE v.id = ?1"
        }
        Kind::Snapshot => {
            "SELECT 'a snapshot of ' || key FROM snapshots s JOIN posts p ON p.id = s.post WHERE s.id = ?1"
        }
        Kind::Media | Kind::File => {
            "SELECT 'the file ' || m.url || ' of ' || p.key FROM snapshot_media m JOIN snapshots s ON s.id = m.snapshot \
             JOIN posts p ON p.id = s.post WHERE m.id = ?1"
        }
        Kind::Look => "SELECT 'a look at ' || key FROM looks l JOIN posts p ON p.id = l.post WHERE l.id = ?1",
        Kind::Save => "SELECT 'what was saved of ' || key FROM saves s JOIN posts p ON p.id = s.post WHERE s.id = ?1",
        Kind::Redaction => "SELECT 'the redaction of ' || target FROM redactions WHERE id = ?1",
        Kind::Tombstone => "SELECT 'a tombstone of ' || buried_at FROM tombstones WHERE id = ?1",
        Kind::Run => "SELECT 'the run of ' || started_at FROM runs WHERE id = ?1",
    };
    connection
        .prepare_cached(query)?
        .query_row([row], |row| Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes()?).into_owned()))
        .optional()
}

/// Rows that no run has entered as they are: slipped in, or changed behind a tombstone.
fn added(connection: &Connection, check: &mut Check<'_>, kind: Kind) -> rusqlite::Result<()> {
    if kind == Kind::Run {
        return Ok(());
    }
    let (table, entered) = (kind.table(), kind.entered());
    let mut statement = connection.prepare(&format!(
        "SELECT id FROM {table} t WHERE {entered} AND NOT EXISTS (SELECT 1 FROM entries n WHERE n.kind = ?1 AND n.row = t.id \
         AND NOT EXISTS (SELECT 1 FROM tombstones b WHERE b.kind = ?1 AND b.sha256 = n.sha256))"
    ))?;
    let mut rows = statement.query([kind.as_str()])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let what = subject(connection, kind, id)?.unwrap_or_default();
        check.fault(table, Some(id), format!("{what}: no run has entered it as a {}", kind.as_str()));
    }
    Ok(())
}

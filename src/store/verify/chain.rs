//! The runs: each one's record against its digest, its entries against its root, and the runs that it came after.

use super::{Check, Verified, Witness};
use crate::{
    merkle::{self, Tree},
    store::{columns::counted, entries::seal},
};
use rusqlite::{Connection, OptionalExtension};

/// What a run says of itself.
struct Sealed {
    id: i64,
    parents: Option<String>,
    entries: Option<i64>,
    root: Option<String>,
    digest: Option<String>,
}

pub(super) fn chain(
    connection: &Connection,
    check: &mut Check<'_>,
    verified: &mut Verified,
    witness: &Witness<'_>,
) -> rusqlite::Result<()> {
    let mut missing: Vec<&str> = witness.root.into_iter().chain(witness.since).collect();
    let whole: i64 = connection.query_row("SELECT count(*) FROM runs", [], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT id, parents, entries, root, digest FROM runs ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let sealed = Sealed {
            id: row.get(0)?,
            parents: row.get(1)?,
            entries: row.get(2)?,
            root: row.get(3)?,
            digest: row.get(4)?,
        };
        // Runs are never deleted, and numbered one by one.
        if last.is_some_and(|last: i64| sealed.id != last + 1) || (last.is_none() && sealed.id != 1) {
            check.fault("runs", Some(sealed.id), "the run before it is missing");
        }
        let names = |name: &Option<String>, root: &str| name.as_deref().is_some_and(|name| name.starts_with(root));
        missing.retain(|root| !names(&sealed.digest, root) && !names(&sealed.root, root));
        last = Some(sealed.id);
        verified.runs += 1;
        match sealed.digest {
            Some(_) => whole_run(connection, check, &sealed, verified.after)?,
            None => open_run(connection, check, &sealed)?,
        }
        check.done(verified.runs, counted(whole));
    }
    for root in missing {
        check.fault(
            "runs",
            None,
            format!("no run has the digest or root {root}: this is another archive, or an older copy"),
        );
    }
    Ok(())
}

/// A run that is sealed.
fn whole_run(
    connection: &Connection,
    check: &mut Check<'_>,
    sealed: &Sealed,
    after: Option<i64>,
) -> rusqlite::Result<()> {
    let Sealed { id, parents, digest, .. } = sealed;
    let record = seal::record(connection, *id)?.map(|record| merkle::hex(&record.digest()));
    if record != *digest {
        check.fault("runs", Some(*id), "its record is not the one that was sealed");
    }
    if after.is_none_or(|after| *id > after) {
        tree(connection, check, sealed)?;
    }
    let parents: Vec<String> = serde_json::from_str(parents.as_deref().unwrap_or_default()).unwrap_or_default();
    for parent in parents {
        let known = connection
            .prepare_cached("SELECT 1 FROM runs WHERE digest = ?1")?
            .query_row([&parent], |_| Ok(()))
            .optional()?;
        if known.is_none() {
            check.fault("runs", Some(*id), format!("the run {parent} that it came after is not there"));
        }
    }
    Ok(())
}

/// The entries of a sealed run against its root.
fn tree(connection: &Connection, check: &mut Check<'_>, sealed: &Sealed) -> rusqlite::Result<()> {
    let Sealed { id, entries, root, .. } = sealed;
    let tree = seal::plant(connection, *id, Tree::default())?;
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(position) + 1 FROM entries WHERE run = ?1")?
        .query_row([id], |row| row.get(0))?;
    let leaves = i64::try_from(tree.leaves()).unwrap_or(i64::MAX);
    if Some(leaves) == *entries && last.unwrap_or(0) != leaves {
        check.fault("runs", Some(*id), "its entries do not stand in the places in which they were sealed");
    } else if Some(leaves) != *entries {
        let said = entries.unwrap_or(0);
        check.fault("runs", Some(*id), format!("it was sealed with {said} entries, and {leaves} are there"));
    } else if root.as_deref() != Some(merkle::hex(&tree.finish().0).as_str()) {
        check.fault("runs", Some(*id), "its entries are not those that were sealed: their root is another one");
    }
    Ok(())
}

/// A run that is not sealed: of before the upgrade, and entered then; or the newest one.
fn open_run(connection: &Connection, check: &mut Check<'_>, sealed: &Sealed) -> rusqlite::Result<()> {
    let (entered, newer): (bool, bool) = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entries WHERE kind = 'run' AND row = ?1), EXISTS (SELECT 1 FROM runs WHERE id > ?1)",
        )?
        .query_row([sealed.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_half = sealed.parents.is_some() || sealed.entries.is_some() || sealed.root.is_some();
    if is_half {
        check.fault("runs", Some(sealed.id), "it has no digest, and was sealed");
    } else if newer && !entered {
        check.fault("runs", Some(sealed.id), "it was never sealed, and another run came after it");
    }
    Ok(())
}

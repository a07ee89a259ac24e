//! Which row here a row of the other archive is: the one that says the same, or a new one. The pairs are kept in a temporary
//! table, on the disk where they are many.

use super::leads;
use crate::store::{
    Store, StoreError,
    entries::{Kind, NO_ROW},
};
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};

/// How rows of a table are told apart by what they say. Rows that say the same in these columns are paired in their order,
/// which is that in which a run wrote them.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What tells two rows apart, references included.
    pub(super) key: &'static [&'static str],
    /// Columns that refer to rows of other tables.
    pub(super) refers: &'static [(&'static str, &'static str)],
}

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// Its number here.
    pub(super) id: i64,
    pub(super) is_new: bool,
}

/// Takes rows of one table. Its statements name every column that the schema has, so that no later one is forgotten.
pub(super) struct Taker {
    table: &'static Table,
    columns: Vec<String>,
    read: String,
    find: String,
    insert: String,
}

/// Memory that pages of this archive, and of the pairs, take while it is merged into, in KiB. What does not fit is written
/// out, and read and written again later: a row's place in its indexes is anywhere.
const CACHE_KIB: i64 = 96 << 10;
const PAIRS_CACHE_KIB: i64 = 24 << 10;

/// What has pairs: a table's rows, or those of them that were not here.
const PAIRED: [&str; 17] = [
    "runs",
    NEW_RUNS,
    "blobs",
    "exchanges",
    "articles",
    "article_versions",
    "embeds",
    "posts",
    "snapshots",
    "snapshot_media",
    "looks",
    "saves",
    "sources",
    "redactions",
    "tombstones",
    "stamps",
    "queue",
];

/// Runs that were not here before this merge.
pub(super) const NEW_RUNS: &str = "new runs";

/// Makes room for the pairs of a merge.
pub(super) fn prepare(store: &Store) -> Result<(), StoreError> {
    store
        .connection
        .execute_batch(&format!(
            "PRAGMA main.cache_size = -{CACHE_KIB};\n\
             PRAGMA temp.cache_size = -{PAIRS_CACHE_KIB};\n\
             DROP TABLE IF EXISTS temp.merge_map;\n\
             CREATE TEMP TABLE merge_map (kind INTEGER NOT NULL, there INTEGER NOT NULL, here INTEGER NOT NULL, \
             PRIMARY KEY (kind, there)) WITHOUT ROWID;\n\
             CREATE INDEX temp.merge_map_here ON merge_map (kind, here); {held}",
            held = leads::HELD,
        ))
        .map_err(|source| StoreError::from_sqlite(&store.path, "make room for a merge", source))
}

/// What stands for a table among the pairs: a number, for there are as many pairs as rows.
pub(in crate::store) fn kind(table: &str) -> u8 {
    let place = PAIRED.iter().position(|name| *name == table);
    place.and_then(|place| u8::try_from(place).ok()).expect("every table whose rows are paired is listed")
}

/// The number here of a row there.
pub(in crate::store) fn here(main: &Connection, table: &str, there: i64) -> rusqlite::Result<Option<i64>> {
    main.prepare_cached("SELECT here FROM temp.merge_map WHERE kind = ?1 AND there = ?2")?
        .query_row((kind(table), there), |row| row.get(0))
        .optional()
}

pub(super) fn pair(main: &Connection, table: &str, there: i64, here: i64) -> rusqlite::Result<()> {
    main.prepare_cached("INSERT OR REPLACE INTO temp.merge_map (kind, there, here) VALUES (?1, ?2, ?3)")?
        .execute((kind(table), there, here))
        .map(drop)
}

/// Pairs whatever was paired with one row here with another one.
pub(super) fn move_pairs(main: &Connection, table: &str, from: i64, to: i64) -> rusqlite::Result<()> {
    main.prepare_cached("UPDATE temp.merge_map SET here = ?3 WHERE kind = ?1 AND here = ?2")?
        .execute((kind(table), from, to))
        .map(drop)
}

/// The rows here that several rows there are.
pub(super) fn joined(main: &Connection, table: &str) -> rusqlite::Result<Vec<i64>> {
    let mut joined = main
        .prepare("SELECT here FROM temp.merge_map WHERE kind = ?1 GROUP BY here HAVING count(*) > 1 ORDER BY here")?;
    joined.query_map([kind(table)], |row| row.get(0))?.collect()
}

/// Whether a row here is some row there already.
pub(super) fn is_paired(main: &Connection, table: &str, here: i64) -> rusqlite::Result<bool> {
    main.prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.merge_map WHERE kind = ?1 AND here = ?2)")?
        .query_row((kind(table), here), |row| row.get(0))
}

/// The columns of a table that are stored, less its number.
pub(super) fn columns(main: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        main.prepare_cached("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 AND name <> 'id'")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

impl Taker {
    pub(super) fn new(main: &Connection, table: &'static Table) -> rusqlite::Result<Self> {
        let columns = columns(main, table.name)?;
        let named = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let marks = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let fits = table.key.iter().zip(1..).map(|(column, n)| format!("\"{column}\" IS ?{n}"));
        let fits = fits.collect::<Vec<_>>().join(" AND ");
        Ok(Self {
            table,
            read: format!("SELECT {named} FROM \"{}\" WHERE rowid = ?1", table.name),
            find: format!("SELECT id FROM \"{}\" WHERE {fits} ORDER BY id", table.name),
            insert: format!("INSERT INTO \"{}\" ({named}) VALUES ({marks})", table.name),
            columns,
        })
    }

    /// Takes one row of the other archive: it is paired with the one here that says the same, or added.
    pub(super) fn take(&self, main: &Connection, other: &Connection, there: i64) -> rusqlite::Result<Taken> {
        self.take_of(main, other, there, false)
    }

    /// Takes a row that belongs to one that was not here before this merge: there is none here that it could be the same as.
    pub(super) fn take_new(&self, main: &Connection, other: &Connection, there: i64) -> rusqlite::Result<Taken> {
        self.take_of(main, other, there, true)
    }

    fn take_of(&self, main: &Connection, other: &Connection, there: i64, mut is_new: bool) -> rusqlite::Result<Taken> {
        let table = self.table;
        if let Some(id) = here(main, table.name, there)? {
            return Ok(Taken { id, is_new: false });
        }
        let mut values = other.prepare_cached(&self.read)?.query_row([there], |row| {
            (0..self.columns.len()).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>()
        })?;
        for (column, referred) in table.refers {
            if let Some(value) = self.place(column).and_then(|place| values.get_mut(place))
                && let Value::Integer(number) = value
            {
                // Whatever is here of a run that was not here before came with this merge, and has its pair.
                is_new = is_new || (*column == "run" && here(main, NEW_RUNS, *number)?.is_some());
                // What it refers to is here by now, or comes later and is filled in then.
                *value = here(main, referred, *number)?.map_or(Value::Null, Value::Integer);
            }
        }
        let same = if is_new { None } else { self.known(main, other, there, &values)? };
        let taken = match same {
            Some(id) => Taken { id, is_new: false },
            None => {
                main.prepare_cached(&self.insert)?.execute(params_from_iter(&values))?;
                Taken { id: main.last_insert_rowid(), is_new: true }
            }
        };
        pair(main, table.name, there, taken.id)?;
        Ok(taken)
    }

    /// The row here that a row there is. Where a run that is here entered it, that run's entries tell; else what it says.
    fn known(
        &self,
        main: &Connection,
        other: &Connection,
        there: i64,
        values: &[Value],
    ) -> rusqlite::Result<Option<i64>> {
        let table = self.table.name;
        let mut entries = other.prepare_cached(
            "SELECT run, position, sha256 FROM entries WHERE kind = ?1 AND row = ?2 ORDER BY run, position",
        )?;
        for kind in Kind::ALL.into_iter().filter(|kind| kind.table() == table && kind.has_run()) {
            let mut entries = entries.query((kind.as_str(), there))?;
            while let Some(entry) = entries.next()? {
                let Some(run) = here(main, "runs", entry.get(0)?)? else { continue };
                let found: Option<i64> = main
                    .prepare_cached(
                        "SELECT row FROM entries WHERE run = ?1 AND position = ?2 AND kind = ?3 AND sha256 = ?4",
                    )?
                    .query_row((run, entry.get::<_, i64>(1)?, kind.as_str(), entry.get::<_, Vec<u8>>(2)?), |row| {
                        row.get(0)
                    })
                    .optional()?;
                match found {
                    None => {}
                    // It was let go here.
                    Some(NO_ROW) => return Ok(None),
                    Some(row) if is_paired(main, table, row)? => {}
                    Some(row) => {
                        if let Some(Value::Integer(post)) = self.place("post").and_then(|place| values.get(place)) {
                            leads::differ(main, other, table, (there, row), *post)?;
                        }
                        return Ok(Some(row));
                    }
                }
            }
        }
        self.same(main, values)
    }

    /// The row here that says the same, if it is no other row's pair.
    fn same(&self, main: &Connection, values: &[Value]) -> rusqlite::Result<Option<i64>> {
        let key = self.table.key.iter().filter_map(|column| values.get(self.place(column)?));
        let mut find = main.prepare_cached(&self.find)?;
        let mut found = find.query(params_from_iter(key))?;
        while let Some(row) = found.next()? {
            let candidate = row.get(0)?;
            if !is_paired(main, self.table.name, candidate)? {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }
}

//! Sealing: the last write of a run. Its entries become a Merkle tree, and its record, with the tree's root and the digests of
//! the runs before it, a link of the chain. What names a run everywhere is the digest of that record.

use super::{
    Kind,
    content::{Content, Value, fields},
};
use crate::merkle::{self, Hash, Tree};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

/// Columns of a run that its record leaves out: they name it, or hide what its neighbours in the tree are.
const LEFT_OUT: [&str; 3] = ["id", "digest", "salt"];

/// The record of a run: its columns, less the salt, of which its SHA-256 stands there. None where there is no such run.
pub(in crate::store) fn record(connection: &Connection, run: i64) -> rusqlite::Result<Option<Content>> {
    let read = connection.prepare_cached("SELECT * FROM runs WHERE id = ?1")?.query_row([run], fields).optional()?;
    let Some(mut record) = read else { return Ok(None) };
    let salt = record.get("salt").and_then(|salt| match salt {
        Value::Text(salt) => Some(merkle::hex(&merkle::sha256(salt.as_bytes()))),
        _ => None,
    });
    LEFT_OUT.iter().for_each(|column| drop(record.remove(*column)));
    if let Some(salt) = salt {
        record.insert("salt_sha256".to_owned(), Value::Text(salt));
    }
    if let Some(Value::Text(parents)) = record.get("parents")
        && let Ok(parents) = serde_json::from_str(parents)
    {
        record.insert("parents".to_owned(), Value::Texts(parents));
    }
    record.insert("embalm".to_owned(), Value::Integer(1));
    record.insert("kind".to_owned(), Value::Text(Kind::Run.as_str().to_owned()));
    Ok(Some(Content(record)))
}

/// What hides an entry from those who see the hashes of its neighbours in the tree: each has its own, and the run's salt,
/// which no proof shows, gives all of them.
pub(in crate::store) fn salt_of(salt: &str, position: u64) -> Hash {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(position.to_be_bytes());
    hash.finalize().into()
}

/// A leaf of a run's tree: 32 bytes of salt, then the entry's 32 bytes.
pub(in crate::store) fn leaf(salt: &Hash, entry: &Hash) -> Vec<u8> {
    [*salt, *entry].concat()
}

/// Puts a run's entries into a tree, in their order.
pub(in crate::store) fn plant(connection: &Connection, run: i64, mut tree: Tree) -> rusqlite::Result<Tree> {
    let salt: Option<String> =
        connection.prepare_cached("SELECT salt FROM runs WHERE id = ?1")?.query_row([run], |row| row.get(0))?;
    let salt = salt.unwrap_or_default();
    let mut entries = connection.prepare_cached("SELECT sha256 FROM entries WHERE run = ?1 ORDER BY position")?;
    let mut entries = entries.query([run])?;
    while let Some(row) = entries.next()? {
        let entry: Vec<u8> = row.get(0)?;
        // Damage of another length is no entry that any root was made of.
        let entry = Hash::try_from(entry.as_slice()).unwrap_or_default();
        tree.push(&leaf(&salt_of(&salt, tree.leaves()), &entry));
    }
    Ok(tree)
}

/// The digests of the runs that are no other's parent, in order: the next run's parents.
///
/// # Errors
/// Where the archive can't be read.
pub(in crate::store) fn heads(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut heads = connection.prepare_cached(
        "SELECT digest FROM runs WHERE digest IS NOT NULL \
         EXCEPT SELECT p.value FROM runs r, json_each(r.parents) p WHERE r.parents IS NOT NULL ORDER BY 1",
    )?;
    heads.query_map([], |row| row.get(0))?.collect()
}

/// The runs that no seal closes yet, oldest first; those of before an upgrade are entered as rows, and need none.
///
/// # Errors
/// Where the archive can't be read.
pub(in crate::store) fn open_runs(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut open = connection.prepare_cached(
        "SELECT id FROM runs WHERE digest IS NULL \
         AND NOT EXISTS (SELECT 1 FROM entries n WHERE n.kind = 'run' AND n.row = runs.id) ORDER BY id",
    )?;
    open.query_map([], |row| row.get(0))?.collect()
}

/// Seals a run that nobody will write to any more, behind all heads. One that is sealed stays as it is.
///
/// # Errors
/// Where the archive can't be written.
pub(in crate::store) fn seal(connection: &Connection, run: i64) -> rusqlite::Result<()> {
    seal_behind(connection, run, &heads(connection)?)
}

/// The same behind these runs, by their digests: as another archive would seal its own run.
///
/// # Errors
/// Where the archive can't be written.
pub(in crate::store) fn seal_behind(connection: &Connection, run: i64, parents: &[String]) -> rusqlite::Result<()> {
    let tree = plant(connection, run, Tree::default())?;
    let entries = i64::try_from(tree.leaves()).unwrap_or(i64::MAX);
    let (root, _) = tree.finish();
    let mut parents = parents.to_vec();
    parents.sort();
    let parents = serde_json::to_string(&parents).unwrap_or_default();
    let sealed = connection
        .prepare_cached("UPDATE runs SET parents = ?2, entries = ?3, root = ?4 WHERE id = ?1 AND digest IS NULL")?
        .execute((run, parents, entries, merkle::hex(&root)))?;
    if sealed == 0 {
        return Ok(());
    }
    if let Some(record) = record(connection, run)? {
        connection
            .prepare_cached("UPDATE runs SET digest = ?2 WHERE id = ?1")?
            .execute((run, merkle::hex(&record.digest())))?;
    }
    Ok(())
}

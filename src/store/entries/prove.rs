//! Proofs: the entries of what a user names, their ways to the roots of their runs, and the runs from there to one that
//! everybody may know: the first that has a time stamp, else the newest.

use super::{Kind, content, seal};
use crate::{
    merkle::{self, Hash, Tree},
    model::{Proof, ProofStamp, Proven},
    store::{Store, StoreError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What is to be proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provable {
    /// A post, by its key: the snapshot that is shown.
    Post(String),
    /// An article, by its number: the newest version.
    Article(i64),
    /// A snapshot, by its number.
    Snapshot(i64),
    /// An exchange, by its number.
    Exchange(i64),
    /// A file, by its SHA-256: as the first snapshot that names it has it.
    Media(String),
    /// A run, by its number, its digest or the first digits of that: that it comes before the newest one, which so has all
    /// that it has.
    Run(String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proving {
    /// The proof.
    Proof(Box<Proof>),
    /// There is none, and why, in words for a person.
    None(String),
}

impl Store {
    /// Proves that something is in the archive, with the exchanges that it was read from.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn prove(&self, target: &str, what: &Provable) -> Result<Proving, StoreError> {
        self.read(&format!("prove {target}"), |connection| prove(connection, target, what))
    }

    /// Whether a proof's runs and entries are those of this archive; else what is not, in words for a person.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn differs_from(&self, proof: &Proof) -> Result<Option<String>, StoreError> {
        self.read("compare a proof", |connection| {
            for digest in proof.digests() {
                if run_of(connection, &digest)?.is_none() {
                    return Ok(Some(format!("this archive has no run {digest}")));
                }
            }
            for entry in &proof.entries {
                let digest = merkle::sha256(entry.content.as_bytes());
                let is_there: bool = connection.query_row(
                    "SELECT EXISTS (SELECT 1 FROM entries n JOIN runs r ON r.id = n.run \
                     WHERE r.digest = ?1 AND n.position = ?2 AND n.sha256 = ?3)",
                    (&entry.run, i64::try_from(entry.position).unwrap_or(i64::MAX), digest),
                    |row| row.get(0),
                )?;
                if !is_there {
                    return Ok(Some(format!(
                        "this archive's run {} has another entry at {}",
                        entry.run, entry.position
                    )));
                }
            }
            Ok(None)
        })
    }
}

fn run_of(connection: &Connection, digest: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT id FROM runs WHERE digest = ?1")?.query_row([digest], |row| row.get(0)).optional()
}

fn prove(connection: &Connection, target: &str, what: &Provable) -> rusqlite::Result<Proving> {
    let (mut entries, mut runs) = (Vec::new(), BTreeMap::new());
    let rows = rows(connection, what)?;
    if let Provable::Run(name) = what
        && let Some((run, digest)) = sealed(connection, name)?
    {
        runs.insert(run, digest);
    }
    if rows.is_empty() && runs.is_empty() {
        return Ok(Proving::None(format!("{target} is not in the archive")));
    }
    for (kind, row) in rows {
        match proven(connection, kind, row)? {
            Ok((run, entry)) => {
                runs.insert(run, entry.run.clone());
                entries.push(entry);
            }
            Err(why) => return Ok(Proving::None(why)),
        }
    }
    let chain = chain(connection, &runs, matches!(what, Provable::Run(_)))?;
    let mut records = Vec::new();
    let mut stamps = Vec::new();
    for run in chain {
        records.extend(seal::record(connection, run)?.map(|record| record.text()));
        let mut of_run = connection.prepare_cached(
            "SELECT r.digest, s.stamped_at, s.authority, s.token FROM stamps s JOIN runs r ON r.id = s.run \
             WHERE s.run = ?1 ORDER BY s.id",
        )?;
        let of_run = of_run.query_map([run], |row| {
            let token = STANDARD.encode(row.get_ref(3)?.as_blob()?);
            Ok(ProofStamp { run: row.get(0)?, stamped_at: row.get(1)?, authority: row.get(2)?, token })
        })?;
        for stamp in of_run {
            stamps.push(stamp?);
        }
    }
    let form = crate::model::PROOF_FORM;
    let proof = Proof { embalm_proof: form, target: target.to_owned(), entries, runs: records, stamps };
    Ok(Proving::Proof(Box::new(proof)))
}

/// A sealed run by its number, or by its digest or the first digits of it.
fn sealed(connection: &Connection, name: &str) -> rusqlite::Result<Option<(i64, String)>> {
    connection
        .prepare_cached(
            "SELECT id, digest FROM runs WHERE digest IS NOT NULL \
             AND (CAST(id AS TEXT) = ?1 OR (length(?1) >= 16 AND substr(digest, 1, length(?1)) = ?1)) LIMIT 1",
        )?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// The rows that speak for what is named, the thing itself first, then what it was read from.
fn rows(connection: &Connection, what: &Provable) -> rusqlite::Result<Vec<(Kind, i64)>> {
    let of = |kind: Kind, query: &str, id: i64| -> rusqlite::Result<Vec<(Kind, i64)>> {
        connection.prepare_cached(query)?.query_map([id], |row| Ok((kind, row.get(0)?)))?.collect()
    };
    let mut rows = Vec::new();
    match what {
        Provable::Run(_) => {}
        Provable::Media(sha256) => {
            let blob = connection
                .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
                .query_row([sha256], |row| row.get(0))
                .optional()?;
            if let Some(blob) = blob {
                let file = "SELECT min(id) FROM snapshot_media WHERE blob = ?1 HAVING min(id) IS NOT NULL";
                rows.extend(of(Kind::File, file, blob)?);
                let snapshot = "SELECT snapshot FROM snapshot_media WHERE id = (SELECT min(id) FROM snapshot_media WHERE blob = ?1)";
                rows.extend(of(Kind::Snapshot, snapshot, blob)?);
                let answer = "SELECT min(id) FROM exchanges WHERE body = ?1 HAVING min(id) IS NOT NULL";
                rows.extend(of(Kind::Exchange, answer, blob)?);
            }
        }
        Provable::Exchange(id) => rows.extend(of(Kind::Exchange, "SELECT id FROM exchanges WHERE id = ?1", *id)?),
        Provable::Article(id) => {
            rows.extend(of(Kind::Version, "SELECT version FROM articles WHERE id = ?1 AND version IS NOT NULL", *id)?);
            rows.extend(of(
                Kind::Exchange,
                "SELECT v.exchange FROM articles a JOIN article_versions v ON v.id = a.version \
                 WHERE a.id = ?1 AND v.exchange IS NOT NULL \
                 UNION ALL SELECT p.exchange FROM articles a JOIN article_pages p ON p.version = a.version WHERE a.id = ?1",
                *id,
            )?);
        }
        Provable::Post(key) => {
            let shown = connection
                .prepare_cached(
                    "SELECT p.snapshot FROM posts p WHERE p.snapshot IS NOT NULL AND p.id = coalesce(\
                     (SELECT id FROM posts WHERE key = ?1), \
                     (SELECT post FROM post_aliases WHERE platform || ':' || post_id = ?1))",
                )?
                .query_row([key], |row| row.get(0))
                .optional()?;
            if let Some(snapshot) = shown {
                return self::rows(connection, &Provable::Snapshot(snapshot));
            }
        }
        Provable::Snapshot(id) => {
            rows.extend(of(Kind::Snapshot, "SELECT id FROM snapshots WHERE id = ?1", *id)?);
            let files = "SELECT id FROM snapshot_media WHERE snapshot = ?1 AND blob IS NOT NULL ORDER BY position";
            rows.extend(of(Kind::File, files, *id)?);
            let look =
                "SELECT coalesce(reparse_of, id) FROM looks WHERE snapshot = ?1 AND result = 'new' ORDER BY id LIMIT 1";
            let looks = of(Kind::Look, look, *id)?;
            for (_, look) in &looks {
                let of_look = "SELECT exchange FROM look_exchanges WHERE look = ?1 ORDER BY position";
                rows.extend(of(Kind::Exchange, of_look, *look)?);
            }
            rows.extend(looks);
        }
    }
    Ok(rows)
}

/// The entry of a row as it is now, with its way to the root of its run; else why there is none.
fn proven(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<Result<(i64, Proven), String>> {
    let name = kind.as_str();
    let Some(plain) = content::read(connection, kind, row)? else {
        return Ok(Err(format!("there is no {name} {row}")));
    };
    let mut entries = connection.prepare_cached(
        "SELECT n.run, n.position, n.sha256, r.digest, r.salt FROM entries n JOIN runs r ON r.id = n.run \
         WHERE n.kind = ?1 AND n.row = ?2 ORDER BY n.run, n.position",
    )?;
    let mut entries = entries.query((name, row))?;
    let mut why = format!("no run has entered the {name} {row}");
    while let Some(entry) = entries.next()? {
        let (run, position, digest): (i64, i64, Hash) = (entry.get(0)?, entry.get(1)?, entry.get(2)?);
        let Some(sealed) = entry.get::<_, Option<String>>(3)? else {
            why = format!(
                "the run {run} that entered the {name} {row} is not sealed yet: it goes on, or the next run seals it"
            );
            continue;
        };
        let content = plain.clone().entered_by(connection, kind, row, run)?;
        let content = match content.is(connection, kind, row, &digest)? {
            Some(content) => Some(content),
            None => plain.is(connection, kind, row, &digest)?,
        };
        let Some(content) = content else {
            why = format!("the {name} {row} is not what the run {run} entered; `embalm verify` says more");
            continue;
        };
        let position = u64::try_from(position).unwrap_or(0);
        let (_, path) = seal::plant(connection, run, Tree::with_path_of(position))?.finish();
        let salt: String = entry.get::<_, Option<String>>(4)?.unwrap_or_default();
        let salt = merkle::hex(&seal::salt_of(&salt, position));
        let path = path.iter().map(|hash| merkle::hex(hash)).collect();
        return Ok(Ok((run, Proven { content: content.text(), run: sealed, position, salt, path })));
    }
    Ok(Err(why))
}

/// The runs from these to one that has a stamp, else to a head, oldest first. `to_head`: over all stamps.
fn chain(connection: &Connection, from: &BTreeMap<i64, String>, to_head: bool) -> rusqlite::Result<BTreeSet<i64>> {
    let mut children: HashMap<String, Vec<(i64, String)>> = HashMap::new();
    let mut statement = connection.prepare(
        "SELECT r.id, r.digest, p.value FROM runs r, json_each(r.parents) p WHERE r.digest IS NOT NULL AND r.parents IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        children.entry(row.get(2)?).or_default().push((row.get(0)?, row.get(1)?));
    }
    let stamped: BTreeSet<i64> = if to_head {
        BTreeSet::new()
    } else {
        connection
            .prepare("SELECT DISTINCT run FROM stamps")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?
    };
    let mut chain = BTreeSet::new();
    let newest = from.last_key_value();
    for (run, digest) in from {
        // All of them lead to where the newest of them leads.
        let goal = newest.filter(|(newest, _)| *newest != run).map(|(newest, _)| *newest);
        chain.extend(way(&children, &stamped, (*run, digest), goal));
    }
    Ok(chain)
}

/// The shortest way from a run over those that came after it: to the goal, else to a stamped one, else to the nearest head.
fn way(
    children: &HashMap<String, Vec<(i64, String)>>,
    stamped: &BTreeSet<i64>,
    from: (i64, &str),
    goal: Option<i64>,
) -> Vec<i64> {
    let mut before: HashMap<i64, i64> = HashMap::new();
    let mut open = VecDeque::from([(from.0, from.1.to_owned())]);
    let (mut head, mut end) = (None, None);
    while let Some((run, digest)) = open.pop_front() {
        if goal.map_or_else(|| stamped.contains(&run), |goal| goal == run) {
            end = Some(run);
            break;
        }
        let after = children.get(&digest).map(Vec::as_slice).unwrap_or_default();
        if after.is_empty() {
            head = head.or(Some(run));
        }
        for (child, digest) in after {
            if *child != from.0 && !before.contains_key(child) {
                before.insert(*child, run);
                open.push_back((*child, digest.clone()));
            }
        }
    }
    let mut way: Vec<i64> = end.or(head).into_iter().collect();
    while let Some(run) = way.last().and_then(|run| before.get(run)) {
        way.push(*run);
    }
    way
}

//! Merging: everything of another archive into this one. Rows are the same where they say the same, whatever numbers they
//! have; what is worked out from them (a post's state, what is shown, an article's newest version, the queue, the index) is
//! worked out again from all of them. So it does not matter which archive is merged into which, in what order, or how often.
//!
//! The other archive is opened for reading alone and checked first: it may come from a stranger. It is read row by row, in
//! batches; what is written of it is one transaction, for a run's entries are worth something together alone. It grows on
//! the disk, not in memory, and one that is killed leaves no trace.
//!
//! | what | where |
//! |---|---|
//! | opening and checking the other archive | `source` |
//! | whether all of it is here already | `known` |
//! | which row here a row there is | `rows` |
//! | bytes, each against its digest | `bytes` |
//! | runs, with what they added and their place in the chain | `runs` |
//! | posts under all their names, then all that is known of each | `names`, `posts` |
//! | names of which the two archives say different posts | `leads`, `told` |
//! | articles | `articles` |
//! | sources, hosts, what waits | `beside`, `waits` |

mod articles;
mod beside;
mod bytes;
mod known;
mod leads;
mod names;
mod posts;
pub(super) mod rows;
mod runs;
mod source;
mod told;
mod waits;

use super::{Store, StoreError, Transaction};
use rusqlite::Connection;
use std::{ops::ControlFlow, path::Path};

/// Rows of one transaction, about.
const BATCH_ROWS: usize = 4000;

/// What a merge added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Merged {
    /// Runs that were not here.
    pub runs: u64,
    /// Articles that were not here.
    pub articles: u64,
    /// Versions of articles that were not here.
    pub versions: u64,
    /// Posts that were not here.
    pub posts: u64,
    /// Snapshots that were not here.
    pub snapshots: u64,
    /// Looks that were not here.
    pub looks: u64,
    /// Exchanges that were not here.
    pub exchanges: u64,
    /// Blobs that were not here.
    pub blobs: u64,
    /// The bytes that they take.
    pub bytes: u64,
    /// Redactions and lifts that were not here.
    pub redactions: u64,
    /// Rows of the other archive that were looked at.
    pub rows: u64,
    /// Whether all of its runs were here before, to the last entry: no row of it was looked at then.
    pub known: bool,
}

impl Merged {
    fn has_news(&self) -> bool {
        let Self { articles, versions, posts, snapshots, looks, exchanges, blobs, redactions, .. } = self;
        [articles, versions, posts, snapshots, looks, exchanges, blobs, redactions].iter().any(|count| **count > 0)
    }
}

/// What there is to tell while an archive is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// A step begins.
    Step(&'static str),
    /// So many of its rows are done, of about so many.
    Done(u64, u64),
}

/// A merge under way.
struct Merge<'a> {
    /// The other archive.
    other: &'a Connection,
    merged: Merged,
    tell: &'a mut dyn FnMut(Merging) -> ControlFlow<()>,
}

impl Store {
    /// Takes everything of the archive at `path` into this one, all of it or nothing. What is here stays. `tell` hears of the
    /// progress and may break off after any batch: none is the answer then.
    ///
    /// # Errors
    /// Those of [`Store::open_read_only`] for the other archive, [`StoreError::Corrupt`] where it does not hold what it
    /// says, and where this one cannot be written. Nothing of it was taken then.
    pub fn merge(
        &mut self,
        path: &Path,
        mut tell: impl FnMut(Merging) -> ControlFlow<()>,
    ) -> Result<Option<Merged>, StoreError> {
        let _ = tell(Merging::Step("checking the other archive"));
        let other = source::open(path, &self.path)?;
        let connection = &other.store().connection;
        // One view of it for the whole of the merge, whatever a run beside it writes: what was checked is what is taken.
        let view = connection.unchecked_transaction();
        let _view = view.map_err(|source| StoreError::from_sqlite(path, "read the archive", source))?;
        source::check_schema(other.store(), path)?;
        rows::prepare(self)?;
        let mut merge = Merge { other: connection, merged: Merged::default(), tell: &mut tell };
        let failed = |source| StoreError::from_sqlite(path, "read its runs", source);
        if known::is_known(&self.connection, connection).map_err(failed)? {
            source::check_runs(other.store(), path)?;
            known::take_stamps(&merge, self)?;
            return Ok(Some(Merged { known: true, ..Merged::default() }));
        }
        source::check_all(other.store(), path)?;
        let revealed = source::revealed(&other, path, &self.path)?;
        let connection = revealed.as_ref().map_or(connection, |copy| &copy.store().connection);
        merge.other = connection;
        // Words that are redacted here come in with the other archive: nothing of them is left where they stood.
        let secure = has_redactions(&self.connection).and_then(|here| Ok(here || has_redactions(connection)?));
        let secure = secure.and_then(|secure| self.connection.pragma_update(None, "secure_delete", secure));
        secure.map_err(|source| StoreError::from_sqlite(&self.path, "merge", source))?;
        self.begin_group()?;
        // Rows are the same by what they say: what is hidden says it again until all are here.
        let done = self.reveal_all().and_then(|()| merge.run(self)).and_then(|whole| {
            // What either archive has pruned and the other one has is here again; what is redacted in either is redacted in all
            // that is here now.
            if !whole {
                return Ok(false);
            }
            leads::follow(self)?;
            let now = jiff::Timestamp::now();
            self.bring_back(connection, now)?;
            self.settle_redactions(now)?;
            leads::enter(self, now).map(|()| true)
        });
        // An older archive's copy was entered anew when it was upgraded: where it brings nothing else, that is no news.
        let is_news = !other.is_upgraded() || merge.merged.has_news();
        let done = match done {
            Ok(true) if is_news => self.commit_group().map(|()| true),
            done => {
                self.drop_group();
                done
            }
        };
        let tidied =
            self.connection.execute_batch("DROP TABLE IF EXISTS temp.merge_map; DROP TABLE IF EXISTS temp.merge_held; DROP TABLE IF EXISTS temp.merge_moved");
        let done = done?;
        tidied.map_err(|source| StoreError::from_sqlite(&self.path, "merge", source))?;
        Ok(done.then_some(merge.merged))
    }
}

fn has_redactions(archive: &Connection) -> rusqlite::Result<bool> {
    archive.query_row("SELECT EXISTS (SELECT 1 FROM redactions)", [], |row| row.get(0))
}

impl Merge<'_> {
    /// Whether it came to its end.
    fn run(&mut self, store: &mut Store) -> Result<bool, StoreError> {
        // What others refer to comes first. A post waits in the queue before an article that embeds it is here.
        type Step<'m> = fn(&mut Merge<'m>, &mut Store) -> Result<bool, StoreError>;
        let steps: [(&str, Step<'_>); 11] = [
            ("runs", runs::take),
            ("files", bytes::take),
            ("answers", posts::take_exchanges),
            ("names of posts", names::take),
            ("posts", posts::take),
            ("posts in posts", posts::take_related),
            ("what waits", waits::waiting_articles),
            ("articles", articles::take),
            ("sources", beside::take),
            ("redactions", beside::redactions),
            ("records of runs", runs::close),
        ];
        for (name, step) in steps {
            if (self.tell)(Merging::Step(name)).is_break() || !step(self, store)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Does `work` for every row of a question about the other archive, in batches, each in one transaction. The first
    /// column is the row's number; the question has a lower bound for it as its parameter, and sorts by it.
    fn batches(
        &mut self,
        store: &mut Store,
        attempted: &str,
        table: &str,
        mut work: impl FnMut(&mut Merged, &Connection, &Transaction<'_>, i64) -> rusqlite::Result<usize>,
    ) -> Result<bool, StoreError> {
        let failed = |source| StoreError::from_sqlite(Path::new("the other archive"), attempted, source);
        let last: i64 = self
            .other
            .query_row(&format!("SELECT coalesce(max(rowid), 0) FROM {table}"), [], |row| row.get(0))
            .map_err(failed)?;
        let mut next = i64::MIN;
        loop {
            let (other, merged) = (self.other, &mut self.merged);
            let mut numbers = other
                .prepare_cached(&format!("SELECT rowid FROM {table} WHERE rowid >= ?1 ORDER BY rowid LIMIT ?2"))
                .map_err(failed)?;
            let numbers = numbers.query_map((next, i64::try_from(BATCH_ROWS).unwrap_or(i64::MAX)), |row| row.get(0));
            let numbers = numbers.and_then(Iterator::collect::<rusqlite::Result<Vec<i64>>>).map_err(failed)?;
            if numbers.is_empty() {
                return Ok(true);
            }
            let mut reached = None;
            store.write(attempted, |transaction| {
                let mut done = 0;
                for number in numbers {
                    done += work(merged, other, transaction, number)?;
                    reached = Some(number);
                    merged.rows += 1;
                    if done >= BATCH_ROWS {
                        break;
                    }
                }
                Ok(())
            })?;
            let Some(number) = reached.and_then(|number| number.checked_add(1)) else { return Ok(true) };
            next = number;
            let part = |number: i64| u64::try_from(number).unwrap_or(0);
            if (self.tell)(Merging::Done(part(number), part(last))).is_break() {
                return Ok(false);
            }
        }
    }
}

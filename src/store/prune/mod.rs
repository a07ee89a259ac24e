//! Pruning: what is no longer wanted is let go, by rules, after it was told. It is thrift, and no wish to forget: what goes
//! leaves its digest and a tombstone, and a merge with an archive that has it still brings it back.
//!
//! What goes is chosen once, into a temporary table, whether it is only told or let go: so both are the same. The table
//! grows on the disk; of the archive itself no more than what is known of one post is in memory.
//!
//! | what | where |
//! |---|---|
//! | which of many copies stay | `keep` |
//! | what goes, by each rule | `select`, `thin` |
//! | what there is to tell of it | `told` |
//! | letting go | `take` |
//! | giving the room back to the disk | `shrink` |
//! | what a merge brings back | `back` |

mod back;
mod keep;
mod select;
mod shrink;
mod take;
mod thin;
mod told;

pub(super) use back::is_taken_back;
pub use keep::Keep;
pub use told::{Again, Prunable, Pruned, PrunedKind};

use super::{Filter, Store, StoreError, redact, runs};
use jiff::Timestamp;
use std::time::Duration;

/// The word for it in `runs.command`: whose tombstones a merge takes away again.
const COMMAND: &str = "prune";

/// With what the reasons of its tombstones begin, and those for which a post rests that has nothing but its name left.
pub(super) const REASON: &str = "pruned: ";

/// What is let go. Nothing of it is asked for by default.
#[derive(Clone, Debug, Default)]
pub struct Pruning {
    /// Which posts and articles it is about.
    pub filter: Filter,
    /// Those posts themselves, with all that is known of them.
    pub posts: bool,
    /// Those articles themselves, with all versions.
    pub articles: bool,
    /// Snapshots of these posts, by the rules of `keep`.
    pub snapshots: bool,
    /// Versions of these articles, by the same rules.
    pub versions: bool,
    /// What of snapshots and versions stays.
    pub keep: Keep,
    /// Looks that failed as the ones before and after them did, with the same answer.
    pub repeats: bool,
    /// Bytes of files of these posts.
    pub files: Option<PrunableFiles>,
    /// Bytes to which nothing refers.
    pub orphans: bool,
}

/// Which files are let go; all that is given must fit.
#[derive(Clone, Debug, Default)]
pub struct PrunableFiles {
    /// The first part of their media type: `video`, `image`, `audio`.
    pub kind: Option<String>,
    /// Files of posts captured before this alone.
    pub older_than: Option<Timestamp>,
    /// At least so many bytes.
    pub at_least_bytes: Option<u64>,
    /// Files with which a post is shown too.
    pub shown: bool,
}

impl Store {
    /// What would go, one by one, and counted. The archive must be open with room for temporary tables
    /// ([`Store::open_read_only_aside`], or for writing); nothing of it is changed.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn prunable(
        &self,
        pruning: &Pruning,
        now: Timestamp,
        each: impl FnMut(&Prunable),
    ) -> Result<Pruned, StoreError> {
        let told = self.read("look for what can go", |connection| {
            select::select(connection, pruning, now)?;
            told::tell(connection, each)
        });
        self.clear_pruning().and(told)
    }

    /// Lets the same go, in one transaction. Digests and a tombstone stay of it. The file is as large as before until
    /// [`Store::shrink`].
    ///
    /// # Errors
    /// Where the archive cannot be written; nothing is gone then.
    pub fn prune(
        &mut self,
        pruning: &Pruning,
        rule: &str,
        now: Timestamp,
        each: impl FnMut(&Prunable),
    ) -> Result<Pruned, StoreError> {
        let path = self.path.clone();
        let failed = |source| StoreError::from_sqlite(&path, "prune", source);
        // Each row that goes would be looked for in every table that can refer to it, whole where no index helps; all
        // references are checked once instead, before anything is kept.
        let set = self.connection.pragma_update(None, "foreign_keys", false);
        set.map_err(failed)?;
        let done = self.write("prune", |main| {
            select::select(main, pruning, now)?;
            let pruned = told::tell(main, each)?;
            if pruned.is_nothing() {
                return Ok(pruned);
            }
            runs::close(main)?;
            let run = runs::begin(main, COMMAND, now, now)?;
            // A post that is hidden may quote one that goes: what it says is entered anew, and then hidden again.
            let hides = redact::hides(main)?;
            if hides {
                redact::reveal(main)?;
            }
            take::take(main, run, &format!("{REASON}{rule}"), now)?;
            if hides {
                redact::hide_again(main, run, now)?;
            }
            redact::end(main, run, now)?;
            Ok(pruned)
        });
        let reset = self.connection.pragma_update(None, "foreign_keys", true);
        let cleared = self.clear_pruning();
        let done = done?;
        reset.map_err(failed)?;
        cleared.map(|()| done)
    }

    fn clear_pruning(&self) -> Result<(), StoreError> {
        let cleared = self.connection.execute_batch(select::CLEAR);
        cleared.map_err(|source| StoreError::from_sqlite(&self.path, "prune", source))
    }
}

/// How long ago an instant was, as `--older` gives it.
#[must_use]
pub fn before(now: Timestamp, age: Duration) -> Option<Timestamp> {
    now.checked_sub(jiff::SignedDuration::try_from(age).ok()?).ok()
}

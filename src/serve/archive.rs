//! Stores for reading only, lent one at a time to threads that may block: SQLite waits for disks, the server does not.
//!
//! Each question sees the archive as it is at that moment, also while a run writes. Pages and files have turns of their
//! own, so that a hundred slow readers of films hold up no page.

use super::error::Problem;
use crate::store::{Interrupter, Store, StoreError};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Questions for pages that are answered at the same time; others wait for their turn. Every question takes one thread.
pub const MAX_PAGE_READERS: usize = 8;

/// The same for parts of files.
pub const MAX_MEDIA_READERS: usize = 8;

/// How long a question waits for its turn; there are never more of them than connections.
pub const TURN_TIME_LIMIT: Duration = Duration::from_secs(20);

/// How long the archive is asked for one page; then the question is broken off.
pub const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long another process's lock is waited for. Readers of a WAL archive meet one only while it is recovered or upgraded.
const LOCK_TIME_LIMIT: Duration = Duration::from_secs(25);

/// The archive, as handlers ask it.
#[derive(Clone, Debug)]
pub(super) struct Archive {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    idle: Mutex<Vec<Store>>,
    pages: Arc<Semaphore>,
    media: Arc<Semaphore>,
}

impl Archive {
    /// Opens it once, so that what is wrong with it is said at the start.
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let idle = Mutex::new(vec![open(&path)?]);
        let turns = |number| Arc::new(Semaphore::new(number));
        let (pages, media) = (turns(MAX_PAGE_READERS), turns(MAX_MEDIA_READERS));
        Ok(Self { shared: Arc::new(Shared { path, idle, pages, media }) })
    }

    /// Asks the archive as it is now, for a page. What takes longer than [`ANSWER_TIME_LIMIT`], or is not waited for any
    /// more, is broken off.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.lend(&self.shared.pages, ANSWER_TIME_LIMIT, ask).await
    }

    /// The same for a part of a file.
    pub(super) async fn read_media<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.lend(&self.shared.media, Duration::MAX, ask).await
    }

    async fn lend<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        time_limit: Duration,
        ask: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = timeout(TURN_TIME_LIMIT, Arc::clone(turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Problem::Busy)?.map_err(|_| Problem::Busy)?;
        let (shared, asked) = (Arc::clone(&self.shared), Asked::default());
        let asking = asked.clone();
        let answer = spawn_blocking(move || {
            let store = shared.take()?;
            let answer = if asking.begin(&store) { ask(&store) } else { Err(Problem::TooSlow) };
            asking.end();
            lock(&shared.idle).push(store);
            drop(turn);
            answer
        });
        let _broken_off = BreaksOff(asked);
        match timeout(time_limit, answer).await {
            Ok(answer) => answer.unwrap_or_else(|error| Err(Problem::Failed(error.to_string()))),
            Err(_) => Err(Problem::TooSlow),
        }
    }
}

impl Shared {
    /// A store of the archive that is at the path now.
    fn take(&self) -> Result<Store, StoreError> {
        loop {
            let idle = lock(&self.idle).pop();
            match idle {
                Some(store) if store.is_current() => return Ok(store),
                Some(_) => {}
                None => return open(&self.path),
            }
        }
    }
}

fn open(path: &std::path::Path) -> Result<Store, StoreError> {
    let store = Store::open_read_only(path)?;
    store.wait_for_locks(LOCK_TIME_LIMIT)?;
    Ok(store)
}

/// A panic while it was held leaves no half of anything.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is being asked: it can be broken off only between its beginning and its end, never the next question.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Progress>>);

#[derive(Default)]
enum Progress {
    #[default]
    Waiting,
    Under(Interrupter),
    Over,
    BrokenOff,
}

impl Asked {
    /// Whether the answer is still waited for.
    fn begin(&self, store: &Store) -> bool {
        let mut progress = lock(&self.0);
        let is_waited_for = matches!(*progress, Progress::Waiting);
        if is_waited_for {
            *progress = Progress::Under(store.interrupter());
        }
        is_waited_for
    }

    fn end(&self) {
        *lock(&self.0) = Progress::Over;
    }
}

/// Breaks the question off when nobody waits for its answer any more: the reader went away, or the time is over.
struct BreaksOff(Asked);

impl Drop for BreaksOff {
    fn drop(&mut self) {
        let mut progress = lock(&self.0.0);
        if let Progress::Under(question) = &*progress {
            question.interrupt();
        }
        if !matches!(*progress, Progress::Over) {
            *progress = Progress::BrokenOff;
        }
    }
}

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
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    task::spawn_blocking,
    time::{sleep, timeout},
};

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

/// How often a question that nobody waits for is told so, until it ends.
const BREAK_OFF_AGAIN: Duration = Duration::from_millis(20);

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

    /// Whether there was something to break off.
    fn break_off(&self) -> bool {
        let mut progress = lock(&self.0);
        match &*progress {
            Progress::Under(question) => {
                question.interrupt();
                true
            }
            Progress::Waiting => {
                *progress = Progress::Over;
                false
            }
            Progress::Over => false,
        }
    }
}

/// Breaks the question off when nobody waits for its answer any more: the reader went away, or the time is over.
struct BreaksOff(Asked);

impl Drop for BreaksOff {
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.0.break_off(), Handle::try_current()) {
            let asked = self.0.clone();
            // A page asks many things one after another, and what is between two of them hears nothing.
            runtime.spawn(async move {
                while asked.break_off() {
                    sleep(BREAK_OFF_AGAIN).await;
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn archive() -> (tempfile::TempDir, Archive) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Store::create_or_open(&path).unwrap());
        (folder, Archive::open(path).unwrap())
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_is_broken_off_and_the_next_one_is_answered() {
        let (_folder, archive) = archive();
        let (begun, begins) = mpsc::channel();
        let (ended, ends) = mpsc::channel();
        let asking = archive.clone();
        let question = tokio::spawn(async move {
            let endless = asking.read(move |store| {
                begun.send(()).unwrap();
                loop {
                    if let Err(error) = store.status(jiff::Timestamp::UNIX_EPOCH) {
                        ended.send(()).unwrap();
                        return Err::<(), _>(error.into());
                    }
                }
            });
            endless.await
        });
        let begins = spawn_blocking(move || begins.recv());
        begins.await.unwrap().unwrap();
        question.abort();
        spawn_blocking(move || ends.recv()).await.unwrap().unwrap();
        for _ in 0..100 {
            archive.read(|store| Ok(store.status(jiff::Timestamp::UNIX_EPOCH)?)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_question_that_panics_fails_alone() {
        let (_folder, archive) = archive();
        for _ in 0..2 * MAX_PAGE_READERS {
            let answer = archive.read(|store| if store.is_current() { panic!("a fault in drawing") } else { Ok(()) });
            assert!(matches!(answer.await, Err(Problem::Failed(_))));
        }
        assert!(archive.read(|store| Ok(store.is_current())).await.unwrap());
    }

    #[tokio::test]
    async fn no_more_questions_are_asked_at_once_than_there_are_turns() {
        let (_folder, archive) = archive();
        let now = Arc::new(Mutex::new((0, 0)));
        let questions = (0..5 * MAX_PAGE_READERS).map(|_| {
            let (archive, now) = (archive.clone(), Arc::clone(&now));
            tokio::spawn(async move {
                let question = archive.read(move |store| {
                    let mut at_once = lock(&now);
                    *at_once = (at_once.0 + 1, at_once.1.max(at_once.0 + 1));
                    drop(at_once);
                    let answer = store.status(jiff::Timestamp::UNIX_EPOCH);
                    lock(&now).0 -= 1;
                    Ok(answer?)
                });
                question.await.unwrap();
            })
        });
        futures::future::join_all(questions.collect::<Vec<_>>()).await;
        let most = lock(&now).1;
        assert!((1..=MAX_PAGE_READERS).contains(&most), "{most}");
        assert!(lock(&archive.shared.idle).len() <= MAX_PAGE_READERS + MAX_MEDIA_READERS);
    }
}

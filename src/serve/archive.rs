//! Stores for reading only, lent one at a time to threads that may block: SQLite waits for disks, the server does not.

use super::error::Problem;
use crate::store::{Store, StoreError};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Questions that are answered at the same time; others wait.
const READERS: usize = 8;

/// The archive, as handlers ask it.
#[derive(Clone)]
pub(super) struct Archive {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    idle: Mutex<Vec<Store>>,
    readers: Semaphore,
}

impl Archive {
    /// Opens it once, so that what is wrong with it is said at the start.
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let store = Store::open_read_only(&path)?;
        let idle = Mutex::new(vec![store]);
        Ok(Self { shared: Arc::new(Shared { path, idle, readers: Semaphore::new(READERS) }) })
    }

    /// Asks the archive as it is now.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let shared = Arc::clone(&self.shared);
        let _turn = self.shared.readers.acquire().await.map_err(|_| Problem::Failed("the viewer ends".to_owned()))?;
        let asked = tokio::task::spawn_blocking(move || {
            let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let store = match idle {
                Some(store) => store,
                None => Store::open_read_only(&shared.path)?,
            };
            let answer = ask(&store);
            shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(store);
            answer
        });
        asked.await.unwrap_or_else(|error| Err(Problem::Failed(error.to_string())))
    }
}

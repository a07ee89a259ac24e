//! When a run ends early: a signal, or a used-up budget. The item in hand is always finished and saved,
//! but for the segments of a stream that are still to come, which may be many.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Asked between items; cheap to clone and to share.
#[derive(Clone, Debug)]
pub struct Stop {
    signalled: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Stops after `max_time`, or when [`Stop::signal`] is called.
    #[must_use]
    pub fn after(max_time: Option<Duration>) -> Self {
        let deadline = max_time.and_then(|time| Instant::now().checked_add(time));
        Self { signalled: Arc::default(), deadline }
    }

    /// Asks for an end. True if it had been asked before, so that a second signal can end at once.
    #[must_use]
    pub fn signal(&self) -> bool {
        self.signalled.swap(true, Ordering::SeqCst)
    }

    /// Why to stop now, if there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        if self.signalled.load(Ordering::SeqCst) {
            return Some("signal");
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some("time budget")
    }
}

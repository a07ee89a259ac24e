//! When a run ends early: a signal, or a used-up budget. The item in hand is always finished and saved,
//! but for the segments of a stream that are still to come, which may be many.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Asked between items; cheap to clone and to share.
#[derive(Clone, Debug)]
pub struct Stop {
    signalled: Arc<AtomicBool>,
    called: Arc<Notify>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Stops after `max_time`, or when [`Stop::signal`] is called.
    #[must_use]
    pub fn after(max_time: Option<Duration>) -> Self {
        let deadline = max_time.and_then(|time| Instant::now().checked_add(time));
        Self { signalled: Arc::default(), called: Arc::default(), deadline }
    }

    /// Asks for an end. True if it had been asked before, so that a second signal can end at once.
    #[must_use]
    pub fn signal(&self) -> bool {
        let before = self.signalled.swap(true, Ordering::SeqCst);
        self.called.notify_waiters();
        before
    }

    /// Why to stop now, if there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        if self.signalled.load(Ordering::SeqCst) {
            return Some("signal");
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some("time budget")
    }

    /// Waits until there is a reason.
    pub(super) async fn reached(&self) {
        loop {
            let called = self.called.notified();
            if self.reason().is_some() {
                return;
            }
            match self.deadline {
                Some(deadline) => tokio::select! { () = called => {}, () = tokio::time::sleep_until(deadline) => {} },
                None => called.await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_reached_by_a_signal_or_when_the_time_is_over() {
        let stop = Stop::after(Some(Duration::ZERO));
        stop.reached().await;
        assert_eq!(stop.reason(), Some("time budget"));
        let stop = Stop::after(None);
        let (waiting, caller) = (stop.clone(), stop.clone());
        let waited = tokio::spawn(async move { waiting.reached().await });
        tokio::task::yield_now().await;
        assert!(!caller.signal());
        waited.await.unwrap();
        assert!(stop.signal(), "a second signal is told apart");
        assert_eq!(stop.reason(), Some("signal"));
    }
}

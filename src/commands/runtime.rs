//! The asynchronous runtime of a command, and the signals that end it.

use super::Failure;
use crate::pipeline::Stop;

/// A runtime with a thread for each core.
pub(super) fn start() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::unexpected(format!("starting the runtime failed: {error}")))
}

/// The first Ctrl-C or SIGTERM asks for an end after the item in hand; the second ends the process at once. What is
/// committed stays committed either way.
pub(super) fn stop_on_signals(stop: &Stop) {
    let stop = stop.clone();
    tokio::spawn(async move {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
                if stop.signal() {
                    std::process::exit(i32::from(super::failure::STOPPED));
                }
            }
        }
        #[cfg(not(unix))]
        while tokio::signal::ctrl_c().await.is_ok() {
            if stop.signal() {
                std::process::exit(i32::from(super::failure::STOPPED));
            }
        }
    });
}

/// Ends when Ctrl-C is pressed or SIGTERM comes; from the call on, not from the first wait. Another one then ends the
/// process at once, with code 0 as well: it was asked to end.
pub(super) fn asked_to_end() -> Result<impl Future<Output = ()>, Failure> {
    #[cfg(unix)]
    let mut next = {
        use tokio::signal::unix::{SignalKind, signal};
        let failed = |error| Failure::unexpected(format!("listening for signals failed: {error}"));
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        async move || {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        }
    };
    #[cfg(not(unix))]
    let mut next = async || {
        // Where the system gives no signals, the process ends without being asked.
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(async move {
        next().await;
        tokio::spawn(async move {
            next().await;
            std::process::exit(0);
        });
    })
}

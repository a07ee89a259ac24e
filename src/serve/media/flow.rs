//! The bytes of a file on their way to a reader. A reader who keeps up is served in bursts; one who is behind is waited
//! for without holding a thread, a turn or a view of the archive, so that films may be watched as slowly as people do.

use crate::{
    serve::{archive::Archive, error::Problem},
    store::{STREAM_PART_BYTES, StoredFile},
};
use axum::body::Body;
use futures::stream;
use std::{
    io,
    ops::{ControlFlow, Range},
    time::Duration,
};
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

/// Parts that wait for a reader, at most: with the part in hand, what a film takes of memory.
const PARTS_AHEAD: usize = 4;

/// How long a thread waits for a reader before it turns to others.
const PATIENCE: Duration = Duration::from_millis(250);

/// How much is read in one turn, in bytes; then others have theirs.
const BURST_BYTES: u64 = 32 << 20;

type Part = Result<Vec<u8>, io::Error>;

/// A body of these bytes. It ends early, as a broken connection, where the archive can't be read on.
pub(super) fn body(archive: Archive, file: StoredFile, range: Range<u64>) -> Body {
    let (parts, waiting) = mpsc::channel(PARTS_AHEAD);
    tokio::spawn(feed(archive, file, range, parts));
    Body::from_stream(stream::unfold(waiting, |mut waiting| async move { Some((waiting.recv().await?, waiting)) }))
}

async fn feed(archive: Archive, file: StoredFile, range: Range<u64>, parts: mpsc::Sender<Part>) {
    let mut at = range.start;
    while at < range.end {
        // Room for one part: it will be taken, so that every burst goes on by one at least.
        if parts.reserve().await.is_err() {
            return;
        }
        let burst = at..range.end.min(at.saturating_add(BURST_BYTES));
        let (file, reader, threads) = (file.clone(), parts.clone(), Handle::current());
        let handed = archive.read_media(move |store| {
            let hand = |part| match threads.block_on(timeout(PATIENCE, reader.send(Ok(part)))) {
                Ok(Ok(())) => ControlFlow::Continue(()),
                Ok(Err(_)) | Err(_) => ControlFlow::Break(()),
            };
            Ok(store.read_stored(&file, burst, hand)?)
        });
        match handed.await {
            Ok(handed) => at += handed,
            // Waiting helps: the reader is no worse off than behind a slow line.
            Err(Problem::Busy) => {}
            Err(problem) => {
                tracing::error!("a file broke off: {problem:?}");
                let _ = parts.send(Err(io::Error::other("the archive can't be read on"))).await;
                return;
            }
        }
    }
}

/// What one reader's file takes of memory beside the connection, in bytes.
pub const MAX_BYTES_AHEAD: usize = (PARTS_AHEAD + 1) * STREAM_PART_BYTES;

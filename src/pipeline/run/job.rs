//! Jobs: the parts of a run's work that take time. Each runs beside the others, knows nothing of the archive, and brings
//! something that the run then writes.

use crate::{
    fetch::{meter::Meter, replay::Replay},
    pipeline::{
        Document, PollFailure, Polled, Prepared, Settings, Source, Work,
        input::{self, Loaded, Missing},
        ladder::{self, Climbed, Wanted},
        poll::{Due, poll},
        prepare, whole,
    },
    store::Known,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Work that takes time.
pub(super) enum Job {
    /// Ask a source.
    Poll(Box<Due>),
    /// Fetch or read an article.
    Load(Box<Work>, Arc<str>),
    /// Read what is in it.
    Prepare(Box<Document>, Arc<str>),
    /// Look at a post.
    Climb(Box<Wanted>, Box<Known>),
}

/// What a job brought.
pub(super) enum Done {
    /// What a source names, or why it could not be asked.
    Polled(Box<Source>, Box<Result<Polled, PollFailure>>),
    /// An article as it came, or why it could not be had.
    Loaded(Box<Result<Loaded, Missing>>, Arc<str>),
    /// An article as it is understood; or its name, and why it is none.
    Prepared(Box<Result<Prepared, (String, String)>>, Arc<str>),
    /// What is known of a post now.
    Climbed(Box<Climbed>),
    /// A defect of ours: one page must not end the run.
    Broken {
        /// What was worked on.
        name: String,
    },
}

/// What jobs need.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) transport: Arc<Meter>,
    /// Recordings that the user named: what stands in them is not asked for.
    pub(super) recorded: Option<Arc<Replay>>,
    pub(super) settings: Arc<Settings>,
    /// One for each core: reading pages is work for cores, and a page under work takes many times its size.
    pub(super) cores: Arc<Semaphore>,
}

impl Job {
    /// What is worked on, in words.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Poll(due) => due.source.name.clone(),
            Self::Load(work, _) => work.name.clone(),
            Self::Prepare(document, _) => document.name.clone(),
            Self::Climb(wanted, _) => wanted.post.key(),
        }
    }

    /// Does it.
    pub(super) async fn run(self, means: Means) -> Done {
        let Means { transport, recorded, settings, cores } = means;
        match self {
            Self::Poll(due) => {
                let Due { source, state } = *due;
                let said = poll(transport.as_ref(), &source, &state).await;
                Done::Polled(Box::new(source), Box::new(said))
            }
            Self::Load(work, source) => {
                let name = work.name.clone();
                let loading = input::load(transport, *work, settings.conditional);
                let Some(limit) = settings.item_time else { return Done::Loaded(Box::new(loading.await), source) };
                let loaded = tokio::time::timeout(limit, loading).await;
                Done::Loaded(Box::new(loaded.unwrap_or_else(|_| Err(Missing::late(name, limit)))), source)
            }
            Self::Prepare(document, source) => {
                let name = document.name.clone();
                // The semaphore is never closed, so that acquiring it cannot fail.
                let core = cores.acquire_owned().await.ok();
                let read = tokio::task::spawn_blocking(move || {
                    let prepared = prepare(*document);
                    drop(core);
                    prepared
                });
                match read.await {
                    Ok(Ok(mut prepared)) => {
                        let pages = settings.article_pages;
                        let completing = whole::complete(transport.as_ref(), &mut prepared, pages);
                        let limit = settings.item_time.unwrap_or(Duration::MAX);
                        let late = |_| Err(format!("was not done within {} s", limit.as_secs()));
                        let completed = tokio::time::timeout(limit, completing).await.unwrap_or_else(late);
                        // Less than what is known would pass for a change; of a new article it is better than nothing.
                        let read = match completed {
                            Err(reason) if prepared.document.known => Err((prepared.document.name, reason)),
                            _ => Ok(prepared),
                        };
                        Done::Prepared(Box::new(read), source)
                    }
                    Ok(Err(none)) => Done::Prepared(Box::new(Err(none)), source),
                    Err(_) => Done::Broken { name },
                }
            }
            Self::Climb(wanted, known) => {
                let recorded = recorded.as_deref();
                Done::Climbed(Box::new(ladder::climb(transport.as_ref(), recorded, &settings, *wanted, *known).await))
            }
        }
    }
}

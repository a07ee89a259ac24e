//! Supplies: where a run's work comes from, such as one source, what is due in the queue, or known posts to look at again.
//! The run takes from each in turn, so that a source of ten thousand articles starves no other; and out of a window of
//! each, so that what waits for a slow host does not hold up what stands behind it.

use super::lanes::{self, Lane};
use crate::pipeline::{Input, InputError, Work, WorkBody, Works, ladder::Wanted, poll::Due};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::{Notify, mpsc};

/// Items of one supply that are looked through for one that can be begun. They are names; what has a body of its own is
/// begun at once.
const WINDOW: usize = 256;

/// Items that a folder's or a stream's reader is ahead.
const READ_AHEAD: usize = 4;

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A source to ask.
    Poll(Box<Due>),
    /// An article to archive, or a post that is named in its place; with the name of its source.
    Work(Box<Work>, Arc<str>),
    /// Something that a source names and that is no work.
    Unusable(InputError),
    /// A post to look at.
    Post(Box<Wanted>),
}

impl Item {
    /// Where it goes.
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Poll(due) => match &due.source.place {
                Input::Url(url) => lanes::of_url(url),
                _ => None,
            },
            Self::Work(work, _) => match &work.body {
                WorkBody::Url(url, _) => lanes::of_url(url),
                _ => None,
            },
            Self::Unusable(_) => None,
            Self::Post(wanted) => lanes::of_post(&wanted.post),
        }
    }

    /// The same article to be fetched another time; none where it comes from this machine, and can be named again.
    pub(super) fn again(work: &Work, source: &Arc<str>) -> Option<Self> {
        let WorkBody::Url(url, _) = &work.body else { return None };
        let body = WorkBody::Url(url.clone(), None);
        Some(Self::Work(
            Box::new(Work { body, name: work.name.clone(), once: work.once, known: None, lang: None, quoted: None }),
            Arc::clone(source),
        ))
    }

    /// Whether it is large in memory already.
    fn is_heavy(&self) -> bool {
        matches!(self, Self::Work(work, _) if matches!(work.body, WorkBody::Document(_)))
    }
}

/// Where the items of a supply are.
enum From {
    /// In memory, or quick to get.
    Here(Box<dyn Iterator<Item = Item> + Send>),
    /// Read by a thread: a folder, a large file, standard input that may be silent for an hour.
    Reader(mpsc::Receiver<Item>),
    /// Due posts in the archive, read a page at a time by the run.
    Queue,
}

/// Work from one place.
pub(super) struct Supply {
    from: From,
    window: VecDeque<(Lane, Item)>,
    ended: bool,
    /// Taken only where nothing of the others can be begun.
    pub(super) spare: bool,
    /// Files of this machine: taken one folder after the other, since the first to bear a name keeps it.
    pub(super) local: bool,
}

/// What a supply has to give.
pub(super) enum Pick {
    /// This.
    Item(Item),
    /// Nothing that can be begun now.
    Nothing,
    /// Its next page is to be read: [`Supply::page`].
    Page,
    /// It was looked through as far as is done at once, and there is more.
    Again,
}

impl Supply {
    fn new(from: From) -> Self {
        Self { from, window: VecDeque::new(), ended: false, spare: false, local: false }
    }

    /// These items, in their order.
    pub(super) fn of(items: impl IntoIterator<Item = Item, IntoIter: Send + 'static>) -> Self {
        Self::new(From::Here(Box::new(items.into_iter())))
    }

    /// The work of a source, read where it is asked for.
    pub(super) fn works(works: Works, source: &str) -> Self {
        let source: Arc<str> = source.into();
        Self::of(works.map(move |work| item(work, &source)))
    }

    /// The work of a source whose reading may take long: a thread reads ahead, and says so to `arrivals`.
    pub(super) fn read_ahead(works: Works, source: &str, arrivals: &Arc<Notify>) -> Self {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let (source, arrivals): (Arc<str>, _) = (source.into(), Arc::clone(arrivals));
        let read = move || {
            for work in works {
                // Nobody takes it any more where the run has ended.
                if sender.blocking_send(item(work, &source)).is_err() {
                    break;
                }
                arrivals.notify_one();
            }
            drop(sender);
            arrivals.notify_one();
        };
        // The thread is left alone when the run ends: it may wait for standard input, and ends with the process.
        match std::thread::Builder::new().name("reader".to_owned()).spawn(read) {
            Ok(_) => Self::new(From::Reader(receiver)),
            Err(error) => {
                let reason = format!("its reader could not be started: {error}");
                Self::of([Item::Unusable(InputError { input: "a source".to_owned(), reason })])
            }
        }
    }

    /// The posts that are due in the archive.
    pub(super) fn queue() -> Self {
        Self::new(From::Queue)
    }

    /// The same, taken only where nothing of the others can be begun.
    pub(super) fn spare(self) -> Self {
        Self { spare: true, ..self }
    }

    /// The same, of files of this machine or not.
    pub(super) fn local(self, local: bool) -> Self {
        Self { local, ..self }
    }

    /// Whether it has nothing more.
    pub(super) fn is_empty(&self) -> bool {
        self.ended && self.window.is_empty()
    }

    /// Whether its reader may bring more.
    pub(super) fn is_being_read(&self) -> bool {
        !self.ended && matches!(self.from, From::Reader(_))
    }

    /// Items at hand.
    pub(super) fn at_hand(&self) -> usize {
        self.window.len()
    }

    /// Whether it is the archive's queue.
    pub(super) fn is_queue(&self) -> bool {
        matches!(self.from, From::Queue)
    }

    /// The next page of the archive's queue; an empty one is the last.
    pub(super) fn page(&mut self, items: Vec<Item>) {
        self.ended = items.is_empty();
        self.window.extend(items.into_iter().map(|item| (item.lane(), item)));
    }

    /// More was put into the archive's queue since it was found empty.
    pub(super) fn reopen(&mut self) {
        self.ended = false;
    }

    /// The first item that `fits` now, by its lane. `keep` sees an item when it comes: it makes of it what is to be done,
    /// or nothing.
    pub(super) fn pick<E>(
        &mut self,
        fits: impl Fn(&Lane, &Item) -> bool,
        mut keep: impl FnMut(Item) -> Result<Option<Item>, E>,
    ) -> Result<Pick, E> {
        let place = self.window.iter().position(|(lane, item)| fits(lane, item));
        if let Some((_, item)) = place.and_then(|place| self.window.remove(place)) {
            return Ok(Pick::Item(item));
        }
        for _ in 0..WINDOW {
            let is_full = self.window.len() >= WINDOW || self.window.back().is_some_and(|(_, item)| item.is_heavy());
            if self.ended || is_full {
                return Ok(Pick::Nothing);
            }
            let next = match &mut self.from {
                From::Here(items) => items.next(),
                From::Reader(receiver) => match receiver.try_recv() {
                    Ok(item) => Some(item),
                    Err(mpsc::error::TryRecvError::Empty) => return Ok(Pick::Nothing),
                    Err(mpsc::error::TryRecvError::Disconnected) => None,
                },
                From::Queue if self.window.is_empty() => return Ok(Pick::Page),
                From::Queue => return Ok(Pick::Nothing),
            };
            let Some(item) = next else {
                self.ended = true;
                return Ok(Pick::Nothing);
            };
            let Some(item) = keep(item)? else { continue };
            let lane = item.lane();
            if fits(&lane, &item) {
                return Ok(Pick::Item(item));
            }
            self.window.push_back((lane, item));
        }
        Ok(Pick::Again)
    }

    /// What is left of it, as far as it is at hand or quick to get: a reader's is where it was.
    pub(super) fn rest(self) -> impl Iterator<Item = Item> {
        let more: Box<dyn Iterator<Item = Item> + Send> = match self.from {
            From::Here(items) => items,
            From::Reader(_) | From::Queue => Box::new(std::iter::empty()),
        };
        self.window.into_iter().map(|(_, item)| item).chain(more)
    }
}

fn item(work: Result<Work, InputError>, source: &Arc<str>) -> Item {
    match work {
        Ok(work) => Item::Work(Box::new(work), Arc::clone(source)),
        Err(error) => Item::Unusable(error),
    }
}

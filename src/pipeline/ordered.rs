//! The same work on many items, on all cores, in bounded memory, with the results in the items' order.
//!
//! One thread takes items from their source, as many as asked for work on them, and whoever asks gets the results. An
//! item holds its weight from when it is queued until its result has been used: so the queue, the work under way and the
//! results that wait for an earlier one are bounded together. An item heavier than the bound goes alone. Plain threads do:
//! the work is CPU and one file is read, so nothing waits for a network.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// What an item weighs beside its own weight, so that many small ones are bounded, too.
const ITEM_BYTES: usize = 4 * 1024;

/// A worker's stack. Nothing recurses with the depth of a page.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// How wide and how heavy the work may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Threads that work on items; at least one.
    pub workers: usize,
    /// Weight of all items that are queued, worked on, or whose results wait, in bytes.
    pub held_bytes: usize,
}

/// What is there to take.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn<R> {
    /// The next result.
    Result(R),
    /// It is not there yet.
    Waiting,
    /// There are no more.
    End,
}

/// Results, as they come. Dropping it ends the work after the items in hand, without waiting for them.
pub struct Ordered<T, R> {
    shared: Arc<Shared<T, R>>,
    next: u64,
}

type Caught<R> = thread::Result<R>;

struct Shared<T, R> {
    state: Mutex<State<T, R>>,
    /// An item was queued, or there will be no more.
    queued: Condvar,
    /// Weight was let go.
    room: Condvar,
    /// A result was put down, or there will be no more.
    done: Condvar,
    held_bytes: usize,
}

struct State<T, R> {
    queue: VecDeque<(u64, usize, T)>,
    done: BTreeMap<u64, (usize, Caught<R>)>,
    held: usize,
    /// The weight of the result that was taken last, which may still be in use.
    taken: usize,
    /// Items taken from the source.
    items: u64,
    /// The source has no more.
    ended: bool,
    /// Nobody takes results any more.
    stopped: bool,
}

impl<T: Send + 'static, R: Send + 'static> Ordered<T, R> {
    /// Begins. `weigh` gives an item's weight in bytes.
    ///
    /// # Panics
    /// The system gives no thread. A panic of the source, of `weigh` or of `work` goes on where its result is taken.
    pub fn start(
        items: impl Iterator<Item = T> + Send + 'static,
        weigh: impl Fn(&T) -> usize + Send + 'static,
        work: impl Fn(T) -> R + Send + Sync + 'static,
        bounds: Bounds,
    ) -> Self {
        let state = State {
            queue: VecDeque::new(),
            done: BTreeMap::new(),
            held: 0,
            taken: 0,
            items: 0,
            ended: false,
            stopped: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            queued: Condvar::new(),
            room: Condvar::new(),
            done: Condvar::new(),
            held_bytes: bounds.held_bytes,
        });
        let work = Arc::new(work);
        for _ in 0..bounds.workers.max(1) {
            let (shared, work) = (Arc::clone(&shared), Arc::clone(&work));
            spawn("worker", move || shared.work(work.as_ref()));
        }
        let reader = Arc::clone(&shared);
        spawn("reader", move || reader.read(items, &weigh));
        Self { shared, next: 0 }
    }

    /// The next result, waited for so long at most. The one before it is taken to be used up.
    pub fn take(&mut self, timeout: Duration) -> Turn<R> {
        let mut state = self.shared.lock();
        state.held -= std::mem::take(&mut state.taken);
        self.shared.room.notify_one();
        let next = self.next;
        let waits = |state: &mut State<T, R>| !(state.done.contains_key(&next) || state.ended && next >= state.items);
        let waited = self.shared.done.wait_timeout_while(state, timeout, waits);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.done.remove(&next) {
            Some((weight, result)) => {
                state.taken = weight;
                drop(state);
                self.next += 1;
                match result {
                    Ok(result) => Turn::Result(result),
                    Err(panic) => panic::resume_unwind(panic),
                }
            }
            None if state.ended && next >= state.items => Turn::End,
            None => Turn::Waiting,
        }
    }
}

impl<T, R> Drop for Ordered<T, R> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopped = true;
        state.queue.clear();
        self.shared.queued.notify_all();
        self.shared.room.notify_all();
    }
}

impl<T, R> Shared<T, R> {
    fn lock(&self) -> MutexGuard<'_, State<T, R>> {
        // What the lock guards is whole at every moment: no call that can panic is made under it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut items: impl Iterator<Item = T>, weigh: &impl Fn(&T) -> usize) {
        loop {
            let next = panic::catch_unwind(AssertUnwindSafe(|| items.next().map(|item| (weigh(&item), item))));
            let mut state = self.lock();
            match next {
                Ok(Some((weight, item))) => {
                    let weight = weight.saturating_add(ITEM_BYTES);
                    let full = |state: &mut State<T, R>| {
                        !state.stopped && state.held > 0 && state.held.saturating_add(weight) > self.held_bytes
                    };
                    state = self.room.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
                    if state.stopped {
                        return;
                    }
                    state.held += weight;
                    let number = state.items;
                    state.items += 1;
                    state.queue.push_back((number, weight, item));
                    self.queued.notify_one();
                }
                Ok(None) => {
                    state.ended = true;
                    break;
                }
                Err(panic) => {
                    let number = state.items;
                    state.items += 1;
                    state.done.insert(number, (0, Err(panic)));
                    state.ended = true;
                    break;
                }
            }
        }
        self.queued.notify_all();
        self.done.notify_all();
    }

    fn work(&self, work: &impl Fn(T) -> R) {
        loop {
            let idle = |state: &mut State<T, R>| state.queue.is_empty() && !state.ended && !state.stopped;
            let mut state = self.queued.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
            let Some((number, weight, item)) = state.queue.pop_front() else { return };
            drop(state);
            let result = panic::catch_unwind(AssertUnwindSafe(|| work(item)));
            self.lock().done.insert(number, (weight, result));
            self.done.notify_all();
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run);
    thread.expect("the system gives a thread to a program that just began");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LONG: Duration = Duration::from_secs(60);

    fn all<R: Send + 'static, T: Send + 'static>(mut results: Ordered<T, R>) -> Vec<R> {
        let mut out = Vec::new();
        loop {
            match results.take(LONG) {
                Turn::Result(result) => out.push(result),
                Turn::Waiting => {}
                Turn::End => return out,
            }
        }
    }

    #[test]
    fn results_keep_the_order_of_items_with_any_number_of_workers() {
        for workers in [1, 2, 4, 9] {
            // The earlier items are the harder ones.
            let work = |n: u64| (0..(1000 - n) * 50).fold(n, |sum, i| std::hint::black_box(sum ^ i ^ i));
            let bounds = Bounds { workers, held_bytes: 100 * ITEM_BYTES };
            assert_eq!(all(Ordered::start(0..1000, |_| 10, work, bounds)), (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_more_than_the_bound_is_ever_held_and_what_is_larger_goes_alone() {
        const HELD: usize = 1_000_000;
        static ALIVE: AtomicUsize = AtomicUsize::new(0);
        static PEAK: AtomicUsize = AtomicUsize::new(0);
        /// Counts itself from when it is read until its result was used.
        struct Item(usize);
        impl Drop for Item {
            fn drop(&mut self) {
                ALIVE.fetch_sub(self.0, Ordering::SeqCst);
            }
        }
        let sizes = |i: usize| if i.is_multiple_of(97) { 3 * HELD } else { i * 7919 % 120_000 };
        let items = (0..2000).map(move |i| {
            let size = sizes(i);
            PEAK.fetch_max(ALIVE.fetch_add(size, Ordering::SeqCst) + size, Ordering::SeqCst);
            Item(size)
        });
        let results = Ordered::start(items, |item| item.0, |item| item, Bounds { workers: 4, held_bytes: HELD });
        let mut results = results;
        let mut taken = 0;
        loop {
            match results.take(LONG) {
                Turn::Result(item) => {
                    assert_eq!(item.0, sizes(taken));
                    taken += 1;
                }
                Turn::Waiting => {}
                Turn::End => break,
            }
        }
        assert_eq!((taken, ALIVE.load(Ordering::SeqCst)), (2000, 0));
        // One item is in the reader's hand, one is held; both may be of the large ones.
        assert!(PEAK.load(Ordering::SeqCst) <= HELD.max(3 * HELD) + 3 * HELD, "{PEAK:?}");
    }

    #[test]
    fn nobody_reads_on_when_nobody_takes() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        let items = (0_u32..).inspect(|_| _ = READ.fetch_add(1, Ordering::SeqCst));
        let bounds = Bounds { workers: 2, held_bytes: 10 * ITEM_BYTES };
        let mut results = Ordered::start(items, |_| 0, |n| n, bounds);
        for expected in 0..50 {
            assert_eq!(results.take(LONG), Turn::Result(expected));
            // Ten are held, one is in the reader's hand, and the bound is let go a step later than it is used.
            assert!(READ.load(Ordering::SeqCst) <= expected as usize + 12);
        }
    }

    #[test]
    fn a_panic_goes_on_where_its_result_is_taken() {
        let work = |n: u32| {
            assert_ne!(n, 3, "three");
            n
        };
        let mut results = Ordered::start(0..6, |_| 0, work, Bounds { workers: 2, held_bytes: 1 << 20 });
        for n in 0..3 {
            assert_eq!(results.take(LONG), Turn::Result(n));
        }
        assert!(panic::catch_unwind(AssertUnwindSafe(|| results.take(LONG))).is_err());
        assert_eq!(results.take(LONG), Turn::Result(4));
    }
}

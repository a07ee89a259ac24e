//! The stream of a run: work is taken from its supplies in turn, as much as may be under way, and what comes back is
//! written by one writer as it comes, several at a time where several have come. Nothing is told before it is committed.
//!
//! Over a network, what is ready first is written first. A replay, and files of this machine, keep the order in which they
//! were begun, so that the same input and recording give the same rows.

use super::{
    job::{Done, Job, Means},
    lanes::{self, Lane, Lanes},
    supply::{Item, Pick, Supply},
};
use crate::{
    fetch::{meter::Meter, replay::Replay},
    pipeline::{Input, Settings, WorkBody, ladder::Wanted},
};
use futures::FutureExt;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};

/// Articles under way for each request that may be: most wait for their host's turn, and weigh nothing meanwhile.
const LOADS_A_SLOT: usize = 8;

/// Posts under way for each request that may be: they hold their files until they are written.
const POSTS_A_SLOT: usize = 2;

/// Work of one host beyond what it may be asked at once, so that its next request is never late.
const LANE_AHEAD: usize = 1;

/// Work under way in a replay: a number of its own, so that its rows do not depend on a setting.
const IN_ORDER: usize = 16;

/// Pages that wait to be read, or are being read, are bounded by their sum in bytes,
const MAX_UNREAD_BYTES: usize = 64 << 20;

/// and by their number for each core.
const UNREAD_A_CORE: usize = 4;

/// Posts that wait in memory; more wait in the archive.
const MAX_WAITING_POSTS: usize = 2048;

/// What is under way, and what it takes.
pub(super) struct Ticket {
    lane: Lane,
    place: Place,
    /// The order that it keeps, where it keeps one.
    turn: Option<u64>,
    /// What to do again where it is left.
    pub(super) again: Option<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Load,
    Read { bytes: usize },
    Post,
}

/// The work of a run, waiting and under way.
pub(super) struct Flow {
    means: Means,
    supplies: Vec<Supply>,
    next_supply: usize,
    /// Posts of articles that were just archived, and posts that those lead to.
    posts: VecDeque<(Lane, Wanted)>,
    /// Posts were left to the archive's queue.
    pub(super) spilled: bool,
    lanes: Lanes,
    jobs: JoinSet<(u64, Done)>,
    tickets: HashMap<u64, Ticket>,
    started: u64,
    /// What is done, ready to be written, and what waits for an earlier one.
    done: VecDeque<(Ticket, Done)>,
    waiting: BTreeMap<u64, (Ticket, Done)>,
    turns: u64,
    next_turn: u64,
    loads: usize,
    climbs: usize,
    unread: usize,
    unread_bytes: usize,
    /// Told by readers of folders and streams.
    pub(super) arrivals: Arc<Notify>,
    in_order: bool,
    limits: Limits,
}

struct Limits {
    loads: usize,
    posts: usize,
    unread: usize,
    host: usize,
    platform: usize,
}

/// What can be begun now.
pub(super) enum Next {
    /// This.
    Item(Item),
    /// Nothing before something under way is done.
    Nothing,
    /// The next page of the archive's queue is wanted.
    Page,
    /// There is more to look through.
    Again,
}

impl Flow {
    /// Nothing to do yet. `in_order`: results are kept in the order of their beginning.
    pub(super) fn new(
        transport: Arc<Meter>,
        recorded: Option<Arc<Replay>>,
        settings: &Settings,
        in_order: bool,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = settings.concurrency.max(1);
        let host = settings.per_host.max(1);
        let limits = if in_order {
            let all = usize::MAX;
            Limits { loads: IN_ORDER, posts: IN_ORDER, unread: IN_ORDER, host: all, platform: all }
        } else {
            Limits {
                loads: slots.saturating_mul(LOADS_A_SLOT),
                posts: slots.saturating_mul(POSTS_A_SLOT),
                unread: cores.saturating_mul(UNREAD_A_CORE),
                host: host.saturating_add(LANE_AHEAD),
                // A post's files are mostly at another host than its words, and both can be asked at once.
                platform: host.saturating_mul(2).saturating_add(LANE_AHEAD),
            }
        };
        Self {
            means: Means {
                transport,
                recorded,
                settings: Arc::new(settings.clone()),
                cores: Arc::new(Semaphore::new(cores)),
            },
            supplies: Vec::new(),
            next_supply: 0,
            posts: VecDeque::new(),
            spilled: false,
            lanes: Lanes::default(),
            jobs: JoinSet::new(),
            tickets: HashMap::new(),
            started: 0,
            done: VecDeque::new(),
            waiting: BTreeMap::new(),
            turns: 0,
            next_turn: 0,
            loads: 0,
            climbs: 0,
            unread: 0,
            unread_bytes: 0,
            arrivals: Arc::default(),
            in_order,
            limits,
        }
    }

    /// Whether results are kept in the order of their beginning.
    pub(super) fn is_in_order(&self) -> bool {
        self.in_order
    }

    /// More work.
    pub(super) fn add(&mut self, supply: Supply) {
        self.supplies.push(supply);
    }

    /// A post to capture next. False where too many wait already and it is left to the archive's queue, which has it.
    pub(super) fn post(&mut self, wanted: Wanted, may_be_left: bool) -> bool {
        if may_be_left && self.posts.len() >= MAX_WAITING_POSTS {
            self.spilled = true;
            return false;
        }
        self.posts.push_back((lanes::of_post(&wanted.post), wanted));
        true
    }

    /// Posts that wait in memory.
    pub(super) fn waiting_posts(&self) -> usize {
        self.posts.len()
    }

    /// Items at hand that wait, beside posts that were just found.
    pub(super) fn at_hand(&self) -> usize {
        self.supplies.iter().map(Supply::at_hand).sum()
    }

    /// The hosts and platforms with work under way, and how much.
    pub(super) fn busy(&self) -> impl Iterator<Item = (&str, usize)> {
        self.lanes.busy()
    }

    /// Articles, sources and posts under way that ask somebody.
    pub(super) fn asking(&self) -> usize {
        self.loads + self.climbs
    }

    /// Whether something is under way.
    pub(super) fn is_under_way(&self) -> bool {
        !self.tickets.is_empty() || !self.done.is_empty() || !self.waiting.is_empty()
    }

    /// Whether a reader may bring more.
    pub(super) fn is_being_read(&self) -> bool {
        self.supplies.iter().any(Supply::is_being_read)
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.posts.is_empty() && self.supplies.iter().all(Supply::is_empty)
    }

    /// What can be begun now. `keep` sees each item of a supply when it comes, and makes of it what is to be done, or
    /// nothing; `articles` says whether another article may be begun.
    pub(super) fn next<E>(
        &mut self,
        articles: bool,
        mut keep: impl FnMut(Item) -> Result<Option<Item>, E>,
    ) -> Result<Next, E> {
        let Limits { loads, posts, unread, host, platform } = self.limits;
        let full = self.in_order && self.tickets.len() + self.done.len() + self.waiting.len() >= IN_ORDER;
        if full {
            return Ok(Next::Nothing);
        }
        let lanes = &self.lanes;
        let posts_fit = self.climbs < posts;
        if posts_fit {
            let place = self.posts.iter().position(|(lane, _)| lanes.have_room(lane, platform));
            if let Some((_, wanted)) = place.and_then(|place| self.posts.remove(place)) {
                return Ok(Next::Item(Item::Post(Box::new(wanted))));
            }
        }
        // Many posts that wait in memory are to become fewer first, where the archive does not keep them.
        let room = self.spilled || self.posts.len() < MAX_WAITING_POSTS;
        let loads_fit = room && self.loads < loads && self.unread < unread && self.unread_bytes < MAX_UNREAD_BYTES;
        let fits = |lane: &Lane, item: &Item| match item {
            Item::Unusable(_) => true,
            Item::Post(_) => posts_fit && lanes.have_room(lane, platform),
            Item::Poll(_) => loads_fit && lanes.have_room(lane, host),
            Item::Work(..) => loads_fit && articles && lanes.have_room(lane, host),
        };
        let mut again = false;
        let first_folder = self.supplies.iter().position(|supply| supply.local && !supply.is_empty());
        for spare in [false, true] {
            for step in 0..self.supplies.len() {
                let nth = (self.next_supply + step) % self.supplies.len();
                let Some(supply) = self.supplies.get_mut(nth).filter(|supply| supply.spare == spare) else { continue };
                if supply.local && first_folder != Some(nth) {
                    continue;
                }
                match supply.pick(fits, &mut keep)? {
                    Pick::Item(item) => {
                        self.next_supply = nth + 1;
                        return Ok(Next::Item(item));
                    }
                    Pick::Page => return Ok(Next::Page),
                    Pick::Again => again = true,
                    Pick::Nothing => {}
                }
            }
        }
        // The folder behind one that is found at its end was not looked into.
        let ended = first_folder.and_then(|nth| self.supplies.get(nth)).is_some_and(Supply::is_empty);
        again |= ended && self.supplies.iter().any(|supply| supply.local && !supply.is_empty());
        self.supplies.retain(|supply| supply.is_queue() || !supply.is_empty());
        Ok(if again { Next::Again } else { Next::Nothing })
    }

    /// The next page of the archive's queue; an empty one is the last.
    pub(super) fn page(&mut self, items: Vec<Item>) {
        if let Some(queue) = self.supplies.iter_mut().find(|supply| supply.is_queue()) {
            queue.page(items);
        }
    }

    /// Looks into the archive's queue again, where posts were left to it and there is room for them.
    pub(super) fn reopen_queue(&mut self) {
        if self.spilled && self.posts.len() < MAX_WAITING_POSTS / 2 {
            self.spilled = false;
            self.supplies.iter_mut().filter(|supply| supply.is_queue()).for_each(Supply::reopen);
        }
    }

    /// Begins a job. `again` is what to do where it is left undone.
    pub(super) fn begin(&mut self, job: Job, lane: Lane, again: Option<Item>) {
        let (place, local) = match &job {
            Job::Poll(due) => (Place::Load, !matches!(due.source.place, Input::Url(_))),
            Job::Load(work, _) => (Place::Load, !matches!(work.body, WorkBody::Url(..))),
            Job::Prepare(document, _) => (Place::Read { bytes: document.bytes.len() }, document.exchange.is_none()),
            Job::Climb(..) => (Place::Post, false),
        };
        match place {
            Place::Load => self.loads += 1,
            Place::Read { bytes } => {
                self.unread += 1;
                self.unread_bytes += bytes;
            }
            Place::Post => self.climbs += 1,
        }
        self.lanes.enter(&lane);
        let turn = (self.in_order || local).then(|| {
            self.turns += 1;
            self.turns - 1
        });
        let number = self.started;
        self.started += 1;
        self.tickets.insert(number, Ticket { lane, place, turn, again });
        let (name, means) = (job.name(), self.means.clone());
        self.jobs.spawn(async move {
            // A panic in a parser is a defect of ours; one page or post must not end the run.
            let done = AssertUnwindSafe(job.run(means)).catch_unwind().await;
            (number, done.unwrap_or(Done::Broken { name }))
        });
    }

    /// Waits until something that was begun is done.
    pub(super) async fn wait(&mut self) {
        if let Some(Ok((number, done))) = self.jobs.join_next().await {
            self.put(number, done);
        }
    }

    /// What is done and can be written now.
    pub(super) fn ready(&mut self) -> Option<(Ticket, Done)> {
        while let Some(joined) = self.jobs.try_join_next() {
            if let Ok((number, done)) = joined {
                self.put(number, done);
            }
        }
        let (ticket, done) = self.done.pop_front().or_else(|| {
            let first = self.waiting.remove(&self.next_turn)?;
            self.next_turn += 1;
            Some(first)
        })?;
        self.lanes.leave(&ticket.lane);
        match ticket.place {
            Place::Load => self.loads -= 1,
            Place::Read { bytes } => {
                self.unread -= 1;
                self.unread_bytes -= bytes;
            }
            Place::Post => self.climbs -= 1,
        }
        Some((ticket, done))
    }

    fn put(&mut self, number: u64, done: Done) {
        let Some(ticket) = self.tickets.remove(&number) else { return };
        match ticket.turn {
            Some(turn) => drop(self.waiting.insert(turn, (ticket, done))),
            None => self.done.push_back((ticket, done)),
        }
    }

    /// Ends what is under way, and gives what is left to do: what was under way or is not written, and what waits at hand.
    pub(super) fn rest(self) -> impl Iterator<Item = Item> {
        let mut under_way: Vec<_> = self.tickets.into_iter().collect();
        under_way.sort_by_key(|(number, _)| *number);
        let under_way = under_way.into_iter().filter_map(|(_, ticket)| ticket.again);
        let unwritten = self.done.into_iter().chain(self.waiting.into_values()).filter_map(|(ticket, _)| ticket.again);
        let posts = self.posts.into_iter().map(|(_, wanted)| Item::Post(Box::new(wanted)));
        under_way.chain(unwritten).chain(posts).chain(self.supplies.into_iter().flat_map(Supply::rest))
    }
}

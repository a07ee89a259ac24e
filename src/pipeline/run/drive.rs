//! Driving the stream: what can be begun is begun, what is done is written in one commit with all else that is done, and
//! then told. When the run is to stop, what is in hand is finished, within reason, and the rest waits for the next run.

use super::{
    Driver, FailedInput,
    flow::{Flow, Next, Ticket},
    job::{Done, Job},
    sources::reading,
    supply::{Item, Supply},
};
use crate::{
    fetch::Transport,
    model::PostRef,
    pipeline::{Event, InputError, Progress, Source, Work, WorkBody, input::Missing, poll},
    store::StoreError,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// What is in hand when the run is to stop is waited for so long: containers are killed ten seconds after they were asked
/// to end. What is left then is in the archive's queue.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// Due posts read from the archive at a time.
const PAGE: usize = 1024;

impl Driver<'_> {
    /// Archives articles and captures their posts.
    ///
    /// # Errors
    /// The archive can't be written. What fails about one article is counted, never an error.
    pub async fn articles(
        &mut self,
        works: impl Iterator<Item = Result<Work, InputError>> + Send + 'static,
        source: &str,
    ) -> Result<(), StoreError> {
        let mut flow = self.flow();
        flow.add(reading(&flow, Box::new(works), source));
        self.drive(flow).await
    }

    /// The scheduled job: asks the sources, archives what is new and captures its posts; tries again what is due; looks
    /// again at known posts whose turn has come, where nothing else can be done meanwhile.
    ///
    /// # Errors
    /// The archive can't be read or written. What fails about one item is counted, never an error.
    pub async fn crawl(&mut self, sources: &[Source]) -> Result<(), StoreError> {
        let now = self.transport.now();
        let due = poll::agenda(self.store, sources, now)?.due.into_iter().map(|due| due.source).collect::<Vec<_>>();
        self.recordings_of(&due).await?;
        let mut flow = self.flow();
        flow.add(self.due_sources(sources)?);
        if !self.settings.dry_run && !self.stopped() {
            flow.add(Supply::of(self.due_articles()?));
            flow.add(Supply::of(self.due_revisits()?));
            flow.add(Supply::queue());
            flow.add(Supply::of(self.due_rechecks()?).spare());
        }
        self.drive(flow).await
    }

    /// Asks these sources, whether they are due or not, archives what they name and captures its posts. All else that is
    /// due stays so.
    ///
    /// # Errors
    /// As [`Driver::crawl`].
    pub async fn ask(&mut self, sources: &[Source]) -> Result<(), StoreError> {
        self.spills = false;
        self.recordings_of(sources).await?;
        let mut flow = self.flow();
        flow.add(self.all_sources(sources)?);
        self.drive(flow).await
    }

    /// A flow without work.
    pub(super) fn flow(&self) -> Flow {
        Flow::new(Arc::clone(&self.transport), self.recorded.clone(), &self.settings, self.transport.is_replay())
    }

    /// Does all of it, or as much as the run may.
    pub(super) async fn drive(&mut self, mut flow: Flow) -> Result<(), StoreError> {
        if let Err(error) = self.run_through(&mut flow).await {
            self.store.drop_group();
            return Err(error);
        }
        self.write_looks()?;
        if self.summary.stopped.is_none() && !flow.is_empty() {
            self.summary.stopped = Some("article budget".to_owned());
        }
        if self.summary.stopped.is_some() {
            self.leave(flow)?;
        }
        Ok(())
    }

    async fn run_through(&mut self, flow: &mut Flow) -> Result<(), StoreError> {
        let mut last: Option<Instant> = None;
        loop {
            let again = if self.stopped() {
                last.get_or_insert_with(|| Instant::now() + LAST_WAIT);
                false
            } else {
                self.begin_some(flow)?
            };
            self.tell();
            self.tell_progress(flow);
            if again {
                tokio::task::yield_now().await;
            } else if !flow.is_under_way() && (last.is_some() || !self.has_articles_left() || !flow.is_being_read()) {
                // A reader that is ahead waits to be read on, and says nothing more.
                return Ok(());
            } else {
                let (stop, transport) = (self.stop.clone(), Arc::clone(&self.transport));
                let arrivals = Arc::clone(&flow.arrivals);
                let under_way = flow.is_under_way();
                let ends_at = last.unwrap_or_else(Instant::now);
                tokio::select! {
                    biased;
                    () = flow.wait(), if under_way => {}
                    () = arrivals.notified(), if last.is_none() => {}
                    () = stop.reached(), if last.is_none() => {}
                    () = transport.is_spent(), if last.is_none() => {}
                    () = tokio::time::sleep_until(ends_at), if last.is_some() => return Ok(()),
                }
            }
            self.write_what_is_done(flow)?;
        }
    }

    /// Whether the budget of articles has room for another one.
    fn has_articles_left(&self) -> bool {
        self.settings.max_articles.is_none_or(|limit| self.looked_at < limit)
    }

    /// Begins what can be begun. True where there is more to look through at once.
    fn begin_some(&mut self, flow: &mut Flow) -> Result<bool, StoreError> {
        flow.reopen_queue();
        loop {
            if !self.transport.has_room(flow.asking()) {
                return Ok(false);
            }
            let articles = self.has_articles_left();
            match flow.next(articles, |item| self.admit(item))? {
                Next::Item(item) => self.begin_item(flow, item)?,
                Next::Page => {
                    let beside = flow.waiting_posts() + self.settings.concurrency.saturating_mul(4);
                    let page = self.due_posts(PAGE + beside)?;
                    let posts = page.len() as u64;
                    self.news(move |tell| tell(&Event::Wanted { posts }));
                    flow.page(page);
                }
                Next::Again => return Ok(true),
                Next::Nothing => return Ok(false),
            }
        }
    }

    fn begin_item(&mut self, flow: &mut Flow, item: Item) -> Result<(), StoreError> {
        let lane = item.lane();
        match item {
            Item::Poll(due) => flow.begin(Job::Poll(due), lane, None),
            Item::Unusable(error) => self.failed(&error.input, &error.reason),
            Item::Work(work, source) => {
                self.looked_at += 1;
                let again = Item::again(&work, &source);
                flow.begin(Job::Load(work, source), lane, again);
            }
            Item::Post(wanted) => {
                // What is known of a post is read when its turn comes, so that memory stays flat over any number.
                let known = self.store.known(&wanted.post, wanted.recheck)?;
                let again = Item::Post(wanted.clone());
                flow.begin(Job::Climb(wanted, Box::new(known)), lane, Some(again));
            }
        }
        Ok(())
    }

    /// Writes what is done, all of it in one commit, and then tells it.
    fn write_what_is_done(&mut self, flow: &mut Flow) -> Result<(), StoreError> {
        let Some(mut next) = flow.ready() else { return Ok(()) };
        let writes = !self.settings.dry_run;
        if writes {
            self.store.begin_group()?;
        }
        loop {
            let (ticket, done) = next;
            self.write(flow, &ticket, done)?;
            if flow.is_in_order() {
                // How many are done by now is chance: what is begun after each of them is not.
                while !self.stopped() && self.begin_some(flow)? {}
            }
            match flow.ready() {
                Some(ready) => next = ready,
                None => break,
            }
        }
        if writes {
            self.store.commit_group()?;
        }
        self.tell();
        Ok(())
    }

    fn write(&mut self, flow: &mut Flow, ticket: &Ticket, done: Done) -> Result<(), StoreError> {
        let mut found = Vec::new();
        match done {
            Done::Polled(source, said) => self.asked(flow, &source, *said)?,
            Done::Loaded(loaded, source) => {
                let (document, post) = self.loaded(*loaded, &source)?;
                if let Some(document) = document {
                    flow.begin(Job::Prepare(Box::new(document), source), None, ticket.again.clone());
                }
                found.extend(post);
            }
            Done::Prepared(prepared, source) => match *prepared {
                Ok(prepared) => found = self.article(prepared, &source)?,
                Err((name, reason)) => {
                    let none = Missing { name, reason, passing: false, retry_at: None, asked: true, gone: false };
                    self.missing(&none, &source)?;
                }
            },
            Done::Climbed(climbed) => found = self.keep(*climbed)?,
            Done::Broken { name } => self.failed(&name, "looking at it failed, which is a defect of embalm"),
        }
        if !found.is_empty() && !self.settings.dry_run {
            let posts = found.len() as u64;
            self.news(move |tell| tell(&Event::Wanted { posts }));
        }
        for wanted in found {
            let key = wanted.post.key();
            // The queue has the posts of articles, and those that posts lead to; what a user names is in none.
            let is_queued = self.spills && !self.named.contains_key(&key);
            if !flow.post(wanted, is_queued) {
                self.claimed.remove(&key);
            }
        }
        Ok(())
    }

    /// Leaves what is not done to the archive's queue: a source may not name it again.
    fn leave(&mut self, flow: Flow) -> Result<(), StoreError> {
        if self.settings.dry_run {
            return Ok(());
        }
        let mut articles: Vec<(String, Arc<str>)> = Vec::new();
        let mut posts: Vec<PostRef> = Vec::new();
        for item in flow.rest() {
            match item {
                Item::Work(work, source) => match work.body {
                    WorkBody::Post(post) => posts.push(post),
                    WorkBody::Url(..) => articles.push((work.name, source)),
                    WorkBody::File(_) | WorkBody::Document(_) => {}
                },
                Item::Post(wanted) => posts.push(wanted.post),
                Item::Unusable(InputError { input, reason }) => self.failed.push(FailedInput { input, reason }),
                Item::Poll(_) => {}
            }
        }
        let named =
            posts.iter().filter_map(|post| self.named.get(&post.key())).chain(articles.iter().map(|(name, _)| name));
        let left =
            |input: &String| FailedInput { input: input.clone(), reason: "the run stopped before it".to_owned() };
        self.failed.extend(named.map(left));
        self.store.expect(&articles, &posts, self.transport.now())
    }

    fn tell_progress(&mut self, flow: &Flow) {
        let (at_hand, posts) = (flow.at_hand(), flow.waiting_posts());
        let busy: Vec<_> = flow.busy().collect();
        (self.observe)(&Event::Progress(&Progress { at_hand, posts, busy: &busy }));
    }
}

//! One run: articles in, their posts captured, everything written as it comes, and a truthful count at the end.

use super::{
    Change, Document, Event, InputError, Prepared, Settings, Stop, Work, WorkBody,
    input::{self, Missing, Names},
    ladder::{self, Climbed, Wanted},
    prepare, retry, tally,
};
use crate::{
    fetch::meter::Meter,
    model::{Embed, Outcome, PostRef, Scope, Summary},
    store::{self, ArticleRetry, NewArticle, Store, StoreError},
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};
use url::Url;

/// Posts taken from the queue in one run.
const MAX_DUE: usize = 10_000;

/// A run under way.
pub struct Driver<'a> {
    store: &'a mut Store,
    transport: Arc<Meter>,
    settings: Settings,
    stop: Stop,
    observe: Box<dyn FnMut(&Event<'_>) + 'a>,
    summary: Summary,
    claimed: HashSet<String>,
    /// How an article or post is named in an input, where that is not its name in the archive.
    named: HashMap<String, String>,
    names: Names,
    failed: Vec<String>,
    drifted: bool,
    source_failed: bool,
    looked_at: u64,
    started: Instant,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// The counts.
    pub summary: Summary,
    /// Inputs that failed, as they were given.
    pub failed: Vec<String>,
    /// A platform's answer was not understood.
    pub drifted: bool,
    /// A source could not be read.
    pub source_failed: bool,
}

impl<'a> Driver<'a> {
    /// Begins a run in the archive.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn begin(
        store: &'a mut Store,
        transport: Arc<Meter>,
        settings: Settings,
        stop: Stop,
        command: &str,
        observe: impl FnMut(&Event<'_>) + 'a,
    ) -> Result<Self, StoreError> {
        let run = if settings.dry_run { 0 } else { store.begin_run(command, Timestamp::now())? };
        Ok(Self {
            store,
            transport,
            settings,
            stop,
            observe: Box::new(observe),
            summary: Summary { run, ..Summary::default() },
            claimed: HashSet::new(),
            named: HashMap::new(),
            names: Names::default(),
            failed: Vec::new(),
            drifted: false,
            source_failed: false,
            looked_at: 0,
            started: Instant::now(),
        })
    }

    /// Archives articles and captures their posts, a batch at a time. A batch is as wide as the concurrency, so that
    /// little is lost when the run is stopped, and memory stays flat over any number of articles.
    ///
    /// # Errors
    /// The archive can't be written. What fails about one article is counted, never an error.
    pub async fn articles(
        &mut self,
        works: impl Iterator<Item = Result<Work, InputError>>,
        source: &str,
    ) -> Result<(), StoreError> {
        let mut works = works.fuse();
        loop {
            let left = self.settings.max_articles.map_or(u64::MAX, |limit| limit.saturating_sub(self.looked_at));
            let wide = usize::try_from(left).unwrap_or(usize::MAX).clamp(1, self.settings.concurrency.max(1));
            let batch: Vec<_> = works.by_ref().take(wide).collect();
            if batch.is_empty() || self.stopped() {
                return Ok(());
            }
            self.batch(batch, source).await?;
        }
    }

    /// A source that could not be read.
    pub fn source_failed(&mut self, source: &str, reason: &str) {
        self.source_failed = true;
        (self.observe)(&Event::SourceFailed { source, reason });
    }

    /// A source that was read.
    pub fn polled(&mut self, source: &str, articles: Option<usize>, note: Option<&str>) {
        (self.observe)(&Event::Polled { source, articles, note });
    }

    /// Tries again what failed for a passing reason and is due.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn queue(&mut self) -> Result<(), StoreError> {
        if self.settings.dry_run || self.stopped() {
            return Ok(());
        }
        let now = Timestamp::now();
        for item in self.store.due_articles(now, MAX_DUE)? {
            let Ok(url) = Url::parse(&item.name) else { continue };
            let work = Work { name: item.name, body: WorkBody::Url(url, None), once: true };
            self.articles(std::iter::once(Ok(work)), &item.source).await?;
        }
        let due = self.store.due(now, MAX_DUE)?;
        let wanted = due.into_iter().map(|item| Wanted {
            post: item.post,
            quoted: Some((item.quoted, item.quoted_at.unwrap_or(now))).filter(|(quoted, _)| !quoted.is_empty()),
            attempts: item.attempts,
            // What another post quotes is as far from an article as it was.
            depth: u8::from(item.related),
        });
        let wanted: Vec<_> = wanted.filter(|wanted| self.claimed.insert(wanted.post.key())).collect();
        self.capture(wanted).await
    }

    /// Ends the run: its counts are written, and returned.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn finish(mut self) -> Result<Finished, StoreError> {
        self.summary.requests = self.transport.requests();
        self.summary.downloaded_bytes = self.transport.bytes();
        self.summary.elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !self.settings.dry_run {
            self.store.finish_run(&self.summary, Timestamp::now())?;
        }
        let Self { summary, failed, drifted, source_failed, .. } = self;
        Ok(Finished { summary, failed, drifted, source_failed })
    }

    /// Whether to stop now; the reason goes into the summary.
    pub fn stopped(&mut self) -> bool {
        if self.summary.stopped.is_none() {
            let over_bytes = self.settings.max_bytes.is_some_and(|limit| self.transport.bytes() >= limit);
            let over_articles = self.settings.max_articles.is_some_and(|limit| self.looked_at >= limit);
            let reason = self.stop.reason();
            let reason = reason.or(over_bytes.then_some("byte budget")).or(over_articles.then_some("article budget"));
            self.summary.stopped = reason.map(str::to_owned);
        }
        self.summary.stopped.is_some()
    }

    async fn batch(&mut self, batch: Vec<Result<Work, InputError>>, source: &str) -> Result<(), StoreError> {
        let mut works = Vec::new();
        let mut wanted = Vec::new();
        for work in batch {
            match work {
                Err(error) => self.failed(&error.input, &error.reason),
                // A list names a post once and for all; on the command line it means now.
                Ok(Work { body: WorkBody::Post(post), once: true, .. }) if self.is_settled(&post)? => {}
                Ok(Work { name, body: WorkBody::Post(post), .. }) => {
                    self.claimed.insert(post.key());
                    self.named.insert(post.key(), name);
                    wanted.push(Wanted { post, quoted: None, attempts: 0, depth: 0 });
                }
                Ok(work) if work.once && self.store.latest_article_digest(&work.name)?.is_some() => {
                    self.unchanged(&work.name);
                }
                Ok(work) if work.once && self.waits(&work.name)? => {}
                Ok(mut work) => {
                    if let WorkBody::File(path) = &work.body {
                        if self.names.are_taken(&work.name, path) {
                            work.name = path.to_string_lossy().into_owned();
                        }
                        self.named.insert(work.name.clone(), path.to_string_lossy().into_owned());
                    }
                    works.push(work);
                }
            }
        }
        self.capture(wanted).await?;
        let transport = Arc::clone(&self.transport);
        let loads = works.into_iter().map(|work| input::load(Arc::clone(&transport), work));
        let loaded: Vec<_> = stream::iter(loads).buffered(self.settings.concurrency).collect().await;
        let mut documents: Vec<Document> = Vec::new();
        for loaded in loaded {
            self.looked_at += 1;
            match loaded {
                Err(missing) => self.missing(&missing, source)?,
                Ok(document) if self.store.latest_article_digest(&document.name)? == Some(document.digest()) => {
                    self.unchanged(&document.name);
                }
                Ok(document) => documents.push(document),
            }
        }
        let prepares = documents.into_iter().map(|document| tokio::task::spawn_blocking(move || prepare(document)));
        let mut prepared = stream::iter(prepares).buffered(self.settings.concurrency);
        while let Some(result) = prepared.next().await {
            match result {
                Ok(Ok(prepared)) => self.article(prepared, source).await?,
                Ok(Err((name, reason))) => self.failed(&name, &reason),
                // A panic in a parser is a defect of ours; one page must not end the run.
                Err(error) => self.failed("a page", &format!("reading it failed: {error}")),
            }
        }
        self.named.clear();
        Ok(())
    }

    fn failed(&mut self, name: &str, reason: &str) {
        self.summary.articles.failed += 1;
        self.failed.push(self.named.get(name).cloned().unwrap_or_else(|| name.to_owned()));
        (self.observe)(&Event::ArticleFailed { name, reason });
    }

    /// An article that could not be had: told, and queued where trying again may help.
    fn missing(&mut self, missing: &Missing, source: &str) -> Result<(), StoreError> {
        let now = Timestamp::now();
        self.failed(&missing.name, &missing.reason);
        if self.settings.dry_run {
            return Ok(());
        }
        let attempts = self.store.queued_article(&missing.name)?.map_or(0, |(attempts, _)| attempts);
        match retry::passing_after(attempts, missing.retry_at, now).filter(|_| missing.passing) {
            Some(due_at) => self.store.queue_article(&ArticleRetry {
                name: missing.name.clone(),
                source: source.to_owned(),
                failed_at: now,
                due_at,
                reason: missing.reason.clone(),
            }),
            None => self.store.unqueue_article(&missing.name),
        }
    }

    /// Whether an article that a source names failed before and is not due yet.
    fn waits(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.store.queued_article(name)?.is_some_and(|(_, due_at)| due_at > Timestamp::now()))
    }

    fn unchanged(&mut self, name: &str) {
        self.summary.articles.unchanged += 1;
        (self.observe)(&Event::Article { name, title: "", change: Change::Unchanged, embeds: &[], cut_short: &[] });
    }

    async fn article(&mut self, prepared: Prepared, source: &str) -> Result<(), StoreError> {
        let Prepared { document, kind, article, embeds, cut_short } = prepared;
        let captured_at = document.captured_at();
        let embeds: Vec<(Embed, PostRef)> = embeds
            .into_iter()
            .map(|embed| {
                let post = PostRef::of_embed(&embed.target, &embed.quoted);
                (embed, post)
            })
            .collect();
        let change = if self.settings.dry_run {
            Change::New
        } else {
            let new = NewArticle {
                name: &document.name,
                source,
                kind: kind.as_str(),
                original: &document.bytes,
                content_type: document.content_type.as_deref(),
                article: &article,
                embeds: &embeds,
                exchange: document.exchange.as_ref(),
                captured_at,
            };
            match self.store.save_article(self.summary.run, &new)?.change {
                store::Change::New => Change::New,
                store::Change::Changed => Change::Changed,
                store::Change::Unchanged => Change::Unchanged,
            }
        };
        match change {
            Change::New => self.summary.articles.new += 1,
            Change::Changed => self.summary.articles.changed += 1,
            Change::Unchanged => self.summary.articles.unchanged += 1,
        }
        self.summary.embeds += embeds.len() as u64;
        let found: Vec<_> = embeds.iter().map(|(embed, _)| embed.clone()).collect();
        (self.observe)(&Event::Article {
            name: &document.name,
            title: &article.title,
            change,
            embeds: &found,
            cut_short: &cut_short,
        });
        let mut wanted = Vec::new();
        for (embed, post) in embeds {
            if embed.scope != Scope::Article || self.settings.dry_run {
                continue;
            }
            if self.is_settled(&post)? {
                self.keep_quotation(&post, &embed, captured_at)?;
            } else {
                let quoted = Some((embed.quoted, captured_at)).filter(|(quoted, _)| !quoted.is_empty());
                wanted.push(Wanted { post, quoted, attempts: 0, depth: 0 });
            }
        }
        self.capture(wanted).await
    }

    /// What one more article quotes of a post that nothing else is known of: the platform had lost it when a bare link
    /// led there.
    fn keep_quotation(&mut self, post: &PostRef, embed: &Embed, read_at: Timestamp) -> Result<(), StoreError> {
        let known = self.store.post_status(post)?;
        if known.is_some_and(|known| known.last_looked_at.is_some() && known.best_via.is_none())
            && let Some(content) = ladder::from_quoted(post, &embed.quoted)
        {
            self.store.save_quotation(self.summary.run, post, &content, read_at)?;
        }
        Ok(())
    }

    /// Whether a post needs no look now: taken in this run, or looked at before; what failed then waits in the queue.
    fn is_settled(&mut self, post: &PostRef) -> Result<bool, StoreError> {
        if !self.claimed.insert(post.key()) {
            return Ok(true);
        }
        let status = self.store.post_status(post)?;
        // What had no route may have one by now: a platform that was switched off, or that an older version did not know.
        let is_looked_at = |status: store::PostStatus| {
            status.last_looked_at.is_some() && (!status.had_no_route || post.is_provisional())
        };
        Ok(status.is_some_and(is_looked_at))
    }

    /// Captures posts, then the posts that they quote or answer, level by level.
    async fn capture(&mut self, mut wanted: Vec<Wanted>) -> Result<(), StoreError> {
        while !wanted.is_empty() && !self.settings.dry_run {
            let transport = Arc::clone(&self.transport);
            let settings = self.settings.clone();
            let climbs = std::mem::take(&mut wanted).into_iter().map(|wanted| {
                let (transport, settings) = (Arc::clone(&transport), &settings);
                async move { ladder::climb(transport.as_ref(), settings, wanted).await }
            });
            let mut climbing = stream::iter(climbs).buffered(self.settings.concurrency);
            let mut related = Vec::new();
            while let Some(climbed) = climbing.next().await {
                related.extend(self.keep(climbed)?);
                if self.stopped() {
                    return Ok(());
                }
            }
            wanted = related;
        }
        Ok(())
    }

    /// Writes one capture, counts it, tells about it, and says what it leads to.
    fn keep(&mut self, climbed: Climbed) -> Result<Vec<Wanted>, StoreError> {
        let Climbed { wanted, adopted, capture } = climbed;
        if let Some(real) = &adopted {
            self.store.adopt(&wanted.post, real)?;
        }
        let saved = self.store.save_capture(self.summary.run, &capture)?;
        self.summary.media.stored += saved.media_stored;
        self.summary.media.deduplicated += saved.media_deduplicated;
        let files = capture.rungs.iter().flat_map(|rung| &rung.media);
        self.summary.media.failed += files.filter(|media| media.file.is_err()).count() as u64;
        let result = tally::result(self.store, &capture, &saved)?;
        self.drifted |= result.drifted;
        tally::count(&mut self.summary.posts, &capture, &result);
        let unanswered = capture.rungs.first().is_some_and(|rung| matches!(rung.outcome, Outcome::Failed(_)));
        if let Some(named) = self.named.get(&wanted.post.key()).filter(|_| unanswered) {
            self.failed.push(named.clone());
        }
        (self.observe)(&Event::Post { post: &capture.post, result: &result });
        let mut next = Vec::new();
        for post in capture.related {
            if !self.is_settled(&post)? {
                next.push(Wanted { post, quoted: None, attempts: 0, depth: wanted.depth + 1 });
            }
        }
        Ok(next)
    }
}

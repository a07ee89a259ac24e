//! Articles of a run: fetched or read a batch at a time, written, and their posts handed on.

use super::Driver;
use crate::{
    model::{Embed, PostRef, Scope},
    pipeline::{
        Change, Document, Event, InputError, Prepared, Work, WorkBody,
        input::{self, Missing},
        ladder::{self, Wanted},
        prepare, retry,
    },
    platforms,
    store::{self, ArticleRetry, NewArticle, StoreError},
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use std::sync::Arc;

/// The post that a site answered with in an article's place: some servers give the ActivityPub object that a page shows,
/// and the address has no shape that says so.
fn posted(document: &Document) -> Option<PostRef> {
    document.exchange.as_ref()?;
    platforms::object_at(document.url.as_ref()?, &document.bytes)
}

impl Driver<'_> {
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
        let mut wanted = Vec::new();
        for loaded in loaded {
            self.looked_at += 1;
            match loaded {
                Err(missing) => self.missing(&missing, source)?,
                Ok(document) if self.store.latest_article_digest(&document.name)? == Some(document.digest()) => {
                    self.unchanged(&document.name);
                }
                Ok(document) => match posted(&document) {
                    Some(post) => {
                        self.claimed.insert(post.key());
                        self.named.insert(post.key(), document.name);
                        wanted.push(Wanted { post, quoted: None, attempts: 0, depth: 0 });
                    }
                    None => documents.push(document),
                },
            }
        }
        self.capture(wanted).await?;
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
}

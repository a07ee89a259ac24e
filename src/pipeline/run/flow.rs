//! The way of articles through a run: named, loaded, read, written, a batch at a time.

use super::Driver;
use crate::{
    model::PostRef,
    pipeline::{
        Document, InputError, Work, WorkBody,
        input::{self, Missing},
        ladder::Wanted,
        prepare,
    },
    platforms,
    store::StoreError,
};
use futures::{StreamExt, stream};
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
                Ok(work) if work.once && self.waits(&work.name)? => self.summary.skip("waiting"),
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
                Ok(Err((name, reason))) => {
                    self.missing(&Missing { name, reason, passing: false, retry_at: None, asked: true }, source)?;
                }
                // A panic in a parser is a defect of ours; one page must not end the run.
                Err(error) => self.failed("a page", &format!("reading it failed: {error}")),
            }
        }
        self.named.clear();
        Ok(())
    }
}

//! One article of a run: written, counted, told, and its posts handed on; or why it could not be had.

use super::Driver;
use crate::{
    fetch::Transport,
    model::{Embed, PostRef, Scope},
    pipeline::{
        Change, Event, Prepared,
        input::Missing,
        ladder::{self, Wanted},
        retry::Tried,
    },
    store::{self, ArticleRetry, NewArticle, OverTime, StoreError},
};
use jiff::Timestamp;

impl Driver<'_> {
    pub(super) fn failed(&mut self, name: &str, reason: &str) {
        self.summary.articles.failed += 1;
        self.failed.push(self.named.get(name).cloned().unwrap_or_else(|| name.to_owned()));
        (self.observe)(&Event::ArticleFailed { name, reason });
    }

    /// An article that could not be had: told, and queued: to be tried again, or to rest with its reason.
    pub(super) fn missing(&mut self, missing: &Missing, source: &str) -> Result<(), StoreError> {
        let now = self.transport.now();
        self.failed(&missing.name, &missing.reason);
        if self.settings.dry_run {
            return Ok(());
        }
        let Missing { name, reason, passing, retry_at, asked } = missing;
        // A file is read at every run, whatever came of it before.
        if !name.starts_with("http") {
            return self.store.unqueue_article(name);
        }
        let before = self.store.queued_article(name)?.map_or(0, |queued| queued.attempts);
        let tried = Tried { key: name, before, counted: *asked, now };
        let backoff = &self.settings.backoff;
        let retry = if *passing {
            backoff.passing(tried, *retry_at, reason.clone())
        } else {
            backoff.lasting(tried, reason.clone())
        };
        self.store.queue_article(&ArticleRetry { name: name.clone(), source: source.to_owned(), failed_at: now, retry })
    }

    /// Whether an article that a source names failed before, and is to be left alone now.
    pub(super) fn waits(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.store.queued_article(name)?.is_some_and(|queued| queued.waits(self.transport.now())))
    }

    pub(super) fn unchanged(&mut self, name: &str) {
        self.summary.articles.unchanged += 1;
        (self.observe)(&Event::Article { name, title: "", change: Change::Unchanged, embeds: &[], cut_short: &[] });
    }

    pub(super) async fn article(&mut self, prepared: Prepared, source: &str) -> Result<(), StoreError> {
        let Prepared { document, kind, article, embeds, cut_short } = prepared;
        let captured_at = document.captured_at(self.transport.now());
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
                over_time: OverTime::default(),
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

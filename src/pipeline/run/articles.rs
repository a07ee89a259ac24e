//! One article of a run: written, counted, told, and its posts handed on; or why it could not be had.

use super::{Driver, FailedInput, supply::Item};
use crate::{
    fetch::Transport,
    model::{Embed, PostRef, Quoted, Scope, Target},
    pipeline::{
        Change, Document, Event, Prepared, WorkBody,
        input::{Loaded, Missing, name_of},
        ladder::{self, Wanted},
        retry::Tried,
    },
    platforms,
    store::{self, ArticleRetry, NewArticle, OverTime, StoreError},
};
use jiff::Timestamp;

/// The post that a site answered with in an article's place: some servers give the ActivityPub object that a page shows,
/// and the address has no shape that says so.
fn posted(document: &Document) -> Option<PostRef> {
    document.exchange.as_ref()?;
    platforms::object_at(document.url.as_ref()?, &document.bytes)
}

impl Driver<'_> {
    /// What is to be done for an item that a supply names, if anything.
    pub(super) fn admit(&mut self, item: Item) -> Result<Option<Item>, StoreError> {
        let (mut work, source) = match item {
            Item::Work(work, source) => (work, source),
            Item::Unusable(error) => {
                self.failed(&error.input, &error.reason);
                return Ok(None);
            }
            other => return Ok(Some(other)),
        };
        match &work.body {
            // A list names a post once and for all; on the command line it means now.
            WorkBody::Post(post) if work.once && self.is_settled(post)? => {
                if let Some(quoted) = work.quoted {
                    self.keep_quotation(post, *quoted, self.transport.now())?;
                }
                return Ok(None);
            }
            WorkBody::Post(post) => {
                self.claimed.insert(post.key());
                self.named.insert(post.key(), work.name);
                let said = work.quoted.filter(|quoted| !quoted.is_empty());
                let quoted = said.map(|quoted| (*quoted, self.transport.now()));
                return Ok(Some(Item::Post(Box::new(Wanted { quoted, ..Wanted::named(post.clone()) }))));
            }
            WorkBody::Url(..) => return self.admit_article(work, source),
            WorkBody::File(path) => {
                if self.names.are_taken(&work.name, path) {
                    work.name = path.to_string_lossy().into_owned();
                }
                self.named.insert(work.name.clone(), name_of(path));
            }
            WorkBody::Document(document) => {
                // The page of a post in a recording is that post.
                let url = document.url.as_ref().filter(|_| self.recorded.is_some() && document.read_at.is_some());
                if let Some(Target::Post(post)) = url.and_then(platforms::recognize) {
                    if self.is_settled(&post)? {
                        return Ok(None);
                    }
                    return Ok(Some(Item::Post(Box::new(Wanted::named(post)))));
                }
            }
        }
        Ok(Some(Item::Work(work, source)))
    }

    /// An article that came, or did not: the document to read, where there is news in it, or the post that stands in its
    /// place.
    pub(super) fn loaded(
        &mut self,
        loaded: Result<Loaded, Missing>,
        source: &str,
    ) -> Result<(Option<Document>, Option<Wanted>), StoreError> {
        let document = match loaded {
            Err(missing) => {
                self.missing(&missing, source)?;
                return Ok((None, None));
            }
            Ok(Loaded::Same(same)) => {
                self.same(same)?;
                return Ok((None, None));
            }
            Ok(Loaded::Document(document, known)) => {
                if known.is_some() {
                    return Ok((Some(*document), None));
                }
                *document
            }
        };
        if self.store.latest_article_digest(&document.name)? == Some(document.digest()) {
            self.unchanged(&document.name);
            return Ok((None, None));
        }
        let Some(post) = posted(&document) else { return Ok((Some(document), None)) };
        self.claimed.insert(post.key());
        self.named.insert(post.key(), document.name);
        Ok((None, Some(Wanted::named(post))))
    }

    pub(super) fn failed(&mut self, name: &str, reason: &str) {
        self.summary.articles.failed += 1;
        let input = self.named.remove(name).unwrap_or_else(|| name.to_owned());
        self.failed.push(FailedInput { input, reason: reason.to_owned() });
        let (name, reason) = (name.to_owned(), reason.to_owned());
        self.news(move |tell| tell(&Event::ArticleFailed { name: &name, reason: &reason }));
    }

    /// An article that could not be had: told, and queued: to be tried again, or to rest with its reason.
    pub(super) fn missing(&mut self, missing: &Missing, source: &str) -> Result<(), StoreError> {
        let now = self.transport.now();
        self.settle_named(&missing.name)?;
        if self.missing_again(missing, now)? {
            return Ok(());
        }
        self.failed(&missing.name, &missing.reason);
        if self.settings.dry_run {
            return Ok(());
        }
        let Missing { name, reason, passing, retry_at, asked, .. } = missing;
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
        self.named.remove(name);
        let (name, change) = (name.to_owned(), Change::Unchanged);
        self.news(move |tell| tell(&Event::Article { name: &name, title: "", change, embeds: &[], cut_short: &[] }));
    }

    /// Writes an article, and says which posts are to be captured for it.
    pub(super) fn article(&mut self, mut prepared: Prepared, source: &str) -> Result<Vec<Wanted>, StoreError> {
        let captured_at = prepared.document.captured_at(self.transport.now());
        if let Some(missing) = self.stands_in_its_place(&prepared)? {
            self.missing(&missing, source)?;
            return Ok(Vec::new());
        }
        let feed_has_more = self.feed_has_more(&prepared)?;
        self.keep_those_of_the_feed(&mut prepared)?;
        let before = self.before(&prepared, captured_at)?;
        self.settle_named(&prepared.document.name)?;
        let Prepared { document, kind, article, embeds, cut_short, around, content_digest, body_from, pages } =
            prepared;
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
                over_time: OverTime {
                    content_digest: Some(&content_digest),
                    body_from,
                    pages: &pages,
                    feed_has_more,
                    addresses: &before.addresses,
                    live_blog: around.live_blog,
                    due_at: before.due_at,
                    answered: before.answered.as_ref().map(|(url, version)| (url, version.as_ref())),
                },
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
        if change != Change::Unchanged {
            self.summary.embeds += embeds.len() as u64;
        }
        let found: Vec<_> = embeds.iter().map(|(embed, _)| embed.clone()).collect();
        self.named.remove(&document.name);
        let (name, title) = (document.name, article.title);
        self.news(move |tell| {
            tell(&Event::Article { name: &name, title: &title, change, embeds: &found, cut_short: &cut_short });
        });
        let mut wanted = Vec::new();
        for (embed, post) in embeds {
            if embed.scope != Scope::Article || self.settings.dry_run {
                continue;
            }
            if self.is_settled(&post)? {
                self.keep_quotation(&post, embed.quoted, captured_at)?;
            } else {
                let quoted = Some((embed.quoted, captured_at)).filter(|(quoted, _)| !quoted.is_empty());
                wanted.push(Wanted { quoted, ..Wanted::named(post) });
            }
        }
        Ok(wanted)
    }

    /// What one more article quotes of a post that nothing else is known of: the platform had lost it when a bare link
    /// led there. Where the post is being looked at, that waits for what comes of it.
    fn keep_quotation(&mut self, post: &PostRef, quoted: Quoted, read_at: Timestamp) -> Result<(), StoreError> {
        let Some(content) = ladder::from_quoted(post, &quoted) else { return Ok(()) };
        let known = self.store.post_status(post)?;
        if known.as_ref().is_none_or(|known| known.last_looked_at.is_none()) {
            self.quotations.entry(post.key()).or_insert((quoted, read_at));
        } else if known.is_some_and(|known| known.best_via.is_none()) {
            self.store.save_quotation(self.summary.run, post, &content, read_at)?;
        }
        Ok(())
    }

    /// Keeps what an article quotes of a post that was being looked at then.
    pub(super) fn keep_late_quotation(&mut self, post: &PostRef) -> Result<(), StoreError> {
        match self.quotations.remove(&post.key()) {
            Some((quoted, read_at)) => self.keep_quotation(post, quoted, read_at),
            None => Ok(()),
        }
    }
}

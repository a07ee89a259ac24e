//! What an export of embalm holds, put back: versions in the order of their dates, then looks at posts in theirs. Each
//! version is read again from its bytes, and each look from its exchanges: what the file claims beyond them is not taken.

mod alone;
mod embeds;
mod files;
mod imported;
mod looks;
mod posts;
mod read;

use super::Driver;
use crate::{
    article::{Kind, address},
    pipeline::{
        Document, Prepared,
        article::{Hint, add_claimed},
        bundle::{Bundle, Spot, claims::ArticleClaim},
        prepare,
        reparse::Stored,
        whole,
    },
    store::{ArticleStanding, Leads, StoreError},
};
use futures::StreamExt;
use jiff::Timestamp;
use std::{collections::HashMap, sync::Arc};
use url::Url;

/// Versions, or looks, that are kept in one commit.
const A_WRITE: usize = 64;

/// Addresses of one article that are put back.
const MAX_ADDRESSES: usize = 1000;

/// Further pages of one article that are read: as many as the file has.
const ALL_PAGES: usize = usize::MAX;

/// What the versions of one commit may take in memory, in bytes.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What the names of articles may take in memory, in bytes.
const MAX_NAMES_BYTES: usize = 512 << 20;

/// Articles by name.
type Articles = HashMap<String, Known>;

/// What is known of an article while its versions are read.
struct Known {
    source: String,
    kind: String,
    spot: Spot,
}

/// A version read from its bytes, or its name and why it can't be.
type Read = Result<(Prepared, String), (String, String)>;

impl Driver<'_> {
    /// Puts back what recordings say by metadata records of embalm.
    ///
    /// # Errors
    /// The archive can't be written. What the file lacks is told and counted, never an error.
    pub(in crate::pipeline) async fn restore(&mut self, bundle: Arc<Bundle>) -> Result<(), StoreError> {
        let articles = Arc::new(self.articles_of(&bundle));
        self.versions(&bundle, &articles).await?;
        if self.settings.dry_run {
            return Ok(());
        }
        let mut spots: Vec<Spot> = articles.values().map(|known| known.spot).collect();
        spots.sort_by_key(|spot| spot.order());
        for spots in spots.chunks(A_WRITE) {
            self.written(|driver| spots.iter().try_for_each(|spot| driver.standing(&bundle, *spot)))?;
        }
        self.looks_of(&bundle).await?;
        self.tell();
        Ok(())
    }

    /// What is to be known of each article beside its versions. Their records are read again when they are put back.
    fn articles_of(&mut self, bundle: &Bundle) -> Articles {
        let mut articles = Articles::new();
        let mut left_bytes = MAX_NAMES_BYTES;
        for spot in bundle.articles() {
            let article = match bundle.article(*spot) {
                Ok(article) => article,
                Err(damage) => {
                    self.failed("an article's record", &damage.to_string());
                    continue;
                }
            };
            let ArticleClaim { name, source, article_kind: kind, .. } = article;
            let Some(left) = left_bytes.checked_sub(name.len() + source.len() + kind.len()) else {
                self.failed("an export of embalm", "has more articles than are read at once");
                break;
            };
            left_bytes = left;
            articles.insert(name, Known { source, kind, spot: *spot });
        }
        articles
    }

    /// Puts back how an article stood.
    fn standing(&mut self, bundle: &Bundle, spot: Spot) -> Result<(), StoreError> {
        let Ok(article) = bundle.article(spot) else { return Ok(()) };
        let addresses = addresses(&article);
        let gone_since = article.state_since.filter(|_| article.state == "gone");
        self.store.restore_standing(
            self.summary.run,
            &ArticleStanding {
                name: &article.name,
                looks: article.looks,
                last_looked_at: article.last_looked_at,
                gone_since,
                state_since: article.state_since,
                looked_url: article.looked_url.as_ref(),
                validators: article.validators.as_ref(),
                addresses: &addresses,
            },
        )
    }

    /// The versions, read on all cores and written one after the other.
    async fn versions(&mut self, bundle: &Arc<Bundle>, articles: &Arc<Articles>) -> Result<(), StoreError> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let reading = futures::stream::iter(bundle.versions()).map(|spot| {
            let (bundle, articles) = (Arc::clone(bundle), Arc::clone(articles));
            async move {
                let read = tokio::task::spawn_blocking(move || version(&bundle, spot, &articles)).await;
                let (mut prepared, sha256, pages) = match read {
                    Ok(Ok(read)) => read,
                    Ok(Err(failed)) => return Err(failed),
                    Err(_) => return Err(("a version".to_owned(), "reading it failed, a defect of embalm".to_owned())),
                };
                // What is missing of it was missing when it was exported, or is left out.
                let _ = whole::complete(&Stored::new(&pages), &mut prepared, ALL_PAGES).await;
                add_claimed(&mut prepared);
                Ok((prepared, sha256))
            }
        });
        let mut reading = std::pin::pin!(reading.buffered(cores));
        let (mut read, mut bytes) = (Vec::new(), 0);
        loop {
            let next = reading.next().await;
            if self.stopped() {
                return Ok(());
            }
            let is_last = next.is_none();
            bytes += next.as_ref().map_or(0, |next| next.as_ref().map_or(0, |(prepared, _)| weight(prepared)));
            read.extend(next);
            if is_last || read.len() >= A_WRITE || bytes >= MAX_WAITING_BYTES {
                let chunk = std::mem::take(&mut read);
                self.written(|driver| chunk.into_iter().try_for_each(|read| driver.version(read, articles)))?;
                bytes = 0;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn version(&mut self, read: Read, articles: &Articles) -> Result<(), StoreError> {
        let (prepared, sha256) = match read {
            Ok(read) => read,
            Err((name, reason)) => {
                self.failed(&name, &reason);
                return Ok(());
            }
        };
        let name = prepared.document.name.clone();
        let captured_at = prepared.document.captured_at(Timestamp::UNIX_EPOCH);
        if let Some(known) = self.store.known_article(&name)?
            && self.store.has_version(known.article_id, captured_at, &sha256)?
        {
            self.unchanged(&name);
            return Ok(());
        }
        let source = articles.get(&name).map_or("add", |article| article.source.as_str());
        // Its posts have looks of their own in the file; those that have none wait in the queue.
        self.article(prepared, source).map(drop)
    }

    /// Writes in one commit, and tells it then.
    fn written(&mut self, write: impl FnOnce(&mut Self) -> Result<(), StoreError>) -> Result<(), StoreError> {
        if self.settings.dry_run {
            write(self)?;
        } else {
            self.store.begin_group()?;
            if let Err(error) = write(self) {
                self.store.drop_group();
                return Err(error);
            }
            self.store.commit_group()?;
        }
        self.tell();
        Ok(())
    }
}

/// The addresses of an article that a record names and no recorded page or redirect shows. A stranger's word for an address
/// of another site is not taken: whoever names that one would be led to this article.
fn addresses(article: &ArticleClaim) -> Vec<(Url, Leads, Timestamp)> {
    let Ok(named) = Url::parse(&article.name) else { return Vec::new() };
    let own = article.aliases.iter().filter(|alias| address::same_site(&alias.url, &named));
    let known = own.filter_map(|alias| Some((alias.url.clone(), Leads::of_word(&alias.how)?, alias.seen_at)));
    known.take(MAX_ADDRESSES).collect()
}

/// The bytes that a version takes in memory, at least.
fn weight(prepared: &Prepared) -> usize {
    let pages = prepared.pages.iter().map(|(_, exchange)| exchange);
    let bodies = pages.chain(&prepared.document.exchange).filter_map(|exchange| exchange.response());
    bodies.map(|answer| answer.body.len()).sum::<usize>() + prepared.document.bytes.len()
}

/// A version's document, read; with the digest of its bytes and the further pages that it was read from.
fn version(
    bundle: &Bundle,
    spot: Spot,
    articles: &Articles,
) -> Result<(Prepared, String, Vec<crate::http::Exchange>), (String, String)> {
    let claim = bundle.version(spot).map_err(|damage| {
        let (path, _) = bundle.place(spot);
        (path.to_string_lossy().into_owned(), damage.to_string())
    })?;
    let name = claim.article.clone();
    let lacking =
        |reason: String| (name.clone(), format!("its version of {} can't be restored: {reason}", claim.captured_at));
    let further = claim.pages.iter().map(|page| page.exchange.as_str());
    let mut pages = bundle.exchanges(claim.exchange.as_deref().into_iter().chain(further), None).map_err(lacking)?;
    let exchange = claim.exchange.is_some().then(|| pages.remove(0));
    let answer = exchange.as_ref().and_then(|exchange| exchange.response());
    let bytes = match answer.filter(|answer| crate::pipeline::article::digest(&answer.body) == claim.sha256) {
        Some(answer) => answer.body.clone(),
        None => {
            bundle.payload(&claim.sha256).and_then(crate::pipeline::bundle::Payload::into_bytes).map_err(lacking)?
        }
    };
    let known = [Kind::Html, Kind::Markdown, Kind::Text];
    let kind = articles.get(&name).and_then(|article| known.into_iter().find(|kind| kind.as_str() == article.kind));
    let named = || Url::parse(&name).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = answer.map(|answer| answer.url.clone()).or_else(named);
    let title = Some(claim.title.clone()).filter(|title| !title.is_empty());
    let document = Document {
        url,
        content_type: claim.content_type.clone(),
        kind,
        read_at: Some(claim.captured_at),
        hint: Hint {
            title,
            published: claim.published,
            lang: claim.lang.clone(),
            embeds: Some(embeds::claimed(&claim.embeds)),
            ..Hint::default()
        },
        ..Document::new(name.clone(), bytes)
    };
    pages.extend(exchange.clone());
    let document = Document { exchange, ..document };
    let prepared = prepare(document)?;
    Ok((prepared, claim.sha256.clone(), pages))
}

//! Known articles whose feed carries them whole: a look at the page alone loses nothing that the feed had, and what the
//! feed has gained is kept though the page is as it was.

use super::{Driver, looks::document_of};
use crate::{
    http::Exchange,
    pipeline::{
        Document, Prepared, Work, WorkBody,
        beside::{self, Content},
        prepare,
    },
    store::{KnownArticle, StoreError},
};

impl Driver<'_> {
    /// A known article whose feed embeds more than its newest version is due, and asked for whole: a word that the page is
    /// as it was would leave nothing to write it with.
    pub(super) fn heed_feed(&self, known: &mut KnownArticle, work: &Work) -> Result<(), StoreError> {
        let WorkBody::Url(_, Some(spare)) = &work.body else { return Ok(()) };
        if !spare.bytes.is_empty() {
            let content = Content { html: spare.bytes.clone(), base: spare.url.clone() };
            known.feed_has_more = beside::has_more(self.store, known, &content)?;
        }
        Ok(())
    }

    /// Whether a known article's feed embeds what its newest version lacks.
    pub(super) fn feed_has_more(&self, prepared: &Prepared) -> Result<bool, StoreError> {
        let hint = &prepared.document.hint;
        if hint.content.is_none() && hint.embeds.is_none() {
            return Ok(false);
        }
        let Some(known) = self.store.known_article(&prepared.document.name)? else { return Ok(false) };
        match (&hint.embeds, &hint.content) {
            (Some(embeds), _) => Ok(beside::lacks(&self.store.version_embeds(known.version_id)?, embeds)),
            (None, Some(content)) => beside::has_more(self.store, &known, content),
            (None, None) => Ok(false),
        }
    }

    /// A page that was looked at without its feed keeps the embeds that only the feed had.
    pub(super) fn keep_those_of_the_feed(&self, prepared: &mut Prepared) -> Result<(), StoreError> {
        let hint = &prepared.document.hint;
        if prepared.document.exchange.is_none() || hint.content.is_some() || hint.embeds.is_some() {
            return Ok(());
        }
        let Some(known) = self.store.known_article(&prepared.document.name)? else { return Ok(()) };
        if known.content_digest.as_ref() == Some(&prepared.content_digest) {
            return Ok(());
        }
        let version = self.store.version_embeds(known.version_id)?;
        if !beside::lacks(&prepared.embeds, &version) {
            return Ok(());
        }
        let Some(mut stored) = self.store.stored_version(known.version_id)? else { return Ok(()) };
        // A version without an exchange was read from the feed alone.
        let pages = std::mem::take(&mut stored.pages);
        let own = stored.exchange.is_some().then(|| document_of(&known, stored));
        let documents = own.into_iter().chain(pages.into_iter().filter_map(|page| page_of(&known.name, page)));
        let own: Vec<_> =
            documents.filter_map(|document| prepare(document).ok()).flat_map(|prepared| prepared.embeds).collect();
        beside::join(&mut prepared.embeds, beside::only_in_feed(version, &own));
        Ok(())
    }
}

fn page_of(name: &str, page: Exchange) -> Option<Document> {
    let answer = page.answer.ok()?;
    let mut document = Document::new(name, answer.body);
    document.content_type = answer.headers.get("content-type").map(str::to_owned);
    document.url = Some(answer.url);
    Some(document)
}

//! Known articles in a run: which are looked at again, and what becomes of a look that finds nothing new.

use super::{Driver, supply::Item};
use crate::{
    article::{self, address},
    fetch::Transport,
    http::Validators,
    model::Scope,
    pipeline::{
        Document, Prepared, Work, WorkBody,
        input::{Missing, Same, version_of},
        prepare,
        revisit::{self, Life},
    },
    store::{ArticleLook, KnownArticle, Leads, LookFound, PageKind, StoreError, StoredVersion},
};
use jiff::Timestamp;
use std::sync::Arc;
use url::Url;

/// Looks without news that are noted at once: each commit waits for the disk.
const LOOKS_A_WRITE: usize = 100;

/// A page that says less than one in so many of an article's bytes, and nothing of what it said, stands in its place.
const MIN_SHORTER: usize = 2;

/// What matters of an article that was read, beside what it says.
pub(super) struct Before {
    /// Addresses that lead to it.
    pub(super) addresses: Vec<(Url, Leads)>,
    /// When it is looked at again.
    pub(super) due_at: Option<Timestamp>,
    /// The address that answered, with what names the version of its answer.
    pub(super) answered: Option<(Url, Option<Validators>)>,
}

impl Driver<'_> {
    /// The known articles whose turn to be looked at again has come.
    pub(super) fn due_revisits(&mut self) -> Result<Vec<Item>, StoreError> {
        if self.settings.revisits.ages.is_empty() {
            return Ok(Vec::new());
        }
        let due = self.store.due_revisits(self.transport.now(), self.settings.revisits.articles)?;
        let items = due.into_iter().filter_map(|known| {
            let url = known.looked_url.clone().or_else(|| Url::parse(&known.name).ok())?;
            let (name, source) = (known.name.clone(), known.source.as_str().into());
            let work = Work { once: true, known: Some(Box::new(known)), ..Work::new(name, WorkBody::Url(url, None)) };
            Some(Item::Work(Box::new(work), source))
        });
        Ok(items.collect())
    }

    /// An article at an address: known under any of its addresses, it is fetched only where it is due, or its source says
    /// that it changed, or a person asks for it.
    pub(super) fn admit_article(&mut self, mut work: Box<Work>, source: Arc<str>) -> Result<Option<Item>, StoreError> {
        let WorkBody::Url(url, spare) = &work.body else { return Ok(Some(Item::Work(work, source))) };
        let updated = spare.as_ref().and_then(|spare| spare.hint.updated);
        let mut known = match work.known.take() {
            Some(known) => Some(*known),
            None => self.store.known_article(&work.name)?,
        };
        let name = known.as_ref().map_or_else(|| address::plain(url).to_string(), |known| known.name.clone());
        if let Some(known) = &mut known {
            self.heed_feed(known, &work)?;
        }
        match &known {
            Some(known) if work.once && !self.is_due(known, updated) => {
                self.settle(&work.name)?;
                self.unchanged(&known.name);
                return Ok(None);
            }
            None if work.once && self.waits(&name)? => {
                self.summary.skip("waiting");
                return Ok(None);
            }
            _ => {}
        }
        // Another source may name it as well, or the queue.
        if !self.claimed.insert(name.clone()) {
            if work.name != name {
                self.settle(&work.name)?;
            }
            return Ok(None);
        }
        if work.name != name {
            self.named.insert(name.clone(), std::mem::replace(&mut work.name, name));
        }
        work.known = known.map(Box::new);
        Ok(Some(Item::Work(work, source)))
    }

    fn is_due(&self, known: &KnownArticle, updated: Option<crate::model::When>) -> bool {
        let now = self.transport.now();
        known.feed_has_more
            || known.due_at.is_some_and(|at| at <= now)
            || updated.is_some_and(|updated| revisit::is_newer(updated, known.last_looked_at, now))
    }

    /// A known article whose page is as it was.
    pub(super) fn same(&mut self, same: Same) -> Result<(), StoreError> {
        let Same { known, looked_at, answered } = same;
        self.settle_named(&known.name)?;
        self.unchanged(&known.name);
        let due_at = self.next_look(&known, looked_at, known.captured_at);
        let found = LookFound::Unchanged(Some(answered));
        self.note_look(&known.name, ArticleLook { article_id: known.article_id, looked_at, due_at, found })
    }

    /// A known article that could not be had this time: what is known of it stays. False where none is known.
    pub(super) fn missing_again(&mut self, missing: &Missing, now: Timestamp) -> Result<bool, StoreError> {
        if self.settings.dry_run || !missing.name.starts_with("http") {
            return Ok(false);
        }
        let Some(known) = self.store.known_article(&missing.name)? else { return Ok(false) };
        let next = self.next_look(&known, now, known.captured_at);
        let due_at = if missing.asked { next.max(next.and(missing.retry_at)) } else { missing.retry_at.or(next) };
        let found = if missing.gone { LookFound::Gone } else { LookFound::Failed };
        if missing.gone && known.gone {
            self.unchanged(&known.name);
        } else {
            let kept = if missing.gone { "; the versions of before are kept" } else { "" };
            self.failed(&missing.name, &format!("{}{kept}", missing.reason));
        }
        self.note_look(&known.name, ArticleLook { article_id: known.article_id, looked_at: now, due_at, found })?;
        Ok(true)
    }

    /// What is to be known of an article before its new look is written: whether it is another one than its canonical
    /// address says, when it is looked at again; and a digest of what an older version says, where there was none.
    pub(super) fn before(&mut self, prepared: &Prepared, captured_at: Timestamp) -> Result<Before, StoreError> {
        let document = &prepared.document;
        let mut addresses = addresses(prepared);
        let known = self.known_of(prepared, &mut addresses)?;
        let answered = document.exchange.as_ref().and_then(|exchange| {
            let answer = exchange.response()?;
            let url = doubtful(prepared).unwrap_or_else(|| answer.url.clone());
            Some((url, version_of(exchange)))
        });
        let Some(known) = known else {
            let published = prepared.article.published;
            let (first_seen, live_blog) = (captured_at, prepared.around.live_blog);
            let life = Life { first_seen, changed_at: captured_at, published, live_blog, looks: 1 };
            let due_at = answered.as_ref().and_then(|_| self.settings.revisits.next(&life, captured_at));
            return Ok(Before { addresses, due_at, answered });
        };
        let mut digest = known.content_digest.clone();
        if !digest.as_deref().is_some_and(article::is_comparable) && !self.settings.dry_run {
            digest = self.reread(&known)?;
        }
        let is_same = digest.as_ref() == Some(&prepared.content_digest);
        let changed_at = if is_same { known.captured_at } else { captured_at };
        let due_at = if answered.is_some() { self.next_look(&known, captured_at, changed_at) } else { known.due_at };
        Ok(Before { addresses, due_at, answered })
    }

    /// The article that a look is at. A canonical address that another article has, with other words under it, is not
    /// this one's.
    fn known_of(
        &self,
        prepared: &Prepared,
        addresses: &mut Vec<(Url, Leads)>,
    ) -> Result<Option<KnownArticle>, StoreError> {
        let of = |how: &dyn Fn(Leads) -> bool| -> Vec<Url> {
            addresses.iter().filter(|(_, leads)| how(*leads)).map(|(url, _)| url.clone()).collect()
        };
        let (direct, canonical) = (of(&|leads| leads != Leads::Canonical), of(&|leads| leads == Leads::Canonical));
        let known = match self.store.known_article(&prepared.document.name)? {
            Some(known) => Some(known),
            None => self.store.known_article_at(&direct.iter().collect::<Vec<_>>())?,
        };
        let stated = self.store.known_article_at(&canonical.iter().collect::<Vec<_>>())?;
        let Some(stated) =
            stated.filter(|stated| known.as_ref().is_none_or(|known| known.article_id != stated.article_id))
        else {
            return Ok(known);
        };
        if article::is_akin(&self.store.version_words(stated.version_id)?, &prepared.article) {
            return Ok(known.or(Some(stated)));
        }
        addresses.retain(|(_, leads)| *leads != Leads::Canonical);
        Ok(known)
    }

    /// Why what answered at a known article's address is not the article, where that is so: nothing of what it said is
    /// there, and either another address answered, or it says far less and embeds nothing.
    pub(super) fn stands_in_its_place(&self, prepared: &Prepared) -> Result<Option<Missing>, StoreError> {
        let document = &prepared.document;
        let Some(answer) = document.exchange.as_ref().and_then(|exchange| exchange.response()) else { return Ok(None) };
        let Some(known) = self.store.known_article(&document.name)? else { return Ok(None) };
        let has_moved = known.looked_url.as_ref().is_some_and(|url| address::plain(url) != address::plain(&answer.url));
        let embeds_none = !prepared.embeds.iter().any(|embed| embed.scope == Scope::Article);
        if !has_moved && !embeds_none {
            return Ok(None);
        }
        let before = self.store.version_words(known.version_id)?;
        let is_short = embeds_none && prepared.article.text.len() * MIN_SHORTER < before.text.len();
        if !(has_moved || is_short) || !article::is_another(&before, &prepared.article) {
            return Ok(None);
        }
        let (name, title) = (document.name.clone(), &prepared.article.title);
        let reason = format!("another page stands in its place: {title:?} at {}", answer.url);
        Ok(Some(Missing { name, reason, passing: true, retry_at: None, asked: true, gone: false }))
    }

    /// What the newest version of an article says, by today's reading of its stored bytes.
    fn reread(&mut self, known: &KnownArticle) -> Result<Option<String>, StoreError> {
        let Some(stored) = self.store.stored_version(known.version_id)? else { return Ok(None) };
        let document = document_of(known, stored);
        let Ok(prepared) = prepare(document) else { return Ok(None) };
        self.store.set_content_digest(self.summary.run, known.version_id, &prepared.content_digest)?;
        Ok(Some(prepared.content_digest))
    }

    fn next_look(&self, known: &KnownArticle, now: Timestamp, changed_at: Timestamp) -> Option<Timestamp> {
        let KnownArticle { first_captured_at: first_seen, published, live_blog, looks, .. } = *known;
        self.settings.revisits.next(&Life { first_seen, changed_at, published, live_blog, looks: looks + 1 }, now)
    }

    fn note_look(&mut self, name: &str, look: ArticleLook) -> Result<(), StoreError> {
        if self.settings.dry_run {
            return Ok(());
        }
        self.settle(name)?;
        self.looks.push(look);
        if self.looks.len() >= LOOKS_A_WRITE { self.write_looks() } else { Ok(()) }
    }

    /// Takes a name off the queue whose article was looked at, or is known.
    fn settle(&mut self, name: &str) -> Result<(), StoreError> {
        if !self.settings.dry_run && self.store.queued_article(name)?.is_some() {
            self.store.unqueue_article(name)?;
        }
        Ok(())
    }

    /// The same of the name by which an input has it, where that is another one.
    pub(super) fn settle_named(&mut self, name: &str) -> Result<(), StoreError> {
        match self.named.get(name).cloned() {
            Some(given) if given.starts_with("http") => self.settle(&given),
            _ => Ok(()),
        }
    }

    /// Notes the looks that brought nothing new.
    pub(super) fn write_looks(&mut self) -> Result<(), StoreError> {
        let looks = std::mem::take(&mut self.looks);
        self.store.note_article_looks(&looks)
    }
}

/// The address that an article was asked at, where it led to a page that may be another: many articles may lead there.
fn doubtful(prepared: &Prepared) -> Option<Url> {
    let document = &prepared.document;
    let (landed, asked) = (document.url.as_ref()?, Url::parse(&document.name).ok()?);
    address::may_lead_away(landed, &asked).then_some(asked)
}

/// A version's document, to be read by today's reading.
pub(super) fn document_of(known: &KnownArticle, stored: StoredVersion) -> Document {
    let mut document = Document::new(known.name.clone(), stored.bytes);
    document.url = stored.url;
    document.content_type = stored.content_type;
    document.kind = stored.kind;
    document.hint.title = Some(known.title.clone());
    document.hint.published = known.published;
    document.exchange = stored.exchange;
    document
}

/// The addresses that lead to a web article, beside its name.
fn addresses(prepared: &Prepared) -> Vec<(Url, Leads)> {
    let document = &prepared.document;
    if !document.name.starts_with("http") {
        return Vec::new();
    }
    if doubtful(prepared).is_some() {
        return Vec::new();
    }
    let hops = document.exchange.iter().flat_map(|exchange| &exchange.hops).map(|hop| hop.url.clone());
    let landed = document.url.clone();
    // The name may be that of a further page.
    let pages = prepared.pages.iter().filter_map(|(kind, exchange)| {
        let leads = match kind {
            PageKind::Next | PageKind::Whole => Leads::Page,
            PageKind::Amp => Leads::Amp,
            PageKind::Print => Leads::Print,
        };
        Some((exchange.response()?.url.clone(), leads))
    });
    let redirects = hops.chain(landed).map(|url| (url, Leads::Redirect));
    let canonical = prepared.article.url.clone().map(|url| (url, Leads::Canonical));
    redirects.chain(canonical).chain(pages).collect()
}

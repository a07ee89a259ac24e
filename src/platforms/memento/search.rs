//! The search itself: a platform's plan walked over an archive, copy by copy, until one of them shows the post.

use super::{Archive, Lookup, as_it_was, by_address, failure, index, layout};
use crate::http::{Exchange, FetchError, Request};
use crate::model::{Failure, Memento, Outcome, Post, PostRef};
use crate::platforms::{Platform, Step};
use index::{Answer, Row};
use jiff::Timestamp;
use layout::Index;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use url::Url;

/// Copies of one address that are tried.
const MAX_COPIES: usize = 3;

/// Requests of one plan that are answered by copies.
const MAX_STEPS: usize = 8;

/// Steps of plans that are walked for one post, whatever its platform plans.
const MAX_WALKED: usize = 200;

/// Redirects between copies of one address: an archive leads from a time to the one that it has.
const MAX_HOPS: usize = 2;

/// Why a search can't go on by itself.
pub(super) enum Halt {
    /// It needs this answer.
    Ask(Box<Request>),
    /// The archive can't be asked now.
    Failed(Failure),
}

type Found = Option<(Post, Memento)>;

/// A search for the copies of one post.
pub(super) struct Search<'a> {
    archive: &'a Archive,
    platform: &'a dyn Platform,
    post: &'a PostRef,
    near: Option<Timestamp>,
    asked: HashMap<&'a str, &'a Exchange>,
    walked: Cell<usize>,
    /// Indexes that the archive does not have, or that do not answer now.
    silent: RefCell<HashSet<Index>>,
    /// The first copy that could not be had for a passing reason.
    passing: RefCell<Option<Failure>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        archive: &'a Archive,
        platform: &'a dyn Platform,
        post: &'a PostRef,
        near: Option<Timestamp>,
        exchanges: &'a [Exchange],
    ) -> Self {
        let asked = by_address(exchanges);
        let (walked, silent, passing) = (Cell::new(0), RefCell::default(), RefCell::default());
        Self { archive, platform, post, near, asked, walked, silent, passing }
    }

    /// Walks the platform's plan, then the pages that are no part of it.
    pub(super) fn run(&self) -> Result<Found, Halt> {
        if let Some(found) = self.walk(&mut Vec::new(), None)? {
            return Ok(Some(found));
        }
        for page in self.platform.archived_pages(self.post) {
            let request = Request::get(page.url.clone());
            for nth in 0..MAX_COPIES {
                let Some(copy) = self.copy(&page, nth)? else { break };
                let Some((exchange, memento)) = self.fetched(&copy, &request)? else { continue };
                let read = exchange.response().and_then(|page| self.platform.read_archived(self.post, page));
                if let Some(post) = read.filter(says_something) {
                    return Ok(Some((post, memento)));
                }
            }
        }
        match self.passing.take() {
            Some(failure) => Err(Halt::Failed(failure)),
            None => Ok(None),
        }
    }

    /// Goes on from these answers: each copy of the next planned request in turn, then as if there were none.
    fn walk(&self, answers: &mut Vec<Exchange>, newest: Option<Memento>) -> Result<Found, Halt> {
        self.walked.set(self.walked.get() + 1);
        if answers.len() > MAX_STEPS || self.walked.get() > MAX_WALKED {
            return Ok(None);
        }
        let request = match crate::platforms::next(self.platform, self.post, answers) {
            Ok(Step::Fetch(request)) => request,
            Ok(Step::Done(Outcome::Found(post), _)) => {
                return Ok(newest.filter(|_| says_something(&post)).map(|memento| (*post, memento)));
            }
            Ok(Step::Done(..)) | Err(_) => return Ok(None),
        };
        if let Some(lookup) = self.platform.archived_as(self.post, &request) {
            for nth in 0..MAX_COPIES {
                let Some(copy) = self.copy(&lookup, nth)? else { break };
                let Some((exchange, memento)) = self.fetched(&copy, &request)? else { continue };
                answers.push(exchange);
                let found = self.walk(answers, Some(memento));
                answers.pop();
                if let Some(found) = found? {
                    return Ok(Some(found));
                }
            }
        }
        answers.push(not_kept(request));
        let found = self.walk(answers, newest);
        answers.pop();
        found
    }

    /// The copy of this number (from 0, best first) that the archive names for an address.
    fn copy(&self, lookup: &Lookup, nth: usize) -> Result<Option<Memento>, Halt> {
        let mut down = None;
        let mut unrecorded = false;
        for index in self.archive.indexes() {
            if self.silent.borrow().contains(index) {
                continue;
            }
            if *index == Index::Available {
                match self.nearest(lookup, nth)? {
                    Answer::Rows(rows) => {
                        return Ok(rows.get(nth).and_then(|row| self.archive.raw(*index, row.at, &row.original)));
                    }
                    Answer::Down(failure) => down = Some(failure),
                    Answer::Unrecorded => {
                        unrecorded = true;
                        continue;
                    }
                    Answer::Mute | Answer::Limited(_) => {}
                }
                self.silent.borrow_mut().insert(*index);
                continue;
            }
            let Some(request) = self.archive.question(*index, lookup, None) else { continue };
            match self.answer(*index, request)? {
                Answer::Rows(rows) => {
                    let row = self.ordered(lookup, rows).into_iter().nth(nth);
                    return Ok(row.and_then(|row| self.archive.raw(*index, row.at, &row.original)));
                }
                Answer::Down(failure) => down = down.or(Some(failure)),
                Answer::Unrecorded => {
                    unrecorded = true;
                    continue;
                }
                Answer::Mute | Answer::Limited(_) => {}
            }
            self.silent.borrow_mut().insert(*index);
        }
        if unrecorded && down.is_none() {
            return Ok(None);
        }
        let mute = || Failure::Drift {
            at: "memento".to_owned(),
            detail: "neither a CDX index nor an availability answer at the web archive's address".to_owned(),
        };
        Err(Halt::Failed(down.unwrap_or_else(mute)))
    }

    /// Up to so many copies of an interface that names only the nearest to a time: to the wanted one, the first, the last.
    fn nearest(&self, lookup: &Lookup, nth: usize) -> Result<Answer, Halt> {
        let mut rows: Vec<Row> = Vec::new();
        for near in [self.near, Some(Timestamp::UNIX_EPOCH), None] {
            let Some(request) = self.archive.question(Index::Available, lookup, near) else { continue };
            match self.answer(Index::Available, request)? {
                Answer::Rows(new) => {
                    let new = new.into_iter().filter(|row| self.is_meant(lookup, row));
                    rows.extend(new.filter(|row| rows.iter().all(|known| known.at != row.at)).collect::<Vec<_>>());
                }
                other if rows.is_empty() => return Ok(other),
                _ => break,
            }
            if rows.len() > nth || rows.is_empty() {
                break;
            }
        }
        Ok(Answer::Rows(rows))
    }

    fn answer(&self, index: Index, request: Request) -> Result<Answer, Halt> {
        let Some(exchange) = self.asked.get(request.url.as_str()) else { return Err(Halt::Ask(Box::new(request))) };
        match index::read(index, exchange) {
            Answer::Limited(failure) => Err(Halt::Failed(failure)),
            answer => Ok(answer),
        }
    }

    /// The rows of the very post, nearest first, those with equal bytes once.
    fn ordered(&self, lookup: &Lookup, rows: Vec<Row>) -> Vec<Row> {
        let mut rows: Vec<Row> = rows.into_iter().filter(|row| self.is_meant(lookup, row)).collect();
        rows.sort_by_key(|row| (self.near.map_or(0, |near| row.at.duration_since(near).abs().as_secs()), row.at));
        let mut seen = HashSet::new();
        rows.retain(|row| row.digest.as_ref().is_none_or(|digest| seen.insert(digest.clone())));
        rows
    }

    /// Whether a row is of what was asked for: a prefix also meets longer ids.
    fn is_meant(&self, lookup: &Lookup, row: &Row) -> bool {
        if !lookup.prefix {
            return true;
        }
        let Ok(url) = Url::parse(&row.original) else { return false };
        crate::platforms::recognize(&url)
            .and_then(|target| target.post().cloned())
            .is_some_and(|post| post.platform == self.post.platform && post.id == self.post.id)
    }

    /// A copy as its own server once gave it; None where it can't be had. What is no copy is none: an error of the
    /// archive, an archived redirect, a page at another address.
    fn fetched(&self, copy: &Memento, planned: &Request) -> Result<Option<(Exchange, Memento)>, Halt> {
        let mut copy = copy.clone();
        for _ in 0..=MAX_HOPS {
            let Some(exchange) = self.asked.get(copy.url.as_str()) else {
                return Err(Halt::Ask(Box::new(Request::get(copy.url).without_redirects())));
            };
            let Some(answer) = exchange.response() else {
                if exchange.answer == Err(FetchError::NotRecorded) {
                    return Ok(None);
                }
                self.passing.borrow_mut().get_or_insert(failure(exchange));
                return Ok(None);
            };
            match answer.status {
                420 | 429 => return Err(Halt::Failed(failure(exchange))),
                408 | 500.. => {
                    self.passing.borrow_mut().get_or_insert(failure(exchange));
                    return Ok(None);
                }
                _ => {}
            }
            match answer.redirect_target().and_then(|target| self.moved(&copy, &target)) {
                Some(moved) => copy = moved,
                None => return Ok(as_it_was(&copy, exchange, planned).map(|exchange| (exchange, copy))),
            }
        }
        Ok(None)
    }

    /// Another copy of the same address, to which the archive leads from the one asked for.
    fn moved(&self, copy: &Memento, target: &Url) -> Option<Memento> {
        let (_, _, from) = layout::parts(&copy.url)?;
        let (_, archived_at, to) = layout::parts(target)?;
        let place = |url: &Url| {
            let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
            (host, url.path().trim_end_matches('/').to_owned(), url.query().map(str::to_owned))
        };
        let is_same = place(&from) == place(&to) && self.archive.holds(target) && *target != copy.url;
        is_same.then(|| Memento { url: target.clone(), archived_at })
    }
}

/// Walks a plan over all copies that were fetched, without an index: for reading stored exchanges again.
pub(super) fn over_copies(platform: &dyn Platform, post: &PostRef, exchanges: &[Exchange]) -> Found {
    let copies: Vec<(Memento, &Exchange)> = exchanges
        .iter()
        .filter(|exchange| exchange.response().is_some_and(crate::http::Response::is_success))
        .filter_map(|exchange| {
            let (_, archived_at, _) = layout::parts(&exchange.request.url)?;
            Some((Memento { url: exchange.request.url.clone(), archived_at }, exchange))
        })
        .collect();
    let mut answers = Vec::new();
    let mut newest = None;
    while answers.len() <= MAX_STEPS {
        match crate::platforms::next(platform, post, &answers) {
            Ok(Step::Fetch(request)) => {
                // Of the copies of one address the last that was fetched is the one that the search went on with.
                let copy = copies.iter().rev().find(|(copy, _)| answers_to(platform, post, &request, copy));
                let kept = copy.and_then(|(copy, exchange)| Some((copy, as_it_was(copy, exchange, &request)?)));
                newest = kept.as_ref().map(|(copy, _)| (*copy).clone()).or(newest);
                answers.push(kept.map_or_else(|| not_kept(request), |(_, exchange)| exchange));
            }
            Ok(Step::Done(Outcome::Found(found), _)) if says_something(&found) => match newest {
                Some(memento) => return Some((*found, memento)),
                None => break,
            },
            Ok(Step::Done(..)) | Err(_) => break,
        }
    }
    copies.iter().rev().find_map(|(memento, exchange)| {
        let page = as_it_was(memento, exchange, &Request::get(memento.url.clone()))?;
        let found = platform.read_archived(post, page.response()?).filter(says_something)?;
        Some((found, memento.clone()))
    })
}

/// Whether a copy is of what a planned request asks for.
fn answers_to(platform: &dyn Platform, post: &PostRef, request: &Request, memento: &Memento) -> bool {
    let Some((_, _, original)) = layout::parts(&memento.url) else { return false };
    let Some(lookup) = platform.archived_as(post, request) else { return false };
    let place =
        |url: &Url| (url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned(), url.path().to_owned());
    place(&lookup.url) == place(&original)
        && (lookup.prefix || lookup.url.query().unwrap_or_default() == original.query().unwrap_or_default())
}

/// The exchange of a request that the archive has no copy for.
fn not_kept(request: Request) -> Exchange {
    let answer = Err(FetchError::NotRecorded);
    Exchange { request, hops: Vec::new(), answer, started_at: Timestamp::UNIX_EPOCH, elapsed_ms: 0 }
}

/// Whether there is anything to show of a post: an author alone is none.
fn says_something(post: &Post) -> bool {
    !post.text.trim().is_empty() || !post.media.is_empty()
}

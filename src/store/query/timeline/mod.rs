//! A post's history: its looks folded into entries, and the snapshots of the entries that are asked for.
//!
//! All looks are folded, for they are small; the content of snapshots is read for one page of entries alone.

mod fold;

use super::{
    content,
    view::{find_post, instant},
};
use crate::{
    model::{Captured, CountsAt, ReadAgain, Timeline, TimelineEntry, TimelineEvent, Via, differences},
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
        failures::read_failure,
    },
};
use fold::{Event, Folded, Look, Previous};
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

/// The newest looks that are told of.
const MAX_LOOKS: i64 = 20_000;

/// Entries of a page.
const PAGE_ENTRIES: usize = 40;

/// Entries of a large page.
const MANY_ENTRIES: usize = 500;

/// How deep posts inside a snapshot are read.
const DEPTH: u8 = 1;

/// The newest snapshots of which counts are read.
const MAX_COUNTED: i64 = 1_000;

/// Moments of which counts are told.
const MAX_COUNTS: usize = 60;

/// Earlier readings of one answer that are named.
const MAX_EARLIER: i64 = 20;

impl Store {
    /// A page of a post's history, oldest first, by the post's key under any of its names; none where the archive does
    /// not know it. Pages are counted from 1; one beyond the last is the last.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn timeline(&self, key: &str, page: usize) -> Result<Option<Timeline>, StoreError> {
        self.read(&format!("read the history of {key}"), |connection| {
            find_post(connection, key)?.map(|post| timeline(connection, post, page)).transpose()
        })
    }

    /// The same in large pages, for who wants all of it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn history(&self, key: &str, page: usize) -> Result<Option<Timeline>, StoreError> {
        self.read(&format!("read the history of {key}"), |connection| {
            let post = find_post(connection, key)?;
            post.map(|post| in_pages(connection, post, page, MANY_ENTRIES)).transpose()
        })
    }
}

/// A page of the history of the post in this row.
pub(super) fn timeline(connection: &Connection, post: i64, page: usize) -> rusqlite::Result<Timeline> {
    in_pages(connection, post, page, PAGE_ENTRIES)
}

fn in_pages(connection: &Connection, post: i64, page: usize, size: usize) -> rusqlite::Result<Timeline> {
    let looks = looks(connection, post)?;
    let told = looks.len() as u64;
    let all: i64 = connection
        .prepare_cached("SELECT count(*) FROM standing_looks WHERE post = ?1")?
        .query_row([post], |row| row.get(0))?;
    let folded = fold::fold(looks);
    let pages = folded.len().div_ceil(size).max(1);
    let page = page.clamp(1, pages);
    let mut known = Snapshots { connection, read: HashMap::new() };
    let of_page = folded.into_iter().skip((page - 1) * size).take(size);
    let entries = of_page.map(|folded| entry(&mut known, folded)).collect::<rusqlite::Result<_>>()?;
    let older = counted(all).saturating_sub(told);
    Ok(Timeline { entries, page, pages, looks: told, older, counts: counts(connection, post)? })
}

/// The looks that stand, oldest first.
fn looks(connection: &Connection, post: i64) -> rusqlite::Result<Vec<Look>> {
    let mut statement = connection.prepare_cached(
        "SELECT looked_at, via, result = 'new' AS is_new, state, snapshot, reason, detail, retry_at, reparse_of \
         FROM standing_looks WHERE post = ?1 ORDER BY looked_at DESC, id DESC LIMIT ?2",
    )?;
    let looks = statement.query_map((post, MAX_LOOKS), |row| {
        let reason: Option<String> = row.get("reason")?;
        Ok(Look {
            at: row.get::<_, At>("looked_at")?.0,
            via: row.get::<_, Word<_>>("via")?.0,
            is_new: row.get("is_new")?,
            state: row.get::<_, Option<Word<_>>>("state")?.map(|Word(state)| state),
            snapshot: row.get("snapshot")?,
            failure: match reason {
                Some(reason) => Some(read_failure(&reason, row.get("detail")?, instant(row, "retry_at")?)),
                None => None,
            },
            reparse_of: row.get("reparse_of")?,
        })
    })?;
    let mut looks: Vec<Look> = looks.collect::<rusqlite::Result<_>>()?;
    looks.reverse();
    Ok(looks)
}

fn entry(known: &mut Snapshots<'_>, folded: Folded) -> rusqlite::Result<TimelineEntry> {
    let event = match folded.event {
        Event::Captured { via, snapshot, from, previous, reparse_of } => {
            let mut captured = known.captured(snapshot, via, previous)?;
            captured.returned_from = from;
            captured.read_again = read_again(known.connection, snapshot, reparse_of)?;
            TimelineEvent::Captured(Box::new(captured))
        }
        Event::Memento { snapshot, previous, reparse_of } => {
            let mut captured = known.captured(snapshot, Via::Memento, previous)?;
            captured.read_again = read_again(known.connection, snapshot, reparse_of)?;
            TimelineEvent::Memento(Box::new(captured))
        }
        Event::Imported { snapshot, previous } => {
            TimelineEvent::Imported(Box::new(known.captured(snapshot, Via::Import, previous)?))
        }
        Event::Quoted { snapshot } => TimelineEvent::Quoted(Box::new(known.captured(snapshot, Via::Quoted, None)?)),
        Event::Returned { via, from } => TimelineEvent::Returned { via, from },
        Event::Vanished { via, state, from, snapshot } => TimelineEvent::Vanished { state, from, via, snapshot },
        Event::Quiet(quiet) => TimelineEvent::Quiet(quiet),
    };
    Ok(TimelineEntry { at: folded.at, until: folded.until, event })
}

/// The snapshots of a page; most are read once and compared with both neighbours.
struct Snapshots<'a> {
    connection: &'a Connection,
    read: HashMap<i64, Rc<Captured>>,
}

impl Snapshots<'_> {
    fn captured(&mut self, snapshot: i64, via: Via, previous: Option<Previous>) -> rusqlite::Result<Captured> {
        let mut captured = (*self.get(snapshot, via)?).clone();
        if let Some(Previous { snapshot, other_rung }) = previous {
            let before = self.get(snapshot, via)?;
            captured.differences = differences((&before.content, &before.media), (&captured.content, &captured.media));
            (captured.previous, captured.other_rung) = (Some(snapshot), other_rung);
        }
        Ok(captured)
    }

    fn get(&mut self, snapshot: i64, via: Via) -> rusqlite::Result<Rc<Captured>> {
        if let Some(known) = self.read.get(&snapshot) {
            return Ok(Rc::clone(known));
        }
        let (memento, login) = content::origin(self.connection, snapshot)?;
        let captured = Rc::new(Captured {
            snapshot,
            via,
            content: content::content(self.connection, snapshot, DEPTH)?,
            media: content::stored_media(self.connection, snapshot, false)?,
            memento,
            login,
            returned_from: None,
            previous: None,
            other_rung: false,
            differences: Vec::new(),
            read_again: None,
        });
        self.read.insert(snapshot, Rc::clone(&captured));
        Ok(captured)
    }
}

/// When the answer behind a snapshot was read again, and what was read out of it before.
fn read_again(connection: &Connection, snapshot: i64, look: Option<i64>) -> rusqlite::Result<Option<ReadAgain>> {
    let Some(look) = look else { return Ok(None) };
    let at: Option<At> = connection
        .prepare_cached(
            "SELECT r.started_at FROM looks l JOIN runs r ON r.id = l.run WHERE l.reparse_of = ?1 ORDER BY l.id DESC LIMIT 1",
        )?
        .query_row([look], |row| row.get(0))
        .optional()?;
    let Some(At(at)) = at else { return Ok(None) };
    let mut earlier = connection.prepare_cached(
        "SELECT DISTINCT snapshot FROM looks WHERE (id = ?1 OR reparse_of = ?1) AND snapshot IS NOT NULL AND snapshot <> ?2 \
         ORDER BY id LIMIT ?3",
    )?;
    let earlier = earlier.query_map((look, snapshot, MAX_EARLIER), |row| row.get(0))?;
    Ok(Some(ReadAgain { at, earlier: earlier.collect::<rusqlite::Result<_>>()? }))
}

/// The counts that the platform told, oldest first; of many the first, the last and some between.
fn counts(connection: &Connection, post: i64) -> rusqlite::Result<Vec<CountsAt>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.captured_at, s.counts FROM snapshots s WHERE s.post = ?1 AND s.outcome = 'found' \
         AND s.via NOT IN ('memento', 'import', 'quoted') AND s.counts LIKE '{\"%' \
         AND EXISTS (SELECT 1 FROM standing_looks l WHERE l.snapshot = s.id) ORDER BY s.captured_at DESC, s.id DESC LIMIT ?2",
    )?;
    let counts = statement.query_map((post, MAX_COUNTED), |row| {
        Ok(CountsAt { snapshot: row.get(0)?, at: row.get::<_, At>(1)?.0, counts: row.get::<_, Json<_>>(2)?.0 })
    })?;
    let mut counts: Vec<CountsAt> = counts.collect::<rusqlite::Result<_>>()?;
    counts.reverse();
    Ok(spread(counts))
}

/// Of many as many as are told, evenly, the first and the last among them.
fn spread(counts: Vec<CountsAt>) -> Vec<CountsAt> {
    let (last, gaps) = (counts.len().saturating_sub(1), MAX_COUNTS.min(counts.len()).saturating_sub(1).max(1));
    let chosen: BTreeSet<usize> = (0..=gaps).map(|gap| gap * last / gaps).collect();
    counts.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, one)| one).collect()
}

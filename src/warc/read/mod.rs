//! Reads the records of a WARC file one by one, whole ones only, and says where the file is damaged.

mod record;

use super::dictionary::Dictionary;
use super::digest::Check;
use super::header::{self, Parsing, Trouble};
use super::member::Members;
use super::{Damage, Kind, MAX_BODY_BYTES, Place, Record};
use crate::http::Headers;
use record::Content;
use std::io::{self, BufRead, Read};

/// How often in one file what was found after damage may only look like a member. Noise does once in a hundred megabytes.
const MAX_STRAYS: u32 = 10_000;

/// The requests, responses and revisits of a WARC file, 0.16 to 1.1, or of an ARC file: uncompressed, or gzip or Zstandard by
/// record, by file, or both in one.
///
/// A record is yielded only if it is whole, down to the checksum of its compressed member. Where the file is damaged,
/// the damage is yielded in the record's place; after it the reader goes on at the next thing that looks like a compressed
/// member and is one, or in an uncompressed file at the next line that begins a record. A record that is not what its own
/// digest says is yielded, with the damage after it, as tools are known to write wrong ones. Records of other types, and of
/// other schemes than http and https, are passed over.
pub struct Reader<R: Read> {
    members: Members<R>,
    body_limit: Option<u64>,
    wanted: fn(&Kind, &Headers) -> bool,
    all_kinds: bool,
    state: State,
    /// What is read next was found after damage; where it is nothing, that is no damage of its own.
    is_sought: bool,
    strays: u32,
    /// Where the record begins whose first line was found after damage, and is read.
    resumed: Option<u64>,
    /// Found in the record that was yielded last.
    pending: Option<Damage>,
    passed_over: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between members.
    Outside,
    /// At a record's start, or in the padding before it.
    Inside,
    /// After damage in a compressed member, whose rest cannot be read as records.
    Broken,
    /// After damage in an uncompressed file: a record's first line is looked for.
    Lost,
    /// After bytes that can't be unpacked: the next compressed member is looked for.
    Astray,
    Ended,
}

impl<R: Read> Reader<R> {
    /// A reader of a whole file, with bodies of up to [`MAX_BODY_BYTES`].
    pub fn new(input: R) -> Self {
        Self::at(input, 0)
    }

    /// A reader of a file from the byte `offset` on, where `input` stands: a [`Place`]'s offset.
    pub fn at(input: R, offset: u64) -> Self {
        Self::with_dictionary(input, offset, None)
    }

    /// The same for a file whose frames refer to a dictionary.
    pub(super) fn with_dictionary(input: R, offset: u64, dictionary: Option<Dictionary>) -> Self {
        Self {
            members: Members::new(input, offset, dictionary),
            body_limit: Some(MAX_BODY_BYTES),
            wanted: |_, _| true,
            all_kinds: false,
            state: State::Outside,
            is_sought: false,
            strays: 0,
            resumed: None,
            pending: None,
            passed_over: 0,
        }
    }

    /// The same reader with another limit on a decoded body, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// The same reader, passing over bodies: each record's is [`Body::Unread`](super::Body::Unread).
    #[must_use]
    pub fn without_bodies(mut self) -> Self {
        self.body_limit = None;
        self
    }

    /// The same reader, passing over the bodies of other records than `wanted`: each is [`Body::Unread`](super::Body::Unread).
    #[must_use]
    pub fn with_bodies_of(mut self, wanted: fn(&Kind, &Headers) -> bool) -> Self {
        self.wanted = wanted;
        self
    }

    /// The same reader, with resources and metadata among its records.
    #[must_use]
    pub fn with_all_kinds(mut self) -> Self {
        self.all_kinds = true;
        self
    }

    /// How many whole records were passed over so far, being of another type or scheme.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// The record that stands so many unpacked bytes into the member at hand: see [`Place::within`].
    pub fn record_within(&mut self, within: u64) -> Option<Result<Record, Damage>> {
        if let Err(damage) = self.pass(within) {
            return Some(Err(damage));
        }
        while self.state != State::Ended {
            match self.step() {
                Ok(Some(record)) => return Some(Ok(record)),
                // That it is not what its digest says was told when all were read.
                Ok(None) => self.pending = None,
                Err(damage) => return Some(Err(damage)),
            }
        }
        None
    }

    /// Opens the member at hand, and reads past its first bytes.
    fn pass(&mut self, within: u64) -> Result<(), Damage> {
        if self.state == State::Outside {
            self.step()?;
        }
        let passed = io::copy(&mut self.members.by_ref().take(within), &mut io::sink());
        let start = self.members.start();
        passed.map(drop).map_err(|error| self.fatal(start, &error))
    }

    /// All that the member at hand unpacks to, without holding it in memory.
    ///
    /// # Errors
    /// It is damaged, or unpacks to more than is read, or `to` can't be written.
    pub(super) fn unpack(&mut self, to: &mut impl io::Write) -> io::Result<u64> {
        self.pass(0).map_err(io::Error::other)?;
        io::copy(&mut self.members, to)
    }

    /// Copies the content of the record that stands so many unpacked bytes into the member at hand, without holding it in
    /// memory.
    ///
    /// # Errors
    /// The record is not there or not whole, or `to` can't be written.
    pub fn copy_content(&mut self, within: u64, to: &mut impl io::Write) -> io::Result<()> {
        let damaged = |damage: Damage| io::Error::other(damage.to_string());
        self.pass(within).map_err(damaged)?;
        let at_end = self.pass_padding().map_err(|trouble| damaged(trouble.into()))?;
        let parsing = Parsing { offset: self.offset() };
        if at_end {
            return Err(io::Error::other("the record is not there"));
        }
        let fields = parsing.head(&mut self.members).map_err(|trouble| damaged(trouble.into()))?;
        let mut content = Content { members: &mut self.members, left: fields.length, check: None };
        io::copy(&mut content, to)?;
        if content.left > 0 { Err(io::Error::other("the record is not whole")) } else { Ok(()) }
    }

    /// One record further. `Ok(None)` where it was passed over.
    fn step(&mut self) -> Result<Option<Record>, Damage> {
        if self.state == State::Broken {
            self.skip_member();
        }
        if self.state == State::Lost {
            let found = seek_record(&mut self.members).map_err(|error| self.fatal(self.members.start(), &error))?;
            self.state = if found.is_some() { State::Inside } else { State::Outside };
            self.resumed = found;
        }
        if self.state == State::Astray {
            let found = self.members.seek_member().map_err(|error| self.fatal(self.members.start(), &error))?;
            self.state = if found { State::Outside } else { State::Ended };
            self.is_sought = found;
            return Ok(None);
        }
        if self.state == State::Outside {
            let more = self.members.advance().map_err(|error| self.fatal(self.members.start(), &error))?;
            self.state = if more { State::Inside } else { State::Ended };
            return Ok(None);
        }
        let is_sought = std::mem::take(&mut self.is_sought);
        let damage = match self.record() {
            Ok(found) => return Ok(found),
            Err(Trouble::Record(damage)) => {
                self.state = match self.members.plain_offset() {
                    _ if is_sought => State::Astray,
                    None => State::Broken,
                    Some(_) if self.members.is_packed() => State::Astray,
                    Some(_) => State::Lost,
                };
                damage
            }
            Err(Trouble::File(damage)) => {
                self.state = if self.members.is_packed() { State::Astray } else { State::Ended };
                damage
            }
        };
        if !is_sought {
            return Err(damage);
        }
        self.strays += 1;
        if self.strays <= MAX_STRAYS {
            return Ok(None);
        }
        self.state = State::Ended;
        Err(Damage {
            detail: "more that only looks like records than is tried; what follows is not read".to_owned(),
            ..damage
        })
    }

    /// Reads past what is left of a damaged compressed member; one that can't be unpacked to its end is told as damaged
    /// already.
    fn skip_member(&mut self) {
        let skipped = io::copy(&mut self.members, &mut io::sink());
        self.state = if skipped.is_ok() { State::Outside } else { State::Astray };
    }

    fn fatal(&mut self, offset: u64, error: &io::Error) -> Damage {
        self.state = State::Ended;
        Damage { offset, detail: error.to_string() }
    }

    fn record(&mut self) -> Result<Option<Record>, Trouble> {
        let resumed = self.resumed.take();
        if resumed.is_none() && self.pass_padding()? {
            self.state = State::Outside;
            return Ok(None);
        }
        let place = Place { offset: resumed.unwrap_or_else(|| self.offset()), within: self.members.within() };
        let parsing = Parsing { offset: place.offset };
        if self.members.is_stray().map_err(|error| parsing.io(&error))? {
            return Err(parsing.record("expected a record, found something else".to_owned()));
        }
        let fields = match resumed {
            Some(_) => parsing.fields(&mut self.members)?,
            None => parsing.head(&mut self.members)?,
        };
        let body_limit = self.body_limit;
        let mut content = Content { members: &mut self.members, left: fields.length, check: fields.check() };
        let record = if self.all_kinds && matches!(fields.kind.as_str(), "resource" | "metadata") {
            parsing.bare(&mut content, &fields, place, body_limit, self.wanted)?
        } else {
            parsing.content(&mut content, &fields, place, body_limit, self.wanted)?
        };
        let missing = content.skip().map_err(|error| parsing.io(&error))?;
        if missing > 0 {
            let detail = format!("the data end {missing} bytes before the record's {} are there", fields.length);
            return Err(parsing.record(detail));
        }
        let sound = content.check.is_none_or(Check::holds);
        parsing.ending(&mut self.members)?;
        if !sound {
            let detail = "the content is not what WARC-Block-Digest says".to_owned();
            self.pending = Some(Damage { offset: place.offset, detail });
        }
        if record.is_none() {
            self.passed_over += 1;
        }
        Ok(record)
    }

    /// Reads past line endings before a record. True at the member's end.
    fn pass_padding(&mut self) -> Result<bool, Trouble> {
        loop {
            let offset = self.offset();
            let file = |error: io::Error| Trouble::File(Damage { offset, detail: error.to_string() });
            let buffer = self.members.fill_buf().map_err(file)?;
            if buffer.is_empty() {
                return Ok(true);
            }
            let padding = buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let more = padding == buffer.len();
            self.members.consume(padding);
            if !more {
                // What follows may be compressed, where files were put one after another.
                return self
                    .members
                    .is_before_packed()
                    .map_err(|error| Trouble::File(Damage { offset, detail: error.to_string() }));
            }
        }
    }

    fn offset(&self) -> u64 {
        self.members.plain_offset().unwrap_or(self.members.start())
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Record, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(damage) = self.pending.take() {
            return Some(Err(damage));
        }
        while self.state != State::Ended {
            match self.step() {
                Ok(Some(record)) => return Some(Ok(record)),
                Ok(None) if self.pending.is_some() => return self.pending.take().map(Err),
                Ok(None) => {}
                Err(damage) => return Some(Err(damage)),
            }
        }
        None
    }
}

/// Reads past the next line that begins a record, and says where it began. None at the end of the file.
fn seek_record<R: Read>(members: &mut Members<R>) -> io::Result<Option<u64>> {
    /// More than a record's first line is long.
    const KEPT_BYTES: usize = 16;
    let mut line = Vec::with_capacity(KEPT_BYTES);
    let mut start = members.plain_offset();
    loop {
        let buffer = members.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |at| at + 1);
        line.extend(buffer.iter().take(taken.min(KEPT_BYTES.saturating_sub(line.len()))));
        members.consume(taken);
        if end.is_some() {
            if std::str::from_utf8(&line).is_ok_and(|line| line.ends_with('\n') && header::is_version(line)) {
                return Ok(start);
            }
            line.clear();
            start = members.plain_offset();
        }
    }
}

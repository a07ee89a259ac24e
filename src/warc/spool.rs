//! What compressed members hold that have many records each, unpacked once: a record in the middle of one could otherwise be
//! had only by unpacking all before it, again for every record.

use super::dictionary::{self, Dictionary};
use super::{Damage, Part, Place, Reader, Record, part::Window};
use std::{
    collections::BTreeMap,
    io::{self, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tempfile::NamedTempFile;

/// A record that stands no further than this in its member is read by unpacking what is before it, in bytes.
const NEAR_BYTES: u64 = 256 * 1024;

/// What is kept unpacked of one recording, in bytes of disk. Beyond it every record is unpacked for itself.
const MAX_SPOOLED_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// What is remembered of a recording by all who read records of it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    dictionary: OnceLock<Option<Dictionary>>,
    spool: Mutex<Spool>,
}

#[derive(Debug, Default)]
struct Spool {
    /// Without a name of its own in any folder of the user's; gone with the last part.
    file: Option<Arc<NamedTempFile>>,
    /// Where the content of the member at an offset begins in it, and its length.
    members: BTreeMap<u64, (u64, u64)>,
    size_bytes: u64,
}

impl Part {
    /// Reads one record of any kind, with a body of up to so many bytes.
    ///
    /// # Errors
    /// It is damaged, or no longer there.
    pub fn record(&self, place: Place, limit_bytes: u64) -> Result<Record, String> {
        let changed = || "the file changed while it was in use".to_owned();
        let (mut reader, at) = self.reader_at(place).map_err(|error| error.to_string())?;
        reader = reader.with_all_kinds().with_body_limit(limit_bytes);
        match reader.record_within(at.within) {
            Some(Ok(record)) if record.place == at => Ok(Record { place, ..record }),
            Some(Err(Damage { detail, .. })) => Err(Damage { offset: place.offset, detail }.to_string()),
            _ => Err(changed()),
        }
    }

    /// Copies the content of one record without holding it in memory.
    ///
    /// # Errors
    /// It is not there or not whole, or `to` can't be written.
    pub fn copy_content(&self, place: Place, to: &mut impl Write) -> io::Result<()> {
        let (mut reader, at) = self.reader_at(place)?;
        reader.copy_content(at.within, to)
    }

    /// A reader that stands before the member of a record, and the record's place for it.
    fn reader_at(&self, place: Place) -> io::Result<(Reader<Window>, Place)> {
        if place.within > NEAR_BYTES
            && let Some((window, at)) = self.spooled(place)?
        {
            return Ok((Reader::at(window, at), Place { offset: at, within: 0 }));
        }
        Ok((self.member_at(place.offset)?, place))
    }

    fn member_at(&self, offset: u64) -> io::Result<Reader<Window>> {
        let mut window = self.open()?;
        let dictionary = match self.memory.dictionary.get() {
            Some(dictionary) => dictionary.clone(),
            None => {
                let found = dictionary::of_file(&mut window)?;
                self.memory.dictionary.get_or_init(|| found).clone()
            }
        };
        window.seek(SeekFrom::Start(offset))?;
        Ok(Reader::with_dictionary(window, offset, dictionary))
    }

    /// The record's place in the spool; the member is unpacked to there if it is not. None where there is no room.
    fn spooled(&self, place: Place) -> io::Result<Option<(Window, u64)>> {
        let mut spool = self.memory.spool.lock().unwrap_or_else(PoisonError::into_inner);
        if !spool.members.contains_key(&place.offset) {
            if spool.size_bytes >= MAX_SPOOLED_BYTES {
                return Ok(None);
            }
            let file = match &spool.file {
                Some(file) => Arc::clone(file),
                None => Arc::clone(spool.file.insert(Arc::new(NamedTempFile::new()?))),
            };
            let start = spool.size_bytes;
            let mut to = file.reopen()?;
            to.seek(SeekFrom::Start(start))?;
            let mut to = io::BufWriter::new(to);
            // What can be unpacked of a damaged member is there for the records before the damage.
            let unpacked = self.member_at(place.offset)?.unpack(&mut to);
            to.flush()?;
            let end = to.get_mut().stream_position()?;
            spool.size_bytes = end;
            if unpacked.is_err() && end == start {
                return Ok(None);
            }
            spool.members.insert(place.offset, (start, end - start));
        }
        let (Some(file), Some((start, len))) = (&spool.file, spool.members.get(&place.offset)) else { return Ok(None) };
        let whole = Part::of_shared(self.name.clone(), Arc::clone(file)).within(self.name.clone(), *start, *len);
        let mut window = whole.open()?;
        window.seek(SeekFrom::Start(place.within))?;
        Ok(Some((window, place.within)))
    }

    /// How many bytes were unpacked to be read again: what the work of reading records one by one is measured by.
    #[cfg(test)]
    pub(super) fn spooled_bytes(&self) -> u64 {
        self.memory.spool.lock().unwrap().size_bytes
    }
}

//! The files in a ZIP: by its directory at the end, or, where that is missing, by the headers before the files.

use crate::warc::{Part, part::Window};
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;

/// Files in one ZIP.
const MAX_ENTRIES: usize = 200_000;

/// The method of a file that stands as it is (APPNOTE.TXT, 4.4.5).
pub(super) const STORED: u16 = 0;

/// The method of a file that is compressed as everywhere.
pub(super) const DEFLATED: u16 = 8;

/// The first bytes of a file's header.
const HEADER: [u8; 4] = *b"PK\x03\x04";

/// A file's header without name and extra fields, in bytes (APPNOTE.TXT, 4.3.7).
const HEADER_BYTES: usize = 30;

/// A size that stands in the extra fields instead.
const IN_EXTRA: u64 = 0xffff_ffff;

/// A file in a ZIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: u16,
    /// Where its bytes begin.
    pub(super) start: u64,
    /// Its bytes, as they stand there.
    pub(super) packed: u64,
}

impl Entry {
    pub(super) fn is_stored(&self) -> bool {
        self.method == STORED
    }
}

/// The files of a ZIP.
pub(super) fn entries(whole: &Part, flaws: &mut Vec<String>) -> io::Result<Vec<Entry>> {
    match by_directory(whole.open()?, whole, flaws) {
        Ok(entries) => Ok(entries),
        Err(error) => {
            let found = by_headers(whole.open()?)?;
            if found.is_empty() {
                return Err(io::Error::other(format!("no WACZ file: {error}")));
            }
            flaws.push(format!("{}: cut short or damaged ({error}); read as far as it goes", whole.name));
            Ok(found)
        }
    }
}

fn by_directory(window: Window, whole: &Part, flaws: &mut Vec<String>) -> io::Result<Vec<Entry>> {
    let mut archive = ZipArchive::new(window)?;
    let mut entries = Vec::new();
    if archive.len() > MAX_ENTRIES {
        flaws.push(format!("{}: more than {MAX_ENTRIES} files; what follows is not read", whole.name));
    }
    for index in 0..archive.len().min(MAX_ENTRIES) {
        let entry = match archive.by_index_raw(index) {
            Ok(file) if file.encrypted() => Err("is encrypted".to_owned()),
            Ok(file) => entry(&file).ok_or_else(|| "stands nowhere".to_owned()),
            Err(error) => Err(format!("can't be read: {error}")),
        };
        match entry {
            Ok(entry) => entries.push(entry),
            Err(why) => flaws.push(format!("{}: file {index} in it {why}", whole.name)),
        }
    }
    Ok(entries)
}

fn entry<R: Read>(file: &zip::read::ZipFile<'_, R>) -> Option<Entry> {
    let method = match file.compression() {
        zip::CompressionMethod::Stored => STORED,
        zip::CompressionMethod::Deflated => DEFLATED,
        _ => u16::MAX,
    };
    let name = file.name().ok()?.into_owned();
    Some(Entry { name, method, start: file.data_start()?, packed: file.compressed_size() })
}

/// Files one after another from the beginning. One without a size may go on to the end.
fn by_headers(mut window: Window) -> io::Result<Vec<Entry>> {
    let len = window.len();
    let mut entries = Vec::new();
    let mut at = 0;
    while entries.len() < MAX_ENTRIES {
        window.seek(SeekFrom::Start(at))?;
        let mut head = [0; HEADER_BYTES];
        if window.read_exact(&mut head).is_err() || !head.starts_with(&HEADER) {
            break;
        }
        let number = |from: usize, bytes: usize| {
            let field = head.get(from..from + bytes).unwrap_or_default();
            field.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        let (flags, method, packed, size) = (number(6, 2), number(8, 2), number(18, 4), number(22, 4));
        let (name_bytes, extra_bytes) = (number(26, 2), number(28, 2));
        let mut name = vec![0; usize::try_from(name_bytes).unwrap_or_default()];
        let mut extra = vec![0; usize::try_from(extra_bytes).unwrap_or_default()];
        if window.read_exact(&mut name).is_err() || window.read_exact(&mut extra).is_err() {
            break;
        }
        let start = at + HEADER_BYTES as u64 + name_bytes + extra_bytes;
        let packed = if packed == IN_EXTRA { large(&extra, size == IN_EXTRA).unwrap_or(len) } else { packed };
        // Where the size comes after the bytes (bit 3), the bytes themselves must say where they end.
        let unknown = flags & 8 != 0 && packed == 0;
        let packed = if unknown { len.saturating_sub(start) } else { packed };
        let name = String::from_utf8_lossy(&name).into_owned();
        entries.push(Entry {
            name,
            method: u16::try_from(method).unwrap_or(u16::MAX),
            start,
            packed: packed.min(len.saturating_sub(start)),
        });
        at = start.saturating_add(packed);
        if unknown || at >= len {
            break;
        }
    }
    Ok(entries)
}

/// The packed size out of the extra field of large files (APPNOTE.TXT, 4.5.3): it follows the size, if that is there.
fn large(mut extra: &[u8], after_size: bool) -> Option<u64> {
    loop {
        let [id_low, id_high, len_low, len_high, rest @ ..] = extra else { return None };
        let field = rest.get(..usize::from(u16::from_le_bytes([*len_low, *len_high])))?;
        if [*id_low, *id_high] == [1, 0] {
            let at = if after_size { 8 } else { 0 };
            return field.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        }
        extra = rest.get(field.len()..)?;
    }
}

//! Reads WACZ files: a ZIP with WARC files, a list of the pages that were crawled, and indexes of no use here.
//! <https://specs.webrecorder.net/wacz/1.1.1/>
//!
//! Nothing is unpacked beside the file: what stands in it as it is, as the format asks, is read in its place, and what
//! is compressed goes to a temporary file without a name of its own. So no name in it can lead anywhere.

mod directory;
mod seal;

use super::{Part, part::Window};
use directory::Entry;
use flate2::read::DeflateDecoder;
pub use seal::Seal;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};
use tempfile::NamedTempFile;
use url::Url;

/// Recordings in one WACZ.
const MAX_PARTS: usize = 10_000;

/// What compressed recordings of one WACZ may unpack to, in bytes; they are compressed in themselves, and stand in it
/// as they are where the format is kept.
const MAX_UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// How many times its packed size a compressed recording may unpack to. Recordings hold pages; these shrink tenfold.
const MAX_RATIO: u64 = 50;

/// What a small one may unpack to all the same, in bytes.
const SMALL_BYTES: u64 = 16 * 1024 * 1024;

/// How deep a WACZ may stand in a WACZ: a collection holds several.
const MAX_DEPTH: usize = 2;

/// Pages that are listed.
const MAX_PAGES: usize = 1_000_000;

/// Lists of pages, unpacked, in bytes: they hold the pages' words as well.
const MAX_PAGES_BYTES: u64 = 1024 * 1024 * 1024;

/// The longest line of such a list, in bytes.
const MAX_PAGE_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Endings of recordings.
const RECORDINGS: [&str; 5] = [".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz"];

/// A WACZ file.
#[derive(Clone, Debug, Default)]
pub struct Wacz {
    /// Its recordings, sorted by name.
    pub parts: Vec<Part>,
    /// The addresses of its pages, without fragments; empty where it lists none.
    pub pages: BTreeSet<String>,
    /// What is wrong with it, or was left out, in words; the rest can be read.
    pub flaws: Vec<String>,
    /// Whether it, and each one in it, is as it was packed and signed, with its name; only where that was asked for.
    pub seals: Vec<(String, Seal)>,
}

/// Whether a file of this name is a WACZ.
#[must_use]
pub fn is_wacz(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".wacz")
}

/// Whether a file of this name is a WARC, or an ARC as they were before.
#[must_use]
pub fn is_warc(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RECORDINGS.iter().any(|ending| name.ends_with(ending))
}

impl Wacz {
    /// Reads what a WACZ file holds; recordings are read later.
    ///
    /// # Errors
    /// The file can't be read, or is no ZIP.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of(path, false)
    }

    /// The same, and compares each file in it with its digest, and the signature with the list of these: see
    /// [`Wacz::seals`]. It is read once more for that.
    ///
    /// # Errors
    /// As [`Wacz::open`].
    pub fn open_sealed(path: &Path) -> io::Result<Self> {
        Self::of(path, true)
    }

    fn of(path: &Path, checks: bool) -> io::Result<Self> {
        let mut wacz = Self::default();
        let mut unpacked = 0;
        wacz.read(&Part::of_file(path), 1, &mut unpacked, checks)?;
        wacz.parts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(wacz)
    }

    fn read(&mut self, whole: &Part, depth: usize, unpacked: &mut u64, checks: bool) -> io::Result<()> {
        let entries = directory::entries(whole, &mut self.flaws)?;
        if checks {
            self.seals.push((whole.name.clone(), seal::check(whole, &entries)));
        }
        let mut stored = 0_u64;
        let len = whole.open()?.len();
        for entry in entries {
            let name = format!("{}/{}", whole.name, entry.name);
            let is_page_list = entry.name.starts_with("pages/") && entry.name.ends_with(".jsonl");
            if !is_warc(&entry.name) && !is_wacz(&entry.name) && !is_page_list {
                continue;
            }
            // Files that lie over one another would be read again and again.
            stored = stored.saturating_add(entry.packed);
            if stored > len {
                self.flaws.push(format!("{name}: the files in it are larger than itself; what follows is not read"));
                break;
            }
            if is_page_list {
                if let Err(error) = self.list(whole, &entry) {
                    self.flaws.push(format!("{name}: the list of pages can't be read: {error}"));
                }
                continue;
            }
            if self.parts.len() >= MAX_PARTS {
                self.flaws.push(format!("{name}: more than {MAX_PARTS} recordings; what follows is not read"));
                break;
            }
            match part(whole, &entry, name.clone(), unpacked) {
                Ok(part) if is_warc(&entry.name) => self.parts.push(part),
                Ok(part) if depth < MAX_DEPTH => {
                    if let Err(error) = self.read(&part, depth + 1, unpacked, checks) {
                        self.flaws.push(format!("{name}: {error}"));
                    }
                }
                Ok(_) => self.flaws.push(format!("{name}: a WACZ this deep in others is not read")),
                Err(error) => self.flaws.push(format!("{name}: {error}")),
            }
        }
        Ok(())
    }

    /// Reads the addresses of a list of pages. Its first line names the list itself.
    fn list(&mut self, whole: &Part, entry: &Entry) -> io::Result<()> {
        #[derive(Deserialize)]
        struct Page {
            url: Option<String>,
        }
        let mut lines = BufReader::new(content(whole, entry)?.take(MAX_PAGES_BYTES));
        loop {
            let mut line = Vec::new();
            if lines.by_ref().take(MAX_PAGE_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if self.pages.len() >= MAX_PAGES {
                return Err(io::Error::other(format!("more than {MAX_PAGES} pages")));
            }
            let page = serde_json::from_slice::<Page>(&line).ok().and_then(|page| page.url);
            if let Some(mut url) = page.and_then(|url| Url::parse(&url).ok()) {
                url.set_fragment(None);
                self.pages.insert(url.into());
            }
        }
    }
}

/// An entry as a part: in its place where it stands as it is, else unpacked.
fn part(whole: &Part, entry: &Entry, name: String, unpacked: &mut u64) -> io::Result<Part> {
    if entry.is_stored() {
        return Ok(whole.within(name, entry.start, entry.packed));
    }
    let mut file = NamedTempFile::new()?;
    let room = entry.packed.saturating_mul(MAX_RATIO).max(SMALL_BYTES);
    let room = room.min(MAX_UNPACKED_BYTES.saturating_sub(*unpacked));
    let copied = io::copy(&mut content(whole, entry)?.take(room + 1), file.as_file_mut());
    let len = file.as_file().metadata()?.len();
    *unpacked = unpacked.saturating_add(len);
    if len > room {
        return Err(io::Error::other(format!(
            "compressed once more, and over {room} bytes; pack it without compression"
        )));
    }
    match copied {
        // What could be unpacked is read; its reader says where it breaks off.
        Err(error) if len == 0 => Err(error),
        _ => Ok(Part::of_temporary(name, file)),
    }
}

fn content(whole: &Part, entry: &Entry) -> io::Result<Box<dyn Read>> {
    let mut window: Window = whole.open()?;
    window.seek(SeekFrom::Start(entry.start))?;
    let packed = window.take(entry.packed);
    match entry.method {
        directory::STORED => Ok(Box::new(packed)),
        directory::DEFLATED => Ok(Box::new(DeflateDecoder::new(BufReader::new(packed)))),
        other => Err(io::Error::other(format!("compressed by method {other}, which no WACZ is"))),
    }
}

#[cfg(test)]
mod tests;

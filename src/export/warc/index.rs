//! The index in blocks (ZipNum): gzip members of some hundred sorted lines each, and a list of where each begins, so that a
//! player reads a few kilobytes of an index of any size.

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Lines of one block, as cdxj-indexer has it.
const BLOCK_LINES: usize = 300;

/// Blocks being written.
pub(super) struct Blocks {
    name: &'static str,
    offset: u64,
    prefix: String,
    lines: usize,
    block: String,
    /// Where each block begins: a line a block.
    pub(super) list: String,
}

impl Blocks {
    /// Of the file `name`.
    pub(super) fn new(name: &'static str) -> Self {
        let list = format!("!meta 0 {}\n", json!({"format": "cdxj-gzip-1.0", "filename": name}));
        Self { name, offset: 0, prefix: String::new(), lines: 0, block: String::new(), list }
    }

    /// Adds a line with its ending; lines come sorted.
    pub(super) fn add(&mut self, line: &str, out: &mut impl Write) -> io::Result<()> {
        if self.lines == 0 {
            line.split(" {").next().unwrap_or_default().clone_into(&mut self.prefix);
        }
        self.block.push_str(line);
        self.lines += 1;
        if self.lines == BLOCK_LINES { self.end(out) } else { Ok(()) }
    }

    /// Writes the block at hand, if there is one.
    pub(super) fn end(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.lines == 0 {
            return Ok(());
        }
        let mut member = GzEncoder::new(Vec::new(), Compression::default());
        member.write_all(self.block.as_bytes())?;
        let member = member.finish()?;
        out.write_all(&member)?;
        let digest: String = Sha256::digest(&member).iter().map(|byte| format!("{byte:02x}")).collect();
        let place = json!({
            "offset": self.offset, "length": member.len(), "digest": format!("sha256:{digest}"), "filename": self.name,
        });
        self.list.push_str(&format!("{} {place}\n", self.prefix));
        self.offset += member.len() as u64;
        self.block.clear();
        self.lines = 0;
        Ok(())
    }
}

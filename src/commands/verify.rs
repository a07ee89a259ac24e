//! `embalm verify`: whether the archive holds what it was given, every bit of it.

use super::{Failure, Global, failure};
use crate::{
    report::{Output, VerifyReport, fault_line, verified_line},
    store::{Store, Verifying},
};
use std::time::Instant;

/// `verify` has no flags of its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is checked, without a network, and without writing:
  schema      the tables, views and indexes are those that this version makes
  pages       every page of the file, every index against its table (SQLite's integrity check)
  references  every reference from one row to another
  rows        every text, instant and state; posts that nobody would look after
  blobs       every file, page and answer is unpacked and compared with its SHA-256
  entries     every row is as a run entered it: none was changed, taken away or slipped in
  runs        every run's entries make its root, its record its digest; none is missing or in another place
  search      the full-text index has every word, and no others

It may be called during a run. Exit codes: 0 where the archive is whole, 3 where it is not.

Examples:
  embalm verify
  embalm verify --json --archive /mnt/backup/embalm.db")]
pub struct Args {}

/// Verifies; `--json` prints a record of each fault, and of the whole at the end.
pub(super) fn run(global: &Global, _args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let began = Instant::now();
    let archive = global.archive(&global.config()?);
    let store = super::reading(&archive, Store::open_read_only_aside)?;
    let mut report = VerifyReport::new(global.quiet || global.json);
    let mut printed = Ok(());
    let style = out.style;
    let verified = store.verify(|step| {
        report.tell(&step);
        if let Verifying::Fault(fault) = &step
            && printed.is_ok()
        {
            printed = if global.json { out.json(fault) } else { out.line(&fault_line(fault, style)) };
        }
    });
    report.end();
    let verified = verified?;
    printed?;
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if global.json {
        out.json(&serde_json::json!({
            "archive": archive, "whole": verified.faults == 0, "faults": verified.faults, "blobs": verified.blobs,
            "bytes": verified.bytes, "elapsed_ms": elapsed_ms,
        }))?;
    } else if !global.quiet {
        out.line(&verified_line(&verified, &archive.display().to_string(), elapsed_ms, style))?;
    }
    Ok(if verified.faults == 0 { 0 } else { failure::LOOK })
}

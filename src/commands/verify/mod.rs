//! `embalm verify`: whether the archive holds what it was given, every bit of it.

mod proof;

use super::{Failure, Global, failure};
use crate::{
    config,
    report::{Output, VerifyReport, fault_line, unsigned_line, verified_line},
    stamp::Authorities,
    store::{self, Store, Verifying, Witness},
};
use clap::ValueHint;
use std::{path::PathBuf, time::Instant};

/// The fewest hex digits that name a root; fewer are found by chance.
const MIN_ROOT_DIGITS: usize = 16;

/// Flags of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is checked, without a network, and without writing:
  schema      the tables, views and indexes are those that this version makes
  pages       every page of the file, every index against its table (SQLite's integrity check)
  references  every reference from one row to another
  rows        every text, instant and state; posts that nobody would look after
  blobs       every file, page and answer is unpacked and compared with its SHA-256
  entries     every row is as a run entered it: none was changed, taken away or slipped in
  runs        every run's entries make its root, its record its digest; none is missing or in
              another place
  stamps      every time stamp is one, of the run that it stands with; and with
              --timestamp-ca-file, or timestamp_ca_file in the configuration, signed by an
              authority of that file whose certificate was valid then
  search      the full-text index has every word, and no others

It may be called during a run. Exit codes: 0 where the archive is whole, 3 where it is not.

With --root it must also have a run with that digest or root: one that you, or somebody whom you
trust, noted earlier. So it is the archive of then, with all that came after, and no other. With
--since it must have that run as well, and what that one and those before it added is not read
again: schema, chain and stamps are checked whole, blobs and entries of what came after, which
takes seconds where the whole takes minutes. It is for every night; let the whole be checked every
week or month. With --proof a file of `embalm export proof` is checked
instead, without an archive; with --archive it must be of that archive as well.

Examples:
  embalm verify
  embalm verify --root 5f0c9a41d8e2b733
  embalm verify --since $(cat digest) && embalm status --json | jq -r .last_run.digest > digest
  embalm verify --proof proof.json --timestamp-ca-file tsa-root.pem
  embalm verify --json --archive /mnt/backup/embalm.db")]
pub struct Args {
    /// The digest or root of a run that must be in it: hex, whole or its first 16 digits or more
    #[arg(long, value_name = "HEX", value_parser = root)]
    pub root: Option<String>,
    /// Check what was added after this run alone: its digest or root, as `status` and `run --json` have it
    #[arg(long, value_name = "HEX", value_parser = root, conflicts_with = "proof")]
    pub since: Option<String>,
    /// Check this proof, without an archive
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub proof: Option<PathBuf>,
    /// The certificates (PEM) of the authorities whose time stamps are believed
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub timestamp_ca_file: Option<PathBuf>,
}

impl Args {
    /// The authorities whose stamps are believed: those of the flag, else those of the configuration.
    fn authorities(&self, global: &Global) -> Result<Option<Authorities>, Failure> {
        let named = match &self.timestamp_ca_file {
            Some(path) => config::read_authorities(path).map(Some),
            None => global.config()?.trust.authorities(),
        };
        named.map_err(Failure::usage)
    }
}

/// A root as a person gives it.
fn root(text: &str) -> Result<String, String> {
    let digits = text.trim().to_ascii_lowercase();
    let fits = (MIN_ROOT_DIGITS..=64).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if fits { Ok(digits) } else { Err(format!("a root is hex, its first {MIN_ROOT_DIGITS} to all 64 digits")) }
}

/// Whether a digest is the one that a person means.
fn is_root(given: &str, digest: &str) -> bool {
    digest.starts_with(given)
}

/// Verifies; `--json` prints a record of each fault, and of the whole at the end.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    if let Some(path) = &args.proof {
        return proof::run(global, args, path, out);
    }
    let began = Instant::now();
    let archive = global.archive(&global.config()?);
    let authorities = args.authorities(global)?;
    let witness =
        Witness { root: args.root.as_deref(), authorities: authorities.as_ref(), since: args.since.as_deref() };
    let store = super::reading(&archive, Store::open_read_only_aside)?;
    let mut report = VerifyReport::new(global.quiet || global.json);
    let mut printed = Ok(());
    let style = out.style;
    let verified = store.verify_against(&witness, |step| {
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
            "bytes": verified.bytes, "runs": verified.runs, "stamps": verified.stamps, "signatures": verified.signatures, "after": verified.after, "elapsed_ms": elapsed_ms,
        }))?;
    } else if !global.quiet {
        let copies =
            if verified.faults == 0 && verified.after.is_none() { store::copies(&archive) } else { Vec::new() };
        for copy in copies {
            out.warn(&format!("{} is a copy of before an upgrade, and no longer needed", copy.display()));
        }
        if let Some(run) = verified.after {
            out.warn(&format!("what run {run} and those before it added was not read again; without --since all is"));
        }
        if verified.stamps > verified.signatures {
            out.warn(&unsigned_line(verified.stamps));
        }
        out.line(&verified_line(&verified, &archive.display().to_string(), elapsed_ms, style))?;
    }
    Ok(if verified.faults == 0 { 0 } else { failure::LOOK })
}

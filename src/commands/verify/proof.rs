//! `embalm verify --proof`: whether a proof proves what it says, without an archive; with one, whether it is of that archive.

use super::{Args, is_root};
use crate::{
    commands::{Failure, Global, failure},
    model::{Proof, Statement},
    report::{Output, unsigned_line},
    stamp::Authorities,
    store::Store,
};
use std::{fs::File, io::Read as _, path::Path};

/// The largest proof that is read, in bytes; a chain of a hundred thousand runs is smaller.
const MAX_PROOF_BYTES: u64 = 256 << 20;

/// Checks; a proof that proves nothing is exit code 3.
pub(super) fn run(global: &Global, args: &Args, path: &Path, out: &mut Output) -> Result<u8, Failure> {
    let text = read(path).map_err(|why| Failure::usage(format!("cannot read the proof {}: {why}", path.display())))?;
    let checked = serde_json::from_str::<Proof>(&text).map_err(|error| format!("it is no proof: {error}"));
    let checked = checked.and_then(|proof| Ok((proof.check()?, proof)));
    let authorities = args.authorities(global)?;
    let (statements, head, stamps, fault) = match checked {
        Err(fault) => (Vec::new(), None, Vec::new(), Some(fault)),
        Ok((statements, proof)) => {
            let fault = beyond(global, args, &proof, authorities.as_ref())?;
            (statements, proof.digests().pop(), proof.stamps, fault)
        }
    };
    if global.json {
        out.json(&serde_json::json!({
            "proof": path, "whole": fault.is_none(), "fault": fault, "head": head, "statements": statements, "stamps": stamps.len(),
            "signatures": if authorities.is_some() { stamps.len() } else { 0 },
        }))?;
    } else if let Some(fault) = &fault {
        out.line(&format!("{} {}: {fault}", out.style.red("not proven:"), path.display()))?;
    } else if !global.quiet {
        for statement in &statements {
            out.line(&line(statement, out))?;
        }
        for stamp in &stamps {
            let (at, authority) = (&stamp.stamped_at, printable(&stamp.authority));
            let whose = if authorities.is_some() { "signed by an authority that you trust" } else { "unchecked" };
            out.line(&format!("stamped {at}, {whose}; asked of {authority}"))?;
        }
        if authorities.is_none() && !stamps.is_empty() {
            out.warn(&unsigned_line(stamps.len() as u64));
        }
        out.line(&format!("up to the run {}", head.unwrap_or_default()))?;
    }
    Ok(if fault.is_none() { 0 } else { failure::LOOK })
}

/// What a proof can't tell of itself: whether it is of this archive, and whether it leads to the root that is known.
fn beyond(
    global: &Global,
    args: &Args,
    proof: &Proof,
    authorities: Option<&Authorities>,
) -> Result<Option<String>, Failure> {
    if let Some(authorities) = authorities
        && let Some(why) = proof.stamps.iter().find_map(|stamp| stamp.verify(authorities).err())
    {
        return Ok(Some(why));
    }
    if let Some(root) = &args.root
        && !proof.digests().iter().any(|digest| is_root(root, digest))
        && !proof.roots().iter().any(|digest| is_root(root, digest))
    {
        return Ok(Some(format!("it does not lead to {root}")));
    }
    match &global.archive {
        None => Ok(None),
        Some(archive) => {
            let store = super::super::reading(archive, Store::open_read_only)?;
            Ok(store.differs_from(proof)?)
        }
    }
}

fn line(statement: &Statement, out: &Output) -> String {
    let Statement { kind, subject, at, run_started_at, at_an_upgrade, .. } = statement;
    if kind == "run" && at.is_none() {
        let (subject, began) = (printable(subject), printable(run_started_at));
        return format!("{} all that was known by the run {subject} of {began} is there", out.style.green("proven:"));
    }
    let at = at.as_deref().map(|at| format!(" of {at}")).unwrap_or_default();
    let entered = if *at_an_upgrade { "entered when the archive was upgraded, in" } else { "entered by" };
    let (subject, at) = (printable(subject), printable(&at));
    let run_started_at = printable(run_started_at);
    format!("{} {kind} {subject}{at}, {entered} the run of {run_started_at}", out.style.green("proven:"))
}

/// Words of a file that comes from anybody, for a terminal.
fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_PROOF_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

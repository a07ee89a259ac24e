//! `embalm export proof`: a small file that proves what was in the archive at a run.

use crate::{
    commands::{Failure, Global},
    platforms,
    report::{Output, counted},
    store::{Provable, Proving, Store},
};
use clap::ValueHint;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// Flags.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file says what was asked and answered (bodies by their SHA-256), with the hashes that lead
from there to the root of the run that archived it, and the records of the runs from that one to
the newest, or to the first that has a time stamp. Anyone can check it, without the archive and
without embalm: docs/trust.md has a Python script for it. It tells nothing of what else is in the
archive. That of a run proves that the archive of then is the beginning of the archive of now.

Examples:
  embalm export proof https://x.com/user/status/1822768 --out proof.json
  embalm export proof https://news.example/story.html --out proof.json
  embalm export proof exchange:42 --out proof.json
  embalm export proof media:9f86d081884c7d65... --out proof.json
  embalm export proof run:5f0c9a41d8e2b733 --out proof.json
  embalm verify --proof proof.json")]
pub struct Args {
    /// A post's URL in any of its forms, or platform:id; an article's number, URL or name; snapshot:NUMBER; exchange:NUMBER; media:SHA256;
    /// run:NUMBER or run:DIGEST
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// The file to write
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

/// Writes it; a target that is not in the archive is exit code 1.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let store = global.read()?;
    let target = &args.target;
    let Some(what) = provable(&store, target)? else {
        return Err(Failure::unexpected(format!(
            "{target} is not in the archive\n  `embalm list posts` and `embalm list articles` say what is"
        )));
    };
    let proof = match store.prove(target, &what)? {
        Proving::Proof(proof) => proof,
        Proving::None(why) => return Err(Failure::unexpected(format!("cannot prove {target}: {why}"))),
    };
    let text = serde_json::to_string_pretty(&proof).map_err(|error| Failure::unexpected(error.to_string()))?;
    write(&args.out, &text)
        .map_err(|error| Failure::unexpected(format!("cannot write {}: {error}", args.out.display())))?;
    let head = proof.digests().pop().unwrap_or_default();
    if global.json {
        out.json(&serde_json::json!({
            "path": args.out, "entries": proof.entries.len(), "runs": proof.runs.len(), "stamps": proof.stamps.len(),
            "head": head, "bytes": text.len(),
        }))?;
    } else if !global.quiet {
        out.line(&format!(
            "{}: {} proven by {}, up to {head}",
            args.out.display(),
            counted(proof.entries.len(), "entry"),
            counted(proof.runs.len(), "run")
        ))?;
    }
    Ok(0)
}

/// What a person means.
fn provable(store: &Store, target: &str) -> Result<Option<Provable>, Failure> {
    let numbered = |prefix: &str| target.strip_prefix(prefix).and_then(|number| number.parse().ok());
    if let Some(id) = numbered("exchange:") {
        return Ok(Some(Provable::Exchange(id)));
    }
    if let Some(id) = numbered("snapshot:") {
        return Ok(Some(Provable::Snapshot(id)));
    }
    if let Some(digest) = target.strip_prefix("media:") {
        return Ok(Some(Provable::Media(digest.to_ascii_lowercase())));
    }
    if let Some(name) = target.strip_prefix("run:") {
        return Ok(Some(Provable::Run(name.to_ascii_lowercase())));
    }
    if let Some(key) = platforms::post_key(target)
        && store.post(&key)?.is_some()
    {
        return Ok(Some(Provable::Post(key)));
    }
    Ok(store.article_number(target)?.map(Provable::Article))
}

/// Writes a file that is there whole or not at all.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

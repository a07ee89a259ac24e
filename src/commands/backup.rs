//! `embalm backup`: a copy of the archive.

use super::{Failure, Global};
use crate::{
    report::{Output, Progress, bytes_in_words, counted},
    store::Store,
};
use jiff::Timestamp;
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Instant,
};

/// What stands for the instant in a file name.
const DATE: &str = "{date}";

/// Flags of `backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The copy is the archive as it is at one moment; a run may go on beside it. It is checked (SQLite's
quick check) and on the disk before it gets its name, so that a file of that name is always a
whole archive: open it with --archive, or put it in the archive's place. `{date}` in the name
becomes the instant, as in 2026-11-23T041500Z; --keep 7 then removes all but the newest seven of
these names.

Exit codes: 0 done; 2 a file is there already, or the archive is not; 3 the archive is damaged; 4
the disk is full.

Examples:
  embalm backup /mnt/backup/embalm.db --force
  embalm backup '/mnt/backup/embalm-{date}.db' --keep 7
  embalm backup - | zstd | ssh elsewhere 'cat > embalm.db.zst'")]
pub struct Args {
    /// Where to; `-` for standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file that is there
    #[arg(long)]
    pub force: bool,
    /// Remove older backups of this name, all but so many; the name must have {date} in it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

/// Copies; `--json` prints one record.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if args.keep.is_some() && !name.contains(DATE) {
        return Err(Failure::usage("--keep needs a file name with {date} in it, such as 'embalm-{date}.db'"));
    }
    let archive = global.archive(&global.config()?);
    let store = super::reading(&archive, Store::open_read_only)?;
    if args.file == Path::new("-") {
        return to_stdout(&store, out);
    }
    let began = Instant::now();
    let now = Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let file = args.file.with_file_name(name.replace(DATE, &now));
    if !args.force && file.exists() {
        return Err(Failure::usage(format!("{} is there already; --force replaces it", file.display())));
    }
    let progress = Progress::new(global.quiet || global.json, "copying");
    let done = store.backup(&file, args.force, |pages, of| progress.tell(pages, of));
    progress.end();
    let done = done?;
    let removed = args.keep.map(|keep| rotate(&file, &name, keep)).transpose()?.unwrap_or_default();
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if global.json {
        out.json(&serde_json::json!({
            "backup": file, "archive": archive, "bytes": done.bytes, "runs": done.runs, "articles": done.articles,
            "posts": done.posts, "snapshots": done.snapshots, "blobs": done.blobs, "removed": removed,
            "elapsed_ms": elapsed_ms,
        }))?;
    } else if !global.quiet {
        let (size, seconds) = (bytes_in_words(done.bytes), elapsed_ms / 1000);
        out.line(&format!(
            "{} {} ({size}; {}, {}) in {seconds} s",
            out.style.green("backed up to"),
            file.display(),
            counted(done.articles, "article"),
            counted(done.posts, "post")
        ))?;
        for file in removed {
            out.line(&format!("removed {}", file.display()))?;
        }
    }
    Ok(0)
}

/// The copy is made first: a reader that is slow must not hold a view of the archive, and what is not whole is not sent.
fn to_stdout(store: &Store, out: &mut Output) -> Result<u8, Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("archive.db");
    store.backup(&file, false, |_, _| ())?;
    let mut file = fs::File::open(&file)?;
    let mut part = vec![0; 1 << 20];
    while let read @ 1.. = file.read(&mut part)? {
        out.bytes(part.get(..read).unwrap_or_default())?;
    }
    Ok(0)
}

/// Removes the older files of a pattern, by their names, which sort as their instants do.
fn rotate(newest: &Path, pattern: &str, keep: u32) -> Result<Vec<PathBuf>, Failure> {
    let (before, after) = pattern.split_once(DATE).unwrap_or((pattern, ""));
    let folder = newest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let is_instant = |text: &str| {
        text.len() == "2026-11-23T041500Z".len()
            && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'T' | b'Z'))
    };
    let mut found: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let instant = name.strip_prefix(before)?.strip_suffix(after)?;
            is_instant(instant).then(|| folder.join(&name))
        })
        .collect();
    found.sort_unstable();
    let surplus = found.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    found.truncate(surplus);
    for file in &found {
        fs::remove_file(file)?;
    }
    Ok(found)
}

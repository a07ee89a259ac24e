//! `embalm prune`: what is no longer wanted.

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
};
use crate::{
    config,
    report::{Output, bytes_in_words},
    store::{Prunable, Store, StoreError, before},
};
use jiff::Timestamp;
use std::time::Duration;

/// Flags of `prune`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --yes nothing is touched: what would go is printed, with its size. The files with which a post is shown stay, unless
--shown says otherwise: then the only copy of a post's pictures and films can go. What goes are the bytes of files; what is known of
them stays, with their digests and a tombstone that `embalm verify` accepts, and no run fetches them again. The file is
made smaller at the end, which needs as much free space as the archive takes.

Exit codes: 0 done; 2 wrong usage; 4 the disk is full; 75 a run holds the archive.

Examples:
  embalm prune --media video --older 365d --shown
  embalm prune --larger 50MB --platform tiktok --yes")]
pub struct Args {
    /// Files of this kind alone: video, image or audio
    #[arg(long, value_name = "KIND", value_parser = ["video", "image", "audio"])]
    pub media: Option<String>,
    /// Files whose posts were last captured so long ago (90d, 12h)
    #[arg(long, value_name = "AGE", value_parser = config::parse_duration)]
    pub older: Option<Duration>,
    /// Files of at least this size (50MB)
    #[arg(long, value_name = "SIZE", value_parser = config::parse_bytes)]
    pub larger: Option<u64>,
    /// Files of posts of this platform alone
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Files with which posts are shown too, not only those of older snapshots
    #[arg(long)]
    pub shown: bool,
    /// Do it
    #[arg(long, visible_alias = "apply")]
    pub yes: bool,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// Prunes, or tells what would go; `--json` prints one record for each file and one for the whole.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let Args { media, older, larger, platform, .. } = args;
    if media.is_none() && older.is_none() && larger.is_none() && platform.is_none() {
        return Err(Failure::usage("say what may go: --media, --older, --larger, --platform"));
    }
    let archive = global.archive(&global.config_told(out)?);
    if !archive.exists() {
        return Err(StoreError::NotFound { path: archive }.into());
    }
    let now = Timestamp::now();
    let which = Prunable {
        kind: media.clone(),
        older_than: older.and_then(|age| before(now, age)),
        at_least_bytes: *larger,
        platform: platform.clone(),
        shown: args.shown,
    };
    let _lock = args.yes.then(|| hold(global, &archive, "prune", args.hold, out)).transpose()?;
    let mut store = if args.yes { Store::open(&archive)? } else { Store::open_read_only(&archive)? };
    let files = store.prunable(&which)?;
    let bytes: u64 = files.iter().map(|file| file.size_bytes).sum();
    const FIELDS: &[&str] = &["sha256", "mime", "size_bytes", "post"];
    if !files.is_empty() && (!global.quiet || global.json) {
        out.records(&files, FIELDS, FIELDS)?;
    }
    if args.yes && !files.is_empty() {
        let rule = [
            media.as_ref().map(|kind| format!("media {kind}")),
            older.map(|age| format!("older than {} days", age.as_secs() / 86_400)),
            larger.map(|size| format!("at least {size} bytes")),
            platform.as_ref().map(|platform| format!("platform {platform}")),
            args.shown.then(|| "shown ones too".to_owned()),
        ];
        store.prune(&files, &rule.into_iter().flatten().collect::<Vec<_>>().join(", "), now)?;
    }
    if global.json {
        out.json(&serde_json::json!({ "files": files.len(), "bytes": bytes, "pruned": args.yes }))?;
    } else {
        let what = if args.yes { "pruned" } else { "would go (--yes does it)" };
        out.talk(&format!("{} files, {} {what}", files.len(), bytes_in_words(bytes)));
    }
    Ok(0)
}

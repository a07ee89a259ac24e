//! `embalm init`: a commented configuration and an empty archive. Again: upgrades the archive, overwrites nothing.

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
};
use crate::{config, report::Output, store::Store};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Flags of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder; it is made if it isn't there
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// Writes what is missing.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        Failure::usage(format!("{what} {} failed: {error}", path.display()))
    };
    fs::create_dir_all(&args.dir).map_err(|error| failed("making the folder", &args.dir, error))?;
    let file = args.dir.join("config.toml");
    if file.exists() {
        out.line(&format!("kept     {}", file.display()))?;
    } else {
        fs::write(&file, config::TEMPLATE).map_err(|error| failed("writing", &file, error))?;
        out.line(&format!("written  {}", file.display()))?;
    }
    let config = config::load(Some(&file))?;
    // A configuration without a path, kept as it is, still gets its archive here and not among the user's own files.
    let set = global.archive.clone().or(config.archive.path);
    let archive = set.unwrap_or_else(|| args.dir.join("embalm.db"));
    let was_there = archive.exists();
    let _lock = hold(global, &archive, "init", args.hold, out)?;
    let _store = Store::create_or_open(&archive)?;
    let what = if was_there { "kept   " } else { "created" };
    out.line(&format!("{what}  {}", archive.display()))?;
    if !global.quiet && config.network.contact.as_deref().is_none_or(str::is_empty) {
        out.line(&out.style.dim(
            "please set [network] contact in config.toml to your mail address or a page: sites see it, and can ask you",
        ))?;
    }
    if !global.quiet {
        out.line(&out.style.dim("next: name your sources in config.toml and call `embalm run`, or `embalm add URL`"))?;
    }
    Ok(0)
}

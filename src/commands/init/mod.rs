//! `embalm init`: a commented configuration and an empty archive. Again: upgrades the archive, overwrites nothing.

mod site;

use super::{
    Failure, Global,
    hold::{HoldArgs, hold},
    network::NetworkArgs,
};
use crate::{config, report::Output, store::Store};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Flags of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder; it is made if it isn't there
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Look around at this site, and write the sources that it has into the configuration: its feeds, its sitemaps, or its
    /// page's links, each tried. Where there is a configuration already, the lines are printed, for you to paste
    #[arg(long, value_name = "URL")]
    pub site: Option<String>,
    /// Network and replay, for --site.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Whether to wait for another run.
    #[command(flatten)]
    pub hold: HoldArgs,
}

/// Writes what is missing.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        Failure::usage(format!("{what} {} failed: {error}", path.display()))
    };
    let file = args.dir.join("config.toml");
    let is_new = !file.exists();
    // Before anything is written, so that a site that can't be reached leaves nothing behind.
    let sources = match &args.site {
        Some(site) => {
            let before = if is_new { config::Config::default() } else { config::load(Some(&file))? };
            Some(site::lines(site, &before, &args.network)?)
        }
        None => None,
    };
    fs::create_dir_all(&args.dir).map_err(|error| failed("making the folder", &args.dir, error))?;
    let mut told = Vec::new();
    let text = match &sources {
        Some(sources) => format!("{}\n{sources}", config::TEMPLATE),
        None => config::TEMPLATE.to_owned(),
    };
    // Another `init` may have written one since.
    let is_new = is_new && write_new(&file, &text).map_err(|error| failed("writing", &file, error))?;
    told.push(format!("{}  {}", if is_new { "written" } else { "kept   " }, file.display()));
    let config = config::load(Some(&file))?;
    // A configuration without a path, kept as it is, still gets its archive here and not among the user's own files.
    let set = global.archive.clone().or(config.archive.path);
    let archive = set.unwrap_or_else(|| args.dir.join("embalm.db"));
    let was_there = archive.exists();
    let _lock = hold(global, &archive, "init", args.hold, out)?;
    let _store = Store::create_or_open(&archive)?;
    let what = if was_there { "kept   " } else { "created" };
    told.push(format!("{what}  {}", archive.display()));
    for line in told.iter().filter(|_| !global.quiet) {
        out.line(line)?;
    }
    if !global.quiet && config.network.contact.as_deref().is_none_or(str::is_empty) {
        out.line(&out.style.dim(
            "please set [network] contact in config.toml to your mail address or a page: sites see it, and can ask you",
        ))?;
    }
    match sources {
        Some(sources) if is_new => tell_found(&sources, out)?,
        Some(sources) => {
            if !global.quiet {
                out.talk(&format!("{} is kept as it is; these lines go to its end:", file.display()));
            }
            out.line(&format!("\n{}", sources.trim_end()))?;
        }
        None if global.quiet => {}
        None => out.line(
            &out.style.dim("next: name your sources in config.toml and call `embalm run`, or `embalm add URL`"),
        )?,
    }
    Ok(0)
}

/// Whether the file was written. One that came between is never overwritten, and none is seen before it is whole.
fn write_new(path: &Path, text: &str) -> io::Result<bool> {
    let mut new = tempfile::Builder::new();
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = new.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// What was written, without the words that only a reader of the file needs.
fn tell_found(sources: &str, out: &mut Output) -> io::Result<()> {
    let facts = sources.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.ends_with('.'));
    if out.quiet {
        return Ok(());
    }
    for fact in facts {
        out.line(&format!("         {fact}"))?;
    }
    out.line(&out.style.dim("next: look through config.toml, and call `embalm run`"))
}

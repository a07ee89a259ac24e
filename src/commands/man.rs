//! `embalm man`: manual pages, of the same words as `--help`.

use super::{Cli, Failure, Global};
use crate::report::Output;
use clap::CommandFactory;
use clap_mangen::Man;
use std::{fs, path::PathBuf};

/// Flags of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  embalm man | man -l -                          the page of embalm itself
  embalm man ~/.local/share/man/man1             one page for each command: `man embalm-list`
  embalm man \"$DESTDIR/usr/share/man/man1\"       as a package installs them")]
pub struct Args {
    /// The folder to write a page for each command to; without one, the page of embalm itself is printed
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Prints the page, or writes all of them.
pub(super) fn run(_global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.folder else {
        out.bytes(&page(&command)?)?;
        return Ok(0);
    };
    let failed = |path: &PathBuf, error: std::io::Error| {
        Failure::usage(format!("cannot write manual pages to {}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut commands = vec![command];
    let mut pages = 0;
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        let path = folder.join(Man::new(command.clone()).get_filename());
        fs::write(&path, page(&command)?).map_err(|error| failed(&path, error))?;
        pages += 1;
    }
    out.talk(&format!("{pages} manual pages in {}", folder.display()));
    Ok(0)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    let version = command.get_version().unwrap_or(env!("CARGO_PKG_VERSION"));
    // The day of a build is no part of it; an empty one would put the version in its place.
    Man::new(command.clone()).date(" ").source(format!("embalm {version}")).manual("embalm").render(&mut page)?;
    Ok(page)
}

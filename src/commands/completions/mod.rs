//! `embalm completions`: a shell's completions, which ask this program: what is in the archive is completed too.

mod bash;
pub(super) mod candidates;

use super::{Failure, Global};
use crate::report::Output;
use clap::{CommandFactory, ValueEnum};
use clap_complete::{
    CompleteEnv,
    env::{Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh},
};

/// The variable by which a shell asks for completions.
const VARIABLE: &str = "EMBALM_COMPLETE";

const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Zsh, &Fish, &Elvish, &Powershell]);

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Completed are commands, flags and their values: platforms, states, rungs, and from the archive its
authors, sites, sources, labels, posts and articles. The script asks the `embalm` on your PATH; it
need not be made again for another archive.

Examples:
  echo 'source <(embalm completions bash)' >> ~/.bashrc
  echo 'source <(embalm completions zsh)' >> ~/.zshrc      after compinit
  embalm completions fish > ~/.config/fish/completions/embalm.fish
  echo 'eval (embalm completions elvish | slurp)' >> ~/.config/elvish/rc.elv
  embalm completions powershell >> $PROFILE")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash, 4.4 or later.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
    /// Elvish.
    Elvish,
    /// PowerShell.
    Powershell,
}

/// Prints the script.
pub(super) fn run(_global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &bash::Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Elvish => &Elvish,
        Shell::Powershell => &Powershell,
    };
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, "embalm", "embalm", "embalm", &mut script)?;
    out.bytes(&script)?;
    Ok(0)
}

/// Answers the shell, where it is one that asks, and ends the process. Before anything else is printed.
pub fn answer_shell() {
    CompleteEnv::with_factory(super::Cli::command)
        .var(VARIABLE)
        .bin("embalm")
        .completer("embalm")
        .shells(SHELLS)
        .complete();
}

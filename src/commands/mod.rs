//! The command line: one file a subcommand, each of flags and glue. What it says here is public API.

mod about;
mod add;
mod backup;
mod completions;
mod conclude;
mod detect;
mod doctor;
mod export;
mod failure;
mod history;
mod hold;
mod import;
mod init;
mod inputs;
mod list;
mod man;
mod merge;
mod network;
mod notify;
mod prune;
mod recheck;
mod recognize;
mod redact;
mod reparse;
mod retry;
mod rewrite;
mod run;
mod runtime;
mod search;
mod serve;
mod show;
mod spare;
mod status;
mod verify;

pub use completions::answer_shell;
pub use failure::Failure;

use crate::{
    config::{self, Config},
    pipeline::Lock,
    report::{self, Colour, Format, Loudness, Output},
    store::{Store, StoreError},
};
use clap::{Parser, Subcommand, ValueEnum};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a reader waits for a run that upgrades the archive, and how often it looks.
const UPGRADE_WAIT: Duration = Duration::from_secs(60);
const UPGRADE_POLL: Duration = Duration::from_millis(50);

/// Finds the social posts that articles embed, captures them while they still exist, and keeps them beside the
/// article in one SQLite file for reading offline.
#[derive(Debug, Parser)]
#[command(
    name = "embalm",
    version,
    max_term_width = 100,
    after_help = "\
First steps:
  embalm init                      write a config.toml and create the archive
  embalm add https://news.example/story.html
  embalm run                       the scheduled job: sources, new articles, due posts
  embalm list posts                what is there
  embalm export html --out site    read it offline

Exit codes:
  0 done; what failed for a passing reason is queued
  1 unexpected error
  2 wrong usage or configuration, nothing was touched
  3 done, but a person should look
  4 stopped early with the work saved
  75 another run holds the archive"
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The archive: one SQLite file [default: as configured, else ./embalm.db, else the user's own]
    #[arg(long, global = true, env = "EMBALM_ARCHIVE", value_name = "FILE", hide_env_values = true)]
    pub archive: Option<PathBuf>,
    /// The configuration [default: ./config.toml, else the user's own]
    #[arg(long, global = true, env = "EMBALM_CONFIG", value_name = "FILE", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Print records as JSON Lines
    #[arg(long, global = true)]
    pub json: bool,
    /// Print records as CSV
    #[arg(long, global = true, conflicts_with = "json")]
    pub csv: bool,
    /// Silence unless something needs a person: only data, problems and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// More talk; twice for every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// The log on stderr: lines for people, or one JSON object a line for machines (docs/running.md names them)
    #[arg(
        long, global = true, env = "EMBALM_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text,
        value_name = "FORMAT", hide_env_values = true
    )]
    pub log_format: LogFormat,
    /// Never show long output through a pager (EMBALM_PAGER, PAGER, less)
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    pub color: ColorChoice,
}

/// `--log-format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Even into a pipe.
    Always,
    /// Nowhere.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented config.toml and create the archive
    Init(init::Args),
    /// The scheduled job: poll sources, archive new articles, capture their posts, retry and recheck what is due
    Run(run::Args),
    /// Archive these articles and posts now
    Add(add::Args),
    /// Look again at known posts now: what was edited, deleted, or came back
    Recheck(recheck::Args),
    /// Read stored answers again with today's parsers; no network
    Reparse(reparse::Args),
    /// Release what failed, so that the next run tries it again
    Retry(retry::Args),
    /// Only find embeds, and print them; no network, no archive
    Detect(detect::Args),
    /// Name the post that a URL points to, without a network
    Recognize(recognize::Args),
    /// List articles, posts, media, runs, failures, sources or platforms
    List(list::Args),
    /// Full text over posts and articles, best first
    Search(search::Args),
    /// One article or post, with all that is known
    Show(show::Args),
    /// How everything stands, what needs a person first
    Status(status::Args),
    /// Check configuration, disk, archive, and each platform against a known post
    Doctor(doctor::Args),
    /// Check every bit of the archive against what was stored
    Verify(verify::Args),
    /// Read the archive in a browser: a viewer on this machine that loads nothing from elsewhere
    Serve(serve::Args),
    /// Take what is archived out: pages, tables, web archives, proofs
    Export(export::Args),
    /// Every snapshot of a post or version of an article, with what changed
    History(history::Args),
    /// Take posts from what people have: data exports and the records of other tools
    Import(import::Args),
    /// Copy the archive to a file, also while a run goes on
    Backup(backup::Args),
    /// Take everything of other archives into this one
    Merge(merge::Args),
    /// Remove what is no longer wanted, after a dry run
    Prune(prune::Args),
    /// Hide a post or an article, or remove its bytes, with a reason
    Redact(redact::Args),
    /// Give back a page of your own with its embeds replaced by archived ones
    Rewrite(rewrite::Args),
    /// Completions for a shell
    Completions(completions::Args),
    /// Manual pages
    Man(man::Args),
}

/// Runs a command. The result is the exit code.
///
/// # Errors
/// The command failed; the failure carries its exit code.
pub fn run(cli: Cli) -> Result<u8, Failure> {
    let Cli { global, command } = cli;
    let format = if global.json {
        Format::Json
    } else if global.csv {
        Format::Csv
    } else {
        Format::Table
    };
    let log_format = match global.log_format {
        LogFormat::Text => report::LogFormat::Text,
        LogFormat::Json => report::LogFormat::Json,
    };
    let loudness = if global.quiet { Loudness::Quiet } else { Loudness::Usual(global.verbose) };
    report::start_log(log_format, loudness, report::Style::of_stderr(global.colour()));
    let mut out = Output::new(format, global.quiet, global.colour());
    out.may_page = !global.no_pager;
    let code = match command {
        Command::Init(args) => init::run(&global, &args, &mut out),
        Command::Run(args) => run::run(&global, &args, &mut out),
        Command::Add(args) => add::run(&global, &args, &mut out),
        Command::Recheck(args) => recheck::run(&global, &args, &mut out),
        Command::Reparse(args) => reparse::run(&global, &args, &mut out),
        Command::Retry(args) => retry::run(&global, &args, &mut out),
        Command::Detect(args) => detect::run(&args, &mut out),
        Command::Recognize(args) => recognize::run(&args, &mut out),
        Command::List(args) => list::run(&global, &args, &mut out),
        Command::Search(args) => search::run(&global, &args, &mut out),
        Command::Show(args) => show::run(&global, &args, &mut out),
        Command::Status(args) => status::run(&global, &args, &mut out),
        Command::Doctor(args) => doctor::run(&global, &args, &mut out),
        Command::Verify(args) => verify::run(&global, &args, &mut out),
        Command::Serve(args) => serve::run(&global, &args, &mut out),
        Command::Export(args) => export::run(&global, &args, &mut out),
        Command::History(args) => history::run(&global, &args, &mut out),
        Command::Import(args) => import::run(&global, &args, &mut out),
        Command::Backup(args) => backup::run(&global, &args, &mut out),
        Command::Merge(args) => merge::run(&global, &args, &mut out),
        Command::Prune(args) => prune::run(&global, &args, &mut out),
        Command::Redact(args) => redact::run(&global, &args, &mut out),
        Command::Rewrite(args) => rewrite::run(&global, &args, &mut out),
        Command::Completions(args) => completions::run(&global, &args, &mut out),
        Command::Man(args) => man::run(&global, &args, &mut out),
    }?;
    out.flush()?;
    Ok(code)
}

/// Opens an archive for reading. While a run upgrades it, that is waited for: the next moment it can be read.
fn reading(archive: &Path, open: impl Fn(&Path) -> Result<Store, StoreError>) -> Result<Store, StoreError> {
    let asked_at = Instant::now();
    loop {
        match open(archive) {
            Err(StoreError::Older { .. }) if asked_at.elapsed() < UPGRADE_WAIT && Lock::holder(archive).is_some() => {
                std::thread::sleep(UPGRADE_POLL);
            }
            opened => return opened,
        }
    }
}

impl Global {
    /// The colours asked for.
    #[must_use]
    pub fn colour(&self) -> Colour {
        match self.color {
            ColorChoice::Auto => Colour::Auto,
            ColorChoice::Always => Colour::Always,
            ColorChoice::Never => Colour::Never,
        }
    }

    fn config(&self) -> Result<Config, Failure> {
        Ok(config::load(config::find(self.config.as_deref()).as_deref())?)
    }

    /// The configuration of a command that acts on it: what is unsafe in it is told.
    fn config_told(&self, out: &Output) -> Result<Config, Failure> {
        let config = self.config()?;
        for file in config.exposed() {
            out.warn(&format!(
                "{file} holds a login, and others of this machine can read it; `chmod 600` keeps it from them"
            ));
        }
        Ok(config)
    }

    /// The archive: flag or environment, configuration, the usual places.
    fn archive(&self, config: &Config) -> PathBuf {
        let set = self.archive.clone().or_else(|| config.archive.path.clone());
        set.unwrap_or_else(config::default_archive)
    }

    /// The archive opened for reading only.
    fn read(&self) -> Result<Store, Failure> {
        Ok(reading(&self.archive(&self.config()?), Store::open_read_only)?)
    }
}

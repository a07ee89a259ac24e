//! `embalm export jsonl|csv|parquet`: records as tables that others read.

use crate::{
    commands::{self, Failure, Global, list::FilterArgs},
    export::{self, ExportError, TableForm, WrittenTable},
    platforms,
    report::{Format, Output, one_line},
    store::{Store, TABLES, Table, TableChoice},
};
use clap::{ValueEnum, ValueHint};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  embalm export jsonl --out tables              every table, a file each: tables/posts.jsonl, ...
  embalm export csv --table posts --out -       one table to stdout
  embalm export csv --spreadsheet --state deleted --table posts --out gone.csv
                                                for Excel, LibreOffice and their kin
  embalm export parquet --out tables            for DuckDB: SELECT * FROM 'tables/posts.parquet'
  embalm export parquet --partition platform --out tables
                                                for Spark: tables/posts/platform=twitter/...
  embalm export jsonl https://news.example/story --out story
                                                an article with its posts, and all known of them

Tables: articles, article_versions, embeds, posts, snapshots, media_files, looks, runs, exchanges.
They are read in one transaction, also while a run goes on. TARGETs are articles (with their
posts) and posts (with the articles that embed them). The filters choose articles and posts as
`embalm list` does, --limit the newest of each; the other tables hold what belongs to these.
docs/tables.md names every column.

Exit codes: 0 written; 1 there is no such article or post; 2 wrong usage, or the place can't be
written, or this build is without Parquet; 4 the disk is full (what was written before is whole).";

/// Flags.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only these, with what belongs to them: an article's number, URL or name; a post's URL or platform:id [default: all
    /// that the filters leave]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// The folder for the tables; with one --table also a file, or - for stdout
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub out: PathBuf,
    /// Only this table; repeatable [default: all]
    #[arg(long, value_name = "TABLE", value_enum)]
    pub table: Vec<Name>,
    /// What rows are chosen by.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Flags of `export csv`.
#[derive(Debug, clap::Args)]
pub struct CsvArgs {
    /// Those of every form.
    #[command(flatten)]
    pub tables: Args,
    /// For spreadsheets: marked as UTF-8; texts that they would run as a formula or round as a number begin with an
    /// apostrophe, and longer ones than a cell holds are cut
    #[arg(long)]
    pub spreadsheet: bool,
}

/// Flags of `export parquet`.
#[derive(Debug, clap::Args)]
pub struct ParquetArgs {
    /// Those of every form.
    #[command(flatten)]
    pub tables: Args,
    /// A folder for each value of this column, as Hive, Spark and DuckDB read them
    #[arg(long, value_name = "COLUMN", value_enum)]
    pub partition: Option<Partition>,
}

/// What tables can be parted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Partition {
    /// The platform of the post that a row is of.
    Platform,
}

/// The tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Name {
    /// Articles, as their newest versions say
    Articles,
    /// Versions of articles
    #[value(alias = "versions")]
    ArticleVersions,
    /// Embeds in every version
    Embeds,
    /// Posts, as the snapshot to show says
    Posts,
    /// Snapshots of posts
    Snapshots,
    /// Files of posts
    #[value(alias = "media")]
    MediaFiles,
    /// Looks at posts
    Looks,
    /// Runs
    Runs,
    /// Requests and what answered them, without bodies
    Exchanges,
}

/// Writes JSON Lines.
pub(super) fn jsonl(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    run(global, args, TableForm::Jsonl, out)
}

/// Writes CSV.
pub(super) fn csv(global: &Global, args: &CsvArgs, out: &mut Output) -> Result<u8, Failure> {
    run(global, &args.tables, TableForm::Csv { spreadsheet: args.spreadsheet }, out)
}

/// Writes Parquet.
pub(super) fn parquet(global: &Global, args: &ParquetArgs, out: &mut Output) -> Result<u8, Failure> {
    let by_platform = args.partition.is_some();
    run(global, &args.tables, TableForm::Parquet { by_platform }, out)
}

fn run(global: &Global, args: &Args, form: TableForm, out: &mut Output) -> Result<u8, Failure> {
    if matches!(form, TableForm::Parquet { .. }) && !export::HAS_PARQUET {
        return Err(ExportError::NotBuilt { what: "Parquet", feature: "parquet" }.into());
    }
    if args.filter.sort.is_some() {
        return Err(Failure::usage("rows of tables stand in the order of their time; leave --sort out"));
    }
    if !args.targets.is_empty() && args.filter.is_set() {
        return Err(Failure::usage("name TARGETs, or narrow by filters, not both"));
    }
    let tables = tables(&args.table);
    let store = commands::reading(&global.archive(&global.config()?), Store::open_read_only_aside)?;
    let choice = choice(&store, args)?;
    let is_file = args.out.extension().is_some_and(|ending| ending == form.ending());
    match tables.as_slice() {
        [table] if args.out.as_os_str() == "-" => {
            if matches!(form, TableForm::Parquet { .. }) && out.is_terminal() {
                return Err(Failure::usage("Parquet is for programs; give a file, or pipe it into one"));
            }
            export::table_stream(&store, &choice, table, form, out.stream())?;
            Ok(0)
        }
        [table] if is_file && !matches!(form, TableForm::Parquet { by_platform: true }) => {
            let written = export::table_file(&store, &choice, table, form, &args.out)?;
            tell(&written, out)?;
            Ok(0)
        }
        _ if args.out.as_os_str() == "-" => {
            Err(Failure::usage("stdout has room for one table; name it with --table, or give a folder"))
        }
        _ if is_file => Err(Failure::usage(format!(
            "{} is one file, but {} tables are asked for; name one with --table, or give a folder",
            args.out.display(),
            tables.len()
        ))),
        _ => {
            export::tables(&store, &choice, &tables, form, &args.out, &mut |written| tell(written, out))?;
            Ok(0)
        }
    }
}

/// Those that are asked for, once each, in their own order.
fn tables(asked: &[Name]) -> Vec<&'static Table> {
    let is_asked = |table: &Table| {
        asked.is_empty()
            || asked.iter().any(|name| name.to_possible_value().is_some_and(|value| value.get_name() == table.name))
    };
    TABLES.into_iter().filter(|table| is_asked(table)).collect()
}

fn choice(store: &Store, args: &Args) -> Result<TableChoice, Failure> {
    let mut choice = TableChoice { filter: args.filter.filter(), ..TableChoice::default() };
    for target in &args.targets {
        let post = platforms::post_key(target).map(|key| store.post_name(&key)).transpose()?.flatten();
        match (post, store.article_number(target)?) {
            (Some(post), _) => choice.posts.push(post.key),
            (None, Some(id)) => choice.articles.push(id),
            (None, None) => {
                let hint = "`embalm list articles` and `embalm list posts` say what is";
                return Err(ExportError::NotFound { target: target.clone(), hint }.into());
            }
        }
    }
    Ok(choice)
}

fn tell(written: &WrittenTable, out: &mut Output) -> Result<(), ExportError> {
    let told = match out.format {
        Format::Json => out.json(written),
        _ => out.line(&one_line(&written.path.display().to_string())),
    };
    told.map_err(ExportError::Output)
}

//! `embalm export`: takes what is archived out of the archive.

use super::{Failure, Global, list::FilterArgs};
use crate::{
    render,
    report::{Output, printable},
};
use clap::{Subcommand, ValueHint};
use std::{
    collections::HashSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Flags of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The form.
    #[command(subcommand)]
    pub form: Form,
}

/// What can be written.
#[derive(Debug, Subcommand)]
pub enum Form {
    /// One page an article, with its posts in their places; opens offline and asks the network for nothing
    Html(HtmlArgs),
}

/// Flags of `export html`.
#[derive(Debug, clap::Args)]
pub struct HtmlArgs {
    /// Only these articles: number, URL or name [default: all that the filters leave]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// The folder for the pages, or with one article a file that ends in .html
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub out: PathBuf,
    /// Which of them.
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Writes the pages. An archive that holds no such article is exit code 1.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let Form::Html(args) = &args.form;
    let store = global.read()?;
    let targets = if args.targets.is_empty() {
        store.article_ids(&args.filter.filter())?.iter().map(i64::to_string).collect()
    } else {
        args.targets.clone()
    };
    if targets.is_empty() {
        return Err(Failure::unexpected(
            "there is no such article in the archive; `embalm list articles` says what is",
        ));
    }
    let single = args.out.extension().is_some_and(|ending| ending == "html");
    if single && targets.len() > 1 {
        return Err(Failure::usage(format!(
            "{} is one file, but {} articles match; name one, or give a folder",
            args.out.display(),
            targets.len()
        )));
    }
    let folder = if single { args.out.parent().unwrap_or(Path::new("")) } else { &args.out };
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder)
            .map_err(|error| Failure::usage(format!("making the folder {} failed: {error}", folder.display())))?;
    }
    let mut taken = HashSet::new();
    for target in &targets {
        let Some(view) = store.article_view(target, true)? else {
            return Err(Failure::unexpected(format!(
                "{target} is not in the archive; `embalm list articles` says what is"
            )));
        };
        let page = render::article_page(&view)
            .map_err(|error| Failure::unexpected(format!("drawing article {} failed: {error}", view.id)))?;
        let path =
            if single { args.out.clone() } else { folder.join(file_name(&view.article.title, view.id, &mut taken)) };
        write(&path, page.as_bytes())?;
        out.line(&printable(&path.display().to_string()))?;
    }
    Ok(0)
}

/// Letters and digits of the title; unique, and harmless on every file system.
fn file_name(title: &str, id: i64, taken: &mut HashSet<String>) -> String {
    let words: Vec<_> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .take(8)
        .collect();
    let mut name: String = words.join("-").chars().take(60).collect();
    if name.is_empty() || !taken.insert(name.clone()) {
        name = format!("{name}-{id}").trim_start_matches('-').to_owned();
        taken.insert(name.clone());
    }
    format!("{name}.html")
}

/// Writes beside the place and moves, so that nobody ever sees half a page.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::unexpected(format!("writing {} failed: {error}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = fs::File::create(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_harmless_and_never_collide() {
        let mut taken = HashSet::new();
        assert_eq!(file_name("../etc/passwd: A Story!", 1, &mut taken), "etc-passwd-a-story.html");
        assert_eq!(file_name("etc passwd a story", 2, &mut taken), "etc-passwd-a-story-2.html");
        assert_eq!(file_name("…", 3, &mut taken), "3.html");
    }
}

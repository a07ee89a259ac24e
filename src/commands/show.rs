//! `embalm show`: one article or one post, with all that is known.

use super::{Failure, Global, completions::candidates};
use crate::{
    model::DatedPostRecord,
    platforms,
    report::{Format, Output, article_page, post_page},
    store::{Filter, Store},
};
use clap_complete::ArgValueCompleter;

/// Flags of `show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An article's number, URL or name; a post's URL in any of its forms, or platform:id
    #[arg(value_name = "TARGET", add = ArgValueCompleter::new(candidates::targets))]
    pub target: String,
    /// Print the stored answers of the newest snapshot as they came
    #[arg(long)]
    pub raw: bool,
}

/// Prints it; a target that is not in the archive is exit code 1.
pub(super) fn run(global: &Global, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let store = global.read()?;
    if let Some(key) = platforms::post_key(&args.target)
        && show_post(&store, &key, args.raw, out)?
    {
        return Ok(0);
    }
    let Some(view) = store.article_view(&args.target, false)? else {
        let message = format!(
            "{} is not in the archive\n  `embalm list posts` and `embalm list articles` say what is",
            args.target
        );
        return Err(Failure::unexpected(message));
    };
    if args.raw {
        out.bytes(&store.article_original(&args.target)?.unwrap_or_default())?;
    } else if out.format == Format::Json {
        let filter = Filter { article: Some(view.id.to_string()), ..Filter::default() };
        for record in store.articles(&filter)? {
            out.json(&record)?;
        }
    } else {
        out.line(article_page(&view, out.style).trim_end())?;
    }
    Ok(0)
}

fn show_post(store: &Store, key: &str, raw: bool, out: &mut Output) -> Result<bool, Failure> {
    let Some(view) = store.post_view(key, false)? else { return Ok(false) };
    if raw {
        for exchange in store.raw_exchanges(key)? {
            let Some(answer) = exchange.response() else { continue };
            out.line(&format!("{} {} {}", exchange.request.method, answer.url, answer.status))?;
            out.bytes(&answer.body)?;
            out.line("")?;
        }
    } else if out.format == Format::Json {
        if let Some(post) = store.post(key)? {
            let (state_since, last_seen_at, last_looked_at) =
                (view.state_since, view.last_seen_at, view.last_looked_at);
            out.json(&DatedPostRecord { post, state_since, last_seen_at, last_looked_at })?;
        }
    } else {
        out.line(post_page(&view, out.style).trim_end())?;
    }
    Ok(true)
}

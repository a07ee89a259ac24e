//! What reading stored answers again came to, in words for a person.

use super::{Style, one_line, printable, run::counted};
use crate::pipeline::{ReparseSummary, Reread};

/// A look that reads better now.
#[must_use]
pub fn reread_line(reread: &Reread, style: Style) -> String {
    let what = if reread.before == reread.after {
        reread.fields.join(", ")
    } else {
        format!("{} is {} now", printable(&reread.before), printable(&reread.after))
    };
    let files = match reread.new_files {
        0 => String::new(),
        n => style.dim(&format!(" ({} to fetch)", counted(n, "file"))),
    };
    format!(
        "{} {} {}{files}",
        style.cyan(&one_line(&reread.key)),
        style.dim(&reread.looked_at.to_string()),
        style.green(&what)
    )
}

/// The counts.
#[must_use]
pub fn reparse_done(summary: &ReparseSummary, dry_run: bool, style: Style) -> String {
    let ReparseSummary { posts, looks, unchanged, improved, not_stored, not_understood, new_files, stopped } = summary;
    let mut parts = vec![
        format!("{improved} {}", if dry_run { "would read better" } else { "read better now" }),
        format!("{unchanged} say the same"),
    ];
    for (n, words) in [
        (*not_stored, "left as they are: an answer that is not stored would be needed"),
        (*not_understood, "left as they are: not understood today"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {words}"));
        }
    }
    if *new_files > 0 {
        parts.push(format!("{} named anew, fetched by the next `embalm run`", counted(*new_files, "file")));
    }
    let stopped =
        stopped.as_ref().map(|why| style.yellow(&format!("\nStopped early ({why}); the work so far is saved.")));
    format!(
        "{} of {}: {}{}",
        style.bold(&counted(*looks, "look")),
        counted(*posts, "post"),
        parts.join("; "),
        stopped.unwrap_or_default()
    )
}

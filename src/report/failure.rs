//! What could not be had, one line each: what, how often and since when it was tried, why, and what comes next.

use super::{Style, one_line};
use crate::model::{FailureRecord, Rest};
use jiff::{Timestamp, Unit};

/// Characters that a shell leaves as they are.
const PLAIN: &str = "-_.,:/@%+=~";

/// One failure in one line, as it stands at `now`.
#[must_use]
pub fn failure_line(failure: &FailureRecord, now: Timestamp, style: Style) -> String {
    let FailureRecord { what, subject, url, why, since, attempts, .. } = failure;
    // Several files of one post fail each for itself.
    let file = if what == "media" { format!(" {}", style.dim(&one_line(url))) } else { String::new() };
    let tries = match attempts {
        Some(0) | None => "failed".to_owned(),
        Some(1) => "tried once".to_owned(),
        Some(n) => format!("tried {n} times"),
    };
    let since = since.strftime("%Y-%m-%d");
    let next = next(failure, now);
    let next = if failure.rests == Some(Rest::Failed) { style.yellow(&next) } else { style.dim(&next) };
    let name = style.bold(&one_line(subject));
    format!("{what} {name}{file}: {}; {tries} since {since}; {next}", one_line(why))
}

fn next(failure: &FailureRecord, now: Timestamp) -> String {
    let release = format!("`embalm retry {}`", shell_word(&failure.subject));
    match (failure.due_at, failure.rests, failure.reason.as_str()) {
        (Some(at), None, _) if at <= now => "due at the next run".to_owned(),
        (Some(at), None, _) => format!("next try {}", minute(at)),
        (Some(at), Some(_), _) => format!("rests, one more look {}; {release}", minute(at)),
        (None, _, "skipped") => {
            format!("fetched when the limit allows it; `embalm add {}`", shell_word(&failure.subject))
        }
        (None, _, "no_route" | "unresolved" | "not_archived") => "rests: another try would bring the same".to_owned(),
        (None, ..) => format!("rests; {release}"),
    }
}

fn minute(at: Timestamp) -> String {
    at.round(Unit::Minute).unwrap_or(at).strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// A word that a shell reads as it is: a URL with `&` in it must not end the command.
fn shell_word(word: &str) -> String {
    let word = one_line(word);
    if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c)) {
        return word;
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_to_copy_is_safe_in_a_shell() {
        assert_eq!(shell_word("https://a.example/x"), "https://a.example/x");
        assert_eq!(shell_word("https://a.example/?a=1&b='2'"), r"'https://a.example/?a=1&b='\''2'\'''");
    }
}

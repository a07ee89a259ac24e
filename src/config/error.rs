//! What can be wrong with a configuration, said so that a person can mend it: file, line, key, and what was meant.

use std::{ops::Range, path::PathBuf};

/// A configuration that can't be used. Nothing has been touched when it is reported; the exit code is 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The named file is not there or can't be read.
    #[error(
        "can't read the configuration {}: {source}\n  `embalm init` writes one; `--config FILE` names another",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The file is not TOML, or a key is unknown or has a value of the wrong kind.
    #[error("{}:{line}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong, with a suggestion where there is one.
        message: String,
    },
    /// A variable of the environment has a value that its key can't take.
    #[error("the environment variable {name}: {message}")]
    Environment {
        /// The variable.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A value is of the right kind and yet can't be meant.
    #[error("{}: {key}: {message}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Section and key.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

/// The line (from 1) at which a byte range of `text` begins.
pub(super) fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// A parser's message in our words: an unknown key gets the nearest known one as a suggestion.
pub(super) fn explain(message: &str) -> String {
    let unknown = |what: &str| message.strip_prefix(&format!("unknown {what} `"));
    match (unknown("field"), unknown("variant")) {
        (Some(rest), _) => nearest("unknown key", rest),
        (None, Some(rest)) => nearest("unknown word", rest),
        (None, None) => expected_in_words(message.lines().next().unwrap_or(message)),
    }
}

/// What is unknown, and the nearest of what is known. `rest` is the parser's list, names between backticks.
fn nearest(what: &str, rest: &str) -> String {
    let mut names = rest.split('`');
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = names.skip(1).step_by(2).collect();
    let nearest = known
        .iter()
        .map(|name| (strsim::jaro_winkler(unknown, name), *name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("{what} `{unknown}`; did you mean `{name}`?"),
        None => format!("{what} `{unknown}`; known here: {}", known.join(", ")),
    }
}

/// What a value should have been, for people who don't know the parser's types.
fn expected_in_words(message: &str) -> String {
    let Some((wrong, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let words = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more, without quotes",
        "a boolean" => "true or false, without quotes",
        "a string" => "words in quotes",
        "a sequence" => "a list, such as [\"a\", \"b\"]",
        other => other,
    };
    let wrong = wrong.strip_prefix("invalid type: ").or_else(|| wrong.strip_prefix("invalid value: ")).unwrap_or(wrong);
    format!("expected {words}, not {wrong}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_kind_is_answered_with_the_right_one() {
        let message = "invalid type: string \"6h\", expected a sequence";
        assert_eq!(explain(message), "expected a list, such as [\"a\", \"b\"], not string \"6h\"");
        assert_eq!(
            explain("invalid value: integer `-1`, expected u8"),
            "expected a whole number from 0 to 255, not integer `-1`"
        );
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_known_one() {
        let message = "unknown field `user_agnet`, expected one of `user_agent`, `contact`, `timeout_s`";
        assert_eq!(explain(message), "unknown key `user_agnet`; did you mean `user_agent`?");
        let message = "unknown field `zzz`, expected `path`";
        assert_eq!(explain(message), "unknown key `zzz`; known here: path");
    }

    #[test]
    fn a_line_is_counted_from_one() {
        assert_eq!(line_of("a\nb\nc", Some(2..3)), 2);
        assert_eq!(line_of("a", None), 1);
    }
}

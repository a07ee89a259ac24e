//! `[[source]]`: where articles come from, as typed, and checked into what is polled.

use crate::{
    model::When,
    pipeline::{self, Input, SourceKind},
};
use jiff::{Timestamp, tz::TimeZone};
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};
use url::Url;

/// Memory of one pattern, compiled, in bytes.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// The longest label; no more fits into a line.
const MAX_LABEL_CHARS: usize = 100;

/// The shortest interval: nobody publishes faster than a minute.
const MIN_EVERY: Duration = Duration::from_secs(60);

/// The deepest that documents lead to documents.
const MAX_DEPTH: u8 = 100;

/// One `[[source]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name in lists and messages.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Where, on the network.
    #[serde(default)]
    pub url: Option<String>,
    /// Where, on this machine.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Patterns of which one must match an article's URL or path.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of which none may match.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Not asked more often, such as `1h`; none: at every run.
    #[serde(default)]
    pub every: Option<String>,
    /// New articles a run.
    #[serde(default)]
    pub limit: Option<usize>,
    /// How many documents deep.
    #[serde(default)]
    pub depth: Option<u8>,
    /// The language of its articles where they don't say, BCP 47.
    #[serde(default)]
    pub lang: Option<String>,
    /// Labels of its articles.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Articles that the source dates before are left out.
    #[serde(default)]
    pub since: Option<String>,
    /// Whether articles are taken newest first, by the dates that the source gives.
    #[serde(default)]
    pub newest_first: bool,
}

impl Source {
    /// The source as it is polled.
    ///
    /// # Errors
    /// A sentence that names the key, what is wrong with it and what would be right.
    pub fn build(&self) -> Result<pipeline::Source, String> {
        if self.name.trim().is_empty() {
            return Err("`name` is empty; lists and messages call the source by it".to_owned());
        }
        let mut source = pipeline::Source::new(&self.name, self.kind, self.place()?);
        source.include = patterns("include", &self.include)?;
        source.exclude = patterns("exclude", &self.exclude)?;
        if self.limit == Some(0) {
            return Err("`limit` must be at least 1; take the source out to poll nothing".to_owned());
        }
        source.limit = self.limit;
        if let Some(every) = &self.every {
            let wait = super::parse_wait(every).map_err(|error| format!("every: {error}"))?;
            if wait < MIN_EVERY {
                return Err(format!("every = {every:?} is under a minute; without `every` it is asked at every run"));
            }
            source.every = Some(wait);
        }
        if self.depth.is_some_and(|depth| depth == 0 || depth > MAX_DEPTH) {
            return Err(format!("`depth` must be from 1 (the document itself) to {MAX_DEPTH}"));
        }
        source.depth = self.depth;
        if let Some(lang) = &self.lang {
            let subtags = || lang.split('-');
            let fits =
                subtags().all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
            if !fits || subtags().next().is_none_or(|tag| tag.len() < 2 || tag.bytes().any(|b| b.is_ascii_digit())) {
                return Err(format!("lang = {lang:?} is not a language; write it as pages do: \"en\", \"pt-BR\""));
            }
            source.lang = Some(lang.clone());
        }
        if let Some(label) =
            self.labels.iter().find(|label| label.trim().is_empty() || label.chars().count() > MAX_LABEL_CHARS)
        {
            return Err(format!("the label {label:?} is empty or over {MAX_LABEL_CHARS} characters"));
        }
        source.labels.clone_from(&self.labels);
        source.since = self.since.as_deref().map(day).transpose()?;
        source.newest_first = self.newest_first;
        Ok(source)
    }

    fn place(&self) -> Result<Input, String> {
        let local = matches!(self.kind, SourceKind::Files | SourceKind::Warc);
        match (&self.url, &self.path) {
            (Some(_), Some(_)) => Err("has both `url` and `path`; keep one".to_owned()),
            (None, None) if local => Err("needs a `path`".to_owned()),
            (None, None) => Err("needs either `url` or `path`".to_owned()),
            (Some(_), None) if local => {
                Err(format!("is of kind `{}`, which is read from this machine: it needs a `path`", self.kind.as_str()))
            }
            (None, Some(path)) => Ok(Input::Path(path.clone())),
            (Some(url), None) => {
                let hint =
                    || if url.contains("://") { String::new() } else { format!("; did you mean \"https://{url}\"?") };
                match Url::parse(url) {
                    Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Input::Url(url)),
                    Ok(_) => Err(format!("url = {url:?} is not fetched: only http and https are{}", hint())),
                    Err(error) => Err(format!("url = {url:?} is not a URL: {error}{}", hint())),
                }
            }
        }
    }
}

fn patterns(key: &str, patterns: &[String]) -> Result<Vec<Regex>, String> {
    let compile = |text: &String| {
        let built = RegexBuilder::new(text).size_limit(MAX_PATTERN_BYTES).build();
        built.map_err(|error| format!("{key}: {text:?} is not a regular expression: {error}"))
    };
    patterns.iter().map(compile).collect()
}

fn day(text: &str) -> Result<Timestamp, String> {
    match When::parse(text) {
        Some(When::Instant(at)) => Some(at),
        Some(When::Day(day)) => day.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp()),
        None => None,
    }
    .ok_or_else(|| {
        format!("since = {text:?} is not a date; write a day (2024-08-11) or an instant (2024-08-11T20:15:00Z)")
    })
}

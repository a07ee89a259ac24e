//! Filters as people write them: read in one way, on the command line and in the viewer's addresses.

use super::Filter;
use crate::{
    model::{State, Via, When},
    platforms,
};
use jiff::{Timestamp, tz::TimeZone};

/// What the lists can be narrowed by, and what sorts them, as flags and addresses name it.
pub const NAMES: [&str; 11] =
    ["platform", "author", "site", "state", "via", "since", "until", "article", "lang", "label", "sort"];

impl Filter {
    /// Narrows by one more of [`NAMES`]. Words that are nothing but space narrow nothing.
    ///
    /// # Errors
    /// What is wrong with the words, for the person who wrote them; the names, where there is none of that name.
    pub fn narrow(&mut self, name: &str, words: &str) -> Result<(), String> {
        let words = words.trim();
        if words.is_empty() {
            return Ok(());
        }
        match name {
            "platform" => self.platform = Some(platform(words)?),
            "author" => self.author = Some(words.trim_start_matches('@').to_owned()),
            "site" => self.site = Some(words.to_owned()),
            "state" => self.state = Some(state(words)?),
            "via" => self.via = Some(via(words)?),
            "since" => self.since = Some(time(words)?),
            "until" => self.until = Some(time(words)?),
            "article" => self.article = Some(words.to_owned()),
            "lang" => self.lang = Some(words.to_owned()),
            "label" => self.label = Some(words.to_owned()),
            "sort" => self.sort = Some(words.to_owned()),
            _ => return Err(format!("known filters: {}", NAMES.join(", "))),
        }
        Ok(())
    }
}

/// A platform by its id.
///
/// # Errors
/// The id that is most like it.
pub fn platform(words: &str) -> Result<String, String> {
    platforms::by_id(words).map(|platform| platform.id().to_owned()).ok_or_else(|| {
        let nearest = platforms::nearest(words);
        format!("did you mean `{nearest}`? `embalm list platforms` names them all")
    })
}

/// What is known of a post by now.
///
/// # Errors
/// All that there are.
pub fn state(words: &str) -> Result<State, String> {
    let known = State::ALL.map(State::as_str).join(", ");
    State::ALL.into_iter().find(|state| state.as_str() == words).ok_or_else(|| format!("known states: {known}"))
}

/// The rung of a snapshot.
///
/// # Errors
/// All that there are.
pub fn via(words: &str) -> Result<Via, String> {
    let known = Via::ALL.map(Via::as_str).join(", ");
    Via::ALL.into_iter().find(|via| via.as_str() == words).ok_or_else(|| format!("known: {known}"))
}

/// A day (its beginning in UTC) or an instant.
///
/// # Errors
/// How to write one.
pub fn time(words: &str) -> Result<Timestamp, String> {
    match When::parse(words) {
        Some(When::Instant(at)) => Ok(at),
        Some(When::Day(day)) => day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).map_err(|error| error.to_string()),
        None => Err("write a day (2024-08-11) or an instant (2024-08-11T20:15:00Z)".to_owned()),
    }
}

//! Filters as people write them: read in one way, on the command line and in the viewer's addresses.

mod time;

pub use time::{since, until};

use super::Filter;
use crate::{
    model::{State, Via},
    platforms,
};
use jiff::Zoned;

/// What the lists can be narrowed by, and what sorts them, as flags and addresses name it.
pub const NAMES: [&str; 11] =
    ["platform", "author", "site", "state", "via", "since", "until", "article", "lang", "label", "sort"];

impl Filter {
    /// Narrows by one more of [`NAMES`]. Words that are nothing but space narrow nothing. `now` says what `yesterday` is,
    /// and where.
    ///
    /// # Errors
    /// What is wrong with the words, for the person who wrote them; the names, where there is none of that name.
    pub fn narrow(&mut self, name: &str, words: &str, now: &Zoned) -> Result<(), String> {
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
            "since" => self.since = Some(since(words, now)?),
            "until" => self.until = Some(until(words, now)?),
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

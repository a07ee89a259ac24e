//! Parts of long lists: where a part begins, what it holds, and how many there are in all, as far as that is known.

use std::{fmt, str::FromStr};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// At most this many records.
    pub size: usize,
    /// Where it begins.
    pub start: Start,
}

/// Where a part of a list begins. Behind a mark it stays where it is while the archive grows; a number of records to
/// skip moves with every new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the list's beginning.
    First,
    /// Behind so many records.
    Skip(u64),
    /// Behind the record of this mark.
    After(Mark),
    /// As far before the record of this mark as the part is long.
    Before(Mark),
}

/// A record's place in an order: what it is sorted by, and its number in the archive. Written `123~2026-01-01`, and `123`
/// where it has nothing to be sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The record's number in the archive.
    pub id: i64,
    /// What it is sorted by, as text.
    pub value: Option<String>,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}~{value}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, value) = text.split_once('~').map_or((text, None), |(id, value)| (id, Some(value.to_owned())));
        let id = id.parse().map_err(|_| "not a place in this list".to_owned())?;
        Ok(Self { id, value })
    }
}

/// A part of a list as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// Its records.
    pub records: Vec<T>,
    /// The mark of the first record, where others stand before it.
    pub before: Option<Mark>,
    /// The mark of the last record, where others follow.
    pub after: Option<Mark>,
    /// How many the whole list has.
    pub total: Total,
    /// Rows of this part that are damaged, by their numbers: they are left out, and `embalm verify` tells what is wrong.
    pub damaged: Vec<i64>,
}

impl<T> Listed<T> {
    /// Nothing at all.
    #[must_use]
    pub fn empty() -> Self {
        Self { records: Vec::new(), before: None, after: None, total: Total::Exactly(0), damaged: Vec::new() }
    }
}

/// How many there are: counted, unless counting would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// So many were counted, and there are more.
    MoreThan(u64),
}

impl Total {
    /// How many there are at least.
    #[must_use]
    pub fn at_least(self) -> u64 {
        match self {
            Self::Exactly(n) | Self::MoreThan(n) => n,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = self.at_least().saturating_add(other.at_least());
        match (self, other) {
            (Self::Exactly(_), Self::Exactly(_)) => Self::Exactly(sum),
            _ => Self::MoreThan(sum),
        }
    }

    /// Exactly as many as were found.
    #[must_use]
    pub fn of(found: usize) -> Self {
        Self::Exactly(u64::try_from(found).unwrap_or(u64::MAX))
    }

    /// Of a count that stopped at one more than `limit`.
    #[must_use]
    pub fn counted_to(limit: u64, counted: u64) -> Self {
        if counted > limit { Self::MoreThan(limit) } else { Self::Exactly(counted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        for text in ["12~2026-01-01T00:00:00.000Z", "12", "12~", "-3~a~b", "7~=&?#é"] {
            assert_eq!(text.parse::<Mark>().unwrap().to_string(), text);
        }
        for text in ["", "~", "x~y", "99999999999999999999"] {
            assert!(text.parse::<Mark>().is_err(), "{text}");
        }
    }
}

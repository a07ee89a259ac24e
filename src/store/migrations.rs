//! The schema, as a list of steps that only ever grows: an archive's `user_version` counts the steps it has taken.

/// Each step once released stays as it is; a change of the schema is a new one at the end.
pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_rechecks.sql"),
    include_str!("migrations/0003_mementos.sql"),
    include_str!("migrations/0004_media.sql"),
    include_str!("migrations/0005_threads.sql"),
    include_str!("migrations/0006_crawl.sql"),
    include_str!("migrations/0007_room.sql"),
    include_str!("migrations/0008_trust.sql"),
    include_str!("migrations/0009_care.sql"),
];

/// The step from which on articles have aliases; those of older archives are worked out from their names.
pub(super) const ALIASES: i64 = 6;

/// The step from which on rows are entered; those of older archives are entered when it is taken.
pub(super) const ENTRIES: i64 = 8;

/// The step from which on the full-text index holds folded words and pairs of characters; an older one is made again.
pub(super) const WORDS: i64 = 8;

/// The schema that this version of embalm reads and writes.
#[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "a list written by hand")]
pub const KNOWN: i64 = STEPS.len() as i64;

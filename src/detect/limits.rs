//! How far a page is followed, and the words for one that was not followed to its end. What is over a limit is never
//! dropped in silence.

use std::fmt;

/// Places of posts in one page; more than any article has.
pub const MAX_FOUND: usize = 20_000;
/// How deep HTML may hold HTML.
pub const MAX_HELD_DEPTH: usize = 3;
/// HTML held in text and attributes that is parsed in one page, in bytes.
pub const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;
/// The longest script that is read for state, in bytes.
pub const MAX_SCRIPT_BYTES: usize = 4 * 1024 * 1024;
/// Scripts of one page that are read for state, together, in bytes.
pub const MAX_STATE_BYTES: usize = 16 * 1024 * 1024;
/// Values of one page's state that are looked at.
pub const MAX_STATE_VALUES: usize = 400_000;
/// HTML in strings of state that is parsed in one page, in bytes.
pub const MAX_STATE_HTML_BYTES: usize = 4 * 1024 * 1024;
/// Nodes inside of marked elements and blockquotes that are read in one page, each as often as it is read.
pub const MAX_INSIDE: usize = 2_000_000;

/// Why part of a page was not searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CutShort {
    /// [`MAX_FOUND`].
    Finds,
    /// [`MAX_HELD_BYTES`].
    HeldHtml,
    /// [`MAX_SCRIPT_BYTES`].
    LongScript,
    /// [`MAX_STATE_BYTES`].
    State,
    /// [`MAX_STATE_VALUES`].
    StateValues,
    /// [`MAX_STATE_HTML_BYTES`].
    StateHtml,
    /// [`MAX_INSIDE`].
    Inside,
}

impl fmt::Display for CutShort {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finds => {
                write!(out, "it holds more than {MAX_FOUND} places of posts; those after them were left out")
            }
            Self::HeldHtml => write!(
                out,
                "it holds back more than {MAX_HELD_BYTES} bytes of HTML in text and attributes; what goes beyond was \
                 not searched"
            ),
            Self::LongScript => {
                write!(out, "a script with state is longer than {MAX_SCRIPT_BYTES} bytes and was not searched")
            }
            Self::State => write!(
                out,
                "its scripts hold more than {MAX_STATE_BYTES} bytes of state; what goes beyond was not searched"
            ),
            Self::StateValues => {
                write!(out, "its state holds more than {MAX_STATE_VALUES} values; those after them were not searched")
            }
            Self::StateHtml => write!(
                out,
                "its state holds more than {MAX_STATE_HTML_BYTES} bytes of HTML; what goes beyond was not searched"
            ),
            Self::Inside => write!(
                out,
                "its blockquotes and other embeds stand in each other so that more than {MAX_INSIDE} nodes would have \
                 to be read; what goes beyond was searched for links alone"
            ),
        }
    }
}

/// Each limit that a page went over, once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cuts(Vec<CutShort>);

impl Cuts {
    pub(super) fn note(&mut self, cut: CutShort) {
        if let Err(at) = self.0.binary_search(&cut) {
            self.0.insert(at, cut);
        }
    }

    /// In the order in which [`CutShort`] lists them.
    pub(super) fn into_vec(self) -> Vec<CutShort> {
        self.0
    }
}

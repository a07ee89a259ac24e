//! What classes, roles and ids say, each read once: the elements of a page share few.

use crate::detect::{needle, scope};

/// Values of a page that are remembered at a time, a power of two; of two that fall on one place the last is.
const SLOTS: usize = 256;

/// What one such value says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// A mark of a platform is in it.
    pub(super) mark: bool,
    /// Readers wrote what is in the element, or it is the article's body.
    pub(super) says: scope::Says,
}

/// Those read so far, each with whether it is an id.
pub(super) struct Memory<'a> {
    slots: Vec<(bool, &'a [u8], Said)>,
}

impl<'a> Memory<'a> {
    pub(super) fn new() -> Self {
        Self { slots: vec![(false, &[], Said::default()); SLOTS] }
    }

    /// What a value says; an id is one name, whatever is in it.
    #[inline]
    pub(super) fn of(&mut self, value: &'a [u8], is_id: bool) -> Said {
        let Some((of_id, known, said)) = self.slots.get_mut(slot(value)) else { return read(value, is_id) };
        if *known != value || *of_id != is_id {
            (*of_id, *known, *said) = (is_id, value, read(value, is_id));
        }
        *said
    }
}

fn read(value: &[u8], is_id: bool) -> Said {
    let names = needle::names(value);
    let says = if names.part { scope::says(value, is_id) } else { scope::Says::default() };
    Said { mark: names.mark, says }
}

/// Where a value is remembered: told from its length, its first bytes and its last.
#[inline]
fn slot(value: &[u8]) -> usize {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (first, last) = (word(value.first_chunk()), word(value.last_chunk()));
    let short = if value.len() < 8 { value.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte)) } else { 0 };
    let mixed = (first ^ short ^ last.rotate_left(23)).wrapping_add(value.len() as u64);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % SLOTS
}

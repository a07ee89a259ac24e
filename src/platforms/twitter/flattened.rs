//! Posts flattened into plain text.

use crate::platforms::TextSpan;

/// The posts of a text, in reading order.
pub(super) fn detect(_text: &str) -> Vec<TextSpan> {
    Vec::new()
}

//! Words from outside keep their direction to themselves: controls of direction that are left open, or that close what
//! was never opened, would turn the words beside them.

use std::borrow::Cow;

/// The text with every embedding, override and isolate closed at its end, and without controls that close nothing.
pub(super) fn balanced(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    // What is open: whether it is an isolate.
    let mut open: Vec<bool> = Vec::new();
    for c in text.chars() {
        match c {
            EMBEDDING_ENDS if open.pop_if(|isolate| !*isolate).is_some() => {}
            EMBEDDING_ENDS => continue,
            // An isolate's end closes the embeddings inside it too.
            ISOLATE_ENDS => match open.iter().rposition(|isolate| *isolate) {
                Some(at) => open.truncate(at),
                None => continue,
            },
            c if is_control(c) => {
                if open.len() >= MAX_DEPTH {
                    continue;
                }
                open.push(('\u{2066}'..='\u{2068}').contains(&c));
            }
            _ => {}
        }
        out.push(c);
    }
    out.extend(open.into_iter().rev().map(|isolate| if isolate { ISOLATE_ENDS } else { EMBEDDING_ENDS }));
    Cow::Owned(out)
}

/// Pop directional formatting.
const EMBEDDING_ENDS: char = '\u{202c}';
/// Pop directional isolate.
const ISOLATE_ENDS: char = '\u{2069}';

/// As deep as the bidirectional algorithm goes (UAX #9, `max_depth`).
const MAX_DEPTH: usize = 125;

fn is_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_closed_and_nothing_else() {
        assert_eq!(balanced("plain"), "plain");
        assert_eq!(balanced("a\u{202e}b"), "a\u{202e}b\u{202c}");
        assert_eq!(balanced("\u{2069}\u{202c}a"), "a");
        assert_eq!(balanced("\u{2067}a\u{202e}b\u{2069}c\u{202c}"), "\u{2067}a\u{202e}b\u{2069}c");
        assert_eq!(balanced("\u{2067}\u{202e}x"), "\u{2067}\u{202e}x\u{202c}\u{2069}");
    }

    #[test]
    fn a_hundred_thousand_overrides_are_closed_in_their_turn() {
        let text = "\u{202e}".repeat(100_000);
        assert_eq!(balanced(&text).chars().count(), 2 * MAX_DEPTH);
    }
}

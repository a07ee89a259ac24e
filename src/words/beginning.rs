//! The beginning of a text that is too long to be shown whole.

/// No more than so many characters of a text, with an ellipsis where something is left out.
#[must_use]
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// The same on one line, all white space folded. No more of a text is read than is shown.
#[must_use]
pub fn excerpt(text: &str, characters: usize) -> String {
    let mut line: String =
        text.split_whitespace().flat_map(|word| word.chars().chain([' '])).take(characters.saturating_add(2)).collect();
    line.truncate(line.trim_end().len());
    shortened(&line, characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole_and_what_does_not_says_so() {
        assert_eq!(shortened("Fähre", 5), "Fähre");
        assert_eq!(shortened("Fähre um elf", 6), "Fähre…");
        assert_eq!(excerpt(" the\n last  ferry ", 14), "the last ferry");
        assert_eq!(excerpt("the last ferry left", 14), "the last ferry…");
        assert_eq!(excerpt("the last ferry left", 13), "the last ferr…");
    }
}

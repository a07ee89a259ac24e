//! What a reader asked a list for: the words of its address, what is wrong with them, and the addresses of other states of
//! the same list. Every state of a page is an address.

use url::form_urlencoded::Serializer;

/// Longest words that a page repeats to its reader, in characters.
const MAX_REPEATED: usize = 300;

/// The question that a list answers.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The list's address without its question: `/posts`.
    pub path: String,
    /// The filters by name, as they were written; none of them empty.
    pub words: Vec<(&'static str, String)>,
    /// What is wrong with one of them.
    pub wrong: Vec<(&'static str, String)>,
    /// The part of the list, counted from 1.
    pub page: u64,
}

impl Asked {
    /// What was written for a filter; empty where nothing was.
    pub(super) fn of(&self, name: &str) -> String {
        let found = self.words.iter().find(|(known, _)| *known == name);
        found.map_or_else(String::new, |(_, words)| words.chars().take(MAX_REPEATED).collect())
    }

    /// What is wrong with it.
    pub(super) fn wrong_with(&self, name: &str) -> Option<String> {
        let found = self.wrong.iter().find(|(known, _)| *known == name);
        found.map(|(_, why)| why.chars().take(MAX_REPEATED).collect())
    }

    /// Whether anything but the order is asked for.
    pub(super) fn narrows(&self) -> bool {
        self.words.iter().any(|(name, _)| *name != "sort" && *name != "q")
    }

    /// The same list with other words for some names (none: without it), at its beginning.
    pub(super) fn with(&self, other: &[(&'static str, Option<&str>)]) -> String {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for (name, words) in &self.words {
            match other.iter().find(|(changed, _)| changed == name) {
                None => pairs.push((name, words)),
                Some((_, Some(words))) => pairs.push((name, words)),
                Some((_, None)) => {}
            }
        }
        for (name, words) in other {
            if let (Some(words), false) = (words, pairs.iter().any(|(known, _)| known == name)) {
                pairs.push((name, words));
            }
        }
        address(&self.path, &pairs)
    }
}

/// An address with a question; without one where there is nothing to ask.
pub(super) fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let mut question = Serializer::new(String::new());
    question.extend_pairs(pairs);
    format!("{path}?{}", question.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_asked_and_says_it_safely() {
        let asked = Asked {
            path: "/posts".to_owned(),
            words: vec![("author", "a&b=\"<c>#é".to_owned()), ("state", "live".to_owned())],
            ..Asked::default()
        };
        assert_eq!(asked.with(&[]), "/posts?author=a%26b%3D%22%3Cc%3E%23%C3%A9&state=live");
        assert_eq!(asked.with(&[("author", None), ("page", Some("2"))]), "/posts?state=live&page=2");
        assert_eq!(asked.with(&[("author", None), ("state", None)]), "/posts");
        assert_eq!(asked.with(&[("state", Some("gone"))]), "/posts?author=a%26b%3D%22%3Cc%3E%23%C3%A9&state=gone");
    }
}

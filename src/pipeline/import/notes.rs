//! Long posts of X's export: `tweets.js` has their beginning, `note-tweet.js` the whole words, and nothing but these says
//! which belong together.

use serde_json::Value;
use std::collections::HashMap;

/// The characters by which long posts are looked up before their words are compared.
const START_CHARS: usize = 60;

/// No post is cut off before so many characters: 280, of which Chinese and its kin count twice.
const CUT_CHARS: usize = 130;

/// Long posts of one export.
const MAX_NOTES: usize = 500_000;

/// The whole words of long posts.
#[derive(Default)]
pub(super) struct Notes {
    all: Vec<Note>,
    by_id: HashMap<String, usize>,
    by_start: HashMap<String, Vec<usize>>,
}

struct Note {
    /// As it was sent, with white space as one blank each.
    sent: String,
    /// As a reader sees it: links as what they lead to.
    words: String,
}

impl Notes {
    /// Takes an entry; whether there is room for more.
    pub(super) fn take(&mut self, note: &Value) -> bool {
        let sent = note["core"]["text"].as_str().or_else(|| note["noteTweetResults"]["text"].as_str());
        let Some(sent) = sent else { return true };
        let mut words = crate::html::fragment_text(&crate::html::escape(sent).replace('\n', "<br>"));
        for link in note["core"]["urls"].as_array().into_iter().flatten() {
            if let (Some(short), Some(whole)) = (link["shortUrl"].as_str(), link["expandedUrl"].as_str())
                && short.starts_with("http")
            {
                words = words.replace(short, whole);
            }
        }
        let (place, sent) = (self.all.len(), even(sent));
        self.by_id.extend(note["tweetId"].as_str().map(|id| (id.to_owned(), place)));
        self.by_start.entry(start(&sent)).or_default().push(place);
        self.all.push(Note { sent, words });
        self.all.len() < MAX_NOTES
    }

    /// The whole words of the post of which `words` are all that `tweets.js` has. None where they may be those of several.
    pub(super) fn of(&self, id: &str, words: &str) -> Option<String> {
        if let Some(note) = self.by_id.get(id).and_then(|place| self.all.get(*place)) {
            return Some(note.words.clone());
        }
        let words = even(words);
        // What was cut off ends so; without the sign it is as long as a post was before there were long ones.
        let beginning = match words.rsplit_once('\u{2026}').filter(|(_, link)| link.len() < START_CHARS) {
            Some((beginning, _)) => beginning,
            None => words.rsplit_once(" https://t.co/").map_or(words.as_str(), |(beginning, _)| beginning),
        };
        if beginning.len() == words.len() && words.chars().count() < CUT_CHARS {
            return None;
        }
        let places = self.by_start.get(&start(beginning))?;
        let notes = places.iter().filter_map(|place| self.all.get(*place));
        let mut fitting = notes.filter(|note| note.sent.starts_with(beginning.trim_end()));
        let first = fitting.next()?;
        fitting.all(|other| other.words == first.words).then(|| first.words.clone())
    }
}

fn even(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn start(words: &str) -> String {
    words.chars().take(START_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn notes(all: &[(&str, &str, &str)]) -> Notes {
        let mut notes = Notes::default();
        for (text, short, whole) in all {
            notes.take(&json!({"core": {"text": text, "urls": [{"shortUrl": short, "expandedUrl": whole}]}}));
        }
        notes
    }

    #[test]
    fn long_posts_that_begin_alike_keep_their_own_words() {
        let head = "Daily report of the harbour master, for everybody who has a boat here, number ";
        let (one, two) =
            (format!("{head}one: low & still. https://t.co/a1"), format!("{head}two: high water. https://t.co/b2"));
        let notes = notes(&[
            (&one, "https://t.co/a1", "https://tide.example/one"),
            (&two, "https://t.co/b2", "https://tide.example/two"),
        ]);
        let found = |words: &str| notes.of("1", words);
        assert_eq!(
            found(&format!("{head}one: low &\u{2026} https://t.co/x")),
            Some(format!("{head}one: low & still. https://tide.example/one"))
        );
        assert_eq!(
            found(&format!("{head}two:\u{2026} https://t.co/y")),
            Some(format!("{head}two: high water. https://tide.example/two"))
        );
        assert_eq!(found(&format!("{head}\u{2026} https://t.co/z")), None, "it may be either");
        assert_eq!(found(&format!("{head}three\u{2026} https://t.co/z")), None);
        assert_eq!(found("Daily report"), None);
    }
}

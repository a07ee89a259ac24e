//! One difference between two snapshots, as a line of the timeline.

use super::{EXCERPT, Thumb, kind, thumb};
use crate::{
    model::{Card, Difference},
    render::{Places, markup::Markup, room::diff, words},
    words::shortened,
};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Change {
    label: String,
    /// The change word by word, where there are two texts.
    diff: Option<Markup>,
    words: Option<String>,
    thumb: Option<Thumb>,
}

/// The line of a difference.
pub(super) fn change(difference: &Difference, places: &mut dyn Places) -> Change {
    let none = Change { label: String::new(), diff: None, words: None, thumb: None };
    let count = |n: Option<u64>| n.map_or_else(|| "not told".to_owned(), words::number);
    match difference {
        Difference::Text { before, after } => {
            Change { label: "Text".to_owned(), diff: Some(diff::in_context(before, after)), ..none }
        }
        Difference::Value { of, before, after } => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            if of == "author_avatar" {
                return Change { label: "The author’s picture changed".to_owned(), ..none };
            }
            Change { label: value_label(of), diff: Some(diff::in_context(&text(before), &text(after))), ..none }
        }
        Difference::Edited { at } => {
            let words = format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"));
            Change { label: "Edited, as the platform says".to_owned(), words: Some(words), ..none }
        }
        Difference::Sensitive { after: true } => Change { label: "Marked as sensitive".to_owned(), ..none },
        Difference::Sensitive { after: false } => Change { label: "No longer marked as sensitive".to_owned(), ..none },
        Difference::MediaAdded { file } => {
            Change { label: format!("{} added", kind(file.kind)), thumb: Some(thumb(file, places)), ..none }
        }
        Difference::MediaRemoved { file } => {
            Change { label: format!("{} removed", kind(file.kind)), thumb: Some(thumb(file, places)), ..none }
        }
        Difference::AltText { before, after, .. } => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let label = "Description of a file".to_owned();
            Change { label, diff: Some(diff::in_context(&text(before), &text(after))), ..none }
        }
        Difference::Card { before, after } => {
            let text = |card: &Option<Box<Card>>| {
                card.as_ref().map_or_else(String::new, |card| {
                    let parts = [card.title.as_deref(), card.description.as_deref(), Some(card.url.as_str())];
                    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
                })
            };
            Change {
                label: "Link preview".to_owned(),
                diff: Some(diff::in_context(&text(before), &text(after))),
                ..none
            }
        }
        Difference::PollOption { label, after } => {
            let what = if *after { "Poll answer added" } else { "Poll answer removed" };
            Change { label: what.to_owned(), words: Some(shortened(label, EXCERPT)), ..none }
        }
        Difference::PollVotes { label, before, after } => Change {
            label: "Poll votes".to_owned(),
            words: Some(format!("{}: {} → {}", shortened(label, 120), count(*before), count(*after))),
            ..none
        },
        Difference::Count { of, before, after } => {
            Change { label: label_of(of), words: Some(format!("{} → {}", count(*before), count(*after))), ..none }
        }
    }
}

fn value_label(of: &str) -> String {
    match of {
        "author_name" => "Author’s name",
        "author_handle" => "Author’s handle",
        "warning" => "Content warning",
        "published" => "Date",
        "lang" => "Language",
        "quoted" => "Quoted post",
        "reply_to" => "Answered post",
        other => return label_of(other),
    }
    .to_owned()
}

/// A name of a count or a column as a label.
pub(in crate::render::room) fn label_of(word: &str) -> String {
    let mut letters = word.chars().take(40);
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect()).replace('_', " ")
}

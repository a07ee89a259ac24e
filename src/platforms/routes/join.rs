//! Fills what one route's view of a post lacks from another's.

use crate::model::{Media, MediaKind, Post, When};

/// Adds to `kept` what only `other` knows; nothing that is there is replaced, except a day by an instant of it.
pub(in crate::platforms) fn fill(kept: &mut Post, other: Post) {
    fn set<T>(kept: &mut Option<T>, other: Option<T>) {
        if kept.is_none() {
            *kept = other;
        }
    }
    let author = other.author;
    if kept.author.handle.is_empty() {
        kept.author.handle = author.handle;
    }
    set(&mut kept.author.id, author.id);
    set(&mut kept.author.name, author.name);
    set(&mut kept.author.url, author.url);
    set(&mut kept.author.avatar, author.avatar);
    // The longer words go before those that were cut, or are a title alone.
    let is_more = other.text.len() > kept.text.len() && other.text.starts_with(kept.text.trim_end_matches(['…', '.']));
    if kept.text.is_empty() || (is_more && (kept.truncated || !other.truncated)) {
        kept.text = other.text;
        kept.text_html = other.text_html;
        kept.truncated = other.truncated;
    }
    if !matches!(kept.published, Some(When::Instant(_))) && other.published.is_some() {
        kept.published = other.published;
    }
    set(&mut kept.edited, other.edited);
    set(&mut kept.lang, other.lang);
    set(&mut kept.quoted, other.quoted);
    set(&mut kept.reply_to, other.reply_to);
    set(&mut kept.poll, other.poll);
    set(&mut kept.card, other.card);
    set(&mut kept.warning, other.warning);
    // A film goes before the still that stands for it.
    let has_film = |media: &[Media]| media.iter().any(|file| matches!(file.kind, MediaKind::Video | MediaKind::Audio));
    if kept.media.is_empty() || (has_film(&other.media) && !has_film(&kept.media)) {
        kept.media = other.media;
    }
    for (name, count) in other.counts {
        kept.counts.entry(name).or_insert(count);
    }
    kept.sensitive |= other.sensitive;
}

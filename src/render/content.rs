//! What a post says and shows: words, pictures, poll, card, counts.

use super::{
    RenderError,
    body::{self, Manner},
    linkify,
    markup::Markup,
    media,
    places::Places,
    sanitize::{language, link, post as sanitised},
    words::{self, Moment},
};
use crate::model::{Card, Poll, Post, StoredMedia, When};
use serde::Serialize;
use url::Url;

/// Counts in the order in which platforms show them, with their words for one and for many.
const COUNTS: [(&str, &str, &str); 5] = [
    ("replies", "reply", "replies"),
    ("reposts", "repost", "reposts"),
    ("quotes", "quote", "quotes"),
    ("likes", "like", "likes"),
    ("views", "view", "views"),
];

#[derive(Serialize, Default)]
pub(super) struct ContentDrawing {
    lang: Option<String>,
    words: Markup,
    truncated: bool,
    /// What the reader is told before the words are shown.
    warning: Option<String>,
    /// The pictures are behind a fold.
    sensitive: bool,
    gallery: Option<Markup>,
    poll: Option<PollDrawing>,
    card: Option<CardDrawing>,
    /// What a film says below itself.
    about: Option<Markup>,
    pub(super) quoted: Option<Markup>,
    pub(super) reply_to: Option<Markup>,
    counts: Vec<String>,
}

#[derive(Serialize)]
struct PollDrawing {
    options: Vec<OptionDrawing>,
    multiple: bool,
    total: Option<String>,
    ends: Option<Moment>,
}

#[derive(Serialize)]
struct OptionDrawing {
    label: String,
    votes: Option<String>,
    percent: Option<u64>,
}

#[derive(Serialize)]
struct CardDrawing {
    url: Option<String>,
    title: String,
    description: Option<String>,
    site: String,
    image: Option<String>,
}

/// The content of a post but for the posts that it quotes and answers. `stored` is searched for its files.
pub(super) fn content(
    post: &Post,
    stored: &[&StoredMedia],
    places: &mut dyn Places,
) -> Result<ContentDrawing, RenderError> {
    let mut counts = Vec::new();
    for (key, one, many) in COUNTS {
        if let Some(count) = post.counts.get(key).filter(|count| **count > 0) {
            counts.push(format!("{} {}", words::number(*count), if *count == 1 { one } else { many }));
        }
    }
    // A card that leads to the post itself holds the rest of its words, as a film's description.
    let (about, card) = match &post.card {
        Some(own) if own.url == post.post.url.as_str() && own.image.is_none() => {
            (own.description.as_deref().map(linkify::paragraphs), None)
        }
        other => (None, other.as_ref().and_then(|found| self::card(found, stored, places))),
    };
    Ok(ContentDrawing {
        lang: language(post.lang.as_deref()),
        words: text(post),
        truncated: post.truncated,
        warning: post.warning.as_deref().map(str::trim).filter(|warning| !warning.is_empty()).map(str::to_owned),
        sensitive: post.sensitive,
        gallery: media::gallery(&post.media, stored, places)?,
        poll: post.poll.as_ref().map(poll),
        card,
        about,
        quoted: None,
        reply_to: None,
        counts,
    })
}

/// The words that an article quotes, and nothing else.
pub(super) fn words_alone(text: &str) -> ContentDrawing {
    ContentDrawing { words: linkify::paragraphs(text), ..ContentDrawing::default() }
}

fn text(post: &Post) -> Markup {
    let html = post.text_html.as_deref().filter(|html| !html.trim().is_empty());
    let written = html.map(|html| body::write(&sanitised(html), Manner::Words, |_| None));
    written.filter(|markup| !markup.as_str().trim().is_empty()).unwrap_or_else(|| linkify::paragraphs(&post.text))
}

fn poll(poll: &Poll) -> PollDrawing {
    let total = poll.options.iter().try_fold(0_u64, |sum, option| sum.checked_add(option.votes?));
    let percent = |votes: u64| {
        let total = total.filter(|total| *total > 0)?;
        // In 128 bits: a platform's numbers are hostile input too.
        u64::try_from((u128::from(votes) * 100 + u128::from(total) / 2) / u128::from(total)).ok()
    };
    PollDrawing {
        options: poll
            .options
            .iter()
            .map(|option| OptionDrawing {
                label: option.label.clone(),
                votes: option.votes.map(words::number),
                percent: option.votes.and_then(percent),
            })
            .collect(),
        multiple: poll.multiple,
        total: total.map(|total| format!("{} {}", words::number(total), if total == 1 { "vote" } else { "votes" })),
        ends: poll.ends.map(|at| Moment::of(When::Instant(at))),
    }
}

fn card(card: &Card, stored: &[&StoredMedia], places: &mut dyn Places) -> Option<CardDrawing> {
    let url = link(&card.url);
    let title = card.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    if title.is_none() && url.is_none() {
        return None;
    }
    let host = Url::parse(&card.url).ok().and_then(|url| url.host_str().map(words::shown_url)).unwrap_or_default();
    Some(CardDrawing {
        title: title.map_or_else(|| words::shown_url(&card.url), str::to_owned),
        description: card.description.clone().filter(|words| !words.trim().is_empty()),
        site: card.site.clone().filter(|site| !site.trim().is_empty()).unwrap_or(host),
        image: media::picture(card.image.as_deref(), stored, places),
        url,
    })
}

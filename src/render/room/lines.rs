//! Posts by the line, in pages that name many.

use super::plain;
use crate::{
    model::{PostLine, Via},
    render::{
        Places,
        sanitize::language,
        words::{self, Moment},
    },
    words::shortened,
};
use serde::Serialize;

/// Characters of a post's text.
const MAX_TEXT: usize = 400;

#[derive(Serialize)]
pub(super) struct Line {
    url: Option<String>,
    author: String,
    author_page: Option<String>,
    handle: Option<String>,
    platform: String,
    /// None where the post is simply there.
    state: Option<StateMark>,
    published: Option<Moment>,
    captured: Option<Moment>,
    from: Option<&'static str>,
    /// The words are the article's quote, which nobody confirmed.
    quoted: bool,
    text: Option<String>,
    lang: Option<String>,
    warning: Option<String>,
    files: u64,
}

#[derive(Serialize)]
struct StateMark {
    class: &'static str,
    title: String,
    since: Option<Moment>,
}

pub(super) fn line(line: &PostLine, places: &dyn Places) -> Line {
    let platform = words::platform(&line.post.platform, Some(&line.post.url));
    let handle = line.author_handle.as_deref().map(|handle| handle.trim_start_matches('@')).filter(|h| !h.is_empty());
    let name = line.author_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let said = plain::state(line.state, &platform);
    let text = line.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    Line {
        url: places.post(&line.post.key()),
        author: name.or(handle).unwrap_or("Author not known").to_owned(),
        author_page: handle.and_then(|handle| places.author(&line.post.platform, handle)),
        handle: handle.map(str::to_owned),
        platform,
        state: (line.state != crate::model::State::Live).then(|| StateMark {
            class: said.class,
            title: said.title,
            since: line.state_since.map(Moment::day_of),
        }),
        published: line.published.map(Moment::of),
        captured: line.captured_at.map(Moment::day_of),
        quoted: line.via == Some(Via::Quoted),
        from: line.via.map(|via| plain::rung(via).from),
        text: text.map(|text| shortened(text, MAX_TEXT)),
        lang: language(line.lang.as_deref()),
        warning: line.warning.clone().filter(|warning| !warning.trim().is_empty()),
        files: line.files,
    }
}

//! The posts of an article at a glance: how many, how many of them gone, each with a link to its place.

use crate::{
    model::{ArticleView, EmbedView, Scope, State},
    render::{state, words},
    words::excerpt,
};
use serde::Serialize;

/// Characters of a post's words that stand for it in the list.
const MAX_WORDS: usize = 80;

#[derive(Serialize)]
pub(super) struct Contents {
    posts: String,
    /// How many are gone, in words; empty where none is.
    gone: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    anchor: String,
    /// Who.
    author: Option<String>,
    platform: String,
    /// What, its beginning.
    words: Option<String>,
    lang: Option<String>,
    /// What is to be known of it, such as `deleted`; empty of a post that is simply there.
    state: &'static str,
    /// For the style sheet: `gone`, `withheld`, `unknown` or `live`.
    class: &'static str,
    /// It stands around the article, not in it.
    beside: bool,
}

impl Contents {
    /// How many posts, and how many of them are gone.
    pub(super) fn counted(&self) -> (String, String) {
        (self.posts.clone(), self.gone.clone())
    }
}

/// The posts in reading order; nothing where there is none.
pub(super) fn contents(view: &ArticleView) -> Option<Contents> {
    if view.embeds.is_empty() {
        return None;
    }
    let gone = view.embeds.iter().filter(|one| one.post.as_ref().is_some_and(|post| post.state.is_gone())).count();
    Some(Contents {
        posts: words::counted(view.embeds.len(), "post", "posts"),
        gone: if gone == 0 { String::new() } else { gone.to_string() },
        entries: view.embeds.iter().map(entry).collect(),
    })
}

fn entry(one: &EmbedView) -> Entry {
    let post = one.post.as_ref();
    let content = post.and_then(|post| post.content.as_ref());
    let quoted = &one.embed.quoted;
    let url = post.map(|post| &post.post.url);
    let author = content.map(|content| &content.author);
    let first = |options: [Option<&str>; 4]| {
        options.into_iter().flatten().map(str::trim).find(|words| !words.is_empty()).map(|w| excerpt(w, MAX_WORDS))
    };
    let state = post.map_or(State::Unknown, |post| post.state);
    Entry {
        anchor: format!("#embed-{}", one.embed.position),
        author: first([
            author.and_then(|author| author.name.as_deref()),
            author.map(|author| author.handle.as_str()),
            quoted.author_name.as_deref(),
            quoted.author_handle.as_deref(),
        ]),
        platform: words::platform(one.embed.target.platform(), url),
        words: first([content.map(|content| content.text.as_str()), quoted.text.as_deref(), None, None]),
        lang: content.and_then(|content| crate::render::sanitize::language(content.lang.as_deref())),
        state: state::short(state, content.is_some()),
        class: state::class(state),
        beside: one.embed.scope == Scope::Page,
    }
}

//! The embed code: `div.fb-post`, `fb:post`, `amp-facebook`, and the snippet inside, which holds words, name and day.

use super::super::{Markup, printed_date};
use super::named;
use crate::html::{attr, has_class, raw_attr, text};
use crate::model::{Form, Quoted, Target, When};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;

/// Ancestors of a blockquote that are asked whether they are the embed.
const MAX_ANCESTORS: usize = 4;

/// Links of a snippet outside its words: title, name, day. One that was never closed has those of the whole page.
const MAX_LINKS: usize = 16;
/// Words between the author's name and the printed date, in the languages of the snippet (`on Tuesday,`).
const MAX_WORDS_BEFORE_DATE: usize = 6;

static BLOCKQUOTE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("blockquote").expect("the selector is a constant"));
static PARAGRAPHS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("p").expect("the selector is a constant"));
static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    let name = element.value().name();
    let (form, address) = match name {
        "amp-facebook" => (Form::Amp, attr(element, "data-href")?),
        "fb:post" | "fb:video" => (Form::DataAttr, attr(element, "href").or_else(|| attr(element, "data-href"))?),
        // A share button's blockquote cites the article, and that inside of an embed is the embed's.
        "blockquote" if !is_inside_embed(element) => (Form::Blockquote, attr(element, "cite")?),
        _ if is_embed(element) => (Form::DataAttr, attr(element, "data-href")?),
        _ => return None,
    };
    let post = named(address)?;
    let blockquote = if name == "blockquote" { Some(element) } else { element.select(&BLOCKQUOTE).next() };
    let quoted = blockquote.map(quoted).unwrap_or_default();
    Some(Markup { form, target: Target::Post(post), quoted })
}

fn is_embed(element: ElementRef<'_>) -> bool {
    has_class(element, "fb-post") || has_class(element, "fb-video")
}

fn is_inside_embed(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap).take(MAX_ANCESTORS);
    around.into_iter().any(|around| is_embed(around) || raw_attr(around.value(), "data-href").is_some())
}

/// Words, author and day of the snippet: paragraphs, then `Posted by <a>Name</a> on <a>day</a>` in any language. A
/// film's title stands before all of it, as a link to the film.
pub(super) fn quoted(blockquote: ElementRef<'_>) -> Quoted {
    let paragraphs: Vec<String> = blockquote.select(&PARAGRAPHS).map(|p| text(p).trim().to_owned()).collect();
    let words = paragraphs.join("\n\n").trim().to_owned();
    let in_words = |link: ElementRef<'_>| {
        link.ancestors().filter_map(ElementRef::wrap).take(MAX_ANCESTORS).any(|around| around.value().name() == "p")
    };
    let outside: Vec<ElementRef<'_>> =
        blockquote.select(&LINKS).filter(|link| !in_words(*link)).take(MAX_LINKS).collect();
    let is_post = |link: &ElementRef<'_>| attr(*link, "href").and_then(named).is_some();
    let name = outside.iter().find(|link| !is_post(link)).map(|link| text(*link).trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    let dated = outside.iter().rev().find_map(|link| day_in(&text(*link)));
    let tail = || {
        let whole = text(blockquote);
        let at = whole.rfind(name.as_deref()?)? + name.as_deref()?.len();
        day_in(&whole[at..])
    };
    let links = blockquote.select(&LINKS).filter(|link| in_words(*link));
    Quoted {
        text: Some(words).filter(|words| !words.is_empty()),
        published: dated.or_else(tail).map(When::Day),
        author_name: name,
        links: links.filter_map(|link| attr(link, "href")).map(str::to_owned).collect(),
        ..Quoted::default()
    }
}

/// The day that words end with: `on Tuesday, 3 March 2015`.
fn day_in(words: &str) -> Option<jiff::civil::Date> {
    let mut rest = words.trim().trim_end_matches('.');
    for _ in 0..=MAX_WORDS_BEFORE_DATE {
        if let Some(day) = printed_date::of(rest) {
            return Some(day);
        }
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    None
}

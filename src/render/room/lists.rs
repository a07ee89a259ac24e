//! Lists of articles and of posts, with the form that narrows them.

use super::{
    asked::Asked,
    entry::{self, ArticleEntry, PostEntry},
    filters::{self, Form, Offer},
    paging::{self, Paging},
    shell::{self, Frame, Section},
};
use crate::{
    model::{ArticleBrief, Listed, PostRecord},
    render::{Places, RenderError, words},
};
use serde::Serialize;

const OF_ARTICLES: Offer = Offer {
    fields: &["site", "platform", "state", "since", "until", "sort"],
    more: &["author", "via", "lang", "label", "source", "article"],
    sorts: &[
        ("captured", "Newest capture first"),
        ("-captured", "Oldest capture first"),
        ("published", "Newest first"),
        ("-published", "Oldest first"),
        ("title", "By headline"),
        ("site", "By site"),
        ("embeds", "Most posts first"),
    ],
};

const OF_POSTS: Offer = Offer {
    fields: &["platform", "author", "state", "since", "until", "sort"],
    more: &["site", "via", "lang", "label", "article"],
    sorts: &[
        ("captured", "Newest capture first"),
        ("-captured", "Oldest capture first"),
        ("published", "Newest first"),
        ("-published", "Oldest first"),
        ("author", "By author"),
        ("platform", "By platform"),
        ("state", "By state"),
    ],
};

#[derive(Serialize)]
struct ListPage<T> {
    form: Form,
    entries: Vec<T>,
    paging: Paging,
    /// Why there is nothing.
    empty: &'static str,
    /// What is said of rows that can't be shown.
    damaged: Option<String>,
}

/// A part of the list of articles. `platforms` are those that can be chosen.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn articles(
    asked: &Asked,
    listed: &Listed<ArticleBrief>,
    size: usize,
    platforms: &[String],
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let page: ListPage<ArticleEntry> = ListPage {
        form: filters::form(asked, &OF_ARTICLES, platforms),
        entries: listed.records.iter().map(|brief| entry::article(brief, places)).collect(),
        paging: paging::marked(asked, listed, size),
        empty: empty(asked, "No article fits.", "There is no article in this archive yet."),
        damaged: damaged("article", "on this page", &listed.damaged),
    };
    shell::page("room/articles.html", frame, Section::Articles, "Articles", &page)
}

/// A part of the list of posts. `platforms` are those that can be chosen.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn posts(
    asked: &Asked,
    listed: &Listed<PostRecord>,
    size: usize,
    platforms: &[String],
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let page: ListPage<PostEntry> = ListPage {
        form: filters::form(asked, &OF_POSTS, platforms),
        entries: listed.records.iter().map(|record| entry::post(record, places)).collect(),
        paging: paging::marked(asked, listed, size),
        empty: empty(asked, "No post fits.", "There is no post in this archive yet."),
        damaged: damaged("post", "on this page", &listed.damaged),
    };
    shell::page("room/posts.html", frame, Section::Posts, "Posts", &page)
}

/// What is said of rows that are damaged, where there are any.
pub(super) fn damaged(noun: &str, place: &str, rows: &[i64]) -> Option<String> {
    let numbers: Vec<String> = rows.iter().map(ToString::to_string).collect();
    (!rows.is_empty()).then(|| {
        format!(
            "{} {place} cannot be shown, because the archive is damaged there (number {}). embalm verify tells what is wrong.",
            words::counted(rows.len(), noun, &format!("{noun}s")),
            numbers.join(", ")
        )
    })
}

/// What is said where nothing is listed.
pub(super) fn empty(asked: &Asked, narrowed: &'static str, nothing: &'static str) -> &'static str {
    if !asked.wrong.is_empty() {
        "Nothing is listed until the question is mended."
    } else if asked.page > 1 {
        "The list ends before this page."
    } else if asked.narrows() {
        narrowed
    } else {
        nothing
    }
}

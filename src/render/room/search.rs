//! Search: the form, what was found with its matches marked, and what the finds are of.

use super::{
    asked::Asked,
    entry::StateEntry,
    filters::{self, Form, Offer},
    paging::{self, Paging},
    shell::{self, Frame, Section},
};
use crate::{
    html::escape,
    model::{Findings, MATCH_END, MATCH_START, Reading, SearchHit},
    render::{Places, RenderError, markup::Markup, words, words::Moment},
};
use serde::Serialize;

const OFFER: Offer = Offer {
    fields: &["q", "platform", "site", "state", "since", "until", "sort"],
    more: &["author", "via", "lang", "label", "article"],
    sorts: &[("best", "Best first"), ("captured", "Newest capture first"), ("published", "Newest first")],
};

#[derive(Serialize)]
struct SearchPage {
    form: Form,
    /// Nothing was asked, or nothing that can be searched: how to search is told.
    teaches: bool,
    /// What the reader should know of this answer.
    notes: Vec<String>,
    hits: Vec<Hit>,
    facets: Vec<FacetRow>,
    /// Of the ranked hits alone.
    facets_of: Option<String>,
    paging: Paging,
    nothing: bool,
}

#[derive(Serialize)]
struct Hit {
    is_article: bool,
    url: Option<String>,
    title: String,
    handle: Option<String>,
    author: Option<String>,
    platform: Option<String>,
    site: String,
    published: Option<Moment>,
    captured: Option<Moment>,
    state: Option<StateEntry>,
    /// What its author warns of, before the words that match.
    warning: Option<String>,
    passage: Markup,
}

#[derive(Serialize)]
struct FacetRow {
    name: &'static str,
    values: Vec<FacetChip>,
}

#[derive(Serialize)]
struct FacetChip {
    words: String,
    count: String,
    url: String,
    current: bool,
}

/// What a search brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing was asked.
    Unasked,
    /// There is no word in the question.
    NoWord,
    /// What is wrong with the filters is said beside them.
    Wrong,
    /// Finds, or none.
    Found(Box<Findings>),
}

/// A part of the finds.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn search(
    asked: &Asked,
    answer: &Answer,
    size: usize,
    platforms: &[String],
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let query = asked.of("q");
    let found = if let Answer::Found(found) = answer { Some(found) } else { None };
    let hits: Vec<Hit> = found.iter().flat_map(|found| &found.hits).map(|found| hit(found, places)).collect();
    let page = SearchPage {
        form: filters::form(asked, &OFFER, platforms),
        teaches: found.is_none_or(|found| found.total.at_least() == 0) && *answer != Answer::Wrong,
        notes: notes(answer),
        facets: found.map(|found| facets(asked, found)).unwrap_or_default(),
        facets_of: found.and_then(|found| found.ranked).map(|ranked| {
            format!("Counted among the {} newest matches of articles and of posts.", words::number(ranked))
        }),
        paging: found.map(|found| paging::numbered(asked, hits.len(), found.total, size)).unwrap_or_default(),
        nothing: found.is_some() && hits.is_empty(),
        hits,
    };
    let title = if query.is_empty() { "Search".to_owned() } else { format!("“{query}”") };
    let frame = Frame { query, ..frame.clone() };
    shell::page("room/search.html", &frame, Section::Elsewhere, &title, &page)
}

fn notes(answer: &Answer) -> Vec<String> {
    let found = match answer {
        Answer::Unasked | Answer::Wrong => return Vec::new(),
        Answer::NoWord => return vec!["There is no word in this question.".to_owned()],
        Answer::Found(found) => found,
    };
    let mut notes = Vec::new();
    match found.reading {
        Reading::AsWritten => {}
        Reading::PlainWords => {
            notes.push("These words are no query as they stand, so each was searched for as it is.".to_owned());
        }
    }
    if let Some(ranked) = found.ranked {
        notes.push(format!(
            "So much fits that only the {} newest articles and posts are sorted by how well; the others follow, newest first. \
             More words, or a filter, find the best of all.",
            words::number(ranked)
        ));
    }
    if let Some(looked) = found.looked_at {
        notes.push(format!(
            "The filters were asked of the {} newest matches; there are older ones. Another word narrows them.",
            words::number(looked)
        ));
    }
    notes
}

fn hit(hit: &SearchHit, places: &dyn Places) -> Hit {
    let is_article = hit.what == "article";
    let platform = hit.target.split(':').next().filter(|_| !is_article);
    let address = hit.url.parse().ok();
    let named = platform.map(|id| words::platform(id, address.as_ref()));
    let handle = hit.author_handle.clone().filter(|handle| !handle.trim().is_empty());
    let title = if is_article { hit.title.clone() } else { hit.author_name.clone().or_else(|| handle.clone()) };
    let or_else = || match &named {
        Some(platform) => format!("A post on {}", words::short_platform(platform)),
        None => words::shown_url(&hit.url),
    };
    Hit {
        url: if is_article {
            hit.target.parse().ok().and_then(|id| places.article(id))
        } else {
            places.post(&hit.target)
        },
        title: title.filter(|title| !title.trim().is_empty()).unwrap_or_else(or_else),
        author: handle.as_deref().zip(platform).and_then(|(handle, platform)| places.author(platform, handle)),
        handle,
        platform: named,
        site: if is_article {
            words::shown_url(&hit.url).split('/').next().unwrap_or_default().to_owned()
        } else {
            String::new()
        },
        published: hit.published.map(Moment::of),
        captured: hit.captured_at.map(Moment::day_of),
        state: hit.state.map(StateEntry::of),
        warning: hit.warning.clone(),
        passage: marked(&hit.snippet),
        is_article,
    }
}

/// Words with their matches marked. Everything in them is escaped; a sign that the archived words themselves hold marks
/// no more than words.
pub(super) fn marked(snippet: &str) -> Markup {
    let mut out = String::with_capacity(snippet.len() + 32);
    for (at, piece) in snippet.split(MATCH_START).enumerate() {
        match piece.split_once(MATCH_END).filter(|_| at > 0) {
            Some((matched, rest)) => {
                out.push_str("<mark>");
                out.push_str(&escape(matched));
                out.push_str("</mark>");
                out.push_str(&escape(rest));
            }
            None => out.push_str(&escape(piece)),
        }
    }
    Markup::vouched(out)
}

fn facets(asked: &Asked, found: &Findings) -> Vec<FacetRow> {
    let chip = |name: &'static str, value: &str, shown: String, count: u64| {
        let current = asked.of(name) == value;
        let other = if current { None } else { Some(value) };
        FacetChip {
            words: shown,
            count: words::number(count),
            url: asked.with(&[(name, other), ("page", None)]),
            current,
        }
    };
    let state = |value: &str| {
        let known = crate::model::State::ALL.into_iter().find(|state| state.as_str() == value);
        known.map_or_else(|| value.to_owned(), |state| filters::state_words(state).to_owned())
    };
    let row =
        |name: &'static str, label: &'static str, values: &[(String, u64)], shown: &dyn Fn(&str) -> String| FacetRow {
            name: label,
            values: values.iter().map(|(value, count)| chip(name, value, shown(value), *count)).collect(),
        };
    let facets = &found.facets;
    let rows = [
        row("platform", "Platforms", &facets.platforms, &|id| words::platform(id, None)),
        row("site", "Sites", &facets.sites, &str::to_owned),
        row("state", "States", &facets.states, &state),
    ];
    // What all have in common narrows nothing.
    rows.into_iter().filter(|row| row.values.len() > 1 || row.values.iter().any(|value| value.current)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_marked_and_nothing_else_is_markup() {
        assert_eq!(marked("a ⟦b⟧ <i>c</i> ⟦d&⟧").as_str(), "a <mark>b</mark> &lt;i&gt;c&lt;/i&gt; <mark>d&amp;</mark>");
        for hostile in ["⟦<script>", "⟧⟦⟧</mark><img src=x>", "⟦⟦a⟧⟧"] {
            let html = marked(hostile).into_string();
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
            assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count(), "{html}");
        }
    }
}

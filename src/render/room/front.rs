//! The front page: what is new, what is gone, how the last run went.

use super::{
    entry::{self, ArticleEntry, PostEntry},
    runs,
    shell::{self, Frame, Section},
};
use crate::{
    model::{ArticleBrief, DatedPostRecord, PostRecord, PostView, RunRecord, State},
    render::{Places, RenderError, words, words::Moment},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What the front page is made of.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// The latest articles.
    pub articles: Vec<ArticleBrief>,
    /// The latest posts.
    pub posts: Vec<PostRecord>,
    /// The posts that vanished last.
    pub vanished: Vec<DatedPostRecord>,
    /// How many articles there are.
    pub all_articles: u64,
    /// How many posts there are.
    pub all_posts: u64,
    /// How many of them are gone.
    pub all_gone: u64,
    /// How many of these are gone in which way.
    pub gone: Vec<(State, u64)>,
    /// The latest and the vanished posts with their content and files, as far as it could be read, by their keys.
    pub shown: BTreeMap<String, PostView>,
    /// The last run, going on or not.
    pub run: Option<RunRecord>,
    /// The last one that has ended, where another goes on.
    pub ended: Option<RunRecord>,
}

#[derive(Serialize)]
struct FrontPage {
    /// The first article, with room.
    lead: Option<ArticleEntry>,
    articles: Vec<ArticleEntry>,
    posts: Vec<PostEntry>,
    vanished: Vec<PostEntry>,
    /// What the archive holds, in a sentence.
    holds: String,
    run: Option<RunLine>,
    ended: Option<RunLine>,
    more_articles: bool,
    more_posts: bool,
    more_gone: bool,
    /// The lists of what is gone, by the way in which it is.
    gone: Vec<Kind>,
    empty: bool,
    /// The lists behind the page, where this output has them.
    lists: bool,
}

/// A list of posts in a state.
#[derive(Serialize)]
struct Kind {
    url: String,
    words: String,
}

/// A run in a line.
#[derive(Serialize)]
struct RunLine {
    url: String,
    command: String,
    goes_on: bool,
    began: Moment,
    state: runs::Ended,
    brought: String,
}

/// Draws it.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn front(front: &Front, frame: &Frame, places: &mut dyn Places) -> Result<String, RenderError> {
    let mut articles = front.articles.iter().map(|brief| entry::article(brief, places)).collect::<Vec<_>>().into_iter();
    let of = |record: &PostRecord| front.shown.get(&record.key);
    let shown = |all: u64, shown: usize| all > u64::try_from(shown).unwrap_or(u64::MAX);
    let page = FrontPage {
        lead: articles.next(),
        articles: articles.collect(),
        posts: front.posts.iter().map(|record| entry::shown(entry::post(record, places), of(record), places)).collect(),
        vanished: front
            .vanished
            .iter()
            .map(|record| entry::shown(entry::vanished(record, places), of(&record.post), places))
            .collect(),
        gone: front.gone.iter().map(|(state, posts)| kind(*state, *posts)).collect(),
        holds: holds(front),
        run: front.run.as_ref().map(line),
        ended: front.ended.as_ref().map(line),
        more_articles: shown(front.all_articles, front.articles.len()),
        more_posts: shown(front.all_posts, front.posts.len()),
        more_gone: shown(front.all_gone, front.vanished.len()),
        empty: front.articles.is_empty() && front.posts.is_empty(),
        lists: frame.search.is_some(),
    };
    shell::page("room/front.html", frame, Section::Front, "The archive", &page)
}

fn kind(state: State, posts: u64) -> Kind {
    let why = match state {
        State::AccountDeleted => "gone with their account",
        State::Suspended => "gone with a suspended account",
        _ => "deleted",
    };
    Kind { url: format!("/posts?state={}", state.as_str()), words: format!("{} {why}", words::number(posts)) }
}

fn holds(front: &Front) -> String {
    let articles = words::many(front.all_articles, "article", "articles");
    let posts = words::many(front.all_posts, "post", "posts");
    match front.all_gone {
        0 => format!("{articles} with {posts}."),
        1 => format!("{articles} with {posts}. One of the posts is no longer online."),
        gone => format!("{articles} with {posts}. {} of the posts are no longer online.", words::number(gone)),
    }
}

fn line(run: &RunRecord) -> RunLine {
    RunLine {
        url: runs::address(run.summary.run),
        command: run.command.clone(),
        goes_on: runs::goes_on(run),
        began: entry::minute(run.started_at),
        state: runs::ended(run),
        brought: runs::brought(&run.summary),
    }
}

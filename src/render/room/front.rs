//! The front page: what is new, what is gone, how the last run went.

use super::{
    entry::{self, ArticleEntry, PostEntry},
    runs,
    shell::{self, Frame, Section},
};
use crate::{
    model::{ArticleBrief, DatedPostRecord, PostRecord, RunRecord},
    render::{Places, RenderError, words, words::Moment},
};
use serde::Serialize;

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
    empty: bool,
    /// The lists behind the page, where this output has them.
    lists: bool,
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
pub fn front(front: &Front, frame: &Frame, places: &dyn Places) -> Result<String, RenderError> {
    let mut articles = front.articles.iter().map(|brief| entry::article(brief, places));
    let shown = |all: u64, shown: usize| all > u64::try_from(shown).unwrap_or(u64::MAX);
    let page = FrontPage {
        lead: articles.next(),
        articles: articles.collect(),
        posts: front.posts.iter().map(|record| entry::post(record, places)).collect(),
        vanished: front.vanished.iter().map(|record| entry::vanished(record, places)).collect(),
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

fn holds(front: &Front) -> String {
    let articles = words::many(front.all_articles, "article", "articles");
    let posts = words::many(front.all_posts, "post", "posts");
    match front.all_gone {
        0 => format!("{articles} with {posts}."),
        1 => format!("{articles} with {posts}. One of them is no longer online, and kept here."),
        gone => format!("{articles} with {posts}. {} of them are no longer online.", words::number(gone)),
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

//! The front page, the lists, the search: an address is read as a question, and the archive answers it.

use super::{
    Viewer,
    error::Problem,
    places::Addresses,
    question::{self, Question},
};
use crate::{
    model::{Listed, Part, RunRecord, RunState, SourceRecord, Start, Total},
    render::room::{self, Answer, Brought, Failed, Frame, Front, Subject},
    store::{Filter, Store, StoreError, given},
};
use axum::{
    extract::{Path, RawQuery, State},
    response::Html,
};
use jiff::Timestamp;

type Page = Result<question::Page, Problem>;

/// On the front page.
const FRONT_ARTICLES: usize = 9;
const FRONT_POSTS: usize = 6;
const FRONT_VANISHED: usize = 6;

/// On one page of a list.
const ROWS: usize = 50;

/// On one page of a search.
const HITS: usize = 25;

/// Articles on the page of a run.
const RUN_ARTICLES: usize = 30;

/// Failures of one reason, where all reasons are shown.
const FAILURES_EACH: usize = 5;

/// `/`.
pub(super) async fn front(State(viewer): State<Viewer>) -> Result<Html<String>, Problem> {
    let archive = viewer.archive.clone();
    let page = archive.read(move |store| {
        let all = Filter::default();
        let first = |size| Part { size, start: Start::First };
        let (all_articles, all_posts, all_gone) = store.held()?;
        let mut runs = store.runs_part(&first(2))?.records;
        viewer.about.settle(&mut runs, store);
        let mut runs = runs.into_iter();
        let run = runs.next();
        let posts = store.posts_part(&all, &first(FRONT_POSTS))?.records;
        let vanished = store.vanished(FRONT_VANISHED, 0)?;
        let keys = posts.iter().chain(vanished.iter().map(|dated| &dated.post)).map(|post| post.key.clone());
        // A face is no reason to have no front page: a post that can't be read whole is told by its record alone.
        let shown = keys.filter_map(|key| store.post_shown(&key).ok().flatten().map(|view| (key, view))).collect();
        let front = Front {
            articles: store.articles_part(&all, &first(FRONT_ARTICLES))?.records,
            posts,
            vanished,
            shown,
            gone: store.gone_by_state()?,
            all_articles,
            all_posts,
            all_gone,
            ended: runs.next().filter(|_| run.as_ref().is_some_and(goes_on)),
            run,
        };
        Ok(room::front(&front, &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}

fn goes_on(run: &RunRecord) -> bool {
    run.state == RunState::Running
}

/// `/articles`.
pub(super) async fn articles(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let names = [&given::NAMES[..], &["source"]].concat();
    let page = viewer.archive.read(move |store| {
        let mut question = Question::read("/articles", query.as_deref(), &names);
        question.filter.source = question.of("source").map(str::to_owned);
        let part = question.marked_part(ROWS);
        let listed = question.answer(Listed::empty(), |filter| store.articles_part(filter, &part))?;
        let html = room::articles(&question.asked, &listed, ROWS, &store.platforms()?, &Frame::viewer(), &Addresses)?;
        Ok(question.page(html))
    });
    page.await
}

/// `/posts`.
pub(super) async fn posts(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let page = viewer.archive.read(move |store| {
        let mut question = Question::read("/posts", query.as_deref(), &given::NAMES);
        let part = question.marked_part(ROWS);
        let listed = question.answer(Listed::empty(), |filter| store.posts_part(filter, &part))?;
        let html = room::posts(&question.asked, &listed, ROWS, &store.platforms()?, &Frame::viewer(), &Addresses)?;
        Ok(question.page(html))
    });
    page.await
}

/// `/search`.
pub(super) async fn search(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let names = [&["q"], &given::NAMES[..]].concat();
    let page = viewer.archive.read(move |store| {
        let mut question = Question::read("/search", query.as_deref(), &names);
        let part = question.numbered_part(HITS);
        let words = question.of("q").map(str::to_owned);
        let answer = match words {
            None if question.is_right() => Answer::Unasked,
            None => Answer::Wrong,
            Some(words) => question.answer(Answer::Wrong, |filter| match store.search_part(&words, filter, &part) {
                Err(StoreError::Query { .. }) => Ok(Answer::NoWord),
                found => found.map(|found| Answer::Found(Box::new(found))),
            })?,
        };
        let html = room::search(&question.asked, &answer, HITS, &store.platforms()?, &Frame::viewer(), &Addresses)?;
        Ok(question.page(html))
    });
    page.await
}

/// `/sources`.
pub(super) async fn sources(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let archive = viewer.archive.clone();
    let page = archive.read(move |store| {
        let mut question = Question::read("/sources", query.as_deref(), &[]);
        let part = question.numbered_part(ROWS);
        let all = viewer.about.sources(store).map_err(Problem::Failed)?;
        let listed = question.answer(Listed::empty(), |_| Ok(cut(all, &part)))?;
        let html = room::sources(&question.asked, &listed, ROWS, &Frame::viewer())?;
        Ok(question.page(html))
    });
    page.await
}

fn cut(all: Vec<SourceRecord>, part: &Part) -> Listed<SourceRecord> {
    let skip = if let Start::Skip(skip) = part.start { usize::try_from(skip).unwrap_or(usize::MAX) } else { 0 };
    let total = Total::of(all.len());
    Listed {
        records: all.into_iter().skip(skip).take(part.size).collect(),
        before: None,
        after: None,
        total,
        damaged: Vec::new(),
    }
}

/// `/runs`.
pub(super) async fn runs(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let archive = viewer.archive.clone();
    let page = archive.read(move |store| {
        let mut question = Question::read("/runs", query.as_deref(), &[]);
        let part = question.numbered_part(ROWS);
        let mut listed = question.answer(Listed::empty(), |_| store.runs_part(&part))?;
        viewer.about.settle(&mut listed.records, store);
        let html = room::runs(&question.asked, &listed, ROWS, &Frame::viewer())?;
        Ok(question.page(html))
    });
    page.await
}

/// `/runs/{id}`.
pub(super) async fn run(State(viewer): State<Viewer>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Page {
    const NO_RUN: Problem = Problem::NotFound("There is no run of this number.");
    let id: i64 = id.parse().map_err(|_| NO_RUN)?;
    let archive = viewer.archive.clone();
    let page = archive.read(move |store| {
        let mut run = store.run(id)?.ok_or(NO_RUN)?;
        viewer.about.settle(std::slice::from_mut(&mut run), store);
        let mut question = Question::read(&format!("/runs/{id}"), query.as_deref(), &[]);
        let part = question.numbered_part(ROWS);
        let brought = Brought {
            articles: store.articles_of_run(id, &Part { size: RUN_ARTICLES, start: Start::First })?,
            posts: question.answer(Listed::empty(), |_| store.posts_of_run(id, &part))?,
        };
        let html = room::run(&question.asked, &run, &brought, ROWS, &Frame::viewer(), &Addresses)?;
        Ok(question.page(html))
    });
    page.await
}

/// `/failures`.
pub(super) async fn failures(State(viewer): State<Viewer>, RawQuery(query): RawQuery) -> Page {
    let names = [&given::NAMES[..], &["reason"]].concat();
    let page = viewer.archive.read(move |store| {
        let mut question = Question::read("/failures", query.as_deref(), &names);
        let part = question.numbered_part(ROWS);
        let reason = question.of("reason").map(str::to_owned);
        let none = Failed { reasons: Vec::new(), groups: Vec::new(), part: None };
        let failed = question.answer(none, |filter| failed(store, filter, reason.as_deref(), &part))?;
        let (platforms, now) = (store.platforms()?, Timestamp::now());
        let html = room::failures(&question.asked, &failed, ROWS, &platforms, now, &Frame::viewer(), &Addresses)?;
        Ok(question.page(html))
    });
    page.await
}

fn failed(store: &Store, filter: &Filter, reason: Option<&str>, part: &Part) -> Result<Failed, StoreError> {
    let reasons = store.failure_reasons(filter)?;
    let subjects = |reason: &str, part: &Part| -> Result<Vec<Subject>, StoreError> {
        let failures = store.failures_of_reason(filter, reason, part)?;
        let subjects = failures.into_iter().map(|failure| {
            let article = if failure.what == "article" { store.article_number(&failure.subject)? } else { None };
            Ok(Subject { failure, article })
        });
        subjects.collect()
    };
    if let Some(reason) = reason {
        let found = subjects(reason, part)?;
        let total = reasons.iter().find(|(known, _)| known == reason).map_or(0, |(_, count)| *count);
        let listed = Listed {
            records: vec![(); found.len()],
            before: None,
            after: None,
            total: Total::Exactly(total),
            damaged: Vec::new(),
        };
        let groups = if found.is_empty() { Vec::new() } else { vec![(reason.to_owned(), found)] };
        return Ok(Failed { reasons, groups, part: Some(listed) });
    }
    let each = Part { size: FAILURES_EACH, start: Start::First };
    let groups = reasons.iter().map(|(reason, _)| Ok((reason.clone(), subjects(reason, &each)?)));
    let groups = groups.collect::<Result<_, StoreError>>()?;
    Ok(Failed { reasons, groups, part: None })
}

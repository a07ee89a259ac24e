//! `/api/…`: the records that `--json` prints, for programs. The same filters as on the command line; lists come in parts,
//! as one JSON object or, with `format=jsonl`, one record a line.

use super::{
    About, Viewer,
    asked::{Asked, Pairs, address},
    error::Problem,
};
use crate::{
    model::{DatedPostRecord, Listed, Mark, Part, Start, Timeline},
    platforms::records,
    store::{Filter, Store},
};
use axum::{
    extract::{Path, Query, State},
    http::header::{CONTENT_TYPE, LINK},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;

/// Records of a part where `limit` says nothing, and at the most.
pub const DEFAULT_RECORDS: usize = 100;
/// See [`DEFAULT_RECORDS`].
pub const MAX_RECORDS: usize = 1_000;

/// The last record that is counted to: of lists without marks, whose beginning is read again for each part.
pub const MAX_COUNTED_RECORDS: usize = 10_000;

/// The filters of each list.
const ARTICLES: &[&str] =
    &["platform", "author", "site", "state", "via", "since", "until", "article", "lang", "label", "sort"];
const POSTS: &[&str] = ARTICLES;
const MEDIA: &[&str] = ARTICLES;
const FAILURES: &[&str] = ARTICLES;
const RUNS: &[&str] = &["since", "until", "sort"];
const PLATFORMS: &[&str] = &["platform"];

/// One post with its history, as `/api/post/KEY` tells it.
#[derive(Serialize)]
struct PostAnswer {
    #[serde(flatten)]
    post: DatedPostRecord,
    timeline: Timeline,
}

/// A part of a list, as one object.
#[derive(Serialize)]
struct Records<'a, T> {
    records: &'a [T],
    /// The address of the next part.
    next: Option<String>,
    /// The numbers of rows that are damaged and left out; without any it is left out itself.
    #[serde(skip_serializing_if = "<[i64]>::is_empty")]
    damaged: &'a [i64],
}

/// How a list is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Object,
    Lines,
}

/// A list as it was asked for.
struct List {
    path: &'static str,
    pairs: Pairs,
    filter: Filter,
    format: Format,
    size: usize,
    /// Behind this record.
    after: Option<Mark>,
    /// The part's number, from 1, of lists without marks.
    page: usize,
}

impl List {
    /// Reads an address; `marked` lists go on behind a record, others by the number of the part.
    fn asked(path: &'static str, pairs: Pairs, filters: &[&'static str], marked: bool) -> Result<Self, Problem> {
        let mut asked = Asked::new(pairs.clone());
        let list = Self::taken(path, pairs, &mut asked, filters, marked)?;
        asked.end()?;
        Ok(list)
    }

    fn taken(
        path: &'static str,
        pairs: Pairs,
        asked: &mut Asked,
        filters: &[&'static str],
        marked: bool,
    ) -> Result<Self, Problem> {
        let filter = asked.filter(filters)?;
        let size = asked.number("limit", MAX_RECORDS)?.unwrap_or(DEFAULT_RECORDS);
        let format = match asked.take("format")?.as_deref() {
            None | Some("json") => Format::Object,
            Some("jsonl") => Format::Lines,
            Some(other) => {
                return Err(Problem::Unclear(format!("`format={other}` is not understood: known are json and jsonl.")));
            }
        };
        let (mut after, mut page) = (None, 1);
        if marked {
            if let Some(mark) = asked.take("after")? {
                let mark = mark.parse();
                after = Some(mark.map_err(|why| Problem::Unclear(format!("`after` is not understood: {why}.")))?);
            }
        } else {
            page = asked.number("page", MAX_COUNTED_RECORDS / size)?.unwrap_or(1);
        }
        Ok(Self { path, pairs, filter, format, size, after, page })
    }

    /// For lists with marks.
    fn part(&self) -> Part {
        Part { size: self.size, start: self.after.clone().map_or(Start::First, Start::After) }
    }

    /// For lists without: up to the part's end, and one more that tells whether it is the last.
    fn counted(&self) -> Filter {
        Filter { limit: Some(self.size * self.page + 1), ..self.filter.clone() }
    }

    /// The same list from elsewhere on.
    fn next(&self, name: &str, value: &str) -> String {
        let others = self.pairs.iter().filter(|(asked, _)| asked != name);
        let others = others.map(|(asked, words)| (asked.as_str(), words.as_str()));
        address(self.path, others.chain([(name, value)]))
    }

    /// A part behind a mark.
    fn listed<T: Serialize>(&self, listed: &Listed<T>) -> Result<Response, Problem> {
        let next = listed.after.as_ref().map(|mark| self.next("after", &mark.to_string()));
        self.written(&listed.records, next, &listed.damaged)
    }

    /// The part of records that were read from the beginning on.
    fn cut<T: Serialize>(&self, records: &[T]) -> Result<Response, Problem> {
        let start = self.size * (self.page - 1);
        let more = records.len() > start + self.size && self.page < MAX_COUNTED_RECORDS / self.size;
        let part = records.get(start..records.len().min(start + self.size)).unwrap_or_default();
        self.written(part, more.then(|| self.next("page", &(self.page + 1).to_string())), &[])
    }

    fn written<T: Serialize>(&self, records: &[T], next: Option<String>, damaged: &[i64]) -> Result<Response, Problem> {
        let link = next.as_ref().map(|next| [(LINK, format!("<{next}>; rel=\"next\""))]);
        let answer = match self.format {
            Format::Object => record(&Records { records, next, damaged })?,
            Format::Lines => {
                let mut lines = String::new();
                for record in records {
                    lines.push_str(&json(record)?);
                    lines.push('\n');
                }
                if !damaged.is_empty() {
                    lines.push_str(&format!("{}\n", object!({ "damaged": damaged })));
                }
                ([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
            }
        };
        Ok(match link {
            Some(link) => (link, answer).into_response(),
            None => answer,
        })
    }
}

fn json<T: Serialize>(record: &T) -> Result<String, Problem> {
    serde_json::to_string(record).map_err(|error| Problem::Failed(error.to_string()))
}

fn record<T: Serialize>(record: &T) -> Result<Response, Problem> {
    Ok(([(CONTENT_TYPE, "application/json")], json(record)?).into_response())
}

/// `/api/`: what there is.
pub(super) async fn index(Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    Asked::new(pairs).end()?;
    let list = |path: &str, filters: &[&str], part: &str| object!({ "url": path, "filters": filters, "part": ["limit", part], "format": ["json", "jsonl"] });
    record(&object!({
        "lists": [
            list("/api/articles", ARTICLES, "after"),
            list("/api/posts", POSTS, "after"),
            list("/api/media", MEDIA, "page"),
            list("/api/runs", RUNS, "page"),
            list("/api/failures", FAILURES, "page"),
            list("/api/sources", &[], "page"),
            list("/api/platforms", PLATFORMS, "page"),
            list("/api/search", &[&["q"], ARTICLES].concat(), "page"),
        ],
        "records": ["/api/article/ID", "/api/post/KEY", "/api/status"],
        "feeds": ["/feed/captures.atom", "/feed/vanished.atom"],
    }))
}

/// `/api/articles`.
pub(super) async fn articles(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/articles", pairs, ARTICLES, true)?;
    let articles = viewer.archive.read(move |store| {
        let found = store.articles_part(&list.filter, &list.part())?;
        let records = found.records.into_iter().map(|brief| brief.article).collect();
        list.listed(&Listed {
            records,
            before: found.before,
            after: found.after,
            total: found.total,
            damaged: found.damaged,
        })
    });
    articles.await
}

/// `/api/posts`.
pub(super) async fn posts(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/posts", pairs, POSTS, true)?;
    viewer.archive.read(move |store| list.listed(&store.posts_part(&list.filter, &list.part())?)).await
}

/// `/api/media`.
pub(super) async fn media(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/media", pairs, MEDIA, false)?;
    viewer.archive.read(move |store| list.cut(&store.media(&list.counted())?)).await
}

/// `/api/runs`.
pub(super) async fn runs(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/runs", pairs, RUNS, false)?;
    let about = Arc::clone(&viewer.about);
    let runs = viewer.archive.read(move |store| {
        let mut runs = store.runs(&list.counted())?;
        about.settle(&mut runs, store);
        list.cut(&runs)
    });
    runs.await
}

/// `/api/failures`.
pub(super) async fn failures(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/failures", pairs, FAILURES, false)?;
    viewer.archive.read(move |store| list.cut(&store.failures(&list.counted())?)).await
}

/// `/api/sources`.
pub(super) async fn sources(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/sources", pairs, &[], false)?;
    let about = Arc::clone(&viewer.about);
    viewer.archive.read(move |store| list.cut(&about.sources(store).map_err(Problem::Failed)?)).await
}

/// `/api/platforms`.
pub(super) async fn platforms(Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let list = List::asked("/api/platforms", pairs, PLATFORMS, false)?;
    list.cut(&records(list.filter.platform.as_deref()))
}

/// `q` is what is searched for.
pub(super) async fn search(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    let mut asked = Asked::new(pairs.clone());
    let query = asked.take("q")?;
    let list = List::taken("/api/search", pairs, &mut asked, ARTICLES, false)?;
    asked.end()?;
    let query = query.ok_or_else(|| Problem::Unclear("`q` says what is searched for; it is missing.".to_owned()))?;
    viewer.archive.read(move |store| list.cut(&store.search(&query, &list.counted())?)).await
}

/// `/api/status`.
pub(super) async fn status(State(viewer): State<Viewer>, Query(pairs): Query<Pairs>) -> Result<Response, Problem> {
    Asked::new(pairs).end()?;
    let about: Arc<dyn About> = Arc::clone(&viewer.about);
    let status = viewer.archive.read(move |store| about.status(store, Timestamp::now()).map_err(Problem::Failed));
    record(&status.await?)
}

/// `/api/article`.
pub(super) async fn article(
    State(viewer): State<Viewer>,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    Asked::new(pairs).end()?;
    let missing = || Problem::NotFound("There is no article of this number.");
    let id: i64 = id.parse().map_err(|_| missing())?;
    let found = viewer.archive.read(move |store| {
        let named = store.articles(&Filter { article: Some(id.to_string()), ..Filter::default() })?;
        named.into_iter().find(|article| article.id == id).ok_or_else(missing)
    });
    record(&found.await?)
}

/// `history` is the page of its history, from 1.
pub(super) async fn post(
    State(viewer): State<Viewer>,
    Path(key): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Problem> {
    let mut asked = Asked::new(pairs);
    let page = asked.number("history", MAX_COUNTED_RECORDS)?.unwrap_or(1);
    asked.end()?;
    let found = viewer.archive.read(move |store: &Store| {
        let missing = || Problem::NotFound("There is no post of this name.");
        let post = store.dated_post(&key)?.ok_or_else(missing)?;
        let timeline = store.timeline(&key, page)?.ok_or_else(missing)?;
        Ok(PostAnswer { post, timeline })
    });
    record(&found.await?)
}

//! How SQLite finds what each listing asks for: the very statements that the listings run, with each filter and in each order, in an
//! archive where a filter leaves few records and in one where it leaves many. What is cut by a limit reads no whole table and
//! sorts none, but for the few orders and filters that no index has, which are named here.

use super::filter::Filter;
use crate::{
    model::{Part, Start, State, Via},
    store::{Store, StoreError},
};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Tables that grow with the archive, by the names that statements give them.
const LARGE: [&str; 6] = ["p", "s", "m", "a", "v", "l"];

/// More records than are gathered where a filter leaves few.
const MANY: u32 = 20_100;

type Listing = (&'static str, &'static [&'static str], fn(&Store, &Filter) -> Result<(), StoreError>);

const LISTINGS: [Listing; 4] = [
    ("posts", &["captured", "published", "platform", "author", "state", "key"], |store, filter| {
        store.posts_listed(filter, &PART).map(drop)
    }),
    ("articles", &["captured", "published", "title", "site", "embeds"], |store, filter| {
        store.articles_listed(filter, &PART).map(drop)
    }),
    ("media", &["captured", "size", "kind", "post"], |store, filter| store.media(filter).map(drop)),
    ("failures", &["failed", "since", "due", "attempts", "platform", "reason"], |store, filter| {
        store.failures(filter).map(drop)
    }),
];

const PART: Part = Part { size: 50, start: Start::First };

/// What asks for each field of a filter.
fn filters() -> Vec<(&'static str, Filter)> {
    let at = Some("2026-01-01T00:00:00Z".parse().unwrap());
    let all = Filter { limit: Some(50), ..Filter::default() };
    let text = |text: &str| Some(text.to_owned());
    vec![
        ("all", all.clone()),
        ("platform", Filter { platform: text("twitter"), ..all.clone() }),
        ("platform and since", Filter { platform: text("twitter"), since: at, ..all.clone() }),
        ("author", Filter { author: text("@ann"), ..all.clone() }),
        ("author and until", Filter { author: text("@ann"), until: at, ..all.clone() }),
        ("site", Filter { site: text("news.example"), ..all.clone() }),
        ("state", Filter { state: Some(State::Live), ..all.clone() }),
        ("via", Filter { via: Some(Via::Api), ..all.clone() }),
        ("since", Filter { since: at, ..all.clone() }),
        ("until", Filter { until: at, ..all.clone() }),
        ("article", Filter { article: text("https://news.example/a"), ..all.clone() }),
        ("lang", Filter { lang: text("en"), ..all.clone() }),
        ("label", Filter { label: text("news"), ..all }),
    ]
}

/// An archive with one article that embeds so many posts.
fn archive(posts: u32) -> Store {
    let store = Store::in_memory().unwrap();
    store
        .connection
        .execute_batch(&format!(
            "INSERT INTO runs (id, command, started_at) VALUES (1, 'run', '2026-01-01T00:00:00.000Z');
             INSERT INTO sources (id, name, kind, place, labels) VALUES (1, 'site', 'feed', 'x', '[\"news\"]');
             INSERT INTO blobs (id, sha256, size_bytes, mime, encoding, data) VALUES (1, 'x', 0, 'text/html', 'none', x'');
             INSERT INTO articles (id, name, source, kind, url, site, first_captured_at, captured_at, last_looked_at)
             VALUES (1, 'https://news.example/a', 'site', 'html', 'https://news.example/a', 'news.example',
               '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
             INSERT INTO article_versions (id, article, run, captured_at, sha256, original, title, text, body)
             VALUES (1, 1, 1, '2026-01-01T00:00:00.000Z', 'x', 1, 'A', 'a', 1);
             UPDATE articles SET version = 1;
             CREATE TEMP TABLE numbers AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {posts}) SELECT id FROM n;
             INSERT INTO posts (id, platform, post_id, url, via, captured_at, state, author_handle)
             SELECT id, 'twitter', id, 'https://x.example/' || id, 'api', '2026-01-01T00:00:00.000Z', 'live', 'ann' FROM numbers;
             INSERT INTO snapshots (id, post, run, captured_at, via, outcome, text, author_handle)
             SELECT id, id, 1, '2026-01-01T00:00:00.000Z', 'api', 'found', 'a', 'ann' FROM numbers;
             UPDATE posts SET snapshot = id;
             INSERT INTO embeds (version, position, form, scope, post, target, target_platform, quoted_links)
             SELECT 1, id, 'iframe', 'article', id, 'post', 'twitter', '[]' FROM numbers;"
        ))
        .unwrap();
    store
}

/// The statements that this runs.
fn statements(store: &mut Store, ask: impl FnOnce(&Store)) -> BTreeSet<String> {
    let heard = Arc::new(Mutex::new(BTreeSet::new()));
    let hear = Arc::clone(&heard);
    let listen = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            hear.lock().unwrap().insert(statement.sql().to_string());
        }
    };
    store.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen)).unwrap();
    ask(store);
    store.connection.trace_v2(TraceEventCodes::empty(), None::<fn(TraceEvent<'_>)>).unwrap();
    heard.lock().unwrap().clone()
}

/// The steps of a statement that read a whole table: its own, not those of the questions in its conditions, nor of what a filter
/// alone leaves, which is gathered where it is few. An index walked in its order is left when there is enough.
fn whole(store: &Store, sql: &str) -> Vec<String> {
    let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.raw_query().mapped(|row| Ok((row.get::<_, i64>(1)?, row.get::<_, String>(3)?)));
    let steps: Vec<String> =
        steps.map(Result::unwrap).filter(|(parent, _)| *parent == 0).map(|(_, step)| step).collect();
    let sorts = steps.iter().any(|step| step.starts_with("USE TEMP B-TREE FOR ORDER BY"));
    let reads = |step: &&String| {
        let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        table.is_some_and(|table| LARGE.contains(&table)) && (sorts || !step.contains(" USING "))
    };
    steps.iter().filter(reads).cloned().collect()
}

#[test]
fn what_is_cut_by_a_limit_reads_no_whole_table() {
    let mut found = BTreeSet::new();
    for (size, posts) in [("few", 20), ("many", MANY)] {
        let mut store = archive(posts);
        for (listing, sorts, list) in LISTINGS {
            let sorted = sorts.iter().map(|sort| {
                let filter = Filter { limit: Some(50), sort: Some((*sort).to_owned()), ..Filter::default() };
                (format!("--sort {sort}"), filter)
            });
            let filters = filters().into_iter().map(|(name, filter)| (name.to_owned(), filter));
            for (name, filter) in filters.chain(sorted) {
                let asked = statements(&mut store, |store| list(store, &filter).unwrap());
                assert!(asked.iter().any(|sql| sql.contains("LIMIT")), "{listing} by {name}");
                for sql in asked.iter().filter(|sql| sql.starts_with("SELECT") && sql.contains("LIMIT")) {
                    for step in whole(&store, sql) {
                        let asked = format!("{listing} {name}");
                        assert!(UNORDERED.contains(&asked.as_str()), "{asked}, of {size}: {step} in {sql}");
                        found.insert(asked);
                    }
                }
            }
        }
    }
    assert_eq!(found.len(), UNORDERED.len(), "{found:?} are all that no index has");
}

/// Orders that no index has: all records are read and sorted.
const UNORDERED: [&str; 8] = [
    "articles --sort embeds",
    "articles --sort published",
    "articles --sort site",
    "articles --sort title",
    "media --sort kind",
    "media --sort post",
    "media --sort size",
    "posts --sort author",
];

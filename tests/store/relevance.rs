//! What a search finds and what comes first: each case a small archive, a query, and what is expected of it. `expected` says the
//! order, `set` leaves it open; a `snippet` is what is shown of a find.

use crate::desk::*;
use embalm::{
    model::{Article, Author, Outcome, Post, Via},
    store::{Filter, NewArticle, OverTime, Rung},
};
use serde::Deserialize;
use std::{fs, path::Path};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    query: String,
    #[serde(default)]
    posts: Vec<CasePost>,
    #[serde(default)]
    articles: Vec<CaseArticle>,
    expected: Option<Vec<String>>,
    set: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CasePost {
    id: String,
    at: String,
    text: String,
    author: Option<String>,
    handle: Option<String>,
    alt: Option<String>,
    #[serde(default)]
    via: String,
    snippet: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseArticle {
    name: String,
    title: String,
    text: String,
}

fn fill(desk: &mut Desk, case: &Case) {
    for given in &case.posts {
        let author = Author {
            handle: given.handle.clone().unwrap_or_else(|| "somebody".to_owned()),
            name: Some(given.author.clone().unwrap_or_else(|| "Some Body".to_owned())),
            ..Author::default()
        };
        let mut post = Post::new(post_ref(&given.id), author, given.text.clone());
        if let Some(alt) = &given.alt {
            let mut media = picture(&format!("https://media.example/{}.png", given.id));
            media.alt = Some(alt.clone());
            post.media.push(media);
        }
        let via = if given.via == "quoted" { Via::Quoted } else { Via::Syndication };
        let captured_at = at(&format!("{}T10:00:00Z", given.at));
        let outcome = Outcome::Found(Box::new(post));
        desk.capture(
            &post_ref(&given.id),
            Rung { captured_at, outcome, via, exchanges: Vec::new(), media: Vec::new() },
        );
    }
    for given in &case.articles {
        let name = format!("https://news.example/{}", given.name);
        let article = Article { title: given.title.clone(), text: given.text.clone(), ..article(&name) };
        let new = NewArticle {
            name: &name,
            source: "add",
            kind: "html",
            original: given.text.as_bytes(),
            content_type: None,
            article: &article,
            embeds: &[],
            exchange: None,
            captured_at: at("2026-01-01T00:00:01Z"),
            over_time: OverTime::default(),
        };
        desk.store.save_article(desk.run, &new).unwrap();
    }
}

#[test]
fn every_case_is_found_in_its_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/relevance");
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap()).expect(&name);
        let mut desk = Desk::new();
        fill(&mut desk, &case);
        let hits = desk.store.search(&case.query, &Filter::default()).unwrap();
        let short = |hit: &embalm::model::SearchHit| {
            let end = |text: &str, sign| text.rsplit(sign).next().unwrap_or_default().to_owned();
            if hit.what == "article" { end(&hit.url, '/') } else { end(&hit.target, ':') }
        };
        let mut found: Vec<String> = hits.iter().map(short).collect();
        for post in &case.posts {
            if let Some(snippet) = &post.snippet {
                let hit = hits.iter().find(|hit| short(hit) == post.id);
                assert_eq!(hit.map(|hit| &hit.snippet), Some(snippet), "{name}: {}", post.id);
            }
        }
        match (case.expected, case.set) {
            (Some(expected), None) => assert_eq!(found, expected, "{name}"),
            (None, Some(mut set)) => {
                set.sort();
                found.sort();
                assert_eq!(found, set, "{name}");
            }
            _ => panic!("{name}: one of `expected` and `set`"),
        }
        cases += 1;
    }
    assert!(cases > 15, "{cases} cases");
}

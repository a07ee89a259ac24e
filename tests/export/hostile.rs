//! Hostile words in every place of a site and of snippets: whatever stands in a page afterwards is ours.

use crate::{
    faults::{faults, is_out},
    stage::{PNG, Stage, article, files, post_ref},
};
use embalm::{
    export::{self, SnippetOptions},
    model::{Article, Author, Card, Media, MediaKind, Poll, PollOption, Post, PostRef},
};
use scraper::{ElementRef, Html};
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
struct Payload {
    payload: String,
}

/// The payload wherever words of a post stand.
fn poison(stage: &mut Stage, nth: usize, payload: &str) -> PostRef {
    let word = || Some(payload.to_owned());
    let author = Author {
        handle: payload.to_owned(),
        name: word(),
        url: word(),
        avatar: Some("https://m.example/a".to_owned()),
        ..Author::default()
    };
    let mut post = Post::new(post_ref("twitter", &format!("{nth}{payload}")), author, payload);
    post.text_html = nth.is_multiple_of(2).then(|| payload.to_owned());
    (post.lang, post.warning) = (word(), nth.is_multiple_of(3).then(|| payload.to_owned()));
    post.media = vec![
        Media { alt: word(), ..Media::new(MediaKind::Image, "https://m.example/a") },
        Media { alt: word(), ..Media::new(MediaKind::Image, payload) },
    ];
    post.poll =
        Some(Poll { options: vec![PollOption { label: payload.to_owned(), votes: Some(1) }], ..Poll::default() });
    post.card = Some(Card { url: payload.to_owned(), title: word(), description: word(), image: word(), site: word() });
    let files: [(&str, &[u8]); 2] = [("https://m.example/a", PNG), (payload, payload.as_bytes())];
    stage.post(post, &files)
}

/// Payloads wherever words of an article stand, each in one place and in the text.
fn poisoned_article(stage: &mut Stage, nth: usize, payloads: &[String], posts: &[PostRef]) {
    let payload = |at: usize| payloads[(nth + at) % payloads.len()].clone();
    let text = payloads.join("\n\n");
    let story = Article {
        byline: Some(payload(0)),
        site_name: Some(payload(1)),
        lang: Some(payload(2)),
        body_html: format!("{}<p title=\"{}\">{text}</p>", payload(0), payload(1)),
        text,
        ..article(&payload(3))
    };
    stage.article(&format!("{nth}{}", payload(0)), &story, posts);
}

fn check(payloads: &[String]) {
    let mut stage = Stage::new();
    for (nth, some) in payloads.chunks(7).enumerate() {
        let posts: Vec<_> =
            some.iter().enumerate().map(|(at, payload)| poison(&mut stage, nth * 7 + at, payload)).collect();
        poisoned_article(&mut stage, nth, some, &posts);
    }
    stage.export_to("site");
    let site = files(&stage.out("site"));
    let wrong = faults(&site);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (path, bytes) in &site {
        let text = String::from_utf8_lossy(bytes);
        if path.starts_with("assets/search/") {
            // What one line calls is all that a script of the index does, and it has no markup.
            assert!(text.starts_with("embalmSearch.") && text.ends_with(");\n") && !text.contains('<'), "{path}");
        }
        if path.ends_with(".html") {
            let scripts = text.matches("<script").count();
            assert!(scripts <= 3, "{path}: {scripts} scripts");
        }
    }
    for post in stage.selection().posts {
        let snippet = export::snippet(&stage.store, &post, &SnippetOptions::default()).unwrap();
        let page = Html::parse_fragment(&snippet.html);
        for element in page.tree.nodes().filter_map(ElementRef::wrap) {
            let name = element.value().name();
            assert!(
                !["script", "style", "iframe", "svg", "math", "base", "form", "meta", "link"].contains(&name),
                "{name}"
            );
            for (attribute, value) in element.value().attrs() {
                let bad = match attribute {
                    "href" => !is_out(value),
                    "src" | "poster" => !value.starts_with("data:image/") || value.starts_with("data:image/svg"),
                    "style" | "srcset" => true,
                    other => other.starts_with("on"),
                };
                assert!(!bad, "{}: {name} {attribute}={value}", post.key);
            }
        }
    }
}

#[test]
fn hostile_words_stay_words_in_a_site_and_in_snippets() {
    let own = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></style></script><script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "<a href=\"java&#10;script:alert(1)\">x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>",
        "<p style=\"background:url(https://tracker.example/a)\">x</p>",
        "<base href=\"https://evil.example\"><meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "../../../x\"); alert(1); embalmSearch.contents(\"",
        "\u{2028}alert(1)\u{2029}",
        "__proto__",
        "constructor",
    ];
    check(&own.map(str::to_owned));
}

#[test]
fn the_shared_hostile_suite_stays_words_too() {
    let Some(folder) = crate::shared::shared("suites/xss") else { return };
    let mut payloads = Vec::new();
    for path in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let rows: Vec<Payload> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        payloads.extend(rows.into_iter().map(|row| row.payload));
    }
    println!("{} payloads", payloads.len());
    check(&payloads);
}

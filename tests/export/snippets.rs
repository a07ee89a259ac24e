//! Snippets for a publisher's own page.

use crate::stage::{PNG, Stage, files, post};
use embalm::{
    export::{self, Snippet, SnippetOptions},
    model::{Gone, Media, MediaKind, Outcome, Post},
    render,
};
use scraper::{ElementRef, Html};
use std::collections::BTreeSet;

/// Elements that WordPress keeps in a post (`wp_kses_post`), of those that a snippet may have; `time` and `bdi` are dropped
/// with their words kept.
const KEPT: [&str; 27] = [
    "a",
    "b",
    "bdi",
    "blockquote",
    "br",
    "cite",
    "details",
    "div",
    "em",
    "figcaption",
    "figure",
    "i",
    "img",
    "li",
    "p",
    "q",
    "s",
    "span",
    "strong",
    "summary",
    "time",
    "u",
    "ul",
    "ol",
    "video",
    "audio",
    "code",
];

fn with_picture() -> Post {
    let mut post = post("1", "We sail at noon: https://ferry.example/times");
    post.lang = Some("en-GB".to_owned());
    post.published = "2025-12-31T11:22:33Z".parse().ok();
    post.media = vec![Media {
        alt: Some("The pier \"at\" noon".to_owned()),
        width_px: Some(640),
        height_px: Some(480),
        ..Media::new(MediaKind::Image, "https://m.example/a")
    }];
    post
}

fn snippet(stage: &Stage) -> Snippet {
    let name = stage.store.post_name("twitter:1").unwrap().unwrap();
    export::snippet(&stage.store, &name, &SnippetOptions::default()).unwrap()
}

fn elements(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let page = Html::parse_fragment(html);
    let found = page
        .tree
        .nodes()
        .filter_map(ElementRef::wrap)
        .filter(|element| !["html", "body"].contains(&element.value().name()));
    found
        .map(|element| {
            let attributes = element.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned()));
            (element.value().name().to_owned(), attributes.collect())
        })
        .collect()
}

#[test]
fn a_snippet_has_no_script_no_request_and_only_elements_that_editors_keep() {
    let mut stage = Stage::new();
    stage.post(with_picture(), &[("https://m.example/a", PNG)]);
    let snippet = snippet(&stage);
    for (element, attributes) in elements(&snippet.html) {
        assert!(KEPT.contains(&element.as_str()), "{element}");
        for (name, value) in attributes {
            let loads = matches!(name.as_str(), "src" | "poster") && !value.starts_with("data:image/png;base64,");
            assert!(!loads && !name.starts_with("on") && name != "style", "{element} {name}={value}");
        }
    }
    for part in [
        "<blockquote cite=\"https://social.example/status/1\" dir=\"auto\" lang=\"en-GB\">",
        "alt=\"The pier &quot;at&quot; noon\"",
        "<time datetime=\"2025-12-31T11:22:33Z\"",
        "width=\"640\" height=\"480\"",
        "Captured <time datetime=\"2026-01-01T00:00:05Z\"",
        ">Original post</a>",
    ] {
        assert!(snippet.html.contains(part), "{part} in\n{}", snippet.html);
    }
    assert!(snippet.bytes_without_media < 2_000, "{}", snippet.bytes_without_media);
}

#[test]
fn a_post_that_is_gone_says_so() {
    let mut stage = Stage::new();
    let name = stage.post(post("1", "We sail at noon"), &[]);
    stage.outcome(&name, Outcome::Gone(Gone::Deleted), &[]);
    let snippet = snippet(&stage);
    assert!(snippet.html.contains("<strong>Deleted, seen gone on"), "{}", snippet.html);
    assert!(snippet.html.contains("We sail at noon") && snippet.html.contains(">Where it was</a>"));
}

#[test]
fn a_large_file_is_left_out_and_said_unless_the_publisher_serves_it() {
    let mut stage = Stage::new();
    let mut large = PNG.to_vec();
    large.resize(usize::try_from(export::MAX_SNIPPET_FILE_BYTES).unwrap() + 1, 0);
    stage.post(with_picture(), &[("https://m.example/a", &large)]);
    let inside = snippet(&stage);
    assert!(!inside.html.contains("<img") && inside.html.contains("too large for this page"), "{}", inside.html);
    let options =
        SnippetOptions { media_url: Some("https://news.example/kept/".to_owned()), ..SnippetOptions::default() };
    let posts = stage.selection().posts;
    let mut told = Vec::new();
    let mut sink = |page: &export::Written| {
        told.push(page.clone());
        Ok(())
    };
    assert_eq!(export::snippets(&stage.store, &posts, &stage.out("snippets"), &options, &mut sink).unwrap(), 1);
    let files = files(&stage.out("snippets"));
    let media = files.keys().find(|path| path.starts_with("media/")).unwrap();
    let html = String::from_utf8_lossy(&files["twitter/1.html"]).into_owned();
    let address = format!("src=\"https://news.example/kept/{}\"", media.strip_prefix("media/").unwrap());
    assert!(html.contains(&address), "{html}");
    assert_eq!(files["embalm-post.css"], render::snippet_stylesheet().as_bytes());
    assert_eq!(told[0].bytes_without_media, Some(html.len() as u64));
}

#[test]
fn the_style_touches_nothing_but_snippets() {
    let sheet = render::snippet_stylesheet();
    let rules = sheet.split('}').filter_map(|rule| rule.split_once('{')).map(|(selectors, _)| selectors);
    let mut seen = BTreeSet::new();
    for selectors in rules {
        let selectors = selectors.rsplit("*/").next().unwrap().trim();
        if selectors.starts_with('@') {
            continue;
        }
        for selector in selectors.split(',') {
            assert!(selector.trim().starts_with(".embalm-post"), "{selector}");
            seen.insert(selector.trim().to_owned());
        }
    }
    assert!(seen.len() > 10 && !sheet.contains("url(") && !sheet.contains("@import") && !sheet.contains("!important"));
}

#[test]
fn what_a_page_says_of_all_its_figures_is_taken_back_inside_a_snippet() {
    let sheet = render::snippet_stylesheet();
    let outer = sheet.lines().find(|line| line.starts_with(".embalm-post {")).unwrap();
    for property in ["display", "float", "width", "text-align", "text-transform", "letter-spacing", "font", "color"] {
        assert!(outer.contains(&format!(" {property}: ")), "{property}: {outer}");
    }
}

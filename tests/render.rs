//! Exported pages: each case of `fixtures/render/` drawn and searched for what it must show; and hostile input in
//! every place that archived words reach.
//!
//! To look at the cases in a browser: `EMBALM_RENDER_OUT=folder cargo test --test render`; at the hostile suite:
//! `EMBALM_HOSTILE_OUT=folder`. `.ci/browser folder/*.html` then tells whether one of the pages asks for anything.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use embalm::model::{
    ArticleView, Card, EmbedView, Media, MediaKind, Poll, PollOption, PostView, Quoted, Related, StoredMedia, Target,
};
use embalm::render;
use scraper::{Html, Selector};
use serde::Deserialize;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    article: ArticleView,
    expect: Vec<Expectation>,
}

/// Of the elements that `select` names: how many, or the words of one of them, all or a part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    select: String,
    count: Option<usize>,
    text: Option<String>,
    has: Option<String>,
}

fn cases() -> Vec<(PathBuf, Case)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir("fixtures/render").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let mut case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            case.article.embeds.iter_mut().filter_map(|embed| embed.post.as_mut()).for_each(fill);
            cases.push((path, case));
        }
    }
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(!cases.is_empty(), "no cases");
    cases
}

/// Gives a case's files the bytes of the demo's pictures, by the last part of their URL.
fn fill(post: &mut PostView) {
    for media in &mut post.media {
        let name = media.url.rsplit('/').next().unwrap();
        media.bytes = fs::read(Path::new("fixtures/demo/media").join(name)).ok();
    }
    post.quoted.as_deref_mut().into_iter().for_each(fill);
}

fn words(element: scraper::ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_case_shows_what_it_must() {
    let mut wrong = Vec::new();
    for (path, case) in cases() {
        let html = render::article_page(&case.article).unwrap();
        if let Some(folder) = env::var_os("EMBALM_RENDER_OUT") {
            let name = path.with_extension("html");
            fs::write(Path::new(&folder).join(name.file_name().unwrap()), &html).unwrap();
        }
        let page = Html::parse_document(&html);
        for expected in &case.expect {
            let selector = Selector::parse(&expected.select).unwrap();
            let found: Vec<String> = page.select(&selector).map(words).collect();
            let right = expected.count.is_none_or(|count| found.len() == count)
                && expected.text.as_ref().is_none_or(|text| found.contains(text))
                && expected.has.as_ref().is_none_or(|part| found.iter().any(|words| words.contains(part)));
            if !right {
                let Expectation { select, count, text, has } = expected;
                wrong.push(format!(
                    "{} ({})\n  {select} {count:?} {text:?} {has:?}\n  found {found:?}",
                    path.display(),
                    case.about
                ));
            }
        }
        wrong.extend(dangers(&html).into_iter().map(|danger| format!("{}: {danger}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_declares_its_charset_and_policy_before_anything_else() {
    let (_, case) = cases().swap_remove(0);
    let html = render::article_page(&case.article).unwrap();
    let head = html.split("<head>").nth(1).unwrap().trim_start();
    assert!(
        head.starts_with(
            "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
        ),
        "{}",
        &head[..200]
    );
    for part in ["base-uri 'none'", "form-action 'none'", "<meta name=\"referrer\" content=\"no-referrer\">"] {
        assert!(head.contains(part), "{part}");
    }
}

#[test]
fn the_same_view_draws_the_same_page() {
    for (_, case) in cases() {
        assert_eq!(render::article_page(&case.article).unwrap(), render::article_page(&case.article).unwrap());
    }
}

/// Elements that an exported page is made of. Whatever else stands in one came from outside.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "meter",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "u",
    "ul",
    "video",
    "wbr",
];

/// What a browser might run or load in a page.
fn dangers(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut found = Vec::new();
    let (mut styles, mut metas, mut links) = (0, 0, 0);
    for element in page.tree.nodes().filter_map(scraper::ElementRef::wrap) {
        let name = element.value().name();
        if !ELEMENTS.contains(&name) {
            found.push(format!("element {name}"));
        }
        styles += usize::from(name == "style");
        metas += usize::from(name == "meta");
        links += usize::from(name == "link");
        for (attribute, value) in element.value().attrs() {
            let plain: String =
                value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>().to_lowercase();
            let bad = match attribute {
                "href" if name == "a" => {
                    !["http:", "https:", "mailto:", "#"].iter().any(|start| plain.starts_with(start))
                }
                "href" => value != "data:,",
                "src" | "poster" => {
                    !["data:image/", "data:video/", "data:audio/"].iter().any(|start| value.starts_with(start))
                        || plain.starts_with("data:image/svg")
                }
                "content" => plain.contains("url="),
                "srcset" | "srcdoc" | "action" | "formaction" | "background" | "ping" | "cite" | "data"
                | "xlink:href" | "style" => true,
                other => other.starts_with("on"),
            };
            if bad {
                found.push(format!("{name} {attribute}={value:.120}"));
            }
        }
    }
    if (styles, metas, links) != (1, 6, 1) {
        found.push(format!("{styles} style, {metas} meta, {links} link elements"));
    }
    found
}

/// The case with most places, with one picture only: thousands of pages are drawn from it.
fn fullest() -> ArticleView {
    let (_, case) = cases().into_iter().find(|(path, _)| path.ends_with("every-kind-of-content.json")).unwrap();
    let mut view = case.article;
    let posts = view.embeds.iter_mut().filter_map(|embed| embed.post.as_mut());
    for media in posts.flat_map(|post| &mut post.media).filter(|media| media.kind != MediaKind::Avatar) {
        media.bytes = None;
    }
    view
}

/// The view with `payload` wherever words from outside stand.
fn poisoned(view: &ArticleView, payload: &str) -> ArticleView {
    let mut view = view.clone();
    let word = || Some(payload.to_owned());
    payload.clone_into(&mut view.name);
    payload.clone_into(&mut view.digest);
    payload.clone_into(&mut view.article.title);
    payload.clone_into(&mut view.article.text);
    (view.article.byline, view.article.site_name, view.article.lang) = (word(), word(), word());
    view.article.body_html = format!("{payload}{}<p title=\"{payload}\">{payload}</p>", view.article.body_html);
    for (at, embed) in view.embeds.iter_mut().enumerate() {
        embed.embed.quoted = Quoted {
            text: word(),
            author_name: word(),
            author_handle: word(),
            published: None,
            links: vec![payload.to_owned()],
        };
        let Some(post) = &mut embed.post else { continue };
        post.post.platform.push_str(payload);
        post.post.author = word();
        for media in &mut post.media {
            (media.alt, media.mime) = (word(), word());
        }
        post.media.push(StoredMedia { failure: word(), bytes: None, ..stored(payload) });
        post.media
            .push(StoredMedia { bytes: Some(payload.as_bytes().to_vec()), ..stored("https://media.example/raw") });
        let Some(content) = &mut post.content else { continue };
        payload.clone_into(&mut content.text);
        content.text_html = (at % 2 == 0).then(|| payload.to_owned());
        (content.lang, content.warning) = (word(), word());
        payload.clone_into(&mut content.author.handle);
        (content.author.name, content.author.url) = (word(), word());
        content.media.iter_mut().for_each(|media| media.alt = word());
        content.media.push(Media { alt: word(), ..Media::new(MediaKind::Image, payload) });
        content.media.push(Media::new(MediaKind::Image, "https://media.example/raw"));
        content.poll =
            Some(Poll { options: vec![PollOption { label: payload.to_owned(), votes: Some(1) }], ..Poll::default() });
        content.card =
            Some(Card { url: payload.to_owned(), title: word(), description: word(), image: word(), site: word() });
        let inner = embalm::model::Post { text: payload.to_owned(), quoted: None, reply_to: None, ..content.clone() };
        content.quoted = Some(Related { post: content.post.clone(), content: Some(Box::new(inner)) });
    }
    view.embeds.push(EmbedView {
        embed: embalm::model::Embed {
            position: 90,
            target: Target::Unresolved { platform: payload.to_owned() },
            ..view.embeds[0].embed.clone()
        },
        post: None,
    });
    view
}

fn stored(url: &str) -> StoredMedia {
    StoredMedia {
        kind: MediaKind::Image,
        url: url.to_owned(),
        alt: None,
        width_px: None,
        height_px: None,
        duration_ms: None,
        mime: None,
        digest: None,
        size_bytes: None,
        bytes: None,
        failure: None,
        obtained: None,
        note: None,
    }
}

#[test]
fn hostile_words_stay_words_wherever_they_stand() {
    let own = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "<a href=\"java&#10;script:alert(1)\">x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<p style=\"background:url(https://tracker.example/a)\">x</p>",
        "<img src=\"https://tracker.example/a.gif\" srcset=\"https://tracker.example/b.gif 2x\">",
        "<a href=\"https://a.example\" ping=\"https://tracker.example\">x</a>",
        "<base href=\"https://evil.example\"><meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "\u{27e6}embalm:1\u{27e7}<b \u{27e6}embalm:0\u{27e7}>",
    ];
    let view = fullest();
    let mut wrong = Vec::new();
    for payload in own {
        let html = render::article_page(&poisoned(&view, payload)).unwrap();
        wrong.extend(dangers(&html).into_iter().map(|danger| format!("{payload}: {danger}")));
        assert!(!html.contains(">49<"), "a template ran words from outside");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct Payload {
    id: String,
    payload: String,
}

#[test]
fn the_shared_hostile_suite_stays_words_too() {
    let shared = env::var_os("EMBALM_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(folder) = fs::read_dir(shared.join("suites/xss")) else {
        println!("no shared suites here: skipped");
        return;
    };
    let view = fullest();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let payloads: Vec<Payload> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for Payload { id, payload } in payloads {
            let html = render::article_page(&poisoned(&view, &payload)).unwrap();
            wrong.extend(dangers(&html).into_iter().map(|danger| format!("{id}: {danger}")));
            if let Some(folder) = env::var_os("EMBALM_HOSTILE_OUT") {
                fs::write(Path::new(&folder).join(format!("{id}.html")), &html).unwrap();
            }
            count += 1;
        }
    }
    println!("{count} payloads");
    assert!(count > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

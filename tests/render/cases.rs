//! Cases of articles, drawn as a file and as a page of the viewer.

use crate::{
    dangers::{Output, dangers},
    expect::{Expectation, missed},
    rooms::Rooms,
};
use embalm::{
    model::{ArticleView, PostView},
    render::{self, room},
};
use scraper::Html;
use serde::Deserialize;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    about: String,
    pub(crate) article: ArticleView,
    /// Of the file and of the viewer's page.
    expect: Vec<Expectation>,
    /// Of the file alone.
    #[serde(default)]
    file: Vec<Expectation>,
    /// Of the viewer's page alone.
    #[serde(default)]
    viewer: Vec<Expectation>,
}

pub(crate) fn cases() -> Vec<(PathBuf, Case)> {
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

#[test]
fn every_case_shows_what_it_must() {
    let mut wrong = Vec::new();
    for (path, case) in cases() {
        let drawn = [
            (Output::File, render::article_page(&case.article).unwrap(), &case.file),
            (Output::Viewer, viewed(&case.article), &case.viewer),
        ];
        for (output, html, own) in drawn {
            if let Some(folder) = env::var_os("EMBALM_RENDER_OUT").filter(|_| output == Output::File) {
                let name = path.with_extension("html");
                fs::write(Path::new(&folder).join(name.file_name().unwrap()), &html).unwrap();
            }
            let page = Html::parse_document(&html);
            let missed = missed(&page, &case.expect).into_iter().chain(missed(&page, own));
            let told = missed.chain(dangers(&html, output));
            wrong.extend(told.map(|what| format!("{} as {output:?} ({})\n  {what}", path.display(), case.about)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) fn viewed(view: &ArticleView) -> String {
    room::article(view, &room::Frame::viewer(), &mut Rooms).unwrap()
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

//! What changed between two versions of an article.

use crate::{
    dangers::{Output, dangers},
    expect::words,
    rooms::Rooms,
};
use embalm::{model::VersionWords, render::room};
use scraper::{Html, Selector};

fn version(number: usize, title: &str, text: &str, posts: &[&str]) -> VersionWords {
    VersionWords {
        number,
        captured_at: format!("2026-05-0{number}T10:00:00Z").parse().unwrap(),
        title: title.to_owned(),
        byline: Some("Ida Brandt".to_owned()),
        lang: Some("en".to_owned()),
        text: text.to_owned(),
        posts: posts.iter().map(|key| (*key).to_owned()).collect(),
    }
}

fn drawn(before: &VersionWords, after: &VersionWords, versions: usize) -> Html {
    let html = room::changes(3, before, after, versions, &room::Frame::viewer(), &Rooms).unwrap();
    assert_eq!(dangers(&html, Output::Viewer), Vec::<String>::new());
    Html::parse_document(&html)
}

fn all(page: &Html, select: &str) -> Vec<String> {
    page.select(&Selector::parse(select).unwrap()).map(words).collect()
}

#[test]
fn headline_posts_and_words_that_changed_are_told() {
    let before = version(2, "The last ferry", "It left at noon.", &["twitter:1", "twitter:2"]);
    let after = version(3, "The last ferry <b>", "It left at one.", &["twitter:2", "bluesky:a/b"]);
    let page = drawn(&before, &after, 4);
    let section = |name: &str, tag: &str| all(&page, &format!("section[aria-labelledby={name}] {tag}")).concat();
    assert!(section("words", "del").contains("noon") && section("words", "ins").contains("one"));
    assert!(section("headline", "ins").contains("<b>") && section("headline", "del").is_empty());
    assert_eq!(all(&page, "h1"), ["The last ferry <b>"]);
    assert_eq!(all(&page, "main li"), ["Embedded now: bluesky:a/b", "No longer embedded: twitter:1"]);
    assert_eq!(all(&page, ".byline a[href='/article/3?version=2']"), ["version 2"]);
    assert_eq!(all(&page, ".byline a[href='/article/3?version=3']"), ["version 3"]);
    assert_eq!(all(&page, "a[rel=prev][href='/article/3/changes?version=2']").len(), 1);
    assert_eq!(all(&page, "a[rel=next][href='/article/3/changes?version=4']").len(), 1);
}

#[test]
fn versions_that_say_the_same_are_told_to_be_the_same() {
    let page = drawn(&version(1, "A", "One.", &[]), &version(2, "A", "One.", &[]), 2);
    assert!(all(&page, "main")[0].contains("The main text is the same, word by word."));
    assert_eq!(all(&page, ".byline a[href='/article/3']"), ["version 2"]);
    assert_eq!(all(&page, "main ins, main del, .ways").len(), 0);
}

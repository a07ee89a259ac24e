//! Words made to break the page around them: what they open is closed, what they pile up is levelled, and what they
//! turn stays in its box.

use crate::{
    cases::{cases, viewed},
    expect::words,
    originals,
};
use embalm::{html::embed_token, model::ArticleView, render};
use scraper::{Html, Selector};

fn with_body(body: &str) -> ArticleView {
    let (_, case) = cases().into_iter().find(|(path, _)| path.ends_with("posts-without-a-place.json")).unwrap();
    let mut view = case.article;
    body.clone_into(&mut view.article.body_html);
    view
}

fn count(page: &Html, select: &str) -> usize {
    page.select(&Selector::parse(select).unwrap()).count()
}

#[test]
fn what_an_article_leaves_open_is_closed_before_what_is_ours() {
    let plain = Html::parse_document(&viewed(&with_body("<p>One</p>")));
    let open = [
        "<div><div><section><b><i><u><a href=\"https://a.example\">",
        "<table><tr><td><table><tr><td>",
        "<ul><li><ol><li><blockquote>",
        "</div></div></main></body></html><p>after</p>",
        "<details><summary>",
        "<!-- never closed",
        "<p title=\"never closed",
        "<select><option><textarea>",
        "<plaintext>",
        "<svg><foreignObject><p>",
        "<math><annotation-xml encoding=\"text/html\"><p>",
        "<template><p>",
        "<noscript><p>",
    ];
    for body in open {
        let page = Html::parse_document(&viewed(&with_body(&format!("<p>One</p>{body}"))));
        for ours in ["main > .story", "main > section", "body > footer", "body > main", "section.others .embed > .post"]
        {
            assert_eq!(count(&page, ours), count(&plain, ours), "{body}: {ours}");
        }
    }
}

#[test]
fn what_is_piled_up_is_levelled() {
    for (open, select) in [
        ("<blockquote>", ".story blockquote"),
        ("<ul><li>", ".story ul"),
        ("<table><tr><td>", ".story table"),
        ("<details>", ".story details"),
        ("<dl><dd>", ".story dl dd"),
    ] {
        let body = format!("{}deep", open.repeat(500));
        for html in [viewed(&with_body(&body)), originals::drawn(&originals::view(body.as_bytes(), None, "A"))] {
            let page = Html::parse_document(&html);
            let found = count(&page, select);
            assert!(found <= 8, "{found} of {select}");
            let story = page.select(&Selector::parse(".story").unwrap()).map(words).collect::<String>();
            assert!(story.contains("deep"), "{open}");
        }
    }
}

#[test]
fn ten_thousand_line_breaks_are_a_gap() {
    let breaks = "<br>".repeat(10_000);
    let nothing = "<p>&nbsp;</p><p> </p>".repeat(5_000);
    let page = Html::parse_document(&viewed(&with_body(&format!("<p>a{breaks}b</p>{nothing}<p>c</p>"))));
    assert_eq!((count(&page, ".story br"), count(&page, ".story p")), (2, 2));
    let mut view = with_body("");
    view.article.text = format!("one{}two{}three", "\n".repeat(10_000), "\n \t".repeat(10_000));
    let page = Html::parse_document(&viewed(&view));
    assert_eq!((count(&page, ".story br"), count(&page, ".story p")), (0, 3));
}

#[test]
fn a_direction_left_open_turns_no_words_of_ours() {
    let turned = "\u{202e}gnorw\u{2067}\u{202d}";
    let mut view = with_body("<p>One</p>");
    turned.clone_into(&mut view.article.title);
    (view.article.byline, view.article.site_name) = (Some(turned.to_owned()), Some(turned.to_owned()));
    view.labels = vec![turned.to_owned(), "\u{2069}\u{202c}out".to_owned()];
    for html in [viewed(&view), render::article_page(&view).unwrap()] {
        let opened = html.matches(['\u{202d}', '\u{202e}']).count();
        assert!(opened > 0);
        assert_eq!(opened, html.matches('\u{202c}').count());
        assert_eq!(html.matches('\u{2067}').count(), html.matches('\u{2069}').count());
    }
}

#[test]
fn a_headline_without_end_is_cut() {
    let mut view = with_body("<p>One</p>");
    view.article.title = "long ".repeat(100_000);
    let html = viewed(&view);
    let page = Html::parse_document(&html);
    let heading = page.select(&Selector::parse("h1").unwrap()).next().unwrap();
    assert!(words(heading).ends_with('…') && words(heading).chars().count() <= 501);
    assert!(html.len() < 100_000);
}

#[test]
fn a_post_stands_at_its_token_however_deep() {
    let body = format!("{}<p>a{}b</p>", "<div><section><ul><li>".repeat(300), embed_token(0));
    let page = Html::parse_document(&viewed(&with_body(&body)));
    assert_eq!(count(&page, ".story #embed-0 > .post"), 1);
    assert_eq!(count(&page, "p .post"), 0);
    let body = format!("<a href=\"https://a.example\"><div><ul><li>a{}b</li></ul></div></a>", embed_token(0));
    let page = Html::parse_document(&viewed(&with_body(&body)));
    assert_eq!((count(&page, ".story > #embed-0 > .post"), count(&page, ".story > a li")), (1, 2));
}

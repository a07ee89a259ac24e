//! Previews of pages as sites write them.

use super::*;

fn read(page: &str) -> Option<PageCard> {
    let url = Url::parse("https://art.example/pat/7").unwrap();
    PageCard::read(
        &Response { url: url.clone(), status: 200, headers: crate::http::Headers::default(), body: page.into() },
        &url,
    )
}

fn post(page: &str) -> Post {
    let url = Url::parse("https://art.example/pat/7").unwrap();
    let name = PostRef { platform: "oembed".to_owned(), id: "art/7".to_owned(), author: None, url };
    read(page).unwrap().into_post(&name)
}

#[test]
fn tags_give_title_author_picture_and_day() {
    let found = post(
        r#"<head><meta property="og:title" content="Low tide"><meta property="og:description" content="A day at sea">
        <meta property="og:image" content="/7.jpg"><meta property="og:video" content="https://art.example/player/7">
        <meta name="author" content="Pat Example"><meta property="article:published_time" content="2024-05-06T07:08:09Z">
        <meta property="og:site_name" content="Art"></head>"#,
    );
    assert_eq!((found.text.as_str(), found.author.name.as_deref()), ("Low tide", Some("Pat Example")));
    assert_eq!(found.media.iter().map(|media| media.url.as_str()).collect::<Vec<_>>(), ["https://art.example/7.jpg"]);
    assert_eq!(found.published, When::parse("2024-05-06T07:08:09Z"));
    assert_eq!(found.card.unwrap().description.as_deref(), Some("A day at sea"));
}

#[test]
fn linked_data_goes_before_tags() {
    let found = post(
        r#"<head><meta property="og:title" content="Low tide on Art"><script type="application/ld+json">
        {"@context":"https://schema.org","@graph":[{"@type":"BreadcrumbList"},{"@type":["Thing","VideoObject"],"name":"Low tide",
        "description":"A &amp; B","contentUrl":"https://cdn.example/7.mp4","thumbnailUrl":["https://cdn.example/7.jpg"],
        "uploadDate":"2024-05-06","duration":"PT1M2S","author":[{"@type":"Person","name":"Pat","url":"https://art.example/@pat"}],
        "interactionStatistic":{"interactionType":{"@type":"WatchAction"},"userInteractionCount":"1,200"}}]}</script></head>"#,
    );
    assert_eq!((found.text.as_str(), found.author.handle.as_str()), ("Low tide", "pat"));
    let kinds: Vec<_> = found.media.iter().map(|media| (media.kind, media.duration_ms)).collect();
    assert_eq!(kinds, [(MediaKind::Video, Some(62_000)), (MediaKind::Poster, None)]);
    assert_eq!(found.counts.get("views"), Some(&1200));
    assert_eq!(found.card.unwrap().description.as_deref(), Some("A & B"));
}

#[test]
fn a_discussion_post_has_its_own_words() {
    let found = post(
        r#"<script type="application/ld+json">[{"@type":"VideoObject","name":"Another"},{"@type":"SocialMediaPosting",
        "headline":"Pat on Art","articleBody":"The tide is low.","author":{"name":"Pat","alternateName":"@pat"},
        "datePublished":"2024-05-06T07:08:09+02:00","image":{"@type":"ImageObject","url":"https://cdn.example/7.jpg"}}];</script>"#,
    );
    assert_eq!((found.text.as_str(), found.author.handle.as_str(), found.card), ("The tide is low.", "pat", None));
    assert_eq!(found.published, When::parse("2024-05-06T05:08:09Z"));
}

#[test]
fn the_thing_that_names_the_page_is_the_page_s() {
    let card = read(
        r#"<script type="application/ld+json">{"@type":"VideoObject","name":"Related","url":"https://art.example/8"}</script>
        <script type="application/ld+json">{"@type":"Article","headline":"This one","mainEntityOfPage":"https://www.art.example/pat/7/"}</script>"#,
    );
    assert_eq!(card.unwrap().title.as_deref(), Some("This one"));
}

#[test]
fn a_page_about_the_site_or_an_error_is_no_card() {
    for page in [
        "",
        "<title>Low tide</title>",
        r#"<meta property="og:title" content="Low tide">"#,
        r#"<meta property="og:title" content="Art"><meta property="og:site_name" content="ART"><meta property="og:image" content="/a.png">"#,
        r#"<meta property="og:title" content="Page not found | Art"><meta property="og:image" content="/a.png">"#,
        r#"<meta property="og:description" content="Words"><meta property="og:image" content="/a.png">"#,
        r#"<script type="application/ld+json">{"@type":"WebSite","name":"Art"}</script><meta property="og:image" content="/a.png">"#,
        r#"<script type="application/ld+json">{"@type":"Article","headline":</script>"#,
    ] {
        assert_eq!(read(page), None, "{page}");
    }
}

#[test]
fn nothing_that_is_known_is_changed() {
    let url = Url::parse("https://art.example/pat/7").unwrap();
    let name = PostRef { platform: "oembed".to_owned(), id: "art/7".to_owned(), author: None, url };
    let mut known = Post::new(name, Author { name: Some("Ann".to_owned()), ..Author::default() }, "A title");
    let card = read(
        r#"<meta property="og:title" content="Another"><meta name="author" content="Pat"><meta property="og:image" content="/7.jpg">"#,
    );
    card.unwrap().add_to(&mut known);
    assert_eq!((known.text.as_str(), known.author.name.as_deref(), known.author.url), ("A title", Some("Ann"), None));
    assert_eq!(known.media.len(), 1);
}

//! Articles made whole: pages joined, other forms of a page that has no body.

use crate::site::{LIST, World, page, words};

const STORY: &str = "https://news.example/2026/05/a-long-night-afloat";

fn tweet(id: u64) -> String {
    format!(
        "<blockquote class='twitter-tweet'><p>Low water.</p>&mdash; Quay (@quay) \
         <a href='https://twitter.com/quay/status/{id}'>May 12, 2026</a></blockquote>"
    )
}

fn number(world: &World, what: &str) -> i64 {
    world.number(&format!("SELECT {what} FROM articles a JOIN article_versions v ON v.id = a.version"))
}

fn links(pages: &[String], here: usize) -> String {
    let link = |(nth, url): (usize, &String)| match nth + 1 {
        nth if nth == here => format!("<span>{nth}</span> "),
        nth => format!("<a href='{url}'>{nth}</a> "),
    };
    pages.iter().enumerate().map(link).collect()
}

/// An article in pages at these addresses, each with its words and one post; the second post is on two pages.
fn in_pages(world: &World, addresses: &[String], canonical: impl Fn(usize) -> String) {
    for (nth, url) in addresses.iter().enumerate() {
        let posts = tweet(1_922_001_122_334_455 + nth as u64) + &tweet(1_922_001_122_334_456);
        let body = format!("{}{posts}<p>{}</p>", words(nth + 1), links(addresses, nth + 1));
        let head = format!("<link rel=canonical href='{}'>", canonical(nth));
        world.page(url, &page("A long night afloat", &body, &head, ""));
    }
}

#[test]
fn an_article_in_pages_is_joined_in_order_with_all_its_embeds() {
    for form in ["?page=", "/", "/page/"] {
        let mut world = World::new();
        let mut addresses = vec![STORY.to_owned()];
        addresses.extend((2..=3).map(|nth| format!("{STORY}{form}{nth}")));
        in_pages(&world, &addresses, |nth| addresses[nth].clone());
        world.page(LIST, STORY);
        assert_eq!(world.run().articles.new, 1);
        let view = world.store.article_view(STORY, false).unwrap().unwrap();
        let stories: Vec<usize> = (1..=3).filter_map(|n| view.article.text.find(&format!("of story {n}:"))).collect();
        assert!(stories.len() == 3 && stories.is_sorted(), "{form}: {}", view.article.text);
        let posts: Vec<_> = view.embeds.iter().map(|embed| embed.embed.target.post().unwrap().id.clone()).collect();
        assert_eq!(posts, ["1922001122334455", "1922001122334456", "1922001122334457"], "{form}");
        let tokens = embalm::html::split_at_tokens(&view.article.body_html);
        assert_eq!(tokens.iter().filter_map(|(_, position)| *position).collect::<Vec<_>>(), [0, 1, 2], "{form}");
        assert_eq!(world.number("SELECT count(*) FROM article_pages WHERE kind = 'next'"), 2);
        world.page(LIST, &addresses.join("\n"));
        world.asked();
        world.run();
        assert_eq!(world.asked().len(), 1, "its further pages are known as such");
    }
}

#[test]
fn an_article_that_is_named_by_its_second_page_begins_at_the_first() {
    let mut world = World::new();
    let addresses = [STORY.to_owned(), format!("{STORY}?page=2")];
    in_pages(&world, &addresses, |_| STORY.to_owned());
    world.page(LIST, &addresses[1]);
    world.run();
    world.page(LIST, STORY);
    world.run();
    assert_eq!(world.rows()[..2], [1, 1]);
    assert_eq!(number(&world, "v.text LIKE '%of story 1:%of story 2:%'"), 1);
}

#[test]
fn pages_end_at_the_limit_and_loops_end_by_themselves() {
    let mut world = World::new();
    let addresses: Vec<String> =
        (1..=9).map(|nth| if nth == 1 { STORY.to_owned() } else { format!("{STORY}?page={nth}") }).collect();
    in_pages(&world, &addresses, |nth| addresses[nth].clone());
    world.page(LIST, STORY);
    world.run();
    assert_eq!(world.number("SELECT count(*) FROM article_pages"), 4, "five pages at most");
    let mut world = World::new();
    for url in [STORY.to_owned(), format!("{STORY}?page=2"), format!("{STORY}?page=3")] {
        let next = |n: u32| format!("<link rel=next href='{STORY}?page={n}'>");
        world.page(&url, &page("Afloat", &words(1), &(next(2) + &next(3)), ""));
    }
    world.page(LIST, STORY);
    world.run();
    assert_eq!(world.number("SELECT count(*) FROM article_pages"), 0, "a site that ignores the number shows one page");
}

#[test]
fn a_page_with_everything_on_it_is_preferred() {
    let mut world = World::new();
    let addresses = [STORY.to_owned(), format!("{STORY}/2")];
    in_pages(&world, &addresses, |_| STORY.to_owned());
    let first = format!("{}<a href='{STORY}?view=all'>View as one page</a> {}", words(1), links(&addresses, 1));
    world.page(STORY, &page("Afloat", &first, "", ""));
    world.page(&format!("{STORY}?view=all"), &page("Afloat", &(words(1) + &words(2)), "", ""));
    world.page(LIST, STORY);
    world.run();
    assert_eq!(world.number("SELECT count(*) FROM article_pages WHERE kind = 'whole'"), 1);
    assert_eq!(number(&world, "v.text LIKE '%of story 1:%of story 2:%'"), 1);
}

#[test]
fn a_page_without_a_body_is_read_in_another_form_and_says_so() {
    let shell = "<div id='root'></div>";
    let amp = format!("<link rel=amphtml href='{STORY}/amp'>");
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"Afloat\",\"articleBody\":\"{}\"}}</script>",
        "The crew counted the stars twice and the passengers once. ".repeat(9)
    );
    let print = format!("<a href='{STORY}?print=1'>Print this article</a>");
    for (head, body, expected) in
        [(amp.as_str(), "", "amp"), ("", print.as_str(), "print"), (data.as_str(), "", "json_ld")]
    {
        let mut world = World::new();
        world.page(STORY, &page("Afloat", &format!("{shell}{body}"), head, ""));
        let full = page("Afloat", &(words(1) + &tweet(1_922_001_122_334_455)), "", "");
        world.page(&format!("{STORY}/amp"), &full);
        world.page(&format!("{STORY}?print=1"), &full);
        world.page(LIST, STORY);
        world.run();
        assert_eq!(number(&world, &format!("v.body_from = '{expected}'")), 1, "{expected}");
        assert!(number(&world, "length(v.text)") > 250, "{expected}");
        world.after_hours(1);
        assert_eq!(world.run().articles.unchanged, 1, "{expected}");
    }
}

#[test]
fn a_further_page_that_fails_takes_nothing_from_what_is_known() {
    let mut world = World::new();
    let addresses = [STORY.to_owned(), format!("{STORY}?page=2")];
    in_pages(&world, &addresses, |nth| addresses[nth].clone());
    world.page(LIST, STORY);
    world.run();
    world.answers(&addresses[1], 503, &[], "later");
    world.after_hours(1);
    assert_eq!(world.run().articles.failed, 1);
    assert_eq!(world.rows()[..2], [1, 1]);
}

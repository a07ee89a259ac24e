//! Known articles looked at again: when, how they are asked for, and what is kept of it.

use crate::site::{LIST, World, page, words};
use embalm::{pipeline::SourceKind, store::Filter};

const STORY: &str = "https://news.example/2026/05/ferry-stays-in-port";

fn story(words: &str, beside: &str) -> String {
    page("Ferry stays in port", words, &format!("<link rel=canonical href='{STORY}'>"), beside)
}

/// A world in which the story was archived.
fn archived() -> World {
    let mut world = World::new();
    world.page(LIST, STORY);
    world.page(STORY, &story(&words(1), "<p>12 comments</p>"));
    assert_eq!(world.run().articles.new, 1);
    world.asked();
    world
}

fn again(world: &mut World, hours: i64) -> (u64, u64, u64) {
    world.after_hours(hours);
    let articles = world.run().articles;
    (articles.changed, articles.unchanged, articles.failed)
}

#[test]
fn a_known_article_is_asked_for_on_its_schedule_and_for_changes_alone() {
    let mut world = archived();
    let rows = world.rows();
    for (hours, is_due) in
        [(0, false), (1, true), (1, false), (4, true), (1, false), (17, true), (48, true), (900, false)]
    {
        // After more than a week the list is asked for whole, and names the article once more, which is not asked for.
        let is_named = hours >= 7 * 24;
        assert_eq!(again(&mut world, hours), (0, u64::from(is_due || is_named), 0));
        let mut expected = vec![(LIST.to_owned(), !is_named)];
        expected.splice(0..0, is_due.then(|| (STORY.to_owned(), true)));
        assert_eq!(world.asked(), expected, "after {hours} hours more");
    }
    assert_eq!(world.rows(), rows, "nothing was written but when it was looked at");
    assert_eq!(world.number("SELECT looks FROM articles"), 5);
}

#[test]
fn only_what_the_article_says_makes_a_version() {
    let mut world = archived();
    world.page(STORY, &story(&words(1), "<p>977 comments</p><p>An advertisement for boots.</p>"));
    assert_eq!(again(&mut world, 1), (0, 1, 0));
    assert_eq!(again(&mut world, 5), (0, 1, 0), "the newest answer's version is asked for");
    assert!(world.asked().contains(&(STORY.to_owned(), true)));
    assert_eq!(world.number("SELECT count(*) FROM exchanges"), 1);
    let longer = format!("{}<p>In the evening it sailed after all, with eleven passengers and a goat.</p>", words(1));
    world.page(STORY, &story(&longer, ""));
    assert_eq!(again(&mut world, 18), (1, 0, 0));
    assert_eq!(world.number("SELECT count(*) FROM article_versions"), 2);
    assert_eq!(again(&mut world, 24), (0, 1, 0), "sooner after a change");
    assert_eq!(world.number("SELECT looks FROM articles"), 5);
}

#[test]
fn an_article_that_is_gone_keeps_its_versions_and_is_left_alone_in_the_end() {
    let mut world = archived();
    world.answers(STORY, 404, &[], "gone");
    assert_eq!(again(&mut world, 1), (0, 0, 1), "told once");
    assert_eq!(again(&mut world, 5), (0, 1, 0));
    let record = world.store.articles(&Filter::default()).unwrap().remove(0);
    assert_eq!((record.state.as_str(), record.versions), ("gone", 1));
    assert_eq!(record.state_since.map(|at| at.to_string()).as_deref(), Some("2026-05-12T09:00:00Z"));
    world.page(STORY, &story(&words(1), ""));
    assert_eq!(again(&mut world, 18), (0, 1, 0), "it is back");
    assert_eq!(world.number("SELECT count(*) FROM articles WHERE state = 'live'"), 1);
    world.answers(STORY, 410, &[], "gone");
    again(&mut world, 48);
    world.asked();
    again(&mut world, 2000);
    assert_eq!(world.asked(), [(LIST.to_owned(), false)]);
    assert_eq!(world.number("SELECT count(*) FROM queue"), 0);
}

#[test]
fn what_could_not_be_had_says_nothing_and_a_redirect_to_the_front_page_is_no_version() {
    let mut world = archived();
    world.answers(STORY, 503, &[], "later");
    assert_eq!(again(&mut world, 1), (0, 0, 1));
    world.page("https://news.example/", &page("The Quay Post", &words(9), "", ""));
    world.answers(STORY, 302, &[("location", "/")], "");
    assert_eq!(again(&mut world, 5), (0, 0, 1));
    assert_eq!(world.number("SELECT count(*) FROM article_versions"), 1);
    assert_eq!(world.number("SELECT count(*) FROM articles WHERE state = 'live'"), 1);
}

#[test]
fn a_source_that_names_a_change_has_the_article_looked_at() {
    let feed_url = "https://news.example/feed.xml";
    let feed = |updated: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>Quay</title><id>f</id><updated>{updated}</updated><entry>\
             <title>Ferry</title><id>a</id><link href='{STORY}?utm_source=atom'/><published>2026-05-12T07:00:00Z</published>\
             <updated>{updated}</updated></entry></feed>"
        )
    };
    let mut world = World::new();
    world.page(STORY, &story(&words(1), ""));
    let tracked = format!("{STORY}?utm_source=atom");
    world.page(&tracked, &story(&words(1), ""));
    world.page(feed_url, &feed("2026-05-12T07:00:00Z"));
    assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.new, 1);
    world.asked();
    world.page(feed_url, &feed("2026-05-12T07:59:00Z"));
    world.run_with(SourceKind::Feed, feed_url);
    assert_eq!(world.asked(), [(feed_url.to_owned(), true)], "that was seen");
    world.after_hours(80);
    world.run_with(SourceKind::Feed, feed_url);
    world.asked();
    world.page(feed_url, &feed("2026-05-16T07:59:00Z"));
    world.page(&tracked, &story(&words(2), ""));
    world.after_hours(20);
    assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.changed, 1);
    assert_eq!(world.rows()[..2], [1, 2]);
}

#[test]
fn addresses_that_the_site_says_are_one_are_one_article() {
    let mut world = archived();
    let (short, amp) = ("https://s.example/x1", "https://news.example/2026/05/ferry-stays-in-port/amp");
    world.answers(short, 301, &[("location", &format!("{STORY}?utm_source=short"))], "");
    world.page(&format!("{STORY}?utm_source=short"), &story(&words(1), "<p>a short one</p>"));
    world.page(amp, &story(&words(1), ""));
    let other = "https://news.example/2026/05/another-story-altogether";
    world.page(other, &page("Another", &words(7).replace("harbour", "bakery"), "<link rel=canonical href='/'>", ""));
    let list = [&format!("{STORY}?fbclid=1#top"), short, amp, other].join("\n");
    world.page(LIST, &list);
    let articles = world.run().articles;
    assert_eq!((articles.new, articles.changed, articles.unchanged), (1, 0, 3));
    assert_eq!(world.rows()[..2], [2, 2]);
    world.asked();
    world.run();
    assert_eq!(world.asked(), [(LIST.to_owned(), true)], "a known alias is recognised before any request");
    for form in [short, amp, "https://news.example/2026/05/ferry-stays-in-port?utm_campaign=z"] {
        assert_eq!(world.store.article_view(form, false).unwrap().unwrap().name, STORY, "{form}");
        let filter = Filter { article: Some(form.to_owned()), ..Filter::default() };
        assert_eq!(world.store.articles(&filter).unwrap().len(), 1);
    }
}

#[test]
fn a_canonical_address_under_which_another_story_stands_is_not_believed() {
    let mut world = archived();
    let other = "https://news.example/2026/05/bakery-wins-a-prize";
    let words = "<p>Seven judges tasted forty loaves before breakfast, argued about crust until lunch, and gave their golden \
                 spoon to Marta Lindqvist, whose sourdough is older than any member of the jury.</p>";
    world.page(other, &page("Bakery wins", words, &format!("<link rel=canonical href='{STORY}'>"), ""));
    world.page(LIST, &[STORY, other].join("\n"));
    assert_eq!(world.run().articles.new, 1);
    assert_eq!(world.rows()[..2], [2, 2]);
}

#[test]
fn a_second_run_over_known_articles_asks_each_once_for_changes_and_writes_no_row() {
    let count = 300;
    let mut world = World::new();
    let urls: Vec<String> = (0..count).map(|n| format!("https://news.example/2026/05/story-number-{n}")).collect();
    for (n, url) in urls.iter().enumerate() {
        world.page(url, &page(&format!("Story {n}"), &words(n), "", ""));
    }
    world.page(LIST, &urls.join("\n"));
    assert_eq!(world.run().articles.new, count as u64);
    let rows = world.rows();
    world.asked();
    world.run();
    assert_eq!(world.asked(), [(LIST.to_owned(), true)], "nothing is due but the source");
    world.after_hours(1);
    assert_eq!(world.run().articles.unchanged, count as u64 * 2 - count as u64);
    let asked = world.asked();
    assert_eq!(asked.len(), count + 1);
    assert!(asked.iter().all(|(_, conditional)| *conditional));
    assert_eq!(world.rows(), rows);
}

#[test]
fn articles_that_a_site_sends_to_one_page_of_its_own_are_not_that_page() {
    let mut world = World::new();
    let urls: Vec<String> = (0..3).map(|n| format!("https://news.example/2026/05/story-number-{n}")).collect();
    for (stop, stands_for_them) in [("https://news.example/consent?back=1", 0), ("https://news.example/oops", 3)] {
        world.page(stop, &page("Before you go on", &words(77).replace("story", "cookie"), "", ""));
        for url in &urls {
            world.answers(url, 302, &[("location", stop)], "");
        }
        world.page(LIST, &urls.join("\n"));
        world.after_hours(48);
        world.run();
        assert_eq!(world.rows()[..2], [stands_for_them, stands_for_them], "{stop}");
    }
    for (n, url) in urls.iter().enumerate() {
        world.page(url, &page(&format!("Story {n}"), &words(n), "", ""));
    }
    world.after_hours(1);
    world.run();
    assert_eq!(world.rows()[..2], [3, 6]);
    assert_eq!(world.number("SELECT count(*) FROM article_texts WHERE title LIKE 'Story %'"), 3);
}

#[test]
fn another_page_in_an_articles_place_is_no_version_of_it() {
    let sorry = "<p>Sorry! Something went wrong at our end.</p>";
    let notice = "<p>We are moving house tonight. Our editors and engineers carry everything from the old building to the \
                  new one; please come back tomorrow at nine.</p>";
    let mut world = archived();
    for (nth, body) in [sorry, notice].into_iter().enumerate() {
        world.page(STORY, &page("We will be right back", body, "", ""));
        assert_eq!(again(&mut world, [1, 5][nth]), (0, 0, 1));
        assert_eq!(world.number("SELECT count(*) FROM article_versions"), 1);
    }
    world.page("https://news.example/stories/maintenance-window-tonight", &page("Right back", notice, "", ""));
    world.answers(STORY, 302, &[("location", "/stories/maintenance-window-tonight")], "");
    assert_eq!(again(&mut world, 18), (0, 0, 1));
    world.page(STORY, &story(&format!("{}<p>In the evening it sailed after all.</p>", words(1)), ""));
    assert_eq!(again(&mut world, 48), (1, 0, 0));
    assert_eq!(world.rows()[..2], [1, 2]);
}

#[test]
fn what_only_the_feed_embeds_outlives_looks_at_the_page_and_what_it_gains_is_kept() {
    let feed_url = "https://news.example/feed.xml";
    let tweet = |id: u32| {
        format!(
            "<blockquote class=\"twitter-tweet\"><p>High tide</p>&mdash; Tide (@tide) \
             <a href=\"https://twitter.com/tide/status/1822{id}\">August 11, 2024</a></blockquote>"
        )
    };
    let feed = |updated: &str, posts: &[u32]| {
        let posts: String = posts.iter().map(|id| tweet(*id)).collect();
        let content = format!("{}{posts}", words(1)).replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>Quay</title><id>f</id><updated>{updated}</updated><entry>\
             <title>Ferry</title><id>a</id><link href='{STORY}'/><updated>{updated}</updated>\
             <content type='html'>{content}</content></entry></feed>"
        )
    };
    let mut world = World::new();
    world.page(STORY, &story(&format!("{}{}", words(1), tweet(1)), ""));
    world.page(feed_url, &feed("2026-05-12T07:00:00Z", &[1, 2]));
    assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.new, 1);
    let newest = |world: &World| {
        world.number("SELECT sum(1 << (substr(p.key, 13))) FROM embeds e JOIN posts p ON p.id = e.post JOIN articles a ON a.version = e.version")
    };
    assert_eq!(newest(&world), 0b110);
    // The page is rewritten, its own post taken out; the feed has no news, and the schedule looks at the page.
    world.page(STORY, &story(&format!("{}<p>It sailed in the evening after all, with a goat.</p>", words(1)), ""));
    world.after_hours(1);
    assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.changed, 1);
    assert_eq!(newest(&world), 0b100, "the feed's own stays, the page's goes");
    // The feed gains one, the page is as it was.
    world.page(feed_url, &feed("2026-05-12T10:00:00Z", &[2, 3]));
    world.after_hours(2);
    assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.changed, 1, "though it is not due");
    assert_eq!(newest(&world), 0b1100);
    // The schedule may come first; the feed is asked whole once more then.
    world.page(feed_url, &feed("2026-05-12T12:00:00Z", &[2, 3, 4]));
    world.after_hours(5);
    world.run_with(SourceKind::Feed, feed_url);
    world.run_with(SourceKind::Feed, feed_url);
    assert_eq!(newest(&world), 0b11100);
    world.run_with(SourceKind::Feed, feed_url);
    world.asked();
    world.run_with(SourceKind::Feed, feed_url);
    assert_eq!(world.asked(), [(feed_url.to_owned(), true)], "all is read");
    let rows = world.rows();
    for hours in [17, 48] {
        world.after_hours(hours);
        assert_eq!(world.run_with(SourceKind::Feed, feed_url).articles.unchanged, 1);
    }
    assert_eq!(world.rows(), rows);
}

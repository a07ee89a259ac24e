//! Feeds as feedparser's and gofeed's tests expect them: title, link, id, dates, authors, tags, languages and text.

use super::{Reasons, Tally, json, shared};
use embalm::{
    html::fragment_text,
    model::When,
    source::{Entry, Feed, NotRead, Payload, read_feed},
};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::fs;
use url::Url;

/// What feedparser tells of feeds and embalm does not keep.
const NOT_KEPT: Reasons<'_> = &[
    ("version", "one model for all formats: nothing depends on which it was"),
    ("etag", "the transport's"),
    ("entries.#.enclosures*", "attachments are no articles"),
    ("entries.#.links*", "one link is the article; the rest is not kept"),
    ("entries.#.source.*", "where an aggregator has an entry from is not kept"),
    ("entries.#.contributors*", "authors are kept"),
    ("entries.#.rights*", "not kept"),
    ("entries.#.license", "not kept"),
    ("entries.#.publisher*", "not kept"),
    ("entries.#.author_detail.email", "names are kept, addresses of mail are not"),
    ("entries.#.author_detail.url", "names are kept"),
    ("entries.#.authors.#.url", "names are kept"),
    ("entries.#.description", "summaries are not kept, and their markup is rewritten there"),
    ("entries.#.summary", "summaries are not kept"),
    ("entries.#.summary_detail.*", "summaries are not kept"),
    ("entries.#.content.#.language", "the entry's language is kept, not that of one element"),
    ("entries.#.content.#.type", "content is HTML whatever it was called"),
    ("entries.#.title_detail.language", "the entry's language is kept, not that of one element"),
    ("entries.#.title_detail.type", "titles are plain text"),
    ("entries.#.guidislink", "it is the link where there is no other"),
    ("entries.#.created", "the date is kept, not its spelling"),
    ("entries.#.published", "the date is kept, not its spelling"),
    ("entries.#.updated", "the date is kept, not its spelling"),
    ("entries.#.tags.#.scheme", "tags are words"),
    ("entries.#.media_thumbnail*", "not kept"),
    ("entries.#.psc_chapters*", "not kept"),
    ("entries.#.thr_in-reply-to*", "not kept"),
    ("entries.#.where*", "not kept"),
    ("entries.#.madeup_element", "a vocabulary of nobody"),
    ("feed.author*", "the feed's own author is not kept"),
    ("feed.category", "the feed's own tags are not kept"),
    ("feed.tags*", "the feed's own tags are not kept"),
    ("feed.cloud*", "not kept"),
    ("feed.contributors*", "not kept"),
    ("feed.copyright", "not kept"),
    ("feed.description", "not kept"),
    ("feed.generator*", "not kept"),
    ("feed.image*", "not kept"),
    ("feed.info*", "not kept"),
    ("feed.itunes_block", "not kept"),
    ("feed.links*", "one link is the site; the rest is not kept"),
    ("feed.publisher*", "not kept"),
    ("feed.rights*", "not kept"),
    ("feed.subtitle", "not kept"),
    ("feed.tagline*", "not kept"),
    ("feed.textinput*", "not kept"),
    ("feed.title_detail.base", "a title holds no addresses"),
    ("feed.title_detail.type", "titles are plain text"),
    ("feed.updated", "the date is kept, not its spelling"),
    ("feed.validity*", "not kept"),
];

/// Cases in which feedparser does what is its own.
const OF_FEEDPARSER: Reasons<'_> = &[(
    "feedparser/wellformed/rss/item_description_and_summary.xml",
    "a summary beside a description counts as the content there; it is no article's text",
)];

/// Words alone, so that the suites' rewriting of markup does not count.
fn words(text: &str) -> String {
    fragment_text(&fragment_text(text)).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn same_words(expected: &str, found: Option<&String>) -> bool {
    words(expected) == words(found.map_or("", String::as_str))
}

/// The same address as a browser reads it; an address that leads nowhere is none.
fn same_url(expected: &str, found: Option<&Url>) -> bool {
    match (Url::parse(expected.trim()), found) {
        (Ok(url), Some(found)) => url == *found,
        (Ok(url), None) => !matches!(url.scheme(), "http" | "https"),
        // The suite's feed has no address that it could be resolved against.
        (Err(_), found) => found.is_none_or(|found| found.as_str().ends_with(expected.trim())),
    }
}

/// The same instant as Python's tuple of year, month, day, hour, minute, second.
fn same_date(expected: &Value, found: Option<When>) -> bool {
    let parts: Vec<i64> = expected.as_array().into_iter().flatten().filter_map(Value::as_i64).take(6).collect();
    let found = found.map(|when| match when {
        When::Day(day) => [i64::from(day.year()), i64::from(day.month()), i64::from(day.day()), 0, 0, 0],
        When::Instant(at) => {
            let at = at.to_zoned(TimeZone::UTC);
            [
                i64::from(at.year()),
                i64::from(at.month()),
                i64::from(at.day()),
                i64::from(at.hour()),
                i64::from(at.minute()),
                i64::from(at.second()),
            ]
        }
    });
    found.is_some_and(|found| parts == found)
}

/// The path without its numbers.
fn shape(path: &[Value]) -> String {
    let parts = path.iter().map(|part| part.as_str().unwrap_or("#"));
    parts.collect::<Vec<_>>().join(".")
}

/// Whether the feed holds what a row says; none where the row is about something that is not kept.
fn holds(feed: &Result<Feed, NotRead>, row: &Value) -> Option<bool> {
    let path = row["path"].as_array().expect("a path");
    let shape = shape(path);
    if shape == "bozo" {
        return Some(feed.as_ref().is_ok_and(|feed| feed.note.is_none()));
    }
    let empty = Feed::default();
    let feed = feed.as_ref().unwrap_or(&empty);
    if shape == "entries" {
        return Some(row["value"].as_u64() == u64::try_from(feed.entries.len()).ok());
    }
    let value = &row["value"];
    let text = value.as_str().unwrap_or_default();
    let entry = path.get(1).and_then(Value::as_u64).and_then(|at| feed.entries.get(usize::try_from(at).ok()?));
    let blank = Entry::default();
    let entry = entry.unwrap_or(&blank);
    Some(match shape.as_str() {
        "feed.title" | "feed.title_detail.value" => same_words(text, feed.title.as_ref()),
        "feed.link" => same_url(text, feed.link.as_ref()),
        "feed.id" => same_url(text, feed.id.as_ref().and_then(|id| Url::parse(id).ok()).as_ref()),
        "feed.language" => feed.lang.as_deref() == Some(text),
        "feed.created_parsed" => same_date(value, feed.published),
        "feed.updated_parsed" => same_date(value, feed.updated.or(feed.published)),
        "entries.#.title" | "entries.#.title_detail.value" => same_words(text, entry.title.as_ref()),
        "entries.#.link" => same_url(text, entry.url.as_ref()),
        "entries.#.id" | "entries.#.guid" => entry.id == text,
        "entries.#.published_parsed" | "entries.#.created_parsed" => same_date(value, entry.published),
        "entries.#.updated_parsed" => same_date(value, entry.updated.or(entry.published)),
        "entries.#.author" | "entries.#.author_detail.name" => {
            // feedparser keeps `mail (Name)` together.
            entry.author.as_deref().is_some_and(|author| text.contains(author))
        }
        "entries.#.category" | "entries.#.tags.#.term" => entry.tags.iter().any(|tag| tag == text),
        "entries.#.content.#.value" => same_words(text, entry.content_html.as_ref()),
        _ => return None,
    })
}

#[test]
fn feedparsers_feeds_hold_what_its_tests_say() {
    let Some(folder) = shared("suites/feeds") else { return };
    let mut tally = Tally::default();
    for case in json(&folder.join("feedparser_expect.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        let bytes = fs::read(folder.join(file)).expect("the feed");
        let headers = case["http_headers"].as_object().expect("headers");
        let header = |name: &str| {
            headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        let url = Url::parse(header("content-location").unwrap_or("http://127.0.0.1:8097/")).ok();
        let feed = read_feed(Payload::of(&bytes).at(url.as_ref()).typed(header("content-type")));
        // Rows that are no comparison of one path; that the feed is read is what they come to.
        let rows = case["expect"].as_array();
        if OF_FEEDPARSER.iter().any(|(known, _)| *known == file) {
            tally.excuse(file, OF_FEEDPARSER);
            let is_all = rows.into_iter().flatten().all(|row| holds(&feed, row) != Some(false));
            tally.judge(!is_all, || format!("{file}: holds after all"));
            continue;
        }
        if rows.is_none() {
            tally.judge(feed.is_ok(), || format!("{file}: {feed:?}"));
        }
        for row in rows.into_iter().flatten() {
            match holds(&feed, row) {
                Some(holds) => {
                    tally.judge(holds, || format!("{file}: {} is not {} in {feed:?}", row["path"], row["value"]));
                }
                None => tally.excuse(&shape(row["path"].as_array().expect("a path")), NOT_KEPT),
            }
        }
    }
    let reasons = [NOT_KEPT, OF_FEEDPARSER].concat();
    tally.finish("feedparser", 300, &reasons);
}

/// Cases in which gofeed does what is its own.
const OF_GOFEED: Reasons<'_> = &[(
    "gofeed/translator/rss/feed_links_-_rdf_channel_links.xml",
    "of three links it takes the last, which is Atom's; here, as in feedparser, RSS's own first one counts",
)];

#[test]
fn gofeeds_feeds_hold_what_its_tests_say() {
    let Some(folder) = shared("suites/feeds") else { return };
    let mut tally = Tally::default();
    for case in json(&folder.join("gofeed_index.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        let bytes = fs::read(folder.join(file)).expect("the feed");
        let feed = read_feed(Payload::of(&bytes));
        // The rows without expectations end in their own way: what is no feed is refused, the rest is read.
        let Some(expected) = case["expected"].as_str().map(|path| json(&folder.join(path))) else {
            let is_none = file.contains("invalid") || file.contains("unknown");
            tally.judge(feed.is_err() == is_none, || format!("{file}: {feed:?}"));
            continue;
        };
        let found = || format!("{feed:?}");
        let Ok(read) = &feed else {
            tally.judge(false, || format!("{file}: {}", found()));
            continue;
        };
        tally.judge(true, String::new);
        if OF_GOFEED.iter().any(|(known, _)| *known == file) {
            let is_same = expected["link"].as_str().is_some_and(|link| same_url(link, read.link.as_ref()));
            tally.judge(!is_same, || format!("{file}: holds after all"));
            tally.excuse(file, OF_GOFEED);
            continue;
        }
        let date = |value: &Value| value.as_str().and_then(When::parse);
        let mut check = |what: &str, right: Option<bool>| {
            if let Some(right) = right {
                tally.judge(right, || format!("{file}: {what} in {}", found()));
            }
        };
        check("feed title", expected["title"].as_str().map(|text| same_words(text, read.title.as_ref())));
        check("feed link", expected["link"].as_str().map(|link| same_url(link, read.link.as_ref())));
        check("feed date", date(&expected["publishedParsed"]).map(|date| read.published == Some(date)));
        check("feed change", date(&expected["lastBuildDateParsed"]).map(|date| read.updated == Some(date)));
        check("feed language", expected["language"].as_str().map(|lang| read.lang.as_deref() == Some(lang)));
        let items = expected["items"].as_array().or(expected["entries"].as_array());
        check("number", items.map(|items| items.len() == read.entries.len()));
        for (item, entry) in items.into_iter().flatten().zip(&read.entries) {
            check("title", item["title"].as_str().map(|text| same_words(text, entry.title.as_ref())));
            check("link", item["link"].as_str().map(|link| same_url(link, entry.url.as_ref())));
            let id = ["id", "guid"].iter().find_map(|name| item[name].as_str().or(item[name]["value"].as_str()));
            check("id", id.map(|id| entry.id == id));
            let published = date(&item["publishedParsed"]).or(date(&item["pubDateParsed"]));
            check("date", published.map(|date| entry.published == Some(date)));
            check("change", date(&item["updatedParsed"]).map(|date| entry.updated == Some(date)));
            let content = item["content"].as_str().or(item["content"]["value"].as_str());
            check("content", content.map(|text| same_words(text, entry.content_html.as_ref())));
            let author = item["authors"].as_array().and_then(|authors| authors.first()?["name"].as_str());
            check("author", author.map(|name| entry.author.as_deref().is_some_and(|found| found.starts_with(name))));
        }
    }
    tally.finish("gofeed", 150, OF_GOFEED);
}

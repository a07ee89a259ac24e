//! `/status`: how everything stands, from the archive as it is at the moment.

use crate::{
    desk::{Desk, found, post, post_ref, rung},
    viewer::Viewer,
};
use embalm::model::{Gone, Outcome, PostRef, Via};
use scraper::{Html, Selector};

fn select(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).map(|found| found.text().collect::<String>().trim().to_owned()).collect()
}

#[test]
fn an_empty_archive_has_a_page_without_plots() {
    let desk = Desk::new();
    let viewer = Viewer::start(&desk.path, &[]);
    let answer = viewer.get("/status");
    assert_eq!(answer.status, 200);
    let page = Html::parse_document(&answer.text());
    assert!(select(&page, ".plot svg").is_empty());
    assert_eq!(select(&page, ".plot .says").len(), 5);
    assert_eq!(select(&page, "h1"), ["Status"]);
}

#[test]
fn what_is_captured_and_what_vanishes_is_drawn_at_once() {
    let mut desk = Desk::new();
    let viewer = Viewer::start(&desk.path, &[]);
    let hostile = PostRef { platform: "</text><script>alert(1)</script>".to_owned(), ..post_ref("9") };
    desk.capture(&hostile, found("2026-01-01T00:00:02Z", post("9", "We sail at noon")));
    desk.capture(&post_ref("1"), found("2026-01-01T00:00:02Z", post("1", "We sail at noon")));
    let drawn = |gone: &str| {
        let text = viewer.get("/status").text();
        let page = Html::parse_document(&text);
        assert!(select(&page, "svg script, main script").is_empty(), "{text}");
        for never in ["style=", "<style", "javascript:", "onload"] {
            assert!(!text.contains(never), "{never}");
        }
        let says = select(&page, "#plot-platforms .says");
        assert!(says[0].contains(gone), "{says:?}");
        let row = select(&page, "#plot-captures tbody tr");
        assert!(!row.is_empty());
        for svg in page.select(&Selector::parse(".plot svg").unwrap()) {
            assert_eq!(svg.attr("role"), Some("img"));
            let named = svg.attr("aria-labelledby").unwrap();
            assert!(named.split(' ').all(|id| !select(&page, &format!("#{id}")).is_empty()), "{named}");
        }
        let open = select(&page, ".plot .numbers table");
        assert_eq!(open.len(), select(&page, ".plot svg").len(), "the figures of every plot can be read");
    };
    drawn("0 are gone");
    desk.capture(&post_ref("1"), rung("2026-01-03T10:00:00Z", Via::Api, Outcome::Gone(Gone::Deleted)));
    drawn("1 are gone (50 %)");
}

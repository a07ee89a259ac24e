//! `/at/URL`: whatever was at an address is found by it, in any form that names the same.

use crate::viewer::{STORY, Viewer, room};

#[test]
fn an_article_or_post_is_found_by_its_address_in_any_form() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let escaped: String = STORY
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    for address in [
        format!("/at/{STORY}"),
        format!("/at/{escaped}"),
        format!("/at/{}", STORY.replace("https://", "https:/")),
        format!("/at/{}", STORY.replace("https://", "http://")),
        format!("/at/{}", STORY.trim_start_matches("https://")),
        format!("/at/{STORY}&utm_source=letter"),
        format!("/at?url={escaped}"),
        format!("/at?url=%20{escaped}%20&x=1"),
    ] {
        let answer = viewer.get(&address);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/article/1")), "{address}");
    }
    for address in [
        "/at/https://x.com/Ferry_Clerk/status/1822768?s=20",
        "/at/https%3A%2F%2Ftwitter.com%2FFerry_Clerk%2Fstatus%2F1822768",
        "/at/x.com/Ferry_Clerk/status/1822768",
        "/at?url=https://mobile.twitter.com/a/status/1822768/photo/1",
        "/at/twitter:1822768",
    ] {
        let answer = viewer.get(address);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/post/twitter:1822768")), "{address}");
    }
    assert_eq!(viewer.get("/post/twitter:1822768").status, 200);
}

#[test]
fn what_is_not_here_is_said_so_and_searching_is_offered() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let answer = viewer.get("/at/https://news.example/2026/low-tide-at-noon.html?x=%3Cb%3E1");
    assert_eq!(answer.status, 404);
    let page = answer.text();
    assert!(page.contains("has nothing from https:") && page.contains("low-tide-at-noon.html?x="), "{page}");
    assert!(page.contains("value=\"low tide noon\""), "{page}");
    assert!(!page.contains("<b>1"), "{page}");
    assert_eq!(viewer.get("/at").status, 400);
    assert_eq!(viewer.get("/at?url=").status, 400);
    assert_eq!(viewer.get("/at?url=nonsense").status, 404);
}

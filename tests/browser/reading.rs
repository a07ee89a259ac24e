//! The pages as readers use them: at a phone's width and at a desk's, by day and by night.

use crate::{
    Suite,
    reader::{DESK, PHONE, Reader, VIEWS, View},
};

/// Narrowest window in which nothing may stick out.
const NARROW: View = View { width: 320, height: 700, dark: false };

/// What is wrong with a page, whatever page it is; waits for its pictures.
pub(crate) const FIT: &str = r#"(async () => {
  const wrong = [];
  const pictures = [...document.images];
  pictures.forEach(one => one.loading = 'eager');
  await Promise.all(pictures.map(one => one.decode().catch(() => {})));
  for (const one of pictures) if (one.naturalWidth === 0) wrong.push('a picture is not drawn: ' + one.src.slice(0, 200));
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const out = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1);
    wrong.push(`${wide} px too wide: ` + out.slice(0, 3).map(one => one.tagName + '.' + one.className).join(', '));
  }
  for (const [what, count] of [['main', 1], ['h1', 1], ['head > title', 1]]) {
    const there = [...document.querySelectorAll(what)].filter(one => one.textContent.trim()).length;
    if (there !== count) wrong.push(`${there} ${what}`);
  }
  if (!document.documentElement.lang) wrong.push('no language');
  for (const one of document.querySelectorAll('script:not([src]), [style], iframe, object, embed, base')) {
    wrong.push('in the page: ' + one.outerHTML.slice(0, 200));
  }
  return wrong;
})()"#;

/// Pages that have an address of their own.
const PAGES: [&str; 18] = [
    "/",
    "/articles",
    "/posts",
    "/posts?state=deleted",
    "/platforms",
    "/platform/mastodon",
    "/author/mastodon/lamp",
    "/sources",
    "/runs",
    "/runs/1",
    "/failures",
    "/status",
    "/search",
    "/search?q=ferry",
    "/search?q=nothing-is-called-so",
    "/article/2/original",
    "/article/3/original",
    "/article/6/original",
];

/// Every kind of page of the viewer.
pub(crate) fn pages(suite: &Suite) -> Vec<String> {
    let room = &suite.room;
    let mut pages: Vec<String> = PAGES.map(|path| room.url(path)).into();
    pages.extend((1..=6).map(|id| room.url(&format!("/article/{id}"))));
    pages.push(room.edited());
    pages
}

pub(crate) async fn every_page_is_fit_to_read(suite: &Suite) {
    let mut wrong = Vec::new();
    for view in VIEWS.into_iter().chain([NARROW]) {
        let reader = Reader::open(&suite.browser, view).await;
        for page in pages(suite) {
            reader.goto(&page).await;
            let status: u16 = reader.eval("performance.getEntriesByType('navigation')[0].responseStatus").await;
            wrong.extend((status != 200).then(|| format!("{page}: {status}")));
            let found: Vec<String> = reader.eval(FIT).await;
            wrong.extend(found.into_iter().map(|one| format!("{page} at {} px: {one}", view.width)));
        }
        wrong.extend(reader.complaints());
        let foreign = |name: &String| !suite.is_ours(name);
        wrong.extend(reader.scripts().into_iter().filter(foreign).map(|name| format!("a script ran: {name}")));
        reader.close().await;
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub(crate) async fn an_article_has_its_posts_in_their_places(suite: &Suite) {
    for view in [PHONE, DESK] {
        let reader = Reader::open(&suite.browser, view).await;
        reader.goto(&suite.article("The night ferry returns")).await;
        let order: Vec<String> = reader
            .eval("[...document.querySelectorAll('main .story p, main .story article.post')].filter(one => !one.parentElement.closest('article.post')).map(one => one.matches('article') ? 'post' : 'words')")
            .await;
        let story: Vec<&str> = order.iter().map(String::as_str).skip_while(|one| *one == "words").collect();
        assert_eq!(story, ["post", "words", "post", "words", "post", "words"], "{order:?}");
        let direction: String = reader
            .eval("getComputedStyle([...document.querySelectorAll('.post .words')].find(one => one.textContent.includes('العبّارة'))).direction")
            .await;
        assert_eq!(direction, "rtl");
        let state: String = reader.eval("document.querySelector('.post').textContent").await;
        assert!(state.contains("eleven") && state.to_lowercase().contains("deleted"), "{state}");
        reader.close().await;
    }
}

pub(crate) async fn a_post_shows_its_life(suite: &Suite) {
    for view in [PHONE, DESK] {
        let reader = Reader::open(&suite.browser, view).await;
        reader.goto(&suite.room.edited()).await;
        let changed: [Vec<String>; 2] = reader
            .eval("['del', 'ins'].map(name => [...document.querySelectorAll('main ' + name)].filter(one => one.getClientRects().length).map(one => one.textContent))")
            .await;
        let [gone, come] = changed.map(|words| words.join(" "));
        assert!(gone.contains("ten") && come.contains("eleven") && come.contains("patience"), "{gone} / {come}");
        let days: Vec<String> =
            reader.eval("[...document.querySelectorAll('main time')].map(one => one.dateTime.slice(0, 10))").await;
        for day in ["2026-03-30", "2026-03-31", "2026-04-02"] {
            assert!(days.iter().any(|one| one == day), "{day}: {days:?}");
        }
        reader.close().await;
    }
}

pub(crate) async fn a_search_is_typed_marked_and_narrowed(suite: &Suite) {
    for view in [PHONE, DESK] {
        let reader = Reader::open(&suite.browser, view).await;
        reader.goto(&suite.room.url("/")).await;
        reader.press("/").await;
        reader.write("tonight").await;
        let mark = reader.mark();
        reader.press("Enter").await;
        reader.arrives("a search", mark).await;
        let found = "[...document.querySelectorAll('main ol.entries > li')].map(one => [...one.querySelectorAll('mark')].map(mark => mark.textContent.toLowerCase()).join(' '))";
        let all: Vec<String> = reader.eval(found).await;
        assert!(all.len() > 1 && all.iter().any(|marks| marks.contains("tonight")), "{all:?}");
        let kept: String = reader.eval("document.querySelector('#q').value").await;
        assert_eq!(kept, "tonight", "the words stay in the box");
        let mark = reader.mark();
        reader
            .eval::<()>("(document.querySelector('main .chips a[href*=\"platform=\"]').dataset.here = 1, null)")
            .await;
        reader.click("main .chips a[data-here]").await;
        reader.arrives("a narrower search", mark).await;
        let (address, fewer): (String, Vec<String>) = (reader.eval("location.search").await, reader.eval(found).await);
        assert!(address.contains("platform=") && !fewer.is_empty() && fewer.len() < all.len(), "{address}: {fewer:?}");
        let mark = reader.mark();
        reader.click("main ol.entries .title a").await;
        reader.arrives("what was found", mark).await;
        let path: String = reader.eval("location.pathname").await;
        assert!(path.starts_with("/post/") || path.starts_with("/article/"), "{path}");
        assert!(reader.complaints().is_empty(), "{:?}", reader.complaints());
        reader.close().await;
    }
}

pub(crate) async fn the_status_has_its_plots_and_their_tables(suite: &Suite) {
    for view in VIEWS {
        let reader = Reader::open(&suite.browser, view).await;
        reader.goto(&suite.room.url("/status")).await;
        let plots: Vec<(f64, usize, bool)> = reader
            .eval("[...document.querySelectorAll('main svg[role=img]')].map(one => [one.getBoundingClientRect().width, one.querySelectorAll('path, rect, line, polyline, circle').length, one.querySelector('title') !== null])")
            .await;
        assert!(plots.len() >= 3, "{plots:?}");
        for (width, marks, named) in &plots {
            assert!(*width > 200.0 && *marks > 0 && *named, "{plots:?}");
        }
        let tables: usize =
            reader.eval("[...document.querySelectorAll('main table')].filter(one => one.rows.length > 1).length").await;
        assert!(tables >= plots.len(), "{tables} tables for {} plots", plots.len());
        reader.close().await;
    }
}

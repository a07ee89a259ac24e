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
const PAGES: [&str; 2] = ["/", "/status"];

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

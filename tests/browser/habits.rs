//! Readers' habits: keys alone, no script, another time zone, paper, larger text.

use crate::{
    Suite,
    reader::{DESK, PHONE, Reader, View},
    reading,
};
use serde_json::json;

pub(crate) async fn keys_alone_lead_everywhere(suite: &Suite) {
    let reader = Reader::open(&suite.browser, DESK).await;
    reader.goto(&suite.article("The night ferry returns")).await;
    reader.press("Tab").await;
    let skip: (String, bool) = reader
        .eval("(() => { const one = document.activeElement, box = one.getBoundingClientRect(); return [one.getAttribute('href'), box.top >= 0 && box.height > 0 && one.matches(':focus-visible') && getComputedStyle(one).clipPath === 'none']; })()")
        .await;
    assert_eq!(skip, ("#main".to_owned(), true), "the first stop leads past the head, and is seen");
    reader.press("Enter").await;
    reader.wait("document.activeElement.id === 'main'").await;
    reader.press("/").await;
    reader.wait("document.activeElement.id === 'q'").await;
    reader.press("j").await;
    assert_eq!(
        reader.eval::<String>("document.querySelector('#q').value").await,
        "j",
        "a letter in the box is a letter"
    );
    reader
        .eval::<()>("(document.querySelector('#q').value = '', document.activeElement.blur(), scrollTo(0, 0), null)")
        .await;
    let focused = "[...document.querySelectorAll('main .post')].findIndex(one => one.contains(document.activeElement))";
    let mut seen = Vec::new();
    for key in ["j", "j", "j", "k"] {
        reader.press(key).await;
        seen.push(reader.eval::<i64>(focused).await);
    }
    assert_eq!(seen, [0, 1, 2, 1], "j and k go from post to post");
    reader.press("?").await;
    reader.wait("document.querySelector('#choices').open").await;
    reader.press("Escape").await;
    reader.wait("!document.querySelector('#choices').open").await;
    // Every stop of the keyboard shows where it is.
    reader.goto(&suite.room.url("/")).await;
    let mut unseen = Vec::new();
    for _ in 0..40 {
        reader.press("Tab").await;
        let stop: Option<String> = reader
            .eval("(() => { const one = document.activeElement; if (one === document.body) return null; const style = getComputedStyle(one); return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none' ? '' : one.outerHTML.slice(0, 200); })()")
            .await;
        unseen.extend(stop.filter(|stop| !stop.is_empty()));
    }
    assert!(unseen.is_empty(), "stops that are not seen: {unseen:?}");
    assert!(reader.complaints().is_empty(), "{:?}", reader.complaints());
    reader.close().await;
}

pub(crate) async fn everything_can_be_read_without_scripts(suite: &Suite) {
    let reader = Reader::open(&suite.browser, PHONE).await;
    reader.call("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
    for page in reading::pages(suite) {
        reader.goto(&page).await;
        let words: usize = reader.eval("document.querySelector('main').innerText.trim().length").await;
        assert!(words > 20, "{page}: {words} characters can be read");
        let dead: Vec<String> = reader
            .eval("[...document.querySelectorAll('button')].filter(one => one.getClientRects().length && !one.form).map(one => one.outerHTML)")
            .await;
        assert!(dead.is_empty(), "{page}: buttons that do nothing: {dead:?}");
    }
    assert!(reader.scripts().is_empty(), "{:?}", reader.scripts());
    reader.goto(&suite.room.url("/")).await;
    reader.click("#q").await;
    reader.write("ferry").await;
    let mark = reader.mark();
    reader.press("Enter").await;
    reader.arrives("a search by the form alone", mark).await;
    let marked: Vec<String> =
        reader.eval("[...document.querySelectorAll('main mark')].map(one => one.textContent.toLowerCase())").await;
    assert!(!marked.is_empty() && marked.iter().all(|one| one == "ferry"), "{marked:?}");
    reader.close().await;
}

pub(crate) async fn times_are_the_reader_s_with_the_exact_utc_on_hover(suite: &Suite) {
    let shown = "[...document.querySelectorAll('main time')].map(one => [one.dateTime, one.textContent, one.title]).find(([machine]) => machine.startsWith('2026-03-30T08:00'))";
    let mut all = Vec::new();
    for zone in ["Asia/Tokyo", "America/St_Johns", "UTC"] {
        let reader = Reader::open(&suite.browser, DESK).await;
        reader.call("Emulation.setTimezoneOverride", json!({"timezoneId": zone})).await;
        reader.goto(&suite.room.edited()).await;
        let (machine, words, title): (String, String, String) = reader.eval(shown).await;
        assert!(title.contains("08:00") && title.contains("UTC"), "{machine}: {title}");
        all.push(words);
        if zone == "Asia/Tokyo" {
            // The reader's choice stays from page to page.
            reader.press("?").await;
            reader.wait("document.querySelector('#choices').open").await;
            reader.click("#choices input[name=zone][value=UTC]").await;
            reader.goto(&suite.room.edited()).await;
            let (_, words, _): (String, String, String) = reader.eval(shown).await;
            assert!(words.contains("8:00") || words.contains("08:00"), "{words}");
        }
        reader.close().await;
    }
    assert!(all[0].contains("17:00") && all[1].contains("5:30") && all[2].contains("8:00"), "{all:?}");
}

pub(crate) async fn pages_are_printed(suite: &Suite) {
    let reader = Reader::open(&suite.browser, DESK).await;
    for page in reading::pages(suite) {
        reader.goto(&page).await;
        let paper = reader.print().await;
        assert!(paper.starts_with(b"%PDF-"), "{page}");
        let pages = paper.windows(11).filter(|part| *part == b"/Type /Page").count()
            - paper.windows(12).filter(|part| *part == b"/Type /Pages").count();
        assert!((1..60).contains(&pages), "{page}: {pages} sheets");
    }
    reader.goto(&suite.article("The night ferry returns")).await;
    reader.call("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
    let on_paper: Vec<String> = reader
        .eval("[...document.querySelectorAll('nav, form, dialog, .skip')].filter(one => one.getClientRects().length && getComputedStyle(one).visibility !== 'hidden').map(one => one.outerHTML.slice(0, 200))")
        .await;
    assert!(on_paper.is_empty(), "of no use on paper: {on_paper:?}");
    reader.close().await;
}

pub(crate) async fn text_twice_as_large_still_fits(suite: &Suite) {
    // A window of 1280 px at 400 %, as the guidelines ask, is one of 320; and here the text alone is doubled.
    let reader = Reader::open(&suite.browser, View { width: 640, height: 800, dark: false }).await;
    let mut wrong = Vec::new();
    for page in reading::pages(suite) {
        reader.goto(&page).await;
        let wide: i64 = reader
            .eval("(() => { document.documentElement.style.fontSize = '200%'; return document.documentElement.scrollWidth - document.documentElement.clientWidth; })()")
            .await;
        if wide > 0 {
            wrong.push(format!("{page}: {wide} px too wide"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    reader.close().await;
}

//! That the checks of this suite can fail: a browser of its own meets pages that do everything that ours must not.

use crate::{
    asked::{self, Allowed},
    reader::{DESK, Reader},
    wire::{Browser, Event},
};
use std::{fs, path::Path};
use url::Url;

/// Each does one thing that must be seen: what it does, its page, and a part of the address that it must have asked for.
const MISDEEDS: [(&str, &str, &str); 8] = [
    ("a picture", "<img src='http://picture.control.example/a.png'>", "picture.control"),
    (
        "a style sheet's url()",
        "<style>p { background: url(http://css.control.example/b.png) }</style><p>x</p>",
        "css.control",
    ),
    ("a prefetch", "<link rel='prefetch' href='http://prefetch.control.example/c'>", "prefetch.control"),
    (
        "a form that is sent",
        "<form action='http://form.control.example/d'><input name='q' value='1'></form><script>document.forms[0].submit()</script>",
        "form.control",
    ),
    (
        "a redirect of the page",
        "<meta http-equiv='refresh' content='0;url=http://refresh.control.example/'>",
        "refresh.control",
    ),
    (
        "a worker",
        "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('http://worker.control.example/').catch(() => {})\"])))</script>",
        "worker.control",
    ),
    ("a socket", "<script>new WebSocket('ws://socket.control.example/')</script>", "socket.control"),
    ("a window", "<script>window.open('http://window.control.example/')</script>", "window.control"),
];

pub(crate) async fn the_log_sees_what_a_page_asks_for(program: &Path) {
    let browser = Browser::launch(program).await;
    let allowed = Allowed { folders: vec![folder(&browser)], ..Allowed::default() };
    for (number, (what, page, part)) in MISDEEDS.iter().enumerate() {
        let reader = Reader::open(&browser, DESK).await;
        let load = reader.start(&write(&browser, number, page)).await;
        assert!(load.is_some(), "{what}");
        reader.until(what, |events| failed(events, part)).await;
        reader.close().await;
    }
    let (_, of_pages) = asked::foreign_to_pages(&browser.heard(), &allowed);
    let (_, of_network) = asked::foreign_to_the_network(&browser.close().await, &allowed);
    for (what, _, part) in MISDEEDS {
        let told = of_pages.iter().any(|url| url.contains(part));
        assert!(told, "{what} was not seen:\n{}", asked::listed(of_pages));
        assert!(
            of_network.iter().any(|url| url.contains(part)),
            "{what} is not in the log of the network:\n{}",
            asked::listed(of_network)
        );
    }
}

pub(crate) async fn a_script_a_dialog_and_a_refusal_are_seen(program: &Path) {
    let browser = Browser::launch(program).await;
    let pages = [
        ("a script", "<script>document.title = 'x'</script>"),
        ("an attribute", "<img src='data:,' onerror='document.title = 1'>"),
        ("a link", "<a id='a' href='javascript:document.title=2'>x</a>"),
    ];
    for (number, (what, page)) in pages.into_iter().enumerate() {
        let reader = Reader::open(&browser, DESK).await;
        reader.goto(&write(&browser, number, page)).await;
        if page.contains("id='a'") {
            reader.click("#a").await;
        }
        reader.until(what, |events| events.iter().find_map(crate::reader::script)).await;
        assert_eq!(reader.scripts().len(), 1, "{what}: {:?}", reader.scripts());
        reader.close().await;
    }
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">";
    for (number, (what, page, part)) in [
        ("a dialog", "<script>alert(1)</script>".to_owned(), "dialog"),
        ("an error", "<script>throw new Error('x')</script>".to_owned(), "exception"),
        ("what a policy refused", format!("{policy}<img src='http://refused.control.example/a.png'>"), "policy"),
        ("a style that a policy refused", format!("{policy}<p style='color:red'>x"), "console"),
    ]
    .into_iter()
    .enumerate()
    {
        let reader = Reader::open(&browser, DESK).await;
        reader.goto(&write(&browser, 10 + number, &page)).await;
        reader
            .until(what, |events| events.iter().filter_map(crate::reader::complaint).find(|one| one.starts_with(part)))
            .await;
        reader.close().await;
    }
    browser.close().await;
}

/// Whether it was asked for, and that has come to its end: then the network stack has it in its log.
fn failed(events: &[Event], part: &str) -> Option<()> {
    let asked = |event: &&Event| {
        event.method.starts_with("Network.") && asked::address(event).is_some_and(|url| url.contains(part))
    };
    let request = &events.iter().find(asked)?.params["requestId"];
    let ends = ["Network.loadingFailed", "Network.webSocketClosed"];
    events
        .iter()
        .find(|event| ends.contains(&event.method.as_str()) && event.params["requestId"] == *request)
        .map(|_| ())
}

fn write(browser: &Browser, number: usize, page: &str) -> String {
    let path = browser.folder().join(format!("page-{number}.html"));
    fs::write(&path, format!("<!doctype html><title>control</title>{page}")).expect("a page");
    Url::from_file_path(path).expect("an absolute path").into()
}

fn folder(browser: &Browser) -> String {
    Url::from_directory_path(browser.folder()).expect("an absolute path").into()
}

//! Exported files, opened as files: they show what the viewer shows, and ask for nothing but their own siblings.

use crate::{
    Suite,
    asked::{self, Allowed},
    reader::{DESK, PHONE, Reader},
    reading::FIT,
    room::embalm,
};
use std::{fs, path::Path};
use url::Url;

/// The demonstration as single files and as a site.
pub(crate) struct Exports {
    singles: Vec<String>,
    site: String,
    site_pages: Vec<String>,
}

impl Exports {
    pub(crate) fn write(folder: &Path) -> Self {
        let (singles, site) = (folder.join("singles"), folder.join("site"));
        embalm(folder, &["export", "html", "--quiet", "--self-contained", "--out", &singles.to_string_lossy()]);
        embalm(folder, &["export", "html", "--quiet", "--out", &site.to_string_lossy()]);
        Self { singles: files(&singles), site_pages: files(&site), site: address(&site.join("index.html")) }
    }
}

impl Exports {
    /// The single file of an article, by the beginning of its name.
    pub(crate) fn single(&self, name: &str) -> String {
        let found = self.singles.iter().find(|url| url.contains(&format!("/{name}")));
        found.unwrap_or_else(|| panic!("no {name}: {:?}", self.singles)).clone()
    }
}

/// Every `.html` under a folder, as addresses, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of pages") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "html") {
            found.push(address(&path));
        }
    }
    found.sort();
    found
}

fn address(path: &Path) -> String {
    Url::from_file_path(path).expect("an absolute path").into()
}

/// Every exported page.
pub(crate) fn pages(suite: &Suite) -> Vec<String> {
    [suite.exports.singles.clone(), suite.exports.site_pages.clone()].concat()
}

/// A page of every kind: those at the top of the site, and the first of each of its folders.
pub(crate) fn kinds(suite: &Suite) -> Vec<String> {
    let mut pages: Vec<String> = suite.exports.singles.iter().take(2).cloned().collect();
    let top = suite.exports.site.replace("index.html", "");
    let mut folders = Vec::new();
    for page in &suite.exports.site_pages {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        if format!("{folder}/") == top || !folders.contains(&folder) {
            folders.push(folder);
            pages.push(page.clone());
        }
    }
    pages
}

pub(crate) async fn exported_pages_are_whole_and_ask_for_nothing_else(suite: &Suite) {
    assert!(suite.exports.singles.len() >= 5 && suite.exports.site_pages.len() > 5, "{:?}", suite.exports.site_pages);
    let mut wrong = Vec::new();
    for view in [PHONE, DESK] {
        let reader = Reader::open(&suite.browser, view).await;
        for page in pages(suite) {
            let single = suite.exports.singles.contains(&page);
            let mark = reader.mark();
            reader.goto(&page).await;
            let found: Vec<String> = reader.eval(FIT).await;
            wrong.extend(
                found.into_iter().filter(|one| !one.starts_with("in the page")).map(|one| format!("{page}: {one}")),
            );
            // A single file asks for nothing but itself, a site's page for files of the site.
            let folder = if single { page.clone() } else { suite.exports.site.replace("index.html", "") };
            let own = Allowed { folders: vec![folder], ..Allowed::default() };
            reader.since(mark, |events| {
                let foreign = events.iter().filter_map(asked::address).filter(|url| !own.allows(url));
                wrong.extend(foreign.map(|url| format!("{page} asked for {url:.200}")));
            });
        }
        wrong.extend(reader.complaints());
        let scripts = reader.scripts();
        let foreign =
            scripts.into_iter().filter(|name| !name.starts_with(&suite.exports.site.replace("index.html", "assets/")));
        wrong.extend(foreign.map(|name| format!("a script ran: {name}")));
        reader.close().await;
    }
    assert!(wrong.is_empty(), "{}", asked::listed(wrong));
}

pub(crate) async fn a_film_in_a_file_plays_to_its_end(suite: &Suite) {
    let reader = Reader::open(&suite.browser, DESK).await;
    let mut films = 0;
    for page in pages(suite) {
        reader.goto(&page).await;
        let played: Vec<bool> = reader.eval(crate::film::PLAY_ALL).await;
        assert!(played.iter().all(|one| *one), "{page}: {played:?}");
        films += played.len();
    }
    assert!(films >= 2, "only {films} films were exported");
    reader.close().await;
}

//! The lists of pages by which a reader enters a WACZ file: its articles, and beside them the posts, each at an address that
//! the file answers, with its words for a player's search.

use super::{records::target_of, wacz::Package};
use crate::{
    export::error::ExportError,
    store::{Outgoing, OutgoingPage, Rows},
    warc,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

/// Every version of every article.
pub(super) fn articles(outgoing: &Outgoing<'_>, package: &mut Package) -> Result<(), ExportError> {
    begin(package, "pages/pages.jsonl", "pages", "Articles")?;
    outgoing.each(Rows::Articles, |id| {
        for version in outgoing.versions(id)? {
            if let Some(page) = outgoing.version_page(version)? {
                package.text(&line(&page))?;
            }
        }
        Ok(())
    })
}

/// Every post that an answer shows, at that answer's address: a post that came by an interface is shown as it came.
pub(super) fn posts(outgoing: &Outgoing<'_>, package: &mut Package) -> Result<(), ExportError> {
    begin(package, "pages/extraPages.jsonl", "extra-pages", "Posts")?;
    outgoing.each(Rows::Posts, |id| match outgoing.post_page(id)? {
        Some(page) => package.text(&line(&page)),
        None => Ok(()),
    })
}

fn begin(package: &mut Package, path: &str, id: &str, title: &str) -> Result<(), ExportError> {
    package.begin(path, false)?;
    let head = json!({"format": "json-pages-1.0", "id": id, "title": title, "hasText": true});
    package.text(&format!("{head}\n"))
}

fn line(page: &OutgoingPage) -> String {
    let url = match page.urls.as_slice() {
        [one] => Url::parse(one).map_or_else(|_| target_of(&page.urls), |url| warc::public_url(&url).to_string()),
        several => target_of(several),
    };
    let at = page.at.to_string();
    let id: String =
        Sha256::digest(format!("{url} {at} {}", page.title)).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let page = json!({"id": id, "url": url, "ts": at, "title": page.title, "text": page.text});
    format!("{page}\n")
}

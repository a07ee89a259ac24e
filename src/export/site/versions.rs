//! What an article was: its preserved original, its older versions with theirs, and what changed from one to the next.

use super::{ExportError, Site, names};
use crate::{
    render::room::{self, Frame},
    store::Store,
};

/// Older versions of an article that a site has; a live blog may have hundreds. Those before stay in the archive.
pub(super) const MAX_OLDER: usize = 20;

/// Writes all pages of the article beside its own.
pub(super) fn write(site: &mut Site<'_>, id: i64) -> Result<(), ExportError> {
    let Some(versions) = site.contents.articles.get(&id).copied() else { return Ok(()) };
    original(site, id, None)?;
    for number in versions.older() {
        let Some(view) = site.store.article_version(id, Some(number), false)? else { continue };
        let page = site.draw(1, |frame, places| room::article(&view, frame, places))?;
        site.page(&names::version(id, number), "version", &page, Some(id), None)?;
        original(site, id, Some(number))?;
    }
    let mut before = site.store.version_text(id, versions.first)?;
    for number in versions.compared() {
        let after = site.store.version_text(id, number)?;
        if let (Some(before), Some(after)) = (&before, &after) {
            let page = site.draw(1, |frame, places| room::changes(id, before, after, versions.last, frame, places))?;
            site.page(&names::changes(id, number), "changes", &page, Some(id), None)?;
        }
        before = after;
    }
    Ok(())
}

fn original(site: &mut Site<'_>, id: i64, number: Option<usize>) -> Result<(), ExportError> {
    let store: &Store = site.store;
    let Some(view) = store.original(id, number)? else { return Ok(()) };
    let mut kept = |url: &str| store.stored_picture(url).ok().flatten();
    let page =
        site.draw_in(&Frame::site_original(1), |frame, places| room::original(&view, frame, places, &mut kept))?;
    site.page(&names::original(id, number), "original", &page, Some(id), None)
}

//! Where the links of a static site lead and where its files of posts are: relative, so that it works from `file://` and
//! under any path of a web server.

use super::{Folder, error::ExportError, names};
use crate::{
    model::StoredMedia,
    render::{self, Places, Shown},
    store::Store,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
};

/// What a site has pages of, known before the first one is drawn.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) articles: HashMap<i64, Versions>,
    pub(super) posts: HashSet<String>,
    /// Their first pages.
    pub(super) authors: HashSet<String>,
    pub(super) platforms: HashSet<String>,
}

/// The versions of an article that a site has pages of: the newest ones, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    /// The number of the oldest.
    pub(super) first: usize,
    /// The number of the newest, which has the article's own page.
    pub(super) last: usize,
}

impl Versions {
    /// Of an article that has so many; of those before the newest, at most `older`.
    pub(super) fn of(count: usize, older: usize) -> Self {
        Self { first: count.saturating_sub(older).max(1), last: count }
    }

    /// Those that have pages of their own beside the article's.
    pub(super) fn older(self) -> std::ops::Range<usize> {
        self.first..self.last
    }

    /// Those of which it is told what changed since the one before.
    pub(super) fn compared(self) -> std::ops::RangeInclusive<usize> {
        self.first + 1..=self.last
    }
}

/// Files of posts, copied into a folder as pages ask for them.
pub(super) struct Files<'a> {
    store: &'a Store,
    /// What became of a file: its name, or why it stays in the archive.
    seen: HashMap<(String, &'static str), Result<String, String>>,
    /// Why files stay in the archive, and how many.
    pub(super) left_out: BTreeMap<String, usize>,
    /// Files that are in the folder.
    pub(super) copied: usize,
}

/// The places of one page, `depth` folders below the root.
pub(super) struct Relative<'a, 'b> {
    pub(super) up: String,
    pub(super) contents: &'a Contents,
    pub(super) files: &'a mut Files<'b>,
    pub(super) folder: &'a mut Folder,
    /// What ends the export: drawing goes on without the file, and the page is not written.
    pub(super) failed: Option<ExportError>,
}

impl Places for Relative<'_, '_> {
    fn article(&self, id: i64) -> Option<String> {
        self.contents.articles.contains_key(&id).then(|| self.to(&names::article(id)))
    }

    fn original(&self, id: i64) -> Option<String> {
        self.contents.articles.contains_key(&id).then(|| self.to(&names::original(id, None)))
    }

    fn version(&self, id: i64, number: usize) -> Option<String> {
        let versions = self.contents.articles.get(&id)?;
        versions.older().contains(&number).then(|| self.to(&names::version(id, number)))
    }

    fn changes(&self, id: i64, number: usize) -> Option<String> {
        let versions = self.contents.articles.get(&id)?;
        versions.compared().contains(&number).then(|| self.to(&names::changes(id, number)))
    }

    fn original_of(&self, id: i64, number: usize) -> Option<String> {
        let versions = self.contents.articles.get(&id)?;
        versions.older().contains(&number).then(|| self.to(&names::original(id, Some(number))))
    }

    fn post(&self, key: &str) -> Option<String> {
        self.contents.posts.contains(key).then(|| self.to(&names::post(key)))
    }

    fn author(&self, platform: &str, handle: &str) -> Option<String> {
        let page = names::author(platform, handle, None);
        (!handle.trim_start_matches('@').is_empty() && self.contents.authors.contains(&page)).then(|| self.to(&page))
    }

    fn platform(&self, id: &str) -> Option<String> {
        self.contents.platforms.contains(id).then(|| self.to(&names::platform(id, None)))
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        match self.files.shown(file, "media/", self.folder) {
            Ok(shown) => shown.map(|shown| Shown { url: self.to(&shown.url), ..shown }),
            Err(error) => {
                self.failed = Some(error);
                Err("is in the archive".to_owned())
            }
        }
    }
}

impl Relative<'_, '_> {
    fn to(&self, page: &str) -> String {
        format!("{}{page}", self.up)
    }
}

impl<'a> Files<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, seen: HashMap::new(), left_out: BTreeMap::new(), copied: 0 }
    }

    /// The file below `under` in the folder, copied there the first time; in the inner error why a page can't show it.
    pub(super) fn shown(
        &mut self,
        file: &StoredMedia,
        under: &str,
        folder: &mut Folder,
    ) -> Result<Result<Shown, String>, ExportError> {
        if let Some(why) = render::missing(file) {
            return Ok(Err(why));
        }
        let Some(digest) = &file.digest else { return Ok(Err(render::unsafe_type(None))) };
        // What the archive says of the type chooses the name; the bytes are asked before they are written.
        let stated = file.mime.as_deref();
        let Some(mime) = stated.and_then(|mime| render::playable(file.kind, mime)) else {
            let why = render::unsafe_type(stated);
            self.leave_out(digest, "", &why);
            return Ok(Err(why));
        };
        if let Some(seen) = self.seen.get(&(digest.clone(), mime)) {
            return Ok(seen.clone().map(|url| Shown { url, mime }));
        }
        let url = format!("{under}{digest}.{}", ending(mime));
        let copied = if is_digest(digest) { self.copy(file, digest, mime, &url, folder)? } else { Some(damaged()) };
        match copied {
            None => {
                self.copied += 1;
                self.seen.insert((digest.clone(), mime), Ok(url.clone()));
                Ok(Ok(Shown { url, mime }))
            }
            Some(why) => {
                self.leave_out(digest, mime, &why);
                Ok(Err(why))
            }
        }
    }

    /// Why it was not copied, if it was not.
    fn copy(
        &self,
        file: &StoredMedia,
        digest: &str,
        mime: &str,
        url: &str,
        folder: &mut Folder,
    ) -> Result<Option<String>, ExportError> {
        let Ok(Some(stored)) = self.store.stored_file(digest) else { return Ok(Some(damaged())) };
        if render::playable(file.kind, stored.sniffed) != Some(mime) {
            return Ok(Some(render::unsafe_type(Some(stored.sniffed))));
        }
        let whole = folder.put_media(url, digest, stored.size_bytes, |write| {
            let mut failed = None;
            let read = self.store.read_stored(&stored, 0..stored.size_bytes, |bytes| match write(&bytes) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            });
            match failed {
                Some(error) => Err(error),
                // Damage of one file is said of that file.
                None => Ok(read.is_ok()),
            }
        })?;
        Ok((!whole).then(damaged))
    }

    fn leave_out(&mut self, digest: &str, mime: &'static str, why: &str) {
        if self.seen.insert((digest.to_owned(), mime), Err(why.to_owned())).is_none() {
            *self.left_out.entry(why.to_owned()).or_default() += 1;
        }
    }
}

fn damaged() -> String {
    "is damaged in the archive; `embalm verify` says more".to_owned()
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The ending by which web servers and systems know a type that pages show.
fn ending(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/avif" => "avif",
        "image/bmp" => "bmp",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        "audio/aac" => "aac",
        "audio/wav" => "wav",
        "audio/flac" => "flac",
        // Nothing opens it, and nothing runs it.
        _ => "bin",
    }
}

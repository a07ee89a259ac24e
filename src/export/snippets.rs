//! A static snippet a post, for a publisher's own page, in place of a platform's script: no script, and no request but for
//! files that the publisher serves.

use super::{Folder, Sink, Written, error::ExportError, names, places::Files};
use crate::{
    model::StoredMedia,
    render::{self, Layout, Places, Shown},
    store::{PostName, Store},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use std::{ops::ControlFlow, path::Path};

/// The largest file that is put into a snippet, in bytes. A larger one needs a place of its own.
pub const MAX_SNIPPET_FILE_BYTES: u64 = 512 << 10;

/// All that is put into one snippet, in bytes.
pub const MAX_SNIPPET_BYTES: u64 = 2 << 20;

/// The style sheet beside the snippets.
const STYLE: &str = "embalm-post.css";

/// Where the files that snippets show are put.
const MEDIA: &str = "media/";

/// How snippets are made.
#[derive(Clone, Debug, Default)]
pub struct SnippetOptions {
    /// The address of the folder in which the publisher serves files, closing slash included. None: small files are
    /// put into the snippet, and no other is shown.
    pub media_url: Option<String>,
    /// The style sheet stands in each snippet.
    pub with_style: bool,
    /// Into a folder that holds other files.
    pub force: bool,
}

/// A snippet, as `embalm export html --embed --out - --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// The post's key.
    pub key: String,
    /// Ready for a page.
    pub html: String,
    /// Of the snippet, in bytes.
    pub bytes: u64,
    /// Of the snippet without the files inside it, in bytes.
    pub bytes_without_media: u64,
}

/// One snippet, all that it shows inside it.
///
/// # Errors
/// [`ExportError`].
pub fn snippet(store: &Store, post: &PostName, options: &SnippetOptions) -> Result<Snippet, ExportError> {
    draw(store, post, options, &mut Inside { store, media_bytes: 0, read_bytes: 0 })
}

/// Writes a snippet for each post, the style sheet and, where they have a `media_url`, the files that they show. How
/// many there are.
///
/// # Errors
/// [`ExportError`]; what was written by then is whole.
pub fn snippets(
    store: &Store,
    posts: &[PostName],
    root: &Path,
    options: &SnippetOptions,
    sink: &mut Sink<'_>,
) -> Result<usize, ExportError> {
    let mut folder = Folder::open(root, options.force)?;
    if folder.earlier.is_none() {
        folder.mark("")?;
    }
    folder.put(STYLE, render::snippet_stylesheet().as_bytes())?;
    let mut files = Files::new(store);
    let mut count = 0;
    for post in posts {
        let snippet = match &options.media_url {
            None => snippet(store, post, options)?,
            Some(prefix) => beside(store, post, options, prefix, (&mut files, &mut folder))?,
        };
        let path = names::snippet(&snippet.key);
        let written = folder.put(&path, snippet.html.as_bytes())?;
        sink(&Written {
            path: folder.place(&path),
            what: "snippet",
            id: None,
            key: Some(snippet.key),
            bytes: snippet.bytes,
            bytes_without_media: Some(snippet.bytes_without_media),
            written,
        })?;
        count += 1;
    }
    Ok(count)
}

/// One snippet with the files that it shows in a folder, which is served at `prefix`.
pub(super) fn beside(
    store: &Store,
    post: &PostName,
    options: &SnippetOptions,
    prefix: &str,
    (files, folder): (&mut Files<'_>, &mut Folder),
) -> Result<Snippet, ExportError> {
    let mut beside = Beside { prefix, files, folder, failed: None };
    let drawn = draw(store, post, options, &mut beside);
    match beside.failed {
        Some(error) => Err(error),
        None => drawn,
    }
}

/// What files weigh inside a snippet.
trait Weighed: Places {
    fn media_bytes(&self) -> u64;
}

fn draw(
    store: &Store,
    post: &PostName,
    options: &SnippetOptions,
    places: &mut dyn Weighed,
) -> Result<Snippet, ExportError> {
    let view = store.named_post_view(post)?;
    let mut html = String::new();
    if options.with_style {
        html.push_str("<style>\n");
        html.push_str(render::snippet_stylesheet());
        html.push_str("</style>\n");
    }
    html.push_str(&render::snippet(&view, places)?);
    if !html.ends_with('\n') {
        html.push('\n');
    }
    let bytes = html.len() as u64;
    let bytes_without_media = bytes.saturating_sub(places.media_bytes());
    Ok(Snippet { key: post.key.clone(), html, bytes, bytes_without_media })
}

/// Small files inside the snippet.
struct Inside<'a> {
    store: &'a Store,
    media_bytes: u64,
    read_bytes: u64,
}

impl Places for Inside<'_> {
    fn layout(&self) -> Layout {
        Layout::Snippet
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        if let Some(why) = render::missing(file) {
            return Err(why);
        }
        let kept = || "is kept in the archive".to_owned();
        let stored = file.digest.as_deref().and_then(|digest| self.store.stored_file(digest).ok().flatten());
        let stored = stored.ok_or_else(kept)?;
        let Some(mime) = render::playable(file.kind, stored.sniffed) else {
            return Err(render::unsafe_type(Some(stored.sniffed)));
        };
        if stored.size_bytes > MAX_SNIPPET_FILE_BYTES.min(MAX_SNIPPET_BYTES.saturating_sub(self.read_bytes)) {
            return Err("is kept in the archive, too large for this page".to_owned());
        }
        let mut bytes = Vec::new();
        let read = self.store.read_stored(&stored, 0..stored.size_bytes, |part| {
            bytes.extend(part);
            ControlFlow::Continue(())
        });
        read.map_err(|_| kept())?;
        let url = format!("data:{mime};base64,{}", STANDARD.encode(&bytes));
        self.read_bytes += stored.size_bytes;
        self.media_bytes += url.len() as u64;
        Ok(Shown { url, mime })
    }
}

impl Weighed for Inside<'_> {
    fn media_bytes(&self) -> u64 {
        self.media_bytes
    }
}

/// Files in a folder that the publisher serves.
struct Beside<'a, 'b> {
    prefix: &'a str,
    files: &'a mut Files<'b>,
    folder: &'a mut Folder,
    failed: Option<ExportError>,
}

impl Places for Beside<'_, '_> {
    fn layout(&self) -> Layout {
        Layout::Snippet
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        match self.files.shown(file, MEDIA, self.folder) {
            Ok(shown) => shown.map(|shown| {
                let name = shown.url.strip_prefix(MEDIA).unwrap_or(&shown.url);
                Shown { url: format!("{}{name}", self.prefix), mime: shown.mime }
            }),
            Err(error) => {
                self.failed = Some(error);
                Err("is in the archive".to_owned())
            }
        }
    }
}

impl Weighed for Beside<'_, '_> {
    fn media_bytes(&self) -> u64 {
        0
    }
}

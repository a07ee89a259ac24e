//! A selection of the archive as a static site: it opens from `file://` and under any path of any web server.
//!
//! Pages have the names of what they show, so that a later export of more keeps every link and rewrites only what changed.
//! One page is in memory at a time; of what was drawn, a line for the lists is kept.

mod lists;
mod versions;

use super::{
    Folder, Sink, Written,
    error::ExportError,
    names,
    places::{Contents, Files, Relative, Versions},
    search::{self, Index},
};
use crate::{
    render::{
        self,
        room::{self, Frame, SiteArticle, SitePost, SiteRecord},
    },
    store::{ARTICLES_OF_A_POST, KnownParts, PostName, Store},
    words::excerpt,
};
use jiff::Timestamp;
use std::path::Path;

/// What is exported.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Numbers of articles, in the order in which they are listed.
    pub articles: Vec<i64>,
    /// Posts beside those that the articles embed.
    pub posts: Vec<PostName>,
    /// What it is, in words for a reader.
    pub words: String,
}

/// How a site is written.
#[derive(Clone, Copy, Debug)]
pub struct SiteOptions {
    /// Into a folder that holds other files.
    pub force: bool,
    /// Pages and files of an earlier export that are no part of this one are removed.
    pub delete: bool,
    /// When.
    pub now: Timestamp,
}

/// What an export came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Articles in it.
    pub articles: usize,
    /// Posts in it.
    pub posts: usize,
    /// Files of posts in it.
    pub files: usize,
    /// Files, pages among them, that are new or changed.
    pub changed: u64,
    /// Why files stay in the archive, and how many.
    pub left_out: Vec<(String, usize)>,
    /// Files of an earlier export that are no part of this one, and still there.
    pub left_over: Vec<String>,
}

/// Folders that are an export's own.
const FOLDERS: [&str; 9] =
    ["article", "articles", "assets", "author", "media", "platform", "post", "posts", "vanished"];

/// The site while it is written.
struct Site<'a> {
    store: &'a Store,
    folder: Folder,
    files: Files<'a>,
    contents: Contents,
    sink: &'a mut Sink<'a>,
}

/// Writes the site. Every page is told to `sink`, written or not.
///
/// # Errors
/// [`ExportError`]; what was written by then is whole.
pub fn site<'a>(
    store: &'a Store,
    selection: &Selection,
    root: &Path,
    options: SiteOptions,
    sink: &'a mut Sink<'a>,
) -> Result<Exported, ExportError> {
    let (posts, contents) = contents(store, selection)?;
    let mut folder = Folder::open(root, options.force)?;
    if folder.earlier.is_none() {
        folder.mark(&options.now.to_string())?;
    }
    let mut site = Site { store, folder, files: Files::new(store), contents, sink };
    for asset in render::ASSETS {
        site.folder.put(&format!("assets/{}", asset.name), asset.bytes)?;
    }
    site.folder.put("assets/search.js", render::search_script().as_bytes())?;
    let mut index = Index::default();
    let articles = site.articles(&selection.articles, &mut index)?;
    let posts = site.posts(&posts, &mut index)?;
    index.finish(&mut site.folder)?;
    lists::write(&mut site, &articles, &posts)?;
    site.end(selection, &articles, &posts, options)
}

/// All posts of the site, and the names of all its pages.
fn contents(store: &Store, selection: &Selection) -> Result<(Vec<PostName>, Contents), ExportError> {
    let mut contents = Contents::default();
    for id in &selection.articles {
        contents.articles.insert(*id, Versions::of(store.version_count(*id)?, versions::MAX_OLDER));
    }
    let mut posts = Vec::new();
    let mut take = |names: Vec<PostName>| {
        for name in names {
            if contents.posts.insert(name.key.clone()) {
                contents.platforms.insert(name.platform.clone());
                if let Some(handle) = name.handle.as_deref().filter(|handle| !handle.trim_start_matches('@').is_empty())
                {
                    contents.authors.insert(names::author(&name.platform, handle, None));
                }
                posts.push(name);
            }
        }
    };
    for id in &selection.articles {
        take(store.post_names_of_article(*id)?);
    }
    take(selection.posts.clone());
    Ok((posts, contents))
}

impl Site<'_> {
    fn articles(&mut self, ids: &[i64], index: &mut Index) -> Result<Vec<SiteArticle>, ExportError> {
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(view) = self.store.article_view(&id.to_string(), false)?.filter(|view| view.id == *id) else {
                continue;
            };
            let path = names::article(*id);
            let line = SiteArticle::of(&view);
            let page = self.draw(1, |frame, places| room::article(&view, frame, places))?;
            let shown = search::Shown {
                path: path.clone(),
                title: line.title().to_owned(),
                about: line.from(),
                day: line.day(),
                excerpt: excerpt(&view.article.text, search::EXCERPT_CHARS),
                gone: String::new(),
            };
            let by = view.article.byline.as_deref().unwrap_or_default();
            let site = view.article.site_name.as_deref().unwrap_or_default();
            index.add(&mut self.folder, shown, &[line.title()], &[by, site, &view.article.text])?;
            self.page(&path, "article", &page, Some(*id), None)?;
            versions::write(self, *id)?;
            lines.push(line);
        }
        Ok(lines)
    }

    fn posts(&mut self, names: &[PostName], index: &mut Index) -> Result<Vec<SitePost>, ExportError> {
        let mut lines = Vec::with_capacity(names.len());
        for name in names {
            let Some(known) = self.store.known_named_post(name, KnownParts::default())? else { continue };
            let view = &known.post;
            let path = names::post(&name.key);
            let line = SitePost::of(view);
            let page = self.draw(2, |frame, places| room::post(&known, (1, ARTICLES_OF_A_POST), frame, places))?;
            let (author, platform) = line.who();
            let shown = search::Shown {
                path: path.clone(),
                title: author.to_owned(),
                about: if line.handle.is_empty() {
                    platform.to_owned()
                } else {
                    format!("@{}, {platform}", line.handle)
                },
                day: line.day(),
                excerpt: line.excerpt().to_owned(),
                gone: line.gone().to_owned(),
            };
            let mut text = Vec::new();
            if let Some(content) = &view.content {
                text.push(content.text.as_str());
                text.extend(content.media.iter().filter_map(|file| file.alt.as_deref()));
                text.extend(content.card.iter().filter_map(|card| card.title.as_deref()));
            }
            index.add(&mut self.folder, shown, &[author, &line.handle], &text)?;
            self.page(&path, "post", &page, None, Some(&name.key))?;
            lines.push(line);
        }
        Ok(lines)
    }

    /// Draws a page that stands `depth` folders below the root.
    fn draw<T>(
        &mut self,
        depth: usize,
        page: impl FnOnce(&Frame, &mut Relative<'_, '_>) -> Result<T, render::RenderError>,
    ) -> Result<T, ExportError> {
        self.draw_in(&Frame::site(depth), page)
    }

    fn draw_in<T>(
        &mut self,
        frame: &Frame,
        page: impl FnOnce(&Frame, &mut Relative<'_, '_>) -> Result<T, render::RenderError>,
    ) -> Result<T, ExportError> {
        let mut places = Relative {
            up: frame.root.clone(),
            contents: &self.contents,
            files: &mut self.files,
            folder: &mut self.folder,
            failed: None,
        };
        let drawn = page(frame, &mut places);
        match places.failed {
            Some(error) => Err(error),
            None => Ok(drawn?),
        }
    }

    fn page(
        &mut self,
        path: &str,
        what: &'static str,
        page: &str,
        id: Option<i64>,
        key: Option<&str>,
    ) -> Result<(), ExportError> {
        let written = self.folder.put(path, page.as_bytes())?;
        let path = self.folder.place(path);
        let (key, bytes) = (key.map(str::to_owned), page.len() as u64);
        (self.sink)(&Written { path, what, id, key, bytes, bytes_without_media: None, written })
    }

    /// The page that tells of the export itself: its date is that of the last change, so that an export without a change
    /// changes nothing.
    fn end(
        mut self,
        selection: &Selection,
        articles: &[SiteArticle],
        posts: &[SitePost],
        options: SiteOptions,
    ) -> Result<Exported, ExportError> {
        let left_out: Vec<_> = self.files.left_out.clone().into_iter().collect();
        let mut record = SiteRecord {
            selected: selection.words.clone(),
            exported_at: options.now,
            version: env!("CARGO_PKG_VERSION"),
            articles: articles.len(),
            posts: posts.len(),
            gone: posts.iter().filter(|post| post.state.is_gone()).count(),
            files: self.files.copied,
            left_out: left_out.clone(),
        };
        let before = self.folder.earlier.as_ref().and_then(|earlier| earlier.changed_at.parse().ok());
        if let Some(before) = before.filter(|_| self.folder.changed == 0) {
            let as_before = SiteRecord { exported_at: before, ..record.clone() };
            let page = room::site_about(&as_before, &Frame::site(0))?;
            if self.folder.is_equal("about.html", page.as_bytes()) {
                record = as_before;
            }
        }
        let page = room::site_about(&record, &Frame::site(0))?;
        self.page("about.html", "about", &page, None, None)?;
        if self.folder.changed > 0 {
            self.folder.mark(&options.now.to_string())?;
        }
        let mut left_over = self.folder.left_over(&FOLDERS);
        if options.delete {
            left_over.drain(..).try_for_each(|path| self.folder.remove(&path))?;
        }
        Ok(Exported {
            articles: articles.len(),
            posts: posts.len(),
            files: self.files.copied,
            changed: self.folder.changed,
            left_out,
            left_over,
        })
    }
}

//! An archive in memory, and a folder to export it to.

use embalm::{
    export::{self, Exported, Selection, SiteOptions},
    model::{Article, Author, Embed, Form, Media, MediaKind, Outcome, Post, PostRef, Quoted, Scope, Target, Via},
    store::{Capture, CapturedMedia, Filter, MediaFile, NewArticle, OverTime, Rung, Store},
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Bytes that are a picture by their first ones.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a small picture";

pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) store: Store,
    run: i64,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let mut store = Store::in_memory().unwrap();
        let run = store.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), store, run }
    }

    /// A post as it was found, with files.
    pub(crate) fn post(&mut self, post: Post, files: &[(&str, &[u8])]) -> PostRef {
        let name = post.post.clone();
        self.outcome(&name, Outcome::Found(Box::new(post)), files);
        name
    }

    pub(crate) fn outcome(&mut self, post: &PostRef, outcome: Outcome, files: &[(&str, &[u8])]) {
        let media = files.iter().map(|(url, bytes)| CapturedMedia {
            media: Media { alt: Some("A ferry at the pier".to_owned()), ..Media::new(MediaKind::Image, *url) },
            file: Ok(MediaFile::new((*url).to_owned(), bytes.to_vec())),
        });
        let rung = Rung {
            captured_at: at("2026-01-01T00:00:05Z"),
            outcome,
            via: Via::Syndication,
            exchanges: Vec::new(),
            media: media.collect(),
        };
        let capture = Capture { post: post.clone(), rungs: vec![rung], retry: None, related: Vec::new() };
        self.store.save_capture(self.run, &capture).unwrap();
    }

    pub(crate) fn article(&mut self, name: &str, article: &Article, posts: &[PostRef]) -> i64 {
        self.version(name, article, name, at("2026-01-01T00:00:01Z"), posts)
    }

    /// An article as it was found at a time, with its page as it came.
    pub(crate) fn version(
        &mut self,
        name: &str,
        article: &Article,
        original: &str,
        captured_at: Timestamp,
        posts: &[PostRef],
    ) -> i64 {
        let embeds: Vec<_> =
            posts.iter().enumerate().map(|(position, post)| (embed(position, post), post.clone())).collect();
        let new = NewArticle {
            name,
            source: "add",
            kind: "html",
            original: original.as_bytes(),
            content_type: Some("text/html; charset=utf-8"),
            article,
            embeds: &embeds,
            exchange: None,
            captured_at,
            over_time: OverTime::default(),
        };
        self.store.save_article(self.run, &new).unwrap().article_id
    }

    /// `count` articles, each with a post of its own.
    pub(crate) fn many(&mut self, from: usize, to: usize) {
        for nth in from..to {
            let post = self.post(post(&nth.to_string(), &format!("Word number {nth}")), &[]);
            self.article(&format!("https://news.example/{nth}"), &article(&format!("Story {nth}")), &[post]);
        }
    }

    pub(crate) fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All of the archive.
    pub(crate) fn selection(&self) -> Selection {
        let all = Filter::default();
        let mut articles = self.store.article_ids(&all).unwrap();
        articles.sort_unstable_by(|one, other| other.cmp(one));
        Selection { articles, posts: self.store.post_names(&all).unwrap(), words: "everything".to_owned() }
    }

    pub(crate) fn export_to(&self, name: &str) -> Exported {
        self.export(&self.selection(), name, false)
    }

    pub(crate) fn export(&self, selection: &Selection, name: &str, delete: bool) -> Exported {
        let options = SiteOptions { force: false, delete, now: at("2026-02-03T04:05:06Z") };
        export::site(&self.store, selection, &self.out(name), options, &mut |_| Ok(())).unwrap()
    }
}

/// Every file below `root` with its bytes.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn post_ref(platform: &str, id: &str) -> PostRef {
    let url = "https://social.example/status/1".parse().unwrap();
    PostRef { platform: platform.to_owned(), id: id.to_owned(), author: None, url }
}

pub(crate) fn post(id: &str, text: &str) -> Post {
    let author = Author { handle: "Ferry_Clerk".to_owned(), name: Some("Zoë Færry".to_owned()), ..Author::default() };
    Post::new(post_ref("twitter", id), author, text)
}

pub(crate) fn article(title: &str) -> Article {
    Article {
        url: None,
        title: title.to_owned(),
        byline: Some("Ann Onym".to_owned()),
        site_name: Some("Harbour News".to_owned()),
        published: "2026-01-01".parse().ok(),
        lang: Some("en-GB".to_owned()),
        text: "It left at noon, and the café closed.".to_owned(),
        body_html: "<p>It left at noon, and the café closed.</p>".to_owned(),
    }
}

fn embed(position: usize, post: &PostRef) -> Embed {
    let target = Target::Post(post.clone());
    Embed { position, form: Form::Blockquote, target, scope: Scope::Article, quoted: Quoted::default() }
}

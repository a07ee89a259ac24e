//! Pages that only a static site has: its lists, which no server filters, and what it says of itself.

mod entries;

pub use entries::{SiteArticle, SitePlatform, SitePost};

use super::shell::{self, Frame, Section};
use crate::{
    model::When,
    render::{
        Places, RenderError,
        sanitize::language,
        words::{self, Moment},
    },
};
use entries::gone;
use jiff::Timestamp;
use serde::Serialize;

/// What a static site says of itself.
#[derive(Clone, Debug)]
pub struct SiteRecord {
    /// What was selected, in words.
    pub selected: String,
    /// When its content last changed.
    pub exported_at: Timestamp,
    /// The version of embalm.
    pub version: &'static str,
    /// Articles in it.
    pub articles: usize,
    /// Posts in it.
    pub posts: usize,
    /// Posts that are gone by now.
    pub gone: usize,
    /// Files of posts in it.
    pub files: usize,
    /// Files that stay in the archive, each with the reason, and how many there are.
    pub left_out: Vec<(String, usize)>,
}

/// Where a page stands in a list of several.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    /// The headline.
    pub title: String,
    /// A sentence below it; may be empty.
    pub intro: String,
    /// Counts from 1, the oldest, so that it never changes; none for the first page, the newest.
    pub number: Option<usize>,
    /// The page of newer entries.
    pub newer: Option<String>,
    /// The page of older entries.
    pub older: Option<String>,
}

#[derive(Serialize)]
struct List<T> {
    title: String,
    intro: String,
    /// `page 2 from the oldest`, but for the newest.
    place: Option<String>,
    newer: Option<String>,
    older: Option<String>,
    lines: Vec<T>,
}

#[derive(Serialize)]
struct ArticleLine<'a> {
    url: Option<String>,
    title: &'a str,
    lang: Option<String>,
    from: String,
    published: Option<Moment>,
    archived: Moment,
    posts: String,
    gone: usize,
}

#[derive(Serialize)]
struct PostLine<'a> {
    url: Option<String>,
    author_url: Option<String>,
    platform_url: Option<String>,
    platform: &'a str,
    name: &'a str,
    handle: &'a str,
    lang: Option<String>,
    excerpt: &'a str,
    files: String,
    published: Option<Moment>,
    gone: &'static str,
    since: Option<Moment>,
}

#[derive(Serialize)]
struct PlatformLine {
    url: Option<String>,
    name: String,
    posts: String,
    gone: usize,
}

#[derive(Serialize)]
struct About {
    selected: String,
    exported: Moment,
    version: &'static str,
    articles: String,
    posts: String,
    gone: String,
    files: String,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct LeftOut {
    why: String,
    files: String,
}

/// What a site holds, in a sentence.
#[must_use]
pub fn site_summary(articles: usize, posts: usize, gone: usize) -> String {
    let online = match gone {
        0 => String::new(),
        1 => ", of which 1 is no longer online".to_owned(),
        gone => format!(", of which {} are no longer online", words::number(gone as u64)),
    };
    format!(
        "{} with {}{online}.",
        words::counted(articles, "article", "articles"),
        words::counted(posts, "post", "posts")
    )
}

/// A page of articles, newest first.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn site_articles(
    articles: &[SiteArticle],
    leaf: Leaf,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let mut lines = Vec::with_capacity(articles.len());
    for article in articles {
        lines.push(ArticleLine {
            url: places.article(article.id),
            title: &article.title,
            lang: language(article.lang.as_deref()),
            from: article.from(),
            published: article.published.map(Moment::of),
            archived: Moment::day_of(article.captured_at),
            posts: words::counted(article.posts, "post", "posts"),
            gone: article.gone,
        });
    }
    draw("room/site_articles.html", Section::Articles, leaf, lines, frame)
}

/// A page of posts, newest first: all of the site, of an author, of a platform, or those that vanished.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn site_posts(
    section: Section,
    posts: &[&SitePost],
    leaf: Leaf,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let mut lines = Vec::with_capacity(posts.len());
    for post in posts {
        lines.push(PostLine {
            url: places.post(&post.key),
            author_url: places.author(&post.platform, &post.handle),
            platform_url: places.platform(&post.platform),
            platform: &post.platform_name,
            name: &post.name,
            handle: &post.handle,
            lang: language(post.lang.as_deref()),
            excerpt: &post.excerpt,
            files: if post.files == 0 { String::new() } else { words::counted(post.files, "file", "files") },
            published: post.published.map(Moment::of),
            gone: gone(post.state),
            since: post.since.filter(|_| post.state.is_gone()).map(Moment::day_of),
        });
    }
    draw("room/site_posts.html", section, leaf, lines, frame)
}

/// The platforms.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn site_platforms(platforms: &[SitePlatform], frame: &Frame, places: &dyn Places) -> Result<String, RenderError> {
    let line = |one: &SitePlatform| PlatformLine {
        url: places.platform(&one.id),
        name: one.name(),
        posts: words::counted(one.posts, "post", "posts"),
        gone: one.gone,
    };
    let leaf = Leaf { title: "Platforms".to_owned(), ..Leaf::default() };
    draw("room/site_platforms.html", Section::Platforms, leaf, platforms.iter().map(line).collect(), frame)
}

/// The search, which its script fills.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn site_search(frame: &Frame) -> Result<String, RenderError> {
    shell::page("room/site_search.html", frame, Section::Elsewhere, "Search", &())
}

/// What the site is: selected what, exported when, by which version, how much of it is gone.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn site_about(record: &SiteRecord, frame: &Frame) -> Result<String, RenderError> {
    let about = About {
        selected: record.selected.clone(),
        exported: Moment::of(When::Instant(record.exported_at)),
        version: record.version,
        articles: words::counted(record.articles, "article", "articles"),
        posts: words::counted(record.posts, "post", "posts"),
        gone: if record.gone == 0 { String::new() } else { words::number(record.gone as u64) },
        files: words::counted(record.files, "file", "files"),
        left_out: record
            .left_out
            .iter()
            .map(|(why, files)| LeftOut { why: why.clone(), files: words::counted(*files, "file", "files") })
            .collect(),
    };
    shell::page("room/site_about.html", frame, Section::About, "About this archive", &about)
}

fn draw<T: Serialize>(
    template: &'static str,
    section: Section,
    leaf: Leaf,
    lines: Vec<T>,
    frame: &Frame,
) -> Result<String, RenderError> {
    let title = match leaf.number {
        Some(number) => format!("{}, page {number} from the oldest", leaf.title),
        None => leaf.title.clone(),
    };
    let place = leaf.number.map(|number| format!("page {number} from the oldest"));
    let list = List { title: leaf.title, intro: leaf.intro, place, newer: leaf.newer, older: leaf.older, lines };
    shell::page(template, frame, section, &title, &list)
}

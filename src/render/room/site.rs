//! Pages that only a static site has: its lists, which no server filters, and what it says of itself.

use super::shell::{self, Frame, Section};
use crate::{
    model::{ArticleView, PostView, State, When},
    render::{
        Places, RenderError,
        sanitize::language,
        words::{self, Moment},
    },
};
use jiff::Timestamp;
use serde::Serialize;

/// How much of a post a list shows, in characters.
const EXCERPT_CHARS: usize = 240;

/// An article in a list.
#[derive(Clone, Debug)]
pub struct SiteArticle {
    id: i64,
    title: String,
    lang: Option<String>,
    site: Option<String>,
    byline: Option<String>,
    published: Option<When>,
    captured_at: Timestamp,
    posts: usize,
    gone: usize,
}

/// A post in a list.
#[derive(Clone, Debug)]
pub struct SitePost {
    /// `platform:id`.
    pub key: String,
    /// The platform's id.
    pub platform: String,
    /// Without `@`; empty where it is not known.
    pub handle: String,
    /// What is known of it by now.
    pub state: State,
    platform_name: String,
    name: String,
    lang: Option<String>,
    excerpt: String,
    files: usize,
    published: Option<When>,
    since: Option<Timestamp>,
}

/// A platform in the list of platforms.
#[derive(Clone, Debug)]
pub struct SitePlatform {
    /// Its id.
    pub id: String,
    /// Posts of it in the site.
    pub posts: usize,
    /// Those that are gone by now.
    pub gone: usize,
}

impl SitePlatform {
    /// Its name, as people call it.
    #[must_use]
    pub fn name(&self) -> String {
        words::platform(&self.id, None)
    }
}

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

impl SiteArticle {
    /// The article as a list shows it.
    #[must_use]
    pub fn of(view: &ArticleView) -> Self {
        let article = &view.article;
        let title = Some(article.title.trim()).filter(|title| !title.is_empty()).unwrap_or(&view.name);
        Self {
            id: view.id,
            title: title.to_owned(),
            lang: article.lang.clone(),
            site: article.site_name.clone(),
            byline: article.byline.clone(),
            published: article.published,
            captured_at: view.captured_at,
            posts: view.embeds.len(),
            gone: view.embeds.iter().filter(|one| one.post.as_ref().is_some_and(|post| post.state.is_gone())).count(),
        }
    }
}

impl SitePost {
    /// The post as a list shows it.
    #[must_use]
    pub fn of(view: &PostView) -> Self {
        let content = view.content.as_ref();
        let author = content.map(|content| &content.author);
        let handle = author.map(|author| author.handle.as_str()).filter(|handle| !handle.is_empty());
        let handle = handle.or(view.post.author.as_deref()).unwrap_or_default().trim_start_matches('@');
        let name = author.and_then(|author| author.name.as_deref()).map(str::trim).filter(|name| !name.is_empty());
        // The words of a post that its author put a warning before are left to its own page.
        let warning = content.and_then(|content| content.warning.as_deref()).map(str::trim);
        let warning =
            warning.filter(|warning| !warning.is_empty()).map(|warning| format!("Content warning: {warning}"));
        let text = warning.as_deref().or(content.map(|content| content.text.as_str())).unwrap_or_default();
        let mut excerpt: String =
            text.split_whitespace().flat_map(|word| word.chars().chain([' '])).take(EXCERPT_CHARS).collect();
        excerpt.truncate(excerpt.trim_end().len());
        if excerpt.chars().count() + 1 >= EXCERPT_CHARS {
            excerpt.push('…');
        }
        Self {
            key: view.post.key(),
            platform: view.post.platform.clone(),
            platform_name: words::platform(&view.post.platform, Some(&view.post.url)),
            name: name.or(Some(handle).filter(|handle| !handle.is_empty())).unwrap_or("Author not known").to_owned(),
            handle: handle.to_owned(),
            state: view.state,
            lang: content.and_then(|content| content.lang.clone()),
            excerpt,
            files: content.map_or(0, |content| content.media.len()),
            published: content.and_then(|content| content.published),
            since: view.state_since,
        }
    }

    /// What a search shows of it: who, and on which platform.
    #[must_use]
    pub fn who(&self) -> (&str, &str) {
        (&self.name, &self.platform_name)
    }

    /// How its text begins.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// The day of its publication, for people.
    #[must_use]
    pub fn day(&self) -> String {
        self.published.map(day).unwrap_or_default()
    }

    /// What became of it, where it is gone.
    #[must_use]
    pub fn gone(&self) -> &'static str {
        gone(self.state)
    }
}

impl SiteArticle {
    /// The headline.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Publication and author, as far as they are known.
    #[must_use]
    pub fn from(&self) -> String {
        self.site.iter().chain(&self.byline).map(|part| part.trim()).collect::<Vec<_>>().join(", ")
    }

    /// The day of its publication, else of its capture, for people.
    #[must_use]
    pub fn day(&self) -> String {
        day(self.published.unwrap_or(When::Instant(self.captured_at)))
    }
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

fn gone(state: State) -> &'static str {
    match state {
        State::Deleted => "Deleted",
        State::AccountDeleted => "Account deleted",
        State::Suspended => "Account suspended",
        _ => "",
    }
}

fn day(when: When) -> String {
    match when {
        When::Day(_) => Moment::of(when),
        When::Instant(at) => Moment::day_of(at),
    }
    .shown()
}

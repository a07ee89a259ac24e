//! The lists of a static site. Pages of old entries are cut from the oldest on, so that new entries change the first page
//! alone.

use super::{ExportError, Site, names};
use crate::render::room::{self, Frame, Leaf, Section, SiteArticle, SitePlatform, SitePost};
use std::{collections::BTreeMap, ops::Range};

/// Entries of a page; the first one, the newest, has up to twice as many.
const ENTRIES_A_PAGE: usize = 100;

/// One page of a list that is listed newest first.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// Counted from the oldest; none for the first page.
    number: Option<usize>,
    entries: Range<usize>,
}

/// The pages of a list of so many entries, the newest first.
fn parts(entries: usize) -> Vec<Part> {
    let older = (entries / ENTRIES_A_PAGE).saturating_sub(1);
    let newest = Part { number: None, entries: 0..entries - older * ENTRIES_A_PAGE };
    let cut = |number: usize| {
        let end = entries - (number - 1) * ENTRIES_A_PAGE;
        Part { number: Some(number), entries: end - ENTRIES_A_PAGE..end }
    };
    std::iter::once(newest).chain((1..=older).rev().map(cut)).collect()
}

/// A list of posts: what it is called, and how its pages are.
struct PostList<'a> {
    section: Section,
    title: &'a str,
    intro: &'a str,
    what: &'static str,
    posts: &'a [&'a SitePost],
}

/// Writes all lists.
pub(super) fn write(site: &mut Site<'_>, articles: &[SiteArticle], posts: &[SitePost]) -> Result<(), ExportError> {
    article_pages(site, articles, posts)?;
    let all: Vec<&SitePost> = posts.iter().collect();
    let list = |title, intro, section, posts| PostList { section, title, intro, what: "list", posts };
    let path = |name: &'static str| {
        move |page: Option<usize>| page.map_or_else(|| format!("{name}.html"), |page| format!("{name}/{page}.html"))
    };
    post_pages(site, &list("Posts", "", Section::Posts, &all), &path("posts"))?;
    let vanished: Vec<&SitePost> = posts.iter().filter(|post| post.state.is_gone()).collect();
    let intro = "Posts that were seen alive or quoted, and are no longer online.";
    post_pages(site, &list("Vanished", intro, Section::Vanished, &vanished), &path("vanished"))?;
    authors(site, posts)?;
    platforms(site, posts)?;
    let page = room::site_search(&Frame::site(0))?;
    site.page("search.html", "search", &page, None, None)
}

fn article_pages(site: &mut Site<'_>, articles: &[SiteArticle], posts: &[SitePost]) -> Result<(), ExportError> {
    let gone = posts.iter().filter(|post| post.state.is_gone()).count();
    let intro = room::site_summary(articles.len(), posts.len(), gone);
    let path =
        |page: Option<usize>| page.map_or_else(|| "index.html".to_owned(), |page| format!("articles/{page}.html"));
    for part in parts(articles.len()) {
        let depth = usize::from(part.number.is_some());
        // Figures that change stand on the page that changes anyway.
        let intro = if part.number.is_none() { intro.as_str() } else { "" };
        let leaf = leaf("Articles", intro, &part, articles.len(), depth, &path);
        let lines = articles.get(part.entries).unwrap_or_default();
        let page = site.draw(depth, |frame, places| room::site_articles(lines, leaf, frame, places))?;
        site.page(&path(part.number), "list", &page, None, None)?;
    }
    Ok(())
}

/// A page for each handle. Handles that differ by case alone are one author, as platforms have it.
fn authors(site: &mut Site<'_>, posts: &[SitePost]) -> Result<(), ExportError> {
    let mut authors: BTreeMap<String, Vec<&SitePost>> = BTreeMap::new();
    for post in posts.iter().filter(|post| !post.handle.is_empty()) {
        authors.entry(names::author(&post.platform, &post.handle, None)).or_default().push(post);
    }
    for posts in authors.values() {
        let Some(first) = posts.first() else { continue };
        let path = |page| names::author(&first.platform, &first.handle, page);
        let title = format!("@{}", first.handle);
        let list = PostList { section: Section::Posts, title: &title, intro: first.who().1, what: "author", posts };
        post_pages(site, &list, &path)?;
    }
    Ok(())
}

fn platforms(site: &mut Site<'_>, posts: &[SitePost]) -> Result<(), ExportError> {
    let mut platforms: BTreeMap<&str, Vec<&SitePost>> = BTreeMap::new();
    for post in posts {
        platforms.entry(&post.platform).or_default().push(post);
    }
    let mut lines = Vec::new();
    for (id, posts) in &platforms {
        let gone = posts.iter().filter(|post| post.state.is_gone()).count();
        let line = SitePlatform { id: (*id).to_owned(), posts: posts.len(), gone };
        let path = |page| names::platform(id, page);
        let name = line.name();
        let list = PostList { section: Section::Platforms, title: &name, intro: "", what: "platform", posts };
        post_pages(site, &list, &path)?;
        lines.push(line);
    }
    lines.sort_by(|one, other| other.posts.cmp(&one.posts).then_with(|| one.id.cmp(&other.id)));
    let page = site.draw(0, |frame, places| room::site_platforms(&lines, frame, places))?;
    site.page("platforms.html", "list", &page, None, None)
}

fn post_pages(
    site: &mut Site<'_>,
    list: &PostList<'_>,
    path: &dyn Fn(Option<usize>) -> String,
) -> Result<(), ExportError> {
    for part in parts(list.posts.len()) {
        let file = path(part.number);
        // Older pages of a list at the root stand in a folder of its name.
        let depth = file.matches('/').count();
        let leaf = leaf(list.title, list.intro, &part, list.posts.len(), depth, path);
        let posts = list.posts.get(part.entries).unwrap_or_default();
        let page = site.draw(depth, |frame, places| room::site_posts(list.section, posts, leaf, frame, places))?;
        site.page(&file, list.what, &page, None, None)?;
    }
    Ok(())
}

fn leaf(
    title: &str,
    intro: &str,
    part: &Part,
    entries: usize,
    depth: usize,
    path: &dyn Fn(Option<usize>) -> String,
) -> Leaf {
    let last = (entries / ENTRIES_A_PAGE).saturating_sub(1);
    let to = |page: Option<usize>| Some(format!("{}{}", "../".repeat(depth), path(page)));
    let (newer, older) = match part.number {
        None => (None, (last > 0).then_some(last).and_then(|last| to(Some(last)))),
        Some(number) => {
            let newer = if number == last { to(None) } else { to(Some(number + 1)) };
            (newer, (number > 1).then_some(number - 1).and_then(|older| to(Some(older))))
        }
    };
    Leaf { title: title.to_owned(), intro: intro.to_owned(), number: part.number, newer, older }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_entries_change_the_first_page_alone() {
        assert_eq!(parts(0), [Part { number: None, entries: 0..0 }]);
        assert_eq!(parts(199), [Part { number: None, entries: 0..199 }]);
        let numbers: Vec<_> = parts(350).into_iter().map(|part| (part.number, part.entries)).collect();
        assert_eq!(numbers, [(None, 0..150), (Some(2), 150..250), (Some(1), 250..350)]);
        // The oldest hundred are on page 1 whatever came later.
        for entries in 200..900 {
            let parts = parts(entries);
            assert_eq!(parts.last().map(|part| part.entries.clone()), Some(entries - 100..entries));
            assert_eq!(parts.iter().map(|part| part.entries.len()).sum::<usize>(), entries);
        }
    }
}

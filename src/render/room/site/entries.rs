//! What the lists of a static site show of an article, a post and a platform.

use crate::{
    model::{ArticleView, PostView, State, When},
    render::words::{self, Moment},
    words::excerpt,
};
use jiff::Timestamp;

/// How much of a post a list shows, in characters.
const EXCERPT_CHARS: usize = 240;

/// An article in a list.
#[derive(Clone, Debug)]
pub struct SiteArticle {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) lang: Option<String>,
    pub(super) site: Option<String>,
    pub(super) byline: Option<String>,
    pub(super) published: Option<When>,
    pub(super) captured_at: Timestamp,
    pub(super) posts: usize,
    pub(super) gone: usize,
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
    pub(super) platform_name: String,
    pub(super) name: String,
    pub(super) lang: Option<String>,
    pub(super) excerpt: String,
    pub(super) files: usize,
    pub(super) published: Option<When>,
    pub(super) since: Option<Timestamp>,
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
        Self {
            key: view.post.key(),
            platform: view.post.platform.clone(),
            platform_name: words::platform(&view.post.platform, Some(&view.post.url)),
            name: name.or(Some(handle).filter(|handle| !handle.is_empty())).unwrap_or("Author not known").to_owned(),
            handle: handle.to_owned(),
            state: view.state,
            lang: content.and_then(|content| content.lang.clone()),
            excerpt: excerpt(text, EXCERPT_CHARS),
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

/// What became of a post that is gone; empty of any other.
pub(super) fn gone(state: State) -> &'static str {
    match state {
        State::Deleted => "Deleted",
        State::AccountDeleted => "Account deleted",
        State::Suspended => "Account suspended",
        _ => "",
    }
}

/// The day, for people: of a moment the day it was in.
fn day(when: When) -> String {
    match when {
        When::Day(_) => Moment::of(when),
        When::Instant(at) => Moment::day_of(at),
    }
    .shown()
}

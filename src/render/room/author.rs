//! The page of an author: all posts of a handle, under which names and pictures it was seen, and who embeds it.

use super::{
    lines::{self, Line},
    plain,
    shell::{self, Frame, Section},
};
use crate::{
    model::{AuthorView, State},
    render::{
        Places, RenderError,
        words::{self, Moment},
    },
    words::shortened,
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct AuthorPage {
    platform: String,
    platform_page: Option<String>,
    /// The newest name, else the handle.
    name: String,
    handle: String,
    avatar: Option<String>,
    initials: String,
    posts: String,
    more: bool,
    gone: Option<String>,
    states: Vec<StateCount>,
    first: Option<Moment>,
    last: Option<Moment>,
    names: Vec<Name>,
    avatars: Vec<Avatar>,
    sites: Vec<Site>,
    lines: Vec<Line>,
    page: usize,
    pages: usize,
    earlier: Option<String>,
    later: Option<String>,
}

/// How many posts are in a state.
#[derive(Serialize)]
pub(super) struct StateCount {
    class: &'static str,
    title: String,
    posts: String,
}

#[derive(Serialize)]
struct Name {
    name: String,
    first: Moment,
    last: Moment,
    snapshots: String,
}

#[derive(Serialize)]
struct Avatar {
    url: String,
    first: Moment,
    last: Moment,
}

#[derive(Serialize)]
struct Site {
    site: String,
    articles: String,
    posts: String,
}

/// All posts of a handle.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn author(view: &AuthorView, frame: &Frame, places: &mut dyn Places) -> Result<String, RenderError> {
    let platform = words::platform(&view.platform, None);
    let name = view.names.iter().map(|seen| seen.name.trim()).find(|name| !name.is_empty()).unwrap_or(&view.handle);
    let here = places.author(&view.platform, &view.handle);
    let ask = |page: usize| here.as_deref().and_then(|here| places.asked(here, "page", &page.to_string()));
    let (earlier, later) = (
        if view.page > 1 { ask(view.page - 1) } else { None },
        if view.page < view.pages { ask(view.page + 1) } else { None },
    );
    let avatars: Vec<Avatar> = view
        .avatars
        .iter()
        .filter_map(|seen| {
            let shown = places.media(&seen.file).ok()?;
            Some(Avatar { url: shown.url, first: Moment::day_of(seen.first_at), last: Moment::day_of(seen.last_at) })
        })
        .collect();
    let page = AuthorPage {
        platform_page: places.platform(&view.platform),
        name: name.to_owned(),
        handle: view.handle.clone(),
        avatar: avatars.first().map(|avatar| avatar.url.clone()),
        initials: words::initials(name),
        posts: words::number(view.posts_total),
        more: view.more,
        gone: (view.gone > 0).then(|| words::number(view.gone)),
        states: states(&view.states, &platform),
        first: view.captured_between.map(|(first, _)| Moment::day_of(first)),
        last: view.captured_between.map(|(_, last)| Moment::day_of(last)),
        names: view
            .names
            .iter()
            .map(|seen| Name {
                name: seen.name.clone(),
                first: Moment::day_of(seen.first_at),
                last: Moment::day_of(seen.last_at),
                snapshots: words::number(seen.snapshots),
            })
            .collect(),
        avatars,
        sites: view
            .sites
            .iter()
            .map(|site| Site {
                site: site.site.clone(),
                articles: words::number(site.articles),
                posts: words::number(site.posts),
            })
            .collect(),
        lines: view.posts.iter().map(|line| lines::line(line, places)).collect(),
        page: view.page,
        pages: view.pages,
        earlier,
        later,
        platform,
    };
    let title = format!("{} (@{}) on {}", shortened(name, 60), view.handle, page.platform);
    shell::page("room/author.html", frame, Section::Posts, &title, &page)
}

/// Posts by state, in the order of the documentation.
pub(super) fn states(states: &BTreeMap<String, u64>, platform: &str) -> Vec<StateCount> {
    let known = State::ALL.into_iter().filter_map(|state| Some((state, *states.get(state.as_str())?)));
    known
        .map(|(state, posts)| {
            let said = plain::state(state, platform);
            StateCount { class: said.class, title: said.title, posts: words::number(posts) }
        })
        .collect()
}

//! What is known of a post, in plain words: its state and dates, where its content comes from, its names.

use super::{
    plain::{self, RungWords, StateWords},
    timeline::{self, Copy},
};
use crate::{
    model::{KnownPost, PostRef, PostView},
    render::{
        Places,
        sanitize::link,
        words::{self, Moment},
    },
    words::shortened,
};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Facts {
    platform: String,
    platform_page: Option<String>,
    key: String,
    /// Who wrote it, as far as that is known.
    author: Option<String>,
    author_page: Option<String>,
    handle: Option<String>,
    state: StateWords,
    since: Option<Moment>,
    last_seen: Option<Moment>,
    last_looked: Option<Moment>,
    failure: Option<String>,
    captured: Option<Moment>,
    rung: Option<RungWords>,
    memento: Option<Copy>,
    login: bool,
    has_content: bool,
    snapshots: String,
    thread: Option<Thread>,
    quotes: Option<Other>,
    answers: Option<Other>,
    queued: Option<Queued>,
    saved: Option<Saved>,
    url: Option<String>,
    shown_url: String,
    names: Vec<Name>,
    json: Option<String>,
}

#[derive(Serialize)]
struct Thread {
    is_first: bool,
    position: Option<u32>,
    first: Other,
}

/// Another post by its name.
#[derive(Serialize)]
struct Other {
    key: String,
    url: Option<String>,
}

#[derive(Serialize)]
struct Queued {
    due: Option<Moment>,
    attempts: String,
    reason: String,
}

#[derive(Serialize)]
struct Saved {
    at: Moment,
    url: Option<String>,
    shown_url: Option<String>,
    failure: Option<String>,
}

#[derive(Serialize)]
struct Name {
    key: String,
    shown_url: String,
}

impl Facts {
    /// What the page is called.
    pub(super) fn title(&self) -> String {
        match &self.author {
            Some(author) => format!("Post by {} on {}", shortened(author, 60), self.platform),
            None => format!("Post on {}", self.platform),
        }
    }
}

pub(super) fn facts(view: &KnownPost, platform: &str, page: Option<&str>, places: &dyn Places) -> Facts {
    let post = &view.post;
    let author = post.content.as_ref().map(|content| &content.author);
    let handle = author.map(|author| author.handle.trim_start_matches('@')).filter(|handle| !handle.is_empty());
    let handle = handle.or(post.post.author.as_deref()).map(str::to_owned);
    let name = author.and_then(|author| author.name.as_deref()).map(str::trim).filter(|name| !name.is_empty());
    let thread = post.content.as_ref().and_then(|content| content.thread.as_ref());
    let queued = view.queued.as_ref();
    Facts {
        platform: platform.to_owned(),
        platform_page: places.platform(&post.post.platform),
        key: post.post.key(),
        author: name.map(str::to_owned).or_else(|| handle.clone()),
        author_page: handle.as_deref().and_then(|handle| places.author(&post.post.platform, handle)),
        handle,
        state: plain::state(post.state, platform),
        since: post.state_since.map(moment),
        last_seen: post.last_seen_at.map(moment),
        last_looked: post.last_looked_at.map(moment),
        failure: post.last_failure.as_ref().map(plain::failure),
        captured: post.captured_at.map(moment).filter(|_| post.content.is_some()),
        rung: post.via.filter(|_| post.content.is_some()).map(plain::rung),
        memento: post.memento.as_ref().map(timeline::copy),
        login: post.login,
        has_content: post.content.is_some(),
        snapshots: words::number(view.snapshots),
        thread: thread.map(|thread| Thread {
            is_first: thread.first.key() == post.post.key(),
            position: thread.position,
            first: other(&thread.first, places),
        }),
        quotes: related(post, places, true),
        answers: related(post, places, false),
        queued: queued.map(|queued| Queued {
            due: queued.due_at.map(moment),
            attempts: plain::times(u64::from(queued.attempts)),
            reason: queued.reason.clone(),
        }),
        saved: view.saved.as_ref().map(|saved| Saved {
            at: moment(saved.asked_at),
            url: saved.memento.as_ref().and_then(|url| link(url.as_str())),
            shown_url: saved.memento.as_ref().map(|url| words::shown_url(url.as_str())),
            failure: saved.failure.clone(),
        }),
        url: link(post.post.url.as_str()),
        shown_url: words::shown_url(post.post.url.as_str()),
        names: view
            .names
            .iter()
            .map(|name| Name { key: name.key(), shown_url: words::shown_url(name.url.as_str()) })
            .collect(),
        json: page.and_then(|_| places.data(&post.post.key())),
    }
}

fn related(post: &PostView, places: &dyn Places, quoted: bool) -> Option<Other> {
    let content = post.content.as_ref()?;
    let named = if quoted { &content.quoted } else { &content.reply_to };
    named.as_ref().map(|named| other(&named.post, places))
}

fn other(post: &PostRef, places: &dyn Places) -> Other {
    let key = post.key();
    Other { url: places.post(&key), key }
}

fn moment(at: Timestamp) -> Moment {
    Moment::of(crate::model::When::Instant(at))
}

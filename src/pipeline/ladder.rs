//! The fallback ladder for one post: the platform's own routes, then a web archive's copies, then the words that the
//! article itself quotes.

use super::{
    Settings, capture,
    memento::{self, Searched},
    recheck, resolve,
    retry::Tried,
};
use crate::{
    fetch::{Transport, beside::Beside, conditional::Conditional, replay::Replay},
    http::Exchange,
    model::{Author, Failure, Media, Memento, Outcome, Post, PostRef, Quoted, Via, Withheld},
    platforms::{self, memento::Archive},
    store::{Capture, Known, Retry, Rung},
};
use jiff::Timestamp;
use tokio::time::Instant;

/// A post to capture, and what is at hand for it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its name, or a provisional one.
    pub(super) post: PostRef,
    /// What the article quotes, and when that was read.
    pub(super) quoted: Option<(Quoted, Timestamp)>,
    /// Looks so far without an answer.
    pub(super) attempts: u32,
    /// How far it is from an article: 0, or 1 for a post that an embedded one quotes.
    pub(super) depth: u8,
    /// It is looked at for news alone: what was skipped of it for its size stays so.
    pub(super) recheck: bool,
}

impl Wanted {
    /// A post of which nothing is at hand but its name.
    pub(super) fn named(post: PostRef) -> Self {
        Self { post, quoted: None, attempts: 0, depth: 0, recheck: false }
    }
}

/// A post captured as far as it could be, ready to be written.
pub(super) struct Climbed {
    /// As asked for.
    pub(super) wanted: Wanted,
    /// The real name of a post that had only a provisional one.
    pub(super) adopted: Option<PostRef>,
    /// Everything to write, in one transaction, and the quoted and answered posts to capture next.
    pub(super) capture: Capture,
}

/// Climbs for one post: network only, nothing is written. Where the post's answers are `recorded`, nobody is asked for it,
/// and only those of its files come over the network that are not.
pub(super) async fn climb(
    transport: &dyn Transport,
    recorded: Option<&Replay>,
    settings: &Settings,
    wanted: Wanted,
    known: Known,
) -> Climbed {
    if let Some(recorded) = recorded
        && is_recorded(recorded, &wanted.post).await
    {
        return climb_by(recorded, &Beside { recorded, other: transport }, settings, wanted, &known).await;
    }
    let conditional = Conditional::new(transport, if settings.conditional { &known.answers } else { &[] });
    climb_by(&conditional, &conditional, settings, wanted, &known).await
}

/// Whether a recording says what a post was, or that it was gone.
async fn is_recorded(recorded: &Replay, post: &PostRef) -> bool {
    let real = if post.is_provisional() {
        match resolve::resolve(recorded, &post.url).await {
            (Ok(real), _) => real,
            _ => return false,
        }
    } else {
        post.clone()
    };
    matches!(capture::capture(recorded, &real).await.outcome, Outcome::Found(_) | Outcome::Gone(_))
}

/// Climbs with the platform's answers from `answers`, and all else from `transport`.
async fn climb_by(
    answers: &dyn Transport,
    transport: &dyn Transport,
    settings: &Settings,
    wanted: Wanted,
    known: &Known,
) -> Climbed {
    let started_at = transport.now();
    let deadline = settings.item_time.and_then(|time| Instant::now().checked_add(time));
    let mut hops = Vec::new();
    let mut adopted = None;
    let mut captured = None;
    if wanted.post.is_provisional() {
        if matches!(wanted.post.url.scheme(), "http" | "https") {
            let (found, exchanges) = resolve::resolve(answers, &wanted.post.url).await;
            hops = exchanges;
            match found {
                Ok(post) if is_anothers(&post, wanted.quoted.as_ref()) => {
                    let detail = format!("its short link leads to {post}, a post of somebody else");
                    captured = Some(failed(Failure::Unresolved { detail }));
                }
                Ok(post) => adopted = Some(post),
                Err(failure) => captured = Some(failed(failure)),
            }
        } else {
            captured = Some(failed(Failure::NoRoute));
        }
    }
    let post = adopted.clone().unwrap_or_else(|| wanted.post.clone());
    let captured = match captured {
        Some(captured) => captured,
        None if !allowed(settings, &post) => failed(Failure::NoRoute),
        None => match deadline {
            None => capture::capture(answers, &post).await,
            Some(deadline) => match tokio::time::timeout_at(deadline, capture::capture(answers, &post)).await {
                Ok(captured) => captured,
                Err(_) => failed(late(settings)),
            },
        },
    };
    let mut exchanges = hops;
    exchanges.extend(captured.exchanges);
    if captured.outcome == Outcome::Withheld(Withheld::LoginRequired) {
        // Some answers hold what its author shows to signed-in readers only; that is not ours to keep.
        exchanges
            .iter_mut()
            .filter_map(|exchange| exchange.answer.as_mut().ok())
            .for_each(|answer| answer.body.clear());
    }
    let captured_at = exchanges.last().map_or(started_at, |exchange| exchange.started_at);
    let key = post.key();
    let mut climbing = Climbing {
        transport,
        settings,
        depth: wanted.depth,
        key: &key,
        attempts: wanted.attempts,
        deadline,
        retry: None,
        rungs: Vec::new(),
        related: Vec::new(),
    };
    climbing.retry = settings.backoff.of_post(&captured.outcome, climbing.tried());
    let lower = !matches!(captured.outcome, Outcome::Found(_));
    let ask_archive = memento::is_wanted(&captured.outcome, wanted.attempts)
        && allowed(settings, &post)
        && !post.is_provisional()
        && !known.has_content;
    climbing.rung(captured_at, captured.outcome, captured.via, exchanges, known).await;
    if ask_archive {
        climbing.memento(&post, wanted.quoted.as_ref().map(|(quoted, _)| quoted), known).await;
    }
    // Where better content is there, what the article quotes of it was weighed when that came.
    if lower
        && !known.has_content
        && let Some((quoted, read_at)) = &wanted.quoted
    {
        climbing.rungs.extend(from_quoted(&post, quoted).map(|content| Rung {
            captured_at: *read_at,
            outcome: Outcome::Found(Box::new(content)),
            via: Via::Quoted,
            exchanges: Vec::new(),
            media: Vec::new(),
        }));
    }
    let Climbing { rungs, related, retry, .. } = climbing;
    Climbed { adopted, capture: Capture { post, rungs, retry, related }, wanted }
}

/// A climb under way.
struct Climbing<'a> {
    transport: &'a dyn Transport,
    settings: &'a Settings,
    depth: u8,
    key: &'a str,
    /// What is not done by then is left for another time.
    deadline: Option<Instant>,
    attempts: u32,
    retry: Option<Retry>,
    rungs: Vec<Rung>,
    related: Vec<PostRef>,
}

impl Climbing<'_> {
    /// Adds a rung, with the files of the post that it found, and notes which posts that leads to.
    async fn rung(
        &mut self,
        captured_at: Timestamp,
        outcome: Outcome,
        via: Via,
        exchanges: Vec<Exchange>,
        known: &Known,
    ) {
        let mut files = Vec::new();
        if let Outcome::Found(found) = &outcome {
            if let Some(keeper) = &self.settings.media {
                let mut wanted = recheck::files_to_fetch(found, known);
                if let Some(copy) = platforms::memento::last_copy(&exchanges).filter(|_| via == Via::Memento) {
                    // The files of a post that is gone are mostly gone as well, and the archive may have them.
                    wanted.iter_mut().for_each(|file| add_copies(file, &copy));
                }
                let fetched = keeper.fetch_all(self.transport, found, wanted, via != Via::Memento, self.deadline).await;
                files = fetched.files;
                if fetched.passing {
                    let reason = "some of its files could not be had".to_owned();
                    // Why the post itself could not be had says more.
                    let own = self.retry.take();
                    self.retry = own.or_else(|| Some(self.settings.backoff.passing(self.tried(), None, reason)));
                }
            }
            self.related.extend(related(found, self.settings.quoted_depth.saturating_sub(self.depth)));
        }
        self.rungs.push(Rung { captured_at, outcome, via, exchanges, media: files });
    }

    /// This try, for working out when the next one is.
    fn tried(&self) -> Tried<'_> {
        Tried { key: self.key, before: self.attempts, counted: true, now: self.transport.now() }
    }

    /// The rung of the web archive. That it can't be asked now is no failure of the post, and is tried again.
    async fn memento(&mut self, post: &PostRef, quoted: Option<&Quoted>, known: &Known) {
        let Some(mementos) = &self.settings.mementos else { return };
        let search = memento::search(self.transport, mementos, post, quoted);
        let searched = match self.deadline {
            None => search.await,
            Some(deadline) => tokio::time::timeout_at(deadline, search)
                .await
                .unwrap_or_else(|_| Searched { found: Err(late(self.settings)), exchanges: Vec::new() }),
        };
        let Searched { found, exchanges } = searched;
        let captured_at = exchanges.last().map_or_else(|| self.transport.now(), |exchange| exchange.started_at);
        let outcome = match found {
            Ok(content) => Outcome::Found(Box::new(content)),
            Err(failure) => Outcome::Failed(failure),
        };
        if let Some(mut again) = self.settings.backoff.of_post(&outcome, self.tried()) {
            again.reason = format!("the web archive: {}", again.reason);
            self.retry = Some(match self.retry.take() {
                Some(own) => sooner(&own, again),
                None => again,
            });
        }
        self.rung(captured_at, outcome, Via::Memento, exchanges, known).await;
    }
}

/// The sooner of two tries; it waits while one of them does.
fn sooner(own: &Retry, other: Retry) -> Retry {
    Retry {
        due_at: own.due_at.into_iter().chain(other.due_at).min(),
        rests: own.rests.filter(|_| other.rests.is_some()),
        counted: own.counted || other.counted,
        reason: other.reason,
    }
}

/// The archive's copies of a file as further places to have it from.
fn add_copies(file: &mut Media, copy: &Memento) {
    let own = std::iter::once(&file.url).chain(&file.fallbacks);
    let copies: Vec<String> = own.filter_map(|url| Archive::beside(copy, url)).map(String::from).collect();
    file.fallbacks.extend(copies);
}

/// The posts that a post, or a post inside its answer, quotes or answers and that are not in the answer, as far as
/// `depth` levels away.
fn related(found: &Post, depth: u8) -> Vec<PostRef> {
    let mut missing = Vec::new();
    let mut level = vec![found];
    for _ in 0..depth {
        let around = level.iter().flat_map(|post| [&post.quoted, &post.reply_to]).flatten();
        let (inside, outside): (Vec<_>, Vec<_>) = around.partition(|related| related.content.is_some());
        missing.extend(outside.into_iter().map(|related| related.post.clone()));
        level = inside.into_iter().filter_map(|related| related.content.as_deref()).collect();
    }
    missing
}

/// Whether a short link led to a post of another author than the quoted one: the last link of a post's words may be
/// that of a post which it quotes, or of another's video.
fn is_anothers(post: &PostRef, quoted: Option<&(Quoted, Timestamp)>) -> bool {
    let quoted = quoted.and_then(|(quoted, _)| quoted.author_handle.as_ref());
    matches!((quoted, &post.author), (Some(quoted), Some(author)) if !quoted.eq_ignore_ascii_case(author))
}

/// A post that took longer than one may.
fn late(settings: &Settings) -> Failure {
    let limit_s = settings.item_time.unwrap_or_default().as_secs();
    Failure::Network { detail: format!("was not done within {limit_s} s") }
}

fn allowed(settings: &Settings, post: &PostRef) -> bool {
    settings.platforms.is_empty() || settings.platforms.contains(&post.platform)
}

fn failed(failure: Failure) -> capture::Captured {
    capture::Captured { outcome: Outcome::Failed(failure), via: Via::Api, exchanges: Vec::new() }
}

/// The last rung's content: the post as the article quotes it. None where the article says nothing of it.
pub(super) fn from_quoted(post: &PostRef, quoted: &Quoted) -> Option<Post> {
    let text = quoted.text.clone().unwrap_or_default();
    if text.is_empty() && quoted.author_handle.is_none() && quoted.author_name.is_none() {
        return None;
    }
    let handle = quoted.author_handle.clone().or_else(|| post.author.clone()).unwrap_or_default();
    let author = Author { handle, name: quoted.author_name.clone(), ..Author::default() };
    let mut content = Post::new(post.clone(), author, platforms::without_media_link(&text));
    content.published = quoted.published;
    Some(content)
}

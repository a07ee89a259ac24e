//! Runs today's parsers over stored answers: the same loop as a capture, with an archive's exchanges for a network.

use super::{Stop, capture};
use crate::{
    fetch::Transport,
    http::{Exchange, FetchError, Request},
    model::{Failure, Outcome, Post, PostRef, State, Via},
    platforms::memento,
    store::{Better, Filter, Store, StoreError, StoredLook},
};
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

/// What reading one look again came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reread {
    /// The post.
    pub key: String,
    /// When the answers came.
    pub looked_at: Timestamp,
    /// The rung that the answers give now.
    pub via: Via,
    /// What they said until now: a state, or why they said nothing.
    pub before: String,
    /// What they say now.
    pub after: String,
    /// What differs, such as `text`, `media`, `counts`.
    pub fields: Vec<String>,
    /// Files named by the new reading alone, that are not stored; fetched by the next run where the post is live.
    pub new_files: u64,
}

/// What came of a whole second reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReparseSummary {
    /// Posts whose answers were read.
    pub posts: u64,
    /// Looks whose answers were read.
    pub looks: u64,
    /// Those that say the same as before.
    pub unchanged: u64,
    /// Those of which a better reading was written, or would be in a dry run.
    pub improved: u64,
    /// Those left as they are, for today's plan asks for an answer that is not stored.
    pub not_stored: u64,
    /// Those left as they are, for today's parser does not understand them.
    pub not_understood: u64,
    /// Files named anew.
    pub new_files: u64,
    /// Why it ended early, if it did.
    pub stopped: Option<String>,
}

/// Reads stored answers again and keeps what is better; nothing is requested and nothing is taken away. `tell` hears of
/// each look that changes. In a dry run nothing is written.
///
/// # Errors
/// The archive can't be read or written.
pub async fn reparse(
    store: &mut Store,
    filter: &Filter,
    dry_run: bool,
    stop: &Stop,
    mut tell: impl FnMut(&Reread),
) -> Result<ReparseSummary, StoreError> {
    let mut summary = ReparseSummary::default();
    let mut run = None;
    for post in store.posts_with_answers(filter)? {
        summary.stopped = stop.reason().map(str::to_owned);
        if summary.stopped.is_some() {
            break;
        }
        summary.posts += 1;
        // Each look is compared with what the better readings before it left.
        for look in store.stored_looks(post)? {
            let look = &store.stored_look(look)?;
            let Some((mut outcome, via)) = read(look).await else {
                // The answers of a post inside another one's belong to that one.
                summary.not_stored += u64::from(is_asked_for_itself(look));
                continue;
            };
            keep_brought(&look.outcome, &mut outcome);
            summary.looks += 1;
            if State::proven_by(&outcome).is_none() {
                let same = State::proven_by(&look.outcome).is_none();
                *(if same { &mut summary.unchanged } else { &mut summary.not_understood }) += 1;
                continue;
            }
            let fields = differences(look, &outcome, via);
            if fields.is_empty() {
                summary.unchanged += 1;
                continue;
            }
            let mut reread = Reread {
                key: look.names.first().map(PostRef::key).unwrap_or_default(),
                looked_at: look.looked_at,
                via,
                before: told(&look.outcome),
                after: told(&outcome),
                fields,
                new_files: 0,
            };
            if !dry_run {
                let now = Timestamp::now();
                // A run is begun only for something to write: reading the same again leaves the archive as it is.
                let run = match run {
                    Some(run) => run,
                    None => *run.insert(store.begin_run("reparse", now)?),
                };
                reread.new_files = store.save_better(run, &Better { look, outcome: &outcome, via, now })?;
            }
            summary.improved += 1;
            summary.new_files += reread.new_files;
            tell(&reread);
        }
    }
    if let Some(run) = run {
        let counts = crate::model::Summary { run, stopped: summary.stopped.clone(), ..Default::default() };
        store.finish_run(&counts, Timestamp::now())?;
        store.seal_run(run)?;
    }
    Ok(summary)
}

/// An archive's exchanges as a network. What they don't hold is noted.
pub(super) struct Stored<'a> {
    exchanges: &'a [Exchange],
    missed: AtomicBool,
}

impl<'a> Stored<'a> {
    /// These answers, and no others.
    pub(super) fn new(exchanges: &'a [Exchange]) -> Self {
        Self { exchanges, missed: AtomicBool::new(false) }
    }
}

impl Transport for Stored<'_> {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let asked = |exchange: &&Exchange| {
            let known = &exchange.request;
            known.method == request.method && known.url == request.url && known.body == request.body
        };
        let exchange = self.exchanges.iter().find(asked).cloned().unwrap_or_else(|| {
            self.missed.store(true, Ordering::Relaxed);
            let started_at = self.exchanges.last().map_or(Timestamp::UNIX_EPOCH, |exchange| exchange.started_at);
            Exchange { request, hops: Vec::new(), answer: Err(FetchError::NotRecorded), started_at, elapsed_ms: 0 }
        });
        Box::pin(std::future::ready(exchange))
    }
}

/// What a look's answers say to today's parser, under the name by which they were asked for; none where today's plan asks
/// for something that is not among them.
pub(super) async fn read(look: &StoredLook) -> Option<(Outcome, Via)> {
    if look.via == Via::Memento {
        return read_copies(look);
    }
    for name in &look.names {
        let stored = Stored::new(&look.exchanges);
        let captured = capture::capture(&stored, name).await;
        let whole = !stored.missed.into_inner() && !captured.exchanges.is_empty();
        if whole {
            return Some((captured.outcome, captured.via));
        }
    }
    None
}

/// What a web archive's stored copies say to today's readers; none where they are of a post around this one.
fn read_copies(look: &StoredLook) -> Option<(Outcome, Via)> {
    if !is_asked_for_itself(look) {
        return None;
    }
    let found = look.names.iter().find_map(|name| memento::read_again(name, &look.exchanges));
    let missing = || Failure::NotArchived { detail: "no stored copy shows the post".to_owned() };
    let outcome = found.map_or_else(|| Outcome::Failed(missing()), |(post, _)| Outcome::Found(Box::new(post)));
    Some((outcome, Via::Memento))
}

/// Whether a look asked for its own post, judged by what came of it: an answer that holds other posts gives them a look each.
fn is_asked_for_itself(look: &StoredLook) -> bool {
    let Some(own) = look.names.first() else { return false };
    let tail = own.id.rsplit('/').next().unwrap_or(&own.id);
    look.exchanges.iter().any(|exchange| exchange.request.url.as_str().contains(tail))
}

/// Keeps the films that another program brought: the platform's answers do not name them.
fn keep_brought(before: &Outcome, now: &mut Outcome) {
    if let (Outcome::Found(before), Outcome::Found(now)) = (before, now) {
        now.media.extend(before.media.iter().filter(|media| media.obtained.is_some()).cloned());
    }
}

/// The parts of a post, or the outcome itself, in which the new reading differs from what is kept.
fn differences(look: &StoredLook, now: &Outcome, via: Via) -> Vec<String> {
    let (Outcome::Found(before), Outcome::Found(now)) = (&look.outcome, now) else {
        let same = State::proven_by(&look.outcome) == State::proven_by(now);
        return if same { Vec::new() } else { vec!["state".to_owned()] };
    };
    let digest = Some(now.digest());
    if !look.brought_snapshot && (digest == look.digest || digest == Some(before.digest())) {
        // It says what an earlier snapshot says; counts and the like were other ones then.
        return Vec::new();
    }
    let mut fields = BTreeSet::new();
    let (before, now) = (comparable(before), comparable(now));
    compare("", &before, &now, &mut fields);
    if via != look.via {
        fields.insert("via".to_owned());
    }
    fields.into_iter().collect()
}

/// A post as JSON, without what is no part of its content, and in the archive's precision. The posts inside it count by
/// their own digests: the same answer may have found them as they were, when their counts were other ones.
fn comparable(post: &Post) -> Value {
    let mut plain = post.clone();
    plain.edited = plain.edited.and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok());
    for media in &mut plain.media {
        // The archive has only the sizes that a fetch may fall back to.
        media.variants.clear();
    }
    let inside = |related: &Option<crate::model::Related>| {
        related.as_ref().map(|related| related.content.as_deref().map(Post::digest))
    };
    let (quoted, reply_to) = (inside(&plain.quoted), inside(&plain.reply_to));
    (plain.quoted, plain.reply_to) = (None, None);
    let mut value = serde_json::to_value(&plain).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.remove("post");
        for (name, inside) in [("quoted", quoted), ("reply_to", reply_to)] {
            if let Some(digest) = inside {
                object.insert(name.to_owned(), digest.into());
            }
        }
    }
    value
}

/// Names what differs: the keys of the post, and those of its author.
fn compare(prefix: &str, before: &Value, now: &Value, fields: &mut BTreeSet<String>) {
    let (Some(before), Some(now)) = (before.as_object(), now.as_object()) else { return };
    for key in before.keys().chain(now.keys()) {
        let (was, is) = (before.get(key), now.get(key));
        match (was, is) {
            (Some(was @ Value::Object(_)), Some(is @ Value::Object(_))) if key == "author" => {
                compare("author.", was, is, fields);
            }
            _ if was != is => {
                fields.insert(format!("{prefix}{key}"));
            }
            _ => {}
        }
    }
}

/// An outcome in one word, or in the words of its failure.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(Failure::Drift { .. }) => "drift".to_owned(),
        Outcome::Failed(failure) => failure.to_string(),
        outcome => State::proven_by(outcome).unwrap_or(State::Unknown).as_str().to_owned(),
    }
}

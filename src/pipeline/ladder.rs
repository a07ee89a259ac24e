//! The fallback ladder for one post: the platform's own routes, then the words that the article itself quotes.

use super::{Settings, capture, media, recheck, resolve, retry};
use crate::{
    fetch::{Transport, conditional::Conditional},
    model::{Author, Failure, Outcome, Post, PostRef, Quoted, Via, Withheld},
    platforms,
    store::{Capture, Known, Retry, Rung},
};
use jiff::Timestamp;

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

/// Climbs for one post: network only, nothing is written.
pub(super) async fn climb(transport: &dyn Transport, settings: &Settings, wanted: Wanted, known: Known) -> Climbed {
    let conditional = Conditional::new(transport, if settings.conditional { &known.answers } else { &[] });
    let transport: &dyn Transport = &conditional;
    let started_at = Timestamp::now();
    let mut hops = Vec::new();
    let mut adopted = None;
    let mut captured = None;
    if wanted.post.is_provisional() {
        if matches!(wanted.post.url.scheme(), "http" | "https") {
            let (found, exchanges) = resolve::resolve(transport, &wanted.post.url).await;
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
        None => capture::capture(transport, &post).await,
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
    let mut retry = retry::after(&captured.outcome, wanted.attempts, Timestamp::now());
    let mut related = Vec::new();
    let mut files = Vec::new();
    if let Outcome::Found(found) = &captured.outcome {
        if settings.media {
            let fetched =
                media::fetch_all(transport, recheck::files_to_fetch(found, &known), settings.max_media_bytes).await;
            files = fetched.files;
            if fetched.passing {
                let due_at = retry::passing_after(wanted.attempts, None, Timestamp::now());
                retry = due_at.map(|due_at| (due_at, "some of its files could not be had".to_owned()));
            }
        }
        let missing = [&found.quoted, &found.reply_to].into_iter().flatten().filter(|r| r.content.is_none());
        if wanted.depth < settings.quoted_depth {
            related.extend(missing.map(|related| related.post.clone()));
        }
    }
    let has_content = matches!(captured.outcome, Outcome::Found(_));
    let mut rungs = vec![Rung { captured_at, outcome: captured.outcome, via: captured.via, exchanges, media: files }];
    if !has_content && let Some((quoted, read_at)) = &wanted.quoted {
        rungs.extend(from_quoted(&post, quoted).map(|content| Rung {
            captured_at: *read_at,
            outcome: Outcome::Found(Box::new(content)),
            via: Via::Quoted,
            exchanges: Vec::new(),
            media: Vec::new(),
        }));
    }
    let retry = retry.map(|(due_at, reason)| Retry { due_at, reason });
    Climbed { adopted, capture: Capture { post, rungs, retry, related }, wanted }
}

/// Whether a short link led to a post of another author than the quoted one: the last link of a post's words may be
/// that of a post which it quotes, or of another's video.
fn is_anothers(post: &PostRef, quoted: Option<&(Quoted, Timestamp)>) -> bool {
    let quoted = quoted.and_then(|(quoted, _)| quoted.author_handle.as_ref());
    matches!((quoted, &post.author), (Some(quoted), Some(author)) if !quoted.eq_ignore_ascii_case(author))
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

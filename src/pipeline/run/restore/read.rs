//! What the exchanges of a restored look say to today's parsers.

use crate::{
    http::Exchange,
    model::{Failure, Outcome, Post, PostRef, Via},
    pipeline::{
        bundle::claims::PostClaim,
        reparse::{self, Stored},
        resolve,
    },
    store::StoredLook,
};
use jiff::Timestamp;

/// A look's answers, read.
pub(super) struct Reading {
    /// The name by which the post was asked for.
    pub(super) asked: PostRef,
    pub(super) outcome: Outcome,
    pub(super) via: Via,
}

/// A post's own name, then its other ones.
pub(super) fn names(claim: &PostClaim) -> Vec<PostRef> {
    let author = &claim.author_handle;
    let own = PostRef {
        platform: claim.platform.clone(),
        id: claim.post_id.clone(),
        author: author.clone(),
        url: claim.url.clone(),
    };
    let aliases = claim.aliases.iter().map(|alias| PostRef {
        platform: alias.platform.clone(),
        id: alias.post_id.clone(),
        author: author.clone(),
        url: alias.url.clone(),
    });
    std::iter::once(own).chain(aliases).collect()
}

/// What these exchanges say of a post; none where they are not answers to what would be asked of it.
pub(super) async fn read(names: &[PostRef], at: Timestamp, via: Via, exchanges: &[Exchange]) -> Option<Reading> {
    for asked in names {
        let look = StoredLook {
            id: 0,
            names: vec![asked.clone()],
            looked_at: at,
            outcome: Outcome::Failed(Failure::NoRoute),
            digest: None,
            via,
            brought_snapshot: false,
            exchanges: exchanges.to_vec(),
        };
        if let Some((outcome, via)) = reparse::read(&look).await {
            return Some(Reading { asked: asked.clone(), outcome, via });
        }
    }
    None
}

/// The short links that these exchanges follow to the post.
pub(super) async fn short_links<'a>(names: &'a [PostRef], exchanges: &[Exchange]) -> Vec<&'a PostRef> {
    let mut borne = Vec::new();
    for link in names.iter().skip(1).filter(|name| name.is_provisional()) {
        let (found, _) = resolve::resolve(&Stored::new(exchanges), &link.url).await;
        if found.is_ok_and(|found| names.iter().any(|name| name.key() == found.key())) {
            borne.push(link);
        }
    }
    borne
}

/// The keys of a post and of all posts inside it.
pub(super) fn keys_inside(post: &Post) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = vec![post];
    while let Some(post) = rest.pop() {
        for related in [&post.quoted, &post.reply_to].into_iter().flatten() {
            keys.push(related.post.key());
            if let Some(content) = related.content.as_deref() {
                keys.push(content.post.key());
                rest.push(content);
            }
        }
    }
    keys
}

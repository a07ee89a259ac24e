//! Snapshots that an import brought (`via` `import`): no exchange ever held them, and nothing proves them. They are put
//! back as what they were, somebody's record with that label, never as a platform's word.

use super::{Driver, files, looks::Restored, posts::Posts, read};
use crate::{
    model::{Author, Post, Related},
    pipeline::bundle::claims::{LookClaim, PostClaim, RelationClaim, SnapshotClaim},
    store::{Import, StoreError},
};
use jiff::Timestamp;

/// How deep posts inside imported posts are read.
const MAX_DEPTH: u8 = 3;

/// The files of a post itself, as `snapshot_media.part` has it.
const OF_THE_POST: &str = "media";

impl Driver<'_> {
    /// A look by which an import brought words.
    pub(super) fn imported(
        &mut self,
        posts: &mut Posts<'_>,
        restored: &Restored,
        look: &LookClaim,
    ) -> Result<(), StoreError> {
        let snapshot = look.snapshot.and_then(|nth| restored.claim.snapshots.get(nth));
        let Some((snapshot, content)) =
            snapshot.and_then(|snapshot| Some((snapshot, content(posts, &restored.claim, snapshot, 0)?)))
        else {
            self.not_borne(Some(restored), "the record does not say what was imported");
            return Ok(());
        };
        let media = files::brought(posts.bundle, &snapshot.media);
        // A date to come is a mistake, and would stand above all that is really known.
        let dated = look.looked_at.min(Timestamp::now());
        let saved = self.store.save_import(self.summary.run, &Import { content, media, dated, asked: None })?;
        self.summary.media.stored += saved.media_stored;
        self.summary.media.deduplicated += saved.media_deduplicated;
        if saved.new {
            self.summary.posts.captured += 1;
        } else {
            self.summary.posts.unchanged += 1;
        }
        Ok(())
    }
}

/// A snapshot's columns as a post.
fn content(posts: &mut Posts<'_>, claim: &PostClaim, snapshot: &SnapshotClaim, depth: u8) -> Option<Post> {
    let author = Author {
        id: snapshot.author_id.clone(),
        handle: snapshot.author_handle.clone().unwrap_or_default(),
        name: snapshot.author_name.clone(),
        url: snapshot.author_url.clone(),
        avatar: snapshot.author_avatar.clone(),
    };
    let mut post = Post::new(read::names(claim).into_iter().next()?, author, snapshot.text.clone()?);
    post.text_html.clone_from(&snapshot.text_html);
    post.truncated = snapshot.truncated;
    post.published = snapshot.published;
    post.edited = snapshot.edited;
    post.lang.clone_from(&snapshot.lang);
    post.media = files::named_of(&snapshot.media, OF_THE_POST);
    post.thread = parsed(snapshot.thread.as_ref());
    post.poll = parsed(snapshot.poll.as_ref());
    post.card = parsed(snapshot.card.as_ref());
    post.counts = parsed(snapshot.counts.as_ref()).unwrap_or_default();
    post.sensitive = snapshot.sensitive;
    post.warning.clone_from(&snapshot.warning);
    for relation in &snapshot.relations {
        let place = match relation.kind.as_str() {
            "quoted" => &mut post.quoted,
            "reply_to" => &mut post.reply_to,
            _ => continue,
        };
        *place = related(posts, snapshot, relation, depth);
    }
    Some(post)
}

fn related(posts: &mut Posts<'_>, of: &SnapshotClaim, relation: &RelationClaim, depth: u8) -> Option<Related> {
    let claim = posts.of_key(&relation.post)?;
    let post = read::names(&claim).into_iter().next()?;
    let same = |snapshot: &&SnapshotClaim| {
        relation.digest.is_some() && snapshot.digest == relation.digest && snapshot.captured_at == of.captured_at
    };
    let inside = claim.snapshots.iter().find(same).filter(|_| depth < MAX_DEPTH);
    let content = inside.and_then(|snapshot| content(posts, &claim, snapshot, depth + 1)).map(Box::new);
    Some(Related { post, content })
}

fn parsed<T: serde::de::DeserializeOwned>(value: Option<&serde_json::Value>) -> Option<T> {
    serde_json::from_value(value?.clone()).ok()
}

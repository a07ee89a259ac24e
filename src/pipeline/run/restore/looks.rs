//! Looks at posts out of an export, in the order of their dates. A capture brought several at once: of the post that was
//! asked for, and of the posts inside its answer. Its exchanges are read once, for the post that they answer for.

use super::{
    A_WRITE, Driver, files,
    posts::{MAX_LOOKS, Place, Posts},
    read::{self, Reading},
};
use crate::{
    http::Exchange,
    model::{Outcome, PostRef},
    pipeline::{
        Event,
        bundle::{
            Bundle,
            claims::{LookClaim, MediaClaim, PostClaim},
        },
        retry::Tried,
        tally,
    },
    store::{Capture, Rung, Save, StoreError},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

/// Posts of one instant that are tried as the one that an exchange answers for.
const MAX_TRIES: usize = 24;

/// A look that is to be put back, with its post.
pub(super) struct Restored {
    pub(super) claim: Arc<PostClaim>,
    names: Arc<[PostRef]>,
    nth: usize,
}

/// Where the looks at a post stand, by each of its names.
type ByName = HashMap<String, Vec<Range<usize>>>;

impl Restored {
    pub(super) fn look(&self) -> Option<&LookClaim> {
        self.claim.looks.get(self.nth)
    }

    pub(super) fn own(&self) -> Option<&PostRef> {
        self.names.first()
    }

    /// The files of the snapshot that the look brought.
    fn media(&self) -> &[MediaClaim] {
        let snapshot = self.look().and_then(|look| self.claim.snapshots.get(look.snapshot?));
        snapshot.map(|snapshot| snapshot.media.as_slice()).unwrap_or_default()
    }

    fn is_last(&self) -> bool {
        self.nth + 1 == self.claim.looks.len()
    }
}

impl Driver<'_> {
    /// Every look at every post, oldest first.
    pub(super) async fn looks_of(&mut self, bundle: &Bundle) -> Result<(), StoreError> {
        let mut posts = Posts::new(bundle);
        let mut places = Vec::new();
        for number in 0..bundle.posts().len() {
            match posts.get(number) {
                Ok(claim) => {
                    posts.name(number, &claim);
                    let room = MAX_LOOKS.saturating_sub(places.len());
                    if claim.looks.len() > room {
                        self.failed("a post's record", "the files have more looks than are read at once");
                    }
                    let looks = claim.looks.iter().enumerate().take(room);
                    places.extend(looks.map(|(nth, look)| Place {
                        at: look.looked_at,
                        via: look.via,
                        post: number,
                        nth,
                    }));
                }
                Err(reason) => self.failed("a post's record", &reason),
            }
        }
        places.sort_by_key(|place| (place.at, place.via, place.post, place.nth));
        let mut rest = places.as_slice();
        let mut written = 0;
        while !rest.is_empty() {
            if self.stopped() {
                break;
            }
            let together = posts.together(rest);
            let (group, others) = rest.split_at(together);
            rest = others;
            if written == 0 {
                self.store.begin_group()?;
            }
            if let Err(error) = self.looks_together(&mut posts, group).await {
                self.store.drop_group();
                return Err(error);
            }
            written += together;
            if written >= A_WRITE || rest.is_empty() {
                self.store.commit_group()?;
                self.tell();
                written = 0;
            }
        }
        self.store.commit_group()?;
        self.never_looked_at(&mut posts)?;
        self.saves_of(&mut posts)
    }

    /// Posts that are only named: others led to them, and nobody has looked.
    fn never_looked_at(&mut self, posts: &mut Posts<'_>) -> Result<(), StoreError> {
        let mut named = Vec::new();
        for number in 0..posts.bundle.posts().len() {
            let Ok(claim) = posts.get(number) else { continue };
            if claim.looks.is_empty() {
                named.extend(read::names(&claim).into_iter().next());
            }
            if named.len() >= A_WRITE {
                self.store.note_posts(&std::mem::take(&mut named))?;
            }
        }
        self.store.note_posts(&named)
    }

    /// The looks of one instant through one rung.
    async fn looks_together(&mut self, posts: &mut Posts<'_>, group: &[Place]) -> Result<(), StoreError> {
        let bundle = posts.bundle;
        let looks = self.not_kept(posts, group)?;
        // Of the posts inside an answer the exchanges are the outer one's, in whichever of their looks they stand.
        let mut done: HashSet<usize> = HashSet::new();
        let mut tried: HashSet<Vec<String>> = HashSet::new();
        let mut by_name = ByName::new();
        let mut start = 0;
        for of_post in looks.chunk_by(|one, other| Arc::ptr_eq(&one.names, &other.names)) {
            for name in of_post.iter().take(1).flat_map(|restored| restored.names.iter()) {
                by_name.entry(name.key()).or_default().push(start..start + of_post.len());
            }
            start += of_post.len();
        }
        for nth in 0..looks.len() {
            let Some(look) = looks.get(nth).and_then(Restored::look).cloned() else { continue };
            if look.result != "new" || look.exchanges.is_empty() || !tried.insert(look.exchanges.clone()) {
                continue;
            }
            let platform = looks.get(nth).map(|restored| restored.claim.platform.clone()).unwrap_or_default();
            let exchanges = match bundle.exchanges(look.exchanges.iter().map(String::as_str), Some(&platform)) {
                Ok(exchanges) => exchanges,
                Err(reason) => {
                    self.not_borne(looks.get(nth), &reason);
                    done.insert(nth);
                    continue;
                }
            };
            let found = answers_for(&looks, nth, &look, &exchanges).await;
            let Some((outer, reading)) = found else { continue };
            self.captured(bundle, (&looks, &by_name), outer, reading, exchanges, &mut done).await?;
        }
        for (nth, restored) in looks.iter().enumerate() {
            if !done.contains(&nth) {
                self.look_alone(posts, restored).await?;
            }
        }
        Ok(())
    }

    /// The looks of a group that the archive does not have. A post may have been looked at twice in one instant, and two
    /// files may tell of one look.
    fn not_kept(&mut self, posts: &mut Posts<'_>, group: &[Place]) -> Result<Vec<Restored>, StoreError> {
        let mut looks = Vec::new();
        let mut earlier: HashMap<usize, usize> = HashMap::new();
        let mut told: HashSet<(String, usize)> = HashSet::new();
        let mut last: Option<(usize, Arc<[PostRef]>)> = None;
        for place in group {
            let Ok(claim) = posts.get(place.post) else { continue };
            let names = match &last {
                Some((post, names)) if *post == place.post => Arc::clone(names),
                _ => read::names(&claim).into(),
            };
            last = Some((place.post, Arc::clone(&names)));
            let Some(own) = names.first() else { continue };
            let before = earlier.entry(place.post).or_default();
            let rank = *before;
            *before += 1;
            if !told.insert((own.key(), rank)) {
                continue;
            }
            if self.store.looks_at(own, place.at, place.via)? > rank {
                self.summary.posts.unchanged += 1;
                continue;
            }
            looks.push(Restored { claim, names, nth: place.nth });
        }
        Ok(looks)
    }

    /// A capture whose exchanges were read.
    async fn captured(
        &mut self,
        bundle: &Bundle,
        (looks, by_name): (&[Restored], &ByName),
        outer: usize,
        reading: Reading,
        exchanges: Vec<Exchange>,
        done: &mut HashSet<usize>,
    ) -> Result<(), StoreError> {
        let Some((restored, look)) = looks.get(outer).and_then(|restored| Some((restored, restored.look()?))) else {
            return Ok(());
        };
        let Some(own) = restored.own() else { return Ok(()) };
        let mut keys: HashSet<String> = restored.names.iter().map(PostRef::key).collect();
        if let Outcome::Found(post) = &reading.outcome {
            keys.insert(post.post.key());
            keys.extend(read::keys_inside(post));
        }
        let numbers: BTreeSet<usize> =
            keys.iter().filter_map(|key| by_name.get(key)).flatten().cloned().flatten().collect();
        let inside = numbers.iter().copied().filter_map(|nth| Some((nth, looks.get(nth)?)));
        let claims: Vec<MediaClaim> = inside.clone().flat_map(|(_, other)| other.media().iter().cloned()).collect();
        // One look at each of them is this one: the outer post's own, and of another first one that brought a snapshot.
        done.insert(outer);
        let mut inner: HashMap<String, (bool, usize)> = HashMap::new();
        for (nth, other) in inside.filter(|(nth, _)| !done.contains(nth)) {
            let key = other.own().map(PostRef::key).unwrap_or_default();
            if restored.own().is_some_and(|own| own.key() == key) {
                continue;
            }
            let old = other.look().is_some_and(|look| look.result != "new");
            inner.entry(key).and_modify(|best| *best = (*best).min((old, nth))).or_insert((old, nth));
        }
        done.extend(inner.into_values().map(|(_, nth)| nth));
        for link in read::short_links(&restored.names, &exchanges).await {
            self.store.adopt(link, own)?;
        }
        let names_itself = matches!(&reading.outcome, Outcome::Found(post) if post.post.key() == own.key());
        let post = if names_itself { reading.asked } else { own.clone() };
        let rung = Rung {
            captured_at: look.looked_at,
            outcome: reading.outcome,
            via: reading.via,
            exchanges,
            media: files::brought(bundle, &claims),
        };
        self.put(restored, post, rung)
    }

    /// Writes one rung of a post, counts it and tells it.
    pub(super) fn put(&mut self, restored: &Restored, post: PostRef, rung: Rung) -> Result<(), StoreError> {
        let key = post.key();
        let tried = Tried { key: &key, before: 0, counted: true, now: self.now() };
        let retry = self.settings.backoff.of_post(&rung.outcome, tried).filter(|_| restored.is_last());
        let capture = Capture { post, rungs: vec![rung], retry, related: Vec::new() };
        let before = self.store.post_status(&capture.post)?;
        let saved = self.store.save_capture(self.summary.run, &capture)?;
        self.summary.media.stored += saved.media_stored;
        self.summary.media.deduplicated += saved.media_deduplicated;
        let result = tally::result(self.store, before.as_ref(), &capture, &saved)?;
        tally::count(&mut self.summary.posts, &capture, &result);
        let post = capture.post;
        self.news(move |tell| tell(&Event::Post { post: &post, result: &result }));
        Ok(())
    }

    fn now(&self) -> Timestamp {
        crate::fetch::Transport::now(self.transport.as_ref())
    }

    /// A look that is left out, for nothing in the file bears it out.
    pub(super) fn not_borne(&mut self, restored: Option<&Restored>, reason: &str) {
        let Some((own, look)) = restored.and_then(|restored| Some((restored.own()?, restored.look()?))) else { return };
        let (key, reason) = (own.key(), format!("its look of {} can't be restored: {reason}", look.looked_at));
        self.failed(&key, &reason);
    }

    /// What web archives were asked to save.
    fn saves_of(&mut self, posts: &mut Posts<'_>) -> Result<(), StoreError> {
        for number in 0..posts.bundle.posts().len() {
            let Ok(claim) = posts.get(number) else { continue };
            let Some(post) = read::names(&claim).into_iter().next().filter(|_| !claim.saves.is_empty()) else {
                continue;
            };
            if self.store.post_status(&post)?.is_none() || self.store.is_saved(&post)? {
                continue;
            }
            for save in &claim.saves {
                let (memento, failure) = (save.memento_url.clone(), save.failure.clone());
                let save = Save { post: post.clone(), asked_at: save.asked_at, memento, failure };
                self.store.keep_save(self.summary.run, &save)?;
            }
        }
        Ok(())
    }
}

/// The post of these that the exchanges answer for, and what they say of it: first the one whose look names them.
async fn answers_for(
    looks: &[Restored],
    nth: usize,
    look: &LookClaim,
    exchanges: &[Exchange],
) -> Option<(usize, Reading)> {
    let others = (0..looks.len()).filter(|other| *other != nth).take(MAX_TRIES);
    for number in std::iter::once(nth).chain(others) {
        let Some(restored) = looks.get(number) else { continue };
        let reading = read::read(&restored.names, look.looked_at, look.via, exchanges).await;
        if let Some(reading) = reading.filter(|reading| !matches!(reading.outcome, Outcome::Failed(_))) {
            return Some((number, reading));
        }
    }
    None
}

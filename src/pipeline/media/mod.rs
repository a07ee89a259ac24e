//! The files of a post: pictures, video, sound, posters, avatars. Each is fetched once, in the best form within the
//! limits, and checked to be what it says. What a limit kept out is recorded as skipped, and fetched when the limit
//! allows.
//!
//! `file` fetches one file, `wire` carries bodies in bounded memory, `hls` fetches streams whole and `remux` makes one
//! film of their segments, `ytdlp` asks `yt-dlp` for what has no open route, `tool` runs it and `ffmpeg`.

mod file;
mod hls;
mod limits;
mod remux;
mod tool;
mod wire;
mod ytdlp;

pub use limits::MediaLimits;

use super::Stop;
use crate::{
    fetch::Transport,
    model::{Media, MediaKind, Post},
    store::{CapturedMedia, FileBytes, MediaFile, Skipped, Store},
};
use futures::{StreamExt, stream};
use limits::Purse;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicU64},
};
use tokio::{sync::Semaphore, time::Instant};
use wire::Wire;

/// Files of one post under way at once.
const CONCURRENCY: usize = 4;

/// Quoted posts inside quoted posts are not followed further than this.
const MAX_NESTING: usize = 3;

/// Large files in memory at once, of all posts.
const LARGE_AT_ONCE: usize = 1;

/// Other programs that help where they are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// Joins streams in codecs that are not known here.
    pub ffmpeg: Option<PathBuf>,
    /// Fetches films that have no open route. It opens sockets of its own.
    pub ytdlp: Option<PathBuf>,
    /// The proxy that `yt-dlp` is told to use.
    pub proxy: Option<String>,
}

impl Tools {
    /// A program of this name on the search path, where there is one.
    #[must_use]
    pub fn find(name: &str) -> Option<PathBuf> {
        tool::find(name)
    }
}

/// Fetches the files of all posts of a run, within its limits.
#[derive(Debug)]
pub struct MediaKeeper {
    limits: MediaLimits,
    tools: Tools,
    run_bytes: AtomicU64,
    large: Semaphore,
    ytdlp: Semaphore,
    archive: OnceLock<Option<Mutex<Store>>>,
    stop: OnceLock<Stop>,
}

impl MediaKeeper {
    /// A keeper for one run.
    #[must_use]
    pub fn new(limits: MediaLimits, tools: Tools) -> Arc<Self> {
        Arc::new(Self {
            limits,
            tools,
            run_bytes: AtomicU64::new(0),
            large: Semaphore::new(LARGE_AT_ONCE),
            ytdlp: Semaphore::new(1),
            archive: OnceLock::new(),
            stop: OnceLock::new(),
        })
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> &MediaLimits {
        &self.limits
    }

    /// Names the archive whose files need not be fetched again. The second call has no effect.
    pub(super) fn look_in(&self, archive: &Path) {
        self.archive.get_or_init(|| Store::open_read_only(archive).ok().map(Mutex::new));
    }

    /// Says when the run ends: a stream under way is left then, for it may take long. The second call has no effect.
    pub(super) fn heed(&self, stop: &Stop) {
        self.stop.get_or_init(|| stop.clone());
    }

    /// The stored file that one of these URLs gave before.
    fn stored(&self, media: &Media) -> Option<MediaFile> {
        let archive = self.archive.get()?.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let mut urls = std::iter::once(&media.url).chain(&media.fallbacks);
        urls.find_map(|url| {
            let sha256 = archive.media_digest(url).ok().flatten()?;
            Some(MediaFile { bytes: FileBytes::Stored(sha256), ..MediaFile::new(url.clone(), Vec::new()) })
        })
    }

    /// Fetches these files of a post and of the posts inside its answer, in their order; and the film that its answer
    /// does not name, where the post is `live`. What has not come by the deadline is missing for now.
    pub(super) async fn fetch_all(
        &self,
        transport: &dyn Transport,
        post: &Post,
        files: Vec<Media>,
        live: bool,
        deadline: Option<Instant>,
    ) -> Fetched {
        let wire = Wire { transport, large: &self.large, stop: self.stop.get() };
        let mut purse = Purse::new(&self.limits, &self.run_bytes);
        let mut results: Vec<(CapturedMedia, bool)> = Vec::new();
        // Pictures are small and many, films are large and few: the limits count the first before the second.
        let (pictures, films): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(_, m)| is_still(m));
        let pictures: Vec<_> = stream::iter(pictures.into_iter().map(|(place, media)| async move {
            let found = match self.stored(&media) {
                Some(file) => Ok(file),
                None => {
                    let (bytes, height) = (self.limits.file_bytes, self.limits.video_height_px);
                    by(deadline, file::fetch(wire, &media, bytes, height, &self.tools)).await
                }
            };
            (place, media, found)
        }))
        .buffered(CONCURRENCY)
        .collect()
        .await;
        let mut places = Vec::new();
        for (place, media, found) in pictures {
            places.push(place);
            results.push(purse.take(media, found, Skipped::file(self.limits.file_bytes)));
        }
        for (place, media) in films {
            places.push(place);
            let (allowed, limit) = purse.allowed();
            let found = match self.stored(&media) {
                Some(file) => Ok(file),
                None if allowed == 0 => Err(wire::Missing::too_large()),
                None => {
                    let height = self.limits.video_height_px;
                    by(deadline, file::fetch(wire, &media, allowed, height, &self.tools)).await
                }
            };
            results.push(purse.take(media, found, limit));
        }
        let mut ordered: Vec<_> = places.into_iter().zip(results).collect();
        ordered.sort_by_key(|(place, _)| *place);
        let mut results: Vec<_> = ordered.into_iter().map(|(_, result)| result).collect();
        if live
            && let Some(program) = &self.tools.ytdlp
            && let Some(media) = ytdlp::wanted(post, || results.iter().map(|(captured, _)| captured))
        {
            let (allowed, limit) = purse.allowed();
            let found = match self.stored(&media) {
                Some(file) => Ok(file),
                None if allowed == 0 => Err(wire::Missing::too_large()),
                None => {
                    let _turn = self.ytdlp.acquire().await.ok();
                    let height = self.limits.video_height_px;
                    by(deadline, ytdlp::fetch(program, &self.tools, &media, allowed, height)).await
                }
            };
            results.push(purse.take(media, found, limit));
        }
        let passing = results.iter().any(|(_, passing)| *passing);
        Fetched { files: results.into_iter().map(|(file, _)| file).collect(), passing }
    }
}

/// A file, where it comes in time; those of a post that come are kept, though others don't.
async fn by<T>(
    deadline: Option<Instant>,
    file: impl Future<Output = Result<T, wire::Missing>>,
) -> Result<T, wire::Missing> {
    let Some(deadline) = deadline else { return file.await };
    let late = || wire::Missing::for_now("its post took too long".to_owned());
    tokio::time::timeout_at(deadline, file).await.unwrap_or_else(|_| Err(late()))
}

/// The files of a post, and whether one is missing that another try may bring.
pub(super) struct Fetched {
    /// In the order of the post. A file that can't be had is kept as the reason why.
    pub(super) files: Vec<CapturedMedia>,
    /// At least one failed for a passing reason.
    pub(super) passing: bool,
}

/// Everything of a post, and of the posts inside its answer, that is a file; each URL once.
pub(super) fn of_post(post: &Post) -> Vec<Media> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut level = vec![post];
    for _ in 0..MAX_NESTING {
        let mut inner = Vec::new();
        for post in level {
            let avatar = post.author.avatar.iter().map(|url| Media::new(MediaKind::Avatar, url));
            let card = post.card.iter().filter_map(|card| card.image.as_ref());
            let card = card.map(|url| Media::new(MediaKind::Poster, url));
            for media in post.media.iter().cloned().chain(avatar).chain(card) {
                if seen.insert(media.url.clone()) {
                    found.push(media);
                }
            }
            inner.extend([&post.quoted, &post.reply_to].into_iter().flatten().filter_map(|r| r.content.as_deref()));
        }
        level = inner;
    }
    found
}

fn is_still(media: &Media) -> bool {
    matches!(media.kind, MediaKind::Image | MediaKind::Poster | MediaKind::Avatar)
}

//! `yt-dlp`, where it is installed and switched on, fetches the films of posts that have no open route. It opens
//! sockets of its own, which neither the guard nor a recording covers; so it is off unless asked for, is given nothing
//! but the canonical URL of a recognised post, and never runs in a replay.

use super::{
    Tools, file,
    tool::{self, Job, ToolError},
    wire::{Missing, spooled},
};
use crate::{
    media_type,
    model::{Media, MediaKind, Obtained, Post, Target},
    platforms,
    store::{CapturedMedia, MediaFile},
};
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::NamedTempFile;
use url::Url;

/// For one film, whatever its size.
const TIME_LIMIT: Duration = Duration::from_secs(900);

/// Platforms whose posts are films, or may hold one that their open answers leave out.
const PLATFORMS: [&str; 20] = [
    "youtube",
    "tiktok",
    "facebook",
    "instagram",
    "reddit",
    "vimeo",
    "dailymotion",
    "twitch",
    "twitter",
    "vk",
    "weibo",
    "rumble",
    "odysee",
    "streamable",
    "ted",
    "linkedin",
    "threads",
    "tumblr",
    "snapchat",
    "soundcloud",
];

/// Platforms every post of which is a film or a sound.
const ALWAYS: [&str; 12] = [
    "youtube",
    "tiktok",
    "vimeo",
    "dailymotion",
    "twitch",
    "rumble",
    "odysee",
    "streamable",
    "ted",
    "snapchat",
    "soundcloud",
    "vine",
];

/// The film to ask for, where the post has one of which nothing is here. `tried` are the files that were fetched now;
/// one that was not tried is stored.
pub(super) fn wanted<'a, I: Iterator<Item = &'a CapturedMedia>>(post: &Post, tried: impl Fn() -> I) -> Option<Media> {
    let platform = post.post.platform.as_str();
    if !PLATFORMS.contains(&platform) {
        return None;
    }
    let failed = |url: &str| tried().any(|captured| captured.media.url == url && captured.file.is_err());
    let mut shows_film = ALWAYS.contains(&platform);
    for media in &post.media {
        match media.kind {
            MediaKind::Video | MediaKind::Audio if !failed(&media.url) => return None,
            MediaKind::Video | MediaKind::Audio | MediaKind::Poster => shows_film = true,
            // A still that lasts stands for a film.
            MediaKind::Image => shows_film |= media.duration_ms.is_some(),
            MediaKind::Avatar => {}
        }
    }
    let url = &post.post.url;
    let is_post = || matches!(platforms::recognize(url), Some(Target::Post(named)) if named.platform == platform);
    let is_open = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let kind = if platform == "soundcloud" { MediaKind::Audio } else { MediaKind::Video };
    let asked = Media { obtained: Some(Obtained::YtDlp), ..Media::new(kind, url.as_str()) };
    (shows_film && is_open && is_post()).then_some(asked)
}

/// Runs `yt-dlp` for the film of one post.
pub(super) async fn fetch(
    program: &Path,
    tools: &Tools,
    media: &Media,
    max_bytes: u64,
    max_lines_px: u32,
) -> Result<MediaFile, Missing> {
    let folder = tempfile::Builder::new().prefix("embalm-").tempdir()?;
    let mut arguments: Vec<String> = [
        "--ignore-config",
        "--no-cache-dir",
        "--no-playlist",
        "--playlist-items",
        "1",
        "--no-progress",
        "--quiet",
        "--no-warnings",
        "--no-mtime",
        "--no-part",
        "--no-live-from-start",
        // What has no end yet is a failure, not a film that was left out.
        "--break-match-filters",
        "!is_live & !is_upcoming",
        "--socket-timeout",
        "30",
        "--retries",
        "3",
        "--fragment-retries",
        "3",
        // A film with a part missing is none.
        "--abort-on-unavailable-fragments",
        "--merge-output-format",
        "mp4/webm",
        "--output",
        "film.%(ext)s",
    ]
    .map(str::to_owned)
    .into();
    arguments.extend(["--max-filesize".to_owned(), max_bytes.to_string()]);
    arguments.extend(["--format-sort".to_owned(), format!("res:{max_lines_px},vcodec:h264,acodec:aac,ext")]);
    // Pictures and sound apart can only be joined with ffmpeg.
    let format = if tools.ffmpeg.is_some() { "bv*+ba/b" } else { "b" };
    arguments.extend(["--format".to_owned(), format.to_owned()]);
    if let Some(ffmpeg) = &tools.ffmpeg {
        arguments.extend(["--ffmpeg-location".to_owned(), ffmpeg.display().to_string()]);
    }
    arguments.extend(["--".to_owned(), media.url.clone()]);
    let proxy = tools.proxy.iter().flat_map(|proxy| ["http_proxy", "https_proxy"].map(|name| (name, proxy.clone())));
    let job = Job {
        program,
        arguments: arguments.into_iter().map(Into::into).collect(),
        folder: folder.path(),
        environment: proxy.collect(),
        time_limit: TIME_LIMIT,
        // Pictures, sound, and the film made of both stand side by side for a while.
        max_bytes: max_bytes.saturating_mul(2).saturating_add(1 << 20),
    };
    tool::run(job).await.map_err(|error| match error {
        ToolError::Size(_) => Missing::too_large(),
        ToolError::Start(_) => Missing::for_good(format!("yt-dlp: {error}")),
        other => Missing::for_now(format!("yt-dlp: {other}")),
    })?;
    let (kind, max) = (media.kind, max_bytes);
    let taken = tokio::task::spawn_blocking(move || take(folder.path(), kind, max)).await;
    let (film, mime) = taken.map_err(|error| Missing::for_now(error.to_string()))??;
    let url = Url::parse(&media.url).map_or_else(|_| media.url.clone(), |url| url.to_string());
    Ok(MediaFile {
        bytes: spooled(film)?,
        mime: Some(mime.to_owned()),
        obtained: Some(Obtained::YtDlp),
        ..MediaFile::new(url, Vec::new())
    })
}

/// The film that was written: the largest file that is one.
fn take(folder: &Path, kind: MediaKind, max_bytes: u64) -> Result<(NamedTempFile, &'static str), Missing> {
    let mut found: Vec<(u64, PathBuf, &'static str)> = Vec::new();
    let mut others = false;
    for entry in fs::read_dir(folder)?.filter_map(Result::ok) {
        let named_film = entry.file_name().to_string_lossy().starts_with("film.");
        others |= named_film;
        // Links are not followed: what they lead to was there before.
        if !named_film || !entry.file_type()?.is_file() {
            continue;
        }
        let mut head = Vec::new();
        File::open(entry.path())?.take(4096).read_to_end(&mut head)?;
        if let Some(mime) = media_type::of(&head).filter(|mime| file::fits(kind, Some(mime))) {
            found.push((entry.metadata()?.len(), entry.path(), mime));
        }
    }
    let Some((size, path, mime)) = found.into_iter().max() else {
        // It writes nothing, and ends well, where it leaves a film out for its size.
        return Err(if others { Missing::for_now("yt-dlp wrote no film") } else { Missing::too_large() });
    };
    if size > max_bytes {
        return Err(Missing::too_large());
    }
    let film = NamedTempFile::new()?;
    fs::copy(path, film.path())?;
    Ok((film, mime))
}

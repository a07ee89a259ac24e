//! `ffmpeg`, where it is installed, joins what our own joining does not know (HEVC or MP3 in transport streams, ...).
//! It reads two local files whose form is named to it, copies, and reaches no network.

use super::super::{
    remux,
    tool::{self, Job, ToolError},
    wire::Missing,
};
use super::segments::Fetched;
use crate::media_type;
use std::{
    ffi::OsString,
    fs::{self, File},
    io::Read,
    path::Path,
    time::Duration,
};
use tempfile::NamedTempFile;

/// Copying takes seconds; what takes longer hangs.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// The film, and how long it says that it is, in milliseconds.
pub(super) async fn join(program: &Path, fetched: &Fetched, max_bytes: u64) -> Result<(NamedTempFile, u64), Missing> {
    let folder = tempfile::Builder::new().prefix("embalm-").tempdir()?;
    let mut arguments: Vec<OsString> = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y"].map(Into::into).into();
    let mut inputs = 0;
    for name in ["main", "sound"] {
        let path = folder.path().join(name);
        let mut file = File::create_new(&path)?;
        match name {
            "main" => fetched.write_main(&mut file)?,
            _ if fetched.sound.is_none() => continue,
            _ => fetched.write_sound(&mut file)?,
        }
        let form = form(&path).ok_or_else(|| Missing::for_good("segments of an unknown form"))?;
        // The form is named, so that no file can pass for a playlist that leads elsewhere.
        arguments.extend(["-protocol_whitelist", "file", "-f", form, "-i"].map(Into::into));
        arguments.push(format!("file:{name}").into());
        inputs += 1;
    }
    arguments.extend(["-map", "0:v:0?", "-map", if inputs > 1 { "1:a:0" } else { "0:a:0?" }].map(Into::into));
    arguments.extend(["-c", "copy", "-movflags", "+faststart", "-f", "mp4", "file:film.mp4"].map(Into::into));
    let job = Job {
        program,
        arguments,
        folder: folder.path(),
        environment: Vec::new(),
        time_limit: TIME_LIMIT,
        // `+faststart` writes the film a second time.
        max_bytes: max_bytes.saturating_mul(2).saturating_add(1 << 20),
    };
    tool::run(job).await.map_err(|error| match error {
        ToolError::Size(_) => Missing::too_large(),
        other => Missing::for_good(other.to_string()),
    })?;
    let film = NamedTempFile::new()?;
    let mut from = File::open(folder.path().join("film.mp4"))?;
    let duration_ms = remux::duration_ms(&mut from)?.ok_or_else(|| Missing::for_good("it wrote no film"))?;
    if from.metadata()?.len() > max_bytes {
        return Err(Missing::too_large());
    }
    fs::copy(folder.path().join("film.mp4"), film.path())?;
    Ok((film, duration_ms))
}

/// How `ffmpeg` calls what stands in a file.
fn form(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(4096).read_to_end(&mut head).ok()?;
    match media_type::of(&head) {
        Some(media_type::TRANSPORT_STREAM) => Some("mpegts"),
        Some("video/mp4" | media_type::FRAGMENT | "audio/m4a" | "video/quicktime" | "video/x-m4v") => Some("mov"),
        Some("audio/aac") => Some("aac"),
        Some("audio/mpeg") => Some("mp3"),
        _ => None,
    }
}

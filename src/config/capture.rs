//! `[capture]`: what of a post is kept, and by which programs.

use crate::platforms::memento;
use serde::Deserialize;
use std::path::PathBuf;

/// `[capture]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capture {
    /// Only these; empty means all.
    pub platforms: Vec<String>,
    /// Whether files of posts are kept.
    pub media: bool,
    /// Bytes of one file.
    pub max_media_bytes: u64,
    /// Bytes of all files of one post.
    pub max_post_media_bytes: u64,
    /// Bytes of all files of one run; none for no limit.
    pub max_run_media_bytes: Option<u64>,
    /// The shorter side of a film in pixels, where there is a choice.
    pub max_video_height: u32,
    /// How far quoted and answered posts are followed.
    pub quoted_depth: u8,
    /// Pages of one article that are read.
    pub article_pages: usize,
    /// The address of the web archive that is asked for posts that their platform does not show; `off` for none.
    pub memento: String,
    /// Whether that archive is asked to save the posts that were captured.
    pub save_now: bool,
    /// `ffmpeg`, for streams that embalm cannot join itself.
    pub ffmpeg: Program,
    /// `yt-dlp`, for films that have no open route.
    pub ytdlp: Program,
}

/// The value of `[capture] memento` where no web archive is asked.
const OFF: &str = "off";

impl Capture {
    /// The web archive to ask, if any.
    ///
    /// # Errors
    /// The value is neither `off` nor the address of one; with what would be right.
    pub fn web_archive(&self) -> Result<Option<memento::Archive>, String> {
        match self.memento.trim() {
            "" | OFF => Ok(None),
            address => memento::Archive::new(address).map(Some).map_err(|why| {
                format!("{why}; set it to \"off\", or to a web archive's address such as \"https://web.archive.org\"")
            }),
        }
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            platforms: Vec::new(),
            media: true,
            max_media_bytes: 256 << 20,
            max_post_media_bytes: 1 << 30,
            max_run_media_bytes: None,
            max_video_height: 1080,
            quoted_depth: 1,
            article_pages: 20,
            memento: OFF.to_owned(),
            save_now: false,
            ffmpeg: Program::Switch(true),
            ytdlp: Program::Switch(false),
        }
    }
}

/// Another program: whether it is used where it is installed, or where it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected true, false or the path of the program")]
pub enum Program {
    /// Found on the search path, or not used.
    Switch(bool),
    /// This one.
    Path(PathBuf),
}

//! A file of a post, as its platform names it, and how its bytes were had.

use serde::{Deserialize, Serialize};

/// What a file of a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A moving picture, with or without sound.
    Video,
    /// Sound.
    Audio,
    /// The still that stands for a video.
    Poster,
    /// The author's picture.
    Avatar,
}

impl MediaKind {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Poster => "poster",
            Self::Avatar => "avatar",
        }
    }
}

/// One file of a post, as the platform names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// The best quality known.
    pub url: String,
    /// Other URLs of the same file, to be tried in order where the first fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// The author's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// As the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The same film in several sizes, where the platform tells them; `url` is the best of them. They are not stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Set where the platform's own answer does not name the file, and another program fetched it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obtained: Option<Obtained>,
}

/// A file in one of its sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Where it is: a file, or a playlist of a stream.
    pub url: String,
    /// Bits a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<u64>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_px: Option<u32>,
    /// In pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_px: Option<u32>,
    /// As the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
}

/// How stored bytes were had, where they are not what one URL answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Obtained {
    /// Segments of a stream, joined here.
    #[serde(rename = "hls")]
    Joined,
    /// Segments of a stream, joined by `ffmpeg`.
    #[serde(rename = "hls+ffmpeg")]
    Ffmpeg,
    /// Fetched by `yt-dlp`.
    #[serde(rename = "yt-dlp")]
    YtDlp,
}

impl Obtained {
    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "hls",
            Self::Ffmpeg => "hls+ffmpeg",
            Self::YtDlp => "yt-dlp",
        }
    }
}

impl Media {
    /// A file of which only kind and URL are known.
    #[must_use]
    pub fn new(kind: MediaKind, url: impl Into<String>) -> Self {
        Self {
            kind,
            url: url.into(),
            fallbacks: Vec::new(),
            alt: None,
            width_px: None,
            height_px: None,
            duration_ms: None,
            mime: None,
            variants: Vec::new(),
            obtained: None,
        }
    }
}

//! Places as the viewer has them.

use embalm::{
    model::StoredMedia,
    render::{Places, Shown, missing, playable, unsafe_type},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Addresses of the viewer; a file is known by its digest, or in cases that have none by its URL's last part.
pub(crate) struct Rooms;

impl Places for Rooms {
    fn article(&self, id: i64) -> Option<String> {
        Some(format!("/article/{id}"))
    }

    fn original(&self, id: i64) -> Option<String> {
        Some(format!("/article/{id}/original"))
    }

    fn version(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}?version={number}"))
    }

    fn changes(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/changes?version={number}"))
    }

    fn original_of(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/original?version={number}"))
    }

    fn original_bytes(&self, id: i64, number: usize) -> Option<String> {
        Some(format!("/article/{id}/original.raw?version={number}"))
    }

    fn post(&self, key: &str) -> Option<String> {
        Some(format!("/post/{}", segment(key)))
    }

    fn author(&self, platform: &str, handle: &str) -> Option<String> {
        Some(format!("/author/{}/{}", segment(platform), segment(handle)))
    }

    fn platform(&self, id: &str) -> Option<String> {
        Some(format!("/platform/{}", segment(id)))
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        if let Some(why) = missing(file).filter(|_| file.bytes.is_none()) {
            return Err(why);
        }
        let sniffed = match &file.bytes {
            Some(bytes) => embalm::media_type::of(bytes),
            None => file.mime.as_deref(),
        };
        let mime = sniffed.and_then(|sniffed| playable(file.kind, sniffed)).ok_or_else(|| unsafe_type(sniffed))?;
        let name = file.digest.as_deref().unwrap_or_else(|| file.url.rsplit('/').next().unwrap_or_default());
        Ok(Shown { url: format!("/media/{}", segment(name)), mime })
    }
}

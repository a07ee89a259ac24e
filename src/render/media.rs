//! The files of a post as they are drawn: pictures that fill rows, players, and what is missing said in its place.

use super::{
    RenderError,
    markup::{Markup, draw},
    places::Places,
    words,
};
use crate::model::{Media, MediaKind, StoredMedia};
use serde::Serialize;

/// Width to height of pictures where neither is known, and of films.
const USUAL_RATIO: f64 = 4.0 / 3.0;
const USUAL_FILM_RATIO: f64 = 16.0 / 9.0;

/// Width to height that a box can have; what is out of these bounds stands whole in one that is not.
const RATIOS: std::ops::RangeInclusive<f64> = 0.4..=4.0;

/// Widest picture that is drawn at its own size alone in a post, in pixels: a larger one fills the post.
const SMALL_PX: u32 = 400;

/// Files of one post that are drawn.
const MAX_FILES: usize = 100;

#[derive(Serialize)]
struct Gallery {
    files: Vec<File>,
    /// `one` or `many`, for the style sheet.
    class: &'static str,
}

#[derive(Serialize)]
struct File {
    /// `image`, `video`, `audio`, or `still` for the poster of a video that is not here.
    kind: &'static str,
    url: Option<String>,
    mime: &'static str,
    poster: Option<String>,
    alt: String,
    width_px: Option<u32>,
    height_px: Option<u32>,
    /// The class of the box's width to height; `whole` where the picture does not fill it, `small` where it is small.
    shape: String,
    duration: Option<String>,
    /// Why the file is not here.
    missing: Option<String>,
}

/// The gallery of a post, or nothing where it has no files. `stored` is searched by URL.
pub(super) fn gallery(
    media: &[Media],
    stored: &[&StoredMedia],
    places: &mut dyn Places,
) -> Result<Option<Markup>, RenderError> {
    let mut files: Vec<File> = Vec::new();
    for one in media.iter().take(MAX_FILES) {
        let found = stored.iter().find(|file| file.url == one.url && file.kind == one.kind).copied();
        match one.kind {
            MediaKind::Avatar => {}
            MediaKind::Poster => {
                let still = file("still", one, found, places);
                match files.last_mut() {
                    Some(video) if video.kind == "video" && video.poster.is_none() => give_poster(video, still),
                    _ => files.push(still),
                }
            }
            // A picture that lasts is the still of a film that the platform does not give.
            MediaKind::Image if one.duration_ms.is_some() => files.push(file("still", one, found, places)),
            MediaKind::Image => files.push(file("image", one, found, places)),
            MediaKind::Video => {
                let mut video = file("video", one, found, places);
                // What another program brought stands last, and the still for which it stands before it.
                let stands_for = |last: &mut File| one.obtained.is_some() && last.kind == "still" && last.url.is_some();
                if let Some(still) = files.pop_if(stands_for) {
                    give_poster(&mut video, still);
                }
                files.push(video);
            }
            MediaKind::Audio => files.push(file("audio", one, found, places)),
        }
    }
    if files.is_empty() {
        return Ok(None);
    }
    let class = if files.len() == 1 { "one" } else { "many" };
    draw(places.layout().media(), &Gallery { files, class }).map(Some)
}

/// Where the picture at `url` is shown from, if it is stored and can be shown.
pub(super) fn picture(url: Option<&str>, stored: &[&StoredMedia], places: &mut dyn Places) -> Option<String> {
    let found = stored.iter().find(|file| Some(file.url.as_str()) == url && file.kind != MediaKind::Video)?;
    places.media(found).ok().map(|shown| shown.url)
}

fn file(kind: &'static str, media: &Media, stored: Option<&StoredMedia>, places: &mut dyn Places) -> File {
    let (shown, missing) = match stored.map(|stored| places.media(stored)) {
        Some(Ok(shown)) => (Some(shown), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, Some("was not fetched".to_owned())),
    };
    let mime = shown.as_ref().map_or("", |shown| shown.mime);
    let width_px = stored.and_then(|stored| stored.width_px).or(media.width_px).filter(|px| *px > 0);
    let height_px = stored.and_then(|stored| stored.height_px).or(media.height_px).filter(|px| *px > 0);
    let alt = media.alt.clone().or_else(|| stored.and_then(|stored| stored.alt.clone())).unwrap_or_default();
    File {
        // A film that is a moving picture by its bytes is shown as one.
        kind: if kind == "video" && mime.starts_with("image/") { "image" } else { kind },
        url: shown.map(|shown| shown.url),
        mime,
        poster: None,
        alt: alt.trim().to_owned(),
        width_px,
        height_px,
        shape: shape(kind, width_px, height_px),
        duration: media.duration_ms.or_else(|| stored.and_then(|stored| stored.duration_ms)).map(words::duration),
        missing,
    }
}

/// The classes of a box: no page has a style of its own, so a ratio is one of the steps that `style/ratios.css` has.
fn shape(kind: &str, width_px: Option<u32>, height_px: Option<u32>) -> String {
    let known = width_px.zip(height_px);
    let film = matches!(kind, "still" | "video");
    let usual = if film { USUAL_FILM_RATIO } else { USUAL_RATIO };
    let ratio = known.map_or(usual, |(width, height)| f64::from(width) / f64::from(height));
    // The still of a film fills its box: platforms put black bars around those of another shape.
    let small = known.is_some_and(|(width, _)| width < SMALL_PX);
    let whole = (known.is_none() && !film) || small || !RATIOS.contains(&ratio);
    let hundredths = ratio.clamp(*RATIOS.start(), *RATIOS.end()) * 100.0;
    let step = match hundredths {
        ..98.0 => 2.0,
        98.0..247.0 => 5.0,
        _ => 25.0,
    };
    let whole = if whole { " whole" } else { "" };
    let small = if small { " small" } else { "" };
    format!("ratio-{:.0}{whole}{small}", (hundredths / step).round() * step)
}

fn give_poster(video: &mut File, still: File) {
    video.poster = still.url;
    if video.width_px.is_none() {
        (video.width_px, video.height_px, video.shape) = (still.width_px, still.height_px, still.shape);
    }
    if video.alt.is_empty() {
        video.alt = still.alt;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_picture_has_a_class_in_the_sheet() {
        let sheet = crate::render::stylesheet();
        for width in 1..900 {
            for height in [1, 90, 200, 333, 2_000] {
                let shape = shape("image", Some(width), Some(height));
                let class = shape.split(' ').next().unwrap();
                assert!(sheet.contains(&format!(".{class}{{")), "{width} x {height}: {class}");
            }
        }
        assert_eq!(shape("image", Some(1_600), Some(1_200)), "ratio-135");
        assert_eq!(shape("image", Some(1_600), Some(100)), "ratio-400 whole");
        assert_eq!(shape("image", Some(300), Some(300)), "ratio-100 whole small");
        assert_eq!(shape("image", None, None), "ratio-135 whole");
        assert_eq!(shape("still", None, None), "ratio-180");
    }
}

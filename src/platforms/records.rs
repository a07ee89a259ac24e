//! Platforms as `embalm list platforms --json` prints them: public API.

use super::{ALL, Platform, gives};
use crate::model::Via;
use serde::Serialize;

/// One platform, with what strangers get of its posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformGives {
    /// Its id.
    pub platform: &'static str,
    /// The rungs that ask it, best first.
    pub routes: &'static [Via],
    /// How much of the words.
    pub text: Option<&'static str>,
    /// Which files.
    pub media: Option<&'static str>,
    /// How exact its times are.
    pub time: Option<&'static str>,
    /// What it says of a post that is gone.
    pub gone: Option<&'static str>,
    /// The ways by which it is asked.
    pub how: Option<&'static str>,
    /// The address of a post, invented.
    pub example: Option<&'static str>,
}

/// Every platform, or the one of this id.
#[must_use]
pub fn records(only: Option<&str>) -> Vec<PlatformGives> {
    let record = |platform: &dyn Platform| {
        let gives = gives(platform.id());
        PlatformGives {
            platform: platform.id(),
            routes: gives.map_or(&[], |gives| gives.routes),
            text: gives.map(|gives| gives.text),
            media: gives.map(|gives| gives.media),
            time: gives.map(|gives| gives.time),
            gone: gives.map(|gives| gives.gone),
            how: gives.map(|gives| gives.how),
            example: platform.samples().posts.first().map(|(url, _)| *url),
        }
    };
    let chosen = ALL.iter().filter(|platform| only.is_none_or(|id| id == platform.id()));
    chosen.map(|platform| record(*platform)).collect()
}

//! A record of an embed, as `embalm detect --json` prints it, as work: its post, with the words that an article quotes of it.

use super::{Work, WorkBody};
use crate::{
    model::{PostRef, Quoted, Target},
    platforms,
};
use serde::Deserialize;

/// What of a record names its post; the rest is of the article.
#[derive(Deserialize)]
struct Named {
    platform: Option<String>,
    url: Option<String>,
    quoted: Quoted,
}

/// The work of a record. What a post is, its address says, and where the record has none, what is quoted of it.
///
/// # Errors
/// A sentence: it is no record, or its address is no post's.
pub(super) fn work(line: &[u8], place: &str) -> Result<Work, String> {
    let Named { platform, url, quoted } =
        serde_json::from_slice(line).map_err(|error| format!("not the record of an embed: {error}"))?;
    let target = match (url, platform) {
        (Some(url), _) => platforms::embedded(&url).ok_or_else(|| format!("{url} is no address of a post"))?,
        (None, Some(platform)) if quoted.text.is_some() && platforms::gives(&platform).is_some() => {
            Target::Unresolved { platform }
        }
        (None, _) => return Err("the record of an embed without a URL needs a platform and a text".to_owned()),
    };
    let post = PostRef::of_embed(&target, &quoted);
    let name = if matches!(target, Target::Unresolved { .. }) { place.to_owned() } else { post.url.to_string() };
    Ok(Work { quoted: Some(Box::new(quoted)), ..Work::new(name, WorkBody::Post(post)) })
}

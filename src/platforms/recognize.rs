//! Which post a URL names: wrappers (web archives, redirectors, double encoding) are taken off, then every platform is asked.

use crate::model::Target;
use url::Url;

/// The post or short link that a URL names, through any wrapper.
#[must_use]
pub fn recognize(url: &Url) -> Option<Target> {
    super::ALL.iter().find_map(|platform| platform.recognize(url))
}

/// The same for a URL as it stands in a page: relative to the scheme (`//x.com/…`), without a scheme, with
/// entities or percent-encoding left in it.
#[must_use]
pub fn recognize_text(url: &str) -> Option<Target> {
    recognize(&Url::parse(url).ok()?)
}

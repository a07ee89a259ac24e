//! The meta tags of a page: `og:`, `twitter:`, `itemprop` and the like, the last resort where a platform shows no more.

use scraper::{Html, Selector};
use std::{collections::HashMap, sync::LazyLock};

static META: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("meta[content], link[itemprop]").expect("a fixed selector"));

/// Names with their first value, trimmed, none empty.
pub(super) struct MetaTags(HashMap<String, String>);

impl MetaTags {
    /// Reads a page: `property`, `name` and `itemprop` are all names.
    pub(super) fn read(page: &Html) -> Self {
        let mut values = HashMap::new();
        for tag in page.select(&META) {
            let Some(value) = tag.attr("content").or_else(|| tag.attr("href")).map(str::trim) else { continue };
            if value.is_empty() {
                continue;
            }
            for name in ["property", "name", "itemprop"].iter().filter_map(|name| tag.attr(name)) {
                values.entry(name.to_ascii_lowercase()).or_insert_with(|| value.to_owned());
            }
        }
        Self(values)
    }

    /// The value of the first of these names that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)).map(String::as_str)
    }
}

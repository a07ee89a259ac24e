//! The meta tags of a page: `og:`, `twitter:`, `itemprop` and the like, the last resort where a platform shows no more.

use scraper::{Html, Selector};
use std::{collections::HashMap, sync::LazyLock};

static META: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("meta[content], link[itemprop], link[rel=alternate]").expect("a fixed selector"));

/// Names with their values, trimmed, none empty, and where the alternate links lead.
pub(super) struct MetaTags {
    values: HashMap<String, Vec<String>>,
    alternates: Vec<String>,
}

impl MetaTags {
    /// Reads a page: `property`, `name` and `itemprop` are all names.
    pub(super) fn read(page: &Html) -> Self {
        let mut tags = Self { values: HashMap::new(), alternates: Vec::new() };
        for tag in page.select(&META) {
            let Some(value) = tag.attr("content").or_else(|| tag.attr("href")).map(str::trim) else { continue };
            if value.is_empty() {
                continue;
            }
            if tag.attr("rel") == Some("alternate") {
                tags.alternates.push(value.to_owned());
            }
            for name in ["property", "name", "itemprop"].iter().filter_map(|name| tag.attr(name)) {
                tags.values.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
            }
        }
        tags
    }

    /// The value of the first of these names that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.all(name).next())
    }

    /// Every value of a name, in the order of the page.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The value of the `twitter:labelN` and `twitter:dataN` (or `valueN`) pair with this label.
    pub(super) fn labelled(&self, label: &str) -> Option<&str> {
        let own =
            |n: &usize| self.get(&[&format!("twitter:label{n}")]).is_some_and(|own| own.eq_ignore_ascii_case(label));
        let n = (1..=4).find(own)?;
        self.get(&[&format!("twitter:data{n}"), &format!("twitter:value{n}")])
    }

    /// Where the page's `<link rel="alternate">` lead.
    pub(super) fn alternates(&self) -> impl Iterator<Item = &str> {
        self.alternates.iter().map(String::as_str)
    }
}

/// Splits a title of the form `Name (@handle)`; without the brackets all of it is the name.
pub(super) fn name_and_handle(title: &str) -> (Option<String>, Option<String>) {
    let title = title.trim();
    let full = |words: &str| Some(words.trim().to_owned()).filter(|words| !words.is_empty());
    if let Some(handle) = title.strip_prefix('@').filter(|rest| !rest.contains(char::is_whitespace)) {
        return (None, full(handle));
    }
    match title.strip_suffix(')').and_then(|rest| rest.rsplit_once("(@")) {
        Some((name, handle)) => (full(name), full(handle)),
        None => (full(title), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_labels_and_alternates_are_read() {
        let page = Html::parse_document(
            r#"<head><meta property="og:image" content=" a "><meta property="OG:image" content="b"><meta name="twitter:label2"
            content="Likes"><meta name="twitter:value2" content="3"><link rel="alternate" href="at://a/b/c"></head>"#,
        );
        let tags = MetaTags::read(&page);
        assert_eq!(tags.get(&["og:video", "og:image"]), Some("a"));
        assert_eq!(tags.all("og:image").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(tags.labelled("likes"), Some("3"));
        assert_eq!(tags.alternates().collect::<Vec<_>>(), ["at://a/b/c"]);
    }

    #[test]
    fn a_title_parts_into_name_and_handle() {
        assert_eq!(name_and_handle("Pat (x) (@pat.example)"), (Some("Pat (x)".into()), Some("pat.example".into())));
        assert_eq!(name_and_handle("@pat.example"), (None, Some("pat.example".into())));
        assert_eq!(name_and_handle("Only a name"), (Some("Only a name".into()), None));
    }
}

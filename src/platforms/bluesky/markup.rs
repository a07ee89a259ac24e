//! Bluesky's embed markup: the blockquote of its embed code, which quotes the whole post, and elements of widgets.
//!
//! Two snippets are about: the server's (`snippet.go`: `— <a>Name (@handle)</a> <a>ISO time</a>`) and the embed
//! page's (`— Name (<a>@handle</a>) <a>Oct 10, 2024 at 3:24 PM</a>`, in the visitor's language). Seen 2024 to 2026.

use super::urls::from_text;
use crate::{
    html,
    model::{Form, PostRef, Quoted, Target, When},
    platforms::{Markup, printed_date},
};
use regex::Regex;
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;

/// Attributes in which widgets name the post.
const NAMING: [&str; 7] =
    ["data-bluesky-uri", "uri", "data-uri", "data-bluesky-post", "data-post-uri", "data-bluesky-url", "url"];

/// Custom elements of embed widgets, by the names that their authors chose; more attributes are read on these.
const WIDGETS: [&str; 6] =
    ["bluesky-embed", "bsky-embed", "bluesky-post", "bsky-post", "bluesky-post-embed", "atproto-post"];

/// What the snippet writes where the post has a picture or a quote.
const EMBED_NOTE: &str = "[image or embed]";

/// Dashes looked at from the end; a name with more in it is not read.
const MAX_DASHES: usize = 8;

/// The last line: a dash, the name, the handle in brackets, the time.
static ATTRIBUTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\x{2014}\x{2013}]\s*([^\n]{0,200}?)\s*\(?@([A-Za-z0-9.-]+)\)?\s*([^\n]*)$")
        .expect("a pattern written here compiles")
});
static LINKS: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("a[href]").expect("a selector written here parses"));

/// The embed that an element stands for.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    let name = element.value().name();
    let blockquote = name == "blockquote";
    let own = blockquote && html::has_class(element, "bluesky-embed");
    let widget = WIDGETS.contains(&name);
    let post = NAMING
        .iter()
        .filter(|attr| widget || attr.starts_with("data-bluesky"))
        .chain(["src", "href"].iter().filter(|_| widget))
        .find_map(|attr| from_text(html::attr(element, attr)?))
        .or_else(|| own.then(|| last_link(element)).flatten())?;
    let quoted = if blockquote { quoted(element) } else { Quoted::default() };
    let form = if blockquote { Form::Blockquote } else { Form::DataAttr };
    Some(Markup { form, target: Target::Post(post), quoted })
}

/// The post that the last link of a snippet without its attribute leads to: that of the time.
fn last_link(element: ElementRef<'_>) -> Option<PostRef> {
    element.select(&LINKS).filter_map(|link| from_text(html::attr(link, "href")?)).last()
}

/// What a snippet says of its post.
pub(super) fn quoted(element: ElementRef<'_>) -> Quoted {
    let all = html::text(element);
    // The dash of the attribution is the last one that a handle follows.
    let mut dashes = all.rmatch_indices(['\u{2014}', '\u{2013}']).take(MAX_DASHES);
    let from = dashes.find_map(|(at, _)| Some((at, ATTRIBUTION.captures(&all[at..])?)));
    let words = from.as_ref().map_or(all.as_str(), |(at, _)| &all[..*at]);
    let parts = from.as_ref().map(|(_, parts)| parts);
    let part = |n: usize| parts?.get(n).map(|part| part.as_str().trim().to_owned()).filter(|s| !s.is_empty());
    let text = words.trim().trim_end_matches(EMBED_NOTE).trim();
    Quoted {
        text: Some(text.to_owned()).filter(|text| !text.is_empty()),
        author_name: part(1),
        author_handle: part(2),
        published: part(3).and_then(|time| printed_time(&time)),
        links: links(element),
    }
}

/// Links of the author's; those that the snippet adds are marked with where they come from.
fn links(element: ElementRef<'_>) -> Vec<String> {
    let own = |href: &&str| href.starts_with("http") && !href.contains("ref_src=embed");
    element.select(&LINKS).filter_map(|link| html::attr(link, "href")).filter(own).map(str::to_owned).collect()
}

/// A time as a snippet prints it: ISO, or a day in the visitor's language with a time of day in an unknown zone (then
/// the day alone).
fn printed_time(text: &str) -> Option<When> {
    When::parse(text).or_else(|| printed_date::of(text).map(When::Day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn of(html: &str) -> Option<Markup> {
        let page = Html::parse_fragment(html);
        let all = Selector::parse("*").unwrap();
        page.select(&all).find_map(detect)
    }

    #[test]
    fn the_server_s_snippet_gives_words_author_and_instant() {
        let html = r#"<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:aaaabbbb/app.bsky.feed.post/3abc"
            data-bluesky-cid="b"><p lang="en">Soup is on &mdash; twice</p>&mdash; <a href="https://bsky.app/profile/did:plc:aaaabbbb?ref_src=embed">Cook
            (@cook.example)</a> <a href="https://bsky.app/profile/did:plc:aaaabbbb/post/3abc?ref_src=embed">2025-03-02T10:00:00.000Z</a></blockquote>"#;
        let found = of(html).unwrap();
        assert_eq!(found.target.post().unwrap().id, "did:plc:aaaabbbb/3abc");
        assert_eq!(found.quoted.text.as_deref(), Some("Soup is on \u{2014} twice"));
        assert_eq!(found.quoted.author_name.as_deref(), Some("Cook"));
        assert_eq!(found.quoted.author_handle.as_deref(), Some("cook.example"));
        assert_eq!(found.quoted.published.unwrap().to_string(), "2025-03-02T10:00:00Z");
    }

    #[test]
    fn the_page_s_snippet_gives_the_day_and_its_note_is_no_text() {
        let html = r#"<blockquote class="bluesky-embed" data-bluesky-uri="https://bsky.app/profile/cook.example/post/3abc"><p>Ready.<br><br><a
            href="https://bsky.app/profile/did:plc:aaaabbbb/post/3abc?ref_src=embed">[image or embed]</a></p>&mdash; Cook (or so)
            (<a href="https://bsky.app/profile/did:plc:aaaabbbb?ref_src=embed">@cook.example</a>) <a href="x?ref_src=embed">Mar 2, 2025 at 9:00 PM</a></blockquote>"#;
        let found = of(html).unwrap();
        assert_eq!(found.form, Form::Blockquote);
        assert_eq!(found.quoted.text.as_deref(), Some("Ready."));
        assert_eq!(found.quoted.author_name.as_deref(), Some("Cook (or so)"));
        assert_eq!(found.quoted.published.unwrap().to_string(), "2025-03-02");
        for elsewhere in ["2. März 2025 um 21:00", "2 mars 2025 à 21:00", "2025年3月2日 21:00"] {
            let found = of(&html.replace("Mar 2, 2025 at 9:00 PM", elsewhere)).unwrap();
            assert_eq!(found.quoted.published.unwrap().to_string(), "2025-03-02");
        }
    }

    #[test]
    fn widgets_and_bare_snippets_name_their_post() {
        let widget = r#"<bsky-embed uri="at://did:plc:aaaabbbb/app.bsky.feed.post/3abc"></bsky-embed>"#;
        assert_eq!(of(widget).unwrap().form, Form::DataAttr);
        let bare = r#"<blockquote class="bluesky-embed"><p>Hi</p><a href="https://bsky.app/profile/a.b/post/3abc">then</a></blockquote>"#;
        assert_eq!(of(bare).unwrap().target.post().unwrap().id, "a.b/3abc");
        assert!(of("<blockquote class='quote'><p>Hi</p></blockquote>").is_none());
    }
}

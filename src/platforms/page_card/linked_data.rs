//! JSON-LD: the one thing among a page's that it is about, and what is said of it.

use super::{MAX_NAME_BYTES, MAX_WORDS_BYTES, words};
use crate::html::fragment_text;
use crate::model::{Author, When};
use crate::platforms::{
    oembed,
    page_parts::{duration_ms, interactions, linked_scripts},
};
use scraper::Html;
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// Things that are looked at in all scripts of a page.
const MAX_THINGS: usize = 400;

/// Kinds of things that a page may be about, the closest to a post first.
const KINDS: [&str; 24] = [
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "Question",
    "VideoObject",
    "MusicRecording",
    "MusicAlbum",
    "AudioObject",
    "PodcastEpisode",
    "RadioEpisode",
    "Episode",
    "ImageObject",
    "Photograph",
    "VisualArtwork",
    "ImageGallery",
    "PresentationDigitalDocument",
    "Recipe",
    "Dataset",
    "SoftwareSourceCode",
    "BlogPosting",
    "NewsArticle",
    "ReportageNewsArticle",
    "TechArticle",
    "Article",
    "CreativeWork",
];

/// A thing, as far as it says.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    pub(super) is_post: bool,
    pub(super) author: Author,
    pub(super) image: Option<String>,
    pub(super) video: Option<String>,
    pub(super) audio: Option<String>,
    pub(super) published: Option<When>,
    pub(super) lang: Option<String>,
    pub(super) duration_ms: Option<u64>,
    pub(super) counts: BTreeMap<String, u64>,
}

/// What the page at `base` is about: the thing that names the page as its own, else the first of the best kind.
pub(super) fn item(page: &Html, base: &Url) -> Option<Item> {
    let mut best: Option<(bool, usize, Value)> = None;
    let mut left = MAX_THINGS;
    for value in linked_scripts(page) {
        let mut queue = std::collections::VecDeque::from([value]);
        while let Some(value) = queue.pop_front() {
            let Some(rest) = left.checked_sub(1) else { break };
            left = rest;
            match value {
                Value::Array(list) => queue.extend(list),
                Value::Object(thing) => {
                    for inside in ["@graph", "mainEntity", "mainEntityOfPage", "video"] {
                        queue.extend(
                            thing.get(inside).filter(|inside| inside.is_object() || inside.is_array()).cloned(),
                        );
                    }
                    let thing = Value::Object(thing);
                    let Some(rank) = kinds(&thing).filter_map(|kind| KINDS.iter().position(|own| *own == kind)).min()
                    else {
                        continue;
                    };
                    let other = !is_at(&thing, base);
                    if best.as_ref().is_none_or(|(was_other, was, _)| (other, rank) < (*was_other, *was)) {
                        best = Some((other, rank, thing));
                    }
                }
                _ => {}
            }
        }
    }
    best.map(|(_, rank, thing)| read(&thing, rank))
}

fn kinds(thing: &Value) -> impl Iterator<Item = &str> {
    let kind = &thing["@type"];
    let one = kind.as_str().into_iter();
    let many = kind.as_array().into_iter().flatten().filter_map(Value::as_str);
    one.chain(many).map(|kind| kind.rsplit(['/', ':']).next().unwrap_or(kind))
}

/// Whether a thing says that the page is its own.
fn is_at(thing: &Value, base: &Url) -> bool {
    let bare = |url: &Url| {
        (
            url.host_str().map(|host| host.trim_start_matches("www.").to_owned()),
            url.path().trim_end_matches('/').to_owned(),
        )
    };
    let here = bare(base);
    let page = &thing["mainEntityOfPage"];
    let named = [&thing["url"], &thing["@id"], page, &page["@id"]];
    named.iter().filter_map(|name| base.join(name.as_str()?).ok()).any(|url| bare(&url) == here)
}

fn read(thing: &Value, rank: usize) -> Item {
    let is_post = rank < 3;
    let own = ["articleBody", "text"].iter().find_map(|name| text(&thing[*name]));
    let title = ["headline", "name"].iter().find_map(|name| text(&thing[*name]));
    let film = if kinds(thing).any(|kind| kind == "VideoObject") { thing } else { first(&thing["video"]) };
    let sound = if kinds(thing).any(|kind| kind == "AudioObject") { thing } else { first(&thing["audio"]) };
    let picture = kinds(thing).any(|kind| kind == "ImageObject").then(|| address(&thing["contentUrl"])).flatten();
    let images = [&thing["image"], &thing["thumbnailUrl"], &thing["thumbnail"], &film["thumbnailUrl"]];
    let durations = [&thing["duration"], &film["duration"], &thing["timeRequired"]];
    let dates = ["datePublished", "uploadDate", "dateCreated"];
    Item {
        is_post: is_post && own.is_some(),
        text: own.filter(|_| is_post).or_else(|| text(&thing["description"])),
        title,
        author: ["author", "creator", "byArtist", "uploader"]
            .iter()
            .map(|name| first(&thing[*name]))
            .find(|author| !author.is_null())
            .map(author)
            .unwrap_or_default(),
        image: picture.or_else(|| images.iter().find_map(|image| address(image))),
        video: address(&film["contentUrl"]),
        audio: address(&sound["contentUrl"]),
        published: dates.iter().find_map(|name| When::parse(thing[*name].as_str()?.trim())),
        lang: thing["inLanguage"].as_str().map(str::to_owned),
        duration_ms: durations.iter().find_map(|duration| duration_ms(duration.as_str()?)),
        counts: interactions(&thing["interactionStatistic"]),
    }
}

fn first(value: &Value) -> &Value {
    value.as_array().map_or(value, |list| list.first().unwrap_or(&Value::Null))
}

/// Words; markup and entities, which some sites leave in, are read as a reader would.
fn text(value: &Value) -> Option<String> {
    let text = words(first(value).as_str()?, MAX_WORDS_BYTES)?;
    let has_markup = text.contains("</") || text.contains("<br") || (text.contains('&') && text.contains(';'));
    if has_markup { words(&fragment_text(&text.replace('\n', "<br>")), MAX_WORDS_BYTES) } else { Some(text) }
}

/// An address: as text, as an object with one, or the first of a list.
fn address(value: &Value) -> Option<String> {
    let value = first(value);
    let inside = ["contentUrl", "url", "@id"].iter().find_map(|name| first(&value[*name]).as_str());
    let text = value.as_str().or(inside)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn author(value: &Value) -> Author {
    if let Some(name) = value.as_str() {
        let name = words(name, MAX_NAME_BYTES);
        return Author {
            url: name.clone().filter(|name| name.starts_with("http")),
            name: name.filter(|name| !name.starts_with("http")),
            ..Author::default()
        };
    }
    let name = text(&value["name"]);
    let url = address(&value["url"]).or_else(|| address(&value["@id"])).filter(|url| url.starts_with("http"));
    let alternate = value["alternateName"]
        .as_str()
        .map(|name| name.trim_start_matches('@'))
        .filter(|name| !name.contains(char::is_whitespace));
    let handle = alternate.map(str::to_owned).or_else(|| oembed::handle_in(url.as_deref()?));
    Author { handle: handle.unwrap_or_default(), name, avatar: address(&value["image"]), url, id: None }
}

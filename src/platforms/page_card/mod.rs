//! What a page says of the thing that it shows, for link previews and for search engines: OpenGraph and Twitter tags, and
//! JSON-LD. The last resort for platforms, and all there is for unknown sites.
//!
//! Facts: ogp.me; schema.org; developers.google.com on structured data of articles, videos and discussions (2026).

mod linked_data;

use super::{address, meta_tags::MetaTags, recognize};
use crate::html;
use crate::http::Response;
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Target, When};
use scraper::Html;
use std::collections::BTreeMap;
use url::Url;

/// A description longer than this is a page, not a preview.
const MAX_WORDS_BYTES: usize = 64 << 10;
/// Names are short.
const MAX_NAME_BYTES: usize = 300;

/// Titles, in lower case, of pages that are about no item; sites serve them with status 200 too.
const NO_ITEM_TITLES: [&str; 12] = [
    "404",
    "404 error",
    "404 not found",
    "410 gone",
    "access denied",
    "content not found",
    "error",
    "forbidden",
    "not found",
    "page not found",
    "page unavailable",
    "sorry, this page isn't available",
];

/// A preview. Every field is the page's word, and none is empty; addresses are absolute.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PageCard {
    /// The item's name.
    pub(super) title: Option<String>,
    /// A sentence or two about it; for a discussion post, the post's own words.
    pub(super) description: Option<String>,
    /// Whether the description is all that its author wrote, and the title is none of the author's.
    pub(super) is_post: bool,
    /// Who made it.
    pub(super) author: Author,
    /// The picture.
    pub(super) image: Option<String>,
    /// Files of films, not players.
    pub(super) video: Option<String>,
    /// A file of sound.
    pub(super) audio: Option<String>,
    /// When it came out.
    pub(super) published: Option<When>,
    /// BCP 47.
    pub(super) lang: Option<String>,
    /// The site's name.
    pub(super) site: Option<String>,
    /// Of a film or a sound.
    pub(super) duration_ms: Option<u64>,
    /// As in [`Post::counts`].
    pub(super) counts: BTreeMap<String, u64>,
    /// The item's own address, where the page names it.
    pub(super) url: Option<Url>,
}

impl PageCard {
    /// Reads an answer; None where it is no page, where it is about the site or an error, or where its request was led
    /// to the site's front page.
    pub(super) fn read(answer: &Response, asked: &Url) -> Option<Self> {
        Self::of_page_asked(&html::parse(&answer.text()), &answer.url, asked)
    }

    /// The same of a page that stands at `base`, and was asked for at `asked`.
    pub(super) fn of_page_asked(page: &Html, base: &Url, asked: &Url) -> Option<Self> {
        let led_home = base.path().len() <= 1 && asked.path().len() > 1 && base.query().is_none();
        if led_home {
            return None;
        }
        Self::of_page(page, base).filter(|card| !card.is_about_another(asked))
    }

    /// Whether the page says that it is the site's front page, or that of another post, although it was asked for at the
    /// address of one: sites answer so for items that they no longer have.
    fn is_about_another(&self, asked: &Url) -> bool {
        let Some(own) = &self.url else { return false };
        let same_host = own.host_str() == asked.host_str();
        let is_home = same_host && own.path().len() <= 1 && own.query().is_none();
        let is_asked_by_path = asked.path().len() > 1 || asked.query().is_some();
        let target = recognize(asked);
        let post = target.as_ref().and_then(Target::post);
        (is_home && is_asked_by_path && !self.is_post)
            || post.is_some_and(|post| address::is_anothers(post, [own.as_str()]))
    }

    /// Reads a page that stands at `base`.
    fn of_page(page: &Html, base: &Url) -> Option<Self> {
        let tags = MetaTags::read(page);
        let item = linked_data::item(page, base);
        let is_stated = item.is_some();
        let item = item.unwrap_or_default();
        let tag = |names: &[&str]| tags.get(names).and_then(|text| words(text, MAX_WORDS_BYTES));
        let address = |text: String| base.join(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let file = |text: Option<String>| text.and_then(address).map(String::from);
        let site = tag(&["og:site_name", "application-name", "twitter:app:name:iphone"]);
        let title = item.title.clone().or_else(|| tag(&["og:title", "twitter:title"]));
        let mut card = Self {
            description: item.text.or_else(|| tag(&["og:description", "twitter:description", "description"])),
            is_post: item.is_post,
            author: author(item.author, &tags),
            image: file(
                item.image.or_else(|| tag(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image"])),
            ),
            video: file(item.video.or_else(|| film(&tags))),
            audio: file(item.audio.or_else(|| tag(&["og:audio:secure_url", "og:audio"]).filter(|url| is_file(url)))),
            published: item.published.or_else(|| published(&tags)),
            lang: item.lang.or_else(|| tag(&["og:locale"]).map(|lang| lang.replace('_', "-"))),
            duration_ms: item.duration_ms.or_else(|| seconds(&tags)),
            counts: item.counts,
            url: tag(&["og:url"]).and_then(address),
            title: None,
            site,
        };
        let is_named = title.as_ref().is_some_and(|title| card.names_an_item(title));
        card.title = title.filter(|_| is_named);
        // A title alone may be that of a wall or an error; what is made to be shown elsewhere has more.
        let is_shown = [&card.description, &card.image, &card.video, &card.audio].iter().any(|part| part.is_some());
        ((is_named || card.is_post) && (is_shown || is_stated)).then_some(card)
    }

    fn names_an_item(&self, title: &str) -> bool {
        let title = title.to_lowercase().replace('\u{2019}', "'");
        let is_site = self.site.as_ref().is_some_and(|site| site.to_lowercase() == title);
        let is_error = NO_ITEM_TITLES.iter().any(|none| {
            title.strip_prefix(none).is_some_and(|rest| {
                rest.is_empty() || rest.trim_start().starts_with(['|', '-', '\u{2013}', '\u{2014}', '\u{b7}', '.', ':'])
            })
        });
        !is_site && !is_error
    }

    /// The post of which a page is all there is: the title stands for its words, unless the page has the words.
    pub(super) fn into_post(self, post: &PostRef) -> Post {
        let text = if self.is_post { self.description.clone() } else { self.title.clone() };
        let author = Author { handle: self.author.handle.clone(), ..Author::default() };
        let mut found = Post::new(post.clone(), author, text.unwrap_or_default());
        found.author.handle =
            post.author.clone().filter(|_| found.author.handle.is_empty()).unwrap_or(found.author.handle);
        self.add_to(&mut found);
        found
    }

    /// Adds what the post does not have yet; nothing that it has is changed.
    pub(super) fn add_to(self, post: &mut Post) {
        let is_of_author =
            |known: &Option<String>, own: &Option<String>| known.is_none() || own.is_none() || known == own;
        if is_of_author(&post.author.name, &self.author.name) {
            post.author.name = post.author.name.take().or(self.author.name);
            post.author.url = post.author.url.take().or(self.author.url);
            post.author.avatar = post.author.avatar.take().or(self.author.avatar);
            if post.author.handle.is_empty() {
                post.author.handle = self.author.handle;
            }
        }
        if post.text.is_empty() {
            post.text = if self.is_post { self.description.clone() } else { self.title.clone() }.unwrap_or_default();
        }
        post.published = post.published.or(self.published);
        post.lang = post.lang.take().or(self.lang);
        let has = |kind: MediaKind, post: &Post| post.media.iter().any(|media| media.kind == kind);
        if let Some(film) = self.video.filter(|_| !has(MediaKind::Video, post)) {
            for still in post.media.iter_mut().filter(|media| media.kind == MediaKind::Image) {
                still.kind = MediaKind::Poster;
            }
            post.media.insert(0, Media { duration_ms: self.duration_ms, ..Media::new(MediaKind::Video, film) });
        } else if let Some(sound) = self.audio.filter(|_| !has(MediaKind::Audio, post)) {
            post.media.insert(0, Media { duration_ms: self.duration_ms, ..Media::new(MediaKind::Audio, sound) });
        }
        if !post.media.iter().any(|media| matches!(media.kind, MediaKind::Image | MediaKind::Poster)) {
            let kind = if has(MediaKind::Video, post) { MediaKind::Poster } else { MediaKind::Image };
            post.media.extend(self.image.map(|image| Media::new(kind, image)));
        }
        if let Some(first) = post.media.first_mut() {
            first.duration_ms = first.duration_ms.or(self.duration_ms);
        }
        for (name, count) in self.counts {
            post.counts.entry(name).or_insert(count);
        }
        let about = self.description.filter(|about| !self.is_post && *about != post.text);
        if post.card.is_none() && about.is_some() {
            post.card = Some(Card {
                url: self.url.map_or_else(|| post.post.url.to_string(), String::from),
                title: Some(post.text.clone()).filter(|text| !text.is_empty()),
                description: about,
                image: None,
                site: self.site,
            });
        }
    }
}

/// The author as JSON-LD tells, then as the tags do: a name, or the address of a profile.
fn author(stated: Author, tags: &MetaTags) -> Author {
    let mut author = stated;
    let names = [
        "author",
        "article:author",
        "article:author_name",
        "parsely-author",
        "dc.creator",
        "music:musician_description",
    ];
    for value in names.iter().filter_map(|name| tags.get(&[name])) {
        if value.starts_with("http") {
            author.url.get_or_insert_with(|| value.to_owned());
        } else if author.name.is_none() {
            author.name = words(value, MAX_NAME_BYTES);
        }
    }
    if author.handle.is_empty()
        && let Some(handle) = tags.get(&["twitter:creator"]).and_then(|handle| handle.strip_prefix('@'))
        && author.name.is_none()
    {
        author.name = words(handle, MAX_NAME_BYTES);
    }
    author
}

/// The film's file; a player's page is none.
fn film(tags: &MetaTags) -> Option<String> {
    let is_film = tags.get(&["og:video:type"]).is_some_and(|kind| kind.starts_with("video/"));
    let urls = ["og:video:secure_url", "og:video:url", "og:video", "twitter:player:stream"];
    let mut urls = urls.iter().filter_map(|name| tags.get(&[name]));
    urls.find(|url| is_film || is_file(url)).map(str::to_owned)
}

fn is_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".mp4", ".webm", ".m4v", ".mov", ".m3u8", ".mp3", ".m4a", ".ogg", ".wav"].iter().any(|end| path.ends_with(end))
}

fn published(tags: &MetaTags) -> Option<When> {
    let names = [
        "article:published_time",
        "og:published_time",
        "datepublished",
        "uploaddate",
        "video:release_date",
        "music:release_date",
        "og:video:release_date",
        "parsely-pub-date",
        "dc.date",
        "date",
    ];
    names.iter().filter_map(|name| tags.get(&[name])).find_map(When::parse)
}

fn seconds(tags: &MetaTags) -> Option<u64> {
    let seconds = tags.get(&["og:video:duration", "video:duration", "music:duration", "og:duration"])?;
    let seconds: f64 = seconds.parse().ok()?;
    (0.5..1e7).contains(&seconds).then_some((seconds * 1000.0) as u64)
}

/// Words without entities that were escaped twice, within a limit; None where nothing is left.
fn words(text: &str, max_bytes: usize) -> Option<String> {
    let text = text.trim();
    let end = (0..=max_bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let text = &text[..end];
    Some(text.trim_end().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;

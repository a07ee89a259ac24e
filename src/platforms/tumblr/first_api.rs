//! Reads `api/read/json?id=` of a blog: the first interface of 2008, which still asks for no key. Its answer is a script,
//! `var tumblr_api_read = {…};` (the interface's documentation of 2012; no recording).

use super::super::address::named;
use super::super::page_parts::{all_within, pixels, text_of, web, whole, within};
use super::PLATFORM;
use crate::html::{self, attr};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use jiff::Timestamp;
use scraper::{ElementRef, Html};
use serde_json::Value;

/// Pictures of one post; Tumblr allows thirty.
const MAX_FILES: usize = 60;
/// Widths in which a photo is offered, widest first.
const WIDTHS: [&str; 6] = ["1280", "500", "400", "250", "100", "75"];

/// The post, where the answer holds it.
pub(super) fn read(post: &PostRef, script: &str) -> Option<Post> {
    let start = script.find('{')?;
    let state: Value = serde_json::Deserializer::from_str(script.get(start..)?).into_iter().next()?.ok()?;
    let own = state["posts"]
        .as_array()?
        .iter()
        .find(|own| own["id"].as_str() == Some(&post.id) || is_id(&own["id"], post))?;
    let blog =
        [&own["tumblelog"], &state["tumblelog"]].into_iter().find(|blog| blog.is_object()).unwrap_or(&Value::Null);
    let handle = text_of(&blog["name"]).or_else(|| post.author.clone())?;
    let author = Author {
        id: None,
        url: Some(format!("https://www.tumblr.com/{handle}")),
        name: text_of(&blog["title"]),
        avatar: ["avatar_url_512", "avatar_url_128"].iter().find_map(|name| web(blog[*name].as_str()?)),
        handle,
    };
    let markup = markup(own);
    let page = html::parse_fragment(&markup);
    let mut found = Post::new(post.clone(), author, html::fragment_text(&markup));
    found.text_html = Some(markup).filter(|markup| markup.contains('<'));
    let second = whole(&own["unix-timestamp"]).and_then(|at| i64::try_from(at).ok());
    found.published = second.and_then(|at| Timestamp::from_second(at).ok()).map(When::Instant);
    found.media = files(own, &page);
    found.card = card(own);
    found.quoted = reblogged(own);
    found.counts.extend(whole(&own["note-count"]).map(|n| ("notes".to_owned(), n)));
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none();
    (!nothing).then_some(found)
}

fn is_id(value: &Value, post: &PostRef) -> bool {
    value.as_u64().is_some_and(|id| id.to_string() == post.id)
}

/// The words of a post of any kind, as HTML. Titles and names are plain text there.
fn markup(own: &Value) -> String {
    let of = |name: &str| text_of(&own[name]);
    let title = ["regular-title", "conversation-title"].into_iter().find_map(of);
    let title = title.map(|title| format!("<p>{title}</p>"));
    let asked = of("question").map(|question| format!("<blockquote>{question}</blockquote>"));
    let quoted = of("quote-text").map(|words| format!("<blockquote>{words}</blockquote>"));
    let said = own["conversation"].as_array().into_iter().flatten().take(500);
    let said: String = said
        .map(|line| {
            let part = |name: &str| text_of(&line[name]).unwrap_or_default();
            format!("<p>{} {}</p>", part("label"), part("phrase"))
        })
        .collect();
    let rest = [
        "regular-body",
        "photo-caption",
        "link-description",
        "quote-source",
        "video-caption",
        "audio-caption",
        "answer",
    ];
    let rest =
        rest.into_iter().filter_map(of).map(|body| if body.contains('<') { body } else { format!("<p>{body}</p>") });
    let parts = [title, asked, quoted, Some(said)].into_iter().flatten().chain(rest);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn files(own: &Value, page: &Html) -> Vec<Media> {
    let photos = own["photos"].as_array().filter(|photos| !photos.is_empty());
    let mut files: Vec<Media> = match photos {
        Some(photos) => photos.iter().take(MAX_FILES).filter_map(photo).collect(),
        None => photo(own).into_iter().collect(),
    };
    let source = &own["video-source"];
    let player = text_of(&own["video-player"]).map(|player| html::parse_fragment(&player));
    let film = player.as_ref().and_then(|player| within(player.root_element(), "video source[src], video[src]"));
    if let Some(url) = film.and_then(|film| web(attr(film, "src")?)) {
        let mut film = Media::new(MediaKind::Video, url);
        (film.width_px, film.height_px) = (pixels(&source["width"]), pixels(&source["height"]));
        film.duration_ms = whole(&source["duration"]).and_then(|seconds| seconds.checked_mul(1000));
        files.push(film);
        let still = player.as_ref().and_then(|player| within(player.root_element(), "video[poster]"));
        files.extend(still.and_then(|still| Some(Media::new(MediaKind::Poster, web(attr(still, "poster")?)?))));
    }
    // What stands among the words: everything, since posts are built of blocks.
    for element in all_within(
        page.root_element(),
        "img[src], video source[src], video[src], audio source[src], audio[src]",
        MAX_FILES,
    ) {
        let name = element.value().name();
        let is_of = |kind: &str| {
            name == kind
                || element.parent().and_then(ElementRef::wrap).is_some_and(|around| around.value().name() == kind)
        };
        let kind = match () {
            () if is_of("video") => MediaKind::Video,
            () if is_of("audio") => MediaKind::Audio,
            () => MediaKind::Image,
        };
        let Some(url) = attr(element, "src").and_then(web) else { continue };
        let best = attr(element, "srcset").and_then(widest).unwrap_or_else(|| url.clone());
        if files.iter().any(|file| file.url == best || file.fallbacks.contains(&best)) {
            continue;
        }
        let mut media = Media::new(kind, best);
        media.fallbacks.extend(Some(url).filter(|url| *url != media.url));
        media.alt = attr(element, "alt").filter(|alt| *alt != "image").map(str::to_owned);
        let size = |name: &str| attr(element, name).and_then(|size| size.parse().ok());
        (media.width_px, media.height_px) = (size("data-orig-width"), size("data-orig-height"));
        files.push(media);
    }
    files
}

/// A photo in its widest form; narrower ones follow.
fn photo(photo: &Value) -> Option<Media> {
    let mut urls = WIDTHS.iter().filter_map(|width| web(photo[format!("photo-url-{width}")].as_str()?));
    let mut media = Media::new(MediaKind::Image, urls.next()?);
    media.fallbacks = urls.take(1).filter(|url| *url != media.url).collect();
    (media.width_px, media.height_px) = (pixels(&photo["width"]), pixels(&photo["height"]));
    media.alt = text_of(&photo["caption"]).map(|caption| html::fragment_text(&caption));
    Some(media)
}

/// The widest of a `srcset`.
pub(super) fn widest(set: &str) -> Option<String> {
    let candidates = set.split(", ").take(32).filter_map(|candidate| {
        let (url, width) = candidate.trim().rsplit_once(' ')?;
        Some((width.trim_end_matches('w').parse::<u32>().ok()?, web(url)?))
    });
    candidates.max_by_key(|(width, _)| *width).map(|(_, url)| url)
}

fn card(own: &Value) -> Option<Card> {
    let title = text_of(&own["link-text"]).map(|title| html::fragment_text(&title));
    Some(Card { url: web(own["link-url"].as_str()?)?, title, ..Card::default() })
}

/// The post that this one passes on: the first of the chain.
fn reblogged(own: &Value) -> Option<Related> {
    let names = ["reblogged-root-url", "reblogged_root_url", "reblogged-from-url", "reblogged_from_url"];
    let post = names.iter().find_map(|name| named(PLATFORM, own[*name].as_str()?))?;
    Some(Related { post, content: None })
}

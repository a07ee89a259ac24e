//! Elements that stand for a video without its whole address: custom elements, AMP, placeholders of lazy loaders.
//!
//! Iframes, links and attributes that hold an address need nothing here. Forms met in pages of 2012 to 2026.

use super::{super::Markup, super::recognize_text, urls};
use crate::html::attr;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::ElementRef;

/// Custom elements of known components; their attribute is one of [`ID_ATTRIBUTES`] or [`NEUTRAL_ATTRIBUTES`].
const ELEMENTS: [&str; 10] = [
    "lite-youtube",
    "youtube-lite",
    "lite-yt",
    "youtube-video",
    "youtube-embed",
    "youtube-player",
    "youtube-iframe",
    "google-youtube",
    "astro-youtube",
    "bento-youtube",
];

/// Attributes that say by their name whose id they hold.
const ID_ATTRIBUTES: [&str; 14] = [
    "data-youtube-id",
    "data-youtubeid",
    "data-youtube-video-id",
    "data-youtube-video",
    "data-youtube-code",
    "data-youtube",
    "data-youtube-url",
    "data-youtube-src",
    "data-yt-id",
    "data-ytid",
    "data-yt-video-id",
    "data-yt-url",
    "youtube-id",
    "youtubeid",
];

/// Attributes that hold an id of YouTube only where something else of the element says YouTube.
const NEUTRAL_ATTRIBUTES: [&str; 14] = [
    "data-id",
    "data-video-id",
    "data-videoid",
    "data-video",
    "data-vid",
    "data-embed-id",
    "data-plyr-embed-id",
    "data-embed",
    "data-code",
    "data-key",
    "data-content-id",
    "videoid",
    "video-id",
    "data-src",
];

/// Attributes whose value may say YouTube.
const SAYING: [&str; 14] = [
    "data-type",
    "data-provider",
    "data-platform",
    "data-plyr-provider",
    "data-service",
    "data-vendor",
    "data-source",
    "data-network",
    "data-embed-type",
    "data-video-type",
    "data-video-provider",
    "data-player",
    "data-social-embedded",
    "type",
];

/// The video that an element stands for.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    let name = element.value().name();
    let (form, post) = match name {
        "amp-youtube" => (Form::Amp, attr(element, "data-videoid").and_then(named)?),
        // The placeholder of a player script that takes the element for an iframe's.
        "source" | "video" if attr(element, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("video/youtube")) => {
            (Form::Iframe, attr(element, "src").or_else(|| attr(element, "data-src")).and_then(named)?)
        }
        // What links and frames hold is read from their address; scripts and metadata stand for nothing.
        "a" | "iframe" | "script" | "link" | "meta" | "img" | "source" | "input" | "button" => return None,
        _ => (Form::DataAttr, placeholder(element)?),
    };
    Some(Markup { form, target: Target::Post(post), quoted: quoted(element) })
}

fn placeholder(element: ElementRef<'_>) -> Option<PostRef> {
    let first = |names: &[&str]| names.iter().filter_map(|name| attr(element, name)).find_map(named);
    if let Some(post) = first(&ID_ATTRIBUTES) {
        return Some(post);
    }
    if let Some(id) = attr(element, "id").and_then(|id| id.strip_prefix("WYL_")) {
        // WP YouTube Lyte draws the player there.
        return named(id);
    }
    if !says_youtube(element) {
        return None;
    }
    first(&NEUTRAL_ATTRIBUTES).or_else(|| {
        let is_component = ELEMENTS.contains(&element.value().name());
        if is_component { first(&["src", "href", "url", "id", "v", "video"]) } else { None }
    })
}

fn says_youtube(element: ElementRef<'_>) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("youtube") || text.split(['-', '_']).any(|part| part == "yt" || part == "lyte")
    };
    let value = element.value();
    ELEMENTS.contains(&value.name())
        || crate::html::classes(element).any(says)
        || SAYING.iter().filter_map(|name| crate::html::raw_attr(value, name)).any(says)
}

/// The video of an attribute: an id alone, or an address. An id with anything beside it is something else.
fn named(value: &str) -> Option<PostRef> {
    let value = value.trim();
    if value.contains(['/', '.']) || value.contains('%') {
        let target = recognize_text(value)?;
        return target.post().filter(|post| post.platform == urls::PLATFORM).cloned();
    }
    // `ID?params` and `ID&params` are written by hand often enough.
    let id = value.split(['?', '&']).next().unwrap_or_default();
    if id.len() == value.len() || value.contains('=') { urls::video(id).filter(|post| post.id == id) } else { None }
}

/// The title, where the placeholder carries it.
fn quoted(element: ElementRef<'_>) -> Quoted {
    let words = ["data-title", "data-video-title", "videotitle", "title", "playlabel", "aria-label"];
    let title = words.iter().find_map(|name| attr(element, name));
    let title = title.map(|title| title.strip_prefix("Play: ").unwrap_or(title).trim());
    let is_generic = |title: &str| {
        let title = title.to_ascii_lowercase();
        title.contains("youtube") || matches!(title.as_str(), "play" | "play video" | "video" | "video player")
    };
    Quoted {
        text: title.filter(|title| !title.is_empty() && !is_generic(title)).map(str::to_owned),
        ..Quoted::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::{Html, Selector};

    fn found(html: &str) -> Option<(Form, String, Option<String>)> {
        let page = Html::parse_fragment(html);
        let all = Selector::parse("*").unwrap();
        page.select(&all)
            .find_map(detect)
            .map(|markup| (markup.form, markup.target.post().unwrap().id.clone(), markup.quoted.text))
    }

    #[test]
    fn placeholders_name_their_video() {
        let forms = [
            "<div class='rll-youtube-player' data-src='https://www.youtube.com/embed/aB3_dE6-gH9' data-id='aB3_dE6-gH9'></div>",
            "<div class='perfmatters-lazy-youtube' data-id='aB3_dE6-gH9' data-query='rel=0'></div>",
            "<div class='youtube-player' data-id=\"aB3_dE6-gH9\"></div>",
            "<div class='youtube' data-type='youtube' data-youtube-id='aB3_dE6-gH9'></div>",
            "<figure class='video video--youtube' data-video-id='aB3_dE6-gH9'></figure>",
            "<div class='media video-provider-youtube' data-video-id='aB3_dE6-gH9'></div>",
            "<div class='x' data-plyr-provider='youtube' data-plyr-embed-id='https://youtu.be/aB3_dE6-gH9'></div>",
            "<div class='x' data-provider='YouTube' data-video-id='aB3_dE6-gH9'></div>",
            "<div class='js-lazyYT' data-youtube-id='aB3_dE6-gH9' data-parameters='rel=0'></div>",
            "<lite-youtube videoid='aB3_dE6-gH9'></lite-youtube>",
            "<lite-youtube video-id='aB3_dE6-gH9'></lite-youtube>",
            "<youtube-video src='https://www.youtube.com/watch?v=aB3_dE6-gH9'></youtube-video>",
            "<google-youtube video-id='aB3_dE6-gH9'></google-youtube>",
        ];
        for form in forms {
            assert_eq!(found(form), Some((Form::DataAttr, "aB3_dE6-gH9".to_owned(), None)), "{form}");
        }
        let amp = "<amp-youtube data-videoid='aB3_dE6-gH9' layout='responsive'></amp-youtube>";
        assert_eq!(found(amp), Some((Form::Amp, "aB3_dE6-gH9".to_owned(), None)));
        let player =
            "<video><source type='video/youtube' src='https://www.youtube.com/watch?v=aB3_dE6-gH9&_=1'></video>";
        assert_eq!(found(player), Some((Form::Iframe, "aB3_dE6-gH9".to_owned(), None)));
        let titled = "<lite-youtube videoid='aB3_dE6-gH9' playlabel='Play: A walk in the rain'></lite-youtube>";
        assert_eq!(found(titled).and_then(|found| found.2).as_deref(), Some("A walk in the rain"));
    }

    #[test]
    fn ids_of_others_are_not_taken() {
        let others = [
            "<div class='player' data-video-id='aB3_dE6-gH9'></div>",
            "<div class='youtube' data-video-id='6123456789001'></div>",
            "<div class='youtube' data-id='videoseries'></div>",
            "<div class='youtube' data-id='some other words'></div>",
            "<div class='youtube-feed' data-id='aB3_dE6-gH9 x'></div>",
            "<a class='icon-youtube' data-id='aB3_dE6-gH9' href='#'>x</a>",
            "<amp-youtube data-live-channelid='UCabcdefghijklmnopqrstuv'></amp-youtube>",
            "<video><source type='video/mp4' src='https://www.youtube.com/watch?v=aB3_dE6-gH9'></video>",
        ];
        for other in others {
            assert_eq!(found(other), None, "{other}");
        }
    }
}

//! The post's page as the server rendered it until 2020, in three dresses: desktop, mobile, and the first years'.
//!
//! The class names are those that readers of that time used (twint, 2019 and 2020; an unlicensed reader of archived pages,
//! 2026); the oldest dress is known from such readers alone.

use super::{address, crawler, syndication};
use crate::html::{attr, escape, has_class};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use ego_tree::iter::Edge;
use jiff::Timestamp;
use scraper::{ElementRef, Html, Node, Selector};
use std::sync::LazyLock;
use url::Url;

/// A post's words have some dozen nodes.
const MAX_NODES: usize = 4000;

/// More pictures than any post has.
const MAX_PICTURES: usize = 8;

macro_rules! selector {
    ($name:ident, $css:literal) => {
        static $name: LazyLock<Selector> = LazyLock::new(|| Selector::parse($css).expect("the selector is a constant"));
    };
}

selector!(
    MAIN,
    ".permalink-tweet, .js-original-tweet, .main-tweet, #permalink .status, .permalink-tweet-container .tweet"
);
selector!(TEXT, ".tweet-text, .js-tweet-text, .entry-content");
selector!(NAME, ".fullname, .full-name");
selector!(HANDLE, ".username, .screen-name");
selector!(AVATAR, "img.avatar, .thumb img, .avatar img");
selector!(TIME, "[data-time-ms], [data-time]");
selector!(TITLED, "a.tweet-timestamp[title], .metadata a, .metadata span");
selector!(OLD_TIME, ".timestamp[data]");
selector!(PICTURE, "[data-image-url], .media img, img.media-image");
selector!(PLAYER, ".PlayableMedia-player[style]");
selector!(QUOTE, ".QuoteTweet-innerContainer, .QuoteTweet-link");
selector!(QUOTE_NAME, ".QuoteTweet-fullname");
selector!(CARD, "[data-card-url]");
selector!(STAT, "[data-tweet-stat-count]");
selector!(PERMALINK, "a[href]");

/// Reads a page; None where none of the dresses is there, or the post in it is another.
pub(super) fn read(asked: &PostRef, page: &Html) -> Option<Post> {
    let main = page.select(&MAIN).find(|main| id_of(*main).as_deref() == Some(&asked.id))?;
    let words = Words::of(outside_quote(main, &TEXT)?);
    let handle = handle(main, page).or_else(|| asked.author.clone()).filter(|handle| address::is_handle(handle))?;
    let named = attr(main, "data-name").map(str::to_owned);
    let name = named.or_else(|| outside_quote(main, &NAME).or_else(|| page.select(&NAME).next()).map(crawler::folded));
    let avatar = main.select(&AVATAR).next().or_else(|| page.select(&AVATAR).next()).and_then(|img| attr(img, "src"));
    let author = Author {
        id: attr(main, "data-user-id").map(str::to_owned),
        name: name.filter(|name| !name.is_empty()),
        url: Some(format!("https://x.com/{handle}")),
        avatar: avatar.filter(|url| url.starts_with("http")).map(super::super::media::full_avatar),
        handle,
    };
    let mut post = Post::new(address::post(&asked.id, Some(&author.handle))?, author, words.plain.trim());
    post.text_html = Some(words.html.trim().replace('\n', "<br>")).filter(|html| !html.is_empty());
    post.lang = outside_quote(main, &TEXT).and_then(|text| attr(text, "lang")).and_then(syndication::lang);
    post.published = time(main, asked).map(When::Instant);
    post.media = media(main);
    post.quoted = quoted(main);
    post.reply_to = reply_to(main, asked);
    post.card = card(main, &words);
    for stat in main.select(&STAT).take(20) {
        let Some(count) = attr(stat, "data-tweet-stat-count").and_then(|count| count.parse().ok()) else { continue };
        let around = stat.ancestors().take(4).filter_map(ElementRef::wrap).chain(std::iter::once(stat));
        let classes: String = around.filter_map(|element| attr(element, "class")).collect::<Vec<_>>().join(" ");
        let kinds = [("favorite", "likes"), ("retweet", "reposts"), ("reply", "replies")];
        if let Some((_, kind)) = kinds.iter().find(|(word, _)| classes.contains(word)) {
            post.counts.entry((*kind).to_owned()).or_insert(count);
        }
    }
    Some(post)
}

/// The id of the post that an element shows: its own attribute, else the one of its words, else its permalink's.
fn id_of(main: ElementRef<'_>) -> Option<String> {
    let own = ["data-tweet-id", "data-item-id", "data-status-id"].iter().find_map(|name| attr(main, name));
    let own = own.or_else(|| attr(main, "id").and_then(|id| id.strip_prefix("status_")));
    let own = own.or_else(|| main.select(&TEXT).next().and_then(|text| attr(text, "data-id")));
    own.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .or_else(|| main.select(&PERMALINK).find_map(|link| post_at(attr(link, "href")?)).map(|post| post.id))
}

/// The post that a link of the page leads to.
fn post_at(href: &str) -> Option<PostRef> {
    let url = Url::parse("https://twitter.com/").ok()?.join(href).ok()?;
    address::recognize(&url)?.post().cloned()
}

/// The first of these elements that is no part of a quoted post.
fn outside_quote<'a>(main: ElementRef<'a>, selector: &Selector) -> Option<ElementRef<'a>> {
    main.select(selector).find(|element| {
        let mut around = element.ancestors().filter_map(ElementRef::wrap).take_while(|outer| outer.id() != main.id());
        !around.any(|outer| has_class(outer, "QuoteTweet"))
    })
}

fn handle(main: ElementRef<'_>, page: &Html) -> Option<String> {
    let shown = || outside_quote(main, &HANDLE).or_else(|| page.select(&HANDLE).next()).map(crawler::folded);
    let handle = attr(main, "data-screen-name").map(str::to_owned).or_else(shown)?;
    Some(handle.replace(' ', "").trim_start_matches('@').to_owned())
}

fn time(main: ElementRef<'_>, asked: &PostRef) -> Option<Timestamp> {
    let stamped = outside_quote(main, &TIME).and_then(|time| {
        let ms = attr(time, "data-time-ms").and_then(|ms| ms.parse().ok());
        let ms = ms.or_else(|| attr(time, "data-time")?.parse::<i64>().ok()?.checked_mul(1000));
        Timestamp::from_millisecond(ms?).ok()
    });
    // `data="{time:'Fri Mar 05 10:11:12 +0000 2010'}"`
    let old = || {
        let data = attr(main.select(&OLD_TIME).next()?, "data")?;
        let stamp = data.split('\'').nth(1)?;
        jiff::fmt::strtime::parse("%a %b %d %H:%M:%S %z %Y", stamp).ok()?.to_timestamp().ok()
    };
    // `10:11 AM - 9 Feb 2015`, in the zone of who asked: only good enough where nothing else is there.
    let titled = || {
        let link = main.select(&TITLED).next()?;
        let text = attr(link, "title").map_or_else(|| crawler::folded(link), str::to_owned);
        let parsed = jiff::fmt::strtime::parse("%I:%M %p - %d %b %Y", text.trim()).ok()?.to_datetime().ok()?;
        parsed.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    stamped.or_else(old).or_else(|| syndication::time_of(&asked.id)).or_else(titled)
}

fn media(main: ElementRef<'_>) -> Vec<Media> {
    let inside_quote = |element: ElementRef<'_>| {
        let mut around = element.ancestors().filter_map(ElementRef::wrap).take_while(|outer| outer.id() != main.id());
        around.any(|outer| has_class(outer, "QuoteTweet"))
    };
    let mut found: Vec<Media> = Vec::new();
    for picture in main.select(&PICTURE).filter(|picture| !inside_quote(*picture)).take(MAX_PICTURES) {
        let Some(url) = attr(picture, "data-image-url").or_else(|| attr(picture, "src")) else { continue };
        if !url.starts_with("http") {
            continue;
        }
        let mut media = crawler::picture_of(url);
        let inner = picture.descendants().filter_map(ElementRef::wrap).find_map(|img| attr(img, "alt"));
        media.alt = inner.map(str::trim).filter(|alt| !alt.is_empty()).map(str::to_owned);
        if found.iter().all(|known| known.url != media.url) {
            found.push(media);
        }
    }
    for player in main.select(&PLAYER).filter(|player| !inside_quote(*player)).take(MAX_PICTURES) {
        let style = attr(player, "style").unwrap_or_default();
        let url = style.split("url(").nth(1).and_then(|rest| rest.split(')').next());
        let url = url.map(|url| url.trim_matches(['\'', '"'])).filter(|url| url.starts_with("http"));
        found.extend(url.map(|url| Media::new(MediaKind::Poster, url)));
    }
    found
}

fn quoted(main: ElementRef<'_>) -> Option<Related> {
    let quote = main.select(&QUOTE).next()?;
    let link = attr(quote, "href").and_then(post_at);
    let post = link.or_else(|| address::post(attr(quote, "data-item-id")?, attr(quote, "data-screen-name")))?;
    let text = quote.select(&TEXT).next().or_else(|| {
        let around = quote.parent().and_then(ElementRef::wrap)?;
        around.select(&TEXT).next()
    });
    let content = text.and_then(|text| {
        let handle = attr(quote, "data-screen-name").map(str::to_owned).or_else(|| post.author.clone())?;
        let name = quote.select(&QUOTE_NAME).next().map(crawler::folded);
        let author = Author { url: Some(format!("https://x.com/{handle}")), handle, name, ..Author::default() };
        let mut content = Post::new(post.clone(), author, Words::of(text).plain.trim());
        content.published = syndication::time_of(&post.id).map(When::Instant);
        // The page shows only the beginning of what it quotes, and none of its files.
        content.truncated = content.text.ends_with('…');
        Some(Box::new(content))
    });
    Some(Related { post, content })
}

/// The post that this one answers. The page names only the first one of the conversation, so that is taken only where
/// the page says that this one is an answer to it.
fn reply_to(main: ElementRef<'_>, asked: &PostRef) -> Option<Related> {
    let first = attr(main, "data-in-reply-to-status-id").or_else(|| {
        let is_reply = attr(main, "data-is-reply-to") == Some("true");
        attr(main, "data-conversation-id").filter(|_| is_reply)
    })?;
    let post = address::post(first, None).filter(|post| post.id != asked.id)?;
    Some(Related { post, content: None })
}

fn card(main: ElementRef<'_>, words: &Words) -> Option<Card> {
    let short = attr(main.select(&CARD).next()?, "data-card-url")?;
    let url = words.links.iter().find(|(from, _)| from == short).map_or(short, |(_, to)| to.as_str());
    Some(Card { url: url.to_owned(), ..Card::default() })
}

/// The words of a post, with its links whole.
#[derive(Default)]
struct Words {
    plain: String,
    html: String,
    /// As in the page, and where they lead.
    links: Vec<(String, String)>,
}

impl Words {
    fn of(root: ElementRef<'_>) -> Self {
        let mut words = Self::default();
        let mut skipped = None;
        for edge in root.traverse().take(MAX_NODES) {
            match edge {
                Edge::Open(_) if skipped.is_some() => {}
                Edge::Open(node) => match node.value() {
                    // Line breaks stand in the text as they are.
                    Node::Text(text) => words.push(text),
                    Node::Element(element) => {
                        let Some(this) = ElementRef::wrap(node) else { continue };
                        match element.name() {
                            "br" => words.push("\n"),
                            "img" => words.push(attr(this, "alt").unwrap_or_default()),
                            "script" | "style" => skipped = Some(node.id()),
                            "a" if words.link(this) => skipped = Some(node.id()),
                            _ => {}
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
                Edge::Close(_) => {}
            }
        }
        words
    }

    fn push(&mut self, text: &str) {
        self.plain.push_str(text);
        self.html.push_str(&escape(text));
    }

    /// Takes a link whose words are a shortened address; others are read as words.
    fn link(&mut self, link: ElementRef<'_>) -> bool {
        let href = attr(link, "href").unwrap_or_default();
        let is_picture = attr(link, "data-pre-embedded") == Some("true") || has_class(link, "u-hidden");
        if is_picture {
            return true;
        }
        let full = ["data-expanded-url", "data-ultimate-url", "data-url", "title"]
            .iter()
            .find_map(|name| attr(link, name))
            .filter(|url| url.starts_with("http://") || url.starts_with("https://"));
        let Some(full) = full else { return false };
        self.links.push((href.to_owned(), full.to_owned()));
        self.plain.push_str(full);
        let shown = full.trim_start_matches("https://").trim_start_matches("http://");
        self.html.push_str(&format!("<a href=\"{}\">{}</a>", escape(full), escape(shown)));
        true
    }
}

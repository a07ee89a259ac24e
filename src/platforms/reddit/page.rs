//! Reads the post's page: the attributes of `<shreddit-post>` and the words in its slot (recorded 2024), a comment's
//! element, or the tags for link previews where plain clients get no more (recorded 2026).

use super::super::meta_tags::MetaTags;
use super::super::page_parts::{all_within, first, web, within};
use super::super::routes::{Means, Said};
use super::{named, thing};
use crate::html::{self, attr, inner_html};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use regex::Regex;
use scraper::{ElementRef, Html};
use std::sync::LazyLock;

const MAX_FILES: usize = 40;

/// `r/harbour on Reddit: Low tide`, `From the harbour community on Reddit: Low tide`.
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^\s*(?:r/\S{1,40}|From the \S{1,40} community|u/\S{1,40}) on Reddit:\s*(.+)$")
        .expect("the pattern is a constant")
});
/// `Posted by u/annex - 12 votes and 3 comments`.
static POSTED_BY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[Pp]osted by u/([A-Za-z0-9_-]{2,40})").expect("the pattern is a constant"));

pub(super) fn read(post: &PostRef, page: &Html) -> Said {
    let (id, comment) = post.id.split_once('/').map_or((post.id.as_str(), None), |(id, of)| (id, Some(of)));
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Said::Unknown("a post's id");
    }
    let element = first(page, &format!("shreddit-post[id='t3_{id}']"));
    if let Some(comment) = comment.filter(|of| of.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        let own = first(page, &format!("shreddit-comment[thingid='t1_{comment}']"));
        if own.is_some_and(is_wiped) {
            return Said::Ends(Means::Deleted);
        }
        return Said::whole(own.and_then(|own| of_comment(post, own, element)), "the comment's element");
    }
    match element.and_then(|element| of_post(post, element)) {
        Some(found) => Said::Whole(Box::new(found)),
        None => Said::part(previewed(post, &MetaTags::read(page)), "the post's element, or its tags"),
    }
}

fn of_post(post: &PostRef, element: ElementRef<'_>) -> Option<Post> {
    let title = attr(element, "post-title")?;
    let body = within(element, "[slot='text-body'] .md, [slot='text-body']");
    let words = body.map(html::text).unwrap_or_default();
    let text = if words.is_empty() { title.to_owned() } else { format!("{title}\n\n{words}") };
    let mut found = Post::new(post.clone(), author(element), text);
    found.text_html = body.map(inner_html).filter(|markup| markup.contains('<') && !words.is_empty());
    found.published = attr(element, "created-timestamp").and_then(When::parse);
    found.lang = attr(element, "post-language").filter(|lang| *lang != "und").map(str::to_owned);
    count(&mut found, "likes", element, "score");
    count(&mut found, "replies", element, "comment-count");
    let flagged = |name: &str| element.value().attr(name).is_some_and(|value| value != "false");
    found.sensitive = flagged("nsfw") || flagged("is-nsfw") || flagged("spoiler") || flagged("is-spoiler");
    found.media = files(element);
    let link = attr(element, "content-href").and_then(web);
    let is_link = attr(element, "post-type") == Some("link");
    found.card = link.filter(|_| is_link && found.media.is_empty()).map(|url| Card {
        url,
        site: attr(element, "domain").map(str::to_owned),
        ..Card::default()
    });
    let parent = within(element, "[slot='post-media-container'] a[href*='/comments/'], .crosspost-title[href]");
    let parent = parent.and_then(|link| attr(link, "href")).and_then(absolute).filter(|of| of.id != post.id);
    found.quoted = parent
        .filter(|_| attr(element, "post-type") == Some("crosspost"))
        .map(|of| Related { post: of, content: None });
    Some(found)
}

fn of_comment(post: &PostRef, element: ElementRef<'_>, under: Option<ElementRef<'_>>) -> Option<Post> {
    let body = within(element, "[slot='comment']")?;
    let mut found = Post::new(post.clone(), author(element), html::text(body));
    found.text_html = Some(inner_html(body)).filter(|markup| markup.contains('<'));
    let time = within(element, "time[datetime], faceplate-timeago[ts]");
    let time = time.and_then(|time| attr(time, "datetime").or_else(|| attr(time, "ts")));
    found.published = attr(element, "created").or(time).and_then(When::parse);
    count(&mut found, "likes", element, "score");
    let parent = attr(element, "parentid").and_then(|id| id.strip_prefix("t1_"));
    let (id, _) = post.id.split_once('/')?;
    found.reply_to = match parent {
        Some(parent) => super::post(id, None, Some(parent)).map(|post| Related { post, content: None }),
        None => under
            .and_then(|under| attr(under, "permalink"))
            .and_then(absolute)
            .map(|of| Related { content: under.and_then(|under| of_post(&of, under)).map(Box::new), post: of }),
    };
    (!found.text.is_empty()).then_some(found)
}

/// Whether a comment is the site's note that there is none any more.
fn is_wiped(comment: ElementRef<'_>) -> bool {
    let words = within(comment, "[slot='comment']").map(html::text).unwrap_or_default();
    let notes = ["Comment deleted by user", "Comment removed by moderator"];
    attr(comment, "author") == Some("[deleted]") && (thing::is_wiped(&words) || notes.contains(&words.trim()))
}

fn absolute(address: &str) -> Option<PostRef> {
    named(&if address.starts_with('/') { format!("https://www.reddit.com{address}") } else { address.to_owned() })
}

fn author(element: ElementRef<'_>) -> Author {
    let handle = attr(element, "author").filter(|name| *name != "[deleted]").unwrap_or_default().to_owned();
    // The pictures of those who have none are the site's.
    let avatar = attr(element, "icon").filter(|icon| !icon.contains("/avatars/defaults/")).and_then(web);
    Author {
        id: attr(element, "author-id").map(str::to_owned),
        url: Some(format!("https://www.reddit.com/user/{handle}/")).filter(|_| !handle.is_empty()),
        handle,
        name: None,
        avatar,
    }
}

/// The player's film, the pictures of a gallery, or the one picture.
fn files(element: ElementRef<'_>) -> Vec<Media> {
    let players = all_within(element, "shreddit-player-2[src], shreddit-player[src]", 1);
    if let Some(player) = players.first() {
        let film = attr(*player, "src").and_then(web).map(|url| Media::new(MediaKind::Video, url));
        let still = attr(*player, "poster").and_then(web).map(|url| Media::new(MediaKind::Poster, url));
        return film.into_iter().chain(still).collect();
    }
    let mut files: Vec<Media> = Vec::new();
    for picture in all_within(element, "gallery-carousel img, [slot='text-body'] img", MAX_FILES) {
        let url = attr(picture, "src").or_else(|| attr(picture, "data-lazy-src")).and_then(web);
        let Some(media) = url.and_then(|url| original(&url)) else { continue };
        if files.iter().all(|file| file.url != media.url) {
            files.push(Media { alt: attr(picture, "alt").map(str::to_owned), ..media });
        }
    }
    let is_picture = attr(element, "post-type").is_some_and(|kind| matches!(kind, "image" | "gif"));
    if files.is_empty() && is_picture {
        let url = attr(element, "content-href").and_then(web);
        files.extend(url.map(|url| Media::new(MediaKind::Image, url)));
    }
    files
}

/// The upload behind a picture that is made for the page: `preview.redd.it/words-v0-ID.jpg?width=…` is `ID.jpg`.
fn original(url: &str) -> Option<Media> {
    let parsed = url::Url::parse(url).ok()?;
    if parsed.host_str() != Some("preview.redd.it") {
        return parsed
            .host_str()
            .is_some_and(|host| host.ends_with("redd.it"))
            .then(|| Media::new(MediaKind::Image, url));
    }
    let name = parsed.path().trim_start_matches('/');
    let name = name.rsplit_once("-v0-").map_or(name, |(_, name)| name);
    let mut media = Media::new(MediaKind::Image, format!("https://i.redd.it/{name}"));
    media.fallbacks.push(url.to_owned());
    Some(media)
}

/// The tags: title, and the author where the description names one.
fn previewed(post: &PostRef, tags: &MetaTags) -> Option<Post> {
    // The drawing that stands for a post without a picture bears its name too.
    let drawn = tags.get(&["og:image"]).and_then(|url| url.split_once("share.redd.it/preview/post/"));
    let is_drawn = drawn.is_some_and(|(_, name)| name.split(['?', '/']).next() == Some(&post.id));
    if !is_drawn {
        tags.get(&["og:url"]).and_then(named).filter(|own| own.id == post.id)?;
    }
    let title = tags.get(&["og:title", "twitter:title"])?;
    let title = TITLE.captures(title).map_or_else(|| title.to_owned(), |found| found[1].trim().to_owned());
    let by = POSTED_BY.captures(tags.get(&["og:description", "description"]).unwrap_or_default());
    let handle = by.map(|found| found[1].to_owned()).unwrap_or_default();
    let author = Author {
        url: Some(format!("https://www.reddit.com/user/{handle}/")).filter(|_| !handle.is_empty()),
        handle,
        ..Author::default()
    };
    let mut found = Post::new(post.clone(), author, title);
    // Of posts without a picture the tag has a drawing of the post itself, or the site's mark.
    let picture =
        tags.get(&["og:image"]).filter(|url| !url.contains("share.redd.it/") && !url.contains("redditstatic"));
    found.media.extend(picture.and_then(web).map(|url| Media::new(MediaKind::Image, url)));
    Some(found)
}

fn count(found: &mut Post, name: &str, element: ElementRef<'_>, from: &str) {
    let value = attr(element, from).and_then(|value| value.parse::<u64>().ok());
    found.counts.extend(value.map(|n| (name.to_owned(), n)));
}

//! Articles and posts as entries of a list: enough to choose by.

use super::{
    filters::{state_class, state_words},
    plain,
};
use crate::{
    model::{
        ArticleBrief, ArticleRecord, DatedPostRecord, MediaKind, PostRecord, PostView, State, StoredMedia, Via, When,
    },
    render::{Places, media, sanitize, words, words::Moment},
};
use serde::Serialize;

/// Characters of a text in a list.
const EXCERPT: usize = 260;

#[derive(Serialize)]
pub(super) struct ArticleEntry {
    url: Option<String>,
    title: String,
    lang: Option<String>,
    site: String,
    byline: Option<String>,
    published: Option<Moment>,
    captured: Moment,
    lead: String,
    /// `3 posts`; empty where there is none.
    posts: String,
    gone: Option<String>,
    /// The site says that the article itself is gone.
    is_gone: bool,
    versions: Option<String>,
    labels: Vec<String>,
}

/// An article with its first words.
pub(super) fn article(brief: &ArticleBrief, places: &dyn Places) -> ArticleEntry {
    let article = &brief.article;
    let posts = article.posts.len();
    ArticleEntry {
        url: places.article(article.id),
        title: title(article),
        lang: sanitize::language(article.lang.as_deref()),
        site: site(article),
        byline: article.byline.clone().filter(|byline| !byline.trim().is_empty()),
        published: article.published.map(Moment::of),
        captured: Moment::day_of(article.captured_at),
        lead: excerpt(&brief.lead),
        posts: if posts == 0 { String::new() } else { words::many(u64::try_from(posts).unwrap_or(0), "post", "posts") },
        gone: (brief.gone > 0).then(|| words::number(brief.gone)),
        is_gone: article.state == "gone",
        versions: (article.versions > 1).then(|| words::many(article.versions, "version", "versions")),
        labels: article.labels.clone(),
    }
}

/// The headline, or what stands for one.
pub(super) fn title(article: &ArticleRecord) -> String {
    if article.title.trim().is_empty() { words::shown_url(&article.name) } else { article.title.clone() }
}

fn site(article: &ArticleRecord) -> String {
    let named = article.site_name.clone().filter(|site| !site.trim().is_empty());
    let address = article.url.as_deref().unwrap_or(&article.name);
    let host = || words::shown_url(address).split('/').next().unwrap_or_default().to_owned();
    named.unwrap_or_else(host)
}

#[derive(Serialize)]
pub(super) struct PostEntry {
    url: Option<String>,
    /// Who, as the title of the entry.
    name: String,
    handle: Option<String>,
    /// The page of all posts of the handle.
    author: Option<String>,
    platform: String,
    platform_url: Option<String>,
    published: Option<Moment>,
    captured: Option<Moment>,
    /// Where the words come from, to go on after "from ".
    from: Option<&'static str>,
    /// The words are the article's quote, which nobody confirmed.
    quoted: bool,
    words: String,
    /// Why there are no words.
    without: &'static str,
    lang: Option<String>,
    state: StateEntry,
    /// `2 pictures`, `a video`; empty where there is none.
    media: String,
    articles: String,
    snapshots: Option<String>,
    /// Its author, where the list shows faces.
    face: Option<Face>,
    /// Its first picture, where the list shows pictures and nobody has to be warned of it.
    picture: Option<Picture>,
    /// What its author warns of; then its words are for its own page.
    warning: Option<String>,
    /// When it was last seen, where that is told.
    seen: Option<Moment>,
    /// When it was first seen gone, where that is told.
    since: Option<Moment>,
}

/// An author's picture, or letters in its place.
#[derive(Serialize)]
struct Face {
    url: Option<String>,
    initials: String,
}

#[derive(Serialize)]
struct Picture {
    url: String,
    alt: String,
}

/// A post's state, with the style sheet's class.
#[derive(Serialize)]
pub(super) struct StateEntry {
    class: &'static str,
    words: &'static str,
    /// Nothing needs to be said of a post that is there.
    quiet: bool,
}

impl StateEntry {
    pub(super) fn of(state: State) -> Self {
        Self { class: state_class(state), words: state_words(state), quiet: state == State::Live }
    }
}

/// A post with its first words.
pub(super) fn post(record: &PostRecord, places: &dyn Places) -> PostEntry {
    let handle = record.author_handle.clone().filter(|handle| !handle.trim().is_empty());
    let name = record.author_name.clone().filter(|name| !name.trim().is_empty());
    let address = record.url.parse().ok();
    let platform = words::platform(&record.platform, address.as_ref());
    let words = excerpt(record.text.as_deref().unwrap_or_default());
    let warning = record.warning.as_deref().map(excerpt);
    PostEntry {
        url: places.post(&record.key),
        name: name
            .or_else(|| handle.clone())
            .unwrap_or_else(|| format!("A post on {}", words::short_platform(&platform))),
        author: handle.as_deref().and_then(|handle| places.author(&record.platform, handle)),
        handle,
        platform_url: places.platform(&record.platform),
        platform,
        published: record.published.map(Moment::of),
        captured: record.captured_at.map(Moment::day_of),
        from: record.via.map(|via| plain::rung(via).from),
        quoted: record.via == Some(Via::Quoted),
        without: match (&record.text, record.state) {
            (Some(_), _) => "",
            (None, State::Unknown) => "Nothing of it could be had so far.",
            (None, _) => "None of its content could be kept.",
        },
        words: if warning.is_some() { String::new() } else { words },
        lang: sanitize::language(record.lang.as_deref()),
        state: StateEntry::of(record.state),
        media: files(record),
        articles: match record.articles.len() {
            0 => String::new(),
            n => format!("in {}", words::many(u64::try_from(n).unwrap_or(0), "article", "articles")),
        },
        snapshots: (record.snapshots > 1).then(|| words::many(record.snapshots, "snapshot", "snapshots")),
        face: None,
        picture: None,
        warning,
        seen: None,
        since: None,
    }
}

/// A post that is gone, with its dates.
pub(super) fn vanished(record: &DatedPostRecord, places: &dyn Places) -> PostEntry {
    PostEntry {
        seen: record.last_seen_at.map(Moment::day_of),
        since: record.state_since.map(Moment::day_of),
        ..post(&record.post, places)
    }
}

/// The entry with its author's face and its first picture. The pictures of a post that its author put a warning before are
/// left to its own page, as its words are everywhere.
pub(super) fn shown(entry: PostEntry, view: Option<&PostView>, places: &mut dyn Places) -> PostEntry {
    let initials = words::initials(&entry.name);
    let Some((view, content)) = view.and_then(|view| Some((view, view.content.as_ref()?))) else {
        return PostEntry { face: Some(Face { url: None, initials }), ..entry };
    };
    let stored: Vec<&StoredMedia> = view.media.iter().collect();
    let url = media::picture(content.author.avatar.as_deref(), &stored, places);
    let picture = content.media.iter().find(|file| file.kind == MediaKind::Image).and_then(|file| {
        let url = media::picture(Some(&file.url), &stored, places)?;
        Some(Picture { url, alt: file.alt.as_deref().map(excerpt).unwrap_or_default() })
    });
    PostEntry {
        face: Some(Face { url, initials }),
        picture: picture.filter(|_| entry.warning.is_none() && !content.sensitive),
        ..entry
    }
}

fn files(record: &PostRecord) -> String {
    let count = |kind: MediaKind| record.media.iter().filter(|file| file.kind == kind).count();
    let parts = [
        (count(MediaKind::Image), "picture", "pictures"),
        (count(MediaKind::Video), "video", "videos"),
        (count(MediaKind::Audio), "sound", "sounds"),
    ];
    let told = parts.into_iter().filter(|(n, ..)| *n > 0);
    told.map(|(n, one, many)| words::many(u64::try_from(n).unwrap_or(0), one, many)).collect::<Vec<_>>().join(", ")
}

/// The beginning of a text in one line, cut between words where there are any.
pub(super) fn excerpt(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length + letters > EXCERPT {
            if out.is_empty() {
                out.extend(word.chars().take(EXCERPT));
            }
            out.push('…');
            return out;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        length += letters + 1;
    }
    out
}

/// The day and minute of an instant.
pub(super) fn minute(at: jiff::Timestamp) -> Moment {
    Moment::of(When::Instant(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_between_words() {
        assert_eq!(excerpt("  One\n\ntwo "), "One two");
        let long = excerpt(&"word ".repeat(100));
        assert!(long.ends_with("word…") && long.chars().count() <= EXCERPT + 1, "{long}");
        assert_eq!(excerpt(&"字".repeat(1000)).chars().count(), EXCERPT + 1);
    }
}

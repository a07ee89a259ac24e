//! The plan: the page of the embed's frame, then the post's own page, then the oEmbed of the plugins.
//!
//! The last one is closed since October 2020; archives and recordings still hold its answers, and it tells words, name
//! and day. Meta's Graph oEmbed is never asked: it tells only that a post exists, and its terms forbid keeping more.

use super::super::oembed::OEmbed;
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, page_parts};
use super::{markup, page, plugin, urls};
use crate::html;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Post, PostRef, Via};
use url::Url;

const ROUTES: &[Route] = &[
    Route { at: "plugin", via: Via::EmbedPage, ask: ask_plugin, read: read_plugin },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: read_oembed },
];

const RULES: &[Rule] = &[
    Rule {
        at: &["oembed"],
        status: &[400, 401, 403, 404, 410, 500],
        sign: Sign::Status,
        means: Means::Nothing,
        known: "closed since 24 October 2020",
    },
    Rule {
        at: &["oembed"],
        status: &[],
        sign: Sign::Path("/login"),
        means: Means::Nothing,
        known: "closed since 24 October 2020",
    },
    Rule {
        at: &["plugin", "page"],
        status: &[],
        sign: Sign::Path("/login"),
        means: Means::LoginRequired,
        known: "iframely#422; pages of 2020 to 2026",
    },
    Rule {
        at: &["plugin", "page"],
        status: &[],
        sign: Sign::Path("/checkpoint"),
        means: Means::LoginRequired,
        known: "pages of 2022",
    },
];

/// What pages say in place of a post, in lower case, with status 200. They are looked for where no post was read, in
/// headings and in short pages alone: words that say so may also be a post's. (words, meaning, source)
pub(super) const SORRY: &[(&str, Means, &str)] = &[
    ("this content isn't available", Means::Unavailable, "pages of 2018 to 2026; auto-archiver, 2026"),
    ("this page isn't available", Means::Unavailable, "pages of 2018 to 2026"),
    ("this facebook post is no longer available", Means::Unavailable, "plugin pages, 2015 to 2024"),
    ("this video may no longer exist", Means::Unavailable, "plugin pages, 2015 to 2024"),
    ("content not found", Means::Unavailable, "pages of 2019"),
    ("you must log in", Means::LoginRequired, "pages of 2016 to 2024"),
    ("log in to facebook", Means::LoginRequired, "pages of 2020 to 2026"),
    ("log into facebook", Means::LoginRequired, "pages of 2020 to 2026"),
];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

/// The address that plugins and pages know best: films under their page's name, where that is known.
fn address(post: &PostRef) -> String {
    match &post.author {
        Some(page) if post.url.path().starts_with("/watch") => {
            format!("https://www.facebook.com/{page}/videos/{}/", post.id)
        }
        _ => post.url.to_string(),
    }
}

fn ask_plugin(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let kind = if urls::is_film(post) { "video" } else { "post" };
    let mut url = Url::parse(&format!("https://www.facebook.com/plugins/{kind}.php")).ok()?;
    url.query_pairs_mut().append_pair("href", &address(post)).append_pair("show_text", "true");
    Some(routes::page(url))
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&address(post))
}

fn ask_oembed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let kind = if urls::is_film(post) { "video" } else { "post" };
    routes::ask_oembed(&format!("https://www.facebook.com/plugins/{kind}/oembed.json/"), &address(post))
}

fn read_plugin(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    match plugin::read(post, &page, &answer.text()) {
        Some(found) => Said::Whole(Box::new(found)),
        None => sorry(&page, "a post in the plugin's page"),
    }
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    match page::read(post, &page, &answer.text()) {
        Some(found) => Said::Part(Box::new(found)),
        None => sorry(&page, "tags or a story that name the post"),
    }
}

/// What a page without a post says of that.
fn sorry(page: &scraper::Html, expected: &'static str) -> Said {
    const MAX_SORRY_CHARS: usize = 600;
    let root = page.root_element();
    let headings = page_parts::all_within(root, "title, h1, h2, h3, [role='heading'], .uiHeaderTitle", 24);
    let mut said: Vec<String> = headings.into_iter().map(html::text).collect();
    // A plugin's page holds nothing else than its word.
    let whole = page_parts::first(page, "body").map(html::text).unwrap_or_default();
    said.extend(Some(whole).filter(|whole| whole.len() <= MAX_SORRY_CHARS));
    let said = said.join("\n").to_lowercase().replace('\u{2019}', "'");
    let rule = SORRY.iter().find(|(words, ..)| said.contains(words));
    rule.map_or(Said::Unknown(expected), |(_, means, _)| Said::Ends(*means))
}

/// The snippet of the plugins' oEmbed: the same that an article embeds.
fn read_oembed(post: &PostRef, answer: &Response) -> Said {
    const EXPECTED: &str = "a snippet with a blockquote";
    let Ok(embed) = OEmbed::read(answer, "oembed") else { return Said::Unknown(EXPECTED) };
    let Some(snippet) = embed.html.as_deref().map(html::parse_fragment) else { return Said::Unknown(EXPECTED) };
    let own = page_parts::first(&snippet, "[data-href]").and_then(|place| html::attr(place, "data-href"));
    let blockquote = page_parts::first(&snippet, "blockquote");
    let cited = blockquote.and_then(|quote| html::attr(quote, "cite"));
    let Some(blockquote) = blockquote.filter(|_| [own, cited].into_iter().flatten().any(|url| urls::names(url, post)))
    else {
        return Said::Unknown(EXPECTED);
    };
    let quoted = markup::quoted(blockquote);
    let author = Author {
        handle: embed.handle().or_else(|| post.author.clone()).unwrap_or_default(),
        name: embed.author_name.clone().or(quoted.author_name),
        url: embed.author_url.and_then(|url| page_parts::web(&url)),
        ..Author::default()
    };
    // A film without words has a title, which stands as a link before them.
    let title = || page_parts::words(blockquote, "a[href]").filter(|_| urls::is_film(post));
    let text = quoted.text.or_else(title).unwrap_or_default();
    let mut found = Post::new(post.clone(), author, text);
    found.published = quoted.published;
    let nothing = found.text.is_empty() && found.author.name.is_none();
    if nothing { Said::Unknown(EXPECTED) } else { Said::Part(Box::new(found)) }
}

//! Which addresses of providers are items that a page shows, and how an item is named.
//!
//! The list's patterns are wide: many take a whole site, with its login frames and advertisements. So an address that
//! only stands on a provider's site must say itself that it is for embedding.

use super::{
    PLATFORM,
    list::{self, Fit},
};
use crate::{
    model::PostRef,
    platforms::address::{parameter, parts},
};
use url::Url;

/// Longer addresses hold their item's data rather than its name.
const MAX_URL_BYTES: usize = 1024;

/// Words in a path that say that an address is made to be embedded.
const EMBED: [&str; 10] =
    ["embed", "embeds", "embedded", "emb", "player", "players", "widget", "widgets", "iframe", "offsite"];
/// First labels of hosts that only serve such addresses.
const EMBED_HOSTS: [&str; 13] =
    ["embed", "embeds", "emb", "player", "players", "play", "widget", "widgets", "iframe", "e", "w", "fast", "html5"];
/// Parameters that say so.
const EMBED_PARAMETERS: [&str; 5] = ["embed", "embedded", "embed_view", "iframe", "chromeless"];

/// Words of addresses that are about a site or its readers, and show no item.
const NO_ITEM: [&str; 42] = [
    "ad",
    "ads",
    "adserver",
    "advert",
    "advertising",
    "analytics",
    "auth",
    "banner",
    "banners",
    "beacon",
    "button",
    "buttons",
    "captcha",
    "ccpa",
    "cmp",
    "comment",
    "comments",
    "consent",
    "cookie",
    "follow",
    "gdpr",
    "gtm",
    "like",
    "likes",
    "login",
    "logout",
    "newsletter",
    "oauth",
    "optin",
    "pixel",
    "privacy",
    "proxy",
    "remote",
    "sharer",
    "signin",
    "signup",
    "subscribe",
    "sync",
    "tracker",
    "tracking",
    "usersync",
    "wp-admin",
];

/// Ends of paths that are a page's parts rather than pages.
const FILES: [&str; 12] =
    [".js", ".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".xml", ".json", ".woff2", ".webp"];

/// Parameters that say how an item is shown or where a visitor comes from, not which it is.
const NOISE: [&str; 36] = [
    "app_id",
    "autoplay",
    "autostart",
    "chromeless",
    "color",
    "dark",
    "default-tab",
    "editable",
    "embed",
    "embed_host",
    "embed_source",
    "embed_view",
    "embedded",
    "embedid",
    "fbclid",
    "feature",
    "gclid",
    "height",
    "hide_artwork",
    "hide_cover",
    "iframe",
    "light",
    "loop",
    "mini",
    "muted",
    "origin",
    "preview",
    "ref",
    "rel",
    "responsive",
    "sidebar",
    "style",
    "theme",
    "theme-id",
    "title",
    "width",
];

/// The item that an address in a frame shows.
pub(super) fn framed(url: &Url) -> Option<PostRef> {
    item(url, |fit| match fit {
        Fit::Item => true,
        Fit::Host => !is_no_item(url),
        Fit::Domain | Fit::Site => !is_no_item(url) && is_for_embedding(url),
    })
}

/// The item that markup names as embedded.
pub(super) fn named(url: &Url) -> Option<PostRef> {
    item(url, |fit| match fit {
        Fit::Item => true,
        Fit::Host | Fit::Domain => !is_no_item(url),
        Fit::Site => !is_no_item(url) && is_for_embedding(url),
    })
}

/// The item that an address names by itself. Sites of which the list takes every page publish articles as well.
pub(super) fn given(url: &Url) -> Option<PostRef> {
    item(url, |fit| match fit {
        Fit::Item => !is_no_item(url),
        Fit::Host => !is_no_item(url) && (known(url).is_some() || is_for_embedding(url)),
        Fit::Domain | Fit::Site => !is_no_item(url) && is_for_embedding(url),
    })
}

/// A page of any site that embeds itself as WordPress does, by an address that ends in `/embed/`.
pub(super) fn of_wordpress(url: &Url) -> Option<PostRef> {
    let path = url.path().trim_end_matches('/');
    let mut page = url.clone();
    page.set_path(&format!("{}/", path.strip_suffix("/embed").unwrap_or(path)));
    if url.query().is_some_and(|query| query.contains("embed=true")) {
        page.set_query(None);
    }
    page.set_fragment(None);
    let name = list::provider(&page).map_or("wordpress", |(entry, _)| entry.name);
    post(name, &page)
}

fn item(url: &Url, fits: impl Fn(Fit) -> bool) -> Option<PostRef> {
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.port().is_some() {
        return None;
    }
    let (entry, fit) = list::provider(url)?;
    let is_file = FILES.iter().any(|ending| url.path().ends_with(ending));
    if !list::says_something(url) || (is_file && fit != Fit::Item) || !fits(fit) {
        return None;
    }
    post(entry.name, &public(url))
}

/// The address under which people know an item, where its player's tells it: without the player's mark at the end of
/// the path or in front of the host, if the list takes the rest.
fn public(url: &Url) -> Url {
    if let Some(known) = known(url) {
        return known;
    }
    let mut shorter = url.clone();
    let own = parts(url);
    if let Some(mark) = own.iter().position(|part| matches!(*part, "embed" | "widget" | "player")).filter(|at| *at > 0)
    {
        shorter.set_path(&own.get(..mark).unwrap_or_default().join("/"));
    }
    let host = url.host_str().unwrap_or_default();
    if let Some(rest) = host.split_once('.').filter(|(first, _)| EMBED_HOSTS.contains(first)).map(|(_, rest)| rest) {
        // The setters refuse what is no host; the address then stays as it is.
        let mut elsewhere = shorter.clone();
        if elsewhere.set_host(Some(rest)).is_ok() && takes(&elsewhere, Fit::Host) {
            return elsewhere;
        }
    }
    if shorter != *url && takes(&shorter, Fit::Item) { shorter } else { url.clone() }
}

fn takes(url: &Url, least: Fit) -> bool {
    list::provider(url).is_some_and(|(_, fit)| fit >= least) && !parts(url).is_empty()
}

/// Players whose address names the item in another way than its page, from the providers' own embed codes (2026).
fn known(url: &Url) -> Option<Url> {
    let host = url.host_str()?.trim_start_matches("www.");
    let address = match (host, &parts(url)[..]) {
        ("codepen.io", [user, "embed" | "pen" | "full" | "details", rest @ ..]) => {
            let pen = rest.iter().find(|part| **part != "preview")?;
            format!("https://codepen.io/{user}/pen/{pen}")
        }
        ("flo.uri.sh", [kind @ ("visualisation" | "story"), id, ..]) => {
            format!("https://public.flourish.studio/{kind}/{id}/")
        }
        ("public.flourish.studio", [kind @ ("visualisation" | "story"), id, ..]) => {
            format!("https://public.flourish.studio/{kind}/{id}/")
        }
        ("loom.com", ["embed" | "share", id, ..]) => format!("https://loom.com/share/{id}"),
        ("scribd.com", ["embeds" | "doc" | "document" | "presentation", id, ..]) => {
            format!("https://www.scribd.com/doc/{id}")
        }
        ("coub.com", ["embed" | "view", id, ..]) => format!("https://coub.com/view/{id}"),
        ("fast.wistia.net" | "fast.wistia.com", ["embed", "iframe" | "medias", id, ..]) => {
            format!("https://fast.wistia.com/embed/iframe/{}", id.split('.').next()?)
        }
        ("mixcloud.com" | "player-widget.mixcloud.com", ["widget", ..]) => {
            let feed = parameter(url, "feed")?;
            Url::parse("https://www.mixcloud.com").ok()?.join(&feed).ok()?.into()
        }
        ("documentcloud.org" | "embed.documentcloud.org", ["documents", id, ..]) => {
            format!("https://www.documentcloud.org/documents/{}", id.split('.').next()?)
        }
        ("datawrapper.dwcdn.net", [id, ..]) => format!("https://datawrapper.dwcdn.net/{id}/"),
        ("infogram.com" | "e.infogram.com", [id]) => format!("https://infogram.com/{id}"),
        _ => return None,
    };
    Url::parse(&address).ok().filter(|known| list::provider(known).is_some())
}

/// The post of a provider at a normalised address. Its id is the provider's name and the address without its scheme.
fn post(provider: &str, url: &Url) -> Option<PostRef> {
    let mut url = url.clone();
    let own_page = url.path() == "/" || [".html", ".php"].iter().any(|ending| url.path().ends_with(ending));
    let names = |fragment: &str| fragment.starts_with(['/', '!']) || (own_page && !fragment.is_empty());
    if !url.fragment().is_some_and(names) {
        url.set_fragment(None);
    }
    let kept: Vec<_> =
        url.query_pairs().filter(|(name, _)| !is_noise(name)).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    if kept.is_empty() {
        url.set_query(None);
    } else if kept.len() < url.query_pairs().count() {
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    let address = url.as_str().split_once("://").map(|(_, address)| address)?;
    let address = address.strip_prefix("www.").unwrap_or(address).trim_end_matches('/');
    if address.len() > MAX_URL_BYTES || !list::says_something(&url) {
        return None;
    }
    let slug: Vec<_> = provider.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id = format!("{}/{address}", slug.join("-").to_lowercase());
    Some(PostRef { platform: PLATFORM.to_owned(), id, author: None, url })
}

fn is_noise(parameter: &str) -> bool {
    let name = parameter.to_ascii_lowercase();
    name.starts_with("utm_") || NOISE.contains(&name.as_str())
}

/// Whether an address says that it is made to be embedded, and has more to say than that.
fn is_for_embedding(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let first = host.split('.').next().unwrap_or_default();
    let is_word = |part: &str| words(part).any(|word| EMBED.contains(&word.as_str()));
    let parts = parts(url);
    let says = EMBED_HOSTS.contains(&first)
        || words(first).any(|word| EMBED.contains(&word.as_str()))
        || parts.iter().any(|part| is_word(part))
        || url
            .query_pairs()
            .any(|(name, value)| EMBED_PARAMETERS.contains(&&*name) && !matches!(&*value, "0" | "false"));
    let names = parts.iter().any(|part| !is_word(part))
        || url.query_pairs().any(|(name, value)| !is_noise(&name) && value.len() > 2)
        || url.fragment().is_some_and(|fragment| fragment.len() > 2);
    says && names
}

fn is_no_item(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().split('.').next().unwrap_or_default();
    let parts = parts(url);
    parts.contains(&"wp-admin")
        || parts.iter().copied().chain([host]).flat_map(words).any(|word| NO_ITEM.contains(&word.as_str()))
}

/// The words of a part of an address, in lower case.
fn words(part: &str) -> impl Iterator<Item = String> + '_ {
    part.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

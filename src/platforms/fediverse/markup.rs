//! Embed markup of Mastodon and Truth Social: an iframe (older), or a blockquote that names the post and its author and
//! holds no word of the post (Mastodon 4.3 and later, `oembed_serializer.rb`).

use super::urls;
use crate::{
    html,
    model::{Form, PostRef, Quoted, Target},
    platforms::Markup,
};
use regex::Regex;
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const CLASSES: [&str; 3] = ["mastodon-embed", "truthsocial-embed", "gab-embed"];

/// Where the address of the embed page stands, the plain attribute before those of lazy loaders and consent tools.
const NAMING: [&str; 8] = [
    "data-embed-url",
    "src",
    "data-src",
    "data-lazy-src",
    "data-url",
    "data-original",
    "data-cookieblock-src",
    "data-consent-src",
];

static BYLINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"@([A-Za-z0-9_.-]+)@([A-Za-z0-9.:-]+)").expect("a pattern written here compiles"));
static LINKS: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("a[href]").expect("a selector written here parses"));

/// The embed that an element stands for by its class; the host may be any.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    let is_marked = || CLASSES.iter().any(|class| html::has_class(element, class));
    if !html::attr(element, "class").is_some_and(|classes| classes.contains("-embed")) || !is_marked() {
        return None;
    }
    let named = |value: &str| urls::said(&Url::parse(value).ok()?);
    let (form, post) = match element.value().name() {
        "iframe" => {
            let (attr, post) = NAMING.iter().find_map(|attr| Some((*attr, named(html::attr(element, attr)?)?)))?;
            (if attr == "src" { Form::Iframe } else { Form::DataAttr }, post)
        }
        name => {
            let in_attr = NAMING.iter().find_map(|attr| named(html::attr(element, attr)?));
            let in_link = || element.select(&LINKS).find_map(|link| named(html::attr(link, "href")?));
            let form = if name == "blockquote" { Form::Blockquote } else { Form::DataAttr };
            (form, in_attr.or_else(in_link)?)
        }
    };
    let quoted = if form == Form::Blockquote { quoted(element, &post) } else { Quoted::default() };
    Some(Markup { form, target: Target::Post(post), quoted })
}

/// "Post by @user@host": the handle, without the host where that is the post's own.
fn quoted(element: ElementRef<'_>, post: &PostRef) -> Quoted {
    let words = html::text(element);
    let handle = BYLINE.captures(&words).map(|found| {
        let own = post.url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&found[2]));
        if own { found[1].to_owned() } else { format!("{}@{}", &found[1], &found[2]) }
    });
    Quoted { author_handle: handle.or_else(|| post.author.clone()), ..Quoted::default() }
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
    fn the_class_makes_any_host_and_any_number_a_post() {
        let found =
            of(r#"<iframe class="mastodon-embed" src="https://tiny.example/@pat/4412/embed"></iframe>"#).unwrap();
        assert_eq!((found.form, found.target.post().unwrap().id.as_str()), (Form::Iframe, "tiny.example/4412"));
        assert!(of(r#"<iframe src="https://tiny.example/@pat/4412/embed"></iframe>"#).is_none());
        let lazy = r#"<iframe class="truthsocial-embed lazyLoad" data-src="https://truthsocial.com/@pat/112345678901234567/embed"></iframe>"#;
        let found = of(lazy).unwrap();
        assert_eq!((found.form, found.target.platform()), (Form::DataAttr, "truthsocial"));
    }

    #[test]
    fn a_blockquote_quotes_only_who_wrote_it() {
        let html = r#"<blockquote class="mastodon-embed" data-embed-url="https://a.example/@pat@b.example/112345678901234567/embed"> <a
            href="https://a.example/@pat/112345678901234567"> <svg><path d="M1"></path></svg> <div>Post by @pat@b.example</div> <div>View on Mastodon</div> </a></blockquote>"#;
        let found = of(html).unwrap();
        assert_eq!(found.target.post().unwrap().id, "a.example/112345678901234567");
        assert_eq!(found.quoted, Quoted { author_handle: Some("pat@b.example".into()), ..Quoted::default() });
    }
}

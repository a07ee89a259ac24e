//! The markup that stands for a post: X's own blockquote, AMP and rendered iframes, and ids in attributes.

use super::{address, blockquote, state};
use crate::html::attr;
use crate::model::{Form, PostRef, Quoted, Target};
use crate::platforms::{Markup, placeholder};
use ego_tree::iter::Edge;
use scraper::ElementRef;

/// Attributes that hold a post's id or its whole URL, on whatever element.
const ID_ATTRIBUTES: [&str; 9] = [
    "data-tweetid",
    "data-tweet-id",
    "data-tweet-url",
    "data-twitter-id",
    "data-twitter-tweet-id",
    "data-twitter-url",
    "tweet-url",
    "tweet-id",
    "tweetid",
];

/// Attributes that hold JSON in which a post may be.
const STATE_ATTRIBUTES: [&str; 4] = ["data-attrs", "data-react-props", "data-tweet", "data-props"];

/// Ids since 2010 have as many digits; those before are as long as a site's own numbers.
const MIN_SAID_DIGITS: usize = 15;

/// How far below an element with an id a blockquote of the same post is looked for.
const MAX_NODES: usize = 200;

/// The post that this very element stands for.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    match element.value().name() {
        "blockquote" => quote(element),
        "amp-twitter" => {
            let value = ID_ATTRIBUTES.iter().find_map(|name| attr(element, name))?;
            Some(markup(Form::Amp, address::post_in_attribute(value)?, Quoted::default()))
        }
        // Buttons below a post name it too; they are not the post.
        "a" | "button" | "form" | "input" => None,
        "iframe" => {
            let value = ID_ATTRIBUTES.iter().find_map(|name| attr(element, name))?;
            let form = if attr(element, "src").is_some() { Form::Iframe } else { Form::DataAttr };
            Some(markup(form, address::post_in_attribute(value)?, Quoted::default()))
        }
        _ => by_attribute(element),
    }
}

fn markup(form: Form, post: PostRef, quoted: Quoted) -> Markup {
    Markup { form, target: Target::Post(post), quoted }
}

/// A blockquote that says by class or attribute that it is a post, or that is signed as posts are.
fn quote(element: ElementRef<'_>) -> Option<Markup> {
    let says_so = blockquote::is_marked(element)
        || crate::html::classes(element).any(|class| class.to_ascii_lowercase().contains("tweet"))
        || element.value().attrs().any(|(name, _)| name.starts_with("data-tweet") || name.starts_with("data-twitter"));
    let quote = blockquote::read(element);
    if !says_so && !quote.signed {
        return None;
    }
    let named = || {
        let names = ID_ATTRIBUTES.iter().chain(&["data-url", "cite"]);
        names.filter_map(|name| attr(element, name)).find_map(address::post_in_attribute)
    };
    let post = quote.post.or_else(named)?;
    Some(markup(Form::Blockquote, post, quote.quoted))
}

fn by_attribute(element: ElementRef<'_>) -> Option<Markup> {
    if element.value().name() == "embetty-tweet" {
        return Some(markup(Form::DataAttr, address::post_in_attribute(attr(element, "status")?)?, Quoted::default()));
    }
    let attrs = element.value();
    if !attrs.attrs().any(|(name, _)| name.starts_with("data-") || name.starts_with("tweet")) {
        return None;
    }
    let named = ID_ATTRIBUTES.iter().filter_map(|name| attr(element, name)).find_map(address::post_in_attribute);
    let (post, quoted) = match named {
        Some(post) => (post, Quoted::default()),
        None => {
            let held = STATE_ATTRIBUTES.iter().filter_map(|name| attr(element, name)).find_map(state::read);
            held.or_else(|| said(element).map(|post| (post, Quoted::default())))?
        }
    };
    (!holds_blockquote(element)).then(|| markup(Form::DataAttr, post, quoted))
}

/// The post for which an element keeps a place, where it says that it is X's. A shorter number counts something else.
fn said(element: ElementRef<'_>) -> Option<PostRef> {
    let id = ["twitter", "tweet", "x"].iter().find_map(|name| placeholder::said(element, name))?;
    (id.contains('/') || id.len() >= MIN_SAID_DIGITS).then(|| address::post_in_attribute(id)).flatten()
}

/// The blockquote inside says more than the attribute around it.
fn holds_blockquote(element: ElementRef<'_>) -> bool {
    element.traverse().take(MAX_NODES).any(|edge| match edge {
        Edge::Open(node) => ElementRef::wrap(node).is_some_and(blockquote::is_marked),
        Edge::Close(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn all(html: &str) -> Vec<(Form, String, Quoted)> {
        let page = Html::parse_document(html);
        page.root_element()
            .descendent_elements()
            .filter_map(detect)
            .map(|markup| (markup.form, markup.target.post().unwrap().id.clone(), markup.quoted))
            .collect()
    }

    fn forms(html: &str) -> Vec<(Form, String)> {
        all(html).into_iter().map(|(form, id, _)| (form, id)).collect()
    }

    #[test]
    fn ids_in_attributes_are_posts() {
        for (html, form) in [
            (
                r#"<blockquote data-tweetid="1001"><a href="https://twitter.com/a/status/1001"></a></blockquote>"#,
                Form::Blockquote,
            ),
            (
                r#"<blockquote class="twitter-video"><a href="https://twitter.com/a/status/1001"/></blockquote>"#,
                Form::Blockquote,
            ),
            ("<amp-twitter width=1 height=1 data-tweetid=1001></amp-twitter>", Form::Amp),
            (r#"<amp-twitter data-tweetid="https://twitter.com/a/status/1001"></amp-twitter>"#, Form::Amp),
            (
                r#"<iframe src="https://platform.twitter.com/embed/Tweet.html" data-tweet-id="1001"></iframe>"#,
                Form::Iframe,
            ),
            (r#"<iframe class="twitter-tweet-rendered" data-tweet-id="1001"></iframe>"#, Form::DataAttr),
            ("<div class=js-tweet data-tweetid=1001><a class=x href=#></a></div>", Form::DataAttr),
            (
                r#"<phoenix-twitter-embed tweet-url="https://twitter.com/a/status/1001"></phoenix-twitter-embed>"#,
                Form::DataAttr,
            ),
            (r#"<div data-react-class="Tweet" data-react-props='{"tweetId":"1001"}'></div>"#, Form::DataAttr),
        ] {
            assert_eq!(forms(html), [(form, "1001".to_owned())], "{html}");
        }
    }

    #[test]
    fn a_newsletters_attribute_holds_the_whole_post() {
        let html = r#"<div class="tweet" data-attrs='{"url":"https://twitter.com/annex/status/1001?s=20","full_text":"Fog &amp;amp; rain\n\nagain",
            "username":"annex","name":"Ann Example","date":"Tue May 25 13:25:57 +0000 2021","photos":[{"link_url":"https://t.co/a1B2c3D4e5"}]}'></div>"#;
        let found = all(html);
        let (_, id, quoted) = found.first().unwrap();
        assert_eq!(id, "1001");
        assert_eq!(quoted.text.as_deref(), Some("Fog & rain\n\nagain"));
        assert_eq!(quoted.author_handle.as_deref(), Some("annex"));
        assert_eq!(quoted.published.map(|at| at.to_string()).as_deref(), Some("2021-05-25T13:25:57Z"));
        assert_eq!(quoted.links, ["https://t.co/a1B2c3D4e5"]);
    }

    #[test]
    fn a_blockquote_without_class_is_a_post_where_it_is_signed() {
        let signed = r#"<blockquote><p>Fog</p><p>— Ann (@annex) <a href="https://twitter.com/annex/status/1001">May 1, 2019</a></p></blockquote>"#;
        assert_eq!(forms(signed), [(Form::Blockquote, "1001".to_owned())]);
        let prose =
            r#"<blockquote>She <a href="https://twitter.com/annex/status/1001">said so</a> again.</blockquote>"#;
        assert!(forms(prose).is_empty());
    }

    #[test]
    fn buttons_and_call_outs_are_no_posts() {
        assert!(
            forms(r#"<a data-tweet-id="1001" href="https://x.com/intent/tweet?in_reply_to=1001">Reply</a>"#).is_empty()
        );
        assert!(forms(r#"<blockquote class="tweet"><p>Share this!</p></blockquote>"#).is_empty());
        assert!(forms(r#"<div data-tweet="Read this page" data-tweet-id="12 ways"></div>"#).is_empty());
    }
}

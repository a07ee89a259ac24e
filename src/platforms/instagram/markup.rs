//! Instagram's own embed markup, and the placeholders that carry only its code.
//!
//! `blockquote.instagram-media`: versions 9 to 14 name the post in `data-instgrm-permalink`; versions 1 to 8 only in
//! the first link, whose words are the caption. Until about 2018 the caption and `<time datetime>` stood in it; since
//! then there are placeholders and "View this post on Instagram".

use super::{super::Markup, super::placeholder, super::recognize_text, urls};
use crate::html::{attr, has_class, text};
use crate::model::{Form, PostRef, Quoted, Target, When};
use regex::Regex;
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;

static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));
static TIME: LazyLock<Selector> = LazyLock::new(|| Selector::parse("time").expect("the selector is a constant"));
static PARAGRAPHS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("p").expect("the selector is a constant"));

/// `A post shared by Name (@handle)`, and its translations: the name stands right before the handle in brackets.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        (?: (?:posted|shared|shared\ a\ post)\ by | geteilt\ von | (?:Ein|Eine)\ von | partag[ée]e?\ par | compartid[ao]\ (?:de|por)
          | condivis[oa]\ da | compartilhad[ao]\ por | partilhad[ao]\ por | gedeeld\ door | udost[ęe]pnion[ya]\ przez
          | Публикация\ от | delt\ av | delad\ av | delt\ af | paylaştığı )
        \s+ (?P<name>.{0,120}?) \s* \(?@(?P<handle>[A-Z0-9._]{1,30})\)?",
    )
    .expect("the pattern is a constant")
});

/// Any handle in brackets, where no language above fits.
static BRACKETED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\(@(?P<handle>[A-Za-z0-9._]{1,30})\)").expect("the pattern is a constant"));

/// Attributes that hold a code, and say by their name or element whose.
const CODE_ATTRIBUTES: [&str; 5] =
    ["data-shortcode", "data-instagram-id", "data-instagram-shortcode", "data-instagram-code", "data-instagram"];

/// The embed that an element stands for.
pub(super) fn detect(element: ElementRef<'_>) -> Option<Markup> {
    let name = element.value().name();
    let permalink = attr(element, "data-instgrm-permalink").and_then(named);
    match name {
        "blockquote" if is_marked(element) => {
            let post = permalink.or_else(|| first_link(element))?;
            let quoted = quoted(element, &post);
            Some(Markup { form: Form::Blockquote, target: Target::Post(post), quoted })
        }
        "amp-instagram" => markup(Form::Amp, attr(element, "data-shortcode").and_then(code_or_url)?),
        "a" | "iframe" | "script" | "img" | "meta" | "link" => None,
        _ => {
            let says = crate::html::classes(element).any(|class| class.to_ascii_lowercase().contains("instagram"))
                || name.contains("instagram");
            let coded = CODE_ATTRIBUTES.iter().filter(|name| says || name.contains("instagram"));
            let coded = || coded.filter_map(|name| attr(element, name)).find_map(code_or_url);
            // A consent manager's placeholder, or one of a site's own.
            let held = || attr(element, "postid").filter(|_| has_class(element, "instagram_post"));
            let said = || held().or_else(|| placeholder::said(element, urls::PLATFORM)).and_then(code_or_url);
            markup(Form::DataAttr, permalink.or_else(coded).or_else(said)?)
        }
    }
}

fn markup(form: Form, post: PostRef) -> Option<Markup> {
    Some(Markup { form, target: Target::Post(post), quoted: Quoted::default() })
}

fn is_marked(element: ElementRef<'_>) -> bool {
    has_class(element, "instagram-media")
        || ["data-instgrm-permalink", "data-instgrm-version", "data-instgrm-captioned"]
            .iter()
            .any(|name| crate::html::raw_attr(element.value(), name).is_some())
        || crate::html::classes(element).any(|class| class.starts_with("js-instagram"))
}

fn named(url: &str) -> Option<PostRef> {
    recognize_text(url)?.post().filter(|post| post.platform == urls::PLATFORM).cloned()
}

/// A code alone has 5 to 12 characters here, so that a number or a word of a script is not taken for one.
fn code_or_url(value: &str) -> Option<PostRef> {
    if value.contains('/') {
        return named(value);
    }
    let is_code = (5..=12).contains(&value.len()) || value.len() > 30;
    urls::post(value, None).filter(|post| is_code && post.id == value)
}

fn first_link(element: ElementRef<'_>) -> Option<PostRef> {
    element.select(&LINKS).filter_map(|link| attr(link, "href")).find_map(named)
}

/// Caption, author and day, as far as the blockquote holds them.
fn quoted(element: ElementRef<'_>, post: &PostRef) -> Quoted {
    let mut quoted = Quoted { author_handle: post.author.clone(), ..Quoted::default() };
    let time = element.select(&TIME).next();
    quoted.published = time.and_then(|time| When::parse(attr(time, "datetime")?));
    let whole = text(element);
    let paragraphs: Vec<_> = element.select(&PARAGRAPHS).collect();
    let signature = paragraphs.iter().rev().map(|p| text(*p)).find(|words| words.contains('@'));
    let signature = signature.as_deref().or_else(|| whole.lines().rev().find(|line| line.contains("(@")));
    if let Some(signature) = signature {
        if let Some(found) = SIGNATURE.captures(signature) {
            quoted.author_handle = Some(found["handle"].trim_end_matches('.').to_owned());
            quoted.author_name = Some(found["name"].trim().to_owned()).filter(|name| !name.is_empty());
        } else if let Some(found) = BRACKETED.captures(signature) {
            quoted.author_handle = Some(found["handle"].to_owned());
        }
    }
    // The caption is a link to the post in a paragraph of its own, before the one that is signed.
    let caption = paragraphs.iter().find_map(|p| {
        let link =
            p.select(&LINKS).find(|link| attr(*link, "href").and_then(named).is_some_and(|own| own.id == post.id))?;
        let words = text(*p);
        let is_all = text(link).len() + 2 >= words.len();
        let is_signature = signature == Some(words.as_str()) && words.contains("(@");
        (is_all && !is_signature && !is_boilerplate(&words)).then_some((words, *p))
    });
    if let Some((words, paragraph)) = caption {
        let hrefs = paragraph.select(&LINKS).filter_map(|link| attr(link, "href"));
        quoted.links = hrefs.filter(|href| named(href).is_none()).map(str::to_owned).collect();
        quoted.text = Some(words);
    }
    quoted
}

/// What Instagram itself writes into the link, in whatever language: it names the platform, or it is the signature.
fn is_boilerplate(words: &str) -> bool {
    let short = words.chars().count() < 60;
    words.is_empty()
        || (short && words.ends_with("Instagram"))
        || (short && words.contains("Instagram") && !words.contains(['#', '@']))
        || SIGNATURE.find(words).is_some_and(|found| found.start() < 40 && found.end() + 30 > words.len())
        || (short && BRACKETED.find(words).is_some_and(|found| found.end() + 2 >= words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn found(html: &str) -> Option<Markup> {
        let page = Html::parse_fragment(html);
        let all = Selector::parse("*").unwrap();
        page.select(&all).find_map(detect)
    }

    #[test]
    fn a_blockquote_of_2016_holds_caption_author_and_time() {
        let markup = found(
            "<blockquote class='instagram-media' data-instgrm-captioned data-instgrm-version='6'><div><div></div>
             <p><a href='https://www.instagram.com/p/Ca1_bC2-dE3/' target='_blank'>Rain again \u{1f327} #roof</a></p>
             <p>A photo posted by Ann Example (@ann.ex_1) on <time datetime='2015-04-03T09:30:00+00:00'>Apr 3, 2015 at
             2:30am PDT</time></p></div></blockquote>",
        )
        .unwrap();
        assert_eq!(markup.form, Form::Blockquote);
        assert_eq!(markup.target.post().unwrap().key(), "instagram:Ca1_bC2-dE3");
        let quoted = markup.quoted;
        assert_eq!(quoted.text.as_deref(), Some("Rain again \u{1f327} #roof"));
        assert_eq!(quoted.author_handle.as_deref(), Some("ann.ex_1"));
        assert_eq!(quoted.author_name.as_deref(), Some("Ann Example"));
        assert_eq!(quoted.published.unwrap().to_string(), "2015-04-03T09:30:00Z");
    }

    #[test]
    fn a_blockquote_of_today_holds_only_its_author() {
        for (words, name) in [
            ("A post shared by Ann Example (@ann.ex_1)", Some("Ann Example")),
            ("Ein Beitrag geteilt von Ann Example (@ann.ex_1)", Some("Ann Example")),
            ("Une publication partag\u{e9}e par Ann Example (@ann.ex_1)", Some("Ann Example")),
            ("Ann Example (@ann.ex_1)\u{304c}\u{30b7}\u{30a7}\u{30a2}", None),
        ] {
            let markup = found(&format!(
                "<blockquote class='instagram-media' data-instgrm-permalink='https://www.instagram.com/reel/Ca1_bC2-dE3/?utm_source=ig_embed&amp;utm_campaign=loading'
                 data-instgrm-version='14'><div><a href='https://www.instagram.com/reel/Ca1_bC2-dE3/'><div>View this post on
                 Instagram</div></a><p><a href='https://www.instagram.com/reel/Ca1_bC2-dE3/'>{words}</a></p></div></blockquote>"
            ))
            .unwrap();
            assert_eq!(markup.target.post().unwrap().id, "Ca1_bC2-dE3");
            assert_eq!(markup.quoted.text, None, "{words}");
            assert_eq!(markup.quoted.author_name.as_deref(), name, "{words}");
            assert_eq!(markup.quoted.author_handle.as_deref(), Some("ann.ex_1"));
        }
    }

    #[test]
    fn placeholders_carry_the_code() {
        for (html, form) in [
            ("<amp-instagram data-shortcode='Ca1_bC2-dE3' width='1'></amp-instagram>", Form::Amp),
            ("<amp-instagram data-shortcode='https://www.instagram.com/p/Ca1_bC2-dE3/'></amp-instagram>", Form::Amp),
            ("<div data-instgrm-permalink='https://www.instagram.com/p/Ca1_bC2-dE3/'></div>", Form::DataAttr),
            ("<div data-instagram-id='Ca1_bC2-dE3'></div>", Form::DataAttr),
            ("<div class='embed-instagram' data-shortcode='Ca1_bC2-dE3'></div>", Form::DataAttr),
        ] {
            let markup = found(html).unwrap();
            assert_eq!((markup.form, markup.target.post().unwrap().id.as_str()), (form, "Ca1_bC2-dE3"), "{html}");
        }
    }

    #[test]
    fn a_theme_and_a_profile_are_no_embeds() {
        for html in [
            "<div class='instagram-media post-template-content'><a href='https://www.instagram.com/p/Ca1_bC2-dE3/'>x</a></div>",
            "<blockquote class='instagram-media'><a href='https://www.instagram.com/ann.ex_1/'>x</a></blockquote>",
            "<div data-shortcode='gallery'></div>",
            "<div class='instagram-feed' data-instagram-id='1789'></div>",
        ] {
            assert_eq!(found(html), None, "{html}");
        }
    }
}

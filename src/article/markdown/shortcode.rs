//! Shortcodes of site generators that stand for a post become one element that the detector understands:
//! `<embalm-shortcode data-url="https://x.com/i/status/1"></embalm-shortcode>`, with the post's address as the
//! platform writes it. Nothing inside code fences or inline code is touched.
//!
//! Writings: Hugo `{{< tweet user="a" id="1" >}}` and `{{% ... %}}`; Jekyll, Eleventy, Hexo, Pelican and Liquid
//! `{% youtube ID %}`, `{% include embed/youtube.html id="ID" %}`; Zola and Nunjucks `{{ youtube(id="ID") }}`;
//! markdown-it `@[youtube](ID)`; MDX `<Tweet id="1" />`; WordPress `[tweet 1]`. Other Hugo shortcodes and Liquid tags
//! are left out, since a reader of the site never sees them.

use super::{arguments::Arguments, post_address::post_url};
use crate::html;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use std::{ops::Range, sync::LazyLock};
use url::Url;

/// A shortcode longer than this is text.
const MAX_SHORTCODE_BYTES: usize = 2000;

/// What stands for a post up to its address.
const ELEMENT_START: &str = "<embalm-shortcode data-url=\"";

/// Where a shortcode may begin, with its name.
static OPENER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \{\{<\s*(?<hugo>\w[\w./-]*) | \{\{%\s*(?<markdown>\w[\w./-]*) | \{\{<\s*/ | \{\{%\s*/
             | \{%-?\s*(?<liquid>\w[\w-]*) | \{\{-?\s*(?<call>\w+)\( | @\[(?<at>[\w-]+)\]\(
             | \{/\*(?<comment>) | <(?<component>[A-Z][A-Za-z]*) | \[(?<bracket>[a-z][a-z_]*)(?<end>[\ =:\]])",
    )
    .expect("a pattern in this file is well formed")
});

/// Names under which a shortcode is a link with words of its own, not an embed.
const LINKS: [&str; 8] = ["link", "button", "figure", "image", "img", "cite", "ref", "badge"];

/// A source, and where its last `endraw` or `endhighlight` stands: a flood of openers without an end is not searched
/// to the end again and again.
struct Source<'a> {
    text: &'a str,
    last_end: Option<usize>,
}

/// The source with its shortcodes replaced.
pub(super) fn expand(source: &str, options: Options) -> String {
    if !source.contains(['{', '[', '<']) {
        return source.to_owned();
    }
    let code = code_ranges(source, options);
    let source = Source { text: source, last_end: source.rfind("endraw").max(source.rfind("endhighlight")) };
    let text = source.text;
    let mut next_code = code.iter().peekable();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = OPENER.captures_at(text, at) {
        let whole = found.get(0).map_or(at..at, |whole| whole.range());
        while next_code.next_if(|range| range.end <= whole.start).is_some() {}
        if let Some(range) = next_code.peek().filter(|range| range.start <= whole.start) {
            out.push_str(&text[at..range.end]);
            at = range.end;
            continue;
        }
        let Some((end, replacement)) = replace(&source, &found, whole.clone()) else {
            out.push_str(&text[at..whole.end]);
            at = whole.end;
            continue;
        };
        out.push_str(&text[at..whole.start]);
        out.push_str(&replacement);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// Code blocks and inline code, in order.
fn code_ranges(source: &str, options: Options) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut block = None;
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => block = Some(range),
            Event::End(TagEnd::CodeBlock) => ranges.extend(block.take()),
            Event::Code(_) => ranges.push(range),
            _ => {}
        }
    }
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// The end of the shortcode that begins at `whole`, and what stands in its place; none where it is no shortcode.
fn replace(source: &Source<'_>, found: &regex::Captures<'_>, whole: Range<usize>) -> Option<(usize, String)> {
    let name = |group: &str| found.name(group).map(|name| name.as_str());
    let after = window(&source.text[whole.end..]);
    let until = |close: &str| {
        let length = after.find(close)?;
        Some((Arguments::parse(after[..length].trim_end_matches(['/', '-', ' '])), whole.end + length + close.len()))
    };
    if found.name("comment").is_some() {
        let length = after.find("*/}")?;
        return Some((whole.end + length + "*/}".len(), String::new()));
    }
    if let Some(name) = name("hugo") {
        let (arguments, end) = until(">}}")?;
        return Some((end, generator(name, &arguments)));
    }
    if let Some(name) = name("markdown") {
        let (arguments, end) = until("%}}")?;
        return Some((end, generator(name, &arguments)));
    }
    if let Some(name) = name("liquid") {
        let (arguments, end) = until("%}")?;
        return liquid(source, name, arguments, end);
    }
    if let Some(name) = name("call") {
        let length = after.find("}}")?;
        let inside = after[..length].trim_end_matches(['-', ' ']).strip_suffix(')')?;
        return Some((whole.end + length + 2, element(&post_url(name, &Arguments::parse(inside))?)));
    }
    if let Some(name) = name("at") {
        let (arguments, end) = until(")")?;
        return Some((end, element(&post_url(name, &arguments)?)));
    }
    if let Some(name) = name("component") {
        let length = end_of_tag(after)?;
        let url = post_url(name, &Arguments::parse(after[..length].trim_end_matches(['/', ' ', '\n'])))?;
        let close = format!("</{name}>");
        let rest = &after[length + 1..];
        let closed = rest.trim_start().starts_with(&close);
        let tail = if closed { rest.len() - rest.trim_start().len() + close.len() } else { 0 };
        return Some((whole.end + length + 1 + tail, element(&url)));
    }
    if let Some(name) = name("bracket") {
        let (arguments, end) = if found.name("end").is_some_and(|end| end.as_str() == "]") {
            (Arguments::default(), whole.end)
        } else {
            until("]")?
        };
        let (url, end) = bracket(source.text, name, arguments, end)?;
        return Some((end, element(&url)));
    }
    // The closing half of a pair.
    let length = after.find("}}")?;
    Some((whole.end + length + 2, String::new()))
}

/// A post's address by a shortcode in brackets whose opening half ends there, and the end of the whole: its arguments
/// tell the post, or what stands between it and its closing half.
fn bracket(text: &str, name: &str, mut arguments: Arguments, end: usize) -> Option<(String, usize)> {
    let rest = text.get(end..)?;
    let close = format!("[/{name}]");
    let inside = window(rest).find(&close).map(|length| (&rest[..length], end + length + close.len()));
    let url = post_url(name, &arguments);
    if let Some((held, end)) = inside {
        let url = url.or_else(|| {
            arguments.positional.splice(..0, Arguments::parse(held).positional);
            post_url(name, &arguments)
        });
        return Some((url?, end));
    }
    // `[youtube](...)` and `[tweet 1]: ...` are links, `[x 1]` is a note.
    let is_link = rest.starts_with(['(', '[', ':']);
    let url = url.filter(|_| !is_link && (name.len() > 1 || arguments.values().any(is_web)))?;
    Some((url, end))
}

/// The addresses of posts for which shortcodes stand that were left in the text of a page, with their bytes.
pub(crate) fn left_in_text(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let source = Source { text, last_end: None };
    let mut at = 0;
    while let Some(opener) = OPENER.captures_at(text, at) {
        let whole = opener.get(0).map_or(at..at, |whole| whole.range());
        at = whole.end;
        let Some((end, shown)) = replace(&source, &opener, whole.clone()) else { continue };
        if let Some(url) = shown.strip_prefix(ELEMENT_START).and_then(|rest| rest.split('"').next()) {
            found.push((whole.start..end, url.to_owned()));
            at = end;
        }
    }
    found
}

/// At most the longest shortcode's bytes.
fn window(text: &str) -> &str {
    let mut end = text.len().min(MAX_SHORTCODE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The `>` that ends a component's tag, outside quotes and braces.
fn end_of_tag(text: &str) -> Option<usize> {
    if !text.starts_with(|c: char| c.is_whitespace()) {
        return None;
    }
    let mut inside = None;
    for (at, c) in text.char_indices() {
        match inside {
            Some(close) if c == close => inside = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => inside = Some(c),
                '{' => inside = Some('}'),
                '>' => return Some(at),
                '<' => return None,
                _ => {}
            },
        }
    }
    None
}

/// What stands in the place of a generator's shortcode: a post, a link, or nothing.
fn generator(name: &str, arguments: &Arguments) -> String {
    if let Some(url) = post_url(name, arguments) {
        return element(&url);
    }
    let Some(url) = arguments.values().find(|value| is_web(value)) else { return String::new() };
    let name = name.to_ascii_lowercase();
    if LINKS.iter().any(|word| name.contains(word)) {
        let words = arguments.named(&["text", "title", "caption", "label", "alt"]).unwrap_or(url);
        return format!("<a href=\"{}\">{}</a>", html::escape(url), html::escape(words));
    }
    element(url)
}

/// A Liquid tag. `raw` and `highlight` hold text that is none; an include's file names the shortcode.
fn liquid(source: &Source<'_>, name: &str, mut arguments: Arguments, end: usize) -> Option<(usize, String)> {
    match name {
        "raw" | "highlight" => {
            source.last_end.filter(|last| *last > end)?;
            let close = Regex::new(&format!(r"\{{%-?\s*end{name}\s*-?%\}}")).ok()?;
            let found = close.find_at(source.text, end)?;
            let inside = &source.text[end..found.start()];
            let shown = if name == "raw" {
                inside.to_owned()
            } else {
                format!("<pre><code>{}</code></pre>\n", html::escape(inside.trim_matches('\n')))
            };
            Some((found.end(), shown))
        }
        "include" | "include_cached" | "include_relative" | "render" | "partial" | "shortcode" | "embed" => {
            let file = match arguments.at(0) {
                Some(first) if !is_web(first) => arguments.positional.remove(0),
                _ => name.to_owned(),
            };
            let stem = file.rsplit('/').next().unwrap_or_default();
            let stem = stem.split('.').next().unwrap_or_default();
            Some((end, generator(stem, &arguments)))
        }
        _ => Some((end, generator(name, &arguments))),
    }
}

fn element(url: &str) -> String {
    format!("{ELEMENT_START}{}\"></embalm-shortcode>", html::escape(url))
}

fn is_web(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && Url::parse(text).is_ok()
}

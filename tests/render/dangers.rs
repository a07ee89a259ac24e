//! What a browser might run or load in a page, by a parser's reading of it.

use scraper::{ElementRef, Html};

/// Where a page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// A file that holds all that it shows.
    File,
    /// The viewer.
    Viewer,
    /// The viewer, a preserved page: without any script.
    Original,
}

/// Elements that a drawn page is made of. Whatever else stands in one came from outside.
pub(crate) const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "meter",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "u",
    "ul",
    "video",
    "wbr",
];

/// What is in a page that must not be in it.
pub(crate) fn dangers(html: &str, output: Output) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut found = Vec::new();
    let (mut styles, mut metas, mut links) = (0, 0, 0);
    for element in page.tree.nodes().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        if !ELEMENTS.contains(&name) && (output == Output::File || is_archived(element)) {
            found.push(format!("element {name}"));
        }
        styles += usize::from(name == "style");
        metas += usize::from(name == "meta");
        links += usize::from(name == "link");
        if name == "script" && (output == Output::Original || !element.inner_html().is_empty()) {
            found.push(format!("script {}", element.html()));
        }
        for (attribute, value) in element.value().attrs() {
            if is_bad(name, attribute, value, output) {
                found.push(format!("{name} {attribute}={value:.120}"));
            }
        }
    }
    let all = (styles, metas, links);
    if all != (1, 6, 1) && output == Output::File || styles > 0 && output != Output::File {
        found.push(format!("{styles} style, {metas} meta, {links} link elements"));
    }
    found
}

/// Whether a page means the same when a browser writes it and reads it again: nothing in it waits for that to come alive.
pub(crate) fn is_stable(html: &str) -> bool {
    let once = embalm::html::serialize(&Html::parse_document(html));
    once == embalm::html::serialize(&Html::parse_document(&once))
}

/// Whether an element stands where a page of the viewer shows what was archived.
fn is_archived(element: ElementRef<'_>) -> bool {
    let within = |around: ElementRef<'_>| {
        around.value().name() == "main" || around.value().classes().any(|class| matches!(class, "masthead" | "frame"))
    };
    within(element) || element.ancestors().filter_map(ElementRef::wrap).any(within)
}

fn is_bad(name: &str, attribute: &str, value: &str, output: Output) -> bool {
    let plain: String =
        value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>().to_lowercase();
    let starts = |starts: &[&str]| starts.iter().any(|start| plain.starts_with(start));
    let ours = |starts: &[&str]| output != Output::File && starts.iter().any(|start| value.starts_with(start));
    match attribute {
        "href" if name == "a" => {
            let within = ours(&["/"]) && !value.starts_with("//") && !value.contains('\\');
            !within && !starts(&["http:", "https:", "mailto:", "#"])
        }
        "href" => value != "data:," && !ours(&["/assets/", "/feed/"]),
        "src" | "poster" => {
            let medium = starts(&["data:image/", "data:video/", "data:audio/"]) && !starts(&["data:image/svg"]);
            let inline = medium && output == Output::File;
            !inline && !ours(&["/media/", "/assets/"])
        }
        "action" => !ours(&["/search"]),
        "content" => plain.contains("url="),
        "srcset" | "srcdoc" | "formaction" | "background" | "ping" | "cite" | "data" | "xlink:href" | "style" => true,
        other => other.starts_with("on"),
    }
}

//! Pages that would cost a tree builder quadratic time, made harmless before they are parsed.
//!
//! A tree builder looks through its stack of open elements at nearly every tag, and through a tag's attributes at every
//! attribute. A hundred thousand open elements, or attributes of one tag, take it minutes. The scan here follows the
//! tags in linear time and drops start tags beyond a depth, and attributes beyond a number, that no honest page has.
//! Where it can't tell, it counts too deep rather than too shallow.

use std::borrow::Cow;

/// Open elements that are kept; browsers stop at 512.
const MAX_DEPTH: usize = 2_000;
/// Attributes of one tag that are kept.
const MAX_ATTRIBUTES: usize = 1_000;
/// How far down the stack an end tag is looked for; beyond it the tag is taken as unmatched.
const MAX_SEARCH: usize = 200;
/// Tags so long that they are not names.
const MAX_NAME: usize = 32;

/// Elements without an end tag, and those that the next of their kind closes: they never pile up by themselves.
const FLAT: [&str; 31] = [
    "area", "base", "basefont", "bgsound", "br", "col", "colgroup", "dd", "dt", "embed", "frame", "hr", "html", "body",
    "head", "img", "input", "keygen", "li", "link", "meta", "option", "optgroup", "p", "param", "source", "tbody",
    "thead", "track", "tr", "wbr",
];

/// Elements whose content is text, not tags.
const RAW: [&str; 9] = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"];

/// Elements that an end tag from inside does not reach beyond.
const WALLS: [&str; 14] = [
    "table",
    "td",
    "th",
    "caption",
    "button",
    "template",
    "object",
    "applet",
    "marquee",
    "select",
    "svg",
    "math",
    "foreignobject",
    "annotation-xml",
];

/// Elements that an end tag takes off alone, leaving open what stands inside them.
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Elements whose end tag closes all that is open inside them.
const BLOCKS: [&str; 34] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "pre",
    "search",
    "section",
    "summary",
    "ul",
    "ruby",
];

/// The source without what would cost the parser quadratic time; itself, borrowed, for every honest page.
#[must_use]
pub fn tame(source: &str) -> Cow<'_, str> {
    let mut scan = Scan { source, open: Vec::new(), drop: Vec::new() };
    scan.run();
    if scan.drop.is_empty() {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut from = 0;
    for (start, end) in scan.drop {
        out.push_str(&source[from..start]);
        from = end;
    }
    out.push_str(&source[from..]);
    Cow::Owned(out)
}

struct Scan<'a> {
    source: &'a str,
    /// Names of the open elements, in lower case.
    open: Vec<Cow<'a, str>>,
    /// Byte ranges to leave out, in order.
    drop: Vec<(usize, usize)>,
}

/// A tag's extent in the source.
struct Tag {
    /// After the name.
    attributes: usize,
    /// After `>`.
    end: usize,
    /// From the first attribute too many to the `>`.
    excess: Option<(usize, usize)>,
}

impl<'a> Scan<'a> {
    fn run(&mut self) {
        let bytes = self.source.as_bytes();
        let mut at = 0;
        while let Some(found) = self.source.get(at..).and_then(|rest| rest.find('<')) {
            let start = at + found;
            at = match bytes.get(start + 1) {
                Some(b'!' | b'?') => self.skip_comment(start),
                Some(b'/') if bytes.get(start + 2).is_some_and(u8::is_ascii_alphabetic) => {
                    let name = self.name(start + 2);
                    let tag = self.tag(start + 2 + name.len());
                    self.close(&name);
                    tag.end
                }
                Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(start),
                _ => start + 1,
            };
        }
    }

    fn start_tag(&mut self, start: usize) -> usize {
        let name = self.name(start + 1);
        let tag = self.tag(start + 1 + name.len());
        if RAW.contains(&name.as_ref()) && !self.in_foreign_content() {
            self.drop.extend(tag.excess);
            return self.raw_text_end(&name, tag.end);
        }
        if FLAT.contains(&name.as_ref()) {
            self.drop.extend(tag.excess);
        } else if self.open.len() >= MAX_DEPTH {
            self.drop.push((start, tag.end));
        } else {
            self.drop.extend(tag.excess);
            self.open.push(name);
        }
        debug_assert!(tag.attributes <= tag.end, "a tag ends after its name");
        tag.end
    }

    fn close(&mut self, name: &str) {
        let formatting = FORMATTING.contains(&name);
        let block = BLOCKS.contains(&name) || WALLS.contains(&name);
        let table = matches!(name, "table" | "td" | "th" | "caption" | "template" | "svg" | "math");
        for (back, open) in self.open.iter().rev().take(MAX_SEARCH).enumerate() {
            let open = open.as_ref();
            let index = self.open.len() - 1 - back;
            if open == name {
                if formatting {
                    self.open.remove(index);
                } else {
                    self.open.truncate(index);
                }
                return;
            }
            let wall = WALLS.contains(&open) && !table;
            if wall || (!block && !formatting && BLOCKS.contains(&open)) {
                return;
            }
        }
    }

    fn in_foreign_content(&self) -> bool {
        self.open.iter().rev().take(MAX_SEARCH).any(|open| matches!(open.as_ref(), "svg" | "math"))
    }

    /// The tag name that begins at a byte offset, in lower case.
    fn name(&self, start: usize) -> Cow<'a, str> {
        let rest = &self.source.as_bytes()[start..];
        let len = rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).unwrap_or(rest.len());
        // A name that is not ASCII, or absurdly long, is kept by its first byte: a letter, by the caller's look.
        let name = self.source.get(start..start + len).filter(|name| name.len() <= MAX_NAME);
        let name = name.unwrap_or(&self.source[start..=start]);
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// Follows a tag from the end of its name to its `>`.
    fn tag(&self, attributes: usize) -> Tag {
        let bytes = self.source.as_bytes();
        let (mut at, mut count, mut excess) = (attributes, 0_usize, None);
        let (mut in_name, mut quote, mut value) = (false, None, false);
        while let Some(&byte) = bytes.get(at) {
            match (quote, byte) {
                (Some(open), _) => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += memchr::memchr(open, rest).unwrap_or(rest.len() - 1);
                    (quote, value, in_name) = (None, false, false);
                }
                (None, b'>') => break,
                (None, b'"' | b'\'') if value => quote = Some(byte),
                (None, b'=') if in_name => {
                    value = true;
                    in_name = false;
                }
                (None, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') => {
                    if !value || bytes.get(at.wrapping_sub(1)) != Some(&b'=') {
                        value = false;
                        in_name = false;
                    }
                }
                (None, b'/') => in_name = false,
                (None, _) => {
                    if !in_name && !value {
                        in_name = true;
                        count += 1;
                        if count > MAX_ATTRIBUTES && excess.is_none() && self.source.is_char_boundary(at) {
                            excess = Some(at);
                        }
                    }
                }
            }
            at += 1;
        }
        let end = (at + 1).min(bytes.len());
        Tag { attributes, end, excess: excess.map(|from| (from, at)) }
    }

    /// After the comment, declaration or processing instruction that begins here.
    fn skip_comment(&self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let rest = bytes.get(start + 2..).unwrap_or_default();
        if !rest.starts_with(b"--") {
            return rest.iter().position(|byte| *byte == b'>').map_or(bytes.len(), |at| start + 2 + at + 1);
        }
        // `<!-->` is a whole comment, so its own dashes may be the closing ones.
        let close = |tail: &[u8]| tail.starts_with(b">") || tail.starts_with(b"!>");
        let mut dashes = 0_usize;
        for (at, byte) in rest.iter().enumerate() {
            if dashes >= 2 && close(&rest[at..]) {
                return start + 2 + at + if *byte == b'!' { 2 } else { 1 };
            }
            dashes = if *byte == b'-' { dashes + 1 } else { 0 };
        }
        bytes.len()
    }

    /// Where the raw text after a start tag ends: at its end tag, which the caller then reads.
    fn raw_text_end(&self, name: &str, from: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = from;
        while let Some(found) = self.source.get(at..).and_then(|rest| rest.find("</")) {
            let start = at + found + 2;
            if bytes.get(start..start + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) {
                return start - 2;
            }
            at = start;
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_honest_page_is_left_as_it_is() {
        let page = "<!doctype html><html><body><p>1 < 2<p>x<script>'<div>'</script><!-- <b> --><img src='>'></body>";
        assert!(matches!(tame(page), Cow::Borrowed(_)));
        let list = "<ul>".to_owned() + &"<li><b>x</li><p><i>y</i>".repeat(50_000) + "</ul>";
        assert!(tame(&list).len() <= list.len());
    }

    #[test]
    fn depth_and_attributes_are_cut() {
        assert_eq!(tame(&"<div>".repeat(100_000)).len(), MAX_DEPTH * 5);
        assert_eq!(tame(&"<div></x>".repeat(100_000)).matches("<div>").count(), MAX_DEPTH);
        assert_eq!(tame(&"<b><div></b>".repeat(100_000)).matches("<div>").count(), MAX_DEPTH - 1);
        let many = format!("<p {}>x</p>", (0..100_000).map(|i| format!("a{i}=\"{i}\" ")).collect::<String>());
        assert!(tame(&many).len() < 20_000);
        assert!(tame(&many).ends_with(">x</p>"));
    }

    #[test]
    fn a_comment_does_not_hide_depth() {
        let page = "<!-->".to_owned() + &"<div>".repeat(50_000) + "-->";
        assert!(tame(&page).len() < 20_000);
    }
}

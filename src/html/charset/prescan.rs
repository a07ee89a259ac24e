//! Finds the charset that a page declares inside itself: the HTML standard's prescan of `<meta>` and the XML
//! declaration, carried on over the whole page, as browsers re-read a page when they come upon a late `<meta>`.

use super::of_meta;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Browsers look for a declaration in this many bytes first; only there is `<meta>` looked for inside scripts too.
const PRESCAN_BYTES: usize = 1024;

/// How far a late `<meta>` is looked for. A head longer than this is none.
const LATE_META_BYTES: usize = 1024 * 1024;

/// Attributes read of one tag; a tag with more declares nothing after them.
const MAX_ATTRIBUTES: usize = 1000;

/// Elements whose content is text, so that a tag in it is none.
const RAW: [&[u8]; 6] = [b"script", b"style", b"textarea", b"title", b"xmp", b"noframes"];

/// The encoding that the page's own first declaration names, where it names one that exists.
pub(super) fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.starts_with(b"<\0?\0x\0") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\0<\0?\0x") {
        return Some(UTF_16BE);
    }
    let early = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    let late = &bytes[..bytes.len().min(LATE_META_BYTES)];
    scan(early, false)
        .or_else(|| if late.len() > early.len() { scan(late, true) } else { None })
        .or_else(|| xml_declaration(early))
        .map(of_meta)
}

/// Walks the markup and stops at the first `<meta>` that declares a known charset.
fn scan(bytes: &[u8], skip_raw: bool) -> Option<&'static Encoding> {
    let mut at = 0;
    while let Some(offset) = memchr(b'<', bytes.get(at..)?) {
        at += offset;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // The two hyphens may be those of the opening, as in `<!-->`.
            at += 2 + find(&rest[2..], b"-->")? + 3;
        } else if is_meta(rest) {
            let mut tag = Attributes { bytes, at: at + 5 };
            if let Some(encoding) = meta(&mut tag) {
                return Some(encoding);
            }
            at = tag.at;
        } else if rest.get(1).is_some_and(u8::is_ascii_alphabetic)
            || (rest.get(1) == Some(&b'/') && rest.get(2).is_some_and(u8::is_ascii_alphabetic))
        {
            let end = rest.iter().position(|b| b.is_ascii_whitespace() || *b == b'>')?;
            let name = rest[1..end].to_ascii_lowercase();
            let mut tag = Attributes { bytes, at: at + end };
            (0..MAX_ATTRIBUTES).find(|_| tag.next().is_none());
            at = tag.at;
            if skip_raw && RAW.contains(&name.as_slice()) {
                at += end_of_raw(bytes.get(at..)?, &name)?;
            }
        } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
            at += memchr(b'>', rest)?;
        } else {
            at += 1;
        }
    }
    None
}

fn is_meta(rest: &[u8]) -> bool {
    rest.len() > 5 && rest[1..5].eq_ignore_ascii_case(b"meta") && (rest[5].is_ascii_whitespace() || rest[5] == b'/')
}

/// The charset of one `<meta>`: its `charset`, or that in `content` where `http-equiv` says Content-Type.
fn meta(tag: &mut Attributes<'_>) -> Option<&'static Encoding> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut is_pragma = false;
    let mut needs_pragma = None;
    let mut found: Option<Option<&'static Encoding>> = None;
    for _ in 0..MAX_ATTRIBUTES {
        let Some((name, value)) = tag.next() else { break };
        if seen.contains(&name) {
            continue;
        }
        match name.as_slice() {
            b"http-equiv" => is_pragma = value.eq_ignore_ascii_case(b"content-type"),
            b"content" if found.is_none() => {
                if let Some(encoding) = charset_in_content(&value) {
                    found = Some(Some(encoding));
                    needs_pragma = Some(true);
                }
            }
            b"charset" => {
                found = Some(label(&value));
                needs_pragma = Some(false);
            }
            _ => {}
        }
        // Only three names matter, so only they are remembered.
        if matches!(name.as_slice(), b"http-equiv" | b"content" | b"charset") {
            seen.push(name);
        }
    }
    if needs_pragma? && !is_pragma {
        return None;
    }
    found?
}

/// The encoding of a label. A page that writes its `<meta>` with a script may have the label in pieces
/// (`'iso-8859-' + '2'`), which browsers see joined, since they run the script.
fn label(value: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label(value).or_else(|| {
        let plus = value.iter().position(|b| *b == b'+')?;
        let is_filler = |b: &u8| matches!(b, b'\'' | b'"' | b' ');
        let head: Vec<u8> = value[..plus].iter().copied().filter(|b| !is_filler(b)).collect();
        let tail = value[plus + 1..].iter().copied().filter(|b| !is_filler(b));
        Encoding::for_label(&head.into_iter().chain(tail).collect::<Vec<u8>>())
    })
}

/// The standard's "extracting a character encoding from a meta element".
fn charset_in_content(value: &[u8]) -> Option<&'static Encoding> {
    let lower = value.to_ascii_lowercase();
    let mut at = 0;
    loop {
        at += find(lower.get(at..)?, b"charset")? + 7;
        let rest = lower[at..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b"=") else { continue };
        let rest = rest.trim_ascii_start();
        let name = match rest.first()? {
            quote @ (b'"' | b'\'') => &rest[1..1 + memchr(*quote, &rest[1..])?],
            _ => {
                let end = rest.iter().position(|b| b.is_ascii_whitespace() || *b == b';').unwrap_or(rest.len());
                &rest[..end]
            }
        };
        return Encoding::for_label(name);
    }
}

/// `<?xml version="1.0" encoding="..."?>` at the very start.
fn xml_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let rest = &rest[..memchr(b'>', rest)?];
    let rest = rest[find(rest, b"encoding")? + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let name = &rest[1..];
    Encoding::for_label(&name[..memchr(quote, name)?])
}

/// Where the content of a raw-text element ends.
fn end_of_raw(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += find(bytes.get(at..)?, b"</")?;
        let after = &bytes[at + 2..];
        if after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name) {
            return Some(at);
        }
        at += 2;
    }
}

fn memchr(byte: u8, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| *b == byte)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// The standard's "get an attribute", one by one, names and values as bytes (names in lower case). Ends at the tag's
/// `>`, or where the bytes end: an attribute that is cut off there is none.
struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Attributes<'_> {
    type Item = (Vec<u8>, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(|b| b.is_ascii_whitespace() || b == b'/');
        if self.peek()? == b'>' {
            return None;
        }
        let start = self.at;
        self.skip(|b| !(b.is_ascii_whitespace() || matches!(b, b'/' | b'>')) && b != b'=');
        if self.at == start {
            // A name may begin with `=`.
            self.at += 1;
            self.skip(|b| !(b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'=')));
        }
        let name = self.bytes.get(start..self.at)?.to_ascii_lowercase();
        self.skip(|b| b.is_ascii_whitespace());
        if self.peek()? != b'=' {
            return Some((name, Vec::new()));
        }
        self.at += 1;
        self.skip(|b| b.is_ascii_whitespace());
        let first = self.peek()?;
        let value = if matches!(first, b'"' | b'\'') {
            let start = self.at + 1;
            let length = memchr(first, self.bytes.get(start..)?);
            let Some(length) = length else {
                self.at = self.bytes.len();
                return None;
            };
            self.at = start + length + 1;
            &self.bytes[start..start + length]
        } else {
            let start = self.at;
            self.skip(|b| !b.is_ascii_whitespace() && b != b'>');
            self.peek()?;
            &self.bytes[start..self.at]
        };
        Some((name, value.to_vec()))
    }
}

impl Attributes<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, matches: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&matches) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_meta_that_names_a_known_charset_counts() {
        let name = |html: &str| declared(html.as_bytes()).map(|encoding| encoding.name());
        assert_eq!(name("<!-- <meta charset=koi8-r> --><meta charset=bogus><META charset='big5'>"), Some("Big5"));
        assert_eq!(name("<meta content='text/html; charset=euc-kr' http-equiv=Content-Type>"), Some("EUC-KR"));
        assert_eq!(name("<meta name=x content='text/html; charset=euc-kr'>"), None);
        assert_eq!(name("<meta charset=utf-16le>"), Some("UTF-8"));
        assert_eq!(name("<a title='<meta charset=big5>'>"), None);
        assert_eq!(name("<meta charset=big5"), None);
        assert_eq!(name("<?xml version='1.0' encoding='shift_jis'?><html>"), Some("Shift_JIS"));
    }

    #[test]
    fn a_late_meta_is_found_outside_scripts_only() {
        let filler = " ".repeat(PRESCAN_BYTES);
        let late = format!("<head>{filler}<script>'<meta charset=big5>'</script><meta charset=koi8-r>");
        assert_eq!(declared(late.as_bytes()).map(Encoding::name), Some("KOI8-R"));
    }
}

//! References: characters by number, by the names of XML and HTML, and by the names that a document declares itself
//! for plain text. Nothing outside the document is asked for, and no reference is resolved inside another's text, so a
//! document can't grow by them.

use crate::html;
use std::{borrow::Cow, collections::HashMap};

/// A longer name is no reference.
const MAX_NAME_BYTES: usize = 32;

/// More different names are left as they stand.
const MAX_NAMES: usize = 300;

/// A longer text that a document declares is not used.
const MAX_DECLARED_BYTES: usize = 512;

/// The references of one document.
#[derive(Debug, Default)]
pub(super) struct Entities {
    /// Names with their text; none for those that mean nothing.
    known: HashMap<String, Option<String>>,
}

impl Entities {
    /// Takes in what an internal subset declares: `<!ENTITY name "text">`, the text without references.
    pub(super) fn declare(&mut self, doctype: &str) {
        for piece in doctype.split("<!ENTITY").skip(1).take(MAX_NAMES) {
            let mut words = piece.trim_start().splitn(2, char::is_whitespace);
            let (Some(name), Some(rest)) = (words.next(), words.next()) else { continue };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            let Some((text, _)) = rest[1..].split_once(quote) else { continue };
            let is_plain = text.len() <= MAX_DECLARED_BYTES && !text.contains(['&', '%', '<']);
            if is_plain && name.len() <= MAX_NAME_BYTES && name != "%" {
                self.known.insert(name.to_owned(), Some(text.to_owned()));
            }
        }
    }

    /// What `name` (without `&` and `;`) stands for; none where it stands for nothing.
    pub(super) fn resolve(&mut self, name: &str) -> Option<Cow<'_, str>> {
        let simple = match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => "",
        };
        if !simple.is_empty() {
            return Some(Cow::Borrowed(simple));
        }
        if let Some(number) = name.strip_prefix('#') {
            return by_number(number).map(|c| Cow::Owned(c.to_string()));
        }
        let is_name = name.len() <= MAX_NAME_BYTES && name.bytes().all(|b| b.is_ascii_alphanumeric());
        if !self.known.contains_key(name) && is_name && self.known.len() < MAX_NAMES {
            let text = by_html(name);
            self.known.insert(name.to_owned(), text);
        }
        self.known.get(name)?.as_deref().map(Cow::Borrowed)
    }

    /// Text with its references resolved; what is none stays as it stands.
    pub(super) fn unescape<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if !text.contains('&') {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let window = &rest.as_bytes()[..rest.len().min(MAX_NAME_BYTES + 1)];
            let end = memchr::memchr(b';', window);
            match end.and_then(|end| self.resolve(&rest[..end]).map(|text| (end, text))) {
                Some((end, text)) => {
                    out.push_str(&text);
                    rest = &rest[end + 1..];
                }
                None => out.push('&'),
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// A character by its number. 128 to 159 mean what they mean in windows-1252, as in browsers.
fn by_number(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    if let (0x80..=0x9f, Ok(byte)) = (code, u8::try_from(code)) {
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
    }
    Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}'))
}

/// A name of HTML, as the parser of pages knows it.
fn by_html(name: &str) -> Option<String> {
    let text = html::fragment_text(&format!("x&{name};x"));
    let text = text.strip_prefix('x')?.strip_suffix('x')?;
    (!text.contains(';')).then(|| text.to_owned())
}

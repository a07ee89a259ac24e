//! The arguments of a shortcode, whichever generator's: positional or named, quoted or bare, in braces or after colons.

/// Arguments read of one shortcode.
const MAX_ARGUMENTS: usize = 32;

/// Arguments in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Those without a name.
    pub(super) positional: Vec<String>,
    /// Those with one, in lower case.
    pub(super) named: Vec<(String, String)>,
}

impl Arguments {
    /// Reads `"a" b key="c" key='d' key={e} key={"f"} key: g, ...`.
    pub(super) fn parse(text: &str) -> Self {
        let mut arguments = Self::default();
        let mut rest = text.trim_start_matches(is_filler);
        while !rest.is_empty() && arguments.positional.len() + arguments.named.len() < MAX_ARGUMENTS {
            let (name, after) = name(rest);
            let (value, after) = value(after);
            match name {
                Some(name) => arguments.named.push((name.to_ascii_lowercase(), value.to_owned())),
                None if value.is_empty() && after.len() == rest.len() => break,
                None if value.is_empty() => {}
                None => arguments.positional.push(value.to_owned()),
            }
            rest = after.trim_start_matches(is_filler);
        }
        arguments
    }

    /// The first of these names that is there and not empty.
    pub(super) fn named(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            self.named.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
        })
    }

    /// The positional argument of this index.
    pub(super) fn at(&self, index: usize) -> Option<&str> {
        self.positional.get(index).map(String::as_str)
    }

    /// Every value, the named ones first.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|(_, value)| value.as_str()).chain(self.positional.iter().map(String::as_str))
    }
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// A leading `key=` or `key:` and the text after it. `https:` is no key.
fn name(text: &str) -> (Option<&str>, &str) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let after = rest.trim_start();
    if !name.is_empty() && !after.starts_with("://") && !after.starts_with("==") {
        if let Some(value) = after.strip_prefix('=') {
            return (Some(name), value.trim_start());
        }
        if let Some(value) = after.strip_prefix(':')
            && value.starts_with([' ', '"', '\''])
        {
            return (Some(name), value.trim_start());
        }
    }
    (None, text)
}

/// Quotes and primes that a typesetter makes of straight quotes, without telling which opens.
fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{2032}' | '\u{2033}' | '\u{ab}' | '\u{bb}')
}

fn value(text: &str) -> (&str, &str) {
    if let Some(inside) = text.strip_prefix('{') {
        let (whole, rest) = inside.split_once('}').unwrap_or((inside, ""));
        return (whole.trim().trim_matches(['"', '\'', '`']), rest);
    }
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`') || is_typographic(*c)) {
        let closes = |c: char| if is_typographic(quote) { is_typographic(c) } else { c == quote };
        let inside = &text[quote.len_utf8()..];
        let (value, rest) = inside.split_once(closes).unwrap_or((inside, ""));
        return (value.trim(), rest);
    }
    text.split_at(text.find(is_filler).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_writing_of_arguments_is_read() {
        let arguments =
            Arguments::parse(r#" "a b" c Key="d" k2='e', k3={f} k4={"g"} k5: "h" https://example.com/?i=j "#);
        assert_eq!(arguments.positional, ["a b", "c", "https://example.com/?i=j"]);
        let expected = [("key", "d"), ("k2", "e"), ("k3", "f"), ("k4", "g"), ("k5", "h")];
        let named: Vec<_> = arguments.named.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(named, expected);
    }

    #[test]
    fn broken_arguments_end() {
        assert_eq!(Arguments::parse("\"open").positional, ["open"]);
        assert_eq!(Arguments::parse("a= ").named, [("a".to_owned(), String::new())]);
        assert_eq!(Arguments::parse("=x").positional, ["=x"]);
    }
}

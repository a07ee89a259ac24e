//! The string literals of a script that is code rather than JSON, each with the name of its field where it has one.

/// A literal in double quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Literal<'s> {
    /// The name before its colon, quoted or not; empty where there is none.
    pub(super) field: &'s str,
    /// What stands between the quotes, escapes and all.
    pub(super) quoted: &'s str,
    /// Where field and literal begin and end in the script, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Longer names are no fields'.
const MAX_FIELD_BYTES: usize = 61;

/// The literals of a script, in order.
pub(super) fn literals(script: &str) -> impl Iterator<Item = Literal<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let open = at + memchr::memchr(b'"', script.as_bytes().get(at..)?)?;
        let (quoted, end) = quoted(script, open)?;
        at = end;
        // `"field": "value"` is one literal.
        if is_field(quoted)
            && let Some(value) = value_after(script, end)
            && let Some((text, end)) = self::quoted(script, value)
        {
            at = end;
            return Some(Literal { field: quoted, quoted: text, start: open, end });
        }
        let (field, start) = field_before(script, open).unwrap_or(("", open));
        Some(Literal { field, quoted, start, end })
    })
}

/// What stands in the quotes that open at a place, and where they are closed.
fn quoted(script: &str, open: usize) -> Option<(&str, usize)> {
    let bytes = script.as_bytes();
    let mut at = open + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some((script.get(open + 1..at)?, at + 1));
        }
        at += 2;
    }
}

/// Where the opening quote stands that follows a colon.
fn value_after(script: &str, from: usize) -> Option<usize> {
    let rest = script.get(from..)?;
    let after = rest.trim_start().strip_prefix(':')?.trim_start();
    after.starts_with('"').then(|| script.len() - after.len())
}

/// The bare or single-quoted name, and where it begins, of the field whose value begins at a place.
fn field_before(script: &str, at: usize) -> Option<(&str, usize)> {
    let before = script.get(..at)?.trim_end().strip_suffix(':')?.trim_end();
    let (before, is_quoted) = before.strip_suffix('\'').map_or((before, false), |inner| (inner, true));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@');
    let len = before.bytes().rev().take(MAX_FIELD_BYTES).take_while(is_part).count();
    let start = before.len() - len;
    let field = before.get(start..).filter(|field| is_field(field))?;
    Some((field, start - usize::from(is_quoted && before.as_bytes().get(start.wrapping_sub(1)) == Some(&b'\''))))
}

fn is_field(name: &str) -> bool {
    name.len() <= MAX_FIELD_BYTES
        && name.bytes().enumerate().all(|(at, byte)| match byte {
            b'_' | b'$' => true,
            b'@' => at == 0,
            _ => byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit()),
        })
        && !name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_with_their_fields() {
        let script = r#"a = {url: "x", 'b':"y\"z", "c" : "", "d": 1, e: ["f", g ("h")], "not a field": "i"}; "open"#;
        let found: Vec<_> = literals(script).map(|literal| (literal.field, literal.quoted)).collect();
        let expected = [
            ("url", "x"),
            ("b", r#"y\"z"#),
            ("c", ""),
            ("", "d"),
            ("", "f"),
            ("", "h"),
            ("", "not a field"),
            ("", "i"),
        ];
        assert_eq!(found, expected);
        assert_eq!(literals("\"a\\").next(), None);
        assert_eq!(literals("é:\"é\"").next().map(|literal| literal.quoted), Some("é"));
    }
}

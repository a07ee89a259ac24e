//! The JSON in a script: the script is it, assigns it, passes it to a call, or streams it in pieces.

use crate::detect::json::Json;

/// Places in one script where a value may begin.
const MAX_STARTS: usize = 64;

/// How Next.js streams a page's state: each call brings a piece of one long text.
pub(super) const FLIGHT: &str = "__next_f.push(";

/// Rows of such a text that are read.
const MAX_ROWS: usize = 20_000;

/// The JSON values in a script that is JSON, assigns it or passes it, and how many of its bytes they are.
pub(super) fn values(script: &str) -> (Vec<Json>, usize) {
    if let Ok(value) = serde_json::from_str(script) {
        return (vec![value], script.len());
    }
    let mut values = Vec::new();
    let mut covered = 0;
    let mut from = 0;
    let starts = script.match_indices(['=', '(', ',']).map(|(at, sign)| (at + 1, sign));
    let mut tried = 0;
    for (start, sign) in starts {
        let Some(rest) = script.get(start..).filter(|_| start >= from) else { continue };
        let rest = rest.trim_start();
        // After a comma stands an argument; only an object there can be state.
        if !rest.starts_with(['{', '[', '"', '\'']) || (sign == "," && !rest.starts_with('{')) {
            continue;
        }
        tried += 1;
        if tried > MAX_STARTS {
            break;
        }
        if let Some(quoted) = rest.strip_prefix('\'') {
            let Some((text, bytes)) = single_quoted(quoted) else { continue };
            if let Some(value) = serde_json::from_str(&text).ok().filter(|_| text.starts_with(['{', '['])) {
                values.push(value);
                covered += bytes;
                from = start + bytes;
            }
            continue;
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
        let value = match stream.next() {
            Some(Ok(Json::Text(text))) if text.starts_with(['{', '[']) => serde_json::from_str(&text).ok(),
            Some(Ok(value @ (Json::Array(_) | Json::Object(_)))) => Some(value),
            _ => continue,
        };
        values.extend(value);
        covered += stream.byte_offset();
        from = start + stream.byte_offset();
    }
    (values, covered)
}

/// The text of a literal in single quotes, its opening quote taken off, and its length there. Not known to JSON.
fn single_quoted(literal: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = literal.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((text, at + 1)),
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                quote @ ('\'' | '"' | '\\' | '/') => text.push(quote),
                // JSON knows the other escapes itself.
                other => text.extend(['\\', other]),
            },
            c => text.push(c),
        }
    }
    None
}

/// The piece of Next.js' stream that a script brings; none where it brings none.
pub(super) fn flight(script: &str) -> Option<String> {
    let at = memchr::memmem::find(script.as_bytes(), FLIGHT.as_bytes())?;
    let call = script.get(at + FLIGHT.len()..)?;
    let Json::Array(items) = serde_json::Deserializer::from_str(call).into_iter().next()?.ok()? else { return None };
    items.into_iter().nth(1).and_then(|piece| match piece {
        Json::Text(text) => Some(text),
        _ => None,
    })
}

/// The values of that stream: rows of `number:JSON`, or of `number:Tlength,text` where the length counts bytes in hex.
pub(super) fn rows(stream: &str) -> Vec<Json> {
    let mut rows = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() && rows.len() < MAX_ROWS {
        let line = rest.split('\n').next().unwrap_or_default();
        let after_line = rest.get(line.len() + 1..).unwrap_or_default();
        let Some((number, value)) = line.split_once(':') else {
            rest = after_line;
            continue;
        };
        let text = value.strip_prefix('T').and_then(|text| text.split_once(','));
        let length = text.and_then(|(length, _)| usize::from_str_radix(length, 16).ok());
        if let (Some((digits, _)), Some(length)) = (text, length) {
            let start = number.len() + ":T,".len() + digits.len();
            let end = rest.len().min(start.saturating_add(length));
            rows.extend(rest.get(start..end).map(|text| Json::Text(text.to_owned())));
            rest = rest.get(end..).unwrap_or(after_line);
        } else {
            rows.extend(serde_json::from_str(value.trim_start_matches(|c: char| c.is_ascii_uppercase())).ok());
            rest = after_line;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_found_where_a_script_holds_it() {
        for script in [
            r#"{"a":1}"#,
            r#"window.state = {"a":1};"#,
            r#"window.state = JSON.parse("{\"a\":1}")"#,
            r#"start(el, {"a":1})"#,
            r#"var state = '{\"a\":1}';"#,
        ] {
            assert_eq!(values(script).0, [Json::Object(vec![("a".to_owned(), Json::Number(1))])], "{script}");
        }
        assert_eq!(values("f(a, b) || c == d").0, []);
    }

    #[test]
    fn a_stream_is_read_by_rows() {
        let pieces = [
            r#"self.__next_f.push([1,"1:[\"$\",\"p\"]\n2:T5,a\nb\u00e9"])"#,
            r#"self.__next_f.push([1,"3:I[7]\n4:{\"b\":\"c\"}\nx"])"#,
        ];
        let stream: String = pieces.iter().filter_map(|script| flight(script)).collect();
        let text = |text: &str| Json::Text(text.to_owned());
        let expected = [
            Json::Array(vec![text("$"), text("p")]),
            text("a\nb\u{e9}"),
            Json::Array(vec![Json::Number(7)]),
            Json::Object(vec![("b".to_owned(), text("c"))]),
        ];
        assert_eq!(rows(&stream), expected);
        assert_eq!(rows("1:Tffffffffffffffff,a\n2:T,b"), [text("a\n2:T,b")]);
    }
}

//! Values as Python prints them: what `str()` makes of a dictionary, as tools write one into a cell of a table. Shapes: the
//! literals of Python's language reference (2.4), and `datetime.datetime(...)`, which prints itself as a call.

use serde_json::{Map, Value};

/// How deep lists and dictionaries stand in each other.
const MAX_DEPTH: usize = 32;

/// Reads a value; none where the text is no such value, whole.
pub(super) fn literal(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Whether this stands next, past white space; it is passed then.
    fn passes(&mut self, sign: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '{' => self.dictionary(depth),
            '[' => {
                self.passes("[");
                self.list("]", depth).map(Value::Array)
            }
            '(' => {
                self.passes("(");
                self.list(")", depth).map(Value::Array)
            }
            '\'' | '"' => self.text().map(Value::String),
            '-' | '+' | '0'..='9' => {
                serde_json::from_str(self.take(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))).ok()
            }
            _ => self.word(depth),
        }
    }

    /// A constant, or a call of which only that of a date says something here.
    fn word(&mut self, depth: usize) -> Option<Value> {
        let name = self.take(|c| c.is_alphanumeric() || c == '_' || c == '.');
        match name {
            "" => return None,
            "None" => return Some(Value::Null),
            "True" => return Some(Value::Bool(true)),
            "False" => return Some(Value::Bool(false)),
            _ => {}
        }
        if !self.passes("(") {
            return Some(Value::Null);
        }
        let given = self.list(")", depth)?;
        Some(if name.ends_with("datetime") { date(&given) } else { Value::Null })
    }

    /// Values with commas between them, as far as the sign that ends them. A name before one (`tzinfo=...`) is passed over.
    fn list(&mut self, end: &str, depth: usize) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        while !self.passes(end) {
            let value = self.value(depth + 1)?;
            values.push(if self.passes("=") { self.value(depth + 1).map(|_| Value::Null)? } else { value });
            if !self.passes(",") {
                return self.passes(end).then_some(values);
            }
        }
        Some(values)
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        self.passes("{");
        let mut fields = Map::new();
        while !self.passes("}") {
            let name = self.value(depth + 1)?;
            if !self.passes(":") {
                return None;
            }
            let value = self.value(depth + 1)?;
            fields.insert(name.as_str().map_or_else(|| name.to_string(), str::to_owned), value);
            if !self.passes(",") {
                return self.passes("}").then_some(Value::Object(fields));
            }
        }
        Some(Value::Object(fields))
    }

    fn text(&mut self) -> Option<String> {
        let mut signs = self.rest.char_indices();
        let (_, quote) = signs.next()?;
        let mut text = String::new();
        while let Some((at, sign)) = signs.next() {
            if sign == quote {
                self.rest = self.rest.get(at + 1..)?;
                return Some(text);
            }
            if sign != '\\' {
                text.push(sign);
                continue;
            }
            let digits = match signs.next()?.1 {
                'n' => {
                    text.push('\n');
                    0
                }
                'r' => {
                    text.push('\r');
                    0
                }
                't' => {
                    text.push('\t');
                    0
                }
                'x' => 2,
                'u' => 4,
                'U' => 8,
                other => {
                    text.push(other);
                    0
                }
            };
            if digits > 0 {
                let number: String = signs.by_ref().take(digits).map(|(_, digit)| digit).collect();
                text.push(u32::from_str_radix(&number, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
            }
        }
        None
    }
}

/// The instant of `datetime.datetime(year, month, day, hour, minute, second, microsecond, tzinfo=...)`; auto-archiver's are in UTC.
fn date(given: &[Value]) -> Value {
    let part = |place: usize| given.get(place).and_then(Value::as_u64);
    let (Some(year), Some(month), Some(day)) = (part(0), part(1), part(2)) else { return Value::Null };
    let [hour, minute, second, micros] = [3, 4, 5, 6].map(|place| part(place).unwrap_or(0));
    Value::String(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_python_prints_is_read_as_json_would_say_it() {
        let text = r#"{'url': "it's", 'n': -3, 'f': 1.5, 'none': None, 'yes': True, 'list': [1, 'a\n\x41\u00e9',], 'pair': (1, 2),
            '_processed_at': datetime.datetime(2026, 3, 1, 9, 30, 0, 500000, tzinfo=datetime.timezone.utc), 3: {}}"#;
        let expected = json!({"url": "it's", "n": -3, "f": 1.5, "none": null, "yes": true, "list": [1, "a\nA\u{e9}"], "pair": [1, 2],
            "_processed_at": "2026-03-01T09:30:00.500000Z", "3": {}});
        assert_eq!(literal(text), Some(expected));
    }

    #[test]
    fn what_is_no_value_or_goes_too_deep_is_none() {
        for text in ["", "{", "{'a': }", "[1", "'open", "[1] more", "{'a' 1}", "\\"] {
            assert_eq!(literal(text), None, "{text}");
        }
        assert_eq!(literal(&"[".repeat(100_000)), None);
        assert_eq!(literal(&format!("{}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1))), None);
    }
}

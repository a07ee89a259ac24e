//! The entries of large JSON files, one after the other: a list, a list in a field, an assignment of a script, one
//! object, or JSON Lines. Never more than one entry is in memory.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::{
    cell::Cell,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    ops::ControlFlow,
    rc::Rc,
};

/// The assignment before a list is shorter than this, in bytes.
const MAX_HEAD_BYTES: u64 = 4_096;

/// The largest entry, in bytes; real ones have some kilobytes.
const MAX_ENTRY_BYTES: u64 = 8 << 20;

/// Hears of each entry with its number, from 1; may say that it is enough.
pub(super) type Each<'a> = dyn FnMut(usize, Value) -> ControlFlow<()> + 'a;

/// Reads the entries of a file: of a list, or of the list in the field `of`; an object without that field, or any other
/// value, is an entry itself, and more of them may follow.
///
/// # Errors
/// In words with the place: what the file holds from there on is no JSON. Entries before that were heard.
pub(super) fn read(file: File, of: &'static str, each: &mut Each<'_>) -> Result<(), String> {
    let read = Rc::new(Cell::new(0));
    let mut source = BufReader::new(Metered { file, read: Rc::clone(&read) });
    skip_assignment(&mut source).map_err(|error| error.to_string())?;
    let mut values = serde_json::Deserializer::from_reader(source);
    let mut items = Items { of, each, count: 0, done: false, read };
    loop {
        match values.deserialize_any(&mut items) {
            Err(error) if !items.done => return Err(error.to_string()),
            _ if items.done || values.end().is_ok() => return Ok(()),
            _ => {}
        }
    }
}

/// A file of which no entry may be larger than the limit.
struct Metered {
    file: File,
    /// Bytes since the last entry.
    read: Rc<Cell<u64>>,
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read.get() > MAX_ENTRY_BYTES {
            return Err(io::Error::other(format!("an entry has more than {MAX_ENTRY_BYTES} bytes, the limit")));
        }
        let count = self.file.read(into)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// `window.YTD.tweets.part0 = ` and the like.
fn skip_assignment<R: Read>(source: &mut BufReader<R>) -> io::Result<()> {
    let head = source.fill_buf()?;
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace() && *byte < 0x80).unwrap_or(0);
    if head.get(start).is_some_and(|byte| byte.is_ascii_alphabetic()) {
        let mut skipped = Vec::new();
        source.by_ref().take(MAX_HEAD_BYTES).read_until(b'=', &mut skipped)?;
    } else {
        // A byte order mark.
        let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        source.consume(mark);
    }
    Ok(())
}

struct Items<'a, 'b> {
    of: &'static str,
    each: &'a mut Each<'b>,
    count: usize,
    done: bool,
    read: Rc<Cell<u64>>,
}

impl Items<'_, '_> {
    fn take(&mut self, value: Value) {
        self.count += 1;
        self.read.set(0);
        if !self.done && (self.each)(self.count, value).is_break() {
            self.done = true;
        }
    }
}

impl<'de> Visitor<'de> for &mut Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while !self.done
            && let Some(value) = list.next_element::<Value>()?
        {
            self.take(value);
        }
        // The rest of the list is passed over: the reader must stand after it.
        while self.done && list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut whole = serde_json::Map::new();
        let mut listed = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == self.of {
                listed = true;
                map.next_value_seed(Nested(&mut *self))?;
            } else if listed {
                map.next_value::<IgnoredAny>()?;
            } else {
                whole.insert(name, map.next_value()?);
            }
        }
        if !listed {
            self.take(Value::Object(whole));
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The list in the field.
struct Nested<'a, 'b, 'c>(&'a mut Items<'b, 'c>);

impl<'de> serde::de::DeserializeSeed<'de> for Nested<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self.0)
    }
}

/// A small JSON file as a whole; the first entry of a list.
pub(super) fn whole(file: File) -> Option<Value> {
    let mut source = BufReader::new(Metered { file, read: Rc::default() });
    skip_assignment(&mut source).ok()?;
    Value::deserialize(&mut serde_json::Deserializer::from_reader(source)).ok()
}

//! The header of one WARC record: its version and the fields that matter here.

use super::digest::Check;
use super::message::read_line;
use super::{Damage, MAX_LINE_BYTES, MAX_WARC_HEADER_BYTES, Said, arc};
use jiff::Timestamp;
use std::io::{self, BufRead};
use url::Url;

/// Damage of one record, after which the next compressed member may still be whole, or of the file itself.
pub(super) enum Trouble {
    Record(Damage),
    File(Damage),
}

impl From<Trouble> for Damage {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Record(damage) | Trouble::File(damage) => damage,
        }
    }
}

/// The WARC fields that matter here.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) kind: String,
    /// Where it is a web address.
    pub(super) url: Option<Url>,
    /// Where it is any other.
    pub(super) name: Option<Url>,
    pub(super) content_type: Option<String>,
    pub(super) said: Said,
    pub(super) date: Option<Timestamp>,
    pub(super) length: u64,
    pub(super) truncated: Option<String>,
    pub(super) block_digest: Option<String>,
    pub(super) refers_to_url: Option<Url>,
    pub(super) refers_to_date: Option<Timestamp>,
}

/// One record's parsing, which knows where to place damage.
pub(super) struct Parsing {
    pub(super) offset: u64,
}

impl Parsing {
    pub(super) fn record(&self, detail: String) -> Trouble {
        Trouble::Record(Damage { offset: self.offset, detail })
    }

    pub(super) fn io(&self, error: &io::Error) -> Trouble {
        let damage = Damage { offset: self.offset, detail: error.to_string() };
        // InvalidData is this module's own word for a line over its limit; the member around it may be sound.
        if error.kind() == io::ErrorKind::InvalidData { Trouble::Record(damage) } else { Trouble::File(damage) }
    }

    fn line(&self, input: &mut impl BufRead) -> Result<String, Trouble> {
        match read_line(input).map_err(|error| self.io(&error))? {
            Some(line) => Ok(String::from_utf8_lossy(&line).into_owned()),
            None => Err(self.record("the file ends inside a record's header".to_owned())),
        }
    }

    /// Reads a record's header from its first line on, of whichever format.
    pub(super) fn head(&self, input: &mut impl BufRead) -> Result<Fields, Trouble> {
        let first = self.line(input)?;
        if is_version(&first) {
            return self.fields(input);
        }
        arc::fields(&first).ok_or_else(|| {
            let shown: String = first.chars().take(40).collect();
            self.record(format!("expected WARC/1.0 or WARC/1.1, found {shown:?}"))
        })
    }

    /// Reads the header that follows a record's first line. A line that begins with a space goes on with the one before.
    pub(super) fn fields(&self, input: &mut impl BufRead) -> Result<Fields, Trouble> {
        let mut fields = Fields::default();
        let mut length = None;
        let mut total = 0;
        let mut field: Option<String> = None;
        loop {
            let line = self.line(input)?;
            total += line.len();
            if total > MAX_WARC_HEADER_BYTES {
                return Err(self.record(format!("a header over {MAX_WARC_HEADER_BYTES} bytes")));
            }
            if let Some(field) = field.as_mut().filter(|_| line.starts_with([' ', '\t'])) {
                if field.len() < MAX_LINE_BYTES {
                    field.push(' ');
                    field.push_str(line.trim());
                }
                continue;
            }
            if let Some((name, value)) = field.as_deref().and_then(|field| field.split_once(':')) {
                self.field(&mut fields, &mut length, name, value.trim())?;
            }
            if line.is_empty() {
                break;
            }
            field = Some(line);
        }
        fields.length = length.ok_or_else(|| self.record("no Content-Length".to_owned()))?;
        Ok(fields)
    }

    fn field(&self, fields: &mut Fields, length: &mut Option<u64>, name: &str, value: &str) -> Result<(), Trouble> {
        if !name.eq_ignore_ascii_case("content-length") {
            fields.set(name, value);
            return Ok(());
        }
        let parsed = value.parse::<u64>().map_err(|_| self.record(format!("Content-Length is {value:?}")))?;
        if length.is_some_and(|earlier| earlier != parsed) {
            return Err(self.record("two values of Content-Length".to_owned()));
        }
        *length = Some(parsed);
        Ok(())
    }
}

/// Whether a line begins a record of a version that is read: the drafts before 1.0 have the same fields.
pub(super) fn is_version(line: &str) -> bool {
    matches!(line.trim_end(), "WARC/1.0" | "WARC/1.1" | "WARC/0.16" | "WARC/0.17" | "WARC/0.18")
}

/// `WARC-Date`. 1.1 lets years, months and days stand for themselves; what is left out is its beginning.
pub(super) fn date(value: &str) -> Option<Timestamp> {
    let whole = value.parse().ok();
    let day = || match value.len() {
        4 => format!("{value}-01-01"),
        7 => format!("{value}-01"),
        _ => value.to_owned(),
    };
    whole.or_else(|| format!("{}T00:00:00Z", day()).parse().ok())
}

impl Fields {
    pub(super) fn check(&self) -> Option<Check> {
        Check::new(self.block_digest.as_deref()?)
    }

    fn set(&mut self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "warc-type" => self.kind = value.to_ascii_lowercase(),
            "warc-target-uri" => {
                self.url = web_url(value);
                self.name = if self.url.is_none() { plain_url(value) } else { None };
            }
            "warc-record-id" => self.said.id = Some(value.to_owned()),
            "warc-refers-to" => self.said.refers_to = Some(value.to_owned()),
            "warc-payload-digest" => self.said.payload_digest = Some(value.to_owned()),
            "content-type" => self.content_type = Some(value.to_owned()),
            "warc-date" => self.date = date(value),
            "warc-truncated" => self.truncated = Some(value.chars().take(80).collect()),
            "warc-block-digest" => self.block_digest = Some(value.to_owned()),
            "warc-refers-to-target-uri" => self.refers_to_url = web_url(value),
            "warc-refers-to-date" => self.refers_to_date = date(value),
            // The rest stands in other records, which nobody writes any more.
            "warc-segment-number" => self.truncated = Some("it is one segment of several".to_owned()),
            _ => {}
        }
    }
}

pub(super) fn web_url(value: &str) -> Option<Url> {
    plain_url(value).filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// WARC 1.0's grammar puts `<` and `>` around a URI; most writers do not.
fn plain_url(value: &str) -> Option<Url> {
    let value = value.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(value);
    let mut url = Url::parse(value).ok()?;
    url.set_fragment(None);
    Some(url)
}

//! The header of one WARC record: its version and the fields that matter here.

use super::digest::Check;
use super::message::read_line;
use super::{Damage, MAX_WARC_HEADER_BYTES, Said};
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
    block_digest: Option<String>,
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

    /// Reads a record's first line.
    pub(super) fn version(&self, input: &mut impl BufRead) -> Result<(), Trouble> {
        let version = self.line(input)?;
        if !is_version(&version) {
            let shown: String = version.chars().take(40).collect();
            if version.starts_with("filedesc://") {
                let advice = "an ARC file, the format before WARC; `warcio recompress` makes a WARC of it";
                return Err(Trouble::File(Damage { offset: self.offset, detail: advice.to_owned() }));
            }
            return Err(self.record(format!("expected WARC/1.0 or WARC/1.1, found {shown:?}")));
        }
        Ok(())
    }

    /// Reads the header that follows a record's first line.
    pub(super) fn fields(&self, input: &mut impl BufRead) -> Result<Fields, Trouble> {
        let mut fields = Fields::default();
        let mut length = None;
        let mut total = 0;
        loop {
            let line = self.line(input)?;
            if line.is_empty() {
                break;
            }
            total += line.len();
            if total > MAX_WARC_HEADER_BYTES {
                return Err(self.record(format!("a header over {MAX_WARC_HEADER_BYTES} bytes")));
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                let parsed = value.parse::<u64>().map_err(|_| self.record(format!("Content-Length is {value:?}")))?;
                if length.is_some_and(|earlier| earlier != parsed) {
                    return Err(self.record("two values of Content-Length".to_owned()));
                }
                length = Some(parsed);
            } else {
                fields.set(name, value);
            }
        }
        fields.length = length.ok_or_else(|| self.record("no Content-Length".to_owned()))?;
        Ok(fields)
    }
}

/// Whether a line begins a record of a version that is read.
pub(super) fn is_version(line: &str) -> bool {
    matches!(line.trim_end(), "WARC/1.0" | "WARC/1.1")
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
            "warc-date" => self.date = value.parse().ok(),
            "warc-truncated" => self.truncated = Some(value.chars().take(80).collect()),
            "warc-block-digest" => self.block_digest = Some(value.to_owned()),
            "warc-refers-to-target-uri" => self.refers_to_url = web_url(value),
            "warc-refers-to-date" => self.refers_to_date = value.parse().ok(),
            _ => {}
        }
    }
}

fn web_url(value: &str) -> Option<Url> {
    plain_url(value).filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// WARC 1.0's grammar puts `<` and `>` around a URI; most writers do not.
fn plain_url(value: &str) -> Option<Url> {
    let value = value.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(value);
    let mut url = Url::parse(value).ok()?;
    url.set_fragment(None);
    Some(url)
}

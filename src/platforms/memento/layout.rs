//! Where a web archive keeps things: its index, its copies, its request to save a page.
//!
//! | archive | index | copies | known from |
//! |---|---|---|---|
//! | Wayback Machine and its kin | `/cdx/search/cdx` | `/web/TIMEid_/URL` | internetarchive/wayback, the CDX server's README, 2013 to 2024 |
//! | a collection of pywb and its kin | `COLLECTION/cdx` | `COLLECTION/TIMEid_/URL` | webrecorder/pywb, docs/manual/cdxserver_api.rst, 2026 |
//! | either, where no index answers | `/wayback/available` | as it says | archive.org/help/wayback_api.php |
//!
//! `id_` after the time asks for the bytes as they were archived, without the archive's banner and rewritten links.

use crate::http::Request;
use crate::model::Memento;
use jiff::{Timestamp, civil, tz::TimeZone};
use url::Url;

/// Rows of an index that are asked for.
const MAX_ROWS: usize = 500;

/// Bytes of an index's answer.
const MAX_INDEX_BYTES: u64 = 2 << 20;

/// A web archive, named by the address under which its index and its copies are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Without a slash at its end.
    base: String,
}

/// One way of asking what an archive holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Index {
    /// `/cdx/search/cdx`
    Wayback,
    /// `/cdx`
    Collection,
    /// `/wayback/available`
    Available,
}

/// What an archive is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The address as it was on the web.
    pub url: Url,
    /// Addresses that begin so are meant as well, such as the same page with a query.
    pub prefix: bool,
}

impl Lookup {
    /// This address alone.
    #[must_use]
    pub fn of(url: Url) -> Self {
        Self { url, prefix: false }
    }

    /// This address, and those that it begins and that name the same post.
    #[must_use]
    pub fn beginning(url: Url) -> Self {
        Self { url, prefix: true }
    }
}

impl Archive {
    /// The archive at this address: `https://web.archive.org`, or a collection such as
    /// `https://archive.example/collection`.
    ///
    /// # Errors
    /// Says what an address needs to be one.
    pub fn new(base: &str) -> Result<Self, String> {
        let url = Url::parse(base).map_err(|error| format!("{base:?} is not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("{base:?} is not an http or https address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address holds a user name or password".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{base:?} has a query or fragment; give the address before it"));
        }
        let base = url.as_str().trim_end_matches('/');
        // The copies' own address is what people copy from their browser.
        let base = base.strip_suffix("/web").unwrap_or(base).to_owned();
        Ok(Self { base })
    }

    /// Where to ask the archive to save a page now.
    #[must_use]
    pub fn save(&self, page: &Url) -> Option<Url> {
        Url::parse(&format!("{}/save/{}", self.base, unbroken(page.as_str()))).ok()
    }

    /// The archive's copy of a file that a copied page names, as near to that page's time as there is one.
    #[must_use]
    pub fn beside(memento: &Memento, file: &str) -> Option<Url> {
        let (prefix, _, _) = parts(&memento.url)?;
        let file = Url::parse(file).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Url::parse(&format!("{prefix}{}id_/{}", stamp(memento.archived_at), unbroken(file.as_str()))).ok()
    }

    /// Whether a URL is of this archive.
    pub(super) fn holds(&self, url: &Url) -> bool {
        let web = |text: &str| text.split_once("://").map_or_else(|| text.to_owned(), |(_, rest)| rest.to_owned());
        web(url.as_str()).starts_with(&format!("{}/", web(&self.base)))
    }

    /// The ways of asking what it holds, the likeliest first.
    pub(super) fn indexes(&self) -> &'static [Index] {
        match self.has_path() {
            true => &[Index::Collection, Index::Wayback, Index::Available],
            false => &[Index::Wayback, Index::Available],
        }
    }

    fn has_path(&self) -> bool {
        Url::parse(&self.base).is_ok_and(|url| url.path() != "/")
    }

    /// The request for an index's rows of an address. `near` is for the one that names only its nearest copy.
    pub(super) fn question(&self, index: Index, lookup: &Lookup, near: Option<Timestamp>) -> Option<Request> {
        let path = match index {
            Index::Wayback => "cdx/search/cdx",
            Index::Collection => "cdx",
            Index::Available => "wayback/available",
        };
        // The Wayback Machine answers this question under its other name.
        let base = match self.base.as_str() {
            "https://web.archive.org" if index == Index::Available => "https://archive.org",
            base => base,
        };
        let mut url = Url::parse(&format!("{base}/{path}")).ok()?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("url", lookup.url.as_str());
            if index == Index::Available {
                if let Some(near) = near {
                    query.append_pair("timestamp", &stamp(near));
                }
            } else {
                query.append_pair("output", "json").append_pair("filter", "statuscode:200");
                if lookup.prefix {
                    query.append_pair("matchType", "prefix");
                }
                query.append_pair("collapse", "digest").append_pair("limit", &MAX_ROWS.to_string());
            }
        }
        let mut request = Request::get(url);
        request.max_bytes = Some(MAX_INDEX_BYTES);
        Some(request)
    }

    /// The raw form of a copy. None where the two make no address.
    pub(super) fn raw(&self, index: Index, archived_at: Timestamp, original: &str) -> Option<Memento> {
        let is_collection = index == Index::Collection || (index == Index::Available && self.has_path());
        let folder = if is_collection { "" } else { "web/" };
        let url = format!("{}/{folder}{}id_/{}", self.base, stamp(archived_at), unbroken(original));
        Some(Memento { url: Url::parse(&url).ok()?, archived_at })
    }
}

/// An address as the end of another: a fragment would be taken for the whole one's.
fn unbroken(address: &str) -> String {
    address.replace('#', "%23")
}

/// The fourteen digits of a time.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%d%H%M%S").to_string()
}

/// A time of fourteen digits; fewer are read as the beginning of what they name.
pub(super) fn time(stamp: &str) -> Option<Timestamp> {
    if !(4..=14).contains(&stamp.len()) || !stamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let full = format!("{stamp}{}", "00000101000000".get(stamp.len()..)?);
    let part = |from: usize, to: usize| full.get(from..to)?.parse::<i8>().ok();
    let year = full.get(..4)?.parse::<i16>().ok()?;
    let date = civil::Date::new(year, part(4, 6)?, part(6, 8)?).ok()?;
    let time = civil::Time::new(part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    civil::DateTime::from_parts(date, time).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// A copy's address in its parts: what stands before the time, the time, and the address that was archived.
pub(super) fn parts(copy: &Url) -> Option<(String, Timestamp, Url)> {
    let text = copy.as_str();
    let mut at = text.find("://")? + 3;
    while let Some(slash) = text.get(at..)?.find('/') {
        let start = at + slash + 1;
        let part = text.get(start..)?.split('/').next()?;
        let digits = part.trim_end_matches(|c: char| c == '_' || c.is_ascii_lowercase());
        if digits.len() == 14
            && let Some(time) = time(digits)
        {
            let original = text.get(start + part.len() + 1..)?;
            // Some servers fold the two slashes into one; the parser reads both.
            let has_scheme = ["http:/", "https:/"].iter().any(|scheme| original.starts_with(scheme));
            let original = if has_scheme { original.to_owned() } else { format!("http://{original}") };
            return Some((text.get(..start)?.to_owned(), time, Url::parse(&original).ok()?));
        }
        at = start;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_copy_is_taken_apart() {
        let copy = Url::parse("https://web.archive.example/web/20150203040506id_/http://a.example/b?c=d/e").unwrap();
        let (prefix, at, original) = parts(&copy).unwrap();
        assert_eq!(prefix, "https://web.archive.example/web/");
        assert_eq!((at.to_string().as_str(), original.as_str()), ("2015-02-03T04:05:06Z", "http://a.example/b?c=d/e"));
        let bare = Url::parse("http://a.example/coll/20150203040506/x.example/1").unwrap();
        assert_eq!(parts(&bare).unwrap().2.as_str(), "http://x.example/1");
        assert_eq!(parts(&Url::parse("https://a.example/20159903040506id_/http://b.example/").unwrap()), None);
        assert_eq!(time("2015").unwrap().to_string(), "2015-01-01T00:00:00Z");
    }

    #[test]
    fn an_archive_is_named_by_its_address() {
        let archive = Archive::new("https://web.archive.org/web/").unwrap();
        assert_eq!(archive, Archive::new("https://web.archive.org").unwrap());
        let page = Url::parse("https://a.example/b#c").unwrap();
        assert_eq!(archive.save(&page).unwrap().as_str(), "https://web.archive.org/save/https://a.example/b%23c");
        for wrong in ["web.archive.org", "ftp://a.example", "https://a:b@c.example", "https://a.example/?url="] {
            assert!(Archive::new(wrong).is_err(), "{wrong}");
        }
    }
}

//! A web archive for tests: an index, an availability answer and raw copies, in the layouts that embalm knows.

use serde_json::{Value, json};
use url::Url;

/// One copy.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    /// Fourteen digits.
    pub(crate) at: String,
    /// The address that was archived.
    pub(crate) of: String,
    pub(crate) status: u16,
    pub(crate) mime: String,
    pub(crate) body: Vec<u8>,
}

impl Copy {
    pub(crate) fn page(at: &str, of: &str, body: &str) -> Self {
        let mime = "text/html".to_owned();
        Self { at: at.to_owned(), of: of.to_owned(), status: 200, mime, body: body.as_bytes().to_vec() }
    }
}

/// Which interface it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// `/cdx/search/cdx` and `/web/`, rows as JSON lists.
    Wayback,
    /// `/coll/cdx` and `/coll/`, rows as JSON lines.
    Collection,
    /// `/wayback/available` and `/web/` alone.
    Available,
}

#[derive(Clone, Debug)]
pub(crate) struct WebArchive {
    pub(crate) interface: Interface,
    pub(crate) copies: Vec<Copy>,
}

/// Status, headers, body.
pub(crate) type Told = (u16, Vec<(String, String)>, Vec<u8>);

impl WebArchive {
    /// The address that a user would configure, on this host.
    pub(crate) fn base(&self, origin: &str) -> String {
        let path = if self.interface == Interface::Collection { "/coll" } else { "" };
        format!("{origin}{path}")
    }

    pub(crate) fn answer(&self, asked: &Url) -> Told {
        let index = if self.interface == Interface::Collection { "/coll/cdx" } else { "/cdx/search/cdx" };
        let copies = if self.interface == Interface::Collection { "/coll/" } else { "/web/" };
        match asked.path() {
            path if path == index && self.interface != Interface::Available => self.rows(asked),
            "/wayback/available" => self.nearest(asked),
            path if path.starts_with(copies) => self.copy(asked, copies),
            _ => html(404, "<html><title>Not here</title></html>"),
        }
    }

    fn rows(&self, asked: &Url) -> Told {
        let query = |name: &str| asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let wanted = key(&query("url").expect("an index is asked for an address"));
        let prefix = query("matchType").as_deref() == Some("prefix");
        let found = self.copies.iter().filter(|copy| {
            let own = key(&copy.of);
            (own == wanted || (prefix && own.starts_with(&wanted))) && copy.status == 200
        });
        let mut rows: Vec<(&Copy, String)> = found
            .map(|copy| {
                (copy, format!("{:X}", copy.body.iter().fold(7_u64, |sum, b| sum.wrapping_mul(31) ^ u64::from(*b))))
            })
            .collect();
        rows.sort_by_key(|(copy, _)| (copy.of.clone(), copy.at.clone()));
        if self.interface == Interface::Collection {
            if rows.is_empty() {
                return (
                    404,
                    headers("text/x-ndjson"),
                    json!({"message": "No Captures found"}).to_string().into_bytes(),
                );
            }
            let lines: Vec<String> = rows.iter().map(|(copy, digest)| {
                json!({"urlkey": key(&copy.of), "timestamp": copy.at, "url": copy.of, "mime": copy.mime, "status": "200", "digest": digest}).to_string()
            }).collect();
            return (200, headers("text/x-ndjson"), lines.join("\n").into_bytes());
        }
        let mut lists = vec![json!(["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"])];
        lists.extend(
            rows.iter().map(|(copy, digest)| json!([key(&copy.of), copy.at, copy.of, copy.mime, "200", digest, "1"])),
        );
        let lists = if lists.len() == 1 { Vec::new() } else { lists };
        (200, headers("application/json"), Value::from(lists).to_string().into_bytes())
    }

    fn nearest(&self, asked: &Url) -> Told {
        let query = |name: &str| asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let address = query("url").expect("availability is asked for an address");
        let wanted = key(&address);
        let near: i64 = query("timestamp").map_or(i64::MAX, |stamp| stamp.parse().expect("digits"));
        let number = |copy: &&Copy| near.abs_diff(copy.at.parse().expect("digits"));
        let found = self.copies.iter().filter(|copy| key(&copy.of) == wanted && copy.status == 200).min_by_key(number);
        let closest = found.map_or(json!({}), |copy| {
            let url = format!("http://web.archive.example/web/{}/{}", copy.at, copy.of);
            json!({"closest": {"available": true, "status": "200", "timestamp": copy.at, "url": url}})
        });
        let answer = json!({"url": address, "archived_snapshots": closest});
        (200, headers("application/json"), answer.to_string().into_bytes())
    }

    fn copy(&self, asked: &Url, prefix: &str) -> Told {
        let rest = asked.as_str().split_once(&format!("{}{prefix}", asked.host_str().unwrap_or_default()));
        let rest = rest
            .map(|(_, rest)| rest.to_owned())
            .or_else(|| asked.as_str().split_once(prefix).map(|(_, rest)| rest.to_owned()));
        let rest = rest.unwrap_or_default();
        let (stamp, original) = rest.split_once("id_/").unwrap_or_default();
        match self.copies.iter().find(|copy| copy.at == stamp && key(&copy.of) == key(original)) {
            Some(copy) if (300..400).contains(&copy.status) => {
                let target = String::from_utf8_lossy(&copy.body).into_owned();
                (copy.status, vec![("location".to_owned(), target)], Vec::new())
            }
            Some(copy) => {
                let mut headers = headers(&copy.mime);
                headers.push(("x-archive-orig-server".to_owned(), "tsa".to_owned()));
                (copy.status, headers, copy.body.clone())
            }
            None => html(404, "<html><title>The archive has not kept that page</title></html>"),
        }
    }
}

fn headers(mime: &str) -> Vec<(String, String)> {
    vec![("content-type".to_owned(), mime.to_owned())]
}

fn html(status: u16, body: &str) -> Told {
    (status, headers("text/html"), body.as_bytes().to_vec())
}

/// An address as an index files it: without scheme and `www.`.
fn key(address: &str) -> String {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.trim_start_matches("www.").trim_end_matches('/').to_ascii_lowercase()
}

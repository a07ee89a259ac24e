//! The key under which an index finds a URL: the host turned round, and what does not matter taken away, as the archives
//! of the field agree on it (`surt` of the Internet Archive, which pywb and cdxj-indexer use).

use percent_encoding::{AsciiSet, CONTROLS, percent_decode, percent_encode};
use regex::bytes::Regex;
use std::sync::LazyLock;
use url::Url;

/// Bytes that stand in a key as an escape.
const ESCAPED: AsciiSet = CONTROLS.add(b' ').add(b'#').add(b'%');

/// How often escapes inside escapes are undone.
const MAX_ROUNDS: usize = 16;

static WWW: LazyLock<Regex> = LazyLock::new(|| regex(r"^www\d*\."));

/// Sessions that servers of old put into paths.
static PATH_SESSIONS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        regex(r"(?is)^(.*/)((?:\((?:[a-z]\([0-9a-z]{24}\))+\))/)([^?]+\.aspx.*)$"),
        regex(r"(?is)^(.*/)(\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$"),
    ]
});

/// And into queries.
static QUERY_SESSIONS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        regex(r"(?is)^(.*)(?:jsessionid=[0-9a-z]{32})(?:&(.*))?$"),
        regex(r"(?is)^(.*)(?:phpsessid=[0-9a-z]{32})(?:&(.*))?$"),
        regex(r"(?is)^(.*)(?:sid=[0-9a-z]{32})(?:&(.*))?$"),
        regex(r"(?is)^(.*)(?:aspsessionid[a-z]{8}=[a-z]{24})(?:&(.*))?$"),
        regex(r"(?is)^(.*)(?:cfid=[^&]+&cftoken=[^&]+)(?:&(.*))?$"),
    ]
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern that is written here compiles")
}

/// The key of a target. One that is no http or https URL is its own, in lower case.
pub(super) fn key(target: &str) -> String {
    match Url::parse(target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => of_url(&url),
        _ => other(target),
    }
}

fn of_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_matches('.').to_ascii_lowercase();
    let host = WWW.replace(host.as_bytes(), &b""[..]);
    let mut key = String::from_utf8_lossy(&host).rsplit('.').collect::<Vec<_>>().join(",");
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push(')');
    key.push_str(&path(url.path()));
    if let Some(query) = url.query().map(query).filter(|query| !query.is_empty()) {
        key.push('?');
        key.push_str(&query);
    }
    key
}

fn path(path: &str) -> String {
    let mut kept: Vec<&[u8]> = Vec::new();
    let plain = unescaped(path.as_bytes());
    for part in plain.split(|byte| *byte == b'/').skip(1) {
        match part {
            b"." => {}
            b".." if !kept.is_empty() => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    let end = kept.pop().unwrap_or_default();
    // Empty parts go, but for the last one, which is a slash at the end.
    kept.retain(|part| !part.is_empty());
    kept.push(end);
    let mut path = b"/".to_vec();
    path.extend(kept.join(&b'/'));
    let mut path = escaped(&path).to_ascii_lowercase().into_bytes();
    for session in PATH_SESSIONS.iter() {
        path = session.replace(&path, &b"$1$3"[..]).into_owned();
    }
    if path.len() > 1 && path.ends_with(b"/") {
        path.pop();
    }
    String::from_utf8_lossy(&path).into_owned()
}

fn query(query: &str) -> String {
    let mut query = escaped(&unescaped(query.as_bytes())).into_bytes();
    for session in QUERY_SESSIONS.iter() {
        query = session.replace(&query, &b"$1$2"[..]).into_owned();
    }
    let query = String::from_utf8_lossy(&query).to_ascii_lowercase();
    let mut parts: Vec<_> =
        query.split('&').map(|part| part.split_once('=').map_or((part, None), |(n, v)| (n, Some(v)))).collect();
    parts.sort_unstable();
    let parts: Vec<_> =
        parts.into_iter().map(|(name, value)| value.map_or(name.to_owned(), |v| format!("{name}={v}"))).collect();
    parts.join("&")
}

/// A target of another scheme: `urn:…`.
fn other(target: &str) -> String {
    let (scheme, rest) = target.split_once(':').unwrap_or(("urn", target));
    format!("{}:{}", scheme, escaped(&unescaped(rest.as_bytes())).to_ascii_lowercase())
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..MAX_ROUNDS {
        let plain: Vec<u8> = percent_decode(&bytes).collect();
        if plain == bytes {
            break;
        }
        bytes = plain;
    }
    bytes
}

fn escaped(bytes: &[u8]) -> String {
    percent_encode(bytes, &ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_that_other_tools_make() {
        let cases = std::fs::read_to_string("fixtures/surt.tsv").unwrap();
        let mut seen = 0;
        for (url, expected) in cases.lines().filter_map(|line| line.split_once('\t')) {
            assert_eq!(key(url), expected, "{url}");
            seen += 1;
        }
        assert!(seen > 20, "the cases were not found");
    }
}

//! The heads of HTTP messages as records hold them: no secrets, no coding that the body is no longer in.

use crate::http::{self, Headers, Request};
use std::fmt::Write as _;
use url::Url;

/// Headers of the wire that are no longer true of a decoded body.
const CODING_HEADERS: [&str; 3] = ["content-encoding", "transfer-encoding", "content-length"];

/// What stands before the name of a header that is no longer true of the body, as pywb and warcio have it.
pub(in crate::warc) const SET_ASIDE: &str = "x-archive-orig-";

/// The head of an answer, with the empty line behind it.
#[must_use]
pub fn response_head(status: u16, headers: &Headers, body_bytes: u64) -> String {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in &headers.0 {
        if http::is_secret_header(name) {
            continue;
        }
        // What a server itself calls by such a name is set aside once more, so that a reader has it back as it was.
        if CODING_HEADERS.contains(&name.as_str()) || name.starts_with(SET_ASIDE) {
            line(&mut text, &format!("{SET_ASIDE}{name}"), value);
        } else {
            line(&mut text, name, value);
        }
    }
    line(&mut text, "content-length", &body_bytes.to_string());
    text.push_str("\r\n");
    text
}

/// The head of the request behind an answer at `url`: the planned one, or that of a redirect, which repeats its headers
/// only.
#[must_use]
pub(super) fn request_head(request: &Request, url: &Url, first: bool, body_bytes: u64) -> String {
    let method = if first { request.method.as_str() } else { "GET" };
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut text = format!("{} {}{query} HTTP/1.1\r\n", printable(method), url.path());
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    line(&mut text, "host", &format!("{}{port}", url.host_str().unwrap_or_default()));
    for (name, value) in &request.headers.0 {
        if !http::is_secret_header(name) && name != "host" && !CODING_HEADERS.contains(&name.as_str()) {
            line(&mut text, name, value);
        }
    }
    if body_bytes > 0 {
        line(&mut text, "content-length", &body_bytes.to_string());
    }
    text.push_str("\r\n");
    text
}

/// The URL without a fragment, and without a user's name and password.
#[must_use]
pub fn public_url(url: &Url) -> Url {
    let mut url = http::without_userinfo(url);
    url.set_fragment(None);
    url
}

/// One header line. A name that is none is left out; a value cannot begin another line.
pub(super) fn line(text: &mut String, name: &str, value: &str) {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.is_empty() && name.bytes().all(token) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}: {}\r\n", printable(value));
    }
}

fn printable(value: &str) -> String {
    value.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}

/// The usual words for a status; readers go by the number.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

//! `cookies.txt`, the format of Netscape's browser that curl, yt-dlp and browsers' extensions write: seven fields with
//! tabs between them. `#HttpOnly_` before the domain is curl's mark, not a comment.

use jiff::Timestamp;
use std::fmt;

/// More cookies than any browser holds for the sites of one file.
const MAX_COOKIES: usize = 20_000;

/// One cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    /// In lower case, without a dot before it.
    domain: String,
    /// Also for the hosts under the domain.
    subdomains: bool,
    /// Begins with a slash.
    pub(super) path: String,
    /// Until when; none for the end of a browser's session, which has none here.
    expires_s: Option<i64>,
    pub(super) name: String,
    pub(super) value: String,
}

/// Without the value.
impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} {}", self.domain, self.path, self.name)
    }
}

/// A file that is none. It names the line and never what stands there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// One line.
    #[error("line {line} is no cookie: {why}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// The whole.
    #[error("{0}")]
    File(&'static str),
}

/// Reads a file's text.
///
/// # Errors
/// [`CookieError`] where it is in another format, or a line is no cookie.
pub fn read_cookies(text: &str) -> Result<Vec<Cookie>, CookieError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['[', '{']) {
        return Err(CookieError::File("it is JSON; export the cookies as cookies.txt, in Netscape's format"));
    }
    let mut cookies = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = line.strip_prefix("#HttpOnly_").unwrap_or(line);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if cookies.len() >= MAX_COOKIES {
            return Err(CookieError::File("it holds more cookies than are read"));
        }
        cookies.push(cookie(line).map_err(|why| CookieError::Line { line: n + 1, why })?);
    }
    Ok(cookies)
}

fn cookie(line: &str) -> Result<Cookie, &'static str> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [domain, subdomains, path, secure, expires, name, value] = fields.as_slice() else {
        return Err("seven fields with tabs between them are due");
    };
    let flag = |field: &str| match field.to_ascii_uppercase().as_str() {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err("the second and the fourth field are TRUE or FALSE"),
    };
    let (subdomains, _secure) = (flag(subdomains)?, flag(secure)?);
    let host = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    let is_host =
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if !is_host || host.starts_with('.') || host.ends_with('.') {
        return Err("the first field is no host");
    }
    // A cookie for all of a top level would go to anybody.
    if subdomains && !host.contains('.') {
        return Err("it is for all hosts of a top level domain");
    }
    if !path.starts_with('/') {
        return Err("the path does not begin with a slash");
    }
    // Some exports write fractions of a second.
    let expires_s = expires.split('.').next().and_then(|seconds| seconds.parse::<i64>().ok());
    let expires_s = expires_s.ok_or("the fifth field is no number of seconds")?;
    let is_token = |b: u8| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err("the name holds what no name of a cookie may hold");
    }
    if !value.bytes().all(|b| (b.is_ascii_graphic() || b == b' ') && b != b';') {
        return Err("the value holds what no value of a cookie may hold");
    }
    Ok(Cookie {
        domain: host,
        subdomains: subdomains || domain.starts_with('.'),
        path: (*path).to_owned(),
        expires_s: Some(expires_s).filter(|seconds| *seconds > 0),
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    })
}

impl Cookie {
    /// RFC 6265, 5.1.3. An address is no domain.
    pub(super) fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        if host.eq_ignore_ascii_case(&self.domain) {
            return true;
        }
        self.subdomains
            && host.parse::<std::net::IpAddr>().is_err()
            && host.to_ascii_lowercase().strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'))
    }

    /// RFC 6265, 5.1.4.
    pub(super) fn is_at(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str())
            .is_some_and(|rest| self.path.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether it has not expired.
    #[must_use]
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.expires_s.is_none_or(|until| until > now.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_told_by_line_and_never_by_content() {
        let line = |text: &str| read_cookies(text).unwrap_err().to_string();
        for (text, why) in [
            ("a.example\tTRUE\t/\tTRUE\t0\tname\tva;lue-secret", "line 1"),
            ("\n\na.example TRUE / TRUE 0 name value-secret", "line 3 is no cookie: seven fields"),
            ("[{\"name\": \"value-secret\"}]", "JSON"),
            (".com\tTRUE\t/\tTRUE\t0\tname\tvalue-secret", "top level"),
            ("a.example\tYES\t/\tTRUE\t0\tname\tvalue-secret", "TRUE or FALSE"),
            ("a.example\tTRUE\tx\tTRUE\t0\tname\tvalue-secret", "slash"),
            ("a.example\tTRUE\t/\tTRUE\tsoon\tname\tvalue-secret", "seconds"),
            ("a.example\tTRUE\t/\tTRUE\t0\tna me\tvalue-secret", "name"),
            ("a/b\tTRUE\t/\tTRUE\t0\tname\tvalue-secret", "host"),
        ] {
            let told = line(text);
            assert!(told.contains(why) && !told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn a_path_is_a_folder_and_not_a_beginning() {
        let cookies = read_cookies("a.example\tFALSE\t/p\tTRUE\t0\tn\tv\r\n").unwrap();
        let at = |path: &str| cookies[0].is_at(path);
        assert!(at("/p") && at("/p/1") && !at("/pq") && !at("/"));
    }
}

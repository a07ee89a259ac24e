//! The user's own logins: which cookies and tokens go with which request, and that nothing of them stays.
//!
//! A login is of one platform and goes with that platform's planned requests alone, over https alone, to hosts that it is for.
//! On a redirect it goes on only where the first host would have got it too. What a server repeats of it is taken out of
//! the answer before anybody sees that. It is in no request, so that neither the archive, a recording nor a log can hold it.

mod cookies;

pub use cookies::{Cookie, CookieError, read_cookies};

use crate::http::{Exchange, FetchError, Headers, Response};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;

/// What stands in place of a secret that an answer repeats.
const WITHHELD: &[u8] = b"[withheld]";

/// Shorter values of cookies are settings and not secrets, such as a language, and would be found in any text.
const MIN_SECRET_BYTES: usize = 12;

/// Values of this length are taken for secrets, whatever they look like.
const LONG_SECRET_BYTES: usize = 20;

/// A shorter token is none that a platform gives.
const MIN_TOKEN_BYTES: usize = 8;

/// One login.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The ids of the platforms whose requests it may go with.
    pub platforms: Vec<String>,
    /// From a cookies file.
    pub cookies: Vec<Cookie>,
    /// A bearer token, with the hosts that get it.
    pub token: Option<(String, Vec<String>)>,
}

/// Secrets are not for eyes, not even in a fault's report.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("platforms", &self.platforms).finish_non_exhaustive()
    }
}

/// All logins of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins(pub Vec<Login>);

/// What of them goes with one hop of one request.
#[derive(Default)]
pub(super) struct Pass {
    /// `name=value; name=value`
    pub(super) cookies: Option<String>,
    /// `Bearer …`
    pub(super) authorization: Option<String>,
    secrets: Vec<Vec<u8>>,
}

impl Pass {
    pub(super) fn is_empty(&self) -> bool {
        self.cookies.is_none() && self.authorization.is_none()
    }
}

impl Logins {
    /// What goes to `url`, a hop of a request that `platform` planned for `planned`.
    pub(super) fn pass(&self, platform: &str, planned: &Url, url: &Url, now: Timestamp) -> Pass {
        let mut pass = Pass::default();
        let (Some(first), Some(host)) = (planned.host_str(), url.host_str()) else { return pass };
        if url.scheme() != "https" || planned.scheme() != "https" {
            return pass;
        }
        let own = || self.0.iter().filter(|login| login.platforms.iter().any(|id| id == platform));
        let mut cookies: Vec<&Cookie> = own()
            .flat_map(|login| &login.cookies)
            .filter(|cookie| cookie.is_for(host) && cookie.is_for(first) && cookie.is_at(url.path()))
            .filter(|cookie| cookie.is_current(now))
            .collect();
        // The order of RFC 6265, 5.4: the longer path first.
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        if !cookies.is_empty() {
            let pairs: Vec<String> = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
            pass.cookies = Some(pairs.join("; "));
            pass.secrets.extend(cookies.iter().filter(|cookie| is_secret(&cookie.value)).flat_map(|c| forms(&c.value)));
        }
        let token = own().filter_map(|login| login.token.as_ref());
        let token =
            token.filter(|(_, hosts)| host == first && hosts.iter().any(|own| own == host)).map(|(token, _)| token);
        if let Some(token) = token.into_iter().next() {
            pass.authorization = Some(format!("Bearer {token}"));
            pass.secrets.extend(forms(token).into_iter().filter(|form| form.len() >= MIN_TOKEN_BYTES));
        }
        pass
    }
}

/// Whether a cookie's value looks like what opens an account.
fn is_secret(value: &str) -> bool {
    let mixed = || value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    value.len() >= LONG_SECRET_BYTES || (value.len() >= MIN_SECRET_BYTES && mixed())
}

/// A secret as it is sent, and as it reads decoded.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let sent = secret.as_bytes().to_vec();
    let decoded: Vec<u8> = percent_decode_str(secret).collect();
    if decoded == sent { vec![sent] } else { vec![sent, decoded] }
}

/// What went with the hops of one request, so that it can be taken out of what came back.
#[derive(Default)]
pub(super) struct Sent {
    secrets: Vec<Vec<u8>>,
    any: bool,
}

impl Sent {
    /// Notes what goes with a hop.
    pub(super) fn note(&mut self, pass: Pass) {
        self.any |= !pass.is_empty();
        for secret in pass.secrets {
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
            }
        }
    }

    /// Marks the exchange as one that a login went with, and takes out of it what the server repeated of that.
    pub(super) fn settle(&self, exchange: &mut Exchange) {
        if !self.any {
            exchange.request.login = None;
            return;
        }
        for answer in exchange.hops.iter_mut().chain(exchange.answer.as_mut().ok()) {
            self.clean(answer);
        }
        if let Err(FetchError::Network { detail } | FetchError::Refused { detail } | FetchError::Dns { detail }) =
            &mut exchange.answer
        {
            *detail = self.cleaned(detail);
        }
    }

    fn clean(&self, answer: &mut Response) {
        answer.headers =
            Headers(answer.headers.0.iter().map(|(name, value)| (name.clone(), self.cleaned(value))).collect());
        if let Ok(url) = Url::parse(&self.cleaned(answer.url.as_str())) {
            answer.url = url;
        }
        for secret in &self.secrets {
            replace(&mut answer.body, secret);
        }
    }

    fn cleaned(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.secrets.iter().for_each(|secret| replace(&mut bytes, secret));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn replace(bytes: &mut Vec<u8>, secret: &[u8]) {
    let finder = memchr::memmem::Finder::new(secret);
    let mut places = finder.find_iter(bytes).peekable();
    if secret.is_empty() || places.peek().is_none() {
        return;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for place in places {
        out.extend_from_slice(bytes.get(at..place).unwrap_or_default());
        out.extend_from_slice(WITHHELD);
        at = place + secret.len();
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    *bytes = out;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins() -> Logins {
        let text = "# Netscape HTTP Cookie File\n\
                    .social.example\tTRUE\t/\tTRUE\t0\tsession\tabc123def456ghi\n\
                    #HttpOnly_social.example\tFALSE\t/p/\tFALSE\t4102444800\tinner\tx\n\
                    .social.example\tTRUE\t/\tTRUE\t1000000000\told\tgone\n\
                    .other.example\tTRUE\t/\tTRUE\t0\tforeign\tnever\n";
        let token = Some(("token-of-mine".to_owned(), vec!["api.social.example".to_owned()]));
        Logins(vec![Login { platforms: vec!["social".to_owned()], cookies: read_cookies(text).unwrap(), token }])
    }

    fn pass(platform: &str, planned: &str, url: &str) -> (Option<String>, Option<String>) {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let pass = logins().pass(platform, &Url::parse(planned).unwrap(), &Url::parse(url).unwrap(), now);
        (pass.cookies, pass.authorization)
    }

    #[test]
    fn a_cookie_goes_to_its_hosts_paths_and_platform_alone() {
        let cookies = |platform, planned, url| pass(platform, planned, url).0.unwrap_or_default();
        let own = "https://social.example/p/1";
        assert_eq!(cookies("social", own, own), "inner=x; session=abc123def456ghi");
        let sub = "https://www.social.example/p/1";
        assert_eq!(cookies("social", sub, sub), "session=abc123def456ghi", "a host's own cookie is not for others");
        assert_eq!(cookies("social", own, "https://social.example/q"), "session=abc123def456ghi");
        for (platform, planned, url) in [
            ("elsewhere", own, own),
            ("social", "http://social.example/p/1", "http://social.example/p/1"),
            ("social", own, "http://social.example/p/1"),
            ("social", own, "https://notsocial.example/p/1"),
            ("social", own, "https://social.example.evil.example/p/1"),
            ("social", own, "https://other.example/"),
            ("social", "https://short.example/x", own),
        ] {
            assert_eq!(cookies(platform, planned, url), "", "{platform} {planned} {url}");
        }
    }

    #[test]
    fn a_token_goes_to_its_host_alone() {
        let api = "https://api.social.example/v1/1";
        assert_eq!(pass("social", api, api).1.as_deref(), Some("Bearer token-of-mine"));
        assert_eq!(pass("social", api, "https://social.example/v1/1").1, None);
        assert_eq!(pass("social", "https://social.example/", api).1, None, "a redirect does not lead it there");
        assert_eq!(pass("social", "http://api.social.example/v1/1", "http://api.social.example/v1/1").1, None);
    }

    #[test]
    fn secrets_are_told_from_settings() {
        for (value, secret) in [("en_US.UTF-8", false), ("America/New_York", false), ("abc123def456ghi", true)] {
            assert_eq!(is_secret(value), secret, "{value}");
        }
        let mut body = b"a=abc%3Ddef b=abc=def".to_vec();
        forms("abc%3Ddef").iter().for_each(|form| replace(&mut body, form));
        assert_eq!(body, b"a=[withheld] b=[withheld]");
        assert!(!format!("{:?}", logins()).contains("abc123"));
    }
}

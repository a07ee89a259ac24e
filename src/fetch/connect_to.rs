//! `HOST:PORT:ADDRESS:PORT`: reach a host at another address, as curl's `--connect-to` does. TLS and the Host header
//! keep the host's own name, so a site can be tried on another machine, or a test server stand for it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use url::{Host, Url};

/// One such rule. What the user maps is dialled without asking the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The name in the URL, in lower case; None for any.
    pub host: Option<String>,
    /// The port in the URL, or its scheme's; None for any.
    pub port: Option<u16>,
    /// Where to connect.
    pub to: SocketAddr,
}

impl ConnectTo {
    /// Whether the rule is for this URL. Address literals are never mapped.
    #[must_use]
    pub fn matches(&self, url: &Url) -> bool {
        let Some(Host::Domain(name)) = url.host() else { return false };
        let name = name.trim_end_matches('.');
        self.host.as_deref().is_none_or(|host| host.eq_ignore_ascii_case(name))
            && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl FromStr for ConnectTo {
    type Err = String;

    /// An empty HOST or PORT on the left means any. IPv6 addresses stand in brackets.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("{text:?} is not HOST:PORT:ADDRESS:PORT: {why}");
        let (host, rest) = text.split_once(':').ok_or_else(|| wrong("no colon"))?;
        let (port, to) = rest.split_once(':').ok_or_else(|| wrong("no address"))?;
        let port = match port {
            "" => None,
            port => Some(port.parse().map_err(|_| wrong("the first port is not a number"))?),
        };
        let host = match host {
            "" => None,
            host if host.parse::<IpAddr>().is_ok() => return Err(wrong("the host must be a name")),
            host => Some(host.trim_end_matches('.').to_ascii_lowercase()),
        };
        let local = to.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let to = local.as_deref().unwrap_or(to);
        let to = to.parse().map_err(|_| wrong("the address must be an IP address with a port"))?;
        Ok(Self { host, port, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_rule_matches_its_host_and_port() {
        let rule: ConnectTo = "News.example:443:127.0.0.1:8443".parse().unwrap();
        assert_eq!(rule.to, "127.0.0.1:8443".parse().unwrap());
        assert!(rule.matches(&url("https://news.example/a")));
        assert!(!rule.matches(&url("http://news.example/a")));
        assert!(!rule.matches(&url("https://www.news.example/")));
        let any: ConnectTo = "::[::1]:80".parse().unwrap();
        assert!(any.matches(&url("https://anything.example:1/")));
        assert!(!any.matches(&url("http://10.0.0.1/")), "an address stays itself");
    }

    #[test]
    fn a_rule_that_is_none_says_what_is_wrong() {
        for (text, why) in [
            ("news.example", "no colon"),
            ("news.example:443", "no address"),
            ("news.example:https:127.0.0.1:1", "the first port"),
            ("news.example:443:127.0.0.1", "an IP address with a port"),
            ("10.0.0.1:443:127.0.0.1:1", "must be a name"),
        ] {
            let error = text.parse::<ConnectTo>().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}

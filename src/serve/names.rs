//! The names by which the viewer may be asked. A page elsewhere can make a browser ask this machine under a name of its
//! own (DNS rebinding); listening on the loopback address alone does not keep it from reading the answer, this does.

use std::{collections::HashSet, fmt, net::SocketAddr, str::FromStr};
use url::Host;

/// The port that a browser leaves out of `http:` addresses.
const HTTP_PORT: u16 = 80;

/// A further name of the viewer, such as that of a proxy before it: `archive.example`, `archive.example:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    host: String,
    port: Option<u16>,
}

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            |why: &str| Err(format!("{text:?} {why}; write a name such as archive.example, or archive.example:8443"));
        if text.contains("://") || text.contains('/') {
            return wrong("is an address, not the name of a host");
        }
        if text.contains('*') {
            return wrong("is a pattern, and names must be whole");
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => match port.parse() {
                Ok(port) => (host, Some(port)),
                Err(_) => return wrong("has no port behind its colon"),
            },
            _ => (text, None),
        };
        match Host::parse(host) {
            Ok(_) if host.ends_with('.') => wrong("ends in a dot, as no browser writes it here"),
            Ok(host) => Ok(Self { host: host.to_string(), port }),
            Err(_) => wrong("is no name of a host"),
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => formatter.write_str(&self.host),
        }
    }
}

/// All names, as browsers write them in `Host`.
#[derive(Debug)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// Those of a viewer that listens at `address`: the loopback's, the address itself, and what the user adds. One that
    /// is added without a port is known with the viewer's own port as well.
    pub(super) fn new(address: SocketAddr, added: &[HostName]) -> Self {
        let port = address.port();
        let mut names = HashSet::new();
        let mut add = |host: &str, port: u16| {
            names.insert(format!("{host}:{port}"));
            if port == HTTP_PORT {
                names.insert(host.to_owned());
            }
        };
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            add(host, port);
        }
        if !address.ip().is_unspecified() {
            let host = match address {
                SocketAddr::V4(address) => address.ip().to_string(),
                SocketAddr::V6(address) => format!("[{}]", address.ip()),
            };
            add(&host, port);
        }
        for name in added {
            add(&name.host, name.port.unwrap_or(port));
        }
        names.extend(added.iter().filter(|name| name.port.is_none()).map(|name| name.host.clone()));
        Self(names)
    }

    /// Whether this is one of them, exactly.
    pub(super) fn has(&self, host: &str) -> bool {
        self.0.contains(host)
    }

    /// Whether an `Origin` is the viewer itself; a proxy before it may speak TLS.
    pub(super) fn is_own_origin(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        host.is_some_and(|host| self.has(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(address: &str, added: &[&str]) -> Names {
        let added: Vec<HostName> = added.iter().map(|name| name.parse().unwrap()).collect();
        Names::new(address.parse().unwrap(), &added)
    }

    #[test]
    fn names_are_known_whole() {
        let own = names("127.0.0.1:8020", &[]);
        for name in ["127.0.0.1:8020", "localhost:8020", "[::1]:8020"] {
            assert!(own.has(name) && own.is_own_origin(&format!("http://{name}")), "{name}");
        }
        for name in
            ["", "localhost", "localhost:80", "LOCALHOST:8020", "localhost.:8020", "evil.example:8020", "[::]:8020"]
        {
            assert!(!own.has(name) && !own.is_own_origin(&format!("http://{name}")), "{name}");
        }
        assert!(!own.is_own_origin("null") && !own.is_own_origin("file://localhost:8020"));
        assert!(names("192.0.2.7:8020", &[]).has("192.0.2.7:8020"));
        assert!(!names("0.0.0.0:8020", &[]).has("0.0.0.0:8020"));
        assert!(names("127.0.0.1:80", &[]).has("localhost"));
    }

    #[test]
    fn further_names_are_known_as_they_were_added() {
        let own = names("127.0.0.1:8020", &["Archive.Example", "other.example:8443", "bücher.example"]);
        for name in ["archive.example", "archive.example:8020", "other.example:8443", "xn--bcher-kva.example"] {
            assert!(own.has(name), "{name}");
        }
        assert!(!own.has("other.example") && !own.has("other.example:8020") && !own.has("archive.example:443"));
        for wrong in ["", "https://a.example", "a.example/", "*.example", "a.example:x", "a b", "a.example.", ":80"] {
            assert!(wrong.parse::<HostName>().is_err(), "{wrong}");
        }
    }
}

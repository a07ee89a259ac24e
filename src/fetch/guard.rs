//! Decides which URLs and addresses may be dialled: public ones, and hosts that the user allows by name.
//!
//! A page decides where embalm goes, so each URL is untrusted, at each redirect anew. A name says nothing about
//! where it leads; it is resolved, every address is judged, and only an address that was judged is dialled.

use crate::http::Headers;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// A URL or address that is not dialled, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

/// The rules, with the hosts that the user excepts from them.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: HashSet<String>,
}

impl Guard {
    /// A guard that lets these hosts lead anywhere: names or addresses, exact, in any case.
    #[must_use]
    pub fn new(allow_hosts: &[String]) -> Self {
        Self { allowed: allow_hosts.iter().map(|host| normal(host)).collect() }
    }

    /// Judges what can be judged without resolving: scheme, credentials, address literals in any spelling, local names.
    ///
    /// # Errors
    /// [`Refusal`] with the rule.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        check_form(url)?;
        match url.host() {
            None => Err(Refusal("no host".to_owned())),
            Some(host) if self.allows(&host.to_string()) => Ok(()),
            Some(Host::Ipv4(address)) => judged(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => judged(IpAddr::V6(address)),
            Some(Host::Domain(name)) => public_name(name),
        }
    }

    /// Those of a name's addresses that may be dialled.
    ///
    /// # Errors
    /// [`Refusal`] where none of them may.
    pub fn dialable(&self, host: &str, addresses: &[IpAddr]) -> Result<Vec<IpAddr>, Refusal> {
        if self.allows(host) {
            return Ok(addresses.to_vec());
        }
        let public: Vec<_> = addresses.iter().copied().filter(|address| special_purpose(*address).is_none()).collect();
        match addresses.first() {
            Some(first) if public.is_empty() => {
                let why = special_purpose(*first).unwrap_or("an address that is not public");
                Err(Refusal(format!("{host} leads to {first}, {why}")))
            }
            _ => Ok(public),
        }
    }

    /// Whether the user allows this host by name.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        self.allowed.contains(&normal(host))
    }
}

/// Judges scheme and credentials only: for hosts whose address the user gave.
///
/// # Errors
/// [`Refusal`] with the rule.
pub fn check_form(url: &Url) -> Result<(), Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal(format!("the scheme {} is not http or https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal("a user name or password in the URL".to_owned()));
    }
    Ok(())
}

/// Judges where a redirect says that it leads, as it stands. `http:/host/` is a path to a browser and a host to other
/// readers; who writes that, or two different places, hopes for the difference.
///
/// # Errors
/// [`Refusal`] of such a redirect.
pub fn check_locations(headers: &Headers) -> Result<(), Refusal> {
    let mut locations = headers.0.iter().filter(|(name, _)| name == "location").map(|(_, value)| value.trim());
    let first = locations.next().unwrap_or_default();
    if locations.any(|other| other != first) {
        return Err(Refusal("a redirect to two places".to_owned()));
    }
    let Some((scheme, rest)) = first.split_once(':') else { return Ok(()) };
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let slashes = rest.chars().take_while(|c| matches!(c, '/' | '\\')).count();
    if web && slashes < 2 { Err(Refusal("a redirect that can be read in two ways".to_owned())) } else { Ok(()) }
}

/// Without brackets and closing dot, in lower case.
fn normal(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn judged(address: IpAddr) -> Result<(), Refusal> {
    special_purpose(address).map_or(Ok(()), |why| Err(Refusal(format!("{address} is {why}"))))
}

/// Names without a dot are looked up in the local network's own domain; `localhost` is always this machine (RFC 6761).
fn public_name(name: &str) -> Result<(), Refusal> {
    let name = normal(name);
    if name == "localhost" || name.ends_with(".localhost") {
        return Err(Refusal(format!("{name} is this machine")));
    }
    if !name.contains('.') {
        return Err(Refusal(format!("{name} is a name of the local network")));
    }
    Ok(())
}

/// Blocks of IPv4 that are not the public internet: IANA's special-purpose registry, multicast and class E. The
/// blocks of AS112 and AMT in that registry are reachable by anyone and stay open.
const IPV4_BLOCKS: [(Ipv4Addr, u32, &str); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network (0.0.0.0/8)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private (10.0.0.0/8)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by a carrier (100.64.0.0/10)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine (127.0.0.0/8)"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local (169.254.0.0/16)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private (172.16.0.0/12)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "for protocols (192.0.0.0/24)"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation (192.0.2.0/24)"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay (192.88.99.0/24)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private (192.168.0.0/16)"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks (198.18.0.0/15)"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation (198.51.100.0/24)"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation (203.0.113.0/24)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast (224.0.0.0/4)"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved (240.0.0.0/4)"),
];

/// The same of IPv6. `2001::/23` holds Teredo, whose embedded addresses are obfuscated, and ORCHID.
const IPV6_BLOCKS: [(Ipv6Addr, u32, &str); 13] = [
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 0), 96, "unspecified, this machine or IPv4-compatible (::/96)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, "IPv4-translated (::ffff:0:0:0/96)"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "a local translation (64:ff9b:1::/48)"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discarded (100::/64)"),
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64, "a dummy (100:0:0:1::/64)"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "for protocols (2001::/23)"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation (2001:db8::/32)"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation (3fff::/20)"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "for segment routing (5f00::/16)"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private (fc00::/7)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local (fe80::/10)"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local (fec0::/10)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast (ff00::/8)"),
];

/// Why an address is not on the public internet: by IANA's registries of special-purpose addresses (as of 2025-10),
/// judging mapped, NAT64, 6to4 and ISATAP addresses by the IPv4 address in them. None for a public address.
#[must_use]
pub fn special_purpose(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => IPV4_BLOCKS
            .iter()
            .find(|(block, bits, _)| (address.to_bits() ^ block.to_bits()).leading_zeros() >= *bits)
            .map(|(_, _, why)| *why),
        IpAddr::V6(address) => IPV6_BLOCKS
            .iter()
            .find(|(block, bits, _)| (address.to_bits() ^ block.to_bits()).leading_zeros() >= *bits)
            .map(|(_, _, why)| *why)
            .or_else(|| special_purpose(IpAddr::V4(embedded(address)?))),
    }
}

/// The IPv4 address that an IPv6 address of a transition mechanism leads to.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = address.segments();
    let (high, low) = match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        // ISATAP (RFC 5214, 6.1), under whatever prefix.
        [.., 0 | 0x0200, 0x5efe] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(url: &str) -> Result<(), Refusal> {
        Guard::default().check(&Url::parse(url).unwrap())
    }

    #[test]
    fn addresses_are_refused_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.01/",
            "http://127.0.0.1./",
            "http://①②⑦.⓪.⓪.①/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:c0a8:1::]/",
            "http://[2606:4700::5efe:10.0.0.1]/",
            "http://[2606:4700::200:5efe:192.168.0.1]/",
            "http://[fd00::1]:8080/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
            "http://localhost/",
            "http://LocalHost./",
            "http://a.localhost/",
            "http://intranet/",
            "http://user:pass@example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert!(verdict(url).is_err(), "{url} passed");
        }
    }

    #[test]
    fn a_location_that_readers_read_differently_is_refused() {
        let judged = |values: &[&str]| {
            let mut headers = Headers::default();
            values.iter().for_each(|value| headers.push("Location", *value));
            check_locations(&headers).is_ok()
        };
        for location in ["http:/127.0.0.1/", "HTTPS:example.com", " http:\\x"] {
            assert!(!judged(&[location]), "{location}");
        }
        for location in ["http://example.com/", "/a:b", "a", "", "//example.com", "https:\\\\example.com"] {
            assert!(judged(&[location]), "{location}");
        }
        assert!(judged(&["/a", "/a"]));
        assert!(!judged(&["/a", "/b"]));
    }

    #[test]
    fn public_addresses_and_names_pass_on_any_port() {
        for url in [
            "https://example.com/",
            "http://93.184.216.34:8080/",
            "https://[2606:4700::1111]/",
            "http://[2606:4700::5efe:93.184.216.34]/",
            "http://a.b:1/@x",
        ] {
            assert_eq!(verdict(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_name_is_dialled_at_its_public_addresses_only() {
        let guard = Guard::new(&["Intranet.example".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()]);
        let (public, private) = (IpAddr::from([93, 184, 216, 34]), IpAddr::from([10, 0, 0, 1]));
        assert_eq!(guard.dialable("example.com", &[private, public]), Ok(vec![public]));
        let refusal = guard.dialable("example.com", &[private]).unwrap_err();
        assert_eq!(refusal.to_string(), "example.com leads to 10.0.0.1, private (10.0.0.0/8)");
        assert_eq!(guard.dialable("intranet.example", &[private]), Ok(vec![private]), "the user allows it");
        for url in ["http://127.0.0.1:1234/", "http://[::1]/", "http://2130706433/"] {
            assert_eq!(guard.check(&Url::parse(url).unwrap()), Ok(()), "{url}");
        }
        assert!(guard.check(&Url::parse("http://127.0.0.2/").unwrap()).is_err());
    }
}

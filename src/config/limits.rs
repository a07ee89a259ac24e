//! What makes no sense in `[network]` and `[budget]`: with it every run would do nothing, or fail at each request, without a word
//! that says why.

use super::{Budget, Network, parse_bytes, parse_duration};

impl Network {
    /// The key that makes no sense, and why.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let least_one = [
            ("timeout_s", self.timeout_s),
            ("max_bytes", self.max_bytes),
            ("concurrency", self.concurrency as u64),
            ("per_host_concurrency", self.per_host_concurrency as u64),
        ];
        if let Some((key, _)) = least_one.into_iter().find(|(_, value)| *value == 0) {
            return Some((key, "must be at least 1".to_owned()));
        }
        let agent = self.user_agent.trim();
        if agent.is_empty() {
            return Some(("user_agent", "is empty; leave the line out to be named as embalm".to_owned()));
        }
        let named = [("user_agent", agent), ("contact", self.contact.as_deref().unwrap_or_default())];
        if let Some((key, _)) = named.into_iter().find(|(_, text)| text.chars().any(char::is_control)) {
            return Some((key, "must be one line: it goes with every request".to_owned()));
        }
        let host = self.allow_hosts.iter().find(|host| {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            url::Host::parse(host).is_err() && bare.parse::<std::net::IpAddr>().is_err()
        });
        host.map(|host| ("allow_hosts", format!("{host:?} is no host such as \"intranet.example\" or \"10.0.0.7\"")))
    }
}

impl Budget {
    /// The key that makes no sense, and why.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let time = |text: &String| parse_duration(text).map(|time| time.is_zero());
        let amount = |text: &String| parse_bytes(text).map(|bytes| bytes == 0);
        let nothing = [
            ("time", self.time.as_ref().map(time)),
            ("bytes", self.bytes.as_ref().map(amount)),
            ("requests", self.requests.map(|n| Ok(n == 0))),
            ("articles", self.articles.map(|n| Ok(n == 0))),
            ("item_time", Some(time(&self.item_time))),
            ("free_disk", Some(amount(&self.free_disk).map(|_| false))),
        ];
        nothing.into_iter().find_map(|(key, nothing)| match nothing? {
            Ok(false) => None,
            Ok(true) => {
                Some((key, "leaves nothing that a run could do; leave the line out for the default".to_owned()))
            }
            Err(message) => Some((key, message)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_stop_every_run_is_named_by_its_key() {
        let network = |text: &str| toml::from_str::<Network>(text).unwrap().fault().map(|(key, _)| key);
        for (key, text) in [
            ("timeout_s", "timeout_s = 0"),
            ("max_bytes", "max_bytes = 0"),
            ("concurrency", "concurrency = 0"),
            ("per_host_concurrency", "per_host_concurrency = 0"),
            ("user_agent", "user_agent = ' '"),
            ("contact", r#"contact = "me@news.example\nX: y""#),
            ("allow_hosts", "allow_hosts = ['http://intranet.example/']"),
        ] {
            assert_eq!(network(text), Some(key), "{text}");
        }
        assert_eq!(network("allow_hosts = ['intranet.example', '10.0.0.7', '::1', '[::1]', 'bücher.example']"), None);
        let budget = |text: &str| toml::from_str::<Budget>(text).unwrap().fault().map(|(key, _)| key);
        for (key, text) in [
            ("time", "time = '0s'"),
            ("time", "time = 'soon'"),
            ("bytes", "bytes = '0'"),
            ("requests", "requests = 0"),
            ("articles", "articles = 0"),
            ("item_time", "item_time = '0m'"),
        ] {
            assert_eq!(budget(text), Some(key), "{text}");
        }
        assert_eq!(budget("time = '10m'\nfree_disk = '0'"), None);
        assert_eq!((Network::default().fault(), Budget::default().fault()), (None, None));
    }
}

//! How gently each platform is asked, where less than other hosts: its limits as far as they are known, with their source.

/// How one platform, or several alike, are asked.
#[derive(Debug)]
pub struct Manners {
    /// Ids of the platforms.
    pub platforms: &'static [&'static str],
    /// Hosts whose requests the platform counts together, with their subdomains; those of files are not among them. None:
    /// each server counts for itself.
    pub hosts: &'static [&'static str],
    /// Between the starts of two requests, in milliseconds, where other hosts are given 500.
    pub delay_ms: u64,
    /// Requests at once.
    pub concurrency: usize,
}

/// How a platform is asked; none where it is asked as any other host.
#[must_use]
pub fn manners(platform: &str) -> Option<&'static Manners> {
    MANNERS.iter().find(|manners| manners.platforms.contains(&platform))
}

/// Platforms that are asked otherwise than other hosts.
pub static MANNERS: &[Manners] = &[
    // No limit is told; what strangers ask of any of its hosts is counted by address (2023 to 2026).
    Manners {
        platforms: &["twitter"],
        hosts: &["twitter.com", "x.com", "syndication.twimg.com"],
        delay_ms: 500,
        concurrency: 2,
    },
    // "Very low per address": InstaFix and yt-dlp meet the limit after some dozens (2025).
    Manners { platforms: &["instagram"], hosts: &["instagram.com"], delay_ms: 5000, concurrency: 1 },
    Manners { platforms: &["threads"], hosts: &["threads.net", "threads.com"], delay_ms: 2000, concurrency: 1 },
    // 1,000 an hour of each oEmbed route without a token (Meta's own page, 2026-06).
    Manners { platforms: &["facebook"], hosts: &["facebook.com"], delay_ms: 3600, concurrency: 1 },
    Manners { platforms: &["tiktok"], hosts: &["tiktok.com"], delay_ms: 1000, concurrency: 1 },
    // Many 429 for strangers (2026-08).
    Manners { platforms: &["reddit"], hosts: &["www.reddit.com", "old.reddit.com"], delay_ms: 2000, concurrency: 1 },
    // 300 in five minutes per address (Mastodon's rack_attack.rb); small servers are asked once a second.
    Manners {
        platforms: &[
            "mastodon",
            "pleroma",
            "misskey",
            "pixelfed",
            "peertube",
            "friendica",
            "gotosocial",
            "gnusocial",
            "lemmy",
            "truthsocial",
            "gab",
            "activitypub",
        ],
        hosts: &[],
        delay_ms: 1000,
        concurrency: 2,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms;

    #[test]
    fn each_is_a_platform_and_named_once() {
        let mut names: Vec<_> = MANNERS.iter().flat_map(|manners| manners.platforms).collect();
        assert_eq!(names.iter().find(|name| platforms::by_id(name).is_none()), None);
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}

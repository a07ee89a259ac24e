//! The scripts that platforms put beside their embeds, to draw them. Where none of a page's embeds is left to be drawn,
//! such a script only tells the platform who reads the page.

use url::Url;

/// Hosts of such scripts, as the platforms' own embed codes of 2026 have them.
const HOSTS: [(&str, &str); 21] = [
    ("platform.twitter.com", "twitter"),
    ("platform.x.com", "twitter"),
    ("embed.bsky.app", "bluesky"),
    ("www.instagram.com", "instagram"),
    ("platform.instagram.com", "instagram"),
    ("www.tiktok.com", "tiktok"),
    ("www.threads.net", "threads"),
    ("www.threads.com", "threads"),
    ("connect.facebook.net", "facebook"),
    ("embed.reddit.com", "reddit"),
    ("embed.redditmedia.com", "reddit"),
    ("www.redditstatic.com", "reddit"),
    ("assets.pinterest.com", "pinterest"),
    ("assets.tumblr.com", "tumblr"),
    ("secure.assets.tumblr.com", "tumblr"),
    ("telegram.org", "telegram"),
    ("player.vimeo.com", "vimeo"),
    ("s.imgur.com", "imgur"),
    ("embedr.flickr.com", "flickr"),
    ("vk.com", "vk"),
    ("speakerdeck.com", "speakerdeck"),
];

/// The platform whose embeds a script draws, by the script's address; none for any other script. Mastodon's is served by
/// each of its hosts.
#[must_use]
pub fn widget_of(src: &str) -> Option<&'static str> {
    let src = src.trim();
    let url = if src.starts_with("//") { Url::parse(&format!("https:{src}")) } else { Url::parse(src) }.ok()?;
    let host = url.host_str()?;
    let known = HOSTS.iter().find(|(known, _)| *known == host).map(|(_, platform)| *platform);
    known.or_else(|| (url.path() == "/embed.js").then_some("mastodon"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platforms_script_is_told_from_others() {
        assert_eq!(widget_of("https://platform.twitter.com/widgets.js"), Some("twitter"));
        assert_eq!(widget_of("//www.instagram.com/embed.js"), Some("instagram"));
        assert_eq!(widget_of("https://social.example/embed.js"), Some("mastodon"));
        assert_eq!(widget_of("https://ads.example/show.js"), None);
        assert_eq!(widget_of("/js/site.js"), None);
    }
}

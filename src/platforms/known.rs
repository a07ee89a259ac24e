//! Posts that have stood for years, one a platform, so that an adapter can be tried against something that must be there.
//!
//! They are the examples of the platforms' own documentation, or posts too well known to vanish. Should one vanish all the same,
//! `embalm doctor URL` tries another, and this list wants a new one.

/// (platform, URL, why it will stay). Chosen in November 2026.
const KNOWN: [(&str, &str, &str); 18] = [
    ("twitter", "https://twitter.com/jack/status/20", "the first post of the platform, 2006"),
    ("bluesky", "https://bsky.app/profile/emilyliu.me/post/3jvz2442yt32g", "the example of docs.bsky.app on embeds"),
    ("mastodon", "https://mastodon.social/@trwnh/99664077509711321", "the oEmbed example of docs.joinmastodon.org"),
    ("youtube", "https://www.youtube.com/watch?v=jNQXAC9IVRw", "the first video of the platform, 2005"),
    ("instagram", "https://www.instagram.com/p/fA9uwTtkSN/", "the oEmbed example of developers.facebook.com"),
    ("facebook", "https://www.facebook.com/20531316728/posts/10154009990506729/", "the example of its embedded posts"),
    ("threads", "https://www.threads.net/@zuck/post/CuP48CiS5sx", "of its opening day, 2023"),
    ("telegram", "https://t.me/telegram/83", "the example of its post widget"),
    (
        "tiktok",
        "https://www.tiktok.com/@scout2015/video/6718335390845095173",
        "the oEmbed example of developers.tiktok.com",
    ),
    (
        "reddit",
        "https://www.reddit.com/r/IAmA/comments/z1c9z/i_am_barack_obama_president_of_the_united_states/",
        "its best known thread, 2012",
    ),
    ("vimeo", "https://vimeo.com/76979871", "the example of developer.vimeo.com"),
    ("flickr", "https://www.flickr.com/photos/bees/2362225867/", "the example of oembed.com"),
    ("soundcloud", "https://soundcloud.com/forss/flickermood", "the example of developers.soundcloud.com"),
    ("spotify", "https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT", "a song that will not be given up"),
    ("ted", "https://www.ted.com/talks/sir_ken_robinson_do_schools_kill_creativity", "its most watched talk, 2006"),
    ("pinterest", "https://www.pinterest.com/pin/99360735500167749/", "the example of its widgets"),
    ("vk", "https://vk.com/wall1_45616", "the example of its post widget"),
    ("gist", "https://gist.github.com/schacon/1", "the first gist, 2008"),
];

/// The URL of a post of this platform that must be there; none where no such post is known.
#[must_use]
pub fn known_post(platform: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, ..)| *known == platform).map(|(_, url, _)| *url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Target, platforms::embedded};

    #[test]
    fn every_known_post_is_recognised_as_one_of_its_platform() {
        for (platform, url, why) in KNOWN {
            let Some(Target::Post(post)) = embedded(url) else { panic!("{url} names a post: {why}") };
            assert_eq!(post.platform, platform);
        }
    }
}

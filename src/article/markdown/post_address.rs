//! The address of the post that a shortcode names: its name tells the platform, its arguments the post. Names and
//! arguments are those of Hugo's, Jekyll's, Eleventy's, Hexo's, mdx-embed's, astro-embed's and common themes' own
//! shortcodes, read in their sources and documentation.

use super::arguments::Arguments;
use url::Url;

/// Words around a platform's name that say nothing: `lite-youtube`, `TwitterTweetEmbed`, `instagram_simple`.
const AROUND: [&str; 19] = [
    "fusion",
    "embedded",
    "embed",
    "shortcode",
    "responsive",
    "nocookie",
    "enhanced",
    "privacy",
    "player",
    "simple",
    "widget",
    "iframe",
    "status",
    "react",
    "video",
    "lite",
    "post",
    "my",
    "su",
];

/// The address of the post, or none where the name is no platform's or the arguments name no post.
pub(super) fn post_url(name: &str, arguments: &Arguments) -> Option<String> {
    let own = platform_word(name);
    let name = match arguments.named(&["provider", "service", "platform"]) {
        Some(provider) if own.is_empty() => platform_word(provider),
        _ => own,
    };
    let builder: fn(&Arguments) -> Option<String> = match name.as_str() {
        "tweet" | "twitter" | "x" | "twittertweet" | "xtweet" => twitter,
        "youtube" | "yt" => youtube,
        "instagram" | "insta" | "ig" => instagram,
        "mastodon" | "toot" | "masto" | "fediverse" => mastodon,
        "bluesky" | "bsky" => bluesky,
        "vimeo" => |a| Some(format!("https://vimeo.com/{}", digits(id(a, &["id", "vimeoid", "videoid"])?)?)),
        "gist" | "githubgist" => gist,
        "spotify" => spotify,
        "soundcloud" => soundcloud,
        "telegram" => |a| Some(format!("https://t.me/{}", two_parts(id(a, &["id", "link", "post"])?)?)),
        "tiktok" => tiktok,
        "dailymotion" => |a| Some(format!("https://www.dailymotion.com/video/{}", code(id(a, &["id", "videoid"])?)?)),
        "pin" | "pinterest" => {
            |a| Some(format!("https://www.pinterest.com/pin/{}/", digits(id(a, &["id", "pinid"])?)?))
        }
        "imgur" => |a| Some(format!("https://imgur.com/{}", code(id(a, &["id"])?)?)),
        "twitch" => |a| Some(format!("https://www.twitch.tv/videos/{}", digits(id(a, &["id", "twitchid", "v"])?)?)),
        "facebook" | "fb" | "threads" | "reddit" | "linkedin" | "tumblr" | "flickr" | "giphy" | "vk" | "peertube" => {
            |_| None
        }
        "codepen" => codepen,
        "speakerdeck" => |a| Some(format!("https://speakerdeck.com/player/{}", code(id(a, &["id"])?)?)),
        "codesandbox" => |a| Some(format!("https://codesandbox.io/embed/{}", code(id(a, &["id"])?)?)),
        "loom" => |a| Some(format!("https://www.loom.com/embed/{}", code(id(a, &["id"])?)?)),
        "wistia" => |a| Some(format!("https://fast.wistia.net/embed/iframe/{}", code(id(a, &["id"])?)?)),
        // An `embed` of no platform's name says all in its address.
        "" | "o" | "social" => |_| None,
        _ => return None,
    };
    let address = arguments.values().find(|value| value.starts_with("http") && Url::parse(value).is_ok());
    address.map(str::to_owned).or_else(|| builder(arguments))
}

/// A shortcode's name as the platform's bare name.
fn platform_word(name: &str) -> String {
    let mut word: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    while let Some(shorter) =
        AROUND.iter().find_map(|around| word.strip_suffix(around).or_else(|| word.strip_prefix(around)))
    {
        word = shorter.to_owned();
    }
    word
}

fn id<'a>(arguments: &'a Arguments, names: &[&str]) -> Option<&'a str> {
    arguments.named(names).or_else(|| arguments.at(0))
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.len() <= 25 && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

/// An id of letters, digits, hyphens and underscores, without what a player's parameters add.
fn code(text: &str) -> Option<&str> {
    let text = text.split(['?', '&', '#']).next()?.trim_matches('/');
    let is_code =
        (4..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_code.then_some(text)
}

/// `user/thing`, both of harmless characters.
fn two_parts(text: &str) -> Option<&str> {
    let text = text.trim_matches('/');
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@'))
    };
    let (user, thing) = text.split_once('/')?;
    (is_part(user) && is_part(thing)).then_some(text)
}

/// A pen by its author and its code, in this order or by name.
fn codepen(arguments: &Arguments) -> Option<String> {
    let pen = arguments.named(&["id", "hash", "slug", "pen", "slug-hash"]);
    let user = arguments.named(&["user", "username", "author"]);
    let (user, pen) = match (user, pen) {
        (user, Some(pen)) => (user.or_else(|| arguments.at(0)).unwrap_or("anon"), pen),
        (Some(user), None) => (user, arguments.at(0)?),
        (None, None) => (arguments.at(0)?, arguments.at(1)?),
    };
    Some(format!("https://codepen.io/{}/pen/{}", code(user)?, code(pen)?))
}

/// By id, by user and id in any order, or by the path that mdx-embed takes (`user/status/1`).
fn twitter(arguments: &Arguments) -> Option<String> {
    if let Some((user, number)) = arguments.values().find_map(|value| value.split_once("/status/")) {
        let number = number.split(|c: char| !c.is_ascii_digit()).next().and_then(digits)?;
        return Some(format!("https://x.com/{}/status/{number}", user.rsplit('/').next().unwrap_or("i")));
    }
    let number = arguments
        .named(&["id", "tweetid", "tweet", "status", "statusid"])
        .or_else(|| arguments.positional.iter().map(String::as_str).find(|value| digits(value).is_some()))
        .and_then(digits)?;
    let user = arguments
        .named(&["user", "username", "author", "handle"])
        .or_else(|| arguments.at(0).filter(|first| *first != number && arguments.positional.len() > 1))
        .map(|user| user.trim_start_matches('@'))
        .filter(|user| user.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .unwrap_or("i");
    Some(format!("https://x.com/{user}/status/{number}"))
}

fn youtube(arguments: &Arguments) -> Option<String> {
    let id = id(arguments, &["id", "youtubeid", "videoid", "v", "code", "key", "embedid", "video"])?;
    let id = id.rsplit('/').next()?;
    Some(format!("https://www.youtube.com/watch?v={}", code(id.strip_prefix("watch?v=").unwrap_or(id))?))
}

fn instagram(arguments: &Arguments) -> Option<String> {
    let id = id(arguments, &["id", "instagramid", "code", "shortcode", "postid"])?;
    Some(format!("https://www.instagram.com/p/{}/", code(id.trim_matches('/').rsplit('/').next()?)?))
}

fn mastodon(arguments: &Arguments) -> Option<String> {
    let host = arguments.named(&["instance", "host", "server", "domain"]).or_else(|| arguments.at(0))?;
    let host = host.trim_start_matches("https://").trim_end_matches('/');
    let number = arguments
        .named(&["id", "status", "statusid", "toot", "tootid", "postid"])
        .or_else(|| arguments.positional.iter().skip(1).map(String::as_str).find(|value| digits(value).is_some()))
        .and_then(digits)?;
    let user = arguments
        .named(&["user", "username", "account", "handle", "author"])
        .or_else(|| arguments.positional.iter().skip(1).map(String::as_str).find(|value| *value != number));
    let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let user = user.unwrap_or("web").trim_start_matches('@');
    let is_user = user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@'));
    (is_host && is_user).then(|| format!("https://{host}/@{user}/{number}"))
}

/// By `at://` URI, by handle and record key, or by the path of the web app.
fn bluesky(arguments: &Arguments) -> Option<String> {
    let is_name =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'_'));
    for value in arguments.values() {
        let parts = value
            .strip_prefix("at://")
            .and_then(|rest| rest.split_once("/app.bsky.feed.post/"))
            .or_else(|| value.trim_start_matches('/').strip_prefix("profile/")?.split_once("/post/"));
        if let Some((who, key)) = parts
            && is_name(who)
        {
            return Some(format!("https://bsky.app/profile/{who}/post/{}", code(key)?));
        }
    }
    let who = arguments.named(&["handle", "user", "username", "did", "author"]).or_else(|| arguments.at(0))?;
    let key = arguments.named(&["rkey", "id", "post", "postid"]).or_else(|| arguments.at(1))?;
    let who = who.trim_start_matches('@');
    is_name(who).then_some(format!("https://bsky.app/profile/{who}/post/{}", code(key)?))
}

fn gist(arguments: &Arguments) -> Option<String> {
    if let Some(path) = id(arguments, &["gistlink", "link", "id", "gist"]).and_then(two_parts) {
        return Some(format!("https://gist.github.com/{path}"));
    }
    let user = arguments.named(&["user", "username"]).or_else(|| arguments.at(0).filter(|_| arguments.at(1).is_some()));
    let id = arguments.named(&["id", "gistid"]).or_else(|| arguments.at(1)).or_else(|| arguments.at(0))?;
    let id = code(id)?;
    Some(match user.and_then(|user| user.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-').then_some(user)) {
        Some(user) => format!("https://gist.github.com/{user}/{id}"),
        None => format!("https://gist.github.com/{id}"),
    })
}

/// By `track/ID`, by type and id, or by `spotify:track:ID`.
fn spotify(arguments: &Arguments) -> Option<String> {
    let kinds = ["track", "album", "playlist", "episode"];
    if let Some((kind, id)) = kinds.iter().find_map(|kind| Some((kind, arguments.named(&[kind])?))) {
        return Some(format!("https://open.spotify.com/{kind}/{}", code(id)?));
    }
    let value = id(arguments, &["spotifylink", "link", "id", "uri"])?;
    let path = value.strip_prefix("spotify:").map(|rest| rest.replace(':', "/"));
    let path = match (&path, arguments.named(&["type", "kind"]).or(arguments.at(1))) {
        (Some(path), _) => path.clone(),
        (None, Some(kind)) if !value.contains('/') => format!("{kind}/{value}"),
        _ => value.to_owned(),
    };
    Some(format!("https://open.spotify.com/{}", two_parts(&path)?))
}

fn soundcloud(arguments: &Arguments) -> Option<String> {
    let value = id(arguments, &["soundcloudlink", "link", "id", "track", "trackid"])?;
    match digits(value) {
        Some(number) => Some(format!("https://api.soundcloud.com/tracks/{number}")),
        None => Some(format!("https://soundcloud.com/{}", two_parts(value)?)),
    }
}

fn tiktok(arguments: &Arguments) -> Option<String> {
    let value = id(arguments, &["id", "tiktokid", "videoid"])?;
    let number = digits(value.rsplit('/').next()?)?;
    Some(format!("https://www.tiktok.com/embed/v2/{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arguments_give_the_posts_address() {
        for (name, arguments, expected) in [
            ("tweet", "user=\"ada\" id=\"12\"", Some("https://x.com/ada/status/12")),
            ("tweet_simple", "12", Some("https://x.com/i/status/12")),
            ("twitter", "ada 12", Some("https://x.com/ada/status/12")),
            ("Tweet", "tweetLink=\"ada/status/12\"", Some("https://x.com/ada/status/12")),
            ("TwitterTweetEmbed", "tweetId={'12'}", Some("https://x.com/i/status/12")),
            ("x", "y", None),
            ("lite-youtube", "\"aB-_5678901\"", Some("https://www.youtube.com/watch?v=aB-_5678901")),
            ("YouTube", "youTubeId=\"aB-_5678901\"", Some("https://www.youtube.com/watch?v=aB-_5678901")),
            ("video", "id=\"aB-_5678901\" provider=\"youtube\"", Some("https://www.youtube.com/watch?v=aB-_5678901")),
            ("video", "clip.mp4", None),
            ("instagram", "AbC-dEf_1 hidecaption", Some("https://www.instagram.com/p/AbC-dEf_1/")),
            ("toot", "instance=\"social.example\" id=\"12\"", Some("https://social.example/@web/12")),
            ("mastodon", "social.example @ada 12", Some("https://social.example/@ada/12")),
            (
                "bluesky",
                "at://did:plc:abc/app.bsky.feed.post/3kabc",
                Some("https://bsky.app/profile/did:plc:abc/post/3kabc"),
            ),
            (
                "BlueskyPost",
                "id=\"https://bsky.app/profile/a.example/post/3kabc\"",
                Some("https://bsky.app/profile/a.example/post/3kabc"),
            ),
            ("gist", "ada 0123abcd", Some("https://gist.github.com/ada/0123abcd")),
            ("spotify", "type=track id=4abc", Some("https://open.spotify.com/track/4abc")),
            ("telegram", "tidewatch/12", Some("https://t.me/tidewatch/12")),
            ("embed", "https://example.com/p/1", Some("https://example.com/p/1")),
            ("github-pr", "id=12", None),
        ] {
            assert_eq!(post_url(name, &Arguments::parse(arguments)).as_deref(), expected, "{name} {arguments}");
        }
    }
}

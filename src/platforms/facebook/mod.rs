//! Facebook: posts, photos and films. Strangers are asked for a login nearly everywhere, so what the article's own
//! markup quotes is mostly all there is; Meta's oEmbed is not used for content.
//!
//! | what | where |
//! |---|---|
//! | URLs | `urls` |
//! | embed markup, and the snippet in it | `markup` |
//! | what is asked, and what refusals mean | `plan` |
//! | the page of the embed's frame | `plugin` |
//! | the post's own page: tags and linked data | `page` |
//! | the post as scripts of pages state it | `story` |
//!
//! An id is the number, or the `pfbid…` word that stands for it and cannot be turned into it. Numbers of photos and
//! films are complete; `permalink.php` needs the page's number beside the post's.

mod markup;
mod page;
mod plan;
mod plugin;
mod story;
mod urls;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, recognize_text};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "facebook";
/// Facebook.
pub(super) struct Facebook;

impl Platform for Facebook {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.facebook.com/some.page/posts/10150000000000001", "10150000000000001"),
                ("https://m.facebook.com/some.page/posts/10150000000000001?ref=bookmarks", "10150000000000001"),
                ("https://de-de.facebook.com/some.page/posts/10150000000000001:0", "10150000000000001"),
                ("https://www.facebook.com/some.page/posts/a-day-in-the-rain/10150000000000001", "10150000000000001"),
                (
                    "https://www.facebook.com/some.page/posts/pfbid02abcDEF123ghiJKL456mno",
                    "pfbid02abcDEF123ghiJKL456mno",
                ),
                (
                    "https://www.facebook.com/permalink.php?id=100060000000001&story_fbid=pfbid02abcDEF123ghiJKL456mno",
                    "pfbid02abcDEF123ghiJKL456mno",
                ),
                ("https://m.facebook.com/story.php?story_fbid=1030000000000001&id=116000000000001", "1030000000000001"),
                ("https://www.facebook.com/photo.php?fbid=10200000000000001&set=a.1&type=3", "10200000000000001"),
                ("https://www.facebook.com/photo/?fbid=10200000000000001", "10200000000000001"),
                (
                    "https://www.facebook.com/some.page/photos/a.100.200.300/10200000000000001/?type=3",
                    "10200000000000001",
                ),
                ("https://www.facebook.com/some.page/photos/pcb.1030000000000001/1040000000000001", "1040000000000001"),
                ("https://www.facebook.com/some.page/videos/10150000000000001/", "10150000000000001"),
                ("https://www.facebook.com/some.page/videos/vb.1160000/10150000000000001/", "10150000000000001"),
                ("https://www.facebook.com/video.php?v=640000000000001", "640000000000001"),
                ("https://www.facebook.com/watch/live/?v=640000000000001&ref=watch", "640000000000001"),
                ("https://www.facebook.com/reel/800000000000001", "800000000000001"),
                ("https://www.facebook.com/groups/some.group/permalink/1390000000000001/", "1390000000000001"),
                ("https://www.facebook.com/notes/ann-example/on-rain/10150000000000001", "10150000000000001"),
                (
                    "https://www.facebook.com/plugins/post.php?width=500&href=https%3A%2F%2Fwww.facebook.com%2Fphoto.php%3Ffbid%3D10200000000000001%26type%3D3",
                    "10200000000000001",
                ),
                (
                    "https://www.facebook.com/v2.3/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fvideos%2F10150000000000001%2F",
                    "10150000000000001",
                ),
                ("https://www.facebook.com/video/embed?video_id=640000000000001", "640000000000001"),
            ],
            others: &[
                "https://www.facebook.com/",
                "https://www.facebook.com/some.page",
                "https://www.facebook.com/some.page/videos/",
                "https://www.facebook.com/some.page/photos/",
                "https://www.facebook.com/profile.php?id=100060000000001",
                "https://www.facebook.com/hashtag/rain",
                "https://www.facebook.com/events/640000000000001/",
                "https://www.facebook.com/groups/some.group/",
                "https://www.facebook.com/permalink.php?id=100060000000001",
                "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://www.facebook.com/dialog/share?app_id=1&href=https%3A%2F%2Fnews.example",
                "https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fnews.example%2F1",
                "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fsome.page%2Fposts%2F10150000000000001",
                "https://developers.facebook.com/some.page/posts/10150000000000001",
                "https://www.facebook.com.evil.example/some.page/posts/10150000000000001",
                "https://notfacebook.com/some.page/posts/10150000000000001",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const NEVER: &[&str] = &[
            "sharer",
            "sharer.php",
            "share.php",
            "dialog",
            "tr",
            "login",
            "login.php",
            "policies",
            "policy",
            "help",
            "privacy",
            "hashtag",
        ];
        const HOSTS: &[Host] = &[
            Host::more("facebook", NEVER),
            Host::part("fb"),
            Host::more("facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd", NEVER),
        ];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        urls::recognize(url)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        markup::detect(element)
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

fn named(url: &str) -> Option<PostRef> {
    recognize_text(url)?.post().filter(|post| post.platform == PLATFORM).cloned()
}

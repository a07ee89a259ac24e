//! YouTube: videos, and the community posts of channels.
//!
//! A video's title is the text of its post, its still the picture; the film itself is not captured. oEmbed answers
//! without a key (title, author, still); the watch page adds date, length, description and views, and knows why a
//! video is not to be seen.

mod community;
mod markup;
mod plan;
mod urls;
mod watch;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

/// YouTube.
pub(super) struct YouTube;

impl Platform for YouTube {
    fn id(&self) -> &'static str {
        urls::PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.youtube.com/watch?v=aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("http://youtube.com/watch?feature=share&v=aB3_dE6-gH9&t=12s", "aB3_dE6-gH9"),
                ("https://m.youtube.com/watch?v=aB3_dE6-gH9#comments", "aB3_dE6-gH9"),
                ("https://music.youtube.com/watch?v=aB3_dE6-gH9&list=RDAMVM", "aB3_dE6-gH9"),
                ("https://www.youtube.com/watch#!v=aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("https://youtu.be/-B3_dE6-gH_", "-B3_dE6-gH_"),
                ("http://youtu.be/aB3_dE6-gH9#t=1m2s", "aB3_dE6-gH9"),
                ("https://www.youtube.com/embed/aB3_dE6-gH9?feature=oembed", "aB3_dE6-gH9"),
                ("https://www.youtube.com/embed/aB3_dE6-gH9&rel=0", "aB3_dE6-gH9"),
                ("//www.youtube-nocookie.com/embed/aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("http://www.youtube.com/v/aB3_dE6-gH9&hl=en&fs=1", "aB3_dE6-gH9"),
                ("https://www.youtube.com/e/aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("https://www.youtube.com/shorts/aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("https://www.youtube.com/live/aB3_dE6-gH9?si=x", "aB3_dE6-gH9"),
                (
                    "https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DaB3_dE6-gH9%26feature%3Dshare",
                    "aB3_dE6-gH9",
                ),
                ("https://www.youtube.com/oembed?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&format=json", "aB3_dE6-gH9"),
                (
                    "https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DaB3_dE6-gH9",
                    "aB3_dE6-gH9",
                ),
                ("https://invidious.example.org/watch?v=aB3_dE6-gH9", "aB3_dE6-gH9"),
                ("https://yewtu.be/aB3_dE6-gH9", "aB3_dE6-gH9"),
                (
                    "https://www.youtube.com/post/UgkxAbCdEfGhIjKlMnOpQrStUvWxYz012345",
                    "post/UgkxAbCdEfGhIjKlMnOpQrStUvWxYz012345",
                ),
                (
                    "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv/community?lb=UgkxAbCdEfGhIjKlMnOpQrStUvWxYz012345",
                    "post/UgkxAbCdEfGhIjKlMnOpQrStUvWxYz012345",
                ),
            ],
            others: &[
                "https://www.youtube.com/",
                "https://www.youtube.com/@annex",
                "https://www.youtube.com/user/annex",
                "https://www.youtube.com/c/annex/videos",
                "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv",
                "https://www.youtube.com/playlist?list=PLabcdefghijk",
                "https://www.youtube.com/embed/videoseries?list=PLabcdefghijk",
                "https://www.youtube.com/embed/live_stream?channel=UCabcdefghijklmnopqrstuv",
                "https://www.youtube.com/embed/?listType=user_uploads&list=annex",
                "https://www.youtube.com/subscribe_embed?usegapi=1&channelid=UCabcdefghijklmnopqrstuv",
                "https://www.youtube.com/results?search_query=aB3_dE6-gH9",
                "https://www.youtube.com/signin?next=%2Fwatch%3Fv%3DaB3_dE6-gH9",
                "https://www.youtube.com/watch?v=aB3_dE6-gH",
                "https://www.youtube.com/watch?v=aB3_dE6-gH90",
                "https://www.youtube.com/iframe_api",
                "https://i.ytimg.com/vi/aB3_dE6-gH9/hqdefault.jpg",
                "https://youtu.be/",
                "https://youtu.be/aB3_dE6-gH",
                "https://youtube.com.evil.example/watch?v=aB3_dE6-gH9",
                "https://notyoutube.com/watch?v=aB3_dE6-gH9",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const NEVER: &[&str] = &["channel", "user", "c", "subscribe_embed", "results", "hashtag", "feed", "iframe_api"];
        const HOSTS: &[Host] = &[
            Host::more("youtube", NEVER),
            Host::more("youtube-nocookie", NEVER),
            Host::more("youtubekids", NEVER),
            Host::part("youtu"),
            Host::part("y2u"),
            Host::part("yewtu"),
            Host::part("invidio"),
            Host::part("nadeko"),
            Host::part("invidious"),
            Host::part("puffyan"),
            Host::part("hooktube"),
            Host::part("piped"),
            Host::part("kavin"),
            Host::part("ggtyler"),
            Host::part("invidious."),
            Host::parts("youtube.", &[]),
            Host::part("piped."),
            Host::part("inv."),
        ];
        Needles {
            hosts: HOSTS,
            words: &["youtube", "youTube", "YouTube", "lyte", "data-yt", "lite-yt", "yt-", "-yt", "_yt", "yt_", "ytid"],
            marks: &["YT.Player", "WYL_", "lyte_"],
        }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        urls::recognize(url).map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        markup::detect(element)
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        if post.id.starts_with(urls::COMMUNITY) {
            return community::next(post, exchanges);
        }
        plan::next(post, exchanges)
    }
}

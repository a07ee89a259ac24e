//! X, formerly Twitter: a map of what is known of it.
//!
//! | what | where |
//! |---|---|
//! | which post a URL names | `address` |
//! | the markup of embeds, and what it quotes | `markup`, `blockquote`, `state` |
//! | posts flattened into plain text | `flattened` finds them by their `signature`; `beginning` finds where their words begin |
//! | dates as signatures print them | `date` |
//! | the routes of a capture | here: `tweet-result` (`token`, `syndication`, `text`, `media`), then `oembed` |
//! | short links | `shortlink` |
//! | a post's page in web archives | `archived` |
//!
//! Nothing else answers a stranger: the page of a post is an empty shell without a session, and GraphQL asks for a guest
//! token and for query ids that change (seen in recordings of 2024 and 2025).

mod address;
mod archived;
mod beginning;
mod blockquote;
mod export;
mod flattened;
mod heading;
mod markup;
mod media;
mod oembed;
mod shortlink;
mod signature;
mod state;
mod syndication;
mod text;
mod token;

use super::memento::Lookup;
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, TextSpan, failure, worst};
use crate::http::{Exchange, Request, Response};
use crate::model::{Failure, Gone, Outcome, Post, PostRef, Target, Via, Withheld};
pub(in crate::platforms) use export::of_answer;
pub use export::{ExportedAccount, of_export};
use jiff::Timestamp;
use scraper::ElementRef;
pub use shortlink::short_link_target;
use url::Url;

/// The id of the platform in keys and records.
const ID: &str = "twitter";

/// X, formerly Twitter.
pub(super) struct Twitter;

impl Platform for Twitter {
    fn id(&self) -> &'static str {
        ID
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://twitter.com/annex/status/1000000000000000001", "1000000000000000001"),
                ("http://mobile.twitter.com/annex/statuses/123456789?s=20", "123456789"),
                ("https://x.com/annex/status/1000000000000000001/photo/1", "1000000000000000001"),
                ("https://x.com/i/web/status/1000000000000000001", "1000000000000000001"),
                ("https://twitter.com/#!/annex/status/8000000001", "8000000001"),
                ("https://twitter.com/annex/status/1000000000000000001%3Fs%3D20", "1000000000000000001"),
                (
                    "https://platform.twitter.com/embed/Tweet.html?dnt=false&id=1000000000000000001",
                    "1000000000000000001",
                ),
                (
                    "https://cdn.syndication.twimg.com/tweet-result?id=1000000000000000001&token=a",
                    "1000000000000000001",
                ),
                (
                    "https://publish.twitter.com/?query=https%3A%2F%2Fx.com%2Fannex%2Fstatus%2F1000000000000000001",
                    "1000000000000000001",
                ),
                ("https://fxtwitter.com/annex/status/1000000000000000001", "1000000000000000001"),
                ("https://nitter.example.org/annex/status/1000000000000000001#m", "1000000000000000001"),
            ],
            others: &[
                "https://twitter.com/annex",
                "https://x.com/home?status=https://x.com/annex/status/1000000000000000001",
                "https://x.com/intent/tweet?in_reply_to=1000000000000000001",
                "https://twitter.com/share?url=https%3A%2F%2Fexample.com",
                "https://x.com/i/lists/1000000000000000001",
                "https://x.com/annex/status/later",
                "https://platform.twitter.com/widgets/tweet_button.html?id=1000000000000000001",
                "https://eviltwitter.com/annex/status/1000000000000000001",
                "https://twitter.com.evil.example/annex/status/1000000000000000001",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("twitter", &["intent", "share", "hashtag", "search", "home", "widgets"]),
            Host::parts("x", &["intent", "share", "hashtag", "search", "home", "widgets"]),
            Host::more(
                "twimg",
                &[
                    "media",
                    "profile_images",
                    "profile_banners",
                    "ext_tw_video_thumb",
                    "amplify_video_thumb",
                    "card_img",
                ],
            ),
            Host::parts("vxtwitter", &[]),
            Host::parts("fxtwitter", &[]),
            Host::parts("fixupx", &[]),
            Host::parts("fixvx", &[]),
            Host::parts("twittpr", &[]),
            Host::parts("fixuptwitter", &[]),
            Host::parts("xcancel", &[]),
            Host::parts("twiiit", &[]),
            Host::parts("nitter.", &[]),
            Host::parts("twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid", &[]),
        ];
        Needles { hosts: HOSTS, words: &["tweet", "twitter", "\"x\"", "'x'"], marks: &["createTweet"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        address::recognize(url)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        markup::detect(element)
    }

    fn detect_in_text(&self, text: &str) -> Vec<TextSpan> {
        let mut spans = flattened::detect(text);
        let below: Vec<_> = spans.iter().map(|span| span.start..span.end).collect();
        let apart = |span: &TextSpan| below.iter().all(|other| span.end <= other.start || other.end <= span.start);
        spans.extend(heading::detect(text).into_iter().filter(apart));
        spans.sort_by_key(|span| span.start);
        spans
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let Some(first) = exchanges.first() else {
            return Ok(Step::Fetch(syndication::request(post)));
        };
        let first = syndication::read(post, first);
        if let syndication::Reading::Known(outcome) = first {
            return Ok(Step::Done(*outcome, Via::Syndication));
        }
        let Some(second) = exchanges.get(1) else {
            return Ok(Step::Fetch(oembed::request(post)));
        };
        let outcome = match (first, oembed::read(post, second)) {
            (_, oembed::Reading::Known(outcome)) => *outcome,
            (
                syndication::Reading::Missing | syndication::Reading::Withheld,
                oembed::Reading::Refused(Failure::Http { status: 403 }),
            ) => Outcome::Gone(Gone::Suspended),
            // A tombstone without a reason stands, whatever else the other route fails to say.
            (syndication::Reading::Withheld, _) => {
                return Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::Syndication));
            }
            // Where both routes have changed at once, "not found" is no longer a word to trust.
            (syndication::Reading::Unread(drifted @ Failure::Drift { .. }), oembed::Reading::Missing) => {
                settle(drifted)?
            }
            (_, oembed::Reading::Missing) => Outcome::Gone(Gone::Deleted),
            (
                syndication::Reading::Unread(first),
                oembed::Reading::Unread(second) | oembed::Reading::Refused(second),
            ) => settle(worst([first, second]))?,
            (_, oembed::Reading::Unread(second) | oembed::Reading::Refused(second)) => settle(second)?,
        };
        Ok(Step::Done(outcome, Via::Oembed))
    }

    /// Archived answers of the data route differ in their token and language; archived oEmbed answers have the address
    /// as somebody else wrote it, which no index can look up.
    fn archived_as(&self, post: &PostRef, request: &Request) -> Option<Lookup> {
        if request.url.host_str() != Some("cdn.syndication.twimg.com") {
            return Some(Lookup::of(request.url.clone()));
        }
        let address = format!("https://cdn.syndication.twimg.com/tweet-result?id={}", post.id);
        Url::parse(&address).ok().map(Lookup::beginning)
    }

    fn archived_pages(&self, post: &PostRef) -> Vec<Lookup> {
        archived::pages(post)
    }

    fn read_archived(&self, post: &PostRef, page: &Response) -> Option<Post> {
        archived::read(post, page)
    }

    fn time_of(&self, post: &PostRef) -> Option<Timestamp> {
        syndication::time_of(&post.id)
    }
}

/// A failure as the end of a capture; drift is an error of its own.
fn settle(failure: Failure) -> Result<Outcome, Drift> {
    match failure {
        Failure::Drift { at, detail } => Err(Drift { at, detail }),
        failure => Ok(Outcome::Failed(failure)),
    }
}

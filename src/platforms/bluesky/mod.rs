//! Bluesky (AT Protocol): a post is a record in its author's repository, named by the author's did and a record key.
//!
//! Handles change, dids don't, so an answer renames the post to `did/rkey`. Facts: atproto lexicons and server code
//! (2026-08), bluesky-social/social-app (embed snippet, page template; stored versions up to 2026).

mod facets;
mod flattened;
mod markup;
mod page;
mod plan;
mod repository;
mod urls;
mod view;

pub use repository::{blob_of, of_record, post_at};

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step, TextSpan};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

/// Bluesky.
pub(super) struct Bluesky;

impl Platform for Bluesky {
    fn id(&self) -> &'static str {
        "bluesky"
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://bsky.app/profile/pat.example/post/3abcdefghij2k", "pat.example/3abcdefghij2k"),
                ("https://www.bsky.app/profile/Pat.Example/post/3abcdefghij2k/?x=1#reply", "pat.example/3abcdefghij2k"),
                ("https://bsky.app/profile/did:web:pat.example/post/note-1", "did:web:pat.example/note-1"),
                (
                    "https://bsky.app/profile/did%3Aplc%3Aaaaabbbbccccddddeeee2345/post/3abcdefghij2k",
                    "did:plc:aaaabbbbccccddddeeee2345/3abcdefghij2k",
                ),
                (
                    "https://embed.bsky.app/embed/did:plc:aaaabbbbccccddddeeee2345/app.bsky.feed.post/3abcdefghij2k?id=7",
                    "did:plc:aaaabbbbccccddddeeee2345/3abcdefghij2k",
                ),
                ("https://fxbsky.app/profile/pat.example/post/3abcdefghij2k", "pat.example/3abcdefghij2k"),
                ("at://pat.example/app.bsky.feed.post/3abcdefghij2k", "pat.example/3abcdefghij2k"),
            ],
            others: &[
                "https://bsky.app/profile/pat.example",
                "https://bsky.app/profile/pat.example/lists/3abcdefghij2k",
                "https://bsky.app/intent/compose?text=hello",
                "https://bsky.app/hashtag/nature",
                "https://bsky.app.evil.example/profile/pat.example/post/3abcdefghij2k",
                "https://notbsky.app/profile/pat.example/post/3abcdefghij2k",
                "at://pat.example/app.bsky.graph.list/3abcdefghij2k",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("bsky", &[]),
            Host::parts("fxbsky", &[]),
            Host::parts("vxbsky", &[]),
            Host::parts("xbsky", &[]),
            Host::parts("bskyx", &[]),
            Host::parts("bskye", &[]),
            Host::parts("cbsky", &[]),
            Host::parts("bsyy", &[]),
            Host::parts("deer", &[]),
            Host::parts("blacksky", &[]),
        ];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        urls::recognize(url).map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        markup::detect(element)
    }

    fn detect_in_text(&self, text: &str) -> Vec<TextSpan> {
        flattened::detect(text)
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        plan::next(post, exchanges)
    }
}

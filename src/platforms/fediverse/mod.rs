//! Mastodon and the fediverse: any host may be a server, so a post is known by the shape of its path.
//!
//! All of these servers speak ActivityPub, and many Mastodon's client API, so one plan serves them all; an id per software
//! says in records what a URL tells of its server. Facts: mastodon/mastodon and mastodon/documentation (2026-07),
//! ActivityPub objects recorded from 2018 to 2026.

mod activity;
mod attached;
mod content;
mod export;
mod markup;
mod page;
mod plan;
mod rest;
mod urls;

pub use export::of_export;
pub(super) use export::of_status;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

/// The post whose ActivityPub object an address answered with; None for any other answer.
#[must_use]
pub fn object_at(url: &Url, body: &[u8]) -> Option<PostRef> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    let is_object = json["@context"].to_string().contains("www.w3.org/ns/activitystreams");
    let is_post = matches!(activity::kind(&json), activity::Object::Post(_));
    (is_object && is_post).then(|| urls::object(url.as_str()))?
}

/// One kind of server.
pub(super) struct Server {
    id: &'static str,
    samples: Samples,
}

impl Platform for Server {
    fn id(&self) -> &'static str {
        self.id
    }

    /// Mastodon's API and its kin: `Authorization: Bearer` (docs.joinmastodon.org, 2026).
    fn takes_token(&self) -> bool {
        true
    }

    fn samples(&self) -> Samples {
        Samples { posts: self.samples.posts, others: self.samples.others }
    }

    fn needles(&self) -> Needles {
        // Any host may be a server: the shapes of paths stand with the filter, for they belong to no host.
        const HOSTS: &[Host] = &[Host::parts("truthsocial", &[]), Host::parts("gab", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &["mastodon-embed", "truthsocial-embed", "gab-embed"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        urls::recognize(url).filter(|post| post.platform == self.id).map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        // The markup is read once; which software it names is its own finding.
        markup::detect(element).filter(|markup| markup.target.platform() == self.id)
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        plan::next(post, exchanges)
    }
}

/// Truth Social, a fork of Mastodon with one host; ids are bare numbers.
pub(super) static TRUTH_SOCIAL: Server = Server {
    id: "truthsocial",
    samples: Samples {
        posts: &[
            ("https://truthsocial.com/@pat/112345678901234567", "112345678901234567"),
            ("https://www.truthsocial.com/@pat/posts/112345678901234567?utm_source=x", "112345678901234567"),
            ("https://truthsocial.com/@pat/112345678901234567/embed", "112345678901234567"),
        ],
        others: &["https://truthsocial.com/@pat", "https://nottruthsocial.com/@pat/posts/112345678901234567"],
    },
};

/// Gab, a fork of Mastodon with one host; ids are bare numbers.
pub(super) static GAB: Server = Server {
    id: "gab",
    samples: Samples {
        posts: &[("https://gab.com/pat/posts/107123456789012345", "107123456789012345")],
        others: &["https://gab.com/pat", "https://example.com/pat/posts/107123456789012345"],
    },
};

/// Pleroma and Akkoma.
pub(super) static PLEROMA: Server = Server {
    id: "pleroma",
    samples: Samples {
        posts: &[
            ("https://social.example/notice/Abcd12sVGsm55NS2Xy/", "social.example/Abcd12sVGsm55NS2Xy"),
            (
                "https://social.example/objects/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
                "social.example/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
            ),
        ],
        others: &[
            "https://gov.example/notice/12345",
            "https://gov.example/notice/public-hearing-2024",
            "https://museum.example/objects/O12345",
        ],
    },
};

/// Misskey and its forks.
pub(super) static MISSKEY: Server = Server {
    id: "misskey",
    samples: Samples {
        posts: &[("https://mk.example/notes/9abc1d2e3f?utm=1", "mk.example/9abc1d2e3f")],
        others: &[
            "https://blog.example/notes/technology",
            "https://blog.example/notes/2024review",
            "https://blog.example/notes/my-first-note",
        ],
    },
};

/// Pixelfed.
pub(super) static PIXELFED: Server = Server {
    id: "pixelfed",
    samples: Samples {
        posts: &[("https://pix.example/p/pat/366912345678901234", "pix.example/366912345678901234")],
        others: &["https://shop.example/p/user/123", "https://shop.example/p/366912345678901234"],
    },
};

/// PeerTube.
pub(super) static PEERTUBE: Server = Server {
    id: "peertube",
    samples: Samples {
        posts: &[
            ("https://tube.example/w/9PimpSkZXiCneBXrrEvrRx", "tube.example/9PimpSkZXiCneBXrrEvrRx"),
            (
                "https://tube.example/videos/embed/1b4e28ba-2fa1-4d3b-883f-0016d3cca427?start=3s",
                "tube.example/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
            ),
        ],
        others: &["https://wiki.example/w/index.php", "https://site.example/videos/watch/12345"],
    },
};

/// Friendica.
pub(super) static FRIENDICA: Server = Server {
    id: "friendica",
    samples: Samples {
        posts: &[(
            "https://friends.example/display/4edd2508-4361-edb8-c4d8-b45181083984",
            "friends.example/4edd2508-4361-edb8-c4d8-b45181083984",
        )],
        others: &["https://wiki.example/display/SPACE/Page"],
    },
};

/// GoToSocial.
pub(super) static GOTOSOCIAL: Server = Server {
    id: "gotosocial",
    samples: Samples {
        posts: &[(
            "https://gts.example/@pat/statuses/01HXYZABCDEFGHJKMNPQRSTVWX",
            "gts.example/01HXYZABCDEFGHJKMNPQRSTVWX",
        )],
        others: &["https://gts.example/@pat/statuses/latest"],
    },
};

/// GNU social, whose notices have plain numbers, so only hosts that say what they run are believed.
pub(super) static GNUSOCIAL: Server = Server {
    id: "gnusocial",
    samples: Samples {
        posts: &[("https://gnusocial.example/notice/1234567", "gnusocial.example/1234567")],
        others: &["https://gov.example/notice/1234567"],
    },
};

/// Lemmy, whose posts have plain numbers, so only hosts known for it are believed.
pub(super) static LEMMY: Server = Server {
    id: "lemmy",
    samples: Samples {
        posts: &[
            ("https://lemmy.example/post/12345", "lemmy.example/12345"),
            ("https://lemmy.example/comment/678", "lemmy.example/comment/678"),
        ],
        others: &["https://blog.example/post/12345", "https://shop.example/comment/678"],
    },
};

/// Mastodon and what shares its paths.
pub(super) static MASTODON: Server = Server {
    id: "mastodon",
    samples: Samples {
        posts: &[
            ("https://Social.Example/@pat/112345678901234567#reply", "social.example/112345678901234567"),
            ("https://social.example/@pat/112345678901234567.json", "social.example/112345678901234567"),
            ("https://social.example/@pat/112345678901234567/embed", "social.example/112345678901234567"),
            ("https://social.example/@pat@other.example/112345678901234567", "social.example/112345678901234567"),
            ("https://social.example/users/pat/statuses/112345678901234567", "social.example/112345678901234567"),
            ("https://social.example/web/statuses/112345678901234567", "social.example/112345678901234567"),
            ("https://social.example/web/@pat/112345678901234567", "social.example/112345678901234567"),
            ("https://social.example/deck/@pat/112345678901234567", "social.example/112345678901234567"),
            ("https://social.example/ap/users/1/statuses/112345678901234567", "social.example/112345678901234567"),
            ("https://みんな/@pat/112345678901234567", "xn--q9jyb4c/112345678901234567"),
        ],
        others: &[
            "https://social.example/@pat",
            "https://social.example/@pat/with_replies",
            "https://social.example/share?text=hello",
            "https://medium.com/@user/1234567890abcdef",
            "https://medium.com/@user/112345678901234567",
            "https://blog.example/@user/12345",
            "https://www.tiktok.com/@user/112345678901234567",
        ],
    },
};

/// Everything else that speaks ActivityPub: what a post answers or quotes, and the few shapes of addresses that only one
/// software makes. The id is the address.
pub(super) static ACTIVITYPUB: Server = Server {
    id: "activitypub",
    samples: Samples {
        posts: &[
            ("https://quill.example/~/PierNews/fog-again/", "quill.example/~/PierNews/fog-again"),
            ("https://honk.example/u/pat/h/4M4s27XxYzQw", "honk.example/u/pat/h/4M4s27XxYzQw"),
            (
                "https://mobilizon.example/events/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
                "mobilizon.example/events/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
            ),
        ],
        others: &[
            "https://tickets.example/events/1b4e28ba-2fa1-4d3b-883f-0016d3cca427",
            "https://university.example/~pat/papers/fog",
            "https://site.example/2026/07/fog-again/",
        ],
    },
};

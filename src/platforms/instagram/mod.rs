//! Instagram: posts, reels and films, which share one kind of id, the shortcode.
//!
//! Strangers see little: the page made for embedding, sometimes the post's own page, and often a login wall instead,
//! which says nothing of the post. Pictures' addresses expire within days, so they are for fetching at once.

mod data;
mod embed_page;
mod markup;
mod plan;
mod post_page;
mod shortcode;
mod urls;

// Threads has the same items and codes.
pub(super) use data::item as media_item;
pub(super) use shortcode::time as posted_at;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

/// Instagram.
pub(super) struct Instagram;

impl Platform for Instagram {
    fn id(&self) -> &'static str {
        urls::PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.instagram.com/p/Ca1_bC2-dE3/", "Ca1_bC2-dE3"),
                ("http://instagram.com/p/Ca1_bC2-dE3", "Ca1_bC2-dE3"),
                (
                    "https://www.instagram.com/p/_a1_bC2-dE-/?utm_source=ig_embed&amp;amp;utm_campaign=loading",
                    "_a1_bC2-dE-",
                ),
                ("https://www.instagram.com/reel/Ca1_bC2-dE3/?igsh=abc", "Ca1_bC2-dE3"),
                ("https://www.instagram.com/reels/Ca1_bC2-dE3/", "Ca1_bC2-dE3"),
                ("https://www.instagram.com/tv/Ca1_bC2-dE3/", "Ca1_bC2-dE3"),
                ("https://www.instagram.com/ann.ex_1/p/Ca1_bC2-dE3/?img_index=2", "Ca1_bC2-dE3"),
                ("https://www.instagram.com/ann.ex_1/reel/Ca1_bC2-dE3/", "Ca1_bC2-dE3"),
                ("https://www.instagram.com/p/Ca1_bC2-dE3/embed/captioned/?cr=1&v=14", "Ca1_bC2-dE3"),
                ("https://instagr.am/p/Ca1bC", "Ca1bC"),
                ("https://m.instagram.com/p/Ca1_bC2-dE3/c/17890000000000000/", "Ca1_bC2-dE3"),
                ("https://www.ddinstagram.com/reel/Ca1_bC2-dE3", "Ca1_bC2-dE3"),
                ("https://api.instagram.com/oembed/?url=http://instagr.am/p/Ca1_bC2-dE3", "Ca1_bC2-dE3"),
                (
                    "https://graph.facebook.com/v8.0/instagram_oembed?url=https://www.instagram.com/p/Ca1_bC2-dE3",
                    "Ca1_bC2-dE3",
                ),
            ],
            others: &[
                "https://www.instagram.com/",
                "https://www.instagram.com/ann.ex_1/",
                "https://www.instagram.com/ann.ex_1/reels/",
                "https://www.instagram.com/p/",
                "https://www.instagram.com/reels/audio/123456789/",
                "https://www.instagram.com/explore/tags/rain/",
                "https://www.instagram.com/explore/locations/1/p/",
                "https://www.instagram.com/stories/ann.ex_1/3000000000000000000/",
                "https://www.instagram.com/accounts/login/?next=/p/Ca1_bC2-dE3/",
                "https://www.instagram.com/embed.js",
                "https://about.instagram.com/p/Ca1_bC2-dE3/",
                "https://help.instagram.com/reel/Ca1_bC2-dE3/",
                "https://instagram.com.evil.example/p/Ca1_bC2-dE3/",
                "https://myinstagram.com/p/Ca1_bC2-dE3/",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[
            Host::parts("instagram", &["explore", "accounts"]),
            Host::parts("instagr", &["explore", "accounts"]),
            Host::parts("ddinstagram", &["explore", "accounts"]),
            Host::parts("kkinstagram", &["explore", "accounts"]),
            Host::parts("vxinstagram", &["explore", "accounts"]),
            Host::parts("eeinstagram", &["explore", "accounts"]),
            Host::parts("uuinstagram", &["explore", "accounts"]),
            Host::parts("rxinstagram", &["explore", "accounts"]),
            Host::parts("instagramez", &["explore", "accounts"]),
            Host::parts("toinstagram", &["explore", "accounts"]),
        ];
        Needles { hosts: HOSTS, words: &["instagram"], marks: &[] }
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

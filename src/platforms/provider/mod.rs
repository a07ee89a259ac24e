//! Every other provider of the public oEmbed list, as the generic platform `oembed`: players, slides, charts, maps,
//! code. A link to such a site is a link; only what a page embeds is found, so no plain URL is recognised here.
//!
//! | what | where |
//! |---|---|
//! | the list, and whose an address is | `list` |
//! | which addresses are embedded items, and their names | `item` |
//! | the markup that embeds them | `markup` |
//! | the plan of a capture | `plan` |
//!
//! The list is `providers.tsv`, condensed from the npm package `oembed-providers` 1.0.20260604 (the list of oembed.com,
//! MIT, notice in `providers.LICENSE`) by `examples/condense_oembed_providers.rs`.

mod item;
mod list;
mod markup;
mod plan;

use super::{Drift, Markup, Needles, Platform, Samples, Step, recognize};
use crate::http::Exchange;
use crate::model::{PostRef, Target};
use scraper::ElementRef;
use url::Url;

pub(super) const PLATFORM: &str = "oembed";

/// Any provider of the list that has no platform of its own here.
pub(super) struct Provider;

impl Platform for Provider {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        // Their items, players and pages are no posts where a page merely links to them.
        Samples {
            posts: &[],
            others: &[
                "https://codepen.io/annex/pen/aBcDeF",
                "https://codepen.io/annex/embed/aBcDeF",
                "https://www.mixcloud.com/annex/low-tide/",
                "https://player.simplecast.com/0a1b2c3d-0000-4000-8000-000000000000",
                "https://annex.wordpress.com/2024/05/06/low-tide/",
                "https://www.nytimes.com/2024/05/06/world/tide.html",
            ],
        }
    }

    fn needles(&self) -> Needles {
        // Its frames are looked at wherever they stand; these are the embeds that are no frames.
        const MARKS: &[&str] = &[
            "oembed",
            "embedly",
            "iframely",
            "brightcove",
            "wistia",
            "slug-hash",
            "wp-block-embed",
            "wp-embedded-content",
            "[embed",
            "flourish-",
            "infogram",
            "DV-container",
            "DV-viewer-",
            "datawrapper-",
            "wistia_async_",
        ];
        Needles { hosts: &[], words: &["iframe", "<object", "<embed"], marks: MARKS }
    }

    fn recognize(&self, _: &Url) -> Option<Target> {
        None
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        markup::detect(element)
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        plan::next(post, exchanges)
    }
}

/// The item that an address names where a person asks for it by name: as [`embedded`], but of sites whose pages are
/// articles too, only what is made to be embedded.
#[must_use]
pub fn given(url: &Url) -> Option<PostRef> {
    item::given(url)
}

/// The post that an address names where markup says that it is embedded: a platform's own, or any provider's item.
#[must_use]
pub fn embedded(address: &str) -> Option<Target> {
    recognize::recognize_text(address).or_else(|| {
        let url = recognize::unwrapped_text(address)?;
        item::named(&url).map(Target::Post)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_may_be_given_by_name_and_an_article_of_a_provider_is_none() {
        let id = |url: &str| given(&Url::parse(url).unwrap()).map(|post| post.id);
        assert_eq!(
            id("https://codepen.io/annex/pen/aBcDeF?theme-id=dark").as_deref(),
            Some("codepen/codepen.io/annex/pen/aBcDeF")
        );
        for article in [
            "https://www.nytimes.com/2024/05/06/world/tide.html",
            "https://annex.wordpress.com/2024/05/06/low-tide/",
            "https://news.example/low-tide",
            "https://codepen.io/",
        ] {
            assert_eq!(id(article), None, "{article}");
        }
    }
}

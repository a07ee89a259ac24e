//! Bluesky.

use super::{Drift, Markup, Platform, Samples, Step};
use crate::http::Exchange;
use crate::model::{Failure, Outcome, PostRef, Target, Via};
use scraper::ElementRef;
use url::Url;

/// Bluesky.
pub(super) struct Bluesky;

impl Platform for Bluesky {
    fn id(&self) -> &'static str {
        "bluesky"
    }

    fn samples(&self) -> Samples {
        Samples { posts: &[], others: &[] }
    }

    fn recognize(&self, _url: &Url) -> Option<Target> {
        None
    }

    fn detect(&self, _element: ElementRef<'_>) -> Option<Markup> {
        None
    }

    fn next(&self, _post: &PostRef, _exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api))
    }
}

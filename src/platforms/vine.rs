//! Vine: six-second videos of 2013 to 2017. The site is closed and answers nobody; the address is what is left.

use super::address::{is_code, parts, target, under};
use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Failure, Form, Outcome, PostRef, Quoted, Target, Via};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "vine";

/// Vine.
pub(super) struct Vine;

impl Platform for Vine {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://vine.co/v/aB1cD2eF3gH", "aB1cD2eF3gH"),
                ("http://www.vine.co/v/aB1cD2eF3gH/card?mute=1", "aB1cD2eF3gH"),
                ("//vine.co/v/aB1cD2eF3gH/embed/simple", "aB1cD2eF3gH"),
            ],
            others: &[
                "https://vine.co/",
                "https://vine.co/u/100200300",
                "https://vine.co/annex",
                "https://platform.vine.co/static/scripts/embed.js",
                "https://vine.co.evil.example/v/aB1cD2eF3gH",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::parts("vine", &[])];
        Needles { hosts: HOSTS, words: &[], marks: &["vineid"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        match (under(url, "vine.co")?, parts(url).as_slice()) {
            ("", ["v", id, ..]) => video(id),
            _ => None,
        }
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if element.value().name() != "amp-vine" {
            return None;
        }
        Some(Markup { form: Form::Amp, target: video(attr(element, "data-vineid")?)?, quoted: Quoted::default() })
    }

    fn next(&self, _: &PostRef, _: &[Exchange]) -> Result<Step, Drift> {
        Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api))
    }
}

fn video(id: &str) -> Option<Target> {
    is_code(id, 9..=13).then(|| target(PLATFORM, id, None, &format!("https://vine.co/v/{id}")))?
}

//! `[[platform]]`: how one platform is asked, where the user wants it otherwise than embalm would.

use crate::{fetch::pace::Budget, platforms};
use serde::Deserialize;
use std::time::Duration;

/// The pause between two requests to a host that platforms' own are told against, in milliseconds.
const USUAL_DELAY_MS: u64 = 500;

/// One `[[platform]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformBudget {
    /// The platform: as in `embalm list platforms`.
    pub platform: String,
    /// Milliseconds between two requests.
    #[serde(default)]
    pub delay_ms: Option<u64>,
    /// Requests under way at once.
    #[serde(default)]
    pub concurrency: Option<usize>,
    /// Requests in one run.
    #[serde(default)]
    pub per_run: Option<u32>,
    /// Requests in one hour, over all runs.
    #[serde(default)]
    pub per_hour: Option<u32>,
}

impl PlatformBudget {
    /// What is wrong with it.
    pub(super) fn fault(&self) -> Option<String> {
        if platforms::by_id(&self.platform).is_none() {
            let nearest = platforms::nearest(&self.platform);
            return Some(format!("no platform `{}`; did you mean `{nearest}`?", self.platform));
        }
        let nothing = [self.concurrency.map(|n| n as u64), self.per_run.map(Into::into), self.per_hour.map(Into::into)];
        nothing.contains(&Some(0)).then(|| {
            "a limit must be at least 1; `[capture] platforms` names the platforms that are captured at all".to_owned()
        })
    }
}

/// How each platform is asked: as the user says, else as is known of it. Its own pause grows and shrinks with the one for
/// all hosts.
pub(super) fn budgets(set: &[PlatformBudget], per_host_delay_ms: u64) -> Vec<Budget> {
    let known = platforms::MANNERS.iter().flat_map(|manners| {
        manners.platforms.iter().map(move |platform| Budget {
            platform: (*platform).to_owned(),
            hosts: manners.hosts.iter().map(|host| (*host).to_owned()).collect(),
            delay: Some(Duration::from_millis(manners.delay_ms.saturating_mul(per_host_delay_ms) / USUAL_DELAY_MS)),
            concurrency: Some(manners.concurrency),
            per_run: None,
            per_hour: None,
        })
    });
    let mut budgets: Vec<Budget> = known.collect();
    for own in set {
        let place = budgets.iter().position(|budget| budget.platform == own.platform);
        let place = place.unwrap_or_else(|| {
            budgets.push(Budget { platform: own.platform.clone(), ..Budget::default() });
            budgets.len() - 1
        });
        if let Some(budget) = budgets.get_mut(place) {
            budget.delay = own.delay_ms.map(Duration::from_millis).or(budget.delay);
            budget.concurrency = own.concurrency.or(budget.concurrency);
            (budget.per_run, budget.per_hour) = (own.per_run, own.per_hour);
        }
    }
    budgets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_says_goes_before_what_is_known() {
        let own = [
            PlatformBudget { platform: "instagram".to_owned(), per_hour: Some(100), ..PlatformBudget::default() },
            PlatformBudget { platform: "vimeo".to_owned(), delay_ms: Some(9), ..PlatformBudget::default() },
        ];
        let budgets = budgets(&own, 1000);
        let of = |platform| budgets.iter().find(|budget| budget.platform == platform).unwrap();
        let instagram = of("instagram");
        assert_eq!((instagram.delay, instagram.per_hour), (Some(Duration::from_secs(10)), Some(100)));
        assert_eq!((of("vimeo").delay, of("vimeo").concurrency), (Some(Duration::from_millis(9)), None));
        assert_eq!(of("mastodon").delay, Some(Duration::from_secs(2)));
    }

    #[test]
    fn no_platform_and_no_requests_are_faults() {
        let fault = |platform: &str, per_run| {
            PlatformBudget { platform: platform.to_owned(), per_run, ..PlatformBudget::default() }.fault()
        };
        assert!(fault("instagrm", None).unwrap().contains("did you mean `instagram`"));
        assert!(fault("vimeo", Some(0)).is_some());
        assert_eq!(fault("vimeo", Some(1)), None);
    }
}

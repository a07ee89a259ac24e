//! When a known article is looked at again: often while it is young, seldom later, then no more.

use crate::model::When;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::time::Duration;

/// Looks at one article by itself, whatever it does. A live blog over a week, looked at every hour, has fewer.
pub(super) const MAX_LOOKS: u64 = 200;

/// How far into the future a source's clock may be.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The ages at which an article is looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revisits {
    /// Counted from when it was first seen, rising. None: articles are never looked at again by themselves.
    pub ages: Vec<Duration>,
    /// Articles looked at again in one run.
    pub articles: usize,
}

/// What decides about an article's next look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    /// When it was first seen.
    pub(super) first_seen: Timestamp,
    /// When its newest version was archived.
    pub(super) changed_at: Timestamp,
    /// As it says itself.
    pub(super) published: Option<When>,
    /// It says that it is a live blog.
    pub(super) live_blog: bool,
    /// How often it was looked at, this time included.
    pub(super) looks: u64,
}

impl Revisits {
    /// When an article is looked at again that was looked at `now`; none for never by itself.
    ///
    /// The next age of the schedule that it reaches, counted from when it was first seen; a live blog's is counted from
    /// its last change, so that it is followed as long as it grows. After a look that found a change the wait is half as
    /// long. An article that was old when it was first seen is left alone.
    pub(super) fn next(&self, life: &Life, now: Timestamp) -> Option<Timestamp> {
        let oldest = self.ages.last()?;
        let was_old = life
            .published
            .and_then(instant)
            .is_some_and(|published| published.checked_add(signed(*oldest)).is_ok_and(|at| at < life.first_seen));
        if (was_old && !life.live_blog) || life.looks >= MAX_LOOKS {
            return None;
        }
        let changed = life.changed_at >= now && life.looks > 1;
        let since = if life.live_blog { life.changed_at.max(life.first_seen) } else { life.first_seen };
        let next = self.ages.iter().find_map(|age| since.checked_add(signed(*age)).ok().filter(|at| *at > now))?;
        if !changed {
            return Some(next);
        }
        let shortest = self.ages.first().map_or(SignedDuration::ZERO, |age| signed(*age));
        let half = (next.duration_since(now) / 2).max(shortest);
        Some(next.min(now.checked_add(half).unwrap_or(next)))
    }
}

/// Whether a source's word that an article changed then is news after a look at it.
pub(super) fn is_newer(updated: When, looked_at: Timestamp, now: Timestamp) -> bool {
    instant(updated).is_some_and(|at| at > looked_at && at <= now.saturating_add(CLOCK_SKEW).unwrap_or(now))
}

/// The beginning of a day, or the instant.
fn instant(when: When) -> Option<Timestamp> {
    match when {
        When::Instant(at) => Some(at),
        When::Day(day) => day.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp()),
    }
}

fn signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    const SEEN: &str = "2026-05-01T00:00:00Z";

    fn at(hours: i64) -> Timestamp {
        SEEN.parse::<Timestamp>().unwrap().checked_add(hours.hours()).unwrap()
    }

    fn revisits() -> Revisits {
        Revisits { ages: [1, 6, 24, 72].map(|hours| Duration::from_secs(hours * 3600)).into(), articles: 10 }
    }

    fn life() -> Life {
        Life { first_seen: at(0), changed_at: at(0), published: None, live_blog: false, looks: 1 }
    }

    /// Hours after it was first seen at which an article is looked at that changes at these hours alone.
    fn looks(mut life: Life, changes: &[i64]) -> Vec<i64> {
        let (mut now, mut found) = (at(0), Vec::new());
        while let Some(next) = revisits().next(&life, now) {
            now = next;
            let hours = (now.duration_since(at(0)).as_secs() + 1800) / 3600;
            found.push(hours);
            life.looks += 1;
            if changes.contains(&hours) {
                life.changed_at = now;
            }
        }
        found
    }

    #[test]
    fn an_article_is_looked_at_ever_more_seldom_and_then_no_more() {
        assert_eq!(looks(life(), &[]), [1, 6, 24, 72]);
        assert_eq!(Revisits::default().next(&life(), at(0)), None);
        assert_eq!(revisits().next(&life(), at(30)), Some(at(72)), "what was missed is not made up for");
    }

    #[test]
    fn a_change_brings_the_next_look_forward() {
        assert_eq!(looks(life(), &[6]), [1, 6, 15, 24, 72]);
        assert_eq!(looks(life(), &[1, 6, 15]), [1, 4, 6, 15, 20, 24, 72]);
    }

    #[test]
    fn a_live_blog_is_followed_as_long_as_it_grows() {
        let blog = Life { live_blog: true, ..life() };
        let found = looks(blog, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(found, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 34, 82]);
        let ever: Vec<i64> = (0..10_000).collect();
        assert_eq!(looks(blog, &ever).len() as u64, MAX_LOOKS - 1);
    }

    #[test]
    fn an_article_that_was_old_when_it_was_found_is_left_alone() {
        let old = Life { published: When::parse("2026-04-01"), ..life() };
        assert!(looks(old, &[]).is_empty());
        let young = Life { published: When::parse("2026-04-30"), ..life() };
        assert_eq!(looks(young, &[]).len(), 4);
        assert!(!looks(Life { live_blog: true, ..old }, &[]).is_empty());
    }

    #[test]
    fn a_source_is_heeded_where_it_names_a_change_after_the_last_look() {
        let newer = |updated: &str| is_newer(When::parse(updated).unwrap(), at(12), at(20));
        assert!(newer("2026-05-01T12:00:01Z") && newer("2026-05-01T20:05:00Z"));
        assert!(!newer("2026-05-01T12:00:00Z") && !newer("2026-05-01") && !newer("2026-05-03T00:00:00Z"));
    }
}

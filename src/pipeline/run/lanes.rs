//! Lanes: work that goes to the same host, or to the same platform, goes down one lane, and only so much of it is under
//! way at once. So a slow host holds up its own work alone: what waits for it takes nobody else's place.

use std::collections::HashMap;
use url::Url;

/// Hosts remembered before those without work are forgotten.
const MAX_IDLE_LANES: usize = 4096;

/// Counts the work under way by where it goes.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    under_way: HashMap<String, usize>,
}

/// Where work goes: a host, or a platform with the host that a post is at. None for work on this machine alone.
pub(super) type Lane = Option<String>;

/// The lane of an address.
pub(super) fn of_url(url: &Url) -> Lane {
    url.host_str().map(str::to_owned)
}

/// The lane of a post. A platform that is many hosts has a lane for each.
pub(super) fn of_post(post: &crate::model::PostRef) -> Lane {
    Some(format!("{} {}", post.platform, post.url.host_str().unwrap_or_default()))
}

impl Lanes {
    /// Whether one more may go down this lane, which `wide` go down at once.
    pub(super) fn have_room(&self, lane: &Lane, wide: usize) -> bool {
        lane.as_ref().is_none_or(|lane| self.under_way.get(lane).is_none_or(|count| *count < wide))
    }

    /// One goes down the lane.
    pub(super) fn enter(&mut self, lane: &Lane) {
        let Some(lane) = lane else { return };
        if self.under_way.len() >= MAX_IDLE_LANES {
            self.under_way.retain(|_, count| *count > 0);
        }
        *self.under_way.entry(lane.clone()).or_default() += 1;
    }

    /// One is through.
    pub(super) fn leave(&mut self, lane: &Lane) {
        if let Some(count) = lane.as_ref().and_then(|lane| self.under_way.get_mut(lane)) {
            *count = count.saturating_sub(1);
        }
    }

    /// The lanes with work under way, and how much.
    pub(super) fn busy(&self) -> impl Iterator<Item = (&str, usize)> {
        self.under_way.iter().filter(|(_, count)| **count > 0).map(|(lane, count)| (lane.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_lane_leaves_the_others_free_and_local_work_has_none() {
        let mut lanes = Lanes::default();
        let (slow, quick) = (Some("slow.example".to_owned()), Some("quick.example".to_owned()));
        lanes.enter(&slow);
        lanes.enter(&slow);
        assert!(!lanes.have_room(&slow, 2));
        assert!(lanes.have_room(&quick, 2) && lanes.have_room(&None, 0));
        lanes.leave(&slow);
        assert!(lanes.have_room(&slow, 2));
        assert_eq!(lanes.busy().collect::<Vec<_>>(), [("slow.example", 1)]);
    }
}

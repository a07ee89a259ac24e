//! What is known of hosts, from one run to the next.

use crate::desk::{Desk, at};
use embalm::model::{HostRecord, RobotsRecord};

#[test]
fn what_is_known_of_a_host_and_its_robots_txt_is_as_it_was_kept_last() {
    let mut desk = Desk::new();
    assert_eq!(desk.store.host("news.example").unwrap(), None);
    assert_eq!(desk.store.robots("https://news.example").unwrap(), None);
    let resting = HostRecord {
        rests_until: Some(at("2026-01-01T12:00:00Z")),
        why: "it asked for that".to_owned(),
        failures: 8,
        rests: 2,
        hour_from: Some(at("2026-01-01T11:00:00Z")),
        asked: 77,
    };
    for host in [resting, HostRecord::default()] {
        desk.store.keep_host("news.example", &host).unwrap();
        assert_eq!(desk.store.host("news.example").unwrap(), Some(host));
    }
    let known = RobotsRecord {
        asked_at: at("2026-01-01T12:00:00Z"),
        status: Some(503),
        body: Some(b"User-agent: *\nDisallow: /\xff".to_vec()),
        unreachable_since: Some(at("2026-01-01T11:00:00Z")),
    };
    let unknown = RobotsRecord { asked_at: known.asked_at, ..RobotsRecord::default() };
    for robots in [known, unknown] {
        desk.store.keep_robots("https://news.example", &robots).unwrap();
        assert_eq!(desk.store.robots("https://news.example").unwrap(), Some(robots));
    }
}

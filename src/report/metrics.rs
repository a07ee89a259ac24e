//! How the archive fares as metrics: the text format of Prometheus, for the textfile collector of its node exporter.
//! Names, labels and meanings are public API, listed in `docs/running.md`, and held equal to it by a test.

use crate::model::{ProblemKind, StatusRecord};
use jiff::Timestamp;
use std::fmt::Write as _;

/// A metric: its name, its labels, and what it means.
pub struct Metric {
    /// Its name, with the unit last.
    pub name: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it means; its `HELP`.
    pub means: &'static str,
}

/// Every metric, each a gauge, in the order in which they are written.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    Metric { name: "embalm_info", labels: &["version"], means: "1, with the version of embalm that wrote this" },
    Metric { name: "embalm_written_timestamp_seconds", labels: &[], means: "When this was written" },
    Metric { name: "embalm_exit_code", labels: &[], means: "The exit code of the embalm run that wrote this; 75 where another one held the archive" },
    Metric { name: "embalm_last_run_timestamp_seconds", labels: &[], means: "When the last run ended" },
    Metric { name: "embalm_last_success_timestamp_seconds", labels: &[], means: "When the last embalm run came to its end, with exit code 0, 3 or 4" },
    Metric { name: "embalm_last_run_duration_seconds", labels: &[], means: "How long the last run took" },
    Metric { name: "embalm_last_run_sources", labels: &["result"], means: "Sources of the last run: polled, unchanged, not_due, failed" },
    Metric { name: "embalm_last_run_articles", labels: &["result"], means: "Articles of the last run: new, changed, unchanged, failed" },
    Metric { name: "embalm_last_run_posts", labels: &["result"], means: "Posts of the last run: captured, unchanged, gone, withheld, quoted_only, deferred" },
    Metric { name: "embalm_last_run_media_files", labels: &["result"], means: "Files of the last run: stored, deduplicated, failed" },
    Metric { name: "embalm_last_run_requests", labels: &[], means: "Requests of the last run" },
    Metric { name: "embalm_last_run_downloaded_bytes", labels: &[], means: "Decoded bodies of the last run" },
    Metric { name: "embalm_last_run_waited_seconds", labels: &[], means: "Time that requests of the last run waited for their host's turn, together" },
    Metric { name: "embalm_last_run_robots_refused", labels: &[], means: "Articles that a robots.txt forbade in the last run" },
    Metric { name: "embalm_last_run_hosts_rested", labels: &[], means: "Hosts that the last run left alone for a time" },
    Metric { name: "embalm_platform_looks", labels: &["platform", "result"], means: "Looks of the last run that asked the platform: captured, unchanged, gone, withheld, failed, drifted" },
    Metric { name: "embalm_posts", labels: &["state"], means: "Posts in the archive by state" },
    Metric { name: "embalm_platform_posts", labels: &["platform"], means: "Posts in the archive by platform" },
    Metric { name: "embalm_articles", labels: &[], means: "Articles in the archive" },
    Metric { name: "embalm_queue_items", labels: &["kind"], means: "What waits for another try: posts, articles; and resting, what waits to be released" },
    Metric { name: "embalm_queue_due", labels: &[], means: "What of the queue is due already" },
    Metric { name: "embalm_queue_oldest_timestamp_seconds", labels: &[], means: "Since when the oldest item of the queue waits; absent where nothing does" },
    Metric { name: "embalm_source_last_success_timestamp_seconds", labels: &["source"], means: "When the source last answered" },
    Metric { name: "embalm_source_failures", labels: &["source"], means: "Polls of the source that failed since it last answered" },
    Metric { name: "embalm_archive_bytes", labels: &[], means: "The archive's size" },
    Metric { name: "embalm_disk_free_bytes", labels: &[], means: "What is free where the archive is" },
    Metric { name: "embalm_problems", labels: &["kind"], means: "What needs a person, by kind" },
];

/// The metrics of an archive, as a whole file. `status` is none where the archive can't be read.
#[must_use]
pub fn metrics_page(status: Option<&StatusRecord>, exit_code: u8, now: Timestamp) -> String {
    let mut page = String::new();
    for metric in METRICS {
        let samples = samples(metric.name, status, exit_code, now);
        if samples.is_empty() {
            continue;
        }
        let name = metric.name;
        let _ = writeln!(page, "# HELP {name} {}\n# TYPE {name} gauge", metric.means);
        for (values, value) in samples {
            let labels = metric.labels.iter().zip(&values);
            let labels: Vec<_> = labels.map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(page, "{name}{labels} {value}");
        }
    }
    page
}

/// The values of the labels, and the value of a metric.
type Samples = Vec<(Vec<String>, f64)>;

fn samples(name: &str, status: Option<&StatusRecord>, exit_code: u8, now: Timestamp) -> Samples {
    match name {
        "embalm_info" => return vec![(vec![env!("CARGO_PKG_VERSION").to_owned()], 1.0)],
        "embalm_written_timestamp_seconds" => return one(seconds(now)),
        "embalm_exit_code" => return one(f64::from(exit_code)),
        _ => {}
    }
    let Some(status) = status else { return Vec::new() };
    match name {
        "embalm_posts" => status.states.iter().map(|(state, n)| (vec![state.clone()], number(*n))).collect(),
        "embalm_platform_posts" => {
            status.platforms.iter().map(|of| (vec![of.platform.clone()], number(of.posts))).collect()
        }
        "embalm_platform_looks" => looks(status),
        "embalm_articles" => one(number(status.articles)),
        "embalm_queue_items" => labelled(&[
            ("posts", status.queue.posts),
            ("articles", status.queue.articles),
            ("resting", status.queue.resting),
        ]),
        "embalm_queue_due" => one(number(status.queue.due)),
        "embalm_queue_oldest_timestamp_seconds" => status.queue.oldest_at.map(seconds).map_or_else(Vec::new, one),
        "embalm_source_last_success_timestamp_seconds" => {
            let answered = status.sources.iter().filter_map(|of| Some((vec![of.name.clone()], of.last_success_at?)));
            answered.map(|(labels, at)| (labels, seconds(at))).collect()
        }
        "embalm_source_failures" => {
            status.sources.iter().map(|of| (vec![of.name.clone()], f64::from(of.failures_in_a_row))).collect()
        }
        "embalm_archive_bytes" => one(number(status.archive_bytes)),
        "embalm_disk_free_bytes" => status.disk_free_bytes.map(number).map_or_else(Vec::new, one),
        "embalm_problems" => {
            let count = |kind| status.problems.iter().filter(|problem| problem.kind == kind).count() as u64;
            ProblemKind::ALL.map(|kind| (vec![kind.as_str().to_owned()], number(count(kind)))).into()
        }
        "embalm_last_success_timestamp_seconds" => {
            let success = status.last_success.as_ref().and_then(|run| run.finished_at);
            success.map(seconds).map_or_else(Vec::new, one)
        }
        of_the_last_run => last_run(of_the_last_run, status),
    }
}

fn last_run(name: &str, status: &StatusRecord) -> Samples {
    let Some(run) = &status.last_run else { return Vec::new() };
    let crate::model::Summary { sources, articles, posts, media, politeness, .. } = &run.summary;
    match name {
        "embalm_last_run_timestamp_seconds" => run.finished_at.map(seconds).map_or_else(Vec::new, one),
        "embalm_last_run_duration_seconds" => one(number(run.summary.elapsed_ms) / 1000.0),
        "embalm_last_run_sources" => labelled(&[
            ("polled", sources.polled),
            ("unchanged", sources.unchanged),
            ("not_due", sources.not_due),
            ("failed", sources.failed),
        ]),
        "embalm_last_run_articles" => labelled(&[
            ("new", articles.new),
            ("changed", articles.changed),
            ("unchanged", articles.unchanged),
            ("failed", articles.failed),
        ]),
        "embalm_last_run_posts" => labelled(&[
            ("captured", posts.captured),
            ("unchanged", posts.unchanged),
            ("gone", posts.gone),
            ("withheld", posts.withheld),
            ("quoted_only", posts.quoted_only),
            ("deferred", posts.deferred),
        ]),
        "embalm_last_run_media_files" => {
            labelled(&[("stored", media.stored), ("deduplicated", media.deduplicated), ("failed", media.failed)])
        }
        "embalm_last_run_requests" => one(number(run.summary.requests)),
        "embalm_last_run_downloaded_bytes" => one(number(run.summary.downloaded_bytes)),
        "embalm_last_run_waited_seconds" => one(number(politeness.waited_ms) / 1000.0),
        "embalm_last_run_robots_refused" => one(number(politeness.robots_refused)),
        "embalm_last_run_hosts_rested" => one(number(politeness.hosts_rested)),
        _ => Vec::new(),
    }
}

fn looks(status: &StatusRecord) -> Samples {
    let newest = status.platforms.iter().filter_map(|of| Some((&of.platform, of.recent.first()?)));
    let samples = newest.flat_map(|(platform, run)| {
        let results = [
            ("captured", run.captured),
            ("unchanged", run.unchanged),
            ("gone", run.gone),
            ("withheld", run.withheld),
            ("failed", run.failed),
            ("drifted", run.drifted),
        ];
        results.map(|(result, n)| (vec![platform.clone(), result.to_owned()], number(n)))
    });
    samples.collect()
}

fn one(value: f64) -> Samples {
    vec![(Vec::new(), value)]
}

fn labelled(counts: &[(&str, u64)]) -> Samples {
    counts.iter().map(|(label, n)| (vec![(*label).to_owned()], number(*n))).collect()
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn number(n: u64) -> f64 {
    n as f64
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// A label's value: backslash, quote and line break are escaped, as the format asks.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

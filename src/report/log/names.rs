//! The names of events and of their fields: public API, listed in `docs/running.md`, and held equal to it by a test.

/// An event: its name, its level, its fields beside `time`, `level`, `event` and `run`, and what it means.
pub struct Event {
    /// The value of `event`.
    pub name: &'static str,
    /// The least serious level that it comes with.
    pub level: &'static str,
    /// Fields, in their order; one without a value is left out.
    pub fields: &'static [&'static str],
    /// What happened.
    pub means: &'static str,
}

/// Every event that a run can tell.
#[rustfmt::skip]
pub const EVENTS: &[Event] = &[
    Event { name: "run_started", level: "info", fields: &["command", "archive", "version"], means: "a run has begun" },
    Event { name: "source_polled", level: "info", fields: &["source", "articles", "reason"], means: "a source was asked, and names that many articles where that is known" },
    Event { name: "source_failed", level: "warn", fields: &["source", "reason"], means: "a source could not be read" },
    Event { name: "article", level: "info", fields: &["article", "host", "change", "embeds"], means: "an article is archived; unchanged ones at level debug" },
    Event { name: "article_failed", level: "warn", fields: &["article", "host", "reason"], means: "an article could not be had or read" },
    Event { name: "article_cut_short", level: "warn", fields: &["article", "host", "reason"], means: "an article went over a limit, so that it may embed more" },
    Event { name: "post", level: "info", fields: &["post", "platform", "host", "change", "state", "via", "media", "reason"], means: "a post was looked at; one that gave nothing at level warn, with the reason" },
    Event { name: "request", level: "debug", fields: &["host", "url", "status", "elapsed_ms", "reason"], means: "a request was answered, or failed for the reason given" },
    Event { name: "problem", level: "error", fields: &["kind", "subject", "reason", "command"], means: "something needs a person; `command` helps" },
    Event { name: "run_finished", level: "info", fields: &["message", "summary", "exit_code", "elapsed_ms"], means: "the run has ended; `summary` is its summary record" },
    Event { name: "warning", level: "warn", fields: &["message"], means: "something a person should know, told even with `-q`" },
    Event { name: "error", level: "error", fields: &["message", "exit_code"], means: "the command has failed" },
    Event { name: "panic", level: "error", fields: &["message", "at"], means: "a defect of embalm; what was committed is safe" },
    Event { name: "log", level: "warn", fields: &["target", "message"], means: "anything else that a part of embalm says" },
];

/// Every field, and what it means.
#[rustfmt::skip]
pub const FIELDS: &[(&str, &str)] = &[
    ("time", "when, in UTC with milliseconds"),
    ("level", "`error` (needs a person), `warn`, `info`, `debug`"),
    ("event", "which of the events it is"),
    ("run", "the run's number in the archive"),
    ("command", "the command of the run; of a problem: the command that helps"),
    ("archive", "the archive's path"),
    ("version", "the version of embalm"),
    ("source", "a source's name"),
    ("articles", "how many articles a source names"),
    ("article", "an article's URL or path"),
    ("host", "the host of the address that it is about"),
    ("change", "what is new about it: of an article `new`, `changed`, `unchanged`; of a post as `recheck --json` says"),
    ("embeds", "how many embeds an article has"),
    ("post", "a post's key, `platform:id`"),
    ("platform", "a post's platform"),
    ("state", "what is known of a post by now"),
    ("via", "the rung that gave content this time"),
    ("media", "files stored or already there"),
    ("url", "what was asked for"),
    ("status", "the status of the answer"),
    ("elapsed_ms", "how long it took, in milliseconds"),
    ("reason", "why, in words for a person"),
    ("kind", "the kind of a problem, as in the summary record"),
    ("subject", "the source, platform, host or file that a problem is about"),
    ("message", "words for a person"),
    ("summary", "the summary record"),
    ("exit_code", "the code that the process ends with"),
    ("at", "the place in the code"),
    ("target", "the part of embalm that speaks"),
];

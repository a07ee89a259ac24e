//! What became of a post or an article as records of equal shape, one an event, for scripts and for the terminal.

use super::{
    Captured, Difference, Quiet, Standing, State, StoredMedia, TimelineEntry, TimelineEvent, VersionWords, Via,
};
use crate::diff;
use jiff::Timestamp;
use serde::Serialize;

/// One event, as `embalm history --json` prints it: every field is always there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryRecord {
    /// The post's key, or the article's name.
    pub target: String,
    /// When it was seen: the look, or the first of a stretch of looks.
    pub at: Timestamp,
    /// The last look of the stretch; the same as `at` for one.
    pub until: Timestamp,
    /// What happened.
    pub event: HistoryEvent,
    /// The post's snapshot that tells it.
    pub snapshot: Option<i64>,
    /// The article's version, counted from 1.
    pub version: Option<usize>,
    /// The snapshot or version that it is compared with.
    pub compared_with: Option<i64>,
    /// That one came by another rung: a difference may be one of the rungs, and not the author's doing.
    pub other_rung: bool,
    /// The rung.
    pub via: Option<Via>,
    /// What the platform says of the post from then on, where this look proved it.
    pub state: Option<State>,
    /// The state before.
    pub from: Option<State>,
    /// Looks that it stands for.
    pub looks: u64,
    /// What it says, where it brought words: of a post its text, of an article its headline.
    pub text: Option<String>,
    /// What differs from the one before.
    pub changes: Vec<HistoryChange>,
    /// Why looks learnt nothing, in words.
    pub failures: Vec<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// The first snapshot of a post, or the first version of an article.
    Captured,
    /// The author, or the article's site, changed it.
    Changed,
    /// A new snapshot without a change by the author: other counts, or another rung.
    CapturedAgain,
    /// There again after it had gone or was withheld.
    Returned,
    /// The platform, or the article's site, says that there is nothing to see.
    Vanished,
    /// A web archive's copy was read.
    Memento,
    /// An export said so; nobody has confirmed it.
    Imported,
    /// An article quotes it; nobody has confirmed it.
    Quoted,
    /// Looks that brought nothing new.
    Quiet,
}

impl HistoryEvent {
    /// As records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Changed => "changed",
            Self::CapturedAgain => "captured_again",
            Self::Returned => "returned",
            Self::Vanished => "vanished",
            Self::Memento => "memento",
            Self::Imported => "imported",
            Self::Quoted => "quoted",
            Self::Quiet => "quiet",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryChange {
    /// What: `text`, `title`, `byline`, `author_name`, `media`, `alt`, `card`, `poll`, `votes`, `edited`, `sensitive`,
    /// `embed`, or the name of a count.
    pub of: String,
    /// As it was; none where it was not there.
    pub before: Option<String>,
    /// As it is; none where it is there no more.
    pub after: Option<String>,
    /// Both as `[-removed-]{+added+}`, word by word, with what is far from a change left out; of words alone.
    pub diff: Option<String>,
}

impl HistoryChange {
    /// A change of words, compared word by word.
    fn words(of: &str, before: Option<&str>, after: Option<&str>) -> Self {
        let diff = diff::plain(&diff::in_context(before.unwrap_or_default(), after.unwrap_or_default()));
        Self { diff: Some(diff), ..Self::value(of, before.map(str::to_owned), after.map(str::to_owned)) }
    }

    fn value(of: &str, before: Option<String>, after: Option<String>) -> Self {
        Self { of: of.to_owned(), before, after, diff: None }
    }

    fn of(difference: &Difference) -> Self {
        let count = |n: &Option<u64>| n.map(|n| n.to_string());
        let file = |file: &StoredMedia| Some(file.url.clone());
        match difference {
            Difference::Text { before, after } => Self::words("text", Some(before), Some(after)),
            Difference::Value { of, before, after } if matches!(of.as_str(), "author_name" | "warning") => {
                Self::words(of, before.as_deref(), after.as_deref())
            }
            Difference::Value { of, before, after } => Self::value(of, before.clone(), after.clone()),
            Difference::Edited { at } => Self::value("edited", None, Some(at.to_string())),
            Difference::Sensitive { after } => {
                Self::value("sensitive", Some((!after).to_string()), Some(after.to_string()))
            }
            Difference::MediaAdded { file: added } => Self::value("media", None, file(added)),
            Difference::MediaRemoved { file: removed } => Self::value("media", file(removed), None),
            Difference::AltText { before, after, .. } => Self::words("alt", before.as_deref(), after.as_deref()),
            Difference::Card { before, after } => {
                let words = |card: &Option<Box<super::Card>>| {
                    let card = card.as_ref()?;
                    let parts = [card.title.as_deref(), card.description.as_deref(), Some(card.url.as_str())];
                    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
                };
                Self::words("card", words(before).as_deref(), words(after).as_deref())
            }
            Difference::PollOption { label, after } => {
                let label = Some(label.clone());
                if *after { Self::value("poll", None, label) } else { Self::value("poll", label, None) }
            }
            Difference::PollVotes { label, before, after } => {
                let votes = |n: &Option<u64>| count(n).map(|n| format!("{label}: {n}"));
                Self::value("votes", votes(before), votes(after))
            }
            Difference::Count { of, before, after } => Self::value(of, count(before), count(after)),
        }
    }
}

impl HistoryRecord {
    fn new(target: &str, at: Timestamp, event: HistoryEvent) -> Self {
        Self {
            target: target.to_owned(),
            at,
            until: at,
            event,
            snapshot: None,
            version: None,
            compared_with: None,
            other_rung: false,
            via: None,
            state: None,
            from: None,
            looks: 1,
            text: None,
            changes: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// An entry of the timeline of the post of this key.
    #[must_use]
    pub fn of_post(key: &str, entry: &TimelineEntry) -> Self {
        let mut record = Self::new(key, entry.at, HistoryEvent::Quiet);
        record.until = entry.until;
        match &entry.event {
            TimelineEvent::Captured(captured) => {
                record.fill(captured);
                record.state = Some(State::Live);
                record.from = captured.returned_from;
                let edited = captured.differences.iter().any(Difference::is_edit);
                record.event = match (captured.returned_from, captured.previous) {
                    (Some(_), _) => HistoryEvent::Returned,
                    (None, None) => HistoryEvent::Captured,
                    (None, Some(_)) if edited && !captured.other_rung => HistoryEvent::Changed,
                    (None, Some(_)) => HistoryEvent::CapturedAgain,
                };
            }
            TimelineEvent::Memento(captured) => {
                record.fill(captured);
                record.event = HistoryEvent::Memento;
            }
            TimelineEvent::Imported(captured) => {
                record.fill(captured);
                record.event = HistoryEvent::Imported;
            }
            TimelineEvent::Quoted(captured) => {
                record.fill(captured);
                record.event = HistoryEvent::Quoted;
            }
            TimelineEvent::Returned { from, via } => {
                record.event = HistoryEvent::Returned;
                (record.state, record.from, record.via) = (Some(State::Live), Some(*from), Some(*via));
            }
            TimelineEvent::Vanished { state, from, via, snapshot } => {
                record.event = HistoryEvent::Vanished;
                (record.state, record.from, record.via) = (Some(*state), *from, Some(*via));
                record.snapshot = *snapshot;
            }
            TimelineEvent::Quiet(quiet) => record.quiet(quiet),
        }
        record
    }

    fn fill(&mut self, captured: &Captured) {
        self.snapshot = Some(captured.snapshot);
        self.via = Some(captured.via);
        self.compared_with = captured.previous;
        self.other_rung = captured.other_rung;
        self.text = Some(captured.content.text.clone());
        self.changes = captured.differences.iter().map(HistoryChange::of).collect();
    }

    fn quiet(&mut self, quiet: &Quiet) {
        self.state = (quiet.confirmed > 0).then_some(quiet.state);
        self.looks = quiet.failures.iter().fold(quiet.confirmed, |sum, tally| sum + tally.times);
        let told = |tally: &super::FailureTally| match tally.times {
            1 => tally.failure.to_string(),
            times => format!("{} ({times} times)", tally.failure),
        };
        self.failures = quiet.failures.iter().map(told).collect();
    }

    /// A version of the article of this name, and what changed in it since the one before.
    #[must_use]
    pub fn of_version(name: &str, before: Option<&VersionWords>, after: &VersionWords) -> Self {
        let mut record = Self::new(name, after.captured_at, HistoryEvent::Captured);
        record.version = Some(after.number);
        record.text = Some(after.title.clone());
        let Some(before) = before else { return record };
        record.event = HistoryEvent::Changed;
        record.compared_with = i64::try_from(before.number).ok();
        let changed = |of: &str, before: Option<&str>, after: Option<&str>| {
            (before != after).then(|| HistoryChange::words(of, before, after))
        };
        record.changes.extend(changed("title", Some(before.title.trim()), Some(after.title.trim())));
        record.changes.extend(changed("byline", before.byline.as_deref(), after.byline.as_deref()));
        record.changes.extend(changed("text", Some(&before.text), Some(&after.text)));
        let only = |of: &VersionWords, other: &VersionWords| -> Vec<String> {
            let known: std::collections::HashSet<&String> = other.posts.iter().collect();
            of.posts.iter().filter(|key| !known.contains(key)).cloned().collect()
        };
        let gained = only(after, before).into_iter().map(|key| HistoryChange::value("embed", None, Some(key)));
        record.changes.extend(gained);
        let lost = only(before, after).into_iter().map(|key| HistoryChange::value("embed", Some(key), None));
        record.changes.extend(lost);
        record
    }

    /// How the article of this name went away, where its site says so.
    #[must_use]
    pub fn of_standing(name: &str, standing: &Standing) -> Option<Self> {
        let mut record = Self::new(name, standing.gone_since?, HistoryEvent::Vanished);
        record.until = standing.last_looked_at.max(record.at);
        Some(record)
    }
}
